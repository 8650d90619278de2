"""Folders, trees and fsspec's places as a probe (probe.py) meets them. S3's is in probe_s3.py."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from backends import durable
from backends.files import Content
from backends.generic import FsspecFiles
from backends.oserrors import PlaceMissing
from backends.trees import BLOCK, Tree, TreeFiles
from vault.promises import Finding

_SERVERS_ONLY = ("conditional", "checked", "versioning", "lock")


def _servers_only() -> Iterator[Finding]:
    """What is asked of S3 servers alone."""
    return (Finding(name=name, answer="not-applicable") for name in _SERVERS_ONLY)


class FolderPlace:
    """A folder of a mounted file system: what the disk store does there (durable.py), with scratch files."""

    refuses = True  # link(2), or rename without replacing

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made = False

    def connect(self) -> "Folder":
        with suppress(FileExistsError):
            self._root.mkdir()  # its parent must be there: it may be a mount point that is not mounted
            self._made = True
        return Folder(self._root)

    def lasting(self) -> Iterator[Finding]:
        for name in ("durable", "names-durable"):
            yield Finding(name=name, answer="yes", value="fsync")

    def own(self, folder: str) -> Iterator[Finding]:
        return _servers_only()

    def time_of(self, path: str) -> float:
        return os.stat(self._root / path).st_mtime

    def clear(self, folder: str) -> None:
        shutil.rmtree(self._root / folder)
        with suppress(OSError):  # another probe is at work
            (self._root / folder).parent.rmdir()
        if self._made:
            self._root.rmdir()


class Folder:
    """See `Scratch`."""

    _serial = count()

    def __init__(self, root: Path) -> None:
        self._root = root
        self._syncer = durable.Syncer(root)

    def size(self, path: str) -> int:
        return os.stat(self._root / path).st_size

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        with open(self._root / path, "rb", buffering=0) as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # the medium is measured, not the memory
            file.seek(start)
            yield file

    def create(self, path: str, content: Content) -> bool:
        final = f"{self._root}/{path}"
        os.makedirs(os.path.dirname(final), exist_ok=True)
        temporary = f"{final}.{next(self._serial)}"
        with content.open() as source, open(temporary, "xb") as target:
            shutil.copyfileobj(source, target, BLOCK)
        return durable.publish(self._syncer, [(temporary, final)], unsynced=[temporary])[0]

    def remove(self, path: str) -> None:
        os.unlink(self._root / path)

    def close(self) -> None:
        self._syncer.close()


class TreePlace:
    """A share or an SFTP server at `location`.

    `flush`: what it confirms bytes by; its file system's word for names is not heard.
    """

    refuses = True  # its rename does

    def __init__(self, location: str, connect: Callable[[], Tree], flush: str) -> None:
        self._location = location
        self._connect = connect
        self._flush = flush

    def connect(self) -> TreeFiles:
        """PlaceMissing where the folder is not there: nobody but its owner makes it."""
        tree = self._connect()
        try:
            tree.list("")
        except FileNotFoundError as error:
            tree.close()
            raise PlaceMissing(self._location) from error
        except OSError:
            tree.close()
            raise
        return TreeFiles(tree)

    def lasting(self) -> Iterator[Finding]:
        yield Finding(name="durable", answer="yes", value=self._flush)
        yield Finding(name="names-durable", answer="unknown", value=self._flush)

    def own(self, folder: str) -> Iterator[Finding]:
        return _servers_only()

    def time_of(self, path: str) -> float:
        folder, _, name = path.rpartition("/")
        with _lent(self._connect()) as tree:
            return next(entry.changed for entry in tree.list(folder) if entry.name == name)

    def clear(self, folder: str) -> None:
        with _lent(self._connect()) as tree:
            for entry in tree.list(folder):
                tree.remove(f"{folder}/{entry.name}")
            tree.remove_folder(folder)
            tree.remove_folder(os.path.dirname(folder))


@contextmanager
def _lent(tree: Tree) -> Iterator[Tree]:
    try:
        yield tree
    finally:
        tree.close()


class GenericPlace:
    """What fsspec reaches: it promises nothing, whatever lies behind it."""

    refuses = False

    def __init__(self, connect: Callable[[], FsspecFiles]) -> None:
        self._connect = connect

    def connect(self) -> FsspecFiles:
        return self._connect()

    def lasting(self) -> Iterator[Finding]:
        for name in ("durable", "names-durable"):
            yield Finding(name=name, answer="unknown", value="fsspec")

    def own(self, folder: str) -> Iterator[Finding]:
        return _servers_only()

    def time_of(self, path: str) -> float | None:
        with suppress(OSError):  # few of its file systems say
            return self._connect().changed(path)
        return None

    def clear(self, folder: str) -> None:
        files = self._connect()
        files.remove_folder(folder)
        with suppress(OSError):  # there may be no folders, or another probe is at work
            files.remove_empty_folder(os.path.dirname(folder))
