"""What a recording says of itself: its kind, when it was made, how long it is, what made it.

Only a help where nobody said otherwise, so it never stops an intake: a damaged, hostile or unknown file gives what is
certain and a note. Three steps, each with its own kind of trust:
- `sniff` looks at the first bytes and decides whether there is anything to ask; other files cost one read.
- MediaReader has libmediainfo (video, audio) and exifread (photos) ask, in a process that it can end (media_worker.py).
- `read_out` weighs what they answered, without touching anything: whose clock was it, and was it ever set?
"""

import json
import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from zoneinfo import ZoneInfo

from vault.errors import BadInput
from vault.facts import FACT
from vault.intake.facts_text import parse_moment
from vault.intake.names import shown
from vault.text import Text

SECONDS = 10.0  # for one file; whole recordings take some milliseconds
HEAD = 512  # bytes that `sniff` looks at
_LARGEST_PIECE = 32 * 1024  # bytes a time; less than a pipe holds, so that giving them cannot wait for a stuck reader


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What is known, empty where it is not; `recorded_at` in UTC, whole seconds, `duration_ms` in milliseconds;
    `sound`: whether a video carries any."""

    media_type: str = ""
    recorded_at: datetime | None = None
    duration_ms: int = 0
    device_model: str = ""
    notes: tuple[Text, ...] = ()
    sound: bool | None = None


class Ask(Enum):
    """Who can say more of a kind of file."""

    MEDIAINFO = b"m"
    EXIF = b"e"
    NOBODY = b""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the first bytes say. `sure` is False for marks so short that other files have them by chance."""

    media_type: str
    ask: Ask
    sure: bool = True


_NOTHING = Kind("", Ask.NOBODY)
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", Kind("image/jpeg", Ask.EXIF)),
    (b"II*\0", Kind("image/tiff", Ask.EXIF)),
    (b"MM\0*", Kind("image/tiff", Ask.EXIF)),
    (b"\x89PNG\r\n\x1a\n", Kind("image/png", Ask.NOBODY)),
    (b"GIF8", Kind("image/gif", Ask.NOBODY)),
    (b"\x1a\x45\xdf\xa3", Kind("video/x-matroska", Ask.MEDIAINFO)),
    (b"OggS", Kind("audio/ogg", Ask.MEDIAINFO)),
    (b"fLaC", Kind("audio/flac", Ask.MEDIAINFO)),
    (b"#!AMR", Kind("audio/amr", Ask.MEDIAINFO)),
    (b"FLV\x01", Kind("video/x-flv", Ask.MEDIAINFO)),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind("video/x-ms-asf", Ask.MEDIAINFO)),
    (b"\0\0\x01\xba", Kind("video/mpeg", Ask.MEDIAINFO)),
    (b"\0\0\x01\xb3", Kind("video/mpeg", Ask.MEDIAINFO)),
    (b"\0\0\0\x01\x67", Kind("video/h264", Ask.MEDIAINFO)),
    (b"\0\0\0\x01\x40\x01", Kind("video/h265", Ask.MEDIAINFO)),
    (b"DHAV", Kind("video/x-dhav", Ask.MEDIAINFO)),
    (b"ID3", Kind("audio/mpeg", Ask.MEDIAINFO)),
    *((mark, Kind("audio/mpeg", Ask.MEDIAINFO, sure=False)) for mark in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    *((mark, Kind("audio/aac", Ask.MEDIAINFO, sure=False)) for mark in (b"\xff\xf1", b"\xff\xf9")),
)
_FIRST = frozenset(mark[:1] for mark, _ in _MAGIC)  # most files that are no media are told by one byte
_RIFF = {
    b"WAVE": Kind("audio/wav", Ask.MEDIAINFO),
    b"AVI ": Kind("video/x-msvideo", Ask.MEDIAINFO),
    b"WEBP": Kind("image/webp", Ask.NOBODY),
}
# Major brands of ISO 14496-12 4.3; every other brand is a video until its tracks say otherwise.
_BRANDS = {
    b"qt  ": Kind("video/quicktime", Ask.MEDIAINFO),
    b"M4A ": Kind("audio/mp4", Ask.MEDIAINFO),
    b"M4B ": Kind("audio/mp4", Ask.MEDIAINFO),
    **{brand: Kind("image/heic", Ask.EXIF) for brand in (b"heic", b"heix", b"mif1", b"msf1")},
    b"avif": Kind("image/avif", Ask.NOBODY),
}


