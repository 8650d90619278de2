"""Whom records name, and ever named: who stands back where something is decided about them (回避).

A record has names, not logins, so namesakes stand back together. What is put right does not unsay that somebody was
there: a name that leaves a record's row is kept beside it.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from vault.catalogue import people, schema
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_list
from vault.catalogue.upserts import upsert
from vault.facts import Facts

_record = schema.record.c
_NAMING = select(_record.id, _record.officers, _record.recorder)
_ONCE = select(schema.once_named)


def named_in(facts: Facts) -> frozenset[str]:
    """Whose own doings a record shows: its officers and its recorder."""
    return frozenset(filter(None, (*facts.officers, facts.recorder)))


def ever_named(connection: Connection, serials: Sequence[int]) -> dict[int, frozenset[str]]:
    """Of each record everybody whom it names or ever named."""
    found = {
        row.id: named_in(Facts(officers=read_list(row.officers), recorder=row.recorder or ""))
        for row in select_in(connection, _NAMING, _record.id, serials)
    }
    for row in select_in(connection, _ONCE, schema.once_named.c.record_id, serials):
        found[row.record_id] |= {row.name}
    return found


def concerned(connection: Connection, serial: int) -> list[str]:
    """Logins of all who go by a name that the record bears or ever bore."""
    names = ever_named(connection, [serial])[serial]
    return [person.login for person in people.enrolled(connection) if person.name in names]


def keep_named(connection: Connection, serial: int, names: Iterable[str]) -> None:
    """Keep names that leave the row of a record."""
    rows = [{"record_id": serial, "name": name} for name in names]
    if rows:
        connection.execute(upsert(schema.once_named).on_conflict_do_nothing(), rows)
