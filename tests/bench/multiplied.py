"""Makes the catalogue of a vault with very many records: `multiplied.py HOME STORE SEEDS COPIES`.

SEEDS records come as catalogue.py makes them, through journal and projection; then SQLite copies their rows COPIES
times over, each with a serial and a number of its own. What retention reads of a record is there (its row, its files,
the counts); of the copies there is no entry in the journal, and no word in the full-text index. Records here and there
are then filed anew in an empty catalogue by the projection itself: the rows must be the same, and so must the counts.
"""

import random
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalogue import DAYS, fill, records
from msgspec.structs import replace

from ops.wiring import Working, open_vault
from vault import acts
from vault.catalogue import schema
from vault.catalogue.inforce import put_in_force
from vault.catalogue.projection import project
from vault.catalogue.sqlite import SqliteDatabase
from vault.profile import Profile

SAMPLE = 500  # records that are filed anew
_INDEXES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('record', 'record_file') AND sql > ''"
)
_RECORD = ", ".join(f"record.{column.name}" for column in schema.record.columns if column.name != "place_on")
_LOOK = (
    f"SELECT {_RECORD}, position, details, hex(sha256) FROM record"
    " JOIN record_file ON record_id = record.id JOIN object ON object.id = object_id WHERE record.id IN ({0})"
    " ORDER BY record.id, position"
)


def make(home: Path, store: Path, seeds: int, copies: int) -> None:
    end = datetime.now(UTC).replace(microsecond=0)
    fill(home, store, seeds, end)
    with open_vault(home, Working(person="性能测试")) as vault:
        profile = vault.profile
    _multiply(home / "catalogue.db", seeds, copies)
    _check_counts(home / "catalogue.db", seeds * copies)
    _check_rows(home, profile, seeds, copies, end)


def _multiply(path: Path, seeds: int, copies: int) -> None:
    """Without indexes, which are made at the end: sorted once instead of ten million times."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "temp_store=FILE"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    columns = [column.name for column in schema.record.columns]
    changed = {
        "id": f"id + {seeds} * :n",
        "number": f"substr(number, 1, 5) || printf('%07d', id + {seeds} * :n)",
    }
    picked = ", ".join(changed.get(name, name) for name in columns)
    connection.execute("BEGIN")
    for n in range(1, copies):
        connection.execute(
            f"INSERT INTO record ({', '.join(columns)}) SELECT {picked} FROM record WHERE id <= {seeds}", {"n": n}
        )
        connection.execute(
            f"INSERT INTO record_file SELECT record_id + {seeds} * :n, position, object_id, details"
            f" FROM record_file WHERE record_id <= {seeds}",
            {"n": n},
        )
    connection.execute("UPDATE tally SET records = records * ?", (copies,))
    connection.execute("COMMIT")
    for _, statement in indexes:
        connection.execute(statement)
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.close()


def _check_counts(path: Path, count: int) -> None:
    connection = sqlite3.connect(path)
    listed = "retention_class, retention_state, ifnull(expires_on, '')"
    truth = connection.execute(f"SELECT {listed}, count(*) FROM record GROUP BY 1, 2, 3 ORDER BY 1, 2, 3").fetchall()
    kept = connection.execute("SELECT * FROM tally ORDER BY 1, 2, 3").fetchall()
    connection.close()
    if truth != kept or sum(row[-1] for row in truth) != count:
        sys.exit("the counts that are kept are not those of the rows")


def _check_rows(home: Path, profile: Profile, seeds: int, copies: int, end: datetime) -> None:
    chance = random.Random(7)
    serials = sorted({1, seeds * copies, *(chance.randrange(1, seeds * copies + 1) for _ in range(SAMPLE))})
    wanted = {(serial - 1) % seeds + 1 for serial in serials}
    of_seed = {
        int(act.record[5:]): act
        for act in records(seeds, end - timedelta(days=DAYS), end)
        if int(act.record[5:]) in wanted
    }
    filed = [_as(of_seed[(serial - 1) % seeds + 1], serial) for serial in serials]
    scratch = SqliteDatabase(home / "scratch.db")
    scratch.create()
    attached = acts.StoreAttached(at=end, by="性能测试", store="a", kind="disk", location="a")
    with scratch.writing() as connection:
        put_in_force(connection, profile)
        project(connection, list(enumerate([attached, *filed])), lambda act: act.files)
    scratch.close()
    if _rows(scratch.path, serials) != _rows(home / "catalogue.db", serials):
        sys.exit("the rows are not those that the projection makes")
    for path in home.glob("scratch.db*"):
        path.unlink()


def _as(act: acts.RecordStored, serial: int) -> acts.RecordStored:
    return replace(act, record=f"{act.record[:5]}{serial:07d}")


def _rows(path: Path, serials: Sequence[int]) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute(_LOOK.format(", ".join(map(str, serials)))).fetchall()
    connection.close()
    if len(found) < len(serials):
        sys.exit(f"{path} lacks records")
    return found


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
