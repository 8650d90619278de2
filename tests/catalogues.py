"""On which database a run of the tests has its catalogues: STRONGROOM_TEST_CATALOGUE=postgresql ./check, or SQLite.

On PostgreSQL every vault's folder has a schema of its own, called after its path; a note in the folder says which. A
folder that was copied from another names that one's, and gets a copy of it when it is first looked at. What
strongroom.toml says of a server holds nevertheless.
"""

import fcntl
import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import psycopg

import ops.wiring
import vault.store
from ops.catalogueconfig import CatalogueConfig
from vault.catalogue.database import Catalogue
from vault.catalogue.opening import Server, database_of
from vault.catalogue.schema import metadata
from vault.catalogue.sqlite import SqliteDatabase

CHOSEN = os.environ.get("STRONGROOM_TEST_CATALOGUE", "sqlite")
_NOTE = "catalogue.schema"  # what begins with "catalogue" is the vault's own: no intake takes it in
_JOINED = "TEST_POSTGRESQL"  # to processes that tests start: the server's URL and password
_server: Server | None = None


def new_catalogue(path: Path) -> Catalogue:
    """A catalogue of no vault; `path`: where it would be as a file."""
    if _server is None:
        return SqliteDatabase(path)
    return _postgres(_server, _named(path))


def lose(home: Path) -> None:
    """The catalogue of the vault in a folder is gone."""
    if _server is None:
        (home / "catalogue.db").unlink()
    else:
        with closing(_of(home)) as database:
            database.remove()


def copy_beside(home: Path, label: str) -> None:
    """A copy of the catalogue of the vault in a folder, as it is now, beside it."""
    with closing(_of(home)) as database:
        database.keep(label)


def put_back(home: Path, label: str) -> None:
    """Such a copy takes the place of the catalogue."""
    if _server is None:
        shutil.copy(home / f"catalogue.db.{label}", home / "catalogue.db")
        return
    name = _named(home)
    with closing(_of(home)) as database, database.writing() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        connection.exec_driver_sql(f"ALTER SCHEMA {name}_{label.replace('-', '_')} RENAME TO {name}")


def all_there_is(home: Path) -> dict[str, object]:
    """The catalogue of the vault in a folder ("") and what lies beside it, each with all its rows, by its label."""
    if _server is None:
        files = [path for path in home.glob("catalogue*.db*") if not path.name.endswith(("-wal", "-shm"))]
        return {path.name.removeprefix("catalogue.db").removeprefix("."): _dumped(path) for path in files}
    name = _named(home)
    with closing(_of(home)) as database, database.reading() as connection:

        def asked(query: str) -> list[str]:
            return sorted(connection.exec_driver_sql(query).scalars())

        return {
            schema.removeprefix(name).replace("_", "-").removeprefix("-"): {
                table: asked(f'SELECT CAST(t AS text) FROM {schema}."{table}" AS t')
                for table in asked(f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'")
            }
            for schema in asked(f"SELECT nspname FROM pg_namespace WHERE starts_with(nspname, '{name}')")
        }


def _of(home: Path) -> Catalogue:
    return SqliteDatabase(home / "catalogue.db") if _server is None else _of_folder(_server, home, None, "")


def _dumped(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@contextmanager
def unreachable(database: Catalogue) -> Iterator[None]:
    """Meanwhile nobody gets at it: a folder lies where its file was, or the server lets nobody in."""
    if isinstance(database, SqliteDatabase):
        elsewhere = database.path.with_name("别处")
        database.let_go()
        database.path.rename(elsewhere)
        database.path.mkdir()
        try:
            yield
        finally:
            database.path.rmdir()
            elsewhere.rename(database.path)
        return
    assert _server is not None
    with psycopg.connect(_server.url, password=_server.password, autocommit=True) as line:
        line.execute("ALTER ROLE strongroom NOLOGIN")
        line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid != %s",
            (line.info.backend_pid,),
        )
        try:
            yield
        finally:
            line.execute("ALTER ROLE strongroom LOGIN")


def configured(folder: Path) -> CatalogueConfig | None:
    """What strongroom.toml has to say where programs are started as they are. The password lies in that folder."""
    if _server is None:
        return None
    secret = folder / "目录库.secret"
    secret.write_text(f'password = "{_server.password}"\n')
    secret.chmod(0o600)
    return CatalogueConfig(url=_server.url, secret=str(secret))


@contextmanager
def on(server: Server) -> Iterator[None]:
    """Meanwhile all catalogues are there, and those of processes that ask for `joined`."""
    global _server  # tests that make a catalogue by themselves ask for no fixture
    _server = server
    try:
        with (
            patch.dict(os.environ, {_JOINED: f"{server.url} {server.password}"}),
            patch.object(vault.store, "database_of", partial(_of_folder, server)),
            patch.object(ops.wiring, "database_of", partial(_of_folder, server)),
        ):
            yield
    finally:
        _server = None


@contextmanager
def joined() -> Iterator[None]:
    """For a process that a test has started: its catalogues are where that test's are."""
    if _JOINED not in os.environ:
        yield
        return
    with on(Server(*os.environ[_JOINED].split())):
        yield


def _of_folder(server: Server, home: Path, configured: Server | None, vault_id: str) -> Catalogue:
    if configured is not None:
        return database_of(home, configured, vault_id)
    name, note = _named(home), home / _NOTE
    database = _postgres(server, name)
    if home.is_dir():
        with note.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # several processes may look at once
            file.seek(0)
            noted = file.read()
            if noted not in ("", name):
                database.remove()
                database.create()
                _copy(database, noted, name)
            if noted != name:
                file.truncate(0)
                file.write(name)
    return database


def spelled(statement: str) -> str:
    """What a test meddles with by, as PostgreSQL spells it."""
    for sqlite, postgresql in (
        (r"x'([0-9a-f]*)'", r"'\\x\1'"),
        ("AS BLOB", "AS BYTEA"),
        (r"lower\(hex\(([a-z0-9_.]+)\)\)", r"encode(\1, 'hex')"),
        (r"zeroblob\(length\(edge\)\)", "decode(repeat('00', length(edge)), 'hex')"),
    ):
        statement = re.sub(sqlite, postgresql, statement)
    return statement


def _copy(database: Catalogue, source: str, target: str) -> None:
    with database.writing() as connection:
        if not connection.exec_driver_sql("SELECT 1 FROM pg_namespace WHERE nspname = %s", (source,)).first():
            return
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # in any order of tables
        for table in [*metadata.tables, "record_text"]:
            connection.exec_driver_sql(f'INSERT INTO {target}."{table}" SELECT * FROM {source}."{table}"')


def _named(path: Path) -> str:
    return f"t{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]}"


def _postgres(server: Server, schema: str) -> Catalogue:
    from vault.catalogue.postgresql.database import PostgresDatabase

    return PostgresDatabase(server.url, server.password, schema)
