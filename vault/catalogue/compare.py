"""Comparing the catalogue in use with one replayed from the journal, row by row, inside SQLite.

Left out is what the journal does not know: what waits in the outbox, how far each store was published, when copies
were last read and what state they are in, and unfinished intakes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vault.catalogue import schema

_TABLES: dict[str, tuple[str, ...]] = {
    table.name: tuple(column.name for column in table.columns)
    for table in (
        schema.journal,
        schema.record,
        schema.object_,
        schema.record_file,
        schema.case_file,
        schema.assigned,
        schema.hold,
        schema.disc_set,
    )
} | {
    "store": ("id", "name", "kind", "location"),
    "copy": ("store_id", "object_id"),
    "record_text": ("rowid", *schema.SEARCHED),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only one of the two catalogues has; `fault` instead where a table cannot be read at all."""

    table: str
    row: str
    in_use: bool  # the row is in the catalogue in use, and does not follow from the journal
    fault: str = ""


def compare(scratch: Connection, in_use: Path) -> Iterator[Difference | int]:
    """Differences between the scratch catalogue and the one in use; after each table the number of rows compared."""
    scratch.exec_driver_sql("ATTACH DATABASE ? AS used", (f"file:{in_use}?mode=ro",))
    for table, columns in _TABLES.items():
        try:
            yield from _compare_table(scratch, table, columns)
        except DatabaseError as error:
            yield Difference(table, "", in_use=True, fault=str(error.orig))


def _compare_table(scratch: Connection, table: str, columns: tuple[str, ...]) -> Iterator[Difference | int]:
    listed = ", ".join(f'"{column}"' for column in columns)
    replayed, used = (f'SELECT {listed} FROM {place}."{table}"' for place in ("main", "used"))
    for first, second, in_use in ((replayed, used, False), (used, replayed, True)):
        for row in scratch.exec_driver_sql(f"{first} EXCEPT {second} LIMIT 100"):
            yield Difference(table, ", ".join(str(value) for value in row)[:300], in_use)
    counted: int = scratch.exec_driver_sql(f'SELECT count(*) FROM main."{table}"').scalar_one()
    doubled: int = scratch.exec_driver_sql(f'SELECT count(*) FROM used."{table}"').scalar_one() - counted
    if doubled > 0:
        yield Difference(table, f"{doubled} rows more than the journal yields", in_use=True)
    yield counted


def structure_faults(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong: pages, order of keys, indexes that disagree with their tables."""
    try:
        answers = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
        answers = [*answers, *_text_faults(connection)]
    except DatabaseError as error:
        return [str(error.orig)]
    return [answer for answer in answers if answer != "ok"]


def _text_faults(connection: Connection) -> list[str]:
    """The full-text index against the texts it was made from."""
    try:
        connection.exec_driver_sql("INSERT INTO record_text(record_text, rank) VALUES ('integrity-check', 1)")
    except DatabaseError as error:
        return [f"record_text: {error.orig}"]
    return []
