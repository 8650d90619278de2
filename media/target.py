"""The file that an image is written into: a thread of its own writes, while the next block is read and proven.

Neighbouring small writes go out together. What is written starts on its way to the disk at once and leaves the page
cache behind it: an image is larger than what a small machine has to spare, and is read next by whoever checks it.
"""

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from media.mediums import SECTOR
from vault.outputs import writing_to
from vault.verified import BLOCK

Saw = Callable[[int, bytes], None]
"""Told of every write, in order: the first byte's place, and the bytes."""

_WAITING = 8  # writes of at most a block each that may wait
_WINDOW = 16 << 20  # bytes


class Target:
    """A new file as pycdlib writes to it. Its failures are TargetProblem, so that they are not taken for a store's."""

    mode = "wb"  # pycdlib looks at it

    def __init__(self, partial: Path, target: Path, saw: Saw | None = None) -> None:
        self._target = target
        self._saw = saw
        with writing_to(target):
            self._file = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        self._at = self._end = 0
        self._joined, self._joined_at = bytearray(), 0
        self._waiting: queue.Queue[tuple[int, bytes] | None] = queue.Queue(_WAITING)
        self._failure: OSError | None = None
        self._window = 0
        self._writer = threading.Thread(target=self._work, daemon=True)
        self._writer.start()

    def __enter__(self) -> "Target":
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._writer.join()
        os.close(self._file)

    def fileno(self) -> int:
        return self._file

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        return self._at

    def write(self, data: bytes) -> int:
        """All of it, sooner or later; a failure shows at one of the next calls."""
        end = self._joined_at + len(self._joined)
        if self._joined and end < self._at <= -(-end // SECTOR) * SECTOR:
            self._joined += bytes(self._at - end)  # the rest of a sector: whoever began it has all of it
        if self._at != self._joined_at + len(self._joined) or len(self._joined) + len(data) > BLOCK:
            self._hand_on()
            self._joined_at = self._at
        if self._joined or len(data) < BLOCK:
            self._joined += data
        else:
            self._waiting.put((self._at, data))
            self._joined_at = self._at + len(data)
        self._at += len(data)
        self._end = max(self._end, self._at)
        self._raise()
        return len(data)

    def to_disk(self) -> None:
        """All is written and durable, and dropped from memory, so that reading it again reads the disk."""
        self._hand_on()
        self._waiting.join()
        self._raise()
        with writing_to(self._target):
            os.fsync(self._file)
            os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)

    def _hand_on(self) -> None:
        if self._joined:
            self._waiting.put((self._joined_at, bytes(self._joined)))
            self._joined_at += len(self._joined)
            self._joined.clear()

    def _raise(self) -> None:
        if self._failure is not None:
            with writing_to(self._target):
                raise self._failure

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            try:
                if self._failure is None:
                    self._put(*item)
            except OSError as error:
                self._failure = error
            finally:
                self._waiting.task_done()

    def _put(self, at: int, data: bytes) -> None:
        if self._saw is not None:
            self._saw(at, data)
        left = memoryview(data)
        while left:
            done = os.pwrite(self._file, left, at)
            left, at = left[done:], at + done
        if at >= self._window + _WINDOW:
            # Linux begins to write what is dirty of this range, and drops what is clean: the window before it.
            os.posix_fadvise(self._file, max(self._window - _WINDOW, 0), 2 * _WINDOW, os.POSIX_FADV_DONTNEED)
            self._window = at
