"""What the retention decision needs to know of a record, gathered from the catalogue; and its answer as columns."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from vault import acts
from vault.catalogue import schema
from vault.catalogue.rows import read_date, read_facts, read_time, spell_date
from vault.locking import claim
from vault.profile import Profile
from vault.records import Standing
from vault.retention import AFTER_REBUILD, Assigned, CaseClaim, Floor, Hold, Holding, expiry
from vault.terms import RetentionClass
from vault.text import Text

_PAGE = 500  # records at a time


def new_holding(connection: Connection, act: acts.RecordStored) -> Holding:
    """A record that is just being filed: nobody has held or raised it yet, but its case may be known."""
    return Holding(
        stored_at=act.at,
        recorded_at=act.facts.recorded_at,
        activity_ended_at=act.facts.activity_ended_at,
        kind=act.facts.kind,
        standing=act.standing,
        circumstances=act.facts.circumstances,
        cases=tuple(_cases(connection, {act.facts.case_number} - {""}).values()),
    )


def holding_of(connection: Connection, serial: int, paused: Text | None = None) -> Holding:
    """A filed record as it stands now; `paused` says why expiry is paused, where it is."""
    ((_, holding),) = holdings_of(connection, [serial])
    return replace(holding, expiry_paused=paused) if paused is not None else holding


def all_holdings(connection: Connection) -> Iterator[list[tuple[int, Holding]]]:
    """Every record as it stands, by serial and in its order, a page at a time."""
    record, after = schema.record.c.id, 0
    while serials := (
        connection.execute(select(record).where(record > after).order_by(record).limit(_PAGE)).scalars().all()
    ):
        yield holdings_of(connection, serials)
        after = serials[-1]


def holdings_of(connection: Connection, serials: Sequence[int]) -> list[tuple[int, Holding]]:
    """Filed records as they stand, by serial: a few questions for all of them."""
    rows = connection.execute(select(schema.record).where(schema.record.c.id.in_(serials)).order_by(schema.record.c.id))
    records = [(row["id"], row, read_facts(dict(row))) for row in rows.mappings()]
    assigned: dict[int, list[Assigned]] = {}
    given = select(schema.assigned).where(schema.assigned.c.record_id.in_(serials)).order_by(schema.assigned.c.at)
    for r in connection.execute(given):
        one = Assigned(RetentionClass(r.retention_class), r.why, r.by, r.citation)
        assigned.setdefault(r.record_id, []).append(one)
    holds: dict[int, list[Hold]] = {}
    hold = schema.hold.c
    placed = select(schema.hold).where(hold.record_id.in_(serials), hold.released_at.is_(None)).order_by(hold.id)
    for r in connection.execute(placed):
        holds.setdefault(r.record_id, []).append(Hold(r.id, r.why, r.authority, read_time(r.placed_at)))
    cases = _cases(connection, {facts.case_number for _, _, facts in records} - {""})
    return [
        (
            serial,
            Holding(
                stored_at=read_time(row["stored_at"]),
                recorded_at=facts.recorded_at,
                activity_ended_at=facts.activity_ended_at,
                kind=facts.kind,
                standing=Standing(row["standing"]),
                circumstances=facts.circumstances,
                assigned=tuple(assigned.get(serial, ())),
                holds=tuple(holds.get(serial, ())),
                cases=(cases[facts.case_number],) if facts.case_number else (),
                floor=msgspec.json.decode(row["floor"], type=Floor) if row["floor"] else None,
            ),
        )
        for serial, row, facts in records
    ]


def _cases(connection: Connection, numbers: Collection[str]) -> dict[str, CaseClaim]:
    """Cases as they stand. One that nobody has filed yet counts as open: not to know of its end is not to know that
    it ended."""
    if not numbers:
        return {}
    filed = connection.execute(select(schema.case_file).where(schema.case_file.c.number.in_(numbers)))
    return {number: CaseClaim(number) for number in numbers} | {row.number: _claim(row) for row in filed}


def _claim(row: Row[Any]) -> CaseClaim:
    keep = RetentionClass(row.keep) if row.keep else None
    return CaseClaim(row.number, read_date(row.opened_on), read_date(row.closed_on), keep)


def expiry_columns(holding: Holding, profile: Profile) -> dict[str, str | None]:
    """What the catalogue keeps of the decision; nothing of it depends on the clock."""
    decision = expiry(holding, profile)
    return {
        "retention_class": decision.retention_class.value if decision.retention_class else "",
        "expires_on": spell_date(decision.expires_on),
        "lock_day": spell_date(claim(decision).day),
    }


def records_of_case(connection: Connection, case: str) -> Sequence[int]:
    """Serials of the records that a case claims."""
    return connection.execute(select(schema.record.c.id).where(schema.record.c.case_number == case)).scalars().all()


def pause(connection: Connection) -> Text | None:
    """Why expiry is paused, if it is: after a rebuild, until a manager releases it."""
    row = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == "expiry_paused")).first()
    return AFTER_REBUILD if row is not None else None
