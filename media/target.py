"""The file that an image is written into: while bytes are read and proven, threads hash and write those before them.

Bytes are gathered into chunks. A whole chunk goes past the page cache, where the file system lets it: that takes half
of the processor's time, and an image is larger than what a small machine has to spare. What comes out of its order, and
what fills no chunk, is written at once, after everything before it.
"""

import errno
import mmap
import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from media.mediums import SECTOR
from vault.outputs import writing_to

Saw = Callable[[int, memoryview], None]
"""Told of every write: the first byte's place, and the bytes. By several threads at once, in no order."""

CHUNK = 4 << 20  # bytes; they begin at multiples of it
_WRITERS = 2  # while one waits for the disk, the other hashes
_BUFFERS = _WRITERS + 2  # a chunk each: one is filled, one waits


class Target:
    """A new file as pycdlib writes to it. Its failures are TargetProblem, so that they are not taken for a store's."""

    mode = "wb"  # pycdlib looks at it

    def __init__(self, partial: Path, target: Path, saw: Saw | None = None) -> None:
        self._target = target
        self._saw = saw
        with writing_to(target):
            self._file = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        self._direct = _past_the_cache(partial)
        self._at = self._end = 0
        self._from = self._to = 0  # what the buffer has of its chunk
        self._written = 0  # how far chunks have been handed on
        self._waiting: queue.SimpleQueue[tuple[int, memoryview] | None] = queue.SimpleQueue()
        self._free: queue.SimpleQueue[memoryview] = queue.SimpleQueue()
        for _ in range(_BUFFERS - 1):
            self._free.put(_new_buffer())
        self._buffer = _new_buffer()
        self._failure: OSError | None = None
        self._writers = [threading.Thread(target=self._work, daemon=True) for _ in range(_WRITERS)]
        for writer in self._writers:
            writer.start()

    def __enter__(self) -> "Target":
        return self

    def __exit__(self, *_: object) -> None:
        for _writer in self._writers:
            self._waiting.put(None)
        for writer in self._writers:
            writer.join()
        for descriptor in (self._file, self._direct):
            if descriptor is not None:
                os.close(descriptor)

    def fileno(self) -> int:
        return self._file

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        return self._at

    def write(self, data: bytes) -> int:
        """All of it, sooner or later; a failure shows at one of the next calls."""
        if self._from < self._to < self._at <= -(-self._to // SECTOR) * SECTOR:
            self._gather(bytes(self._at - self._to))  # the rest of a sector: whoever began it has all of it
        if self._at != self._to:
            self._hand_on()
            self._from = self._to = self._at
        self._gather(data)
        self._at = self._to
        self._end = max(self._end, self._at)
        self._raise()
        return len(data)

    def to_disk(self) -> None:
        """All is written and durable, and dropped from memory, so that reading it again reads the disk."""
        self._hand_on()
        self._settle()
        self._raise()
        with writing_to(self._target):
            os.fsync(self._file)
            os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)

    def _gather(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            within = self._to % CHUNK
            piece = left[: CHUNK - within]
            self._buffer[within : within + len(piece)] = piece
            self._to += len(piece)
            left = left[len(piece) :]
            if self._to % CHUNK == 0:
                self._hand_on()

    def _hand_on(self) -> None:
        """What the buffer has; it is free then."""
        at, size = self._from, self._to - self._from
        self._from = self._to
        if size == CHUNK and at >= self._written:
            self._waiting.put((at, self._buffer))
            self._written = at + CHUNK
            self._buffer = self._free.get()
        elif size:
            self._settle()
            within = at % CHUNK
            self._put(at, self._buffer[within : within + size])

    def _settle(self) -> None:
        """Wait until every chunk is written: then all buffers are free."""
        free = [self._free.get() for _ in range(_BUFFERS - 1)]
        for buffer in free:
            self._free.put(buffer)

    def _raise(self) -> None:
        if self._failure is not None:
            with writing_to(self._target):
                raise self._failure

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            self._put(*item)
            self._free.put(item[1])

    def _put(self, at: int, data: memoryview) -> None:
        try:
            if self._failure is None:
                if self._saw is not None:
                    self._saw(at, data)
                self._write_all(at, data)
        except OSError as error:
            self._failure = error

    def _write_all(self, at: int, data: memoryview) -> None:
        if len(data) == CHUNK and self._direct is not None:
            try:
                _write_at(self._direct, at, data)
            except OSError as error:
                if error.errno != errno.EINVAL:  # some file systems say only now that they cannot
                    raise
            else:
                return
        _write_at(self._file, at, data)
        if len(data) == CHUNK:
            # Linux begins to write what is dirty of this range, and drops what is clean: the chunk before it.
            os.posix_fadvise(self._file, max(at - CHUNK, 0), 2 * CHUNK, os.POSIX_FADV_DONTNEED)


def _past_the_cache(partial: Path) -> int | None:
    """A second descriptor, on which writes do not pass through the page cache; None where there is no such thing."""
    with suppress(OSError):
        return os.open(partial, os.O_WRONLY | os.O_CLOEXEC | os.O_DIRECT)
    return None


def _new_buffer() -> memoryview:
    """Page-aligned, as writing past the cache demands."""
    return memoryview(mmap.mmap(-1, CHUNK))


def _write_at(descriptor: int, at: int, data: memoryview) -> None:
    while data:
        done = os.pwrite(descriptor, data, at)
        data, at = data[done:], at + done
