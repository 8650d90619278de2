"""Sheets: a table that says which file has which facts, as CSV or XLSX, made by hand or by an office's own system.

One heading row, then one row a file. The headings are the names of vault/facts.py or their labels in either language,
in any order. `file`/`文件` must be there; `record`/`记录组` may: rows with the same value in it form one record.

- Nothing is guessed. A column that is not known, a file that stands twice, a formula, merged cells or a date without
  its time are errors, all reported together, each with its sheet, row, column and the way out.
- A row is for the file whose path ends with what the row says: `1.mp4`, `DCIM/1.mp4` or `cam.zip/1.mp4`. Of two rows
  that fit, the longer one counts. One row for two files is an error: the sheet must then give more of the path.
- Times without a zone, and XLSX cells that are dates, are local time in the office's zone.
How the cells are got out of the two kinds of file stands in sheet_rows.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from vault.errors import BadInput
from vault.facts import FACTS, Fact, Facts, Kind
from vault.intake.facts_text import FactValue, fact_named, facts_of, moment_in, parse_fact, require_in_order
from vault.intake.names import shown
from vault.intake.sheet_rows import Cell, Row, rows_of
from vault.profile import Profile
from vault.profile.known import keys_of
from vault.text import Text

MOST_ROWS = 100_000
REPORTED = 20  # errors of one sheet
_FILE = ("file", "文件")
_RECORD = ("record", "记录组")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: `number` as the program shows it (the headings are row 1), `file` with `/`, `record` empty for none."""

    number: int
    file: str
    record: str
    facts: Facts


@dataclass(slots=True)
class Sheet:
    """The rows by file, and which of them found theirs."""

    name: str
    rows: dict[str, SheetRow]
    _found: dict[int, str] = field(default_factory=dict)

    def facts_for(self, path: str) -> SheetRow | None:
        """The row for an item by its `path`. Asked again for the same path it answers the same.

        BadInput: the row was taken for another file already, and the sheet does not say which one it means.
        """
        parts = path.split("/")
        for start in range(len(parts)):
            row = self.rows.get("/".join(parts[start:]))
            if row is not None:
                return self._take(row, path)
        return None

    def unmatched(self) -> list[SheetRow]:
        """The rows whose file never came, in the sheet's order."""
        return [row for row in self.rows.values() if row.number not in self._found]

    def _take(self, row: SheetRow, path: str) -> SheetRow:
        other = self._found.setdefault(row.number, path)
        if other == path:
            return row
        raise BadInput(
            Text(
                en=f"{self.name}, row {row.number}: '{shown(row.file)}' fits both {shown(other)} and {shown(path)}; "
                "write more of the path into the sheet.",
                zh=f"{self.name} 第 {row.number} 行：“{shown(row.file)}”同时对应 {shown(other)} 和 {shown(path)}；"
                "请在表中写出更完整的路径。",
            )
        )


def read_sheet(path: Path, profile: Profile, now: datetime) -> Sheet:
    """The whole sheet, checked. BadInput with everything that is wrong in it (the first 20); SourceUnreadable."""
    sheet, rows = rows_of(path)
    return _Reading(sheet, profile, now).read(rows)


