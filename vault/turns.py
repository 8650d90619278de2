"""Taking turns at what only one may do at a time: publish, move copies, bring locks up to date, open what is rebuilt.

Whoever works with one catalogue takes turns with whoever else does: beside a SQLite file by locks on files in the
vault's folder, on PostgreSQL by locks of the server, since there are several machines then. A turn ends with its
process, however that ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from vault.errors import Busy
from vault.text import Text


class Turn(Protocol):
    """One thing that people take turns at. Not for two threads at once: each asks for its own."""

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Have it alone, or shared with others who share it; whether it could be had, if not to wait. Who has it may
        take it in the other way."""
        ...

    def give_back(self) -> None:
        """Harmless where it is not held."""
        ...

    def forget(self) -> None:
        """Give it back for good: nobody will ask for it again."""
        ...


class Turns(Protocol):
    """All that those who work with one catalogue take turns at, by name; `/` parts folders."""

    def turn(self, name: str) -> Turn:
        """That turn, not yet taken."""
        ...

    def sweep(self, folder: str) -> None:
        """Forget those in a folder whose processes are gone."""
        ...


@contextmanager
def taking(turns: Turns, name: str, *, shared: bool = False, busy: Text | None = None) -> Iterator[None]:
    """While this is held the turn is. `busy`: what to say, as Busy, instead of waiting."""
    turn = turns.turn(name)
    try:
        if not turn.take(shared=shared, wait=busy is None):
            assert busy is not None
            raise Busy(busy)
        yield
    finally:
        turn.give_back()


class FileTurn:
    """A lock on a file of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        if self._descriptor < 0:
            self._path.parent.mkdir(exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._descriptor, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def give_back(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)
        self.give_back()


class FileTurns:
    """Files with names in .lock, in the vault's folder."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def turn(self, name: str) -> FileTurn:
        return FileTurn(self._home / f"{name}.lock")

    def sweep(self, folder: str) -> None:
        for path in (self._home / folder).glob("*.lock"):
            with suppress(FileNotFoundError), open(path, "rb") as lock, suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
