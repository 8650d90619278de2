"""Which characters a font has, and what stands for one that it has not.

One name with a character of the private use area, or a picture in a case's title, must not stop a register of thousands
of lines, nor show an empty box: such a character is printed as its number, 〔U+E5E5〕. So are the invisible ones that
turn the direction of writing, which these fonts do not have: what is read is what is there.

Read from the font itself (OpenType, table `cmap`, subtable format 12: the one that rare characters need).
"""

import struct
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

from vault.errors import StrongroomError
from vault.text import Text

_VARIANTS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))  # they choose a shape of the character before them: invisible
NUMBERED = "〔U+"


class Coverage:
    """The characters of one font, as ranges of their numbers."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self._first = [first for first, _ in ranges]
        self._last = [last for _, last in ranges]

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        if any(first <= code <= last for first, last in _VARIANTS):
            return True
        place = bisect_right(self._first, code) - 1
        return place >= 0 and code <= self._last[place]

    def shown(self, text: str) -> str:
        """The text with the numbers of those characters that the font does not have."""
        if text.isascii() and text.isprintable():
            return text
        return "".join(c if c in self else f"{NUMBERED}{ord(c):04X}〕" for c in text)


@lru_cache(maxsize=4)
def coverage(font: Path) -> Coverage:
    """The characters of the first font of a collection (.ttc); all of Noto CJK's have the same ones."""
    with font.open("rb") as file:
        tag, _, count = struct.unpack(">4sII", file.read(12))
        if tag != b"ttcf" or not count:
            raise _unread(font)
        (start,) = struct.unpack(">I", file.read(4))
        file.seek(start + 4)
        (tables,) = struct.unpack(">H6x", file.read(8))
        directory = {entry[0]: entry[2:] for entry in struct.iter_unpack(">4sIII", file.read(16 * tables))}
        offset, length = directory[b"cmap"]
        file.seek(offset)
        cmap = file.read(length)
    _, subtables = struct.unpack_from(">HH", cmap)
    for platform, encoding, at in struct.iter_unpack(">HHI", cmap[4 : 4 + 8 * subtables]):
        if (platform, encoding) == (3, 10):  # Windows, full Unicode
            (groups,) = struct.unpack_from(">12xI", cmap, at)
            found = struct.iter_unpack(">III", cmap[at + 16 : at + 16 + 12 * groups])
            return Coverage([(first, last) for first, last, _ in found])
    raise _unread(font)


def _unread(font: Path) -> StrongroomError:
    return StrongroomError(
        Text(en=f"The font {font} is not read: it is no collection of Noto CJK.", zh=f"无法读取字体 {font}。"),
        hint=Text(en="Install fonts-noto-cjk again.", zh="请重新安装 fonts-noto-cjk。"),
    )
