"""One disc put together from its copies, block by block; what none of them has comes from error correction.

What is believed, the firmest first: a block whose SHA-256 stands in the disc's list, from whichever copy it was read; a
sector whose CRC-32 stands in the error correction, or in which the copies agree (to compute from, never to be given
out); what error correction computed, once its block is in the list. dvdisaster's exit codes and messages are not.
"""

from __future__ import annotations

import itertools
import math
import os
import re
import shutil
import struct
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from media.salvage.copies import DEAD, SECTOR, Copy
from media.salvage.layout import BLOCK, BlockList, Parity, crc32

MIXED, REPAIRED, LOST = 253, 254, 255  # where a block came from; below, the number of a copy
_COMBINATIONS = 4_096  # of sectors, tried against the digest of a block
_KEPT = 16_384  # sectors of sums in memory


class Joining:
    """The image in the making: `path` holds it, with markers of dead sectors where nothing is known.

    What an earlier run left there is the first of the copies: each block is read before it is written again.
    """

    def __init__(
        self,
        copies: Sequence[Copy],
        path: Path,
        blocks: BlockList | None,
        parity: Parity | None,
        tick: Callable[[int], object],
    ) -> None:
        self.resumed = path.exists()
        self.copies = [Copy(str(path)), *copies] if self.resumed else list(copies)
        self.path = path
        self.parity = parity
        self.tick = tick
        self.unsure = 0  # sectors that were left to error correction
        self.corrected = False
        self.helpless = False  # error correction was needed, and dvdisaster is not there
        self._readers = list(self.copies)
        self._sums = lru_cache(maxsize=_KEPT)(self._read_sums)
        self._scratch = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115  # closed by `close`
        self._heard: list[int] = []  # where each reader's lines begin in it
        self.blocks = blocks
        self.origin = bytearray()
        self._hear()

    def close(self) -> None:
        self._scratch.close()

    @property
    def size(self) -> int:
        """Bytes, error correction included."""
        return self.parity.sectors * SECTOR if self.parity else self.blocks.image if self.blocks else 0

    @property
    def lost(self) -> int:
        """Blocks that are not proven."""
        return self.origin.count(LOST) if self.blocks else -1

    def _hear(self) -> None:
        """Put what every reader's list says, and all of them sector by sector, where it can be looked up without
        another turn of the disc.
        """
        self._heard = []
        if self.blocks is None:
            return
        self.origin = self.origin or bytearray([LOST]) * self.blocks.blocks
        self._scratch.seek(0)
        for reader in self._readers:
            self._heard.append(self._scratch.tell())
            for at in range(0, self.blocks.size, 1 << 20):
                length = min(1 << 20, self.blocks.size - at)
                self._scratch.write(reader.filled(self.blocks.at + at, length).ljust(length, b"\0"))
        self._heard.append(self._scratch.tell())  # a line may begin in a sector that one has, and end in another's
        for first in range(self.blocks.at // SECTOR, (self.blocks.at + self.blocks.size) // SECTOR + 1, 64):
            for options in self._choices(first, self._read(first, 64, self._readers)):
                self._scratch.write(options[0] if options else bytes(SECTOR))

    def _lines(self, blocks: BlockList, block: int) -> set[bytes]:
        """What the readers' lists say of it: once, or differently where some of them are damaged."""
        lines = set()
        for start in self._heard:
            self._scratch.seek(start + blocks.line_at(block))
            lines.add(self._scratch.read(65))
        return {line for line in lines if re.fullmatch(rb"[0-9a-f]{64}\n", line)}

    # merging

    def merge(self) -> None:
        """Write the image from what the copies have."""
        with self.path.open("r+b" if self.resumed else "wb") as out:
            for block in range(len(self.origin)):
                assert self.blocks is not None
                data, self.origin[block] = self._block(self.blocks, block)
                self._write(out, block * BLOCK, data)
            for at, length in self._rest():
                choices = self._choices(at // SECTOR, self._read(at // SECTOR, length // SECTOR, self.copies))
                self._write(out, at, b"".join(self._settled(choices)))
            out.truncate(self.size)

    def _rest(self) -> Iterator[tuple[int, int]]:
        """What no list covers."""
        start = self.blocks.image if self.blocks else 0
        for at in range(start, self.size, BLOCK):
            yield at, min(BLOCK, self.size - at)

    def _write(self, out: BinaryIO, at: int, data: bytes) -> None:
        out.seek(at)
        out.write(data)
        self.tick(len(data))

    def _block(self, blocks: BlockList, block: int) -> tuple[bytes, int]:
        """The block, and where it came from."""
        wanted, length = self._lines(blocks, block), blocks.length(block)
        for number, reader in enumerate(self._readers):
            data = None if blocks.holds(block) else reader.read(block * BLOCK, length)
            if data is not None and blocks.digest(block, data) in wanted:
                return data, number if number < len(self.copies) else REPAIRED
        had = self._read(block * BLOCK // SECTOR, length // SECTOR, self._readers)
        choices = self._choices(block * BLOCK // SECTOR, had)
        if wanted and math.prod(map(len, self._relevant(blocks, block, choices))) in range(1, _COMBINATIONS + 1):
            for chosen in itertools.product(*self._relevant(blocks, block, choices)):
                data = b"".join(chosen)
                if blocks.digest(block, data) in wanted:
                    return data, self._source(blocks, block, chosen, had)
        return b"".join(self._settled(choices)), LOST

    def _relevant(self, blocks: BlockList, block: int, choices: list[list[bytes]]) -> list[list[bytes]]:
        """Choices as far as they bear on the digest: sectors of the list itself do not."""
        return [(options or [DEAD])[:1] if _is_list(blocks, block, n) else options for n, options in enumerate(choices)]

    def _source(self, blocks: BlockList, block: int, chosen: Sequence[bytes], had: Sequence[list[bytes | None]]) -> int:
        """Which of the readers had all of it by itself."""
        for number, pieces in enumerate(had):
            if all(piece == pieces[n] or _is_list(blocks, block, n) for n, piece in enumerate(chosen)):
                return number if number < len(self.copies) else REPAIRED
        return MIXED

    def _settled(self, choices: list[list[bytes]]) -> Iterator[bytes]:
        for options in choices:
            if len(options) != 1:
                self.unsure += 1
            yield options[0] if len(options) == 1 else DEAD

    def _read(self, first: int, count: int, readers: Sequence[Copy]) -> list[list[bytes | None]]:
        """What each reader has of these sectors."""
        read = [reader.sectors(first, count) for reader in readers]
        if self.resumed:  # it repeats what it has from a copy, which is not to be counted twice
            read[0] = [None if any(one[n] == read[0][n] for one in read[1:]) else read[0][n] for n in range(count)]
        return read

    def _choices(self, first: int, read: Sequence[list[bytes | None]]) -> list[list[bytes]]:
        """For each sector what was read of it and may be right, without repetition."""
        had = ([piece for piece in (one[n] for one in read) if piece] for n in range(len(read[0])))
        return [self._believed(first + n, pieces) for n, pieces in enumerate(had)]

    def _believed(self, sector: int, had: list[bytes]) -> list[bytes]:
        met = Counter(had).most_common()
        if self.parity is not None and sector < self.parity.sums:
            at, offset = self.parity.sum_of(sector)
            sums = self._sums(at)
            if sums is not None:
                (wanted,) = struct.unpack_from("<I", sums, offset)
                return [piece for piece, _ in met if crc32(piece) == wanted]
        elif self.parity is not None and sector < self.parity.sums + self.parity.layer:
            return [piece for piece, _ in met if Parity.in_sums(piece) == self.parity]
        # One byte over and over is what tools put where a sector could not be read; parity never looks like that.
        real = [(piece, times) for piece, times in met if piece.count(piece[:1]) < SECTOR]
        if self.parity is None or sector < self.parity.sums:
            return [piece for piece, _ in real or met]
        if len(real) > 1 and real[0][1] > real[1][1]:
            return [real[0][0]]
        return [piece for piece, _ in real]

    def _read_sums(self, sector: int) -> bytes | None:
        """A sector of sums that is whole by its own, from whichever reader."""
        for reader in self._readers:
            (data,) = reader.sectors(sector, 1)
            if Parity.in_sums(data) == self.parity:
                return data
        return None

    # error correction

    def repair(self, find: Callable[[Sequence[Copy]], BlockList | None]) -> None:
        """Compute what is missing. Where copies disagree and nothing tells who is right, first without any of them,
        then as each one has it.
        """
        result = Copy(str(self.path))
        self._readers.append(result)
        for side in [None, *self.copies]:
            if side is not None and not self._side_with(side):
                continue
            if self.parity is None:
                return
            if not dvdisaster(self.path, self.parity, "-f"):
                self.helpless = True
                return
            self.corrected = True
            self._sums.cache_clear()
            if self.blocks is None:
                self.blocks = find([result])
            self._hear()
            self.verify()
            if self.lost == 0:
                return

    def _side_with(self, side: Copy) -> bool:
        """Write disputed sectors as that copy has them; whether there are any."""
        disputed = 0
        with self.path.open("r+b") as out:
            for at, length in self._rest():
                result = self._readers[-1].sectors(at // SECTOR, length // SECTOR)
                theirs = side.sectors(at // SECTOR, length // SECTOR)
                read = self._read(at // SECTOR, length // SECTOR, self.copies)
                for n, options in enumerate(self._choices(at // SECTOR, read)):
                    piece = theirs[n]
                    if len(options) > 1 and piece is not None and piece != result[n]:
                        out.seek(at + n * SECTOR)
                        out.write(piece)
                        disputed += 1
        return disputed > 0

    def verify(self) -> None:
        """Read every block of the result again: what is not in the list is taken anew from the copies, or is lost. The
        list itself is then written as the blocks that it proves demand.
        """
        blocks = self.blocks
        if blocks is None:
            return
        result = Copy(str(self.path))
        with self.path.open("r+b", buffering=0) as out:
            for block in range(blocks.blocks):
                data = result.read(block * BLOCK, blocks.length(block))
                line = blocks.digest(block, data) if data is not None else b""
                if line in self._lines(blocks, block):
                    if self.origin[block] == LOST:
                        self.origin[block] = REPAIRED
                else:
                    data, self.origin[block] = self._block(blocks, block)
                    self._write(out, block * BLOCK, data)
                    line = blocks.digest(block, data)
                if self.origin[block] != LOST:
                    self._put(out, result, blocks.at + blocks.line_at(block), line)
                self.tick(blocks.length(block))
            if self.lost == 0:
                self._put(out, result, blocks.at, blocks.first_line)

    def _put(self, out: BinaryIO, result: Copy, at: int, line: bytes) -> None:
        if result.read(at, len(line)) != line:
            out.seek(at)
            out.write(line)

    def correct_anew(self) -> None:
        """Error correction made once more over the proven image: the same program makes the same bytes, in one
        thread (media/rs03.py)."""
        if self.blocks is not None and self.parity is not None and shutil.which("dvdisaster"):
            os.truncate(self.path, self.blocks.image)
            dvdisaster(self.path, self.parity, "-mRS03", "-c", "-x", "1")


def _is_list(blocks: BlockList, block: int, sector: int) -> bool:
    """Whether that sector of the block, counted in it, is of the list alone."""
    at = block * BLOCK + sector * SECTOR
    return blocks.at <= at and at + SECTOR <= blocks.at + blocks.size


def dvdisaster(image: Path, parity: Parity, *words: str) -> bool:
    """Let it work on the image; whether it is there to do so. It is told how large the medium is, since it would guess;
    what it logs, every byte, nobody could keep; and its settings are nobody's.
    """
    command = ["dvdisaster", "--debug", "-n", str(parity.sectors), "-i", str(image), *words]
    silent = subprocess.DEVNULL
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "HOME": home}
        try:
            subprocess.run(command, stdin=silent, stdout=silent, stderr=silent, env=env, check=False)
        except FileNotFoundError:
            return False
    return True
