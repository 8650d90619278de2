"""Durability on a file system, in one file with three verbs; whatever returns from here survives a power cut.

    publish             finished temporary files become names nobody had: create-new, many at once
    create_same_or_fail a small file, fine if the same bytes are there already
    replace             a small file takes the place of another, whole or not at all

Rules: a file's bytes are synced before it gets its name, and its folder (with every new parent) after. Where the
file system is known to honour syncfs, two calls do that for a whole batch; elsewhere every file and folder gets its
own fsync. A failed fsync is never tried again: the kernel has marked the pages clean, so the arrival is worthless.
Temporary files live on the same file system as their final names.
"""

import errno
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backends import linux

FEW = 4  # up to so many files, an fsync each disturbs others less than syncfs would


@dataclass(frozen=True, slots=True)
class Syncer:
    """How this file system is made to keep what it was told: `whole` syncs it all at once, else name by name."""

    root: Path
    whole: bool

    @classmethod
    def on(cls, root: Path) -> "Syncer":
        return cls(root, linux.local_filesystem(root))

    def files(self, paths: Sequence[str]) -> None:
        """Make the bytes of closed temporary files durable."""
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
        root = str(self.root)
        folders: set[str] = set()
        for path in paths:
            folder = os.path.dirname(path)
            while folder not in folders and len(folder) >= len(root):
                folders.add(folder)
                folder = os.path.dirname(folder)
        return sorted(folders, key=len, reverse=True)

    def _sync_all(self) -> None:
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            linux.syncfs(descriptor)
        finally:
            os.close(descriptor)


def sync_path(path: str) -> None:
    """fsync a file or a folder by name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(syncer: Syncer, moves: Sequence[tuple[str, str]], unsynced: Sequence[str]) -> list[bool]:
    """Give temporary files their final names; for each, whether it got it (False: the name was taken, file remains).

    `unsynced` are those temporary files whose bytes were not yet fsynced by their writer.
    """
    if unsynced:
        syncer.files(unsynced)
    got = [_name_new(temporary, final) for temporary, final in moves]
    syncer.names([final for _, final in moves])
    return got


def create_same_or_fail(syncer: Syncer, scratch: str, files: Sequence[tuple[str, bytes]]) -> None:
    """Create small files, durable on return. FileExistsError (with the path) if one exists with other bytes.

    `scratch` is a folder of this process's own for temporary files.
    """
    staged = [_stage(scratch, data) for _, data in files]
    moves = [(temporary, final) for temporary, (final, _) in zip(staged, files, strict=True)]
    for (temporary, final), new, (_, data) in zip(moves, publish(syncer, moves, unsynced=staged), files, strict=True):
        if not new:
            os.unlink(temporary)
            if Path(final).read_bytes() != data:
                raise FileExistsError(errno.EEXIST, "exists with other bytes", final)


def replace(syncer: Syncer, scratch: str, final: str, data: bytes) -> None:
    """Put `data` in the place of `final`, durable on return; a crash leaves the old or the new, whole."""
    temporary = _stage(scratch, data)
    syncer.files([temporary])
    os.makedirs(os.path.dirname(final), exist_ok=True)
    os.replace(temporary, final)
    syncer.names([final])


_serial = itertools.count()


def _stage(scratch: str, data: bytes) -> str:
    path = os.path.join(scratch, f"small-{next(_serial)}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o440)
    try:
        write_all(descriptor, data)
    except OSError:
        os.close(descriptor)
        os.unlink(path)
        raise
    os.close(descriptor)
    return path


def write_all(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """write(2) until everything is written: a signal or a quota can cut one call short."""
    written = os.write(descriptor, data)
    if written < len(data):
        rest = memoryview(data)[written:]
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _name_new(temporary: str, final: str) -> bool:
    """Rename without clobbering; folders are made only when the first attempt shows they are missing."""
    try:
        try:
            _rename_new(temporary, final)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(final), exist_ok=True)
            _rename_new(temporary, final)
    except FileExistsError:
        return False
    return True


def _rename_new(temporary: str, final: str) -> None:
    try:
        linux.rename_new(temporary, final)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS):
            raise
        os.link(temporary, final)  # raises FileExistsError: never clobbers
        os.unlink(temporary)
