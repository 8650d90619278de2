"""Comparing the catalogue in use with one replayed from the journal, row by row, inside SQLite.

Left out is what the journal does not know. Of that, SQLite's own check (`structure_faults`) guards the state of copies
and the intakes, which lie in a table and once more in an index; vault/fsck.py looks at the rest.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vault.catalogue import schema
from vault.catalogue.database import Database
from vault.errors import CatalogueBroken, StoreUnavailable
from vault.text import Text

_TABLES: dict[str, tuple[str, ...]] = {
    str(table.name): tuple(str(column.name) for column in table.columns)  # SQLAlchemy's own kind of str is no JSON
    for table in (
        schema.meta,
        schema.journal,
        schema.outbox,
        schema.tally,
        schema.object_,
        schema.record_file,
        schema.case_file,
        schema.assigned,
        schema.hold,
        schema.viewing,
        schema.disc_set,
        schema.disc,
        schema.disc_copy,
        schema.disc_record,
        schema.disc_event,
        schema.disc_demand,
        schema.disposal,
        schema.disposal_signature,
        schema.appraised,
        schema.extension,
        schema.doomed,
        schema.doomed_copy,
        schema.disc_task,
        schema.store_proven,
        schema.person,
        schema.refusal,
        schema.approval,
        schema.consent,
        schema.late_explained,
        schema.activity,
        schema.interruption,
        schema.explanation,
        schema.taken_over,
        schema.growth,
        schema.volume,
        schema.finding,
        schema.record_text,
    )
} | {
    "store": tuple(str(column.name) for column in schema.store.columns if column.name not in ("journal_size", "locks")),
    "record": tuple(str(column.name) for column in schema.record.columns if column.name != "place_on"),
    "copy": ("store_id", "object_id"),
    "alembic_version": ("version_num",),
    "sqlite_master": ("type", "name", "tbl_name", "sql"),
}

_NOT_PLANS = {"copy": "state NOT IN ('owed', 'removing')"}  # the others follow from the journal


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
        except (DatabaseError, UnicodeDecodeError) as error:
            said = _said(error)
            raise CatalogueBroken(
                Text(en=f"The catalogue {in_use} failed ({said}).", zh=f"目录库 {in_use} 出错（{said}）。")
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
        except (DatabaseError, UnicodeDecodeError) as error:
            yield Difference(table, "", in_use=True, fault=_said(error))
    try:
        yield from _compare_words(connection)
    except (DatabaseError, sqlite3.DatabaseError, UnicodeDecodeError) as error:
        yield Difference("record_text", "", in_use=True, fault=_said(error))


def _said(error: DatabaseError | sqlite3.DatabaseError | UnicodeDecodeError) -> str:
    return str(error.orig if isinstance(error, DatabaseError) else error)


def _compare_table(connection: Connection, table: str, columns: tuple[str, ...]) -> Iterator[Difference | int]:
    listed = ", ".join(f'"{column}"' for column in columns)
    where = _NOT_PLANS.get(table, "true")
    replayed, used = (f'SELECT {listed} FROM {place}."{table}" WHERE {where}' for place in ("main", "used"))
    for first, second, in_use in ((replayed, used, False), (used, replayed, True)):
        for row in connection.exec_driver_sql(f"{first} EXCEPT {second} LIMIT 100"):
            yield Difference(table, ", ".join(str(value) for value in row)[:300], in_use)
    counted, counted_in_use = (
        connection.exec_driver_sql(f'SELECT count(*) FROM {place}."{table}" WHERE {where}').scalar_one()
        for place in ("main", "used")
    )
    doubled: int = counted_in_use - counted
    if doubled > 0:
        yield Difference(table, f"{doubled} rows more than the journal yields", in_use=True)
    yield counted


# What a word of the full-text index occurs in, boiled down to a few numbers: record, fact and place of each occurrence.
_OCCURRENCES = (
    "SELECT term, min(doc), max(doc), count(*), sum((doc * 7919 + instr('{facts}', col) * 104729"
    ' + "offset" * 1299709) % 1000003 * ((doc + "offset") % 1009 + 1)) FROM temp.{place}_words GROUP BY term'
)


def _compare_words(connection: Connection) -> Iterator[Difference | int]:
    """The full-text indexes, word by word, and whether the one in use leads to each word's first and last record.

    FTS5's own check adds up occurrences in a way in which two that are the same cancel out: it has been seen to miss
    a flipped bit by which a record came up for a word eight times.
    """
    for place in ("main", "used"):
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE temp.{place}_words USING fts5vocab({place}, record_text, instance)"
        )
    driver = connection.connection.cursor().connection  # plain SQLite: one question a word, and there may be millions
    facts = " ".join(schema.SEARCHED)
    replayed, used = (driver.execute(_OCCURRENCES.format(facts=facts, place=place)) for place in ("main", "used"))
    words = 0
    for right, found in zip_longest(replayed, used):
        words += 1
        if right != found:
            yield Difference("record_text", f"the word {(found or right)[0]!r}", in_use=found is not None)
        elif _ends(driver, found[0]) != [found[1], found[2]]:
            yield Difference("record_text", f"what {found[0]!r} finds", in_use=True)
    yield words


def _ends(driver: Any, word: str) -> list[int]:
    """The first and the last record that the index in use leads to for a word."""
    quoted = '"' + word.replace('"', '""') + '"'
    asked = "SELECT rowid FROM used.record_text WHERE record_text MATCH ? ORDER BY rowid"
    return [row[0] for order in ("ASC", "DESC") for row in driver.execute(f"{asked} {order} LIMIT 1", (quoted,))]


def structure_faults(database: Database) -> list[str]:
    """What SQLite itself finds wrong: pages, order of keys, indexes that disagree with their tables or texts."""
    try:
        with database.reading() as connection:
            answers = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
    except (CatalogueBroken, StoreUnavailable) as error:
        return [error.what.en]
    return [answer for answer in answers if answer != "ok"] + _text_faults(database)


def _text_faults(database: Database) -> list[str]:
    """The full-text index against the texts it was made from. Spelt as a write, the check waits for its turn."""
    try:
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO record_text(record_text, rank) VALUES ('integrity-check', 1)")
    except (CatalogueBroken, StoreUnavailable) as error:
        return [f"record_text: {error.what.en}"]
    return []
