"""The register of holds (暂缓处置登记簿): those that stood on any day of the period, the released ones too."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from vault.catalogue import people, schema
from vault.catalogue.holdings import cases_of, of_case
from vault.catalogue.rows import read_time, spell_time
from vault.catalogue.understood import understood
from vault.profile import Profile
from vault.registers.model import DRAWN_UP, SERIAL, Cell, Column, Form, Kind, Maker, Row, Scope, tallied
from vault.registers.pages import pages
from vault.text import Text

STANDS = Text(en="stands", zh="有效")
RELEASED = Text(en="released", zh="已解除")

FORM = Form(
    kind="holds",
    title=Text(en="Register of Holds", zh="执法音像记录暂缓处置登记簿"),
    columns=(
        SERIAL,
        Column("hold", Text(en="Hold", zh="暂缓编号"), 16),
        Column("record", Text(en="Record", zh="记录编号"), 25),
        Column("case_number", Text(en="Case number", zh="案号"), 27),
        Column("party", Text(en="Party", zh="当事人"), 18),
        Column("why", Text(en="Reason", zh="暂缓事由"), 34),
        Column("authority", Text(en="Demanded by", zh="要求单位或负责人"), 25),
        Column("placed_by", Text(en="Placed by", zh="设立人"), 16),
        Column("placed_at", Text(en="Placed at", zh="设立时间"), 20, Kind.MOMENT),
        Column("standing", Text(en="Standing", zh="状态"), 16, spoken=True),
        Column("released_by", Text(en="Released by", zh="解除人"), 16),
        Column("released_at", Text(en="Released at", zh="解除时间"), 20, Kind.MOMENT),
        Column("released_why", Text(en="Reason of release", zh="解除事由"), 27),
    ),
    signatures=DRAWN_UP,
    notes=(
        Text(
            en="The standing is that of the day on which this was drawn up.",
            zh="注：状态为制表时的状态。",
        ),
    ),
)


_HOLD, _RECORD = schema.hold.c, schema.record.c
_WITH_RECORD = select(*_HOLD, _RECORD.number, _RECORD.party).select_from(
    schema.hold.join(schema.record, _RECORD.id == _HOLD.record_id)
)


def _of_period(scope: Scope) -> Select[Any]:
    """One that stands may be as old as the vault: all are looked at."""
    since, before = map(spell_time, scope.period.span(scope.zone))
    stood = _HOLD.released_at.is_(None) | (_HOLD.released_at >= since)
    wanted = _WITH_RECORD.where(_HOLD.placed_at < before, stood)
    return wanted.where(_RECORD.section == scope.section) if scope.section else wanted


def _entries(connection: Connection, wanted: Select[Any]) -> Iterator[tuple[Cell, ...]]:
    """In the order in which they were placed."""
    then = people.names_then(connection)
    for page in pages(connection, wanted, _HOLD.placed_at, _HOLD.id):
        cases = cases_of(connection, [row["record_id"] for row in page])
        yield from (_entry(row, "、".join(cases[row["record_id"]]), then) for row in page)


def _entry(row: RowMapping, cases: str, then: people.Then) -> tuple[Cell, ...]:
    with understood("hold", row["id"]):
        placed, released = read_time(row["placed_at"]), read_time(row["released_at"]) if row["released_at"] else None
        return (
            row["id"],
            row["number"],
            cases or None,
            row["party"],
            row["why"],
            row["authority"],
            then(row["placed_by"], placed),
            placed,
            RELEASED if released is not None else STANDS,
            then(row["released_by"], released) if released is not None else None,
            released,
            row["released_why"],
        )


def _rows(connection: Connection, profile: Profile, scope: Scope) -> Iterator[Row]:
    return tallied(FORM, _entries(connection, _of_period(scope)))


def listed(connection: Connection, *, record: str = "", case: str = "", released: bool = False) -> Iterator[Row]:
    """Holds in force, and those that were released where asked for; of one record, of the records of a case, or all."""
    wanted = _WITH_RECORD
    if record:
        wanted = wanted.where(_RECORD.number == record)
    if case:
        wanted = wanted.where(of_case(case))
    if not released:
        wanted = wanted.where(_HOLD.released_at.is_(None))
    return tallied(FORM, _entries(connection, wanted))


HOLDS = Maker(FORM, lambda profile: [], _rows)
