"""The whole files of a salvaged image as objects, for the vault to take back."""

import io
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, cast

from media.salvage.copies import Copy
from media.salvage.tree import Entry
from vault.digest import Digest
from vault.errors import BlobMissing
from vault.ports import BlobInfo
from vault.text import Text


class SalvagedDisc:
    """A BlobReader over an image. `name`: the disc's, such as 2026-0001-1."""

    def __init__(self, name: str, image: Path, whole: Iterable[tuple[Entry, str]]) -> None:
        self.name = name
        self._image = image
        self._entries = {Digest.parse(digest): entry for entry, digest in whole}

    def stat(self, digest: Digest) -> BlobInfo:
        """As a store's."""
        return BlobInfo(digest, sum(length for _, length in self._entry(digest).extents))

    def open(self, digest: Digest, start: int = 0) -> AbstractContextManager[BinaryIO]:
        """As a store's."""
        stream = io.BufferedReader(_Extents(self._image, self._entry(digest)), 1 << 20)
        stream.seek(start)
        return cast(BinaryIO, stream)

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        """As a store's."""
        for digest in sorted(self._entries):
            if after is None or digest > after:
                yield self.stat(digest)

    def _entry(self, digest: Digest) -> Entry:
        try:
            return self._entries[digest]
        except KeyError:
            raise BlobMissing(
                Text(en=f"{self.name} has no whole {digest}.", zh=f"{self.name} 上没有完好的 {digest}。")
            ) from None


class _Extents(io.RawIOBase):
    """The bytes of one file of an image, wherever they lie."""

    def __init__(self, image: Path, entry: Entry) -> None:
        self._image = Copy(str(image))
        self._entry = entry
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = offset if whence == io.SEEK_SET else self._at + offset
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader hands over
        at = self._at
        for first, length in self._entry.extents:
            if at < length:
                data = self._image.filled(first + at, min(len(buffer), length - at))
                buffer[: len(data)] = data
                self._at += len(data)
                return len(data)
            at -= length
        return 0
