"""Plans as they are shown: what there is to do, what there would be, and why a copy has no place on a store."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, func, select, text, update

from vault.catalogue import schema
from vault.catalogue.copies import ABSENT
from vault.catalogue.database import Database
from vault.catalogue.plans import plan_some
from vault.catalogue.sites import Limits, Rules, sites
from vault.catalogue.subjects import DIGESTS, copies_of, holders_of, subject_of
from vault.placement import place, why_not
from vault.text import Text

_Seen = TypeVar("_Seen")


@dataclass(frozen=True, slots=True)
class ToDo:
    """Copies on a store that are not as they ought to be."""

    store: str
    state: str
    copies: int
    bytes: int


def to_do(connection: Connection) -> list[ToDo]:
    """What moving would have to do, by index."""
    copy, store, object_ = schema.copy.c, schema.store.c, schema.object_.c
    query = (
        select(store.name, copy.state, func.count(), func.sum(object_.size))
        .join(schema.copy, copy.store_id == store.id)
        .join(schema.object_, object_.id == copy.object_id)
        .where(text("copy.state != 'good'"))
        .group_by(store.id, copy.state)
        .order_by(store.id, copy.state)
    )
    return [ToDo(*row) for row in connection.execute(query)]


def preview(database: Database, rules: Rules, now: datetime, *, settled: bool = True, emptied: str = "") -> list[ToDo]:
    """What there would be to do if plans were made now, with that store to be `emptied`; nothing is changed."""
    return as_if_planned(database, rules, now, to_do, settled=settled, emptied=emptied)


def as_if_planned(
    database: Database,
    rules: Rules,
    now: datetime,
    look: Callable[[Connection], _Seen],
    *,
    settled: bool = True,
    emptied: str = "",
) -> _Seen:
    """What is seen in the catalogue as such plans would leave it; nothing of them stays."""
    seen: list[_Seen] = []
    with suppress(_Undone), database.writing() as connection:
        connection.execute(update(schema.store).where(schema.store.c.name == emptied).values(standing="emptying"))
        limits = Limits()
        after: int | None = 0
        while after is not None:
            after = plan_some(connection, rules, limits, after, now, settled=settled)
        seen.append(look(connection))
        raise _Undone
    return seen[0]


class _Undone(Exception):
    """Rolls a transaction back."""


def explain(connection: Connection, rules: Rules, serial: int, now: datetime) -> dict[str, Text | None]:
    """Of each store why a record's first file has no place there; None: it has."""
    first = select(schema.record_file.c.object_id).where(schema.record_file.c.record_id == serial)
    object_id = connection.execute(first.order_by(schema.record_file.c.position).limit(1)).scalar_one()
    known = list(sites(connection, rules).values())
    states = copies_of(connection, [object_id]).get(object_id, {})
    held = frozenset(name for name, state in states.items() if state not in ABSENT)
    digest = connection.execute(DIGESTS.where(schema.object_.c.id == object_id)).one()[1]
    row = next(row for row in holders_of(connection, [object_id])[object_id] if row[1] == serial)
    subject = subject_of(row, held, digest)
    chosen = place(subject, known, rules.policy, now).stores
    return {
        site.name: None if site.name in chosen else why_not(subject, site, known, rules.policy, now) for site in known
    }