def sniff(head: bytes) -> Kind:
    """The kind of file that begins with these bytes (512 are enough)."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return _BRANDS.get(brand) or Kind("video/3gpp" if brand[:2] == b"3g" else "video/mp4", Ask.MEDIAINFO)
    if head[4:8] in (b"moov", b"mdat", b"wide") and head[:2] == b"\0\0":
        return Kind("video/quicktime", Ask.MEDIAINFO)
    if head[:4] in (b"RIFF", b"RF64"):
        return _RIFF.get(head[8:12], _NOTHING)
    for at, packet in (
        (0, 188),
        (4, 192),
    ):  # ISO 13818-1 2.4.3.2: a packet begins with 0x47; Blu-ray puts 4 bytes before
        if len(head) > at + 2 * packet and head[at] == head[at + packet] == head[at + 2 * packet] == 0x47:
            return Kind("video/mp2t", Ask.MEDIAINFO)
    if head[:1] not in _FIRST:
        return _NOTHING
    return next((kind for mark, kind in _MAGIC if head.startswith(mark)), _NOTHING)


class MediaReader:
    """Asks recordings about themselves. Keeps one helper process, started at the first file that needs it.

    May be called from several threads; they take turns. Close it, or use it with `with`.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turn = threading.Lock()
        self._helper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the helper process."""
        with self._turn:
            self._end()

    def what_the_media_says(self, stream: BinaryIO, zone: ZoneInfo, now: datetime) -> MediaFacts:
        """Of a seekable stream, from its beginning. Only OSError of the stream itself is raised."""
        stream.seek(0)
        kind = sniff(stream.read(HEAD))
        if kind.ask is Ask.NOBODY:
            return MediaFacts(kind.media_type)
        with self._turn:
            said = self._ask(kind.ask, stream)
        if said is None:
            return _unreadable(kind)
        return read_out(kind, said, zone, now)

    def _ask(self, ask: Ask, stream: BinaryIO) -> Mapping[str, str] | None:
        """The helper's answer; None where it had none in time, or died over the file."""
        deadline = time.monotonic() + self._seconds
        answered = False
        try:
            helper = self._started()
            size = stream.seek(0, os.SEEK_END)
            self._give(helper, struct.pack(">cQ", ask.value, size))
            while (what := self._take(helper, 1, deadline)) == b"r":
                offset, count = struct.unpack(">QI", self._take(helper, 12, deadline))
                stream.seek(min(offset, size))
                piece = stream.read(min(count, _LARGEST_PIECE))
                self._give(helper, struct.pack(">I", len(piece)) + piece)
            if what != b"d":
                return None
            (length,) = struct.unpack(">I", self._take(helper, 4, deadline))
            said = json.loads(self._take(helper, min(length, 1 << 16), deadline))
            answered = True
        except (_HelperGone, ValueError):
            return None
        else:
            return {str(k): str(v) for k, v in said.items()} if isinstance(said, dict) else None
        finally:
            if not answered:
                self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._helper is None or self._helper.poll() is not None:
            self._end()
            # By path and isolated (-I): no code from the present folder, no settings from the environment.
            # In a group of its own: Ctrl-C is for the intake to handle.
            self._helper = subprocess.Popen(
                [sys.executable, "-I", str(Path(__file__).with_name("media_worker.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                process_group=0,
            )
        return self._helper

    def _end(self) -> None:
        helper, self._helper = self._helper, None
        if helper is None:
            return
        helper.kill()
        for pipe in (helper.stdin, helper.stdout):
            if pipe is not None:
                pipe.close()
        helper.wait()

    def _give(self, helper: subprocess.Popen[bytes], data: bytes) -> None:
        assert helper.stdin is not None
        try:
            view = memoryview(data)
            while view:
                view = view[helper.stdin.write(view) :]
        except BrokenPipeError as error:
            raise _HelperGone from error

    def _take(self, helper: subprocess.Popen[bytes], count: int, deadline: float) -> bytes:
        assert helper.stdout is not None
        taken = b""
        with selectors.DefaultSelector() as selector:
            selector.register(helper.stdout, selectors.EVENT_READ)
            while len(taken) < count:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise _HelperGone
                part = os.read(helper.stdout.fileno(), count - len(taken))
                if not part:
                    raise _HelperGone
                taken += part
        return taken


class _HelperGone(Exception):
    """The helper died, or its time was up."""


def read_out(kind: Kind, said: Mapping[str, str], zone: ZoneInfo, now: datetime) -> MediaFacts:
    """Facts from the helper's answer. Pure."""
    if kind.ask is Ask.EXIF:
        recorded_at, notes = _exif_time(said, zone, now)
        return MediaFacts(kind.media_type, recorded_at, 0, _model(said), notes)
    tracks = said.get("tracks", "").split()
    if "Video" not in tracks and "Audio" not in tracks:
        return _unreadable(kind)
    media_type = kind.media_type
    if "Video" not in tracks and media_type.startswith("video/"):
        media_type = "audio/" + media_type.removeprefix("video/")
    sound = "Audio" in tracks if media_type.startswith("video/") else None
    recorded_at, notes = _media_time(said, zone, now)
    return MediaFacts(media_type, recorded_at, _milliseconds(said.get("duration", "")), _model(said), notes, sound)


def _unreadable(kind: Kind) -> MediaFacts:
    if not kind.sure:
        return MediaFacts()
    return MediaFacts(
        kind.media_type,
        notes=(
            Text(
                en=f"It begins like {kind.media_type}, but nothing in it could be read: it may be damaged or cut off.",
                zh=f"文件开头为 {kind.media_type} 格式，但内容无法解析：可能已损坏或不完整。",
            ),
        ),
    )


def _exif_time(said: Mapping[str, str], zone: ZoneInfo, now: datetime) -> tuple[datetime | None, tuple[Text, ...]]:
    """CIPA DC-008 (Exif 2.32) 4.6.5: DateTimeOriginal `YYYY:MM:DD HH:MM:SS`, local; OffsetTimeOriginal `±HH:MM`."""
    taken = said.get("taken", "").strip(" \0")
    if not taken.strip(": 0"):
        return None, ()
    day, _, clock = taken.partition(" ")
    return _moment(f"{day.replace(':', '-')} {clock}{said.get('offset', '').strip()}", zone, now)


def _media_time(said: Mapping[str, str], zone: ZoneInfo, now: datetime) -> tuple[datetime | None, tuple[Text, ...]]:
    """The first time that holds, the most explicit first; times that don't leave a note."""
    doubts: tuple[Text, ...] = ()
    for field in ("comapplequicktimecreationdate", "encoded_date", "recorded_date", "mastered_date"):
        written = said.get(field, "").split(" / ")[0].strip()
        if not written:
            continue
        moment, notes = _moment(written, zone, now)
        doubts += notes
        if moment is not None:
            if field == "encoded_date" and "UTC" in written:
                doubts += (_TAKEN_AS_UTC,)
            return moment, doubts
    return None, doubts


# ISO 14496-12 8.2.2: "creation_time … in seconds since midnight, Jan. 1, 1904, in UTC time".
_TAKEN_AS_UTC = Text(
    en="Its recording time was taken as UTC, as the standard says; many cameras write local time there.",
    zh="录制时间按标准规定视为 UTC；许多设备在此写入的是当地时间，请核对。",
)


def _moment(written: str, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, tuple[Text, ...]]:
    if written.startswith("UTC "):
        written = written.removeprefix("UTC ") + " UTC"
    try:
        return parse_moment(FACT["recorded_at"], written, zone, now), ()
    except BadInput as error:
        return None, (
            Text(
                en=f"The time it carries was not taken ({error.what.en})",
                zh=f"未采用文件自带的时间（{error.what.zh}）",
            ),
        )


def _milliseconds(written: str) -> int:
    try:
        duration = float(written)
    except ValueError:
        return 0
    return int(duration) if 0 <= duration < 1e12 else 0


def _model(said: Mapping[str, str]) -> str:
    """Maker and model, as one name; what is invisible in them is shown."""
    for make, model in (
        ("comapplequicktimemake", "comapplequicktimemodel"),
        ("comandroidmanufacturer", "comandroidmodel"),
        ("make", "model"),
        ("", "recorded_hardware_name"),
        ("", "encoded_hardware_name"),
    ):
        maker, name = (said.get(key, "").strip(" \0") for key in (make, model))
        if name:
            return shown(name if name.casefold().startswith(maker.casefold()) else f"{maker} {name}")
    return ""
