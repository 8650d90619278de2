"""The catalogue's database: what the vault asks of it, whichever it is. SQLite is in sqlite.py and is the default;
PostgreSQL, for several machines, in postgresql/. Both have the same tables, moved forward by the same migrations.

What else differs lies in few places: how texts are searched (texts.py), how a catalogue is compared with another
(beside.py), and by what those who work with it take turns (vault/turns.py).
"""

import re
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection

from vault.catalogue.beside import Beside
from vault.catalogue.schema import HEAD
from vault.errors import CatalogueBroken, NewerFormat
from vault.text import Text
from vault.turns import Turns

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Database(ABC):
    """A catalogue's connections."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one state of the catalogue throughout."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that is durable when the block ends, and never was if it raises. Writers queue at its start
        and never fail half-way; Busy after a minute."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is a catalogue, sound or not. StoreUnavailable where that cannot be told."""


class Catalogue(Database):
    """The catalogue that a vault works with. `name` is for people: a file's path, or a server's URL without a password;
    `turns` are those of all who work with it.
    """

    def __init__(self, name: str, turns: Turns) -> None:
        self.name = name
        self.turns = turns

    @property
    def short_name(self) -> str:
        """What findings call it."""
        return self.name.rpartition("/")[2]

    @abstractmethod
    def create(self) -> None:
        """Make an empty one of the current schema, or go on where that was interrupted; move an older one forward."""

    @abstractmethod
    def remove(self) -> None:
        """Remove it with all that is in it: that of an `init` which never came to its end."""

    @abstractmethod
    def keep(self, label: str) -> str:
        """Copy it as it is, durably, and beside itself; an older copy of that label is replaced. The copy's name.

        StoreFull, before anything is done, where there is not enough room for the copy and for what comes then.
        """

    @abstractmethod
    def replacement(self) -> AbstractContextManager[Database]:
        """An empty catalogue that takes this one's place when the block ends; the old one is kept beside it, for a
        person to look at. It is gone if the block raises. For whoever has the vault alone."""

    @abstractmethod
    def scratch(self, folder: Path) -> AbstractContextManager[Database]:
        """An empty catalogue to compare this one with, gone when the block ends. `folder`: where it may lie."""

    @abstractmethod
    def scratch_size(self) -> int:
        """Bytes that such a one takes in its folder, about, once it has what this one has."""

    @abstractmethod
    def beside(self, scratch: Database) -> AbstractContextManager[Beside]:
        """A scratch catalogue of this one and this one together, this one all the time as it is now.

        CatalogueBroken if it is missing or no database.
        """

    @abstractmethod
    def structure_faults(self) -> list[str]:
        """What the database itself finds wrong with the catalogue."""

    @abstractmethod
    def look_through(self, seconds: float) -> str | None:
        """The first thing that the database itself finds wrong, as far as a quick look tells; "" where it finds
        nothing, None where the time was not enough.
        """

    @abstractmethod
    def size(self) -> int:
        """Bytes that it takes, wherever it is."""

    @abstractmethod
    def let_go(self) -> None:
        """Close its connections; the next call begins anew. A fork must meet none."""

    def close(self) -> None:
        """At the end: let go, and keep none that comes back later, from a thread that was left behind."""
        self.let_go()

    def is_current(self) -> bool:
        """Whether it has this program's schema; False: an older one. NewerFormat for one that a newer program made;
        CatalogueBroken if it is gone or none.
        """
        if not self.exists():
            raise missing(self.name)
        with self.reading() as connection:
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if not isinstance(revision, str) or not re.fullmatch("(?!0000)[0-9]{4}", revision):
            raise CatalogueBroken(Text(en=f"{self.name} is no catalogue.", zh=f"{self.name} 不是目录库。"))
        if revision > HEAD:
            raise NewerFormat(
                Text(
                    en=f"The catalogue {self.name} was made by a newer Strongroom (schema {revision}).",
                    zh=f"目录库 {self.name} 由更新版本的 Strongroom 建立（结构 {revision}）。",
                )
            )
        return revision == HEAD

    def move_forward(self) -> str:
        """Bring an older catalogue to this program's schema; where the copy of it is as it was. For whoever has the
        vault alone.
        """
        kept = self.keep(f"before-{HEAD}")
        self.create()
        return kept


def migrate(connection: Connection) -> None:
    """Bring the tables to the current schema, inside a transaction of the caller's."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def missing(name: str) -> CatalogueBroken:
    return CatalogueBroken(Text(en=f"The catalogue {name} is missing.", zh=f"目录库 {name} 不存在。"))
