"""Comparing the catalogue in use with one replayed from the journal, row by row, inside SQLite.

Left out is what the journal does not know. Of that, SQLite's own check (`structure_faults`) guards the state of copies
and the intakes, which lie in a table and once more in an index; vault/fsck.py looks at the rest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vault.catalogue import schema
from vault.catalogue.database import Database
from vault.errors import CatalogueBroken
from vault.text import Text

_TABLES: dict[str, tuple[str, ...]] = {
    str(table.name): tuple(str(column.name) for column in table.columns)  # SQLAlchemy's own kind of str is no JSON
    for table in (
        schema.meta,
        schema.journal,
        schema.outbox,
        schema.record,
        schema.object_,
        schema.record_file,
        schema.case_file,
        schema.assigned,
        schema.hold,
        schema.disc_set,
        schema.record_text,
    )
} | {
    "store": ("id", "name", "kind", "location"),
    "copy": ("store_id", "object_id"),
    "alembic_version": ("version_num",),
    "sqlite_master": ("type", "name", "tbl_name", "sql"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only one of the two catalogues has; `fault` instead where a table cannot be read at all."""

    table: str
    row: str
    in_use: bool  # the row is in the catalogue in use, and does not follow from the journal
    fault: str = ""


@contextmanager
def beside(scratch: Database, in_use: Path) -> Iterator[Connection]:
    """A connection to a scratch catalogue that sees the one in use, too, as `used`: all the time as it is now.

    CatalogueBroken if it is missing or no database.
    """
    if not in_use.exists():  # else SQLite would make it
        raise CatalogueBroken(Text(en=f"The catalogue {in_use} is missing.", zh=f"目录库 {in_use} 不存在。"))
    with scratch.reading() as connection:
        try:
            connection.exec_driver_sql("ATTACH DATABASE ? AS used", (str(in_use),))
            connection.exec_driver_sql("SELECT count(*) FROM used.sqlite_master").scalar()  # its snapshot begins here
        except DatabaseError as error:
            raise CatalogueBroken(
                Text(en=f"The catalogue {in_use} failed ({error.orig}).", zh=f"目录库 {in_use} 出错（{error.orig}）。")
            ) from error
        try:
            yield connection
        finally:
            connection.invalidate()  # a connection with another file attached is nobody else's


def compare(connection: Connection) -> Iterator[Difference | int]:
    """Differences of the scratch catalogue and the one `beside` it; after each table the number of rows compared."""
    for table, columns in _TABLES.items():
        try:
            yield from _compare_table(connection, table, columns)
        except DatabaseError as error:
            yield Difference(table, "", in_use=True, fault=str(error.orig))


def _compare_table(connection: Connection, table: str, columns: tuple[str, ...]) -> Iterator[Difference | int]:
    listed = ", ".join(f'"{column}"' for column in columns)
    replayed, used = (f'SELECT {listed} FROM {place}."{table}"' for place in ("main", "used"))
    for first, second, in_use in ((replayed, used, False), (used, replayed, True)):
        for row in connection.exec_driver_sql(f"{first} EXCEPT {second} LIMIT 100"):
            yield Difference(table, ", ".join(str(value) for value in row)[:300], in_use)
    counted: int = connection.exec_driver_sql(f'SELECT count(*) FROM main."{table}"').scalar_one()
    doubled: int = connection.exec_driver_sql(f'SELECT count(*) FROM used."{table}"').scalar_one() - counted
    if doubled > 0:
        yield Difference(table, f"{doubled} rows more than the journal yields", in_use=True)
    yield counted


def structure_faults(database: Database) -> list[str]:
    """What SQLite itself finds wrong: pages, order of keys, indexes that disagree with their tables or texts."""
    try:
        with database.reading() as connection:
            answers = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
    except CatalogueBroken as error:
        return [error.what.en]
    return [answer for answer in answers if answer != "ok"] + _text_faults(database)


def _text_faults(database: Database) -> list[str]:
    """The full-text index against the texts it was made from. Spelt as a write, the check waits for its turn."""
    try:
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO record_text(record_text, rank) VALUES ('integrity-check', 1)")
    except CatalogueBroken as error:
        return [f"record_text: {error.what.en}"]
    return []
