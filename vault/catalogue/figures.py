"""Figures of the archive's health, from indexes and counters, for metrics and `store status`."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from vault.catalogue import queries, schema
from vault.catalogue.holdings import pause
from vault.catalogue.rows import read_time


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """Copies on one store by state; the oldest verification (None: some were never read, or there are none)."""

    name: str
    copies: dict[str, int]
    bytes: int
    oldest_verified: datetime | None
    journal_size: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole archive at one moment."""

    records: dict[tuple[str, str], int]  # (class, standing) -> how many
    objects: int
    bytes: int
    entries: int
    last_act: datetime | None
    last_scrub: datetime | None
    due: int
    holds: int
    expiry_paused: bool
    stores: tuple[StoreFigures, ...]


def figures(connection: Connection, today: date) -> Figures:
    """Count what is there."""
    record, object_, journal, hold = schema.record.c, schema.object_.c, schema.journal.c, schema.hold.c
    records = connection.execute(
        select(record.retention_class, record.standing, func.count()).group_by(record.retention_class, record.standing)
    ).all()
    objects, size = connection.execute(select(func.count(), func.coalesce(func.sum(object_.size), 0))).one()
    last = connection.execute(select(journal.seq, journal.at).order_by(journal.seq.desc()).limit(1)).first()
    scrubbed = connection.execute(select(func.max(journal.at)).where(journal.act == "scrub.done")).scalar()
    holds: int = connection.execute(
        select(func.count()).select_from(schema.hold).where(hold.released_at.is_(None))
    ).scalar_one()
    stores = connection.execute(select(schema.store).order_by(schema.store.c.id)).all()
    return Figures(
        records={(row[0], row[1]): row[2] for row in records},
        objects=objects,
        bytes=size,
        entries=last.seq + 1 if last else 0,
        last_act=read_time(last.at) if last else None,
        last_scrub=read_time(scrubbed) if scrubbed else None,
        due=queries.count_due(connection, today),
        holds=holds,
        expiry_paused=pause(connection) is not None,
        stores=tuple(_store(connection, row.id, row.name, row.journal_size) for row in stores),
    )


def _store(connection: Connection, store_id: int, name: str, journal_size: int) -> StoreFigures:
    copy, object_ = schema.copy.c, schema.object_.c
    rows = connection.execute(
        select(copy.state, func.count(), func.sum(object_.size))
        .join(schema.object_, object_.id == copy.object_id)
        .where(copy.store_id == store_id)
        .group_by(copy.state)
    ).all()
    oldest = connection.execute(select(func.min(copy.verified_at)).where(copy.store_id == store_id)).scalar()
    return StoreFigures(
        name=name,
        copies={state: count for state, count, _ in rows},
        bytes=sum(size for state, _, size in rows if state == "good"),
        oldest_verified=read_time(oldest) if oldest else None,
        journal_size=journal_size,
    )
