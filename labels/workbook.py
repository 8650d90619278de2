"""A register as a sheet (.xlsx), for Excel and WPS: typed cells, frozen head, ready to be printed.

Written as it is read, row by row: memory holds one row. A text is written as a text, whatever it begins with, and
marked as quoted, so that it does not become a formula (=, +, -, @) even when somebody edits the cell. The same register
gives the same bytes.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from labels.wording import (
    LONG,
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
from vault.registers.model import SERIAL, Cell, Column, Kind, Register, Row
from vault.text import Text

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_000_000  # a sheet has 1,048,576
_LONGEST = 32_767  # characters of a cell
_CUT = Text(en="… (the rest is in the journal)", zh="…〔余下见日志〕")
_MM = 0.55  # a millimetre of paper in widths of a digit
_FORMULA = ("=", "+", "-", "@")

_NUMBERS = {
    Kind.NUMBER: "#,##0",
    Kind.BYTES: "#,##0",
    Kind.LENGTH: "[h]:mm:ss",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
}
_DAYS = Text(en="days", zh="天")


def write_workbook(register: Register, target: Path, languages: Languages) -> int:
    """Write the sheet; the number of its entries. BadInput: it has more rows than a sheet can have."""
    from xlsxwriter.exceptions import FileCreateError
    from xlsxwriter.workbook import Workbook

    about = {
        "title": joined(register.form.title, languages),
        "author": register.scope.office,
        "created": register.scope.drawn_at.replace(tzinfo=None),
    }
    try:  # the scratch folder holds the rows until the file is put together; it goes, whatever happens
        with (
            TemporaryDirectory(prefix="strongroom-") as scratch,
            Workbook(target, {"constant_memory": True, "tmpdir": scratch}) as book,
        ):
            book.set_properties(about)
            return _Sheet(book, register, languages).write()
    except FileCreateError as error:
        raise error.args[0] from error  # the OSError: who wraps this knows what it means


class _Sheet:
    """One register on its sheet, from top to bottom."""

    def __init__(self, book: "Workbook", register: Register, languages: Languages) -> None:
        self._book = book
        self._register = register
        self._languages = languages
        self._columns = register.form.columns
        self._sheet: Worksheet = book.add_worksheet(_sheet_name(register.form.title, languages))
        long = f'[>{LONG / timedelta(days=1):g}]0.0" {joined(_DAYS, languages)}"'
        self._numbers = {**_NUMBERS, Kind.DELAY: f"{long};{_NUMBERS[Kind.LENGTH]}"}
        cell = {"border": 1, "valign": "vcenter"}
        self._typed: dict[tuple[str, bool], Format] = {
            (spelling, bold): book.add_format({**cell, "bold": bold, "num_format": spelling})
            for spelling in dict.fromkeys(("General", *self._numbers.values()))
            for bold in (False, True)
        }
        self._texts: dict[tuple[bool, bool], Format] = {
            (quoted, bold): book.add_format({**cell, "bold": bold, "text_wrap": True, "quote_prefix": quoted})
            for quoted in (False, True)
            for bold in (False, True)
        }
        self._next = 0

    def write(self) -> int:
        register, languages = self._register, self._languages
        form, scope = register.form, register.scope
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, column.width * _MM)
        for line in lines(form.title, languages):
            self._centred(line, bold=True, font_size=16)
        for text in register.preface:
            self._line(joined(text, languages))
        self._line(f"{unit_line(scope, languages)}    {period_line(scope, languages)}")
        for line in basis_lines(register.basis, languages):
            self._line(line)
        self._head()
        entries = self._rows(register.rows)
        colon, signed = "：" if languages == "zh" else ":", joined(SIGNED, languages)
        for line in (
            *(joined(text, languages) for text in form.notes),
            " ".join(drawn_lines(scope, languages)),
            "",
            *(f"{joined(text, languages)}{colon}____________    {signed}" for text in form.signatures),
        ):
            self._line(line)
        return entries

    def _head(self) -> None:
        sheet, languages = self._sheet, self._languages
        style = {"bold": True, "text_wrap": True, "border": 1, "align": "center", "valign": "vcenter"}
        head = self._book.add_format({**style, "bg_color": "#E4E4E4"})
        for place, column in enumerate(self._columns):
            sheet.write_string(self._next, place, "\n".join(head_lines(column, languages)), head)
        sheet.freeze_panes(self._next + 1, 0)
        sheet.repeat_rows(self._next)
        self._next += 1
        if not self._register.form.upright:
            sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)  # its width on one page, as many pages long as it needs
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer("&C" + "\n".join(page_lines("&P", "&N", languages)))

    def _rows(self, rows: Iterable[Row]) -> int:
        entries = count = 0
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                raise _too_long()
            for place, (cell, column) in enumerate(zip(row.cells, self._columns, strict=True)):
                self._cell(place, cell, column, bold=bool(row.sum))
            self._next += 1
            entries += not row.sum
        if not count:
            self._centred(joined(self._register.none, self._languages))
        return entries

    def _cell(self, place: int, cell: Cell, column: Column, *, bold: bool) -> None:
        sheet, zone = self._sheet, self._register.scope.zone
        plain = column == SERIAL or column.kind is Kind.TEXT
        typed = self._typed["General" if plain else self._numbers[column.kind], bold]
        match cell:
            case None:
                sheet.write_blank(self._next, place, None, typed)
            case datetime() if 1900 < cell.year < 9999:  # the calendar of sheets
                sheet.write_datetime(self._next, place, cell.astimezone(zone).replace(tzinfo=None), typed)
            case date() if not isinstance(cell, datetime) and cell.year > 1900:
                sheet.write_datetime(self._next, place, cell, typed)
            case timedelta():
                sheet.write_number(self._next, place, cell / timedelta(days=1), typed)
            case int():
                sheet.write_number(self._next, place, cell, typed)
            case _:
                text = cell_words(cell, column, zone, self._languages)
                if len(text) > _LONGEST:
                    cut = joined(_CUT, self._languages)
                    text = text[: _LONGEST - len(cut)] + cut
                quoted = text.startswith(_FORMULA)
                sheet.write_string(self._next, place, text, self._texts[quoted, bold])

    def _line(self, text: str) -> None:
        """A line that goes on over the cells beside it, if they are empty."""
        self._sheet.write_string(self._next, 0, text)
        self._next += 1

    def _centred(self, text: str, **style: Any) -> None:
        """A line over the whole width; without merged cells, which keep a sheet from being sorted."""
        across = self._book.add_format({**style, "align": "center_across"})
        self._sheet.write_string(self._next, 0, text, across)
        for place in range(1, len(self._columns)):
            self._sheet.write_blank(self._next, place, None, across)
        self._next += 1


def _sheet_name(title: Text, languages: Languages) -> str:
    """Excel's rules: 31 characters at most, none of []:*?/\\, no apostrophe at either end."""
    return re.sub(r"[\[\]:*?/\\]", " ", joined(title, languages))[:31].strip(" '")


def _too_long() -> BadInput:
    return BadInput(
        Text(
            en=f"The register has more than {MOST_ROWS:,} rows: too many for one sheet.",
            zh=f"登记簿超过 {MOST_ROWS:,} 行，超出一张工作表的容量。",
        ),
        hint=Text(en="Ask for a shorter period or one section.", zh="请缩短期间或指定科室。"),
    )
