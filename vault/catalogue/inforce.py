"""The profile in force, as the journal has adopted it: the catalogue keeps it whole, so that no file can change it.
Those before it stay beside it, by the number of their adoption: what was agreed under one of them is put on paper
under that one."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import Connection, func, insert, select

from vault.catalogue import schema
from vault.catalogue.rows import spell_json
from vault.errors import CatalogueBroken
from vault.profile import Profile
from vault.profile.edition import Adoption, Edition, edition_of
from vault.text import Text

_ADOPTED = schema.adopted.c
_NOW = select(func.max(_ADOPTED.number)).scalar_subquery()


def in_force(connection: Connection) -> Profile:
    """What decides now. CatalogueBroken where nothing says so: every journal begins with it."""
    profile = in_force_if_any(connection)
    if profile is None:
        raise _none()
    return profile


def _none() -> CatalogueBroken:
    return CatalogueBroken(Text(en="The catalogue names no profile.", zh="目录库中没有制度配置。"))


def in_force_if_any(connection: Connection) -> Profile | None:
    """What decides now; None before the journal's first entry."""
    spelled = connection.execute(select(_ADOPTED.profile).where(_ADOPTED.number == _NOW)).scalar()
    return _read(spelled) if spelled is not None else None


def adoption_in_force(connection: Connection) -> Adoption:
    """Which one that is. CatalogueBroken as above."""
    now = connection.execute(select(_NOW)).scalar()
    if now is None:
        raise _none()
    return adoption(connection, now)


def adoption(connection: Connection, number: int) -> Adoption:
    """Which profile came into force by that adoption."""
    query = select(_ADOPTED.id, _ADOPTED.version, _ADOPTED.sha256).where(_ADOPTED.number == number)
    row = connection.execute(query).one()
    return Adoption(number, Edition(id=row.id, version=row.version, sha256=row.sha256))


def next_adoption(connection: Connection, wanted: Edition) -> Adoption:
    """What would be in force if that were adopted: the same as now where it is the one that is in force."""
    now = adoption_in_force(connection)
    return now if now.edition == wanted else Adoption(now.number + 1, wanted)


def editions(connection: Connection, name: str, version: int) -> Sequence[Edition]:
    """Of that name and version whatever is or was in force."""
    query = select(_ADOPTED.sha256).where(_ADOPTED.id == name, _ADOPTED.version == version)
    found = connection.execute(query.distinct()).scalars()
    return [Edition(id=name, version=version, sha256=sha256) for sha256 in found]


def once_in_force(connection: Connection, number: int | None) -> Profile:
    """The profile of that adoption; what decides now where none is."""
    spelled = connection.execute(select(_ADOPTED.profile).where(_ADOPTED.number == number)).scalar()
    return _read(spelled) if spelled is not None else in_force(connection)


@lru_cache(maxsize=4)
def _read(spelled: str) -> Profile:
    try:
        return msgspec.json.decode(spelled, type=Profile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = Text(en=f"The catalogue's profile is damaged: {error}", zh=f"目录库中的制度配置已损坏：{error}")
        raise CatalogueBroken(what) from error


def put_in_force(connection: Connection, profile: Profile) -> None:
    """From now on this one decides."""
    which = edition_of(profile)
    last = connection.execute(select(_ADOPTED.number, _ADOPTED.sha256).where(_ADOPTED.number == _NOW)).first()
    if last is not None and last.sha256 == which.sha256:
        return
    row = {"number": last.number + 1 if last is not None else 1, "sha256": which.sha256}
    row |= {"id": which.id, "version": which.version, "profile": spell_json(profile)}
    connection.execute(insert(schema.adopted), row)
