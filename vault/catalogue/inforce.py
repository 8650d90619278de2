"""The profile in force, as the journal has adopted it: the catalogue keeps it whole, so that no file can change it."""

from functools import lru_cache

import msgspec
from sqlalchemy import Connection, delete, insert, select

from vault.catalogue import schema
from vault.catalogue.rows import spell_json
from vault.errors import CatalogueBroken
from vault.profile import Profile
from vault.text import Text

_KEY = "profile"


def in_force(connection: Connection) -> Profile:
    """What decides now. CatalogueBroken where nothing says so: every journal begins with it."""
    profile = in_force_if_any(connection)
    if profile is None:
        raise CatalogueBroken(Text(en="The catalogue names no profile.", zh="目录库中没有制度配置。"))
    return profile


def in_force_if_any(connection: Connection) -> Profile | None:
    """What decides now; None before the journal's first entry."""
    spelled = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == _KEY)).scalar()
    return _read(spelled) if spelled is not None else None


@lru_cache(maxsize=4)
def _read(spelled: str) -> Profile:
    try:
        return msgspec.json.decode(spelled, type=Profile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = Text(en=f"The catalogue's profile is damaged: {error}", zh=f"目录库中的制度配置已损坏：{error}")
        raise CatalogueBroken(what) from error


def put_in_force(connection: Connection, profile: Profile) -> None:
    """From now on this one decides."""
    connection.execute(delete(schema.meta).where(schema.meta.c.key == _KEY))
    connection.execute(insert(schema.meta), {"key": _KEY, "value": spell_json(profile)})
