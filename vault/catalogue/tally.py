"""How many kept records stand where, kept along as they change: nobody counts millions of rows to know what is due.

A row for each place in which any record is: its class, its state as the rules have it without a clock, and the first
day on which it may be reviewed. All days of ten years make some ten thousand rows, however many records there are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, delete, func, literal_column, select

from vault.catalogue import schema
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_date
from vault.catalogue.upserts import upsert
from vault.records import Standing
from vault.retention import State
from vault.terms import RetentionClass

_TALLY = schema.tally.c


class Place(NamedTuple):
    """Where a record stands, as the record table has it; `expires_on` is empty where no day can be named."""

    retention_class: str
    retention_state: str
    expires_on: str


def place_of(columns: Mapping[str, Any]) -> Place:
    """The place that a record's columns say."""
    return Place(*(columns[name] or "" for name in Place._fields))


_PLACES = select(*(schema.record.c[name] for name in Place._fields)).where(
    schema.record.c.standing != literal_column(f"'{Standing.DESTROYED.value}'")
)


def leave(connection: Connection, serials: Sequence[int]) -> None:
    """Records are about to stand nowhere, since they are destroyed; those that were so before count no more."""
    change(connection, _left(connection, serials))


def move(connection: Connection, reckoned: Mapping[int, Mapping[str, Any]]) -> None:
    """Kept records, by serial, are about to stand where their columns, reckoned anew, say."""
    moved = _left(connection, list(reckoned))
    moved.update(map(place_of, reckoned.values()))
    change(connection, moved)


def _left(connection: Connection, serials: Sequence[int]) -> Counter[Place]:
    rows = select_in(connection, _PLACES, schema.record.c.id, serials)
    left = Counter[Place]()
    left.subtract(Place(*(value or "" for value in row)) for row in rows)
    return left


def change(connection: Connection, by: Counter[Place]) -> None:
    """So many more records stand there, or fewer where the number is negative."""
    rows = [{**place._asdict(), "records": number} for place, number in by.items() if number]
    if not rows:
        return
    fresh = upsert(schema.tally)
    more = {"records": _TALLY.records + fresh.excluded.records}
    connection.execute(fresh.on_conflict_do_update(index_elements=schema.tally.primary_key, set_=more), rows)
    connection.execute(delete(schema.tally).where(_TALLY.records == 0))


def oldest_due(connection: Connection, day: date) -> date | None:
    """Since when the record that may be reviewed longest may be; None where none may."""
    due = (_TALLY.expires_on != "") & (_TALLY.expires_on <= day.isoformat())
    return read_date(connection.execute(select(func.min(_TALLY.expires_on)).where(due)).scalar())


@dataclass(frozen=True, slots=True)
class Count:
    """Records of one class in one state, and how many of them may be reviewed. No class: none is set."""

    retention_class: RetentionClass | None
    state: State
    records: int
    due: int


def counts(connection: Connection, day: date) -> Sequence[Count]:
    """All kept records, by class and state; `due`: on that day."""
    due = case(((_TALLY.expires_on != "") & (_TALLY.expires_on <= day.isoformat()), _TALLY.records), else_=0)
    rows = connection.execute(
        select(_TALLY.retention_class, _TALLY.retention_state, func.sum(_TALLY.records), func.sum(due))
        .group_by(_TALLY.retention_class, _TALLY.retention_state)
        .order_by(_TALLY.retention_class, _TALLY.retention_state)
    )
    return [Count(RetentionClass(row[0]) if row[0] else None, State(row[1]), row[2], row[3]) for row in rows]
