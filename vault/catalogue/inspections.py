"""What the catalogue knows of inspecting discs: what is on the shelf, since when, and what was read of it last."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from vault.catalogue import schema
from vault.catalogue.discs import PAGE
from vault.catalogue.rows import read_time
from vault.discs.model import Mark
from vault.discs.states import State

_copy, _event = schema.disc_copy.c, schema.disc_event.c


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A disc that can be inspected. `verified_at`: when it was last read back after burning."""

    mark: Mark
    location: str
    verified_at: datetime
    inspected_at: datetime | None
    level: int


class LastReading(msgspec.Struct, frozen=True):
    """What the last inspection of a disc read, as its entry has it."""

    speeds: tuple[int, ...]
    retries: int
    unreadable: int


def on_shelf(connection: Connection) -> Iterator[OnShelf]:
    """Every disc on the shelf, by its mark; those on loan are looked at when they are back. Memory holds a page."""
    verified = (
        select(_event.at)
        .where(_event.mark == _copy.mark, _event.act == "disc.verified")
        .order_by(_event.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    page = (
        select(_copy.mark, _copy.location, _copy.inspected_at, _copy.level, verified.label("verified_at"))
        .where(_copy.state == State.SHELVED.value)
        .order_by(_copy.mark)
        .limit(PAGE)
    )
    last = ""
    while rows := connection.execute(page.where(_copy.mark > last)).all():
        for row in rows:
            inspected = read_time(row.inspected_at) if row.inspected_at else None
            yield OnShelf(Mark.parse(row.mark), row.location, read_time(row.verified_at), inspected, row.level)
        last = rows[-1].mark


def last_reading(connection: Connection, mark: Mark) -> LastReading | None:
    """None where the disc was never inspected."""
    spelled = connection.execute(select(_copy.reading).where(_copy.mark == str(mark))).scalar()
    return msgspec.json.decode(spelled, type=LastReading) if spelled else None
