"""What is said to people, in both languages at once.

A text stands beside its translation in the code that says it, so the two cannot drift apart; the edge (ops)
picks the language. English is what a program's log shows.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in Chinese and in English, with its values already in it."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        """The sentence in one language."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.en


def counted(count: int, one: str, many: str = "") -> str:
    """In English: 1 file, 2,000 files. `many`: where it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
