"""Reading copies off a file system: as a stream, or past the page cache straight from the medium.

Errors of the medium (EIO, a share that went away) become StoreUnavailable: the file system could not tell, which is
neither "absent" nor "corrupt".
"""

import errno
import io
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from vault.errors import StrongroomError

SayError = Callable[[OSError], StrongroomError]

_LARGE = 1 << 20  # bytes: whoever takes as many at a time reads on
_AHEAD = 8 << 20  # bytes


class StoreFile(io.FileIO):
    """A file opened for reading, from `start` on, whose failures are said in the vault's words. Of one that is read in
    large blocks the next come into memory while those before are hashed."""

    def __init__(self, path: str, say: SayError, start: int) -> None:
        super().__init__(path, "r")
        self._say = say
        self._asked = start  # how far that has been asked for
        self.seek(start)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: any buffer
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise self._say(error) from error

    def read(self, size: int | None = -1) -> bytes:
        try:
            if size is not None and size >= _LARGE:
                self._ask_ahead()
            return super().read(-1 if size is None else size)
        except OSError as error:
            raise self._say(error) from error

    def _ask_ahead(self) -> None:
        at = self.tell()
        self._asked = max(self._asked, at)
        if self._asked - at <= _AHEAD and hasattr(os, "posix_fadvise"):
            with suppress(OSError):  # a file system that takes no advice
                os.posix_fadvise(self.fileno(), self._asked, _AHEAD, os.POSIX_FADV_WILLNEED)
            self._asked += _AHEAD

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError as error:
            raise self._say(error) from error


class MediumFile:
    """The same through O_DIRECT where the file system has it; elsewhere the cached pages are dropped first."""

    def __init__(self, path: str, say: SayError) -> None:
        self._say = say
        self._offset = 0
        direct = getattr(os, "O_DIRECT", 0)
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | direct)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def readinto(self, buffer: memoryview) -> int:
        """preadv into whole pages; the kernel gives a short count at the end of the file."""
        try:
            count = os.preadv(self._descriptor, [buffer], self._offset)
        except OSError as error:
            raise self._say(error) from error
        self._offset += count
        return count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        os.close(self._descriptor)
