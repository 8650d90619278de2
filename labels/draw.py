"""Labels of discs: the sheets to print, and a picture of each label to look at.

All kinds are of one design (templates/) and say the same (labels/content.py); the QR code binds the very disc to its
image's SHA-256 and to the journal's signed checkpoint: anybody with a telephone can read and check it.

A character that the fonts lack is printed as its number, as in registers (labels/coverage.py): the two copies that a
regulation demands must not wait for a name that somebody's input method made up, and the number says which it was.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from labels.content import BACK, Shown, label_content, statement_content
from labels.coverage import coverage
from labels.fields import label_captions
from labels.fonts import LABELS, font_directory
from labels.kinds import Kind
from labels.sheets import Page, page, sheet_for, usual
from labels.typesetting import Unset, typeset_pdf, typeset_pngs
from vault.discs.beside import stamp
from vault.discs.model import DiscCopy, DiscSet, Statement
from vault.errors import BadInput
from vault.profile import Profile
from vault.text import Text

_TEMPLATE = Path(__file__).with_name("templates") / "sheet.typ"
_PREVIEW_PPI = 200
_FACE_PPI = 300
_LAST = 12  # bytes of the chunk that ends a PNG
_PREVIEW_EDGE = 2.0  # mm around a picture


@dataclass(frozen=True, slots=True)
class Options:
    """How labels are printed. `sheet`: of labels/sheets.py ("": the usual one). `right`, `down`: by how many
    millimetres everything is moved, to make up for the printer. `first`: on which place of a sheet to begin, from 1."""

    sheet: str = ""
    right: float = 0.0
    down: float = 0.0
    first: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sheets to print (PDF/A), and each label as a picture (PNG, 200 pixels an inch), in the copies' order."""

    pdf: bytes
    pngs: tuple[bytes, ...]


_USUAL = Options()


def draw(
    kind: Kind,
    copies: Sequence[DiscCopy],
    profile: Profile,
    options: Options = _USUAL,
    statements: Sequence[Statement] = (),
    fonts: Path | None = None,
) -> Drawn:
    """The labels of some discs of a set, in the office's time. `statements`: what the slips for the case file say, one
    for each of the discs; none: it is left to the hand.

    Refused: a demanded field is empty. BadInput: a text is too long for its place even in the smallest letters; the
    sheet has no such place. FontsMissing: the fonts are not installed.
    """
    sheet = sheet_for(kind, options.sheet or usual(kind))
    paper = page(sheet, kind)
    if not 1 <= options.first <= len(paper.places):
        raise _no_place(options.first, len(paper.places))
    directory = fonts or font_directory()
    shown = _shown(directory)
    labels = [{**label_content(disc, profile, shown), "wide": sheet.hub < 46, "log": BACK} for disc in copies]
    if kind is Kind.SLIP:
        stated = statements or [Statement()] * len(copies)
        labels = [
            {**label, "statement": statement_content(disc, profile, statement, shown)}
            for disc, label, statement in zip(copies, labels, stated, strict=True)
        ]
    made = copies[0].set
    job = _job(kind, made, shown)
    picture = Page(kind.piece.width + 2 * _PREVIEW_EDGE, kind.piece.height + 2 * _PREVIEW_EDGE, ((_PREVIEW_EDGE,) * 2,))
    with _fitting(kind, profile):
        printed, looked_at = _laid(labels, paper, options), _laid(labels, picture, _USUAL)
        pdf = typeset_pdf(_TEMPLATE, job | printed | {"picture": False}, directory, made.produced_at)
        pngs = typeset_pngs(_TEMPLATE, job | looked_at | {"picture": True}, directory, _PREVIEW_PPI)
    return Drawn(pdf, tuple(_stamped(png, made) for png in pngs))


def draw_face(disc: DiscCopy, profile: Profile, options: Options = _USUAL, fonts: Path | None = None) -> bytes:
    """The disc's face alone, for a machine that prints a picture on the disc itself: PNG, just 120 mm, 300 pixels an
    inch. Errors as `draw`."""
    kind, directory = Kind.DISC, fonts or font_directory()
    shown, wide = _shown(directory), sheet_for(kind, options.sheet or usual(kind)).hub < 46
    label = {**label_content(disc, profile, shown), "wide": wide, "log": BACK}
    with _fitting(kind, profile):
        laid = _laid([label], Page(kind.piece.width, kind.piece.height, ((0.0, 0.0),)), _USUAL)
        job = _job(kind, disc.set, shown) | laid | {"picture": False}
        (png,) = typeset_pngs(_TEMPLATE, job, directory, _FACE_PPI)
    return _stamped(png, disc.set)


def _stamped(png: bytes, made: DiscSet) -> bytes:
    """Typst writes no words into a picture: a chunk of text before the last one, which is empty."""
    said = b"tEXtKeywords\0" + stamp(made.number).encode()
    chunk = struct.pack(">I", len(said) - 4) + said + struct.pack(">I", crc32(said))
    return png[:-_LAST] + chunk + png[-_LAST:]


def _job(kind: Kind, made: DiscSet, shown: Shown) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "title": f"{kind.piece.label.zh} {made.number}",
        "author": shown(made.unit),
        "stamp": stamp(made.number),
        "piece": [kind.piece.width, kind.piece.height],
    }


def _shown(directory: Path) -> Shown:
    """A text as every font of the labels can set it."""
    fonts = [coverage(directory / name) for name in LABELS]

    def shown(text: str) -> str:
        for font in fonts:
            text = font.shown(text)
        return text

    return shown


def _laid(labels: Sequence[Mapping[str, Any]], paper: Page, options: Options) -> dict[str, Any]:
    """One label after another on the places of as many sheets as it takes."""
    sheets: list[list[dict[str, Any]]] = []
    for n, label in enumerate(labels, options.first - 1):
        place = n % len(paper.places)
        if place == 0 or not sheets:
            sheets.append([])
        x, y = paper.places[place]
        sheets[-1].append({"x": x + options.right, "y": y + options.down, "label": label})
    return {"page": [paper.width, paper.height], "cut": paper.cut, "sheets": sheets}


def _no_place(first: int, places: int) -> BadInput:
    return BadInput(
        Text(
            en=f"The sheet has places 1 to {places} for such labels; there is no place {first}.",
            zh=f"这种标签纸有第 1 至 {places} 位，没有第 {first} 位。",
        )
    )


_TOO_LONG = re.compile(r"too-long:([a-z-]+)")


@contextmanager
def _fitting(kind: Kind, profile: Profile) -> Iterator[None]:
    """Around the drawing: says of a text that does not fit which it is."""
    try:
        yield
    except Unset as error:
        found = _TOO_LONG.search(error.message)
        if found is None:
            raise
        captions = {field.value: caption for field, caption in label_captions(profile).items()}
        en, zh = found[1], captions.get(found[1], "各项信息")
        label = kind.piece.label
        raise BadInput(
            Text(
                en=f"The {en} ({zh}) is too long for the label ({label.en}) even in the smallest letters.",
                zh=f"“{zh}”过长，用最小字号也无法印在标签（{label.zh}）上，请缩写。",
            )
        ) from error
