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
from collections.abc import Iterator
from dataclasses import dataclass

from media.mediums import SECTOR
from vault.digest import Digest
from vault.outputs import Progress

BLOCK_LIST = "blocks-sha256.txt"
BLOCK_SIZE = 32 << 10  # bytes

_HEAD = 128  # bytes
_LINE = 65  # bytes
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


def write_list(image: int, listed: BlockList, progress: Progress = int) -> None:
    """Put the list into the image, in which zeros keep its place. `image`: a descriptor to read and write.

    OSError as the disk gives it.
    """
    at = listed.start
    lines = bytearray(listed.head)
    for digest in _digests(image, listed, progress):
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
    for digest in _digests(image, listed, progress):
        expected += digest.hex().encode() + b"\n"
        if len(expected) >= _STEP:
            same = same and os.pread(image, len(expected), at) == expected
            at += len(expected)
            hasher.update(expected)
            expected.clear()
    same = same and os.pread(image, len(expected), at) == expected
    hasher.update(expected)
    return Digest(hasher.digest()) if same else None


def _digests(image: int, listed: BlockList, progress: Progress) -> Iterator[bytes]:
    """One for each block of the image, the bytes of the list taken as zeros."""
    buffer = bytearray(_STEP)
    for start in range(0, listed.image, _STEP):
        step = memoryview(buffer)[: min(_STEP, listed.image - start)]
        got = 0
        while got < len(step) and (count := os.preadv(image, [step[got:]], start + got)):
            got += count
        step = step[:got]  # shorter where the image was cut off
        first, last = max(listed.start - start, 0), min(listed.start + listed.size - start, len(step))
        if first < last:
            step[first:last] = bytes(last - first)
        for at in range(0, len(step), BLOCK_SIZE):
            yield hashlib.sha256(step[at : at + BLOCK_SIZE]).digest()
        progress(len(step))


def _write(image: int, data: bytearray, at: int) -> int:
    left = memoryview(data)
    while left:
        done = os.pwrite(image, left, at)
        left, at = left[done:], at + done
    return len(data)
