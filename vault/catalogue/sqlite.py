"""The catalogue as a SQLite file in the vault's folder: in WAL mode, every commit synced.

A transaction that writes begins IMMEDIATE: two writers queue at its start and never fail half-way.

SQLite goes on with the file that it has open, wherever that was moved meanwhile and whatever lies in its place: what
was entered then would be found by nobody. So the file is recognised, by device and inode, in each transaction.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DatabaseError

from vault.catalogue.beside import Beside
from vault.catalogue.database import Catalogue, Database, migrate, missing
from vault.causes import cause
from vault.errors import Busy, CatalogueBroken, StoreFull, StoreUnavailable, StrongroomError
from vault.outputs import sync
from vault.text import Text
from vault.turns import FileTurns

PATIENCE = 60  # seconds that a writer waits for its turn
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8192",  # 8 MiB: memory does not grow with the catalogue
)
_PARTS = ("", "-wal", "-shm")  # what SQLite keeps beside a file


class SqliteDatabase(Catalogue):
    """A SQLite file; turns are taken by files beside it."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), FileTurns(path.parent))
        self.path = path
        self._engine = _engine(path)
        self._own: tuple[int, int] | None = None  # the file's device and inode, once it was opened

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with _said(self.path), self._engine.connect() as connection:
            self._require_own()
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with _said(self.path), self._engine.connect() as plain:
            self._require_own()
            connection = plain.execution_options(strongroom_writes=True)
            with connection.begin():
                yield connection
                self._require_own()

    def exists(self) -> bool:
        return self.path.exists()

    def is_current(self) -> bool:
        if self.exists() and not self.path.stat().st_size:
            raise CatalogueBroken(Text(en=f"The catalogue {self.name} is empty.", zh=f"目录库 {self.name} 是空的。"))
        return super().is_current()

    def create(self) -> None:
        try:
            self.path.touch(mode=0o600)  # it names parties; what SQLite keeps beside it is made alike
        except OSError as error:
            raise _unusable(self.path, cause(error)) from error
        with _said(self.path), self._engine.begin() as connection:
            self._require_own()
            migrate(connection)

    def remove(self) -> None:
        for path in _parts(self.path):
            path.unlink(missing_ok=True)

    def keep(self, label: str) -> str:
        from vault.catalogue.keeping import keep_copy  # once with each new version

        kept = self.path.with_name(f"{self.path.name}.{label}")
        with _said(self.path):
            keep_copy(self.path, kept)
        return str(kept)

    @contextmanager
    def replacement(self) -> Iterator[Database]:
        made = SqliteDatabase(self.path.with_name("catalogue.rebuilding.db"))
        made.remove()  # one that was killed
        with _removed_after(made):
            made.create()
            yield made
            made.close()
            made.checkpoint()
            self.close()
            self._exchange(made.path)

    @contextmanager
    def scratch(self, folder: Path) -> Iterator[Database]:
        with _removed_after(SqliteDatabase(folder / "catalogue.db")) as made:
            made.create()
            yield made

    def scratch_size(self) -> int:
        return self.size() * 5 // 4

    @contextmanager
    def beside(self, scratch: Database) -> Iterator[Beside]:
        from vault.catalogue.attached import attached  # whoever compares, and nobody else

        if not self.exists():  # else SQLite would make it
            raise missing(self.name)
        with scratch.reading() as connection, attached(connection, self.name) as pair:
            yield pair

    def structure_faults(self) -> list[str]:
        from vault.catalogue.attached import structure_faults

        return structure_faults(self)

    def look_through(self, seconds: float) -> str | None:
        from vault.catalogue.attached import quick_check

        return quick_check(self.path, seconds)

    def size(self) -> int:
        return self.path.stat().st_size

    def checkpoint(self) -> None:
        """Bring everything into the one file, so that it can be moved."""
        with _said(self.path):
            connection = _connect(self.path)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.close()

    def let_go(self) -> None:
        self._engine.dispose()

    def _exchange(self, made: Path) -> None:
        for old in _parts(self.path):
            if old.exists():
                suffix = old.name.removeprefix(self.path.name)
                os.replace(old, old.with_name(f"{self.path.name}.before-rebuild{suffix}"))
        os.replace(made, self.path)
        sync(self.path.parent)
        self._own = None

    def _require_own(self) -> None:
        """CatalogueBroken where the file that is open is no longer the one in the vault's folder."""
        try:
            there = os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise missing(self.name) from error
        except OSError as error:
            raise _unusable(self.path, cause(error)) from error
        found = (there.st_dev, there.st_ino)
        if self._own is None:
            self._own = found
        if found != self._own:
            raise _another(self.path)


