"""The whole files of a salvaged image as objects, for the vault to take back.

An object that was cut over several discs is joined from this image and those of other discs of the set (join.txt). A
piece counts if its SHA-256 is right, whichever image it lies in, damaged or not.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, cast

from media.salvage.copies import Copy
from media.salvage.pieces import JOIN_LIST, Piece, files_of, listed
from media.salvage.tree import Entry, entries
from vault.digest import Digest
from vault.errors import BlobMissing
from vault.ports import BlobInfo
from vault.text import Text

_Extents = Sequence[tuple[Copy, int, int]]  # of an image: first byte, bytes


class SalvagedDisc:
    """A BlobReader over an image. `name`: the disc's, such as 2026-0001-1; `whole`: files of it, with their SHA-256;
    `beside`: images of other discs of its set. `lacking`: of an object that is cut the discs that are needed, too."""

    def __init__(self, name: str, image: Copy, whole: Iterable[tuple[Entry, str]], beside: Sequence[Copy] = ()) -> None:
        self.name = name
        self.lacking: dict[str, list[str]] = {}
        found = {entry.path: (digest, _extents(image, entry)) for entry, digest in whole}
        others = [(copy, {entry.path: entry for entry in entries(copy.filled)}) for copy in beside]
        cut = list(files_of(_pieces(found.get(JOIN_LIST), others)))
        parts = {piece.digest for pieces in cut for piece in pieces}
        data = {digest: extents for path, (digest, extents) in found.items() if path.startswith("data/")}
        self._objects = {Digest.parse(digest): extents for digest, extents in data.items() if digest not in parts}
        for pieces in cut:
            if not any(piece.digest in data for piece in pieces):
                continue
            places = [data.get(piece.digest) or _beside(piece, others) for piece in pieces]
            if lacking := [piece.volume for piece, place in zip(pieces, places, strict=True) if not place]:
                self.lacking[pieces[0].whole] = lacking
            else:
                self._objects[Digest.parse(pieces[0].whole)] = [extent for place in places for extent in place]

    def stat(self, digest: Digest) -> BlobInfo:
        """As a store's."""
        return BlobInfo(digest, sum(length for _, _, length in self._object(digest)))

    def open(self, digest: Digest, start: int = 0) -> AbstractContextManager[BinaryIO]:
        """As a store's."""
        stream = io.BufferedReader(_Joined(self._object(digest)), 1 << 20)
        stream.seek(start)
        return cast(BinaryIO, stream)

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        """As a store's."""
        for digest in sorted(self._objects):
            if after is None or digest > after:
                yield self.stat(digest)

    def _object(self, digest: Digest) -> _Extents:
        try:
            return self._objects[digest]
        except KeyError:
            raise BlobMissing(
                Text(en=f"{self.name} has no whole {digest}.", zh=f"{self.name} 上没有完好的 {digest}。")
            ) from None


def _extents(image: Copy, entry: Entry) -> _Extents:
    return [(image, first, length) for first, length in entry.extents]


def _pieces(own: tuple[str, _Extents] | None, others: Sequence[tuple[Copy, Mapping[str, Entry]]]) -> Iterator[Piece]:
    """Of every list that is there; what a damaged one says wrongly is found by no digest."""
    if own is not None:
        yield from listed(b"".join(image.filled(first, length) for image, first, length in own[1]))
    for copy, tree in others:
        if JOIN_LIST in tree:
            yield from listed(b"".join(tree[JOIN_LIST].blocks(copy.filled)))


def _beside(piece: Piece, others: Sequence[tuple[Copy, Mapping[str, Entry]]]) -> _Extents:
    """Where it lies whole on another disc; nowhere: empty."""
    for copy, tree in others:
        entry = tree.get(piece.path)
        if entry is None:
            continue
        hasher = hashlib.sha256()
        for data in entry.blocks(copy.filled):
            hasher.update(data)
        if hasher.hexdigest() == piece.digest:
            return _extents(copy, entry)
    return []


class _Joined(io.RawIOBase):
    """The bytes of an object, wherever they lie."""

    def __init__(self, extents: _Extents) -> None:
        self._extents = extents
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
        for image, first, length in self._extents:
            if at < length:
                data = image.filled(first + at, min(len(buffer), length - at))
                buffer[: len(data)] = data
                self._at += len(data)
                return len(data)
            at -= length
        return 0
