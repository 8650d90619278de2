"""Comparing two SQLite catalogues, one attached to the other's connection, and what SQLite checks by itself."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vault.catalogue import schema
from vault.catalogue.beside import Beside, Difference
from vault.errors import CatalogueBroken, StoreUnavailable
from vault.text import Text

if TYPE_CHECKING:
    from vault.catalogue.sqlite import SqliteDatabase

_STEPS = 100_000  # of SQLite's, between two looks at the clock

# What a word of the full-text index occurs in, boiled down to a few numbers: record, fact and place of each occurrence.
_OCCURRENCES = (
    "SELECT term, min(doc), max(doc), count(*), sum((doc * 7919 + instr('{facts}', col) * 104729"
    ' + "offset" * 1299709) % 1000003 * ((doc + "offset") % 1009 + 1)) FROM temp.{place}_words GROUP BY term'
)


@contextmanager
def attached(scratch: Connection, in_use: str) -> Iterator[Beside]:
    """The two files. CatalogueBroken where the one in use is no database."""
    try:
        scratch.exec_driver_sql("ATTACH DATABASE ? AS used", (in_use,))
        scratch.exec_driver_sql("SELECT count(*) FROM used.sqlite_master").scalar()  # its snapshot begins here
    except (DatabaseError, UnicodeDecodeError) as error:
        said = str(error.orig if isinstance(error, DatabaseError) else error)
        raise CatalogueBroken(
            Text(en=f"The catalogue {in_use} failed ({said}).", zh=f"目录库 {in_use} 出错（{said}）。")
        ) from error
    try:
        yield Attached(scratch, "main", "used")
    finally:
        scratch.invalidate()  # a connection with another file attached is nobody else's


@dataclass(frozen=True, slots=True)
class Attached(Beside):
    """A connection to the scratch file that sees the one in use, too."""

    structure: ClassVar = {"sqlite_master": "SELECT type, name, tbl_name, sql FROM {place}.sqlite_master"}
    misdated: ClassVar = """
        SELECT s.name, count(*) FROM {used}.copy AS u
        JOIN {replayed}.copy AS j USING (store_id, object_id) JOIN {used}.store AS s ON s.id = store_id
        WHERE u.state IN ('good', 'leaving') AND u.verified_at != ''
          AND (julianday(u.verified_at) < julianday(j.verified_at) - 1 OR u.verified_at > :latest
               OR u.verified_at NOT GLOB
                  '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z')
        GROUP BY s.name
    """

    def attempt(self) -> AbstractContextManager[object]:
        return nullcontext()

    def compare_words(self) -> Iterator[Difference | int]:
        """The full-text indexes, word by word, and whether the one in use leads to each word's first and last record.

        FTS5's own check adds up occurrences in a way in which two that are the same cancel out: it has been seen to
        miss a flipped bit by which a record came up for a word eight times.
        """
        for place in ("main", "used"):
            self.connection.exec_driver_sql(
                f"CREATE VIRTUAL TABLE temp.{place}_words USING fts5vocab({place}, record_text, instance)"
            )
        driver = self.connection.connection.cursor().connection  # plain SQLite: a question a word, perhaps millions
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


def structure_faults(database: "SqliteDatabase") -> list[str]:
    """What SQLite itself finds wrong: pages, order of keys, indexes that disagree with their tables or texts."""
    try:
        with database.reading() as connection:
            answers = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
    except (CatalogueBroken, StoreUnavailable) as error:
        return [error.what.en]
    return [answer for answer in answers if answer != "ok"] + _text_faults(database)


def quick_check(path: Path, seconds: float) -> str | None:
    """The first fault that PRAGMA quick_check tells, "" where it tells none; None where the time was not enough."""
    deadline = time.monotonic() + seconds
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            answer: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            return None if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT else str(error)
    return "" if answer == "ok" else answer


def _text_faults(database: "SqliteDatabase") -> list[str]:
    """The full-text index against the texts it was made from. Spelt as a write, the check waits for its turn."""
    try:
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO record_text(record_text, rank) VALUES ('integrity-check', 1)")
    except (CatalogueBroken, StoreUnavailable) as error:
        return [f"record_text: {error.what.en}"]
    return []
