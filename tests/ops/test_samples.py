"""The demonstration's recordings are what they claim: ffprobe, exifread and a decoder judge them, not their maker."""

import csv
import io
import json
import os
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import exifread
import msgspec
import pytest

from ops.sample_media import BEIJING, DEVICE_MODEL
from ops.samples import FILE_COLUMN, GROUP_COLUMN, Samples, activities, make_samples
from vault.errors import StrongroomError
from vault.facts import FACTS, Facts

NOW = datetime(2026, 3, 17, 10, 20, tzinfo=UTC)  # 18:20 in Beijing: the whole day lies behind
DAY = activities(NOW)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return make_samples(tmp_path_factory.mktemp("当天 录像"), NOW)


def probe(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def decodes(path: Path) -> bool:
    """Whether every frame decodes without a complaint."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode == 0 and not done.stderr


def grey(path: Path, second: float, area: str) -> bytes:
    """The pixels of an area (w:h:x:y) of the frame at `second`."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-ss", str(second), "-i", str(path), "-frames:v", "1"]
    command += ["-vf", f"crop={area}", "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def loudness(path: Path) -> int:
    """The largest sample, of 32,767."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "pipe:1"]
    pcm = memoryview(subprocess.run(command, capture_output=True, check=True).stdout).cast("h")
    return max(abs(value) for value in pcm)


def exif(jpeg: bytes) -> dict[str, str]:
    return {name: str(value) for name, value in exifread.process_file(io.BytesIO(jpeg), details=False).items()}


def rows(samples: Samples) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(samples.sheet.read_text(encoding="utf-8-sig"), newline="")))


def with_suffix(samples: Samples, suffix: str) -> list[Path]:
    return [path for path in samples.recordings if path.suffix == suffix]


def test_three_videos_play_and_carry_their_time(samples: Samples) -> None:
    videos = with_suffix(samples, ".mp4")
    began = [DAY.inspection.recorded_at, DAY.inspection.recorded_at, DAY.inquiry.recorded_at]
    after = [timedelta(0), timedelta(minutes=30), timedelta(0)]
    assert len(videos) == 3
    for video, start, offset in zip(videos, began, after, strict=True):
        found = probe(video)
        assert [s["codec_name"] for s in found["streams"]] == ["h264", "aac"]
        assert (found["streams"][0]["width"], found["streams"][0]["height"]) == (1280, 720)
        assert 5.5 < float(found["format"]["duration"]) < 6.5
        assert start is not None
        assert datetime.fromisoformat(found["format"]["tags"]["creation_time"]) == start + offset
        assert found["format"]["tags"]["com.apple.quicktime.model"] == DEVICE_MODEL
        assert decodes(video)
        assert loudness(video) > 1000


def test_the_clock_in_the_picture_runs_and_the_caption_stands(samples: Samples) -> None:
    video = with_suffix(samples, ".mp4")[0]
    clock, caption = "340:44:20:14", "420:100:20:610"

    def change(area: str) -> int:
        return max(abs(a - b) for a, b in zip(grey(video, 1.5, area), grey(video, 2.5, area), strict=True))

    assert change(clock) > 120  # a digit turned
    assert change(caption) < 60  # no more than grain
    assert max(grey(video, 1.5, caption)) > 200  # white letters on a dark ground


def test_sound_is_aac_and_telephone_wav(samples: Samples) -> None:
    [recorder], [telephone] = with_suffix(samples, ".m4a"), with_suffix(samples, ".wav")
    assert probe(recorder)["streams"][0]["codec_name"] == "aac"
    stream = probe(telephone)["streams"][0]
    assert (stream["codec_name"], stream["sample_rate"], stream["channels"]) == ("pcm_s16le", "8000", 1)
    assert DAY.inquiry.recorded_at is not None
    assert datetime.fromisoformat(probe(recorder)["format"]["tags"]["creation_time"]) == DAY.inquiry.recorded_at
    for sound in (recorder, telephone):
        assert decodes(sound)
        assert loudness(sound) > 1000


def test_photos_say_when_and_by_what_they_were_taken(samples: Samples) -> None:
    photos = with_suffix(samples, ".jpg")
    assert len(photos) == 3
    for photo in photos:
        tags = exif(photo.read_bytes())
        assert (tags["Image Make"], tags["Image Model"]) == ("DZCZ", DEVICE_MODEL)
        taken = datetime.strptime(tags["EXIF DateTimeOriginal"], "%Y:%m:%d %H:%M:%S").replace(tzinfo=BEIJING)
        assert f"IMG_{taken:%Y%m%d_%H%M%S}.jpg" == photo.name
        assert tags["EXIF OffsetTimeOriginal"] == "+08:00"
        assert taken.timestamp() == photo.stat().st_mtime
        assert decodes(photo)


def test_the_collectors_zip_holds_photos_and_sound_under_chinese_names(samples: Samples, tmp_path: Path) -> None:
    with zipfile.ZipFile(samples.container) as archive:
        assert archive.testzip() is None
        members = {info.filename: archive.read(info) for info in archive.infolist()}
        assert all(info.flag_bits & 0x800 for info in archive.infolist())  # names are UTF-8
    assert sorted(members) == [
        "DZCZ0112/现场录音.m4a",
        "DZCZ0112/证据保全_01_代理记账合同.jpg",
        "DZCZ0112/证据保全_02_收费收据.jpg",
        "DZCZ0112/证据保全_03_登记保存清单.jpg",
    ]
    for name, data in members.items():
        (tmp_path / Path(name).name).write_bytes(data)
        assert decodes(tmp_path / Path(name).name)
        assert name.endswith(".m4a") or exif(data)["Image Model"] == DEVICE_MODEL
    assert list(samples.folder.glob(".*")) == []  # nothing half-made is left beside it


def test_the_sheet_maps_files_to_facts_under_known_headings(samples: Samples) -> None:
    found = rows(samples)
    labels = {fact.label.zh for fact in FACTS}
    assert set(found[0]) - {FILE_COLUMN, GROUP_COLUMN} <= labels
    groups: dict[str, set[str]] = {}
    for row in found:
        assert (samples.folder / row[FILE_COLUMN]).is_file()
        assert row["科室"]
        datetime.strptime(row["记录时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        groups.setdefault(row[GROUP_COLUMN] or row[FILE_COLUMN], set()).add(row["案号"])
    assert [len(numbers) for numbers in groups.values()] == [1, 1, 1]
    by_party = {row["当事人"]: row for row in found}
    assert set(by_party) == {"王芳", "李伟", "孙丽"}
    assert by_party["王芳"]["执法人员"] == "张建国、刘敏"
    assert samples.party == "王芳"


def test_the_sidecar_holds_facts_of_the_file_it_is_named_after(samples: Samples) -> None:
    assert samples.sidecar.name.removesuffix(".facts.json") in {path.name for path in samples.recordings}
    facts = msgspec.json.decode(samples.sidecar.read_bytes(), type=Facts)
    assert (facts.section, facts.matter) == ("综合科", "电话举报")


def test_every_recording_but_one_has_facts(samples: Samples) -> None:
    told = {row[FILE_COLUMN] for row in rows(samples)} | {samples.sidecar.name.removesuffix(".facts.json")}
    assert {path.name for path in samples.recordings} - told == {samples.unlisted.name}
    assert {path.name for path in samples.folder.iterdir()} == {
        *(path.name for path in samples.recordings),
        samples.sheet.name,
        samples.sidecar.name,
    }
    assert sum(path.stat().st_size for path in samples.folder.iterdir()) < 12_000_000


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_every_activity_ended_within_the_last_24_hours_at_office_hours(hour: int) -> None:
    now = datetime(2026, 1, 1, hour, 10, tzinfo=UTC)
    day = activities(now)
    for facts in (day.inspection, day.inquiry, day.report, day.preservation):
        assert facts.recorded_at is not None
        assert facts.activity_ended_at is not None
        assert now - timedelta(hours=24) <= facts.activity_ended_at <= now
        assert facts.recorded_at < facts.activity_ended_at
        assert 8 <= facts.recorded_at.astimezone(BEIJING).hour < 18


def test_without_ffmpeg_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StrongroomError, match="ffmpeg is not installed") as caught:
        make_samples(tmp_path / "样本", NOW)
    assert "apt-get install ffmpeg" in caught.value.hint.en
    assert "apt-get install ffmpeg" in caught.value.hint.zh
    assert not (tmp_path / "样本").exists()


def test_without_the_chinese_font_it_refuses_to_draw_empty_boxes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.sample_media._FONT_FOLDERS", (tmp_path,))
    with pytest.raises(StrongroomError, match="font") as caught:
        make_samples(tmp_path / "样本", NOW)
    assert "apt-get install fonts-noto-cjk" in caught.value.hint.en


def test_an_ffmpeg_that_fails_is_reported_in_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(StrongroomError, match="Unknown encoder libx264"):
        make_samples(tmp_path / "样本", NOW)
