"""Bytes on their way onto a disk: temporary files that a crash leaves behind harmlessly and the next start sweeps.

Each process writes into a folder of its own, `tmp/<random>/`, and holds a lock on it; whoever finds such a folder
without a holder removes it. Large files are written behind: write-back starts at once, and 32 MiB later the pages
are dropped, so a night's video neither fills the machine's memory nor waits for one long flush at the end.
"""

import errno
import fcntl
import os
import secrets
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

from backends import linux
from backends.durable import write_all
from backends.reading import SayError
from vault.digest import Block

SMALL = 4 << 20  # bytes; smaller files are synced with their batch, larger ones by themselves
WINDOW = 32 << 20  # bytes in flight between the page cache and the disk


class Desk:
    """This process's folder for arrivals on one store; swept of dead processes' folders when it is first used."""

    def __init__(self, tmp: Path) -> None:
        os.makedirs(tmp, exist_ok=True)
        _sweep(tmp)
        self.folder = str(tmp / secrets.token_hex(8))
        os.mkdir(self.folder, 0o755)
        self._lock = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._serial = count()
        self.synced_in_batches = linux.local_filesystem(tmp)

    def arrival(self, size: int, say: SayError) -> "Arrival":
        return Arrival(f"{self.folder}/{next(self._serial)}", size, say, whole=self.synced_in_batches)

    def close(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def _sweep(tmp: Path) -> None:
    for folder in tmp.iterdir():
        with suppress(OSError):  # held by a living process, or swept by another one at this moment
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(descriptor)


class Arrival:
    """One temporary file. `unsynced` after `finish` if its bytes still wait for the batch's flush."""

    __slots__ = ("_behind", "_descriptor", "_expected", "_say", "_started", "_written", "path", "unsynced")

    def __init__(self, path: str, size: int, say: SayError, *, whole: bool) -> None:
        self.path = path
        self.unsynced = whole and size < SMALL
        self._say = say
        self._expected = size
        self._written = 0
        self._started = 0
        self._behind = 0
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o440)
        if whole and size >= SMALL:
            self._reserve(size)

    def _reserve(self, size: int) -> None:
        """Take the room now: a full disk is found before hours of copying, and the file lies in one piece."""
        try:
            os.posix_fallocate(self._descriptor, 0, size)
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                self.abandon()
                raise

    def write(self, block: Block) -> None:
        try:
            write_all(self._descriptor, block)
            self._written += len(block)
            if self._written >= SMALL:
                self._write_behind()
        except OSError as error:
            raise self._say(error) from error

    def _write_behind(self) -> None:
        linux.start_writeback(self._descriptor, self._started, self._written - self._started)
        self._started = self._written
        while self._written - self._behind > WINDOW:
            linux.wait_writeback(self._descriptor, self._behind, SMALL)
            os.posix_fadvise(self._descriptor, self._behind, SMALL, os.POSIX_FADV_DONTNEED)
            self._behind += SMALL

    def finish(self) -> None:
        try:
            if self._written < self._expected:
                os.ftruncate(self._descriptor, self._written)  # gives back what was reserved beyond the end
            if self._written >= SMALL:
                self.unsynced = False
            if not self.unsynced:
                os.fsync(self._descriptor)
        except OSError as error:
            raise self._say(error) from error
        os.close(self._descriptor)
        self._descriptor = -1

    def abandon(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        with suppress(OSError):
            os.unlink(self.path)
