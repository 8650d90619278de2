"""Discs that were written off while they were made, and may carry records that can be read: until they are shredded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from vault.catalogue import schema
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_time, read_why, spell_json, spell_time
from vault.discs.model import Mark, Spoiled
from vault.errors import BadInput
from vault.text import Text

PAGE = 200
_row = schema.disc_spoiled.c


@dataclass(frozen=True, slots=True)
class SpoiledDisc:
    """Such a disc: in which drive, when and why it was written off. `shredded_at` None: it is still to be shredded."""

    name: Spoiled
    drive: str
    at: datetime
    why: Text | str  # a person's words are a str
    shredded_at: datetime | None


def add(connection: Connection, mark: Mark, drive: str, at: datetime, why: Text | str) -> None:
    """One more that did not become that copy."""
    row = {
        "name": str(Spoiled(mark, _count(connection, mark) + 1)),
        "mark": str(mark),
        "disc_set": mark.disc_set,
        "disc": mark.disc,
    }
    said = {"drive": drive, "at": spell_time(at), "why": spell_json(why)}
    connection.execute(insert(schema.disc_spoiled), row | said)


def newest(connection: Connection, mark: Mark) -> Spoiled:
    """The last that was written off in that copy's place; number 0 where none was."""
    return Spoiled(mark, _count(connection, mark))


def _count(connection: Connection, mark: Mark) -> int:
    mine = (_row.disc_set == mark.disc_set) & (_row.disc == mark.disc) & (_row.mark == str(mark))
    return connection.execute(select(func.count()).select_from(schema.disc_spoiled).where(mine)).scalar_one()


def forget(connection: Connection, name: Spoiled, at: datetime) -> None:
    """It is shredded."""
    connection.execute(update(schema.disc_spoiled).where(_row.name == str(name)).values(shredded_at=spell_time(at)))


def find(connection: Connection, name: Spoiled) -> SpoiledDisc:
    """BadInput where none was written off under that name."""
    found = find_if_any(connection, name)
    if found is None:
        raise BadInput(
            Text(en=f"No disc {name} was written off.", zh=f"没有作废的光盘 {name}。"),
            hint=Text(en="strongroom disc list", zh="strongroom disc list"),
        )
    return found


def find_if_any(connection: Connection, name: Spoiled) -> SpoiledDisc | None:
    """None where none was written off under that name."""
    row = connection.execute(select(schema.disc_spoiled).where(_row.name == str(name))).first()
    return _read(row) if row is not None else None


def of_set(connection: Connection, disc_set: str) -> Sequence[SpoiledDisc]:
    """Those of a set, shredded or not."""
    mine = select(schema.disc_spoiled).where(_row.disc_set == disc_set).order_by(_row.disc_set, _row.disc, _row.name)
    return [_read(row) for row in connection.execute(mine)]


def to_shred(connection: Connection) -> Iterator[SpoiledDisc]:
    """Of all sets, in order. Memory holds a page."""
    last = ""
    page = select(schema.disc_spoiled).where(_row.shredded_at.is_(None)).order_by(_row.name).limit(PAGE)
    while rows := connection.execute(page.where(_row.name > last)).all():
        yield from map(_read, rows)
        last = rows[-1].name


_WITH = (
    select(_row.name)
    .join(
        schema.disc_record,
        (schema.disc_record.c.disc_set == _row.disc_set) & (schema.disc_record.c.disc == _row.disc),
    )
    .where(_row.shredded_at.is_(None))
)


def with_records(connection: Connection, serials: Sequence[int]) -> Sequence[str]:
    """Names of those that may carry one of these records, and are not shredded."""
    return sorted({row.name for row in select_in(connection, _WITH, schema.disc_record.c.record_id, serials)})


def _read(row: Any) -> SpoiledDisc:
    name = Spoiled.parse(row.name)
    assert name is not None
    shredded_at = read_time(row.shredded_at) if row.shredded_at else None
    return SpoiledDisc(name, row.drive, read_time(row.at), read_why(row.why), shredded_at)
