"""Statistics (统计表) per section and officer, of what was stored in a period, mostly a month.

Memory holds a line for each officer, however many records there are. A record of several officers counts for each of
them, and once for their section.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from vault.profile import Profile
from vault.records import Standing
from vault.registers.model import DRAWN_UP, SERIAL, TOTAL, Cell, Column, Form, Kind, Maker, Row, Scope, summed
from vault.registers.stored import Stored, stored_in
from vault.text import Text

NOT_GIVEN = Text(en="(not given)", zh="（未注明）")
OF_SECTION = Text(en="Section's total", zh="科室小计")

FORM = Form(
    kind="monthly",
    title=Text(en="Statistics of Recordings by Section and Officer", zh="执法音像记录统计表（按科室、人员）"),
    columns=(
        SERIAL,
        Column("section", Text(en="Section", zh="科室"), 50, spoken=True),
        Column("officer", Text(en="Officer", zh="执法人员"), 42, spoken=True),
        Column("records", Text(en="Records", zh="记录数"), 20, Kind.NUMBER, summed=True),
        Column("files", Text(en="Files", zh="文件数"), 20, Kind.NUMBER, summed=True),
        Column("bytes", Text(en="Size", zh="大小"), 26, Kind.BYTES, summed=True),
        Column("length", Text(en="Length", zh="时长"), 26, Kind.LENGTH, summed=True),
        Column("late", Text(en="Stored late", zh="逾期入库"), 24, Kind.NUMBER, summed=True),
        Column("unclear", Text(en="Timeliness unclear", zh="时限待查明"), 28, Kind.NUMBER, summed=True),
        Column("quarantined", Text(en="In quarantine", zh="待补全"), 24, Kind.NUMBER, summed=True),
    ),
    signatures=DRAWN_UP,
    notes=(
        Text(
            en="A record of several officers counts for each of them, and once in the totals.",
            zh="注：多名执法人员共同的记录，分别计入各人，小计和合计只计一次。",
        ),
    ),
)


@dataclass(slots=True)
class _Tally:
    """What is counted for an officer, a section, or all."""

    records: int = 0
    files: int = 0
    bytes: int = 0
    length: timedelta = timedelta()
    late: int = 0
    unclear: int = 0
    quarantined: int = 0

    def count(self, one: Stored) -> None:
        self.records += 1
        self.files += one.files
        self.bytes += one.bytes
        self.length += one.length
        self.late += one.due.lateness in ("late", "explained")
        self.unclear += one.due.lateness == "unclear"
        self.quarantined += one.standing is Standing.QUARANTINED

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.records, self.files, self.bytes, self.length, self.late, self.unclear, self.quarantined)


def tally(records: Iterator[Stored]) -> Iterator[Row]:
    """The lines of the statistics, sections and officers in the order of their names; nothing where no record is."""
    whole = _Tally()
    sections: dict[str, tuple[_Tally, dict[str, _Tally]]] = {}
    for one in records:
        section, officers = sections.setdefault(one.facts.section, (_Tally(), {}))
        people = dict.fromkeys(one.facts.officers or ("",))
        for counted in (whole, section, *(officers.setdefault(name, _Tally()) for name in people)):
            counted.count(one)
    number = 0
    for name in sorted(sections):
        section, officers = sections[name]
        for officer in sorted(officers):
            number += 1
            yield Row((number, name or NOT_GIVEN, officer or NOT_GIVEN, *officers[officer].cells))
        sums = summed(FORM, (None, None, None, *section.cells), name or NOT_GIVEN)
        yield Row((*sums[:2], OF_SECTION, *sums[3:]), "part")
    if number:
        yield Row(summed(FORM, (None, None, None, *whole.cells), TOTAL), "whole")


def _rows(connection: Connection, profile: Profile, scope: Scope) -> Iterator[Row]:
    return tally(stored_in(connection, scope.period.span(scope.zone), scope.section))


MONTHLY = Maker(FORM, lambda profile: [], _rows)
