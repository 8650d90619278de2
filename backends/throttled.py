"""`Files` (files.py) over a line that others need too: so many bytes a second, over all threads and both directions.

Each process has the whole of it; an intake works with two. Contents go out in small pieces where the kind of place
takes them as they come (smb, sftp, fsspec); a bucket is sent each part of 5 MiB at once, after the time that it takes.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from backends.files import Content, Files
from vault.bandwidth import Bandwidth

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class ThrottledFiles:
    """See `Files`."""

    def __init__(self, inner: Files, bandwidth: Bandwidth) -> None:
        self._inner = inner
        self._bandwidth = bandwidth

    def size(self, path: str) -> int:
        return self._inner.size(path)

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        with self._inner.open(path, start) as stream:
            yield stream if self._bandwidth.resting else cast(BinaryIO, _Throttled(stream, self._bandwidth))

    def create(self, path: str, content: Content) -> bool:
        return self._inner.create(path, content if self._bandwidth.resting else _Slow(content, self._bandwidth))

    def replace(self, path: str, data: bytes) -> None:
        self._bandwidth.take(len(data))
        self._inner.replace(path, data)

    def move(self, path: str, to: str) -> bool:
        return self._inner.move(path, to)

    def remove(self, path: str) -> None:
        self._inner.remove(path)

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        return self._inner.walk(folder, after)

    def close(self) -> None:
        self._inner.close()


class _Slow:
    """A content that is read no faster than it may be sent."""

    def __init__(self, content: Content, bandwidth: Bandwidth) -> None:
        self._content = content
        self._bandwidth = bandwidth
        self.size = content.size
        self.sha256 = content.sha256

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        with self._content.open() as stream:
            yield cast(BinaryIO, _Throttled(stream, self._bandwidth))


class _Throttled(io.RawIOBase):
    """A stream that gives a piece at a time, each in its turn."""

    def __init__(self, stream: BinaryIO, bandwidth: Bandwidth) -> None:
        self._stream = stream
        self._bandwidth = bandwidth

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        with memoryview(buffer) as view, view[: self._bandwidth.piece] as piece:
            count = cast(int, self._stream.readinto(piece))  # type: ignore[attr-defined]  # typeshed: BinaryIO lacks it
        self._bandwidth.take(count)
        return count
