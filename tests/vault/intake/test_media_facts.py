"""What real recordings say of themselves, and that no file can stop or slow an intake."""

import io
import os
import random
import resource
import struct
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.intake.media_facts import Ask, Kind, MediaFacts, MediaReader, read_out, sniff

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
VIDEO = Kind("video/mp4", Ask.MEDIAINFO)
JPEG = Kind("image/jpeg", Ask.EXIF)


@pytest.fixture(scope="module")
def reader() -> Iterator[MediaReader]:
    with MediaReader() as reader:
        yield reader


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of test picture and tone in the containers that cameras and recorders write."""
    folder = tmp_path_factory.mktemp("recordings")
    common = ["ffmpeg", "-v", "error", "-y"]
    source = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=1", "-f", "lavfi", "-i", "sine=duration=1"]
    made = ["-metadata", "creation_time=2026-03-01T01:30:15Z"]
    subprocess.run(
        [*common, *source, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", *made, "v.mp4"],
        cwd=folder,
        check=True,
    )
    apple = {"make": "Apple", "model": "iPhone 15", "creationdate": "2026-03-01T09:30:15+0800"}
    tags = [part for k, v in apple.items() for part in ("-metadata", f"com.apple.quicktime.{k}={v}")]
    copy = ["-i", "v.mp4", "-c", "copy"]
    for options in (
        [*copy, "-movflags", "use_metadata_tags", *tags, "v.mov"],
        [*copy, "v.mkv"],
        [*copy, "v.ts"],
        [*copy, "-metadata", "creation_time=1970-01-01T00:00:05Z", "1970.mp4"],
        [*copy, "-metadata", "creation_time=2035-01-01T00:00:00Z", "2035.mp4"],
        [*copy, "-an", "silent.mp4"],
        [*copy, "-vn", "a.m4a"],
        ["-i", "v.mp4", "-vn", "-write_bext", "1", "-metadata", "origination_date=2026-03-01",
         "-metadata", "origination_time=09:30:15", "a.wav"],
        ["-i", "v.mp4", "-vn", "a.mp3"],
        ["-i", "v.mp4", "-c:v", "mpeg4", "v.avi"],
        ["-i", "v.mp4", "-frames:v", "1", "p.jpg"],
        ["-i", "v.mp4", "-frames:v", "1", "p.png"],
    ):  # fmt: skip
        subprocess.run([*common, *options], cwd=folder, check=True)
    return folder


def asked(reader: MediaReader, data: Path | bytes) -> MediaFacts:
    if isinstance(data, bytes):
        return reader.what_the_media_says(io.BytesIO(data), SHANGHAI, NOW)
    with data.open("rb") as stream:
        return reader.what_the_media_says(stream, SHANGHAI, NOW)


@pytest.mark.parametrize(
    ("name", "media_type", "about"),
    [
        ("v.mp4", "video/mp4", 1000),
        ("v.mov", "video/quicktime", 1000),
        ("v.mkv", "video/x-matroska", 1000),
        ("v.ts", "video/mp2t", 1100),
        ("v.avi", "video/x-msvideo", 1000),
        ("a.m4a", "audio/mp4", 1000),
        ("a.wav", "audio/wav", 1000),
        ("a.mp3", "audio/mpeg", 1000),
    ],
)
def test_kind_and_duration(reader: MediaReader, recordings: Path, name: str, media_type: str, about: int) -> None:
    facts = asked(reader, recordings / name)
    assert facts.media_type == media_type
    assert abs(facts.duration_ms - about) < 200


def test_whether_a_video_sounds_is_told_by_its_tracks(reader: MediaReader, recordings: Path) -> None:
    names = ("v.mp4", "v.mkv", "v.ts", "silent.mp4", "a.m4a", "p.jpg")
    assert [asked(reader, recordings / name).sound for name in names] == [True, True, True, False, None, None]
    whole = (recordings / "v.mp4").read_bytes()
    cut = asked(reader, whole[: whole.index(b"moov")])  # it has lost its index
    assert (cut.media_type, cut.sound) == ("video/mp4", None)


def test_pictures_have_a_kind(reader: MediaReader, recordings: Path) -> None:
    assert asked(reader, recordings / "p.png") == MediaFacts("image/png")
    assert asked(reader, recordings / "p.jpg") == MediaFacts("image/jpeg")


def test_recording_times(reader: MediaReader, recordings: Path) -> None:
    moment = datetime(2026, 3, 1, 1, 30, 15, tzinfo=UTC)
    mp4, mov, wav = (asked(reader, recordings / name) for name in ("v.mp4", "v.mov", "a.wav"))
    assert mp4.recorded_at == mov.recorded_at == wav.recorded_at == moment
    assert "taken as UTC" in str(mp4.notes[0])
    assert mov.notes == wav.notes == ()
    assert mov.device_model == "Apple iPhone 15"


@pytest.mark.parametrize(("name", "why"), [("1970.mp4", "before 2000"), ("2035.mp4", "in the future")])
def test_a_clock_that_cannot_be_right_is_not_believed(
    reader: MediaReader, recordings: Path, name: str, why: str
) -> None:
    facts = asked(reader, recordings / name)
    assert facts.recorded_at is None
    assert any(why in str(note) for note in facts.notes)
    assert abs(facts.duration_ms - 1000) < 200


def exif_jpeg(jpeg: bytes, taken: str, offset: str = "", model: str = "DSJ-A7") -> bytes:
    """The picture with an APP1 segment (CIPA DC-008 4.5): IFD0 with maker and model, an Exif IFD with the times."""
    texts = {0x010F: b"Hytera\0", 0x0110: model.encode() + b"\0"}
    times = {0x9003: taken.encode() + b"\0"} | ({0x9011: offset.encode() + b"\0"} if offset else {})
    first, second = len(texts) + 1, len(times)
    at = 8 + 2 + 12 * first + 4
    exif_at = at
    at += 2 + 12 * second + 4
    tail, ifd0, exif = b"", b"", b""
    for tag, text in texts.items():
        ifd0 += struct.pack(">HHII", tag, 2, len(text), at + len(tail))
        tail += text
    for tag, text in times.items():
        exif += struct.pack(">HHII", tag, 2, len(text), at + len(tail))
        tail += text
    ifd0 += struct.pack(">HHII", 0x8769, 4, 1, exif_at)
    tiff = (
        b"MM\0*" + struct.pack(">IH", 8, first) + ifd0 + bytes(4) + struct.pack(">H", second) + exif + bytes(4) + tail
    )
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff + jpeg[2:]


@pytest.mark.parametrize(
    ("taken", "offset", "moment"),
    [
        ("2026:03:01 09:30:15", "", datetime(2026, 3, 1, 1, 30, 15, tzinfo=UTC)),
        ("2026:03:01 09:30:15", "+09:00", datetime(2026, 3, 1, 0, 30, 15, tzinfo=UTC)),
        ("0000:00:00 00:00:00", "", None),
        ("1970:01:01 09:30:15", "", None),
        ("2099:01:01 09:30:15", "", None),
        ("not a time", "", None),
    ],
)
def test_photos(reader: MediaReader, recordings: Path, taken: str, offset: str, moment: datetime | None) -> None:
    facts = asked(reader, exif_jpeg((recordings / "p.jpg").read_bytes(), taken, offset))
    assert facts.recorded_at == moment
    assert facts.device_model == "Hytera DSJ-A7"
    assert bool(facts.notes) == (moment is None and taken.strip("0: ") != "")


@pytest.mark.parametrize("name", ["v.mp4", "v.mov", "v.mkv", "v.ts", "v.avi", "a.wav", "a.mp3", "p.jpg"])
def test_damaged_recordings_never_raise(reader: MediaReader, recordings: Path, name: str) -> None:
    rng = random.Random(name)
    whole = (recordings / name).read_bytes()
    for _ in range(12):
        data = bytearray(whole[: rng.randrange(600, len(whole))])
        for _ in range(rng.randrange(30)):
            data[rng.randrange(16, len(data))] = rng.randrange(256)
        facts = asked(reader, bytes(data))
        assert facts.media_type or facts == MediaFacts()


def test_a_recording_that_lost_its_index_is_noted(reader: MediaReader, recordings: Path) -> None:
    data = (recordings / "v.mp4").read_bytes()
    facts = asked(reader, data[: data.index(b"moov") - 4])
    assert facts.media_type == "video/mp4"
    assert (facts.recorded_at, facts.duration_ms) == (None, 0)
    assert "damaged or cut off" in str(facts.notes[0])
    assert "损坏" in facts.notes[0].zh


def test_a_file_that_wants_all_memory_costs_its_helper_only(recordings: Path, tmp_path: Path) -> None:
    """Boxes that say 900 MiB: libmediainfo gathers what it is given, in a process that may have 160 MiB."""
    with (tmp_path / "a.mp4").open("wb") as file:
        file.write(struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom"))
        file.write(struct.pack(">I4sI4sI4s", 900 << 20, b"moov", 800 << 20, b"udta", 700 << 20, b"\xa9nam"))
        file.truncate(1 << 30)
    with MediaReader() as reader:
        facts = asked(reader, tmp_path / "a.mp4")
        assert (facts.media_type, facts.duration_ms) == ("video/mp4", 0)
        assert facts.notes
        assert asked(reader, recordings / "v.mp4").recorded_at is not None
        assert reader._helper is not None
        assert resource.prlimit(reader._helper.pid, resource.RLIMIT_AS) == (160 << 20, 160 << 20)


def test_time_for_one_file_is_limited(recordings: Path) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            time.sleep(0.2)
            return super().read(size)

    with MediaReader(seconds=0.1) as reader:
        facts = reader.what_the_media_says(Slow((recordings / "v.mp4").read_bytes()), SHANGHAI, NOW)
    assert facts.duration_ms == 0
    assert facts.notes


def test_a_helper_that_died_is_started_again(recordings: Path) -> None:
    with MediaReader() as reader:
        first = asked(reader, recordings / "v.mp4")
        assert reader._helper is not None
        reader._helper.kill()
        reader._helper.wait()
        assert asked(reader, recordings / "v.mp4") == first


def test_an_error_of_the_store_is_not_taken_for_damage(recordings: Path, reader: MediaReader) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().read(size)

    data = (recordings / "v.mp4").read_bytes()
    with pytest.raises(OSError, match="Input/output"):
        reader.what_the_media_says(Failing(bytes(4) + data[4:]), SHANGHAI, NOW)
    assert asked(reader, data).duration_ms


def test_other_files_cost_next_to_nothing_and_start_nothing() -> None:
    stream, rounds = io.BytesIO(os.urandom(64) + bytes(4096)), 2_000
    stream.getbuffer()[:4] = b"\x01\x02\x03\x04"
    with MediaReader() as reader:
        started = time.perf_counter()
        for _ in range(rounds):
            assert reader.what_the_media_says(stream, SHANGHAI, NOW) == MediaFacts()
        assert (time.perf_counter() - started) / rounds < 50e-6
        assert reader._helper is None


def test_a_chance_likeness_is_no_media(reader: MediaReader) -> None:
    data = b"\xff\xfb" + b"\x01" * 5_000
    assert sniff(data).media_type == "audio/mpeg"
    assert asked(reader, data) == MediaFacts()


@given(st.binary(max_size=512))
@settings(max_examples=200)
def test_any_beginning_can_be_sniffed(head: bytes) -> None:
    assert sniff(head).ask in Ask


@given(
    st.dictionaries(
        st.sampled_from(["tracks", "duration", "encoded_date", "taken", "offset", "make", "model"]), st.text()
    )
)
def test_any_answer_can_be_read_out(said: dict[str, str]) -> None:
    for kind in (VIDEO, JPEG):
        facts = read_out(kind, said, SHANGHAI, NOW)
        facts.device_model.encode()
        assert facts.recorded_at is None or facts.recorded_at.tzinfo is UTC
        assert facts.duration_ms >= 0