@contextmanager
def _removed_after(database: SqliteDatabase) -> Iterator[SqliteDatabase]:
    try:
        yield database
    finally:
        database.close()
        database.remove()


def _parts(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in _PARTS]


def _engine(path: Path) -> Engine:
    engine = create_engine(
        "sqlite://",
        creator=lambda: _connect(path),
        poolclass=QueuePool,  # kept open: with the last connection SQLite folds its log, a flush for each commit
        pool_size=2,
    )

    # SQLite's driver must not begin transactions by itself: BEGIN is ours (IMMEDIATE for writers).
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("strongroom_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _connect(path: Path) -> sqlite3.Connection:
    existing = f"{path.absolute().as_uri()}?mode=rw"  # a plain name would make an empty one where it is missing
    connection = sqlite3.connect(existing, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma).fetchall()  # an unread answer would swallow its error
    return connection


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except StrongroomError:
        raise
    except DatabaseError as error:
        raise _meaning(path, error.orig) from error
    except sqlite3.DatabaseError as error:  # from the driver itself
        raise _meaning(path, error) from error
    except UnicodeDecodeError as error:  # the driver cannot even say what is wrong with a rotten schema
        raise CatalogueBroken(Text(en=f"{path} is damaged ({error}).", zh=f"{path} 已损坏（{error}）。")) from error


def _meaning(path: Path, error: BaseException | None) -> StrongroomError:
    code: Any = getattr(error, "sqlite_errorcode", 0) or 0
    primary = code & 0xFF
    said = str(error)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(Text(en=f"The catalogue {path} is in use ({said}).", zh=f"目录库 {path} 正被使用（{said}）。"))
    if primary == sqlite3.SQLITE_FULL:
        return StoreFull(Text(en=f"No room for the catalogue {path}.", zh=f"目录库 {path} 所在磁盘已满。"))
    if primary == sqlite3.SQLITE_CANTOPEN and not os.path.lexists(path):
        return missing(str(path))
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):  # cannot tell, not broken
        return _unusable(path, Text(en=said, zh=said))
    return CatalogueBroken(Text(en=f"The catalogue {path} failed ({said}).", zh=f"目录库 {path} 出错（{said}）。"))


def _unusable(path: Path, why: Text) -> StoreUnavailable:
    return StoreUnavailable(
        Text(en=f"The catalogue {path} cannot be used ({why.en}).", zh=f"目录库 {path} 无法使用（{why.zh}）。"),
        hint=Text(
            en="Nothing acknowledged is lost. Check the disk of the vault's folder, then run the command again.",
            zh="已确认入库的内容没有丢失。请检查档案库文件夹所在磁盘后重新运行。",
        ),
    )


def _another(path: Path) -> CatalogueBroken:
    return CatalogueBroken(
        Text(
            en=f"Another file has taken the place of the catalogue {path} that was opened.",
            zh=f"目录库 {path} 在使用中被换成了另一个文件。",
        ),
        hint=Text(
            en="Nothing acknowledged is lost. Stop the service and whatever else works with this vault. Then put the "
            "file back, or make the catalogue anew from the stores: strongroom rebuild",
            zh="已确认入库的内容没有丢失。请停止服务及其他操作，放回原文件，或由各存储重建目录库：strongroom rebuild",
        ),
    )
