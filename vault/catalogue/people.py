"""The people of the vault, as the catalogue has them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from vault.catalogue import schema
from vault.people import Person, Role

_Roles = tuple[Role, ...]


def at_work(connection: Connection, login: str) -> Person | None:
    """Whoever goes by that login: without a role where they are not enrolled, None where nobody at all is."""
    person = find(connection, login)
    if person is not None:
        return person
    anybody = connection.execute(
        select(schema.person.c.login).where(schema.person.c.left_at.is_(None)).limit(1)
    ).first()
    return Person(login, login, frozenset()) if anybody is not None else None


def find(connection: Connection, login: str) -> Person | None:
    """Somebody who is enrolled, None where nobody of that login is."""
    person = schema.person
    row = connection.execute(select(person).where(person.c.login == login, person.c.left_at.is_(None))).first()
    return _read(row) if row is not None else None


def enrolled(connection: Connection) -> Sequence[Person]:
    """Everybody who is enrolled, by login. An office has dozens."""
    person = schema.person
    rows = connection.execute(select(person).where(person.c.left_at.is_(None)).order_by(person.c.login))
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> Person:
    roles = msgspec.json.decode(row.roles, type=_Roles)
    return Person(row.login, row.name, frozenset(roles), row.section)
