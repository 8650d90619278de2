"""A damaged copy as it is read: whatever cannot be had is None, never zeros."""

from __future__ import annotations

import hashlib
import os
import weakref
from pathlib import Path

SECTOR = 2_048
TRIES = 3  # times that an unreadable sector is asked for
_DEAD = b"""dvdisaster dead sector marker
This sector could not be read from the image.
Its contents have been substituted by the dvdisaster read routine.
"""
DEAD = _DEAD.ljust(2_012, b"\0") + b"dvdisaster dead sector end marker\n\0\0"  # ds-marker.c: an erasure to compute


def sha256_of(path: Path) -> str:
    """Of a file here."""
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while True:
            data = file.read(1 << 20)
            if not data:
                return hasher.hexdigest()
            hasher.update(data)


class Copy:
    """An image, a drive, an image cut short, or the partial result of an earlier salvage."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.file = open(path, "rb", buffering=0)  # noqa: SIM115  # closed when nobody has the copy any more:
        weakref.finalize(self, self.file.close)
        self.size = self.file.seek(0, os.SEEK_END)
        self.unreadable = 0  # sectors that the drive did not give

    def read(self, at: int, length: int) -> bytes | None:
        """All of it, or None."""
        parts = []
        try:
            self.file.seek(at)
            while length > 0:
                part = self.file.read(length)
                if not part:
                    return None
                parts.append(part)
                length -= len(part)
        except OSError:
            return None
        return b"".join(parts)

    def sectors(self, first: int, count: int) -> list[bytes | None]:
        """One by one."""
        data = self.read(first * SECTOR, count * SECTOR)
        if data is None:
            pieces = [self._patiently(sector) for sector in range(first, first + count)]
        else:
            pieces = [data[n * SECTOR : (n + 1) * SECTOR] for n in range(count)]
        return [None if piece is None or piece.startswith(_DEAD) else piece for piece in pieces]

    def filled(self, at: int, length: int) -> bytes:
        """For what is checked in another way: zeros where nothing can be read, or the copy has ended."""
        first, last = at // SECTOR, -(-(at + length) // SECTOR)
        pieces = self.sectors(first, last - first) if at < self.size else []
        data = b"".join(piece or bytes(SECTOR) for piece in pieces)
        return data[at - first * SECTOR :][:length]

    def _patiently(self, sector: int) -> bytes | None:
        if (sector + 1) * SECTOR > self.size:
            return None
        for _ in range(TRIES):
            data = self.read(sector * SECTOR, SECTOR)
            if data is not None:
                return data
        self.unreadable += 1
        return None
