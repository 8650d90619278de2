"""Reading an object at any place in it, every byte proven before it is given out.

The first read hashes one whole copy, and each of its blocks, before it gives anything out. From then on a block is read
from wherever it can be had, and given out only if it is the block that was part of the proven whole: what rots, or is
exchanged, between two reads never comes out. A copy that fails is passed over for the next store's, and that is said
in this module's log. Memory holds one block, and 32 bytes for each of at most 65,536.
"""

import hashlib
import io
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from vault.errors import BlobCorrupt, BlobMissing, StoreUnavailable, hardest
from vault.ports import BlobReader
from vault.records import RecordFile
from vault.text import Text
from vault.verified import BLOCK, OpenObject, VerifiedStream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MOST_BLOCKS = 65_536  # of one object; in larger ones the blocks are larger
_DIGEST = hashlib.sha256().digest_size
_T = TypeVar("_T")

log = logging.getLogger(__name__)


def from_a_good_copy(file: RecordFile, stores: Sequence[BlobReader], use: Callable[[VerifiedStream], _T]) -> _T:
    """What `use` makes of the first copy that it can read to its proven end; it starts anew with each.

    Without one the hardest of the stores' answers: BlobMissing, BlobCorrupt or StoreUnavailable.
    """
    failures: list[BlobMissing | BlobCorrupt | StoreUnavailable] = []
    for store in stores:
        try:
            with VerifiedStream(file, _opener(store)) as stream:
                return use(stream)
        except (BlobMissing, BlobCorrupt, StoreUnavailable) as error:
            log.warning("%s: %s", store.name, error)
            failures.append(error)
    raise hardest(failures)


def _opener(store: BlobReader) -> OpenObject:
    return lambda file: store.open(file.digest)


class ProvenReader(io.RawIOBase):
    """A record's file, opened at the first read. Errors as `from_a_good_copy`. Not for several threads."""

    mode = "rb"

    def __init__(self, file: RecordFile, stores: Sequence[BlobReader]) -> None:
        self.name = file.name
        self.size = file.size
        self._file = file
        self._stores = stores
        self._block = _block_of(file.size)
        self._digests: bytes | None = None  # of the blocks, one after the other
        self._held = (-1, b"")  # a block, and its place among them
        self._at = 0
        self._opened = ExitStack()
        self._stream: BinaryIO | None = None  # of the first of `_stores`
        self._stream_at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence] + offset
        if at < 0:
            raise ValueError(f"before the beginning: {at}")
        self._at = at
        return at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if self._digests is None:
            self._digests = from_a_good_copy(self._file, self._stores, self._digest_blocks)
        if self._at >= self.size:
            return 0
        number, start = divmod(self._at, self._block)
        with memoryview(buffer).cast("B") as view:
            block = self._proven(number, self._digests)
            count = min(len(view), len(block) - start)
            view[:count] = memoryview(block)[start : start + count]
        self._at += count
        return count

    def close(self) -> None:
        self._opened.close()
        super().close()

    def _digest_blocks(self, stream: VerifiedStream) -> bytes:
        """Every block's digest; the last block is kept, since what describes a file often lies at its end."""
        digests = bytearray()
        while block := stream.read(self._block):
            self._held = (len(digests) // _DIGEST, block)
            digests += hashlib.sha256(block).digest()
        return bytes(digests)

    def _proven(self, number: int, digests: bytes) -> bytes:
        if self._held[0] != number:
            self._held = (number, self._fetched(number, digests[number * _DIGEST :][:_DIGEST]))
        return self._held[1]

    def _fetched(self, number: int, digest: bytes) -> bytes:
        """The block from the store that gave the last one, else from another, which then stays the first."""
        failures: list[BlobMissing | BlobCorrupt | StoreUnavailable] = []
        for store in tuple(self._stores):
            try:
                block = self._read(number * self._block)
                if hashlib.sha256(block).digest() == digest:
                    return block
                failures.append(self._exchanged(store.name))
            except (BlobMissing, StoreUnavailable) as error:
                failures.append(error)
            log.warning("%s: %s", store.name, failures[-1])
            self._give_back()
            self._stores = [*self._stores[1:], store]
        raise hardest(failures)

    def _read(self, at: int) -> bytes:
        if self._stream is None or self._stream_at != at:
            self._give_back()
            self._stream = self._opened.enter_context(self._stores[0].open(self._file.digest, at))
            self._stream_at = at
        wanted = min(self._block, self.size - at)
        block = bytearray()
        while len(block) < wanted and (more := self._stream.read(wanted - len(block))):
            block += more
        self._stream_at += len(block)
        return bytes(block)

    def _give_back(self) -> None:
        self._stream = None
        self._opened.close()

    def _exchanged(self, store: str) -> BlobCorrupt:
        name, sha256 = self._file.name, self._file.sha256
        return BlobCorrupt(
            Text(
                en=f"The copy of {name!r} (object {sha256}) on {store} was changed while it was read.",
                zh=f"文件 {name!r}（对象 {sha256}）在存储 {store} 上的副本在读取期间被改动。",
            )
        )


def _block_of(size: int) -> int:
    """How large the blocks are: a power of two, from 1 MiB."""
    block = BLOCK
    while block * _MOST_BLOCKS < size:
        block *= 2
    return block
