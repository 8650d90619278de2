"""Which database a vault's catalogue is in: a file of its folder, or a server that strongroom.toml names."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from vault.catalogue.database import Catalogue
from vault.catalogue.sqlite import SqliteDatabase
from vault.errors import StoreUnavailable
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL database: postgresql://USER@HOST[:PORT]/DATABASE, and the password for it, which is never shown."""

    url: str
    password: str = field(default="", repr=False)


def database_of(home: Path, server: Server | None, vault_id: str) -> Catalogue:
    """The database, without a look at it."""
    if server is None:
        return SqliteDatabase(home / "catalogue.db")
    try:
        from vault.catalogue.postgresql.database import PostgresDatabase  # its driver takes a while to load
    except ImportError as error:  # it is an extra of the program's, or lacks its library
        said, command = " ".join(str(error).split()), f"{sys.executable} -m pip install 'psycopg[binary]>=3.2,<4'"
        raise StoreUnavailable(
            Text(
                en=f"The catalogue is on {server.url}, and psycopg cannot be loaded here ({said}).",
                zh=f"目录库位于 {server.url}，而本机无法加载 psycopg（{said}）。",
            ),
            hint=Text(en=command, zh=command),
        ) from error
    return PostgresDatabase(server.url, server.password, f"strongroom_{vault_id}")
