"""The files of an image by ISO 9660 (ECMA-119) and Rock Ridge, as far as folders can be read."""

from __future__ import annotations

import calendar
import struct
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from media.salvage.copies import SECTOR

_LARGEST = 1 << 26  # bytes of a folder


class Read(Protocol):
    """So many bytes from there; zeros for what is lost."""

    def __call__(self, at: int, length: int, /) -> bytes: ...


class Entry(NamedTuple):
    """A file: where its bytes lie (first, length), and when it was changed (seconds of Unix)."""

    path: str
    extents: tuple[tuple[int, int], ...]
    modified: int

    def blocks(self, read: Read) -> Iterator[bytes]:
        """Its bytes, a MiB at a time."""
        for first, length in self.extents:
            for at in range(first, first + length, 1 << 20):
                yield read(at, min(1 << 20, first + length - at))


def volume_name(read: Read) -> str:
    """Of the disc, such as 2026-0001-1; "" where it cannot be read."""
    volume = read(16 * SECTOR, SECTOR)
    return volume[40:72].decode("ascii", "replace").strip() if volume[:6] == b"\x01CD001" else ""


def entries(read: Read) -> Iterator[Entry]:
    """Those of the top folder first."""
    volume = read(16 * SECTOR, SECTOR)
    if volume[:6] != b"\x01CD001":
        return
    waiting: list[tuple[str, int, int]] = [("", *struct.unpack_from("<I4xI", volume, 158))]
    seen: set[int] = set()
    while waiting:
        folder, at, size = waiting.pop()
        if at in seen or size > _LARGEST:
            continue
        seen.add(at)
        extents: list[tuple[int, int]] = []
        for record in _records(read(at * SECTOR, size)):
            name = _name(record, read)
            first, length = struct.unpack_from("<I4xI", record, 2)
            if not name:
                continue
            if record[25] & 2:
                waiting.append((f"{folder}{name}/", first, length))
                continue
            extents.append((first * SECTOR, length))
            if not record[25] & 0x80:  # 9.1.6: no further extent follows
                yield Entry(folder + name, tuple(extents), _moment(record))
                extents = []


def _records(folder: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(folder):
        length = folder[at]
        if length < 34 or at + length > len(folder):  # 6.8.1.1: none crosses the end of a sector, the rest is zeros
            at = (at // SECTOR + 1) * SECTOR
            continue
        yield folder[at : at + length]
        at += length


def _name(record: bytes, read: Read) -> str:
    """By Rock Ridge (NM, continued in CE areas); "" for a folder's entries of itself and of its parent."""
    system = 33 + record[32]
    area, name = record[system + system % 2 :], b""
    for _ in range(16):
        continued = b""
        while len(area) >= 5 and 5 <= area[2] <= len(area):
            if area[:2] == b"NM" and not area[4] & 6:
                name += area[5 : area[2]]
            elif area[:2] == b"CE" and area[2] >= 28:
                sector, offset, length = struct.unpack_from("<I4xI4xI", area, 4)
                continued = read(sector * SECTOR + offset, min(length, SECTOR))
            area = area[area[2] :]
        if not continued:
            break
        area = continued
    return "" if b"/" in name or b"\0" in name or name in (b".", b"..") else name.decode("utf-8", "replace")


def _moment(record: bytes) -> int:
    """9.1.5: years since 1900 … seconds, and quarters of an hour east of Greenwich."""
    year, month, day, hour, minute, second, zone = struct.unpack_from("6Bb", record, 18)
    try:
        return int(calendar.timegm((1900 + year, month, day, hour, minute, second))) - int(zone) * 900
    except (ValueError, OverflowError):
        return 0
