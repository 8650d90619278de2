"""Files that images of discs were written into: each carries the records of its disc until it is erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from vault.catalogue import schema
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_time, spell_time
from vault.discs.model import ImageFile
from vault.errors import BadInput
from vault.text import Text

_row = schema.disc_file.c
_OF_IT = (_row.disc_set, _row.disc, _row.generation, _row.name)


@dataclass(frozen=True, slots=True)
class LaidImage:
    """Such a file: on which machine, under which path. `erasing`: the inode of its folder when somebody was about to
    erase it, "" where nobody was; `gone_at` None: it lies there, as far as is known."""

    name: ImageFile
    machine: str
    path: Path
    erasing: str
    gone_at: datetime | None

    @property
    def where(self) -> str:
        return f"{self.machine}:{self.path}"


def add(connection: Connection, name: ImageFile, machine: str, path: str, at: datetime) -> None:
    """It is there from now on."""
    place = {"disc_set": name.disc_set, "disc": name.disc, "generation": name.generation}
    said = {"machine": machine, "path": path, "at": spell_time(at), "erasing": ""}
    connection.execute(insert(schema.disc_file), {"name": str(name)} | place | said)


def change(connection: Connection, name: str, **values: str) -> None:
    """`erasing` or `gone_at`."""
    connection.execute(update(schema.disc_file).where(_row.name == name).values(values))


def next_name(connection: Connection, disc_set: str, disc: int, generation: int) -> ImageFile:
    """For one more file of that image."""
    mine = (_row.disc_set == disc_set) & (_row.disc == disc) & (_row.generation == generation)
    count = connection.execute(select(func.count()).select_from(schema.disc_file).where(mine)).scalar_one()
    return ImageFile(disc_set, disc, generation, count + 1)


def find(connection: Connection, name: ImageFile) -> LaidImage:
    """BadInput where there is none of that name."""
    row = connection.execute(select(schema.disc_file).where(_row.name == str(name))).first()
    if row is None:
        raise BadInput(
            Text(en=f"There is no image {name}.", zh=f"没有编号为 {name} 的映像。"),
            hint=Text(en=f"strongroom disc show {name.disc_set}", zh=f"strongroom disc show {name.disc_set}"),
        )
    return _read(row)


def of_set(connection: Connection, disc_set: str) -> Sequence[LaidImage]:
    """Those of a set that are not gone."""
    mine = select(schema.disc_file).where(_row.disc_set == disc_set, _row.gone_at.is_(None)).order_by(*_OF_IT)
    return [_read(row) for row in connection.execute(mine)]


_WITH = (
    select(_row.name)
    .join(
        schema.disc_record,
        (schema.disc_record.c.disc_set == _row.disc_set) & (schema.disc_record.c.disc == _row.disc),
    )
    .where(_row.gone_at.is_(None))
)


def with_records(connection: Connection, serials: Sequence[int]) -> Sequence[str]:
    """Names of those that carry one of these records, and are not gone."""
    return sorted({row.name for row in select_in(connection, _WITH, schema.disc_record.c.record_id, serials)})


def _read(row: Any) -> LaidImage:
    name = ImageFile.parse(row.name)
    assert name is not None
    gone_at = read_time(row.gone_at) if row.gone_at else None
    return LaidImage(name, row.machine, Path(row.path), row.erasing, gone_at)
