"""Bags: the layout, and a folder that strangers' tools accept. bagit and sha256sum are the judges."""

import csv
import hashlib
import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from ops.samples import BEIJING
from vault.bag import BagLayout, lay_bag
from vault.bagfile import BagInfo
from vault.bagfolder import write_bag
from vault.bagtags import encoded_path
from vault.errors import BadInput, BlobCorrupt, StoreUnavailable, TargetProblem
from vault.facts import Facts
from vault.profile import load_profile
from vault.profile.known import in_words
from vault.records import Record, RecordFile, Standing
from vault.text import Text

NOW = datetime(2026, 7, 14, 7, 4, 5, tzinfo=UTC)
INFO = BagInfo("邓州市财政局", date(2026, 7, 14), "2026-0001", BEIJING, count="1 of 1")
NAMES = [
    "现场录像.mp4",
    "现场录像.MP4",
    "换行\n.mp4",
    "100%.txt",
    "CON",
    "空.txt",
    "e\u0301.txt",
    "é.txt",
    "长" * 85,
    "a" * 255,
    "录像\\xff.mp4",
]


class Shelf:
    """Objects in memory, opened as a store would."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.largest_read = 0

    def file(self, name: str, data: bytes) -> RecordFile:
        sha256 = hashlib.sha256(data).hexdigest()
        self.objects[sha256] = data
        return RecordFile(
            sha256=sha256, size=len(data), name=name, modified_at=datetime(2026, 3, 1, 1, 2, 3, tzinfo=UTC)
        )

    @contextmanager
    def open(self, file: RecordFile) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.objects[file.sha256])


def record(number: str, files: tuple[RecordFile, ...], facts: Facts | None = None) -> Record:
    facts = facts or Facts(case_name="邓州市某公司违规收费案", party="王芳", officers=("张三", "李四"), recorded_at=NOW)
    return Record(
        number=number,
        facts=facts,
        origins={"case_name": "option"},
        files=files,
        stored_at=NOW,
        stored_by="管理员",
        standing=Standing.KEPT,
    )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def layout(shelf: Shelf) -> BagLayout:
    files = tuple(shelf.file(name, b"" if name == "空.txt" else name.encode() * 100) for name in NAMES)
    other = record("R-2", files[:1], Facts(case_name="=HYPERLINK(1)"))
    return lay_bag([record("R-1", files), other], INFO, {"journal/checkpoint": b"example\n1\nAAAA\n"})


def test_bagit_and_sha256sum_accept_it(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> None:
    write_bag(tmp_path / "bag", layout, shelf.open)
    bagit = subprocess.run([sys.executable, "-m", "bagit", "--validate", "bag"], cwd=tmp_path, capture_output=True)
    assert bagit.returncode == 0, bagit.stderr.decode()
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        check = subprocess.run(["sha256sum", "-c", "--strict", manifest], cwd=tmp_path / "bag", capture_output=True)
        assert check.returncode == 0, check.stderr.decode()
    found = sum(1 for path in (tmp_path / "bag").rglob("*") if path.is_file())
    assert found == len(layout.payload) + len(layout.tags) == len(list(layout.expected()))


def test_bagit_rejects_it_once_a_byte_has_changed(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> None:
    write_bag(tmp_path / "bag", layout, shelf.open)
    (tmp_path / "bag" / layout.payload[0].path).write_bytes(b"x" * layout.payload[0].file.size)
    bagit = subprocess.run([sys.executable, "-m", "bagit", "--validate", "bag"], cwd=tmp_path, capture_output=True)
    assert bagit.returncode != 0


def test_records_json_leads_back_to_every_original_name(layout: BagLayout) -> None:
    document = json.loads(layout.tags["records.json"])
    files = document["records"][0]["files"]
    assert [file["name"] for file in files] == NAMES
    assert [file["path"] for file in files] == [entry.path for entry in layout.payload[: len(NAMES)]]
    assert document["records"][0]["facts"]["officers"] == ["张三", "李四"]
    assert document["labels"]["party"] == {"zh": "当事人", "en": "party"}


def test_the_table_opens_in_a_spreadsheet_and_runs_nothing(layout: BagLayout) -> None:
    rows = list(csv.DictReader(io.StringIO(layout.tags["清单.csv"].decode("utf-8-sig"), newline="")))
    assert len(rows) == len(layout.payload)
    assert rows[0]["案件名称 case name"] == "邓州市某公司违规收费案"
    assert rows[0]["记录时间 recorded at"] == "2026-07-14 15:04:05"  # the office's clock; records.json has it in UTC
    assert rows[0]["原文件名 name"] == "现场录像.mp4"
    assert rows[-1]["案件名称 case name"] == "'=HYPERLINK(1)"


def test_the_table_says_the_profiles_identifiers_in_its_words(shelf: Shelf) -> None:
    words = partial(in_words, load_profile("dengzhou"))
    facts = Facts(circumstances=("objection", "unheard-of"), exceptions=("=x",))
    one = record("R-1", (shelf.file("a.mp4", b"1"),), facts)
    layout = lay_bag([one], replace(INFO, words=words))
    (row,) = csv.DictReader(io.StringIO(layout.tags["清单.csv"].decode("utf-8-sig"), newline=""))
    objection = load_profile("dengzhou").circumstance("objection")
    assert objection is not None
    said = f"{objection.zh}、「unheard-of」 · {objection.en}, “unheard-of”"
    assert row["特殊情形 circumstances"] == said
    assert row["延时情形 exceptions"] == "「=x」 · “=x”"  # nothing runs
    assert json.loads(layout.tags["records.json"])["records"][0]["facts"]["circumstances"] == list(facts.circumstances)


def test_bag_info_says_how_much_there_is_in_one_line_each(shelf: Shelf) -> None:
    info = BagInfo("邓州市\n财政局", date(2026, 7, 14), "2026-0001", BEIJING, description="两份\r\nPayload-Oxum: 0.0")
    text = lay_bag([record("R-1", (shelf.file("a.txt", b"abc"),))], info).tags["bag-info.txt"].decode()
    assert text.splitlines() == [
        "Source-Organization: 邓州市 财政局",
        "Bagging-Date: 2026-07-14",
        "External-Identifier: 2026-0001",
        "External-Description: 两份 Payload-Oxum: 0.0",
        "Payload-Oxum: 3.1",
        "Bag-Software-Agent: Strongroom",
    ]


def test_the_same_input_gives_the_same_bag(shelf: Shelf) -> None:
    records = [record("R-1", (shelf.file("a.txt", b"abc"), shelf.file("a.txt", b"abd")))]
    assert lay_bag(records, INFO) == lay_bag(records, INFO)


def test_manifests_encode_line_breaks_and_percent_only() -> None:
    assert encoded_path("data/a\r\nb 100%\t王.mp4") == "data/a%0D%0Ab 100%25\t王.mp4"


@pytest.mark.parametrize(
    "path", ["bagit.txt", "tagmanifest-sha256.txt", "data/x", "/x", "../x", "a//b", "a/../b", "x\n", "a:b", ""]
)
def test_an_extra_file_may_not_take_a_place_that_is_not_its_own(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        lay_bag([], INFO, {path: b""})


@pytest.mark.parametrize("damage", [lambda d: d[:-1] + bytes([d[-1] ^ 1]), lambda d: d[:-1], lambda d: d + b"x"])
def test_a_damaged_object_leaves_nothing_behind(
    tmp_path: Path, layout: BagLayout, shelf: Shelf, damage: Callable[[bytes], bytes]
) -> None:
    last = layout.payload[10].file.sha256
    shelf.objects[last] = damage(shelf.objects[last])
    with pytest.raises(BlobCorrupt, match=last):
        write_bag(tmp_path / "bag", layout, shelf.open)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_object_that_is_not_empty_is_found(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> None:
    shelf.objects[hashlib.sha256(b"").hexdigest()] = b"x"
    with pytest.raises(BlobCorrupt):
        write_bag(tmp_path / "bag", layout, shelf.open)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_does_not_answer_stays_cannot_tell(tmp_path: Path, layout: BagLayout) -> None:
    @contextmanager
    def gone(file: RecordFile) -> Iterator[BinaryIO]:
        raise StoreUnavailable(Text(en="gone", zh="断开"))
        yield

    with pytest.raises(StoreUnavailable):
        write_bag(tmp_path / "bag", layout, gone)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_target_is_refused_and_untouched(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> None:
    (tmp_path / "bag").mkdir()
    with pytest.raises(BadInput, match="exists already"):
        write_bag(tmp_path / "bag", layout, shelf.open)
    assert list((tmp_path / "bag").iterdir()) == []


def test_a_target_without_a_folder_to_stand_in_is_said(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> None:
    with pytest.raises(TargetProblem, match="no such file"):
        write_bag(tmp_path / "no" / "bag", layout, shelf.open)


def test_a_disk_that_takes_no_more_leaves_nothing(tmp_path: Path, shelf: Shelf) -> None:
    layout = lay_bag([record("R-1", (shelf.file("大.mp4", b"x" * (3 << 20)),))], INFO)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, hard))
    try:
        with pytest.raises(TargetProblem, match="too large"):
            write_bag(tmp_path / "bag", layout, shelf.open)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_files_keep_their_times_and_progress_counts_every_byte(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> None:
    done: list[int] = []
    write_bag(tmp_path / "bag", layout, shelf.open, done.append)
    assert sum(done) == layout.size
    assert (
        os.stat(tmp_path / "bag" / layout.payload[0].path).st_mtime
        == datetime(2026, 3, 1, 1, 2, 3, tzinfo=UTC).timestamp()
    )


def test_no_read_asks_for_more_than_a_mebibyte(tmp_path: Path, shelf: Shelf) -> None:
    asked: list[int] = []

    class Stream(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size or 0)
            return super().read(min(size or 0, 300_000))  # and a store may give less than was asked for

    @contextmanager
    def open_object(file: RecordFile) -> Iterator[BinaryIO]:
        yield Stream(shelf.objects[file.sha256])

    layout = lay_bag([record("R-1", (shelf.file("大.mp4", os.urandom(3 << 20)),))], INFO)
    write_bag(tmp_path / "bag", layout, open_object)
    assert 0 < max(asked) <= 1 << 20
