"""What a register is: a form, what it covers, and its rows, which are read once, as they come, and never all held.

Nothing here knows paper or sheets: labels/ draws what ops asks for. A row is an entry, or a sum over entries: of a part
of them (a section's) or of all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from vault.profile import Profile, cited
from vault.registers.period import Period
from vault.text import Text

Sum = Literal["", "part", "whole"]


@dataclass(frozen=True, slots=True)
class Named:
    """A thing by what it is and its name; `where` it lies, if that is to be said. On a paper in both languages name and
    place stand once."""

    what: Text
    name: str
    where: str = ""

    @property
    def text(self) -> Text:
        beside = Text(en=f" ({self.where})", zh=f"（{self.where}）") if self.where else Text(en="", zh="")
        return Text(en=f"{self.what.en} {self.name}{beside.en}", zh=f"{self.what.zh} {self.name}{beside.zh}")


Cell = str | Text | Named | int | date | datetime | timedelta | None


class Kind(StrEnum):
    """What a column's cells are; an empty cell is None."""

    TEXT = "text"  # str as the office gave it, or a Text
    DATE = "date"
    MOMENT = "moment"  # UTC; people read it on the office's clock
    NUMBER = "number"
    BYTES = "bytes"
    LENGTH = "length"  # timedelta, to the second
    DELAY = "delay"  # timedelta that may be of years


@dataclass(frozen=True, slots=True)
class Column:
    """`name` stands in --json; `width` is in millimetres of A4. `summed`: a total makes sense. `spoken`: its cells may
    be words of this program or the profile, so that programs read all of them in both languages."""

    name: str
    heading: Text
    width: float
    kind: Kind = Kind.TEXT
    summed: bool = False
    spoken: bool = False


SERIAL = Column("serial", Text(en="No.", zh="序号"), 9, Kind.NUMBER)
TOTAL = Text(en="Total", zh="合计")
NONE = Text(en="None in this period.", zh="本期无记录")
DRAWN_UP = (  # who signs where no other rule says who
    Text(en="Drawn up by", zh="制表人"),
    Text(en="Checked by", zh="审核人"),
    Text(en="Head of unit", zh="负责人"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A cell for each column; `sum` says whether it is an entry or adds up entries."""

    cells: tuple[Cell, ...]
    sum: Sum = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What all registers of a kind have. `notes` stand below the rows; `upright`: not landscape."""

    kind: str
    title: Text
    columns: tuple[Column, ...]
    signatures: tuple[Text, ...]
    notes: tuple[Text, ...] = ()
    upright: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What one register covers. `section` empty: all; `disposal`: the list that it is of, if it is of one; `entries`:
    of the journal, up to which it says what is so.
    """

    office: str
    zone: ZoneInfo
    period: Period
    drawn_at: datetime
    entries: int
    section: str = ""
    disposal: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """One register, to be drawn once. `basis`: the articles that demand it, as they are quoted.

    `preface` stands above the rows; `none` in their place where there are none.
    """

    form: Form
    scope: Scope
    basis: Text | None
    rows: Iterator[Row]
    preface: tuple[Text, ...] = ()
    none: Text = NONE


def _nothing_above(_connection: Connection, _scope: Scope) -> Iterator[Text]:
    yield from ()


@dataclass(frozen=True, slots=True)
class Maker:
    """How a register is made from the catalogue: its form, the articles that demand it, its rows, and what stands
    above them."""

    form: Form
    articles: Callable[[Profile], Sequence[str | None]]
    rows: Callable[[Connection, Profile, Scope], Iterator[Row]]
    preface: Callable[[Connection, Scope], Iterator[Text]] = _nothing_above

    def draw(self, connection: Connection, profile: Profile, scope: Scope) -> Register:
        """The register; its rows are read through `connection` while they are drawn."""
        cites, above = basis(profile, self.articles(profile)), tuple(self.preface(connection, scope))
        return Register(self.form, scope, cites, self.rows(connection, profile, scope), above)


def basis(profile: Profile, articles: Sequence[str | None]) -> Text | None:
    """The regulation and those of its articles that demand a register; None where none does."""
    quoted = [cited(article) for article in dict.fromkeys(articles) if article]
    if not quoted:
        return None
    return Text(
        en=f"{profile.regulation.en}, {', '.join(q.en for q in quoted)}",
        zh=f"《{profile.regulation.zh}》{'、'.join(q.zh for q in quoted)}",
    )


def tallied(form: Form, entries: Iterable[tuple[Cell, ...]]) -> Iterator[Row]:
    """Entries under running numbers, and their total at the end where the form sums a column. No entries, no total."""
    sums: list[Cell] = []
    number = 0
    for number, cells in enumerate(entries, 1):
        row = (number, *cells)
        sums = _added(sums, row)
        yield Row(row)
    if number and any(column.summed for column in form.columns):
        yield Row(summed(form, sums), "whole")


def grouped(form: Form, entries: Iterable[tuple[Text, tuple[Cell, ...]]]) -> Iterator[Row]:
    """Entries under running numbers, each with the part that it belongs to; where there are several parts, a sum of
    each, and the total at the end.
    """
    parts: dict[Text, tuple[int, list[Cell]]] = {}
    whole: list[Cell] = []
    number = 0
    for number, (part, cells) in enumerate(entries, 1):
        row = (number, *cells)
        count, sums = parts.get(part, (0, []))
        parts[part] = count + 1, _added(sums, row)
        whole = _added(whole, row)
        yield Row(row)
    if len(parts) > 1:
        for part, (count, sums) in parts.items():
            label = Text(en=f"{part.en}: {count:,}", zh=f"{part.zh}：{count:,} 条")
            yield Row(summed(form, sums, label), "part")
    if number:
        yield Row(summed(form, whole), "whole")


def _added(sums: list[Cell], row: tuple[Cell, ...]) -> list[Cell]:
    return [_plus(s, c) for s, c in zip(sums, row, strict=True)] if sums else list(row)


def summed(form: Form, sums: Sequence[Cell], label: Cell = TOTAL) -> tuple[Cell, ...]:
    """The cells of a sum: `label` under the first column that holds text, and sums where the form asks for them."""
    first = next(n for n, column in enumerate(form.columns) if column.kind is Kind.TEXT)
    cells = [value if column.summed else None for column, value in zip(form.columns, sums, strict=True)]
    cells[first] = label
    return tuple(cells)


def _plus(one: Cell, other: Cell) -> Cell:
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    if isinstance(one, timedelta) and isinstance(other, timedelta):
        return one + other
    return other if one is None else one


def spelled(form: Form, row: Row) -> dict[str, Any]:
    """A row for programs, each column's cells of one shape: lengths of time in seconds; `sum` where it is one, and
    `label` where what it adds up is said in a column of something else."""
    cells = {column.name: _plain(column, cell) for column, cell in zip(form.columns, row.cells, strict=True)}
    if not row.sum:
        return cells
    cells["sum"] = row.sum
    for column in form.columns:
        if isinstance(cells[column.name], Text) and not column.spoken:
            cells["label"], cells[column.name] = cells[column.name], None
    return cells


def _plain(column: Column, cell: Cell) -> Any:
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, Named):
        return cell.text
    if isinstance(cell, str) and column.spoken:
        return Text(en=cell, zh=cell)
    return cell
