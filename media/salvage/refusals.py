"""Why a salvage is refused, and the words in which people are told."""

from __future__ import annotations

import os


class SalvageRefused(Exception):
    """The copies are not of one disc, or not of the one that was named: nothing is made of them."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


def is_chinese() -> bool:
    """By the setting of Strongroom, or else of the system."""
    names = ("STRONGROOM_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), "").startswith("zh")


def say(en: str, zh: str) -> str:
    """In the language of whoever is at work."""
    return zh if is_chinese() else en


def counted(count: int, one: str) -> str:
    """In English: 1 file, 2,000 files. Of its own, as all of this program: vault/text.py is not on the disc."""
    return f"{count:,} {one}{'s' * (count != 1)}"
