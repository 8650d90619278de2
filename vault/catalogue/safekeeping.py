"""Since when the catalogue knows what was read, when a backup was last made, which store's drill was longest ago."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select

from vault.catalogue import schema
from vault.catalogue.rows import read_time

BACKED_UP, REBUILT = "backed_up_at", "rebuilt_at"  # keys of `meta`


def begun(connection: Connection) -> datetime:
    """When the catalogue began: with the vault, or anew by its last rebuild, which forgets when copies were read."""
    meta, journal = schema.meta.c, schema.journal.c
    rebuilt: str | None = connection.execute(select(meta.value).where(meta.key == REBUILT)).scalar()
    created: str = connection.execute(select(journal.at).order_by(journal.seq).limit(1)).scalar_one()
    return read_time(rebuilt or created)


def backed_up(connection: Connection) -> datetime | None:
    """When what no store has was last written into a file; None: never."""
    meta = schema.meta.c
    at = connection.execute(select(meta.value).where(meta.key == BACKED_UP)).scalar()
    return read_time(at) if at else None


def longest_undrilled(connection: Connection, names: Collection[str]) -> str | None:
    """Of these stores the one whose drill was longest ago, or never; None where none of them has joined."""
    store = schema.store.c
    mine = select(store.name).where(store.name.in_(names))
    name: str | None = connection.execute(
        mine.order_by(func.coalesce(store.drilled_at, ""), store.id).limit(1)
    ).scalar()
    return name
