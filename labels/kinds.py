"""The kinds of label, in one table: what each is called and how large it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from vault.text import Text


class Kind(StrEnum):
    """What is to be printed for a disc."""

    DISC = "disc"
    SLEEVE = "sleeve"
    TRAY = "tray"
    KEEP_CASE = "keep-case"
    SPINE = "spine"
    SLIP = "slip"

    @property
    def piece(self) -> "Piece":
        return _PIECES[self]


@dataclass(frozen=True, slots=True)
class Piece:
    """One label. Millimetres."""

    label: Text
    width: float
    height: float


_PIECES: Mapping[Kind, Piece] = {
    Kind.DISC: Piece(Text(en="the disc itself", zh="光盘盘面"), 120, 120),
    Kind.SLEEVE: Piece(Text(en="sleeve", zh="光盘封套"), 125, 125),
    Kind.TRAY: Piece(Text(en="inlay of a jewel case, with its two spines", zh="CD 盒底封（含两侧脊）"), 151, 118),
    Kind.KEEP_CASE: Piece(Text(en="inlay of a keep case, with its spine", zh="DVD 盒封面（含盒脊）"), 273, 183),
    Kind.SPINE: Piece(Text(en="spine", zh="盒脊"), 183, 14),
    Kind.SLIP: Piece(Text(en="statement for the case file", zh="附卷说明"), 210, 297),
}
