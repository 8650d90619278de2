"""A disc as a reader of the vault's objects: where they lie on it, and over how many discs a large one is spread.

A reader speaks for one disc by the name of its volume. It looks for the disc each time it is asked, in all places, so
that the disc may be taken out and come back, in another drive or as its other copy. An object that is cut goes on, in
the midst of its stream, on the next disc of the set, which is asked for when its turn comes.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from media.contents import Disc, Held, Piece
from media.places import Places
from media.volume import Stretch
from vault.digest import Digest
from vault.discs.model import volume_id
from vault.errors import BlobMissing
from vault.ports import BlobInfo
from vault.text import Text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class DiscReader:
    """See `BlobReader`. DiscWanted where the disc, or the next one of its set, is in no place and nobody waits."""

    def __init__(self, name: str, places: Places) -> None:
        self.name = name
        self._places = places

    def stat(self, digest: Digest) -> BlobInfo:
        disc, held = self._held(digest)
        for piece in held.pieces:
            if piece.path is not None and disc.volume.size(piece.path) != piece.size:
                raise _absent(digest, self.name)
        return BlobInfo(digest, held.size)

    @contextmanager
    def open(self, digest: Digest, start: int = 0) -> Iterator[BinaryIO]:
        disc, held = self._held(digest)
        stream = _Joined(self._places, disc.contents.disc_set, held, start)
        try:
            yield cast(BinaryIO, stream)
        finally:
            stream.close()

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        disc = self._places.find([self.name])
        for raw, held in disc.objects.items():
            if after is None or raw > after.raw:
                yield BlobInfo(Digest(raw), held.size)

    def _held(self, digest: Digest) -> tuple[Disc, Held]:
        disc = self._places.find([self.name])
        held = disc.objects.get(digest.raw)
        if held is None:
            raise _absent(digest, self.name)
        return disc, held


class ShelfReader:
    """Asks for the disc that the catalogue says has an object; to be asked last. See `Lender`.

    `carriers`: the names of the discs that carry an object, none where it is on no disc.
    """

    name = "discs"

    def __init__(self, places: Places, carriers: Callable[[Digest], Sequence[str]]) -> None:
        self._places = places
        self._carriers = carriers

    @contextmanager
    def open(self, digest: Digest, start: int = 0) -> Iterator[BinaryIO]:
        names = list(self._carriers(digest))
        while names:
            disc = self._places.find(names)
            if digest.raw in disc.objects:
                with DiscReader(disc.name, self._places).open(digest, start) as stream:
                    yield stream
                return
            names.remove(disc.name)  # of a record that is spread over several, it has other files
        raise BlobMissing(Text(en=f"No disc has {digest}.", zh=f"没有光盘载有 {digest}。"))


class _Joined(io.RawIOBase):
    """The pieces of an object one after the other. The first is opened at once: what is absent is said before."""

    def __init__(self, places: Places, disc_set: str, held: Held, start: int) -> None:
        self._places = places
        self._disc_set = disc_set
        self._digest = Digest.parse(held.sha256)
        self._pieces: Sequence[Piece] = [piece for piece in held.pieces if piece.start + piece.size > start]
        self._stretch: Stretch | None = None
        if self._pieces:
            self._next(start - self._pieces[0].start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while self._stretch is not None:
            if count := self._stretch.readinto(buffer):
                return count
            self._next(0)
        return 0

    def _next(self, start: int) -> None:
        """Go on with the next piece, wherever it lies."""
        if self._stretch is not None:
            self._stretch.close()
            self._stretch = None
        if not self._pieces:
            return
        piece, *self._pieces = self._pieces
        disc = self._places.find([volume_id(self._disc_set, piece.disc)])  # anew: it may have been taken out meanwhile
        self._stretch = disc.volume.open(_path_on(disc, self._digest, piece), start)

    def close(self) -> None:
        if self._stretch is not None:
            self._stretch.close()
        super().close()


def _path_on(disc: Disc, digest: Digest, piece: Piece) -> str:
    """Where the piece lies on its own disc."""
    held = disc.objects.get(digest.raw)
    for one in held.pieces if held is not None else ():
        if (one.start, one.size) == (piece.start, piece.size) and one.path is not None:
            return one.path
    raise _absent(digest, disc.name)


def _absent(digest: Digest, name: str) -> BlobMissing:
    return BlobMissing(Text(en=f"Disc {name} does not have {digest}.", zh=f"光盘 {name} 上没有 {digest}。"))
