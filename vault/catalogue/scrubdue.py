"""Copies that were not read since a moment: how far checking is behind its schedule."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from vault.catalogue import schema
from vault.catalogue.copies import ABSENT
from vault.catalogue.rows import read_time, spell_time


@dataclass(frozen=True, slots=True)
class Behind:
    """Copies on one store that are due, and their bytes. `oldest`: when the one read longest ago was; None: never, or
    none is due.
    """

    copies: int
    bytes: int
    oldest: datetime | None


def behind(connection: Connection, name: str, since: datetime) -> Behind:
    """By index: it costs what is due, not what is kept."""
    copy, object_, store = schema.copy.c, schema.object_.c, schema.store.c
    query = (
        select(func.count(), func.coalesce(func.sum(object_.size), 0), func.min(copy.verified_at))
        .join(schema.object_, object_.id == copy.object_id)
        .where(copy.store_id == select(store.id).where(store.name == name).scalar_subquery())
        .where(copy.verified_at <= spell_time(since), copy.state.not_in(ABSENT))
    )
    copies, size, oldest = connection.execute(query).one()
    return Behind(copies, size, read_time(oldest) if oldest else None)
