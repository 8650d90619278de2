"""Bytes on their way onto a disk: temporary files that a crash leaves behind harmlessly and the next start sweeps.

Each process writes into a folder of its own, `tmp/<random>/`, and holds a lock on it; whoever finds such a folder
without a holder removes it. The locks are flock(2) on folders, which is local to a machine: one machine at a time
writes to a share. Large files are written behind: write-back starts at once, and 32 MiB later the pages
are dropped, so a night's video neither fills the machine's memory nor waits for one long flush at the end.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from backends import linux
from backends.durable import Syncer, write_all
from backends.reading import SayError
from vault.digest import Block

SMALL = 4 << 20  # bytes; smaller files are synced with their batch, larger ones by themselves
WINDOW = 32 << 20  # bytes in flight between the page cache and the disk


class Desk:
    """This process's folder for arrivals on one store. Before anything is written one thread calls `settle`."""

    def __init__(self, root: Path) -> None:
        self.syncer = Syncer(root)
        self.folder = ""
        self._tmp = root / "tmp"
        self._lock = -1
        self._serial = count()
        self._owner = os.getpid()

    def settle(self) -> None:
        """Take a folder, unless there is one: at the start, and where somebody has cleared tmp/ since."""
        if self.folder and os.path.isdir(self.folder):
            return
        with suppress(FileExistsError):
            os.mkdir(self._tmp, 0o755)
        with self.alone():  # else a sweep could meet a folder that is made but not yet held
            _sweep(self._tmp)
            folder = str(self._tmp / secrets.token_hex(8))
            os.mkdir(folder, 0o755)
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.folder = folder
        self._let_go()
        self._lock = lock

    def _let_go(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)

    @property
    def mine(self) -> bool:
        """Whether this process opened it: a fork has the same numbers and shares the lock, and must not go on here."""
        return self._owner == os.getpid()

    def arrival(self, size: int, say: SayError) -> "Arrival":
        return Arrival(f"{self.folder}/{next(self._serial)}", size, say, whole=self.syncer.whole)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While this is held, no other thread or process of this machine holds it on this store."""
        descriptor = os.open(self._tmp, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Leave nothing behind. Never raises."""
        if self.mine:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._let_go()
        self.syncer.close()


def _sweep(tmp: Path) -> None:
    for folder in tmp.iterdir():
        with suppress(OSError):  # held by a living process, or another person's
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
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
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

    @property
    def writing(self) -> bool:
        """Whether it still waits for `finish`."""
        return self._descriptor >= 0

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
            self._close()
        except OSError as error:
            raise self._say(error) from error

    def abandon(self) -> None:
        with suppress(OSError):  # what a share still reports at close no longer matters
            self._close()
        with suppress(OSError):
            os.unlink(self.path)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)  # an error leaves it closed all the same
