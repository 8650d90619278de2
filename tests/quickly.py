"""What a run of the tests would do thousands of times, done once: compile SQL, and make an empty catalogue.

SQLAlchemy keeps what it compiled in an engine, and whoever opens a vault has an engine of their own: one command, or
one service, and every test anew. And the migrations take longer than most tests; a new catalogue is a copy of what
they made the first time, which is what they make; on PostgreSQL, all that they said the first time said at once.
"""

import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Connection, Engine, event

from vault.catalogue import database, sqlite
from vault.catalogue.postgresql import database as postgresql
from vault.catalogue.sqlite import SqliteDatabase

_STATEMENTS = 5_000  # more than there are: SQLAlchemy keeps 500


@contextmanager
def quickly() -> Iterator[None]:
    """While it lasts, all SQLite catalogues of this process share what SQLAlchemy compiled, and begin as copies; those
    on PostgreSQL begin by repeating.
    """
    with (
        patch.object(sqlite, "_engine", _knowing(sqlite._engine)),
        patch.object(SqliteDatabase, "create", _copying(SqliteDatabase.create)),
        patch.object(postgresql, "migrate", _repeating(postgresql.migrate)),
    ):
        yield


def _knowing(make: Callable[[Path], Engine]) -> Callable[[Path], Engine]:
    with tempfile.NamedTemporaryFile() as empty:
        first = make(Path(empty.name))
        first.connect().close()  # by which a dialect learns with whom it speaks
        first.dispose()
    assert first._compiled_cache is not None
    first._compiled_cache.capacity = _STATEMENTS  # type: ignore[attr-defined]

    def engine(path: Path) -> Engine:
        made = make(path)
        made.dialect, made._compiled_cache = first.dialect, first._compiled_cache  # statements are kept by dialect
        return made

    return engine


def _copying(real: Callable[[SqliteDatabase], None]) -> Callable[[SqliteDatabase], None]:
    with tempfile.TemporaryDirectory() as folder, closing(SqliteDatabase(Path(folder, "catalogue.db"))) as made:
        real(made)
        made.close()
        made.checkpoint()
        empty, mode, head = made.path.read_bytes(), stat.S_IMODE(made.path.stat().st_mode), database.HEAD

    def create(self: SqliteDatabase) -> None:
        if self.path.exists() or head != database.HEAD:  # an `init` that was interrupted; a test's own next version
            real(self)
        else:
            self.path.write_bytes(empty)
            self.path.chmod(mode)

    return create


def _repeating(real: Callable[[Connection], None]) -> Callable[[Connection], None]:
    head, said = database.HEAD, list[str]()

    def migrate(connection: Connection) -> None:
        made = connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar()
        if made or head != database.HEAD:  # an older one; a test's own next version
            real(connection)
        elif said:
            connection.exec_driver_sql(";\n".join(said))
        else:
            said.extend(_heard(connection, real))

    return migrate


def _heard(connection: Connection, real: Callable[[Connection], None]) -> list[str]:
    """What it tells the server to do; Alembic's questions of what is there have one answer: nothing."""
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("SELECT"):
            said.append(statement)

    event.listen(connection, "before_cursor_execute", hear)
    real(connection)
    event.remove(connection, "before_cursor_execute", hear)
    return said
