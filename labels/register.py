"""A register on paper: A4, its head on every page, page x of y, who signs at the end. Drawn from register.typ.

Typst sets a document as a whole, at about 150 kB of memory for a line of a register: so a PDF has its limit. What is
longer goes into a sheet (labels/workbook.py), or on paper in parts.
"""

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from labels.coverage import NUMBERED, Coverage, coverage
from labels.fonts import REGISTERS, font_directory
from labels.typesetting import torn, typeset_pdf
from labels.wording import (
    SIGNED,
    Languages,
    basis_lines,
    cell_words,
    drawn_lines,
    head_lines,
    joined,
    lines,
    page_lines,
    period_line,
    unit_line,
)
from vault.errors import BadInput
from vault.registers.model import Column, Kind, Register, Row
from vault.text import Text

MOST_ROWS = 5_000

_TEMPLATE = Path(__file__).with_name("register.typ")
_INSETS = 2.4  # mm of a column that its text does not have
_HAN, _WIDE, _LETTER, _THIN = 3.0, 2.9, 1.8, 1.2  # mm at most, at 8.5 pt: 汉 or →, W or m, a or 0, i or :
_BOUND_LINES = 20  # of the last row at most, if the signatures are to stay with it
_THIN_ONES, _LETTERS = frozenset("fijlrt.,:;!'()[]|-"), frozenset("abcdeghknopqsuvxyz0123456789")
_OPENING, _CLOSING = "（〔［｛〈《「『【〖", "）〕］｝〉》」』】〗、。，．：；！？→"
_WORD = "[^\\s→\u2e80-\U0010ffff]+"
_RUN = re.compile(f"[{_OPENING}]*(?:{_WORD}|.)[{_CLOSING}]*")  # what a line is not broken in
_NUMBER = re.compile("[0-9]{1,3}(,[0-9]{3})+")
_RIGHT = frozenset({Kind.NUMBER, Kind.BYTES, Kind.LENGTH, Kind.DELAY})
_CENTRED = frozenset({Kind.DATE, Kind.MOMENT})


def draw_register(register: Register, target: Path, languages: Languages, fonts: Path | None = None) -> int:
    """Write the PDF; the number of its entries. BadInput: it has more rows than fit on paper."""
    directory = fonts or font_directory()
    font = coverage(directory / REGISTERS)
    rows = list(islice(register.rows, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise _too_long()
    data = _page(register, rows, font, languages)
    target.write_bytes(typeset_pdf(_TEMPLATE, data, directory, register.scope.drawn_at, tags=False))
    return sum(not row.sum for row in rows)


def _page(register: Register, rows: Sequence[Row], font: Coverage, languages: Languages) -> dict[str, Any]:
    form, scope = register.form, register.scope
    drawn = [_row(row, form.columns, register, font, languages) for row in rows]
    return {
        "title": joined(form.title, languages),
        "office": font.shown(scope.office),
        "upright": form.upright,
        "pages": [said.split("|") for said in page_lines("|", "|", languages)],
        "drawn": drawn_lines(scope, languages),
        "heading": lines(form.title, languages),
        "preface": [font.shown(line) for text in register.preface for line in lines(text, languages)],
        "unit": font.shown(unit_line(scope, languages)),
        "basis": [font.shown(line) for line in basis_lines(register.basis, languages)],
        "period": period_line(scope, languages),
        "columns": [
            {
                "heading": head_lines(column, languages),
                "width": column.width,
                "right": column.kind in _RIGHT,
                "centred": column.kind in _CENTRED,
            }
            for column in form.columns
        ],
        "rows": drawn,
        "bound": bool(drawn) and drawn[-1]["whole"],
        "none": joined(register.none, languages),
        "notes": [line for text in _notes(register, drawn) for line in lines(text, languages)],
        "signatures": [_labelled(lines(text, languages), languages) for text in form.signatures],
        "signed": lines(SIGNED, languages),
    }


def _labelled(said: Sequence[str], languages: Languages) -> Sequence[str]:
    return [*said[:-1], said[-1] + ("：" if languages == "zh" else ":")]


def _row(
    row: Row, columns: Sequence[Column], register: Register, font: Coverage, languages: Languages
) -> dict[str, Any]:
    cells = []
    for cell, column in zip(row.cells, columns, strict=True):
        words = font.shown(cell_words(cell, column, register.scope.zone, languages))
        cells.append(_fitted(words, column.width - _INSETS))
    return {"cells": cells, "sum": row.sum, "whole": _height(cells, columns) <= _BOUND_LINES}


def _notes(register: Register, drawn: Sequence[dict[str, Any]]) -> list[Text]:
    replaced = any(NUMBERED in words for row in drawn for words in row["cells"])
    return [*register.form.notes, *([_REPLACED] if replaced else [])]


_REPLACED = Text(
    en=f"{NUMBERED}…〕 is the number of a character that the printer's fonts do not have.",
    zh=f"注：{NUMBERED}…〕为打印字体中没有的字的编码。",
)


def _fitted(words: str, width: float) -> str:
    """With places to break a line after an arrow, between the thousands of a number, and anywhere in what else would be
    wider than the column (mm)."""
    fitted = _RUN.sub(lambda run: run[0] if _width(run[0]) <= width else _broken(run[0], width), words)
    return fitted.replace("→", "→\u200b")


def _broken(run: str, width: float) -> str:
    return run.replace(",", ",\u200b") if _NUMBER.fullmatch(run) else torn(run, int(width / _HAN))


def _width(run: str) -> float:
    """At most, in mm."""
    return sum(map(_advance, run))


def _advance(c: str) -> float:
    if c in _THIN_ONES:
        return _THIN
    return _LETTER if c in _LETTERS else _WIDE if c < "\u0300" else _HAN


def _height(cells: Sequence[str], columns: Sequence[Column]) -> float:
    """Lines of a row, if every letter were as wide as a Chinese one."""
    return max(len(words) * _HAN / (column.width - _INSETS) for words, column in zip(cells, columns, strict=True))


def _too_long() -> BadInput:
    return BadInput(
        Text(
            en=f"The register has more than {MOST_ROWS:,} rows: too many for one PDF.",
            zh=f"登记簿超过 {MOST_ROWS:,} 行，无法制成一份 PDF。",
        ),
        hint=Text(
            en="Ask for a shorter period or one section, or name a file that ends in .xlsx.",
            zh="请缩短期间或指定科室，或改用 .xlsx 文件。",
        ),
    )
