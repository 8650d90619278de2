"""Which of the two languages people see: STRONGROOM_LANG's, else the system's; English where neither is Chinese."""

import os
from functools import cache

from vault.text import Language, Text


@cache  # asked for with every line that is printed
def language() -> Language:
    """`zh` or `en`, from the environment."""
    for variable in ("STRONGROOM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value and value not in ("C", "POSIX", "C.UTF-8", "C.utf8"):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def t(en: str, zh: str) -> str:
    """One sentence in the language of whoever is at the terminal."""
    return zh if language() == "zh" else en


def said(text: Text) -> str:
    """A text in the language of whoever is at the terminal."""
    return text.said(language())
