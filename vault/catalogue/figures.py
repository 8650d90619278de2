"""Figures of the archive's health, from indexes and counters, for metrics and `store status`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from vault.catalogue import schema, tally
from vault.catalogue.copies import ABSENT
from vault.catalogue.planned import ToDo, to_do
from vault.catalogue.rows import read_time
from vault.catalogue.safekeeping import backed_up, begun
from vault.records import Standing
from vault.retention import State

_GROWTH_OVER = 30  # days


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """Copies on one store by state, and their bytes; the oldest verification (None: some were never read, or there are
    none). `reserved`: bytes that are owed to it. `growth`: bytes a day, over the last thirty or since its first.
    `faults`: what checks have found there, by kind. `scrubbed_at`: when one last ended; `passed_at`: and was passed.
    `drilled_at`, `drill_passed_at`: the same of a rebuild's rehearsal.
    """

    name: str
    standing: str
    copies: dict[str, int]
    bytes: int
    reserved: int
    growth: float
    oldest_verified: datetime | None
    journal_size: int
    faults: dict[str, int]
    scrubbed_at: datetime | None
    passed_at: datetime | None
    drilled_at: datetime | None
    drill_passed_at: datetime | None

    def days_left(self, free: int) -> float | None:
        """Until that much room is taken up, at the rate of late; None where it does not grow."""
        return max(0, free - self.reserved) / self.growth if self.growth > 0 else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole archive at one moment. `begun`: when the catalogue was, with the vault or by its last rebuild."""

    records: dict[tuple[str, str], int]  # (class, standing) -> how many
    objects: int
    bytes: int
    entries: int
    last_act: datetime | None
    due: int
    holds: int
    backed_up: datetime | None
    begun: datetime
    stores: tuple[StoreFigures, ...]


def figures(connection: Connection, today: date) -> Figures:
    """Count what is there."""
    volume, journal, hold = schema.volume.c, schema.journal.c, schema.hold.c
    records = tally.counts(connection, today)
    objects, size = connection.execute(select(volume.objects, volume.bytes)).first() or (0, 0)
    last = connection.execute(select(journal.seq, journal.at).order_by(journal.seq.desc()).limit(1)).first()
    holds: int = connection.execute(
        select(func.count()).select_from(schema.hold).where(hold.released_at.is_(None))
    ).scalar_one()
    stores = connection.execute(select(schema.store).order_by(schema.store.c.id)).all()
    waiting = to_do(connection)
    return Figures(
        records=_by_standing(records),
        objects=objects,
        bytes=size,
        entries=last.seq + 1 if last else 0,
        last_act=read_time(last.at) if last else None,
        due=sum(one.due for one in records),
        holds=holds,
        backed_up=backed_up(connection),
        begun=begun(connection),
        stores=tuple(_store(connection, row, waiting, today) for row in stores),
    )


def _by_standing(records: Sequence[tally.Count]) -> dict[tuple[str, str], int]:
    """Whatever is in quarantine is first of all that."""
    found = Counter[tuple[str, str]]()
    for one in records:
        standing = Standing.QUARANTINED if one.state is State.QUARANTINED else Standing.KEPT
        found[one.retention_class.value if one.retention_class else "", standing.value] += one.records
    return dict(found)


def _store(connection: Connection, row: Any, waiting: Sequence[ToDo], today: date) -> StoreFigures:
    copy = schema.copy.c
    states = {one.state: one.copies for one in waiting if one.store == row.name}
    there = sum(count for state, count in states.items() if state not in ABSENT)
    good = {"good": row.copies - there} if row.copies > there else {}
    oldest = connection.execute(
        select(func.min(copy.verified_at)).where(copy.store_id == row.id, copy.state.not_in(ABSENT))
    ).scalar()
    return StoreFigures(
        name=row.name,
        standing=row.standing,
        copies=good | states,
        bytes=row.bytes,
        reserved=sum(one.bytes for one in waiting if one.store == row.name and one.state == "owed"),
        growth=_growth(connection, row.id, today),
        oldest_verified=read_time(oldest) if oldest else None,
        journal_size=row.journal_size,
        faults={"absent": row.absent, "corrupt": row.corrupt, "journal": row.mended},
        scrubbed_at=read_time(row.scrubbed_at) if row.scrubbed_at else None,
        passed_at=read_time(row.passed_at) if row.passed_at else None,
        drilled_at=read_time(row.drilled_at) if row.drilled_at else None,
        drill_passed_at=read_time(row.drill_passed_at) if row.drill_passed_at else None,
    )


def _growth(connection: Connection, store_id: int, today: date) -> float:
    growth = schema.growth.c
    since = today - timedelta(days=_GROWTH_OVER)
    mine = select(growth.day, growth.bytes).where(growth.store_id == store_id, growth.day > since.isoformat())
    rows = connection.execute(mine.order_by(growth.day)).all()
    if not rows:
        return 0.0
    began = connection.execute(select(func.min(growth.day)).where(growth.store_id == store_id)).scalar_one()
    days = min(_GROWTH_OVER, (today - date.fromisoformat(began)).days + 1)
    return float(sum(row.bytes for row in rows)) / max(1, days)
