"""Reads what a recording says of itself, in a process of its own; started and fed by media_facts.py, by path.

Why apart: of a few thousand damaged files libmediainfo took 81 seconds over one and 1.6 GB of memory over another.
Here a limit on memory or a deadline ends this process, not the intake. It imports nothing of the vault, opens no file,
and gets the recording's bytes by asking for them. Nothing is caught: an exception ends it, and that is the answer.

Talk, on standard input and output, integers big-endian:
    to it:    how (1 byte: `m` libmediainfo, `e` EXIF), size (8 bytes)
    from it:  `r` offset (8) count (4)    give me these bytes   ->   count (4) and the bytes
              `d` length (4) and JSON     what was found, as text by name
"""

import io
import json
import os
import resource
import struct
import sys
from typing import BinaryIO

MEMORY = 160 << 20  # bytes of address space; 48 MiB of it are the interpreter and libmediainfo at work
CPU = 15  # seconds for one file, should whoever started it be gone

_FIELDS = (
    *("format", "duration", "internet_media_type", "encoded_date", "recorded_date", "mastered_date"),
    *("comapplequicktimecreationdate", "comapplequicktimemake", "comapplequicktimemodel"),
    *("comandroidmanufacturer", "comandroidmodel", "make", "model", "encoded_hardware_name", "recorded_hardware_name"),
)
_EXIF = {
    "Image Make": "make",
    "Image Model": "model",
    "EXIF DateTimeOriginal": "taken",
    "EXIF OffsetTimeOriginal": "offset",
}


class _Asked(io.RawIOBase):
    """The recording, a piece at a time from the process that has it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, (0, self._at, self._size)[whence] + offset)
        return self._at

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def] # a writable buffer of any kind
        view = memoryview(buffer).cast("B")
        _send(struct.pack(">cQI", b"r", self._at, len(view)))
        data = _receive(struct.unpack(">I", _receive(4))[0])
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def _send(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def _receive(count: int) -> bytes:
    parts = []
    while count:
        part = os.read(0, count)
        if not part:
            sys.exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _media(file: BinaryIO) -> dict[str, str]:
    from pymediainfo import MediaInfo

    tracks = MediaInfo.parse(file, buffer_size=32 * 1024).tracks
    found = {"tracks": " ".join(sorted({track.track_type for track in tracks}))}
    for track in tracks:
        if track.track_type == "General":
            found.update({name: str(v)[:200] for name in _FIELDS if (v := getattr(track, name)) is not None})
    return found


def _exif(file: BinaryIO) -> dict[str, str]:
    import exifread

    tags = exifread.process_file(file, details=False, extract_thumbnail=False)
    return {said: str(tags[tag])[:200] for tag, said in _EXIF.items() if tag in tags}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        how, size = struct.unpack(">cQ", _receive(9))
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU, resource.RLIM_INFINITY))
        with io.BufferedReader(_Asked(size), 32 * 1024) as file:
            found = _media(file) if how == b"m" else _exif(file)
        said = json.dumps(found).encode()
        _send(struct.pack(">cI", b"d", len(said)) + said)


if __name__ == "__main__":
    main()
