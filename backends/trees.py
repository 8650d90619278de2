"""`Files` (files.py) on places with folders and a rename: SMB, SFTP and the like.

A new file is written under tmp/, flushed, and given its name by a rename that refuses a name that is taken. What a
crash leaves in tmp/ is removed, a day later by the place's own clock, by whoever writes there next.
"""

import io
import itertools
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import BinaryIO, NamedTuple, Protocol

from backends.files import Content
from backends.oserrors import FULL
from backends.perprocess import PerProcess
from vault.ports import Capacity

TMP = "tmp"
BLOCK = 1 << 20  # bytes sent at a time
_STALE = 24 * 3600  # seconds after which nobody can still be writing a temporary file
_LARGE = 1 << 20  # bytes from which on it is worth asking whether a name is free before sending


class Entry(NamedTuple):
    """What a folder has: `size` in bytes, `changed` in seconds of the place's own clock."""

    name: str
    is_folder: bool
    size: int
    changed: float


class Tree(Protocol):
    """The few verbs of such a place. Errors are OSErrors, FileNotFoundError and FileExistsError among them."""

    def size(self, path: str) -> int: ...

    def open(self, path: str, start: int) -> AbstractContextManager[BinaryIO]: ...

    def write(self, path: str, stream: BinaryIO) -> None:
        """A file that must not be there yet, its bytes durable on return."""
        ...

    def rename(self, path: str, to: str) -> None:
        """FileExistsError where `to` is taken; FileNotFoundError where a folder is missing."""
        ...

    def write_named(self, path: str, stream: BinaryIO, to: str) -> None:
        """`write`, and once that is done `rename`: a place may need fewer requests for both than for one and the other.

        Where it fails, the file may be there under `path`.
        """
        ...

    def rename_over(self, path: str, to: str) -> None:
        """Whatever had the name `to` is gone, and never half there."""
        ...

    def make_folder(self, path: str) -> None: ...

    def remove(self, path: str) -> None: ...

    def remove_folder(self, path: str) -> None:
        """One that is empty."""
        ...

    def list(self, folder: str) -> Sequence[Entry]:
        """FileNotFoundError where there is none."""
        ...

    def room(self) -> Capacity: ...

    def close(self) -> None: ...


class TreeFiles:
    """See `Files`."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._desk = PerProcess(self._settle)
        self._young = False

    def size(self, path: str) -> int:
        return self._tree.size(path)

    def open(self, path: str, start: int) -> AbstractContextManager[BinaryIO]:
        return self._tree.open(path, start)

    def create(self, path: str, content: Content) -> bool:
        if content.size >= _LARGE and self._is_there(path):
            return False
        temporary = self._temporary()
        try:
            with self._in_folder(lambda: self._tree.rename(temporary, path), path), content.open() as stream:
                self._tree.write_named(temporary, stream, path)
        except FileExistsError:
            self._drop(temporary)
            return False
        except OSError as error:
            self._drop(temporary)
            if error.errno in FULL and self._is_there(path):
                return False  # there is no room for what is here already
            raise
        return True

    def replace(self, path: str, data: bytes) -> None:
        temporary = self._temporary()
        try:
            self._tree.write(temporary, io.BytesIO(data))
            with self._in_folder(lambda: self._tree.rename_over(temporary, path), path):
                self._tree.rename_over(temporary, path)
        except OSError:
            self._drop(temporary)
            raise

    def move(self, path: str, to: str) -> bool:
        self._tree.size(path)  # FileNotFoundError is about this one, not about a folder
        try:
            with self._in_folder(lambda: self._tree.rename(path, to), to):
                self._tree.rename(path, to)
        except FileExistsError:
            return False
        return True

    def remove(self, path: str) -> None:
        self._tree.remove(path)

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        try:
            entries = self._tree.list(folder)
        except FileNotFoundError:
            return
        for entry in sorted(entries, key=lambda entry: f"{entry.name}/" if entry.is_folder else entry.name):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not entry.is_folder:
                if path > after:
                    yield path, entry.size
            elif path != TMP and (after < f"{path}/" or after.startswith(f"{path}/")):
                yield from self.walk(path, after)

    def room(self) -> Capacity:
        return self._tree.room()

    def time(self) -> float:
        """Seconds since 1970, by the clock that dates a file there."""
        temporary = self._temporary()
        self._tree.write(temporary, io.BytesIO())
        try:
            name = temporary.rpartition("/")[2]
            return next(entry.changed for entry in self._tree.list(TMP) if entry.name == name)
        finally:
            self._drop(temporary)

    def close(self) -> None:
        self._tree.close()

    def _is_there(self, path: str) -> bool:
        try:
            self._tree.size(path)
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def _in_folder(self, again: Callable[[], None], path: str) -> Iterator[None]:
        """Around what gives the name `path`; `again` where a folder above it was missing.

        A young place lacks the folder of nearly every name, an old one of none: first as the last name met it.
        """
        if self._young:
            self._make_folders(path)
        try:
            yield
        except FileNotFoundError:
            self._make_folders(path)
            again()

    def _make_folders(self, path: str) -> None:
        """Those above `path`, from below: mostly all but the last are there."""
        folder = path.rpartition("/")[0]
        try:
            self._young = self._make_folder(folder)
        except FileNotFoundError:
            if not folder:
                raise  # the place itself is not there
            self._make_folders(folder)
            self._young = self._make_folder(folder)

    def _make_folder(self, path: str) -> bool:
        """False where it is there already."""
        try:
            self._tree.make_folder(path)
        except FileExistsError:
            return False
        return True

    def _drop(self, temporary: str) -> None:
        with suppress(OSError):
            self._tree.remove(temporary)

    # temporary files

    def _temporary(self) -> str:
        token, serial = self._desk.get()
        return f"{TMP}/{token}-{next(serial)}"

    def _settle(self) -> "tuple[str, itertools.count[int]]":
        """Before this process's first: the folder, and what others left in it long ago."""
        with suppress(FileExistsError):
            self._tree.make_folder(TMP)
        entries = self._tree.list(TMP)
        now = max((entry.changed for entry in entries), default=0.0)
        for entry in entries:
            if now - entry.changed > _STALE:
                self._drop(f"{TMP}/{entry.name}")
        return secrets.token_hex(8), itertools.count()
