"""Whom records name, and ever named: who stands back where something is decided about them (回避).

A record has names, not logins, so namesakes stand back together, under every name that they bore. So do they where
somebody may not have two parts in a thing: whoever left may be enrolled anew under another login. What is put right
does not unsay that somebody was there: a name that leaves a record's row is kept beside it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from vault.catalogue import people, schema
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_list, spell_time
from vault.catalogue.upserts import upsert
from vault.facts import Facts
from vault.people import Person
from vault.spellings import spelled, whole

_record = schema.record.c
_NAMING = select(_record.id, _record.officers, _record.recorder)
_ONCE = select(schema.once_named)
_called = schema.once_called.c


def named_in(facts: Facts) -> frozenset[str]:
    """Whose own doings a record shows: its officers and its recorder."""
    return frozenset(filter(None, (*facts.officers, facts.recorder)))


def names_of(connection: Connection, person: Person) -> frozenset[str]:
    """By what somebody may be named: their login, their name, and those that they bore before; as `spelled`."""
    once = connection.execute(select(_called.name).where(_called.login == person.login)).scalars().all()
    return frozenset(map(whole, (person.login, person.name, *once)))


def namesakes_since(connection: Connection, login: str, since: datetime) -> frozenset[str]:
    """Logins of others, enrolled or not any more, who were called the same as that one: by names that either bears, or
    bore at that moment or later."""
    row, borne = schema.person.c, dict[str, set[str]]()
    now = connection.execute(select(row.login, row.name)).all()
    once = connection.execute(select(_called.login, _called.name).where(_called.until > spell_time(since))).all()
    for whose, name in (*now, *once):
        borne.setdefault(whose, set()).add(whole(name))
    mine = borne.pop(login, set())
    return frozenset(other for other, names in borne.items() if names & mine)


def ever_named(connection: Connection, serials: Sequence[int]) -> dict[int, frozenset[str]]:
    """Of each record everybody whom it names or ever named, as `spelled`."""
    found = {
        row.id: spelled(named_in(Facts(officers=read_list(row.officers), recorder=row.recorder or "")))
        for row in select_in(connection, _NAMING, _record.id, serials)
    }
    for row in select_in(connection, _ONCE, schema.once_named.c.record_id, serials):
        found[row.record_id] |= spelled([row.name])
    return found


def concerned(connection: Connection, serial: int) -> list[str]:
    """Logins of all who go, or went, by a name that the record bears or ever bore."""
    names = ever_named(connection, [serial])[serial]
    return [person.login for person in people.enrolled(connection) if names & names_of(connection, person)]


def keep_named(connection: Connection, serial: int, names: Iterable[str]) -> None:
    """Keep names that leave the row of a record."""
    rows = [{"record_id": serial, "name": name} for name in names]
    if rows:
        connection.execute(upsert(schema.once_named).on_conflict_do_nothing(), rows)


def keep_called(connection: Connection, login: str, name: str, until: datetime) -> None:
    """Keep a name that somebody bears no more."""
    row = {"login": login, "name": name, "until": spell_time(until)}
    connection.execute(upsert(schema.once_called).on_conflict_do_nothing(), [row])
