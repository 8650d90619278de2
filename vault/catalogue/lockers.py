"""Which stores lock, as the catalogue knows it: asked at the beginning of every command."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from vault.catalogue import schema


def differ(connection: Connection, names: Collection[str]) -> bool:
    """Whether the stores that lock are others than those of these names."""
    return set(locking(connection)) != set(names) & _attached(connection)


def _attached(connection: Connection) -> set[str]:
    return set(connection.execute(select(schema.store.c.name)).scalars())


def locking(connection: Connection) -> dict[str, int]:
    """The stores that lock, with their ids."""
    store = schema.store.c
    rows = connection.execute(select(store.name, store.id).where(store.locks == 1).order_by(store.id))
    return {row.name: row.id for row in rows}
