"""The cells of a sheet, out of CSV or XLSX, before anything is made of them.

CSV is UTF-8 (with or without mark), UTF-16 with mark, else GB 18030; parted by comma, semicolon or tab. XLSX is read
row by row and must have one worksheet that holds anything. A cell that cannot be taken for what a person sees in it
(a formula, a number that was rounded, a date without its time) carries its trouble, for sheets.py to report by place.
"""

import csv
import io
import os
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from vault.errors import BadInput
from vault.facts import Fact, Kind
from vault.intake.facts_text import date_alone
from vault.intake.items import open_source, unreadable
from vault.intake.names import shown
from vault.text import Text

LARGEST = 32 << 20  # bytes of a sheet as a file
LARGEST_UNPACKED = 128 << 20  # bytes of all that is in an XLSX, which is a ZIP
_EXACT = 10**15  # Excel keeps 15 digits of a number and makes the rest zeros
_ROWS = 1 << 20  # rows that a worksheet can have


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it was read: text, or in XLSX a moment; `trouble` where it cannot be taken as either. `day`: a date
    without its time, which is trouble too, unless a day is what is asked for."""

    text: str = ""
    moment: datetime | None = None
    day: date | None = None
    trouble: Text | None = None

    @property
    def filled(self) -> bool:
        return bool(self.text.strip()) or self.moment is not None or self.trouble is not None


Row = tuple[int, Sequence[Cell]]


def rows_of(path: Path) -> tuple[str, Iterator[Row]]:
    """What to call the sheet, and its rows with their numbers from 1. BadInput where the file is no sheet."""
    data = _bytes(path)
    if data[:4] == b"PK\x03\x04":
        return _xlsx_rows(path, data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":  # MS-CFB 2.2: the format before 2007, or an encrypted one
        locked = "EncryptedPackage".encode("utf-16-le") in data  # MS-OFFCRYPTO 2.3.1
        raise _unfit(path, _LOCKED if locked else _OLD, _SAVE_ANEW)
    if path.suffix.casefold() in _WORKBOOKS:
        raise _unfit(path, _NO_WORKBOOK, _SAVE_ANEW)
    return shown(path.name), _csv_rows(path, data)


_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et")
_OLD = Text(en="is in the old XLS format", zh="是旧版 XLS 格式")
_LOCKED = Text(en="is protected by a password and cannot be read", zh="设有打开密码，无法读取")
_NO_WORKBOOK = Text(
    en="is no workbook, though its name says so, or it is damaged or cut short",
    zh="不是有效的工作簿：文件名与内容不符，或文件已损坏、不完整",
)
_SAVE_ANEW = Text(
    en="Open it in Excel or WPS, save it as .xlsx or .csv without a password, and try again.",
    zh="请用 Excel 或 WPS 打开，另存为不带密码的 .xlsx 或 .csv 后重试。",
)


_FORMULA = Text(en="a formula; paste it as a value", zh="是公式，请粘贴为数值")


def _csv_rows(path: Path, data: bytes) -> Iterator[Row]:
    text = _decoded(path, data)
    if "\0" in text:
        raise _unfit(path, Text(en="holds NUL characters: no CSV", zh="含有 NUL 字符，不是 CSV 文件"))
    delimiter = _delimiter(text)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, [Cell(c, trouble=_FORMULA if c.startswith("=") else None) for c in cells]
    except csv.Error as error:
        raise _unfit(path, Text(en=f"is no CSV: {error}", zh=f"不是有效的 CSV：{error}")) from error


def _delimiter(text: str) -> str:
    """The separator that the heading row has most of; comma if it has none."""
    return max(",;\t", key=next((line for line in text.splitlines() if line.strip()), "").count)


def _decoded(path: Path, data: bytes) -> str:
    utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # what Excel calls Unicode text
    encodings = ("utf-16",) if utf_16 else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unfit(
        path, Text(en="is neither UTF-8 nor GB 18030; save it as UTF-8", zh="既非 UTF-8 也非 GB 18030，请另存为 UTF-8")
    )


def _xlsx_rows(path: Path, data: bytes) -> tuple[str, Iterator[Row]]:
    """The name of the one worksheet that holds anything, and its rows."""
    import openpyxl

    with _whole(path):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(member.file_size for member in packed.infolist()) > LARGEST_UNPACKED:
                raise _unfit(path, Text(en="is too large unpacked", zh="解压后过大"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and checks that it does not keep
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        used = [sheet for sheet in book.worksheets if _holds_anything(sheet)]
    if len(used) != 1:
        raise _unfit(
            path,
            Text(
                en=f"has {len(used)} worksheets that hold something; it must be one",
                zh=f"有 {len(used)} 个非空工作表，只能有一个",
            ),
        )
    return shown(f"{path.name} [{used[0].title}]"), _worksheet_rows(path, used[0])


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """BadInput for whatever a file that is no XLSX, or no whole one, makes of the reading: it says so in many ways, and
    some only in its last row."""
    from xml.etree.ElementTree import ParseError

    from openpyxl.utils.exceptions import InvalidFileException

    try:
        yield
    except (
        *(InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError),
        *(LookupError, ValueError, TypeError, AttributeError, OverflowError),
        *(NotImplementedError, RuntimeError),  # of a ZIP: a way of packing that nobody knows, a password
    ) as error:
        raise _unfit(path, _NO_WORKBOOK, _SAVE_ANEW) from error


def _holds_anything(sheet: Any) -> bool:
    sheet.reset_dimensions()  # what the file says of its size would end the reading, true or not
    return any(any(v is not None for v in row) for row in islice(sheet.iter_rows(values_only=True), _ROWS))


def _worksheet_rows(path: Path, sheet: Any) -> Iterator[Row]:
    with _whole(path):
        merged = _has_merged_cells(sheet)
    if merged:
        raise _unfit(
            path,
            Text(
                en="has merged cells, of which only the first holds the value; unmerge and fill them",
                zh="含有合并单元格，只有首格有值；请取消合并并填满",
            ),
        )
    rows = enumerate(islice(sheet.iter_rows(), _ROWS), 1)
    while True:
        with _whole(path):
            number, row = next(rows, (0, ()))
            cells = [_xlsx_cell(cell) for cell in row]
        if not number:
            return
        yield number, cells


def _has_merged_cells(sheet: Any) -> bool:
    """Reading row by row, openpyxl does not tell of them (ECMA-376-1 18.3.1.55): look for their element in the XML."""
    last = b""
    with sheet._get_source() as xml:
        while block := xml.read(1 << 16):
            if b"<mergeCell " in last + block or b":mergeCell " in last + block:
                return True
            last = block[-16:]
    return False


def _xlsx_cell(cell: Any) -> Cell:
    value = cell.value
    match value:
        case None:
            return Cell()
        case str():
            if cell.data_type == "f":
                return Cell(trouble=_FORMULA)
            if cell.data_type == "e":
                return Cell(trouble=Text(en=f"the error {value}", zh=f"错误值 {value}"))
            return Cell(value)
        case bool():
            return Cell(trouble=Text(en="true or false where text is meant", zh="此处应为文字，而不是逻辑值"))
        case datetime():
            return _xlsx_moment(value, str(cell.number_format))
        case int() | float():
            return _xlsx_number(value)
        case date():
            return Cell(trouble=date_alone(_SOME_TIME, f"{value:%Y-%m-%d}").what, day=value)
        case time() | timedelta():
            return Cell(trouble=Text(en="a time alone; its date is needed, too", zh="只有时间，还需要日期"))
        case _:
            return Cell(trouble=_FORMULA)


def _xlsx_moment(value: datetime, number_format: str) -> Cell:
    if not any(c in number_format.casefold() for c in "hs时") and (value.hour, value.minute, value.second) == (0, 0, 0):
        return Cell(trouble=date_alone(_SOME_TIME, f"{value:%Y-%m-%d}").what, day=value.date())
    # Days are kept as a binary fraction: 09:30:15 may come as 09:30:14.999999.
    return Cell(moment=(value + timedelta(milliseconds=500)).replace(microsecond=0))


_SOME_TIME = Fact("", Kind.TIME, Text(en="time", zh="时间"))


def _xlsx_number(value: float) -> Cell:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if abs(value) >= _EXACT:
        return Cell(
            trouble=Text(
                en="a number of more than 15 digits, which was rounded; make the cell text and type it again",
                zh="数字超过 15 位，已被表格软件取整；请将单元格设为文本后重新输入",
            )
        )
    return Cell(str(value))


def _bytes(path: Path) -> bytes:
    try:
        with os.fdopen(open_source(os.path.realpath(path)), "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(shown(str(path)), error) from error
    if len(data) > LARGEST:
        raise _unfit(path, Text(en=f"is larger than {LARGEST:,} bytes", zh=f"超过 {LARGEST:,} 字节"))
    return data


def _unfit(path: Path, why: Text, hint: Text | None = None) -> BadInput:
    return BadInput(Text(en=f"{shown(str(path))} {why.en}.", zh=f"{shown(str(path))} {why.zh}。"), hint)
