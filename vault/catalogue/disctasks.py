"""What a disposal waits for beside the stores: discs, and files of images, that carry records of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from vault.catalogue import people, schema
from vault.catalogue.rows import read_time
from vault.discs.model import called
from vault.disposal.rules import WITNESSES
from vault.people import Signature
from vault.text import Text


@dataclass(frozen=True, slots=True)
class DiscTask:
    """A disc to be destroyed; by whom it was seen, in order, and how it was destroyed, as the first of them said it.

    Or the file of an image: `where` it lies, "" for a disc; `erased_at`: when the program erased it, which takes
    nobody's word.
    """

    disc: str
    seen: tuple[Signature, ...]
    how: str = ""
    where: str = ""
    erased_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.erased_at is None and len(self.seen) < WITNESSES

    @property
    def called(self) -> Text:
        """What it is, and where it lies, which of a disc the shelf says."""
        return self._located(called(self.disc))

    @property
    def named(self) -> Text:
        """By its name alone, and where it lies."""
        return self._located(Text(en=self.disc, zh=self.disc))

    def _located(self, name: Text) -> Text:
        return Text(en=f"{name.en} ({self.where})", zh=f"{name.zh}（{self.where}）") if self.where else name


def disc_tasks(connection: Connection, number: str) -> Iterator[DiscTask]:
    """Of a disposal."""
    task, file, apart = schema.disc_task, schema.disc_file, people.told_apart(connection)
    mine = (
        select(task, file.c.machine, file.c.path)
        .outerjoin(file, file.c.name == task.c.disc)
        .where(task.c.disposal == number)
        .order_by(task.c.disc)
    )
    for row in connection.execute(mine):
        seen = (
            (row.first_by, row.first_at, row.first_name, row.first_title),
            (row.second_by, row.second_at, row.second_name, row.second_title),
        )
        yield DiscTask(
            row.disc,
            tuple(people.signature(apart, by, at, name, title) for by, at, name, title in seen if by),
            row.how,
            f"{row.machine}:{row.path}" if row.machine is not None else "",
            read_time(row.erased_at) if row.erased_at else None,
        )