class _Reading:
    """Goes through the rows and gathers what is wrong."""

    def __init__(self, sheet: str, profile: Profile, now: datetime) -> None:
        self._sheet = sheet
        self._profile = profile
        self._now = now
        self._wrong: list[Text] = []
        self._hints: dict[Text, None] = {}  # what helps with several of them, each once
        self._columns: dict[int, Fact | str] = {}
        self._headings: list[str] = []

    def read(self, rows: Iterator[Row]) -> Sheet:
        found: dict[str, SheetRow] = {}
        heading = next((row for row in rows if any(c.filled for c in row[1])), None)
        if heading is None:
            raise BadInput(Text(en=f"{self._sheet} is empty.", zh=f"{self._sheet} 是空表。"))
        self._head(*heading)
        if not self._wrong:
            for number, cells in rows:
                if not any(cell.filled for cell in cells):
                    continue
                if number > MOST_ROWS:
                    self._add(number, None, Text(en=f"at most {MOST_ROWS:,} rows", zh=f"最多 {MOST_ROWS:,} 行"))
                    break
                row = self._row(number, cells)
                if row is not None and row.file in found:
                    first = found[row.file].number
                    self._add(
                        number, 0, Text(en=f"the file stands in row {first} too", zh=f"该文件在第 {first} 行已出现")
                    )
                elif row is not None:
                    found[row.file] = row
        if self._wrong:
            raise self._report()
        if not found:
            raise BadInput(
                Text(en=f"{self._sheet} has headings but no rows.", zh=f"{self._sheet} 只有表头，没有数据。")
            )
        return Sheet(self._sheet, found)

    def _head(self, number: int, cells: Sequence[Cell]) -> None:
        self._headings = [c.text.strip() for c in cells]
        for i, heading in enumerate(self._headings):
            if not heading and cells[i].trouble is None and cells[i].moment is None:
                continue
            meant = _column(heading)
            if meant is None:
                self._add(number, i, cells[i].trouble or _no_column(heading))
                self._hints[_COLUMNS] = None
            elif meant in self._columns.values():
                self._add(number, i, Text(en="the column stands twice; delete one", zh="列重复，请删除其一"))
            else:
                self._columns[i] = meant
        if "file" not in self._columns.values():
            self._add(number, None, Text(en="there is no column 'file'; add it", zh="缺少“文件”列，请补上"))

    def _row(self, number: int, cells: Sequence[Cell]) -> SheetRow | None:
        before = len(self._wrong)
        file = record = ""
        values: dict[str, FactValue] = {}
        for i, cell in enumerate(cells):
            column = self._columns.get(i)
            if cell.trouble is not None:
                self._add(number, i, cell.trouble)
            elif column is None and cell.filled:
                self._add(number, i, Text(en="a value under no heading", zh="该值没有对应的表头"))
            elif column is None or not cell.filled:
                continue
            elif isinstance(column, Fact):
                try:
                    values[column.name] = self._value(column, cell)
                except BadInput as error:
                    self._add(number, i, error.what)
                    self._hints[error.hint] = None
            elif cell.moment is not None:
                self._add(number, i, Text(en="a date where text is meant", zh="此处应为文字，而不是日期"))
            elif column == "file":
                file = _path(cell.text)
            else:
                record = cell.text.strip()
        if not file and len(self._wrong) == before:
            self._add(number, None, Text(en="no file is named", zh="未写明文件"))
        facts = facts_of(values)
        try:
            require_in_order(facts, self._profile.zone)
        except BadInput as error:
            self._add(number, None, error.what)
        return SheetRow(number, file, record, facts) if len(self._wrong) == before else None

    def _value(self, fact: Fact, cell: Cell) -> FactValue:
        if cell.moment is None:
            said = parse_fact(fact, cell.text, self._profile.zone, self._now)
            return keys_of(self._profile, fact.name, said)
        if fact.kind is not Kind.TIME:
            raise BadInput(Text(en="a date where text is meant", zh="此处应为文字，而不是日期"))
        return moment_in(fact, cell.moment, self._profile.zone, self._now)

    def _add(self, number: int, index: int | None, what: Text) -> None:
        heading = shown(self._headings[index]) if index is not None and index < len(self._headings) else ""
        column = "" if index is None else f" {_letters(index)}"
        en = f"{self._sheet}, row {number}"
        zh = f"{self._sheet} 第 {number} 行"
        if index is not None:
            en += f", column{column}" + (f" ({heading})" if heading else "")
            zh += f"{column} 列" + (f"（{heading}）" if heading else "")
        self._wrong.append(Text(en=f"{en}: {what.en}", zh=f"{zh}：{what.zh}"))

    def _report(self) -> BadInput:
        lines, more = self._wrong[:REPORTED], len(self._wrong) - REPORTED
        en, zh = [w.en for w in lines], [w.zh for w in lines]
        if more > 0:
            en.append(f"… and {more} more.")
            zh.append(f"…… 另有 {more} 处。")
        return BadInput(
            Text(en="\n".join(en), zh="\n".join(zh)),
            Text(
                en="\n".join([_AGAIN.en, *(hint.en for hint in self._hints if hint.en)]),
                zh="\n".join([_AGAIN.zh, *(hint.zh for hint in self._hints if hint.zh)]),
            ),
        )


_AGAIN = Text(en="Nothing was taken in. Correct the sheet and run it again.", zh="未入库任何内容。请改正表格后重试。")


def _column(heading: str) -> Fact | str | None:
    for names in (_FILE, _RECORD):
        if heading.casefold() in names:
            return names[0]
    return fact_named(heading)


def _no_column(heading: str) -> Text:
    """With the headings that are nearest to it, where any are near."""
    near = [get_close_matches(heading, spelt, n=2, cutoff=_NEAR) for spelt in (_COLUMNS_EN, _COLUMNS_ZH)]
    meant = list(dict.fromkeys(word for words in near for word in words))
    return Text(
        en="no such column" + (f"; is {' or '.join(meant)} meant?" if meant else "; rename or delete it"),
        zh="无法识别的列" + (f"；是否为“{'”或“'.join(meant)}”？" if meant else "；请改名或删除"),
    )


_NEAR = 0.6  # of difflib's likeness: two of three characters
_COLUMNS_EN = [_FILE[0], _RECORD[0], *(fact.label.en for fact in FACTS)]
_COLUMNS_ZH = [_FILE[1], _RECORD[1], *(fact.label.zh for fact in FACTS)]
_COLUMNS = Text(en=f"Columns: {', '.join(_COLUMNS_EN)}.", zh=f"可用的列：{'、'.join(_COLUMNS_ZH)}。")


def _path(text: str) -> str:
    """The path with `/`, as Windows and POSIX programs write it; a leading `./` says nothing."""
    return text.strip().replace("\\", "/").removeprefix("./").strip("/")


def _letters(index: int) -> str:
    """A, B, … Z, AA: a column as every spreadsheet program names it."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
