"""The people of the vault, as the catalogue has them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from vault.catalogue import schema
from vault.catalogue.rows import read_time, spell_time
from vault.people import Person, Role, Signature
from vault.spellings import whole

_PAGE = 200
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
    if row is None:
        return None
    return _read(row, namesake=bool(namesakes(connection, login, row.name)))


def since(connection: Connection, login: str) -> datetime | None:
    """From when that login is somebody's, by the name and in the roles that they have now; None where it is nobody's.
    What rested on an earlier moment was another's word, or one that ended with their roles."""
    person = schema.person.c
    found = connection.execute(select(person.since).where(person.login == login, person.left_at.is_(None))).scalar()
    return read_time(found) if found is not None else None


def namesakes(connection: Connection, login: str, name: str) -> Sequence[str]:
    """Logins of others who are or were enrolled under the same name, however it was written. An office has dozens."""
    person = schema.person.c
    others = select(person.login, person.name).where(person.login != login).order_by(person.login)
    return [row.login for row in connection.execute(others) if whole(row.name) == whole(name)]


def enrolled(connection: Connection) -> Sequence[Person]:
    """Everybody who is enrolled, by login."""
    rows = connection.execute(select(schema.person).order_by(schema.person.c.login)).all()
    borne = Counter(whole(row.name) for row in rows)
    return [_read(row, namesake=borne[whole(row.name)] > 1) for row in rows if row.left_at is None]


Names = Mapping[str, str]  # login -> what somebody is called
Apart = Callable[[str, str], str]  # login and name -> what somebody is called


def names(connection: Connection) -> Names:
    """What everybody is called who is or was enrolled, by login; namesakes with their logins."""
    person, apart = schema.person.c, told_apart(connection)
    return {row.login: apart(row.login, row.name) for row in connection.execute(select(person.login, person.name))}


Then = Callable[[str, datetime], str]  # login and moment -> what somebody was called


def names_then(connection: Connection) -> Then:
    """What somebody was called at a moment, as `names`: a register says who did something, not who they have become."""
    person, once, apart = schema.person.c, schema.once_called.c, told_apart(connection)
    borne = {row.login: row.name for row in connection.execute(select(person.login, person.name))}
    before: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(select(once.login, once.until, once.name).order_by(once.until)):
        before.setdefault(row.login, []).append((row.until, row.name))

    def then(login: str, at: datetime) -> str:
        earlier = (name for until, name in before.get(login, ()) if until > spell_time(at))
        name = next(earlier, borne.get(login))
        return apart(login, name) if name is not None else login

    return then


def told_apart(connection: Connection) -> Apart:
    """How to call somebody by login and name, so that nobody takes them for another one of that name: one who is or was
    enrolled."""
    person = schema.person.c
    borne: dict[str, set[str]] = {}
    for row in connection.execute(select(person.login, person.name)):
        borne.setdefault(whole(row.name), set()).add(row.login)
    return lambda login, name: f"{name} ({login})" if borne.get(whole(name), set()) - {login} else name


@dataclass(frozen=True, slots=True)
class Refusal:
    """What somebody wanted to do and might not; `why`: what stood in the way (vault/rights.py)."""

    at: datetime
    by: str
    via: str
    action: str
    about: str
    why: tuple[str, ...]


def refusals(connection: Connection) -> Iterator[Refusal]:
    """All of them, the newest first. Memory holds a page."""
    refusal = schema.refusal
    before: int | None = None
    while True:
        page = select(refusal).order_by(refusal.c.id.desc()).limit(_PAGE)
        rows = connection.execute(page if before is None else page.where(refusal.c.id < before)).all()
        for row in rows:
            why = msgspec.json.decode(row.why, type=tuple[str, ...])
            yield Refusal(read_time(row.at), row.by, row.via, row.action, row.about, why)
        if len(rows) < _PAGE:
            return
        before = rows[-1].id


def _read(row: Row[Any], *, namesake: bool) -> Person:
    roles = msgspec.json.decode(row.roles, type=_Roles)
    return Person(row.login, row.name, frozenset(roles), row.section, namesake)


def signature(apart: Apart, by: str, at: str, name: str, title: str) -> Signature:
    """A name under something, as a row has it."""
    return Signature(by, read_time(at), name=apart(by, name), title=role(title))


def role(spelled: str) -> Role | None:
    """The role in which somebody signed; None where they had none."""
    return Role(spelled) if spelled else None
