"""The sheets that labels are printed on, in one table, and where on each there is a place for a label.

A printer never takes a sheet in exactly: by how much it is off is measured once (labels/calibration.py), and everything
is moved by that. All lengths in millimetres, from the sheet's top left corner.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from labels.kinds import Kind
from vault.errors import BadInput
from vault.text import Text

_EDGE = 8.0  # no printer prints to the very edge
_GAP = 8.0  # between two pieces: room for the marks that say where to cut
_DISCS = frozenset({Kind.DISC})
_PAPER = frozenset(Kind) - _DISCS


@dataclass(frozen=True, slots=True)
class Sheet:
    """What goes into the printer. `centres`: of its round labels, where it has some. `hub`: from where on, across, ink
    holds on the discs or labels that it is for. `bare`: it is as large as the piece itself."""

    label: Text
    kinds: frozenset[Kind]
    centres: tuple[tuple[float, float], ...] = ()
    hub: float = 22
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet for one kind of label: its size, the top left corners of its places, whether pieces are cut out of it."""

    width: float
    height: float
    places: tuple[tuple[float, float], ...]
    cut: bool = False


def _two(label: str, hole: float, x: float, y: float, outer: float, pitch: float) -> Sheet:
    """Two round labels below one another; copy A goes on the upper one, B on the lower. `x`, `y`: where the first's box
    begins. A label with a large hole is for the discs whose hub takes no ink."""
    centre = round(x + outer / 2, 2), round(y + outer / 2, 2)
    centres = (centre, (centre[0], round(centre[1] + pitch, 2)))
    return Sheet(Text(en=label, zh=label), _DISCS, centres, hub=22 if hole < 22 else 46)


SHEETS: Mapping[str, Sheet] = {
    "L7676": _two("Avery Zweckform L7676", hole=17.6, x=46.5, y=22, outer=117, pitch=137),
    "L6043": _two("Avery Zweckform L6043", hole=41.2, x=46, y=21.8, outer=117.4, pitch=137),
    "L6015": _two("Avery Zweckform L6015", hole=41, x=46.5, y=21.4, outer=117, pitch=138.4),
    "A4": Sheet(Text(en="A4 paper, to be cut", zh="A4 纸（裁切）"), _PAPER),
    "bare": Sheet(Text(en="the disc or card itself", zh="直接印在光盘或卡纸上"), frozenset(Kind), bare=True),
    "bare-narrow": Sheet(
        Text(en="the disc itself, its hub not printable", zh="直接印在光盘上（内圈不可打印）"),
        _DISCS,
        hub=46,
        bare=True,
    ),
}

ROUND = tuple(name for name, sheet in SHEETS.items() if Kind.DISC in sheet.kinds)  # an office settles on one of them


def usual(kind: Kind) -> str:
    """The sheet to print on where none is named."""
    return next(name for name, sheet in SHEETS.items() if kind in sheet.kinds)


def sheet_for(kind: Kind, name: str) -> Sheet:
    """BadInput: there is no such sheet, or it has no place for such a label."""
    sheet = SHEETS.get(name)
    if sheet is None or kind not in sheet.kinds:
        fitting = [one for one, other in SHEETS.items() if kind in other.kinds]
        raise BadInput(
            Text(
                en=f"There is no sheet {name!r} for: {kind.piece.label.en}. There are: {', '.join(fitting)}.",
                zh=f"没有适用于{kind.piece.label.zh}的标签纸 {name!r}；可用：{'、'.join(fitting)}。",
            )
        )
    return sheet


def page(sheet: Sheet, kind: Kind) -> Page:
    """The places that a sheet has for a kind of label."""
    width, height = kind.piece.width, kind.piece.height
    if sheet.bare or kind is Kind.SLIP:
        return Page(width, height, ((0.0, 0.0),))
    if sheet.centres:
        return Page(210, 297, tuple((x - width / 2, y - height / 2) for x, y in sheet.centres))
    across, down = (297.0, 210.0) if width > 210 - 2 * _EDGE else (210.0, 297.0)
    count = int((down - 2 * _EDGE + _GAP) // (height + _GAP))
    left, top = (across - width) / 2, (down - count * (height + _GAP) + _GAP) / 2
    return Page(across, down, tuple((left, top + n * (height + _GAP)) for n in range(count)), cut=True)
