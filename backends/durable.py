"""Durability on a file system, in one file with three verbs; whatever returns from here survives a power cut.

    publish             finished temporary files become names nobody had: create-new, many at once
    create_same_or_fail a small file, fine if the same bytes are there already
    replace             a small file takes the place of another, whole or not at all

Rules: a file's bytes are synced before it gets its name, and its folder (with every new parent) after. Where the
file system is known to honour syncfs, two calls do that for a whole batch; elsewhere every file and folder gets its
own fsync. A failed sync is never tried again: the kernel has marked the pages clean, so the arrival is worthless.
Temporary files live on the same file system as their final names.
"""

import errno
import itertools
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from backends import linux

FEW = 4  # up to so many files, an fsync each disturbs others less than syncfs would
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class Syncer:
    """How this file system is made to keep what it was told: `whole` syncs it all at once, else name by name.

    To be made before anything is written: the kernel tells of a failed write-back once to each descriptor that was
    open at the time, so a descriptor opened later, or asked a second time, hears that all is well. Hence one
    descriptor, one call at a time, and after a failure no further success in this process. It also shows when the
    disk was taken out and put back: what was written before and not synced is gone then, whatever a sync says now.
    """

    def __init__(self, root: Path) -> None:
        self.whole = linux.local_filesystem(root)
        self._root = str(root)
        self._descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        self._turn = threading.Lock()
        self._failed: OSError | None = None

    def close(self) -> None:
        os.close(self._descriptor)

    def files(self, paths: Sequence[str]) -> None:
        """Make the bytes of closed temporary files durable."""
        self._require_same_mount()
        if self.whole and len(paths) > FEW:
            self._sync_all()
        else:
            for path in paths:
                sync_path(path)

    def names(self, paths: Sequence[str]) -> None:
        """Make names durable. All folders up to the root: a parent may be new, and still unsynced by another."""
        if self.whole and len(paths) > FEW:
            self._sync_all()
        else:
            for folder in self._folders_above(paths):
                sync_path(folder)

    def _folders_above(self, paths: Sequence[str]) -> list[str]:
        folders: set[str] = set()
        for path in paths:
            folder = os.path.dirname(path)
            while folder not in folders and len(folder) >= len(self._root):
                folders.add(folder)
                folder = os.path.dirname(folder)
        return sorted(folders, key=len, reverse=True)

    def _require_same_mount(self) -> None:
        if not os.path.samestat(os.fstat(self._descriptor), os.stat(self._root)):
            raise OSError(errno.ESTALE, "mounted anew since this program started", self._root)

    def _sync_all(self) -> None:
        self._require_same_mount()
        with self._turn:
            if self._failed is not None:
                raise OSError(self._failed.errno, f"an earlier flush failed: {self._failed.strerror}", self._root)
            try:
                linux.syncfs(self._descriptor)
            except OSError as error:
                self._failed = error
                raise


def sync_path(path: str) -> None:
    """fsync a file or a folder by name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_above(folder: Path) -> None:
    """Make a folder's own name durable, and those of the folders it lies in as far as this file system goes.

    A folder that may not be opened was not made by whoever runs this, nor lately.
    """
    path = folder.absolute()
    with suppress(PermissionError):
        while not os.path.ismount(path):
            path = path.parent
            sync_path(str(path))


def publish(syncer: Syncer, moves: Sequence[tuple[str, str]], unsynced: Sequence[str]) -> list[bool]:
    """Give temporary files their final names; for each, whether it got it (False: the name was taken, file remains).

    `unsynced` are those temporary files whose bytes were not yet fsynced by their writer.
    """
    if unsynced:
        syncer.files(unsynced)
    got = [_name_new(temporary, final, honest=syncer.whole) for temporary, final in moves]
    syncer.names([final for _, final in moves])
    return got


def create_same_or_fail(syncer: Syncer, scratch: str, files: Sequence[tuple[str, bytes]]) -> None:
    """Create small files, durable on return. FileExistsError (with the path) if one exists with other bytes.

    `scratch` is a folder of this process's own for temporary files.
    """
    with _staged(scratch, [data for _, data in files]) as staged:
        moves = [(temporary, final) for temporary, (final, _) in zip(staged, files, strict=True)]
        got = publish(syncer, moves, unsynced=staged)
    for new, (final, data) in zip(got, files, strict=True):
        if not new and Path(final).read_bytes() != data:
            raise FileExistsError(errno.EEXIST, "exists with other bytes", final)


def replace(syncer: Syncer, scratch: str, final: str, data: bytes) -> None:
    """Put `data` in the place of `final`, durable on return; a crash leaves the old or the new, whole."""
    with _staged(scratch, [data]) as (temporary,):
        syncer.files([temporary])
        try:
            os.replace(temporary, final)
        except FileNotFoundError:
            _make_folders(temporary, final)
            os.replace(temporary, final)
        syncer.names([final])


_serial = itertools.count()


@contextmanager
def _staged(scratch: str, contents: Sequence[bytes]) -> Iterator[list[str]]:
    """Temporary files with these contents; whatever still has its temporary name at the end is removed."""
    paths = [f"{scratch}/small-{next(_serial)}" for _ in contents]
    try:
        for path, data in zip(paths, contents, strict=True):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
            try:
                write_all(descriptor, data)
            finally:
                os.close(descriptor)
        yield paths
    finally:
        for path in paths:
            with suppress(OSError):  # it has its final name; or it is swept with its folder
                os.unlink(path)


def write_all(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """write(2) until everything is written: a signal or a quota can cut one call short."""
    written = os.write(descriptor, data)
    if written < len(data):
        rest = memoryview(data)[written:]
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _name_new(temporary: str, final: str, *, honest: bool) -> bool:
    """Move without clobbering; folders are made only when the first attempt shows they are missing."""
    move = linux.rename_new if honest else _link_new
    try:
        try:
            move(temporary, final)
        except FileNotFoundError:
            _make_folders(temporary, final)
            move(temporary, final)
    except FileExistsError:
        return False
    return True


def _make_folders(temporary: str, final: str) -> None:
    """The folders for `final`, if it is they that were missing: where the store went away, nothing may be made."""
    os.stat(temporary)
    folder = os.path.dirname(final)
    try:
        os.mkdir(folder)  # mostly only the last one is new
    except OSError:  # it is there by now, or its parent is not
        os.makedirs(folder, exist_ok=True)


def _link_new(temporary: str, final: str) -> None:
    """The same with link(2), which refuses an existing name everywhere.

    Network file systems do not know RENAME_NOREPLACE, and FUSE libraries are about that take it and overwrite.
    """
    try:
        os.link(temporary, final)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if _is_there(final):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), final) from error
        linux.rename_new(temporary, final)
    else:
        os.unlink(temporary)


def _is_there(path: str) -> bool:
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True
