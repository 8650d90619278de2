"""The profile in force, as the journal has adopted it: the catalogue keeps it whole, so that no file can change it.
Those before it stay beside it: what was agreed under one of them is put on paper under that one."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import Connection, delete, insert, select

from vault.catalogue import schema
from vault.catalogue.rows import spell_json
from vault.catalogue.upserts import upsert
from vault.errors import CatalogueBroken
from vault.profile import Profile
from vault.profile.edition import Edition, edition_of
from vault.text import Text

_KEY = "profile"
_ADOPTED, _META = schema.adopted.c, schema.meta.c
_NOW = select(_META.value).where(_META.key == _KEY).scalar_subquery()


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
    spelled = connection.execute(select(_ADOPTED.profile).where(_ADOPTED.sha256 == _NOW)).scalar()
    return _read(spelled) if spelled is not None else None


def edition_in_force(connection: Connection) -> Edition:
    """Which one that is. CatalogueBroken as above."""
    found = edition(connection, connection.execute(select(_NOW)).scalar() or "")
    if found is None:
        raise _none()
    return found


def edition(connection: Connection, sha256: str) -> Edition | None:
    """Which profile that is, of those that are or were in force; None where it is none of them."""
    query = select(_ADOPTED.id, _ADOPTED.version).where(_ADOPTED.sha256 == sha256)
    row = connection.execute(query).first()
    return Edition(id=row.id, version=row.version, sha256=sha256) if row is not None else None


def editions(connection: Connection, name: str, version: int) -> Sequence[Edition]:
    """Of that name and version whatever is or was in force."""
    query = select(_ADOPTED.sha256).where(_ADOPTED.id == name, _ADOPTED.version == version)
    found = connection.execute(query).scalars()
    return [Edition(id=name, version=version, sha256=sha256) for sha256 in found]


def once_in_force(connection: Connection, sha256: str) -> Profile:
    """The profile of that digest; what decides now where none is."""
    spelled = connection.execute(select(_ADOPTED.profile).where(_ADOPTED.sha256 == sha256)).scalar()
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
    row = {"sha256": which.sha256, "id": which.id, "version": which.version, "profile": spell_json(profile)}
    connection.execute(upsert(schema.adopted).on_conflict_do_nothing(), row)
    connection.execute(delete(schema.meta).where(_META.key == _KEY))
    connection.execute(insert(schema.meta), {"key": _KEY, "value": which.sha256})
