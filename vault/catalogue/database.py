"""Opening the catalogue: SQLite, in WAL mode, every commit synced; its schema moved forward by Alembic.

A transaction that writes begins IMMEDIATE: two writers queue at its start and never fail half-way.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DatabaseError

from vault.catalogue.schema import HEAD
from vault.errors import Busy, CatalogueBroken, NewerFormat, StoreFull, StoreUnavailable, StrongroomError
from vault.text import Text

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8192",  # 8 MiB: memory does not grow with the catalogue
)


class Database:
    """The catalogue's connections. `path` is a SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the catalogue throughout."""
        with _said(self.path), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable when the block ends, and never was if it raises."""
        with _said(self.path), self._engine.connect() as plain:
            connection = plain.execution_options(strongroom_writes=True)
            with connection.begin():
                yield connection

    def create(self) -> None:
        """Make the file and bring it to the current schema."""
        self._upgrade()

    def require_current(self) -> None:
        """Move an older catalogue forward. NewerFormat for one that a newer program made; CatalogueBroken if it is
        gone or none.
        """
        if not self.path.exists():
            raise CatalogueBroken(Text(en=f"The catalogue {self.path} is missing.", zh=f"目录库 {self.path} 不存在。"))
        if not self.path.stat().st_size:
            raise CatalogueBroken(Text(en=f"The catalogue {self.path} is empty.", zh=f"目录库 {self.path} 是空的。"))
        with self.reading() as connection:
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if not isinstance(revision, str) or not re.fullmatch("[0-9]{3}[1-9]", revision):
            raise CatalogueBroken(Text(en=f"{self.path} is no catalogue.", zh=f"{self.path} 不是目录库。"))
        if revision > HEAD:
            raise NewerFormat(
                Text(
                    en=f"The catalogue {self.path} was made by a newer Strongroom (schema {revision}).",
                    zh=f"目录库 {self.path} 由更新版本的 Strongroom 建立（结构 {revision}）。",
                )
            )
        if revision < HEAD:
            self._upgrade()

    def checkpoint(self) -> None:
        """Bring everything into the one file, so that it can be moved."""
        with _said(self.path):
            connection = _connect(self.path)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.close()

    def close(self) -> None:
        self._engine.dispose()

    def _upgrade(self) -> None:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations").replace("%", "%%"))
        with _said(self.path), self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


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
    connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
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
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):  # cannot tell, not broken
        return StoreUnavailable(
            Text(en=f"The catalogue {path} cannot be used ({said}).", zh=f"目录库 {path} 无法使用（{said}）。"),
            hint=Text(
                en="Nothing acknowledged is lost. Check the disk of the vault's folder, then run the command again.",
                zh="已确认入库的内容没有丢失。请检查档案库文件夹所在磁盘后重新运行。",
            ),
        )
    return CatalogueBroken(Text(en=f"The catalogue {path} failed ({said}).", zh=f"目录库 {path} 出错（{said}）。"))
