"""The catalogue in a schema of a PostgreSQL database, one schema a vault; several machines may work with it at once.

Writers queue at the start of their transactions, by a lock of the server, as on SQLite; readers see one state and wait
for nobody. A scratch catalogue, to rebuild or to compare, is a schema that lives in one transaction: nobody else sees
it, and of a process that is killed nothing stays behind.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from vault.catalogue.beside import Beside
from vault.catalogue.database import Catalogue, Database, migrate, missing
from vault.catalogue.postgresql.dialect import NAME, NEXT_ID
from vault.catalogue.postgresql.grams import record_text
from vault.catalogue.postgresql.meaning import meaning
from vault.catalogue.postgresql.schemas import Schemas, look_through, structure_faults
from vault.catalogue.postgresql.turns import AdvisoryTurns, key_of
from vault.catalogue.schema import metadata
from vault.errors import StrongroomError

PATIENCE = 60  # seconds that a writer waits for its turn
_ANSWERS = 10  # seconds within which a server answers at all
# Seconds of silence, and questions then: a machine that lost its power holds no turn for longer than a minute.
_NOTICED = {"idle": 20, "interval": 10, "count": 3}


class PostgresDatabase(Catalogue):
    """`url` without a password; `schema`: letters, digits and _."""

    def __init__(self, url: str, password: str, schema: str) -> None:
        self._url = make_url(url)
        self._password = password
        self.schema = schema
        self.advisory = AdvisoryTurns(schema, self._plain, self._meaning)
        super().__init__(self._url.render_as_string(hide_password=True), self.advisory)
        self._engine = _engine(self._url, password, schema)
        self._closed = False
        event.listen(self._engine, "checkin", self._come_back)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.said(), self._engine.connect() as plain:
            yield plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.said(), self._engine.begin() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (key_of(self.schema, "write"),))
            yield connection

    def exists(self) -> bool:
        with self.said(), self._engine.connect() as connection:
            return _has(connection, self.schema)

    def create(self) -> None:
        with self.writing() as connection:
            if not _has(connection, self.schema):
                _make_schema(connection, self.schema)
            migrate(connection)

    def remove(self) -> None:
        with self.writing() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")

    def keep(self, label: str) -> str:
        from vault.catalogue.postgresql.keeping import fill_copy  # once with each new version

        kept = f"{self.schema}_{label.replace('-', '_')}"
        with self.writing() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {kept} CASCADE")
            _make_schema(connection, kept)
            fill_copy(connection, self.schema, kept)
        return kept

    @contextmanager
    def replacement(self) -> Iterator[Database]:
        before, made = f"{self.schema}_before_rebuild", f"{self.schema}_rebuilding"
        with self.said(), self._engine.begin() as connection:
            yield _Within(self, connection, made)
            tables = ", ".join(f'"{name}"' for name in (*metadata.tables, record_text.name))
            connection.exec_driver_sql(f"ANALYZE {tables}")
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {before} CASCADE")
            if _has(connection, self.schema):
                connection.exec_driver_sql(f"ALTER SCHEMA {self.schema} RENAME TO {before}")
            connection.exec_driver_sql(f"ALTER SCHEMA {made} RENAME TO {self.schema}")

    @contextmanager
    def scratch(self, folder: Path) -> Iterator[Database]:
        seeing = self._engine.execution_options(isolation_level="REPEATABLE READ")
        with self.said(), seeing.connect() as connection:  # closed without a commit
            yield _Within(self, connection, f"{self.schema}_{secrets.token_hex(4)}")

    def scratch_size(self) -> int:
        return 0  # it is on the server

    @contextmanager
    def beside(self, scratch: Database) -> Iterator[Beside]:
        assert isinstance(scratch, _Within)
        if not _has(scratch.connection, self.schema):
            raise missing(self.name)
        yield Schemas(scratch.connection, scratch.schema, self.schema)

    def structure_faults(self) -> list[str]:
        return structure_faults(self)

    def look_through(self, seconds: float) -> str | None:
        return look_through(self, seconds)

    def size(self) -> int:
        with self.reading() as connection:
            found = connection.exec_driver_sql(
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_catalog.pg_class WHERE relkind = 'r'"
                " AND relnamespace = CAST(%s AS regnamespace)",
                (self.schema,),
            )
            return int(found.scalar_one() or 0)

    def let_go(self) -> None:
        self._engine.dispose()
        self.advisory.let_go()

    def close(self) -> None:
        self._closed = True
        super().close()
        self.advisory.close()

    def _come_back(self, _connection: object, entry: ConnectionPoolEntry) -> None:
        if self._closed:
            entry.close()

    @contextmanager
    def said(self) -> Iterator[None]:
        """Errors of the driver as the vault's own."""
        try:
            yield
        except StrongroomError:
            raise
        except DBAPIError as error:
            raise self._meaning(error.orig) from error
        except psycopg.Error as error:
            raise self._meaning(error) from error

    def _meaning(self, error: BaseException | None) -> StrongroomError:
        return meaning(self.name, error)

    def _plain(self) -> "psycopg.Connection[Any]":
        """A connection for turns, which waits for as long as it takes."""
        url = self._url.set(password=self._password or None).render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True, **_line("strongroom turns", {}))


class _Within(Database):
    """A catalogue in a schema that is made in one transaction, and is no more unless that is committed."""

    def __init__(self, of: PostgresDatabase, connection: Connection, schema: str) -> None:
        self._of = of
        self.connection = connection
        self.schema = schema
        _make_schema(connection, schema)
        connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")
        migrate(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._of.said():
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._of.said(), self.connection.begin_nested():
            yield self.connection

    def exists(self) -> bool:
        return True


def _has(connection: Connection, schema: str) -> bool:
    there = connection.exec_driver_sql("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (schema,))
    return there.first() is not None


def _make_schema(connection: Connection, schema: str) -> None:
    connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    connection.exec_driver_sql(NEXT_ID.replace("FUNCTION ", f"FUNCTION {schema}.", 1).replace("%", "%%"))


def _engine(url: URL, password: str, schema: str) -> Engine:
    settings = {
        "search_path": schema,
        "synchronous_commit": "on",  # whatever the server's file says: what is acknowledged is durable
        "lock_timeout": f"{PATIENCE * 1000:.0f}",
        "jit": "off",  # questions are short, and compiling takes longer
    }
    return create_engine(
        url.set(drivername=NAME, password=password or None),
        paramstyle="format",  # rows go to the driver as they are: vault/catalogue/bulk.py
        use_native_hstore=False,  # there is none, and it would be looked for at every start
        pool_size=2,
        pool_pre_ping=True,
        connect_args=_line("strongroom", settings),
    )


def _line(called: str, settings: Mapping[str, object]) -> dict[str, Any]:
    """What libpq is told of a connection; both ends notice when the other is gone."""
    settings = {**settings, **{f"tcp_keepalives_{name}": value for name, value in _NOTICED.items()}}
    return {
        "connect_timeout": _ANSWERS,
        "application_name": called,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        **{f"keepalives_{name}": value for name, value in _NOTICED.items()},
    }
