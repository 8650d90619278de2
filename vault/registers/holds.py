"""The register of holds (暂缓处置登记簿): those that stood on any day of the period, the released ones too."""

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping, select

from vault.catalogue import people, schema
from vault.catalogue.holdings import cases_of
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


def _holds(connection: Connection, scope: Scope) -> Iterator[tuple[RowMapping, str]]:
    """In the order in which they were placed, each with the cases of its record. One that stands may be as old as the
    vault: all are looked at.
    """
    hold, record = schema.hold.c, schema.record.c
    since, before = map(spell_time, scope.period.span(scope.zone))
    wanted = (
        select(*hold, record.number, record.party)
        .select_from(schema.hold.join(schema.record, record.id == hold.record_id))
        .where(hold.placed_at < before, hold.released_at.is_(None) | (hold.released_at >= since))
    )
    if scope.section:
        wanted = wanted.where(record.section == scope.section)
    for page in pages(connection, wanted, hold.placed_at, hold.id):
        cases = cases_of(connection, [row["record_id"] for row in page])
        for row in page:
            yield row, "、".join(cases[row["record_id"]])


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
    then = people.names_then(connection)
    return tallied(FORM, (_entry(row, cases, then) for row, cases in _holds(connection, scope)))


HOLDS = Maker(FORM, lambda profile: [], _rows)
