"""Rot in the catalogue: one bit of catalogue.db after another.

SQLite does not use every bit of its file: space that nothing occupies, counters that nobody reads. So each flip ends
in one of three ways, and the third must not occur:

    found      fsck has something to say of the catalogue
    harmless   it has not, and nothing that can be asked is answered otherwise: every row of every table, by the table
               and by each of its indexes, the schema, and what each word of the full-text index finds
    missed     it has not, and something is answered otherwise
"""

import random
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ops.wiring import closed_vault
from tests.faults.rot import WORKING, Missed, Scene, Tally, require
from tests.vault.scene import assert_sound, export, findings, flip
from vault import cataloguecheck, journalcheck
from vault.catalogue.sqlite import SqliteDatabase
from vault.errors import StrongroomError
from vault.rebuild import rebuild
from vault.replay import Replay
from vault.store import Vault

WHOLE = 100  # every so many flips the whole fsck is asked, and the catalogue rebuilt


class Checker:
    """fsck's own examination of a catalogue, without reading the stores anew for each of thousands of flips."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self._vault = vault
        self._scratch = SqliteDatabase(folder / "replayed.db")
        self._scratch.create()
        stores = list(vault.stores.values())
        self._agreed = journalcheck.agree(stores, vault.verifier)
        self._replay = Replay(stores, self._scratch, self._agreed)
        for file in journalcheck.check_journal(stores, self._agreed):
            self._replay.take(file)
        self._replay.finish()

    def faults(self, path: Path) -> list[str]:
        """What is wrong with the catalogue in a file."""
        database = SqliteDatabase(path)
        try:
            with database.beside(self._scratch) as used:
                found = cataloguecheck.check(used, database, self._replay, self._agreed, WORKING.clock())
                return [one.text.en for one in found if isinstance(one, cataloguecheck.Fault)]
        except StrongroomError as error:
            return [error.what.en]
        finally:
            database.close()

    def close(self) -> None:
        self._scratch.close()


def everything(path: Path) -> Iterator[object]:
    """All that a query can read: tables, by each index too, the schema, and every word's finds."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        yield from connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid")
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
            " AND name NOT IN ('record_text_data', 'record_text_idx') ORDER BY name"
        )
        for (table,) in tables.fetchall():
            yield from connection.execute(f'SELECT * FROM "{table.decode()}" NOT INDEXED')
            for index, condition in _indexes(connection, table):
                yield from connection.execute(f'SELECT * FROM "{table.decode()}" INDEXED BY "{index}" {condition}')
        yield from _finds(connection)


def _indexes(connection: sqlite3.Connection, table: bytes) -> Iterator[tuple[str, str]]:
    """The indexes of a table that were asked for, each with the condition of its rows if it has not all."""
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?", (table.decode(),)
    )
    for name, made in rows.fetchall():
        if made is not None:
            _, where, condition = made.decode().partition(" WHERE ")
            yield name.decode(), where + condition


def _finds(connection: sqlite3.Connection) -> Iterator[object]:
    """Every occurrence of every word, what each word finds; and both again once SQLite has merged its index."""
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, record_text, row)")
    connection.execute("CREATE VIRTUAL TABLE temp.places USING fts5vocab(main, record_text, instance)")
    for again in (True, False):
        yield from connection.execute("SELECT * FROM temp.places")
        for (word,) in connection.execute("SELECT term FROM temp.words").fetchall():
            quoted = word.decode().replace('"', '""')
            yield from connection.execute("SELECT rowid FROM record_text WHERE record_text MATCH ?", (f'"{quoted}"',))
        if again:
            connection.execute("INSERT INTO record_text(record_text) VALUES ('optimize')")


def same_answers(path: Path, right: Sequence[object]) -> bool:
    try:
        return list(everything(path)) == list(right)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False


def flip_catalogue(scene: Scene, dice: random.Random, count: int, tally: Tally, folder: Path) -> list[int]:
    """So many flips, one at a time. Returns the bits of harmless ones, for whoever wants to know where they lie."""
    source = scene.pristine / "catalogue.db"
    right = list(everything(source))
    size = 8 * source.stat().st_size
    harmless: list[int] = []
    with closed_vault(scene.pristine, WORKING) as vault:
        before = export(vault)
        checker = Checker(vault, folder)
        require(checker.faults(source) == [], "the catalogue is not good to begin with")
    trial = folder / "catalogue.db"
    for number in range(count):
        bit = dice.randrange(size)
        SqliteDatabase(trial).remove()
        shutil.copyfile(source, trial)
        flip(trial, bit)
        found = bool(checker.faults(trial))
        if found:
            tally.note("catalogue: flipped, found")
        else:
            shutil.copyfile(source, trial)
            flip(trial, bit)
            require(same_answers(trial, right), f"MISSED: bit {bit} of catalogue.db")
            tally.note("catalogue: flipped, harmless (nothing that can be asked is answered otherwise)")
            harmless.append(bit)
        if number % WHOLE == 0:
            _ask_the_whole_fsck(scene, bit, found, before, tally)
    checker.close()
    return harmless


def _ask_the_whole_fsck(
    scene: Scene, bit: int, found: bool, before: dict[str, list[tuple[object, ...]]], tally: Tally
) -> None:
    """The same flip in the vault itself: fsck must say the same, and a rebuild bring back the same catalogue."""
    flip(scene.home / "catalogue.db", bit)
    with closed_vault(scene.home, WORKING) as vault:
        told = findings(vault)[0]
        require({f.kind for f in told} == ({"catalogue"} if found else set()), f"bit {bit}: {told}")
    with closed_vault(scene.home, WORKING) as vault:
        rebuild(vault, None)
        after = export(vault)
        after["journal"].pop(next(n for n, row in enumerate(after["journal"]) if row[1] == "catalogue.rebuilt"))
        require({**after, "meta": before["meta"]} == before, f"bit {bit}: the rebuilt catalogue is another")
        assert_sound(vault)
    (scene.home / "catalogue.db.before-rebuild").unlink()
    tally.note("catalogue: of these, examined by the whole fsck, and rebuilt")
    scene.restart()


__all__ = ["Missed", "flip_catalogue"]
