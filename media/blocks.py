"""blocks-sha256.txt: the SHA-256 of every 32 KiB of an image, inside that image.

With it two damaged copies are put together block by block, before any file system can be read. 32 KiB is the block of a
DVD's own error correction, so damage comes in such pieces. The file's first line, 128 bytes:

    strongroom-blocks 1 block=32768 image=<bytes> self=<first byte>+<bytes>

then one line of 64 hexadecimal digits for each block, the last of which may be shorter; the bytes of the file itself
are taken as zeros, since it cannot hold its own hash. `image` is the size before error correction, which comes behind.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from media.mediums import SECTOR
from vault.digest import Digest
from vault.outputs import Progress

BLOCK_LIST = "blocks-sha256.txt"
BLOCK_SIZE = 32 << 10  # bytes

_HEAD = 128  # bytes
_LINE = 65  # bytes
_HASH = 32  # bytes
_STEP = 1 << 20  # bytes held at a time
_FIRST = re.compile(rb"strongroom-blocks 1 block=32768 image=([0-9]+) self=([0-9]+)\+([0-9]+) *\n")


@dataclass(frozen=True, slots=True)
class BlockList:
    """Where the list lies in its image: `image` and `size` in bytes, `start` the first of its own."""

    image: int
    start: int
    size: int

    @property
    def head(self) -> bytes:
        said = f"strongroom-blocks 1 block={BLOCK_SIZE} image={self.image} self={self.start}+{self.size}"
        return said.encode().ljust(_HEAD - 1) + b"\n"


def list_size(image: int) -> int:
    """Bytes of the list of an image of so many bytes."""
    return _HEAD + _LINE * -(-image // BLOCK_SIZE)


class BlockHashes:
    """Hashes blocks while the image is written, so that it need not be read again for its list.

    A block counts as known once its bytes were seen in one piece. What was written in pieces (metadata, and where files
    meet that do not lie side by side) is read back in the end. Hashes wait in a file, there are millions.
    """

    def __init__(self) -> None:
        self._spool = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # closed with this object
        self._known = bytearray()
        self._first = 0

    def __enter__(self) -> "BlockHashes":
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def begin(self, listed: BlockList, first: int) -> None:
        """From now on it is this image. `first`: where files begin, each written once; what is before is read back."""
        self._known = bytearray(-(-listed.image // BLOCK_SIZE))
        self._first = first

    def saw(self, at: int, data: memoryview) -> None:
        """These bytes are written there. By any thread."""
        first, end = -(-max(at, self._first) // BLOCK_SIZE), (at + len(data)) // BLOCK_SIZE
        if first >= end:
            return
        starts = range(first * BLOCK_SIZE - at, end * BLOCK_SIZE - at, BLOCK_SIZE)
        digests = b"".join(hashlib.sha256(data[start : start + BLOCK_SIZE]).digest() for start in starts)
        os.pwrite(self._spool.fileno(), digests, first * _HASH)
        self._known[first:end] = bytes([1]) * (end - first)

    def write_list(self, image: int, listed: BlockList) -> None:
        """Put the list into the image, in which zeros keep its place. `image`: a descriptor to read and write.

        OSError as the disk gives it.
        """
        at = listed.start
        lines = bytearray(listed.head)
        for number, known in enumerate(self._known):
            if known:
                digest = os.pread(self._spool.fileno(), _HASH, number * _HASH)
            else:
                (digest,) = _digests(image, listed, number * BLOCK_SIZE, BLOCK_SIZE)
            lines += digest.hex().encode() + b"\n"
            if len(lines) >= _STEP:
                at += _write(image, lines, at)
                lines.clear()
        _write(image, lines, at)


def find_list(image: int) -> BlockList | None:
    """Where the list lies, found without reading any file system; None where there is none."""
    at = 0
    while len(first := os.pread(image, _HEAD, at)) == _HEAD:
        if found := _FIRST.fullmatch(first):
            return BlockList(*map(int, found.groups()))
        at += SECTOR
    return None


def check_list(image: int, listed: BlockList, progress: Progress = int) -> Digest | None:
    """Compare every block with its line: the SHA-256 of the list itself, or None where anything differs."""
    hasher = hashlib.sha256()
    at = listed.start
    expected = bytearray(listed.head)
    same = listed.size == list_size(listed.image) and os.fstat(image).st_size >= listed.image
    for digest in _digests(image, listed, progress=progress):
        expected += digest.hex().encode() + b"\n"
        if len(expected) >= _STEP:
            same = same and os.pread(image, len(expected), at) == expected
            at += len(expected)
            hasher.update(expected)
            expected.clear()
    same = same and os.pread(image, len(expected), at) == expected
    hasher.update(expected)
    return Digest(hasher.digest()) if same else None


def _digests(
    image: int, listed: BlockList, first: int = 0, length: int = 0, progress: Progress = int
) -> Iterator[bytes]:
    """Of each block of the image from the byte `first` on, the list's own taken as zeros. `length` 0: to the end."""
    end = min(first + length, listed.image) if length else listed.image
    buffer = bytearray(min(_STEP, max(end - first, 0)))
    for start in range(first, end, _STEP):
        step = memoryview(buffer)[: min(_STEP, end - start)]
        got = 0
        while got < len(step) and (count := os.preadv(image, [step[got:]], start + got)):
            got += count
        step = step[:got]  # shorter where the image was cut off
        from_, to = max(listed.start - start, 0), min(listed.start + listed.size - start, len(step))
        if from_ < to:
            step[from_:to] = bytes(to - from_)
        for at in range(0, len(step), BLOCK_SIZE):
            yield hashlib.sha256(step[at : at + BLOCK_SIZE]).digest()
        progress(len(step))


def _write(image: int, data: bytearray, at: int) -> int:
    left = memoryview(data)
    while left:
        done = os.pwrite(image, left, at)
        left, at = left[done:], at + done
    return len(data)
