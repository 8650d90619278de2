"""Text on a terminal, where Chinese characters take two columns."""

from unicodedata import east_asian_width


def columns(text: str) -> int:
    """How wide it stands there."""
    return sum(map(_width, text))


def padded(text: str, width: int) -> str:
    """With blanks behind it, up to that width."""
    return text + " " * (width - columns(text))


def fitted(text: str, width: float) -> str:
    """As much of it as fits, and an ellipsis where something is left out."""
    if columns(text) <= width:
        return text
    kept = ""
    for character in text:
        if columns(kept) + _width(character) >= width:
            break
        kept += character
    return f"{kept}…"


def _width(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 1
