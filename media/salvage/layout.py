"""Where the block list and the error correction lie on a disc: both are found by what they say of themselves."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from media.salvage.copies import SECTOR, Copy

BLOCK = 32_768
# Sectors that error correction may fill: of CD, DVD and BD, as media/mediums.py and dvdisaster have them.
MEDIUMS = (359_424, 359_699, 2_295_104, 2_298_496, 4_171_712, 4_173_824, 11_826_176, 23_652_352, 47_305_728)
_FIRST_LINE = 128  # bytes
_LINE = 65


class BlockList(NamedTuple):
    """`blocks-sha256.txt`: the bytes of the image that it covers, and its own place and size there."""

    image: int
    at: int
    size: int

    @classmethod
    def parse(cls, sector: bytes | None, at: int) -> BlockList | None:
        """None for what is no such list, or stands elsewhere than it says: within a file of the disc, for one."""
        found = re.match(rb"strongroom-blocks 1 block=32768 image=(\d+) self=(\d+)\+(\d+) *\n", sector or b"")
        if found is None:
            return None
        made = cls(int(found[1]), int(found[2]), int(found[3]))
        sound = made.image % SECTOR == 0 and made.size == _FIRST_LINE + _LINE * made.blocks
        return made if made.at == at and sound and at + made.size <= made.image else None

    @property
    def blocks(self) -> int:
        return -(-self.image // BLOCK)

    @property
    def first_line(self) -> bytes:
        said = f"strongroom-blocks 1 block={BLOCK} image={self.image} self={self.at}+{self.size}"
        return said.ljust(_FIRST_LINE - 1).encode() + b"\n"

    def length(self, block: int) -> int:
        return min(BLOCK, self.image - block * BLOCK)

    def line_at(self, block: int) -> int:
        """Where its digest stands, from the beginning of the list."""
        return _FIRST_LINE + _LINE * block

    def holds(self, block: int) -> bool:
        """Whether some of the list lies in that block."""
        return self.at < (block + 1) * BLOCK and block * BLOCK < self.at + self.size

    def digest(self, block: int, data: bytes) -> bytes:
        """The line of the list that these bytes would have there: the list's own count as zeros."""
        if self.holds(block):
            first = max(self.at - block * BLOCK, 0)
            last = min(self.at + self.size - block * BLOCK, len(data))
            data = data[:first] + bytes(last - first) + data[last:]
        return hashlib.sha256(data).hexdigest().encode() + b"\n"


def crc32(data: bytes) -> int:
    """As dvdisaster has it: without the last inversion."""
    return zlib.crc32(data) ^ 0xFFFFFFFF


class Parity(NamedTuple):
    """dvdisaster's RS03 within an image: 255 layers of `layer` sectors each.

    The first `data` of them are the image, a header of two sectors and padding; then comes one of sums: each sector has
    the CRC-32 of the next sector of every layer before, and its own; the others are parity.
    """

    layer: int
    data: int

    @classmethod
    def in_sums(cls, sector: bytes | None) -> Parity | None:
        """From a sector of sums (CrcBlock in dvdisaster.h); None where it is none, or not whole."""
        return cls._parse(sector, 1024, 1120, 1100, 1112)

    @classmethod
    def in_header(cls, sectors: bytes | None) -> Parity | None:
        """From the header (EccHeader), which follows the image."""
        return cls._parse(sectors, 0, 96, 76, 120)

    @classmethod
    def _parse(cls, data: bytes | None, cookie: int, own: int, layers: int, layer: int) -> Parity | None:
        if data is None or data[cookie : cookie + 16] != b"*dvdisaster*RS03":
            return None
        if struct.unpack_from("<I", data, own)[0] != crc32(data[:own] + b"GPL\0" + data[own + 4 :]):
            return None
        made = cls(struct.unpack_from("<Q", data, layer)[0], struct.unpack_from("<i", data, layers)[0] - 1)
        return made if made.layer > 0 and 0 < made.data < 255 else None

    @property
    def sectors(self) -> int:
        return 255 * self.layer

    @property
    def sums(self) -> int:
        """The first sector of sums."""
        return self.data * self.layer

    def sum_of(self, sector: int) -> tuple[int, int]:
        """In which sector, and from which byte, the CRC-32 of a sector before the sums stands."""
        return self.sums + (sector - 1) % self.layer, 4 * (sector // self.layer)


def find_list(copies: Sequence[Copy]) -> BlockList | None:
    """By reading every sector of one copy after the other: for discs whose folders cannot be read."""
    for copy in copies:
        for at, sector in _sectors_with(copy, b"strongroom-blocks 1 "):
            found = BlockList.parse(sector, at)
            if found is not None:
                return found
    return None


def _sectors_with(copy: Copy, words: bytes) -> Iterator[tuple[int, bytes]]:
    for first in range(0, copy.size // SECTOR, 512):
        data = copy.filled(first * SECTOR, min(512 * SECTOR, copy.size - first * SECTOR))
        at = data.find(words)
        while at >= 0:
            if at % SECTOR == 0:
                yield first * SECTOR + at, data[at : at + SECTOR]
            at = data.find(words, at + 1)


def find_parity(copies: Sequence[Copy], image: int) -> Parity | None:
    """By its header behind the image of so many bytes, or by a sector of sums wherever a medium would have one."""
    for copy in copies:
        found = Parity.in_header(copy.read(image, 2 * SECTOR)) if image else None
        if found is not None:
            return found
    layers = {sectors // 255 for sectors in (*MEDIUMS, *(copy.size // SECTOR for copy in copies))}
    for probe in range(16):  # so many sectors of sums may be lost
        for layer in sorted(layers):
            for data in range(83, 248):
                for copy in copies:
                    found = Parity.in_sums(copy.read((data * layer + probe * layer // 16) * SECTOR, SECTOR))
                    if found == (layer, data):
                        return found
    return None
