"""Reading a disc from its first sector to the last that counts, and what the reading tells of the disc's health.

The bytes come past the machine's memory (O_DIRECT): what was just burnt is still in it, and right, whatever lies on the
disc. Where a piece cannot be read it is tried again in the smallest stretches that can fail on their own, three times
each. What a drive can tell of a disc without special firmware is time, repetitions and losses; an inspection keeps them
and compares them with the last (`Reading`).
"""

import errno
import mmap
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from media.mediums import SECTOR
from vault.causes import cause
from vault.digest import Digest, Hasher
from vault.errors import DriveUnavailable, NoMedium, SourceUnreadable, StrongroomError
from vault.text import Text

_PIECE = 512  # sectors that are asked for at once: 1 MiB
_TRIES = 3  # for each stretch of a piece that failed
_POINTS = 256  # of a curve, at most: it goes into a journal entry
_NOT_READ = frozenset({errno.EIO, errno.EILSEQ, errno.ENODATA, errno.EREMOTEIO})  # the medium's, not the drive's


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sectors one after the other."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a disc. `sha256`: of all its sectors; None where not all could be read."""

    sectors: int
    sha256: Digest | None
    span: int  # sectors to a point of the curve
    curve: tuple[float, ...]  # seconds that each span took
    retries: int  # stretches that were read at a second or third try
    bad: tuple[Stretch, ...]  # unreadable, ascending
    untried: int = 0  # sectors at the end that were not asked for any more

    @property
    def unreadable(self) -> int:
        """Sectors that were tried and could not be read."""
        return sum(stretch.count for stretch in self.bad)

    @property
    def seconds(self) -> float:
        return sum(self.curve)


def read_device(
    path: str,
    sectors: int,
    grain: int = 1,
    take: Callable[[memoryview], object] = len,
    progress: Callable[[int], object] = int,
    patience: int | None = None,
) -> Reading:
    """Read sectors from a drive's device, or from an image. `grain`: sectors that only fail together. As Drive.read.

    SourceUnreadable where an image is not there or may not be read.
    """
    tally = _Tally(span=max(_PIECE, -(-sectors // _POINTS // _PIECE) * _PIECE))
    hasher = Hasher()
    with _Device(path) as device, mmap.mmap(-1, _PIECE * SECTOR) as buffer, memoryview(buffer) as whole:
        for first in range(0, sectors, _PIECE):
            count = min(_PIECE, sectors - first)
            with whole[: count * SECTOR] as piece:
                began = time.monotonic()
                _fill(device, piece, first, grain, tally)
                tally.took(first, time.monotonic() - began)
                hasher.update(piece)
                take(piece)
                progress(len(piece))
            if patience is not None and tally.lost > patience:
                return tally.reading(sectors, first + count, None)
    return tally.reading(sectors, sectors, hasher.digest())


@dataclass(slots=True)
class _Tally:
    """What a reading has come to so far."""

    span: int
    curve: list[float] = field(default_factory=list)
    retries: int = 0
    bad: list[Stretch] = field(default_factory=list)
    lost: int = 0

    def took(self, first: int, seconds: float) -> None:
        if first % self.span == 0:
            self.curve.append(0.0)
        self.curve[-1] += seconds

    def lose(self, first: int, count: int) -> None:
        self.lost += count
        if self.bad and self.bad[-1].first + self.bad[-1].count == first:
            count += self.bad[-1].count
            first = self.bad.pop().first
        self.bad.append(Stretch(first, count))

    def reading(self, sectors: int, tried: int, digest: Digest | None) -> Reading:
        digest = None if self.bad else digest
        return Reading(
            sectors, digest, self.span, tuple(self.curve), self.retries, tuple(self.bad), untried=sectors - tried
        )


def _fill(device: "_Device", piece: memoryview, first: int, grain: int, tally: _Tally) -> None:
    """The whole piece at once, or what can be had of it stretch by stretch; zeros for the rest."""
    sectors = len(piece) // SECTOR
    good = device.read(piece, first) // grain * grain
    for at in range(good, sectors, grain):
        count = min(grain, sectors - at)
        with piece[at * SECTOR : (at + count) * SECTOR] as stretch:
            for attempt in range(_TRIES):
                if device.read(stretch, first + at) == count:
                    tally.retries += attempt > 0 or at == good  # the first of them failed in the piece already
                    break
            else:
                device.require_there()
                stretch[:] = bytes(len(stretch))
                tally.lose(first + at, count)


class _Device:
    """A device past the machine's memory of it; an image with that memory dropped first."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            is_device = stat.S_ISBLK(os.stat(path).st_mode)
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (os.O_DIRECT if is_device else 0))
            if not is_device:
                os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        except OSError as error:
            raise self._gone(error) from error

    def read(self, into: memoryview, first: int) -> int:
        """Whole sectors that were read: fewer than asked for where one cannot be, or the disc is at its end."""
        done = 0
        while done < len(into):
            try:
                with into[done:] as rest:
                    count = os.preadv(self._descriptor, [rest], first * SECTOR + done)
            except OSError as error:
                if error.errno not in _NOT_READ:
                    raise self._gone(error) from error
                break
            if count == 0:
                break
            done += count
        return done // SECTOR

    def require_there(self) -> None:
        """A drive that was unplugged fails reads as a scratched disc does, but cannot be opened a second time."""
        with _Device(self._path):
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        os.close(self._descriptor)

    def _gone(self, error: OSError) -> StrongroomError:
        why = cause(error)
        if error.errno == errno.ENOMEDIUM:
            return NoMedium(Text(en=f"There is no disc in {self._path}.", zh=f"{self._path} 中没有光盘。"))
        what = Text(en=f"Cannot read {self._path}: {why.en}.", zh=f"无法读取 {self._path}：{why.zh}。")
        return DriveUnavailable(what) if self._path.startswith("/dev/") else SourceUnreadable(what)
