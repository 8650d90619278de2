"""Disc images: three trees over the same bytes, judged by libarchive, by 7z's UDF view, by xorriso and by sha256sum."""

import gc
import hashlib
import io
import os
import random
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from media.blocks import BLOCK_LIST, BLOCK_SIZE, find_list, list_size
from media.checking import Checked, check_image
from media.image import ImageInfo, build_image, measure
from media.isonames import name_all
from media.readback import Entry, compare, libarchive_files
from media.sevenzip import sevenzip_files
from ops.samples import BEIJING
from vault.bag import BagLayout, lay_bag
from vault.bagfile import BagInfo
from vault.digest import Digest
from vault.errors import BadInput, BlobCorrupt, ImageBroken, SourceUnreadable, StoreUnavailable, TargetProblem
from vault.facts import Facts
from vault.records import Record, RecordFile, Standing
from vault.text import Text

NOW = datetime(2026, 7, 14, 7, 4, 5, tzinfo=UTC)
TAKEN = datetime(2026, 3, 1, 1, 2, 3, tzinfo=UTC)
NAMES = [
    "现场录像.mp4",
    "现场录像.MP4",
    "空.txt",
    "录" * 80 + ".mp4",
    "录像" * 20 + "_0001.mp4",
    "录像" * 20 + "_0002.mp4",
    "a" * 255,
    "é" * 200 + ".txt",
    "e\u0301.txt",
    "é.txt",
    "㛃䶮𬭎𠅤𰻞.mp4",
    "王芳;李强:询问.wav",
    "ab",
    "慢",
]


class Shelf:
    """Objects in memory, opened as a store would."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def file(self, name: str, data: bytes, modified_at: datetime = TAKEN) -> RecordFile:
        sha256 = hashlib.sha256(data).hexdigest()
        self.objects[sha256] = data
        return RecordFile(sha256=sha256, size=len(data), name=name, modified_at=modified_at)

    @contextmanager
    def open(self, file: RecordFile) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.objects[file.sha256])


def lay(*files: RecordFile) -> BagLayout:
    record = Record(
        number="R-2026-000001",
        facts=Facts(case_name="邓州市某公司违规收费案"),
        origins={},
        files=files,
        stored_at=NOW,
        stored_by="管理员",
        standing=Standing.KEPT,
    )
    info = BagInfo("邓州市财政局", date(2026, 7, 14), "2026-0001", BEIJING)
    return lay_bag([record], info, {"journal/proof/R-2026-000001": b"proof\n"})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def layout(shelf: Shelf) -> BagLayout:
    return lay(*(shelf.file(name, b"" if name == "空.txt" else name.encode() * 50) for name in NAMES))


@pytest.fixture
def built(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> tuple[Path, ImageInfo]:
    image = tmp_path / "2026-0001-1.iso"
    build_image(image, layout, shelf.open, "2026-0001-1", NOW)
    return image, measure(image)


def extracted(image: Path, kind: str, into: Path) -> Path:
    subprocess.run(["7z", "x", f"-t{kind}", f"-o{into}", str(image)], check=True, capture_output=True)
    return into


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_every_reader_finds_every_file(built: tuple[Path, ImageInfo], layout: BagLayout) -> None:
    assert check_image(built[0], layout) == Checked(
        len(layout.payload) + len(layout.tags) + 1, layout.size + list_size(built[1].size), ("libarchive", "7z")
    )


@pytest.mark.parametrize("extractor", ["7z", "osirrox"])
def test_what_others_extract_is_a_bag_that_sha256sum_and_bagit_accept(
    built: tuple[Path, ImageInfo], layout: BagLayout, tmp_path: Path, extractor: str
) -> None:
    """7z takes it from the UDF tree, xorriso's osirrox from Rock Ridge."""
    folder = tmp_path / "内容"
    if extractor == "7z":
        extracted(built[0], "Udf", folder)
    else:
        command = ["xorriso", "-osirrox", "on:auto_chmod_on", "-indev", str(built[0]), "-extract", "/", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    assert files_below(folder) == {BLOCK_LIST, *(path for path, _, _ in layout.expected())}
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "-c", "--strict", manifest], cwd=folder, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "bagit", "--validate", "."], cwd=folder, check=True, capture_output=True)
    assert {os.stat(folder / entry.path).st_mtime for entry in layout.payload} == {TAKEN.timestamp()}


def test_the_joliet_view_carries_the_same_bytes_under_shorter_names(
    built: tuple[Path, ImageInfo], layout: BagLayout, tmp_path: Path
) -> None:
    folder = extracted(built[0], "Iso", tmp_path / "joliet")
    found = sorted(Digest.of((folder / path).read_bytes()) for path in files_below(folder) - {BLOCK_LIST})
    assert found == sorted(digest for _, _, digest in layout.expected())
    assert (folder / "data/R-2026-000001/现场录像.mp4").read_bytes() == "现场录像.mp4".encode() * 50


def test_xorriso_sees_every_file_and_the_volume_name(built: tuple[Path, ImageInfo], layout: BagLayout) -> None:
    command = ["xorriso", "-indev", str(built[0]), "-pvd_info", "-find", "/", "-type", "f"]
    out = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    assert "Volume Id    : 2026-0001-1" in out
    assert out.count("\n'/") == len(layout.payload) + len(layout.tags) + 1


def test_the_info_is_that_of_the_file_and_nothing_else_is_left(built: tuple[Path, ImageInfo]) -> None:
    image, info = built
    assert info == ImageInfo(image.stat().st_size, Digest.of(image.read_bytes()))
    assert list(image.parent.iterdir()) == [image]


def test_the_same_input_gives_the_same_bytes_at_any_time_in_any_zone(
    built: tuple[Path, ImageInfo], layout: BagLayout, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, info = built
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert build_image(image.with_name("later.iso"), layout, shelf.open, "2026-0001-1", NOW) == info.size
        assert measure(image.with_name("later.iso")) == info
    finally:
        monkeypatch.undo()
        time.tzset()


def test_pycdlib_gets_its_clock_and_its_dice_back_and_python_its_collector(built: tuple[Path, ImageInfo]) -> None:
    from pycdlib import dates, headervd, pycdlib, udf, utils

    assert gc.isenabled()
    assert all(module.time is time for module in (dates, headervd, pycdlib, udf, utils))
    assert udf.random is random


@pytest.mark.parametrize("modified_at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_a_time_that_no_disc_can_say_does_not_stop_it(tmp_path: Path, shelf: Shelf, modified_at: datetime) -> None:
    layout = lay(shelf.file("录像.mp4", b"x", modified_at))
    build_image(tmp_path / "a.iso", layout, shelf.open, "A", NOW)
    assert check_image(tmp_path / "a.iso", layout).files == 10


def test_the_block_list_is_right_about_every_block(built: tuple[Path, ImageInfo]) -> None:
    image, info = built
    whole = bytearray(image.read_bytes())
    with image.open("rb") as file:
        listed = find_list(file.fileno())
    assert listed is not None
    assert listed.start % 2_048 == 0
    assert (listed.image, listed.size) == (info.size, 128 + 65 * -(-info.size // BLOCK_SIZE))
    text = whole[listed.start : listed.start + listed.size].decode()
    assert text[:128].rstrip() == f"strongroom-blocks 1 block=32768 image={info.size} self={listed.start}+{listed.size}"
    whole[listed.start : listed.start + listed.size] = bytes(listed.size)
    blocks = [whole[at : at + BLOCK_SIZE] for at in range(0, len(whole), BLOCK_SIZE)]
    assert text[128:].splitlines() == [hashlib.sha256(block).hexdigest() for block in blocks]


def test_a_bit_flipped_anywhere_is_found(built: tuple[Path, ImageInfo], layout: BagLayout) -> None:
    image, info = built
    whole = image.read_bytes()
    for at in random.Random(2026).sample(range(info.size), 100):
        image.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        with pytest.raises(ImageBroken, match=BLOCK_LIST):
            check_image(image, layout)


@pytest.mark.parametrize("reader", [libarchive_files, partial(sevenzip_files, view="Udf")])
def test_every_reader_finds_a_flipped_bit_in_any_file(
    built: tuple[Path, ImageInfo], layout: BagLayout, shelf: Shelf, reader: Callable[[Path], Iterator[Entry]]
) -> None:
    image = built[0]
    whole = image.read_bytes()
    expected = list(layout.expected())
    for path, size, digest in expected:
        content = layout.tags.get(path) or next((c for c in shelf.objects.values() if Digest.of(c) == digest), b"")
        if not content or path == BLOCK_LIST:
            continue
        at = whole.index(content) + size // 2
        image.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        found = [entry for entry in reader(image) if entry[0] != BLOCK_LIST]
        with pytest.raises(ImageBroken, match="differs from its manifest"):
            compare(image, expected, found)


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.6, 0.9])
def test_a_truncated_image_is_found(built: tuple[Path, ImageInfo], layout: BagLayout, keep: float) -> None:
    image, info = built
    os.truncate(image, int(info.size * keep))
    with pytest.raises(ImageBroken):
        check_image(image, layout)
    with pytest.raises(ImageBroken):
        compare(image, layout.expected(), libarchive_files(image))
    with pytest.raises(ImageBroken):
        compare(image, layout.expected(), sevenzip_files(image, "Udf"))


def test_an_image_of_other_records_is_found(built: tuple[Path, ImageInfo], shelf: Shelf) -> None:
    with pytest.raises(ImageBroken, match=r"differs|not in its manifest"):
        check_image(built[0], lay(shelf.file("别的.mp4", b"x")))


def test_a_missing_file_and_one_too_many_are_found(tmp_path: Path, shelf: Shelf) -> None:
    one, two = lay(shelf.file("一.mp4", b"1")), lay(shelf.file("一.mp4", b"1"), shelf.file("二.mp4", b"2"))
    build_image(tmp_path / "a.iso", one, shelf.open, "A", NOW)
    with pytest.raises(ImageBroken, match="1 file is missing"):
        check_image(tmp_path / "a.iso", BagLayout(two.payload, one.tags))
    build_image(tmp_path / "b.iso", BagLayout(two.payload, one.tags), shelf.open, "A", NOW)
    with pytest.raises(ImageBroken, match="not in its manifest"):
        check_image(tmp_path / "b.iso", one)


def test_another_kind_of_archive_is_no_image(tmp_path: Path, layout: BagLayout) -> None:
    with zipfile.ZipFile(tmp_path / "a.iso", "w") as archive:
        archive.writestr("bagit.txt", layout.tags["bagit.txt"])
    with pytest.raises(ImageBroken, match="no ISO 9660 image"):
        list(libarchive_files(tmp_path / "a.iso"))
    with pytest.raises(ImageBroken, match="7z"):
        list(sevenzip_files(tmp_path / "a.iso", "Udf"))
    with pytest.raises(ImageBroken, match=BLOCK_LIST):
        check_image(tmp_path / "a.iso", layout)


def test_an_image_that_is_not_there_is_not_called_broken(tmp_path: Path, layout: BagLayout) -> None:
    with pytest.raises(SourceUnreadable, match="no such file or folder"):
        check_image(tmp_path / "a.iso", layout)


@pytest.mark.parametrize("damage", [lambda d: d[:-1] + b"\0", lambda d: d[:-1], lambda d: d + b"x"])
def test_a_damaged_object_stops_the_image_and_leaves_nothing(
    tmp_path: Path, layout: BagLayout, shelf: Shelf, damage: Callable[[bytes], bytes]
) -> None:
    for which in (0, 2, len(NAMES) - 1):
        sha256 = layout.payload[which].file.sha256
        sound = shelf.objects[sha256]
        shelf.objects[sha256] = damage(sound or b"x")
        if shelf.objects[sha256]:
            with pytest.raises(BlobCorrupt, match=sha256):
                build_image(tmp_path / "a.iso", layout, shelf.open, "A", NOW)
        shelf.objects[sha256] = sound
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_does_not_answer_stays_cannot_tell(tmp_path: Path, layout: BagLayout) -> None:
    @contextmanager
    def gone(file: RecordFile) -> Iterator[BinaryIO]:
        raise StoreUnavailable(Text(en="gone", zh="断开"))
        yield

    with pytest.raises(StoreUnavailable):
        build_image(tmp_path / "a.iso", layout, gone, "A", NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_no_more_leaves_nothing(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    try:
        with pytest.raises(TargetProblem, match="too large"):
            build_image(tmp_path / "a.iso", layout, shelf.open, "A", NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_an_existing_target_is_refused_and_untouched(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> None:
    (tmp_path / "a.iso").write_bytes(b"mine")
    with pytest.raises(BadInput, match="exists already"):
        build_image(tmp_path / "a.iso", layout, shelf.open, "A", NOW)
    assert (tmp_path / "a.iso").read_bytes() == b"mine"


@pytest.mark.parametrize("volume_id", ["", "光盘", "a", "A" * 17, "A B"])
def test_a_volume_name_that_joliet_or_iso_cannot_hold_is_refused(
    tmp_path: Path, layout: BagLayout, shelf: Shelf, volume_id: str
) -> None:
    with pytest.raises(BadInput, match="Not a name for a disc"):
        build_image(tmp_path / "a.iso", layout, shelf.open, volume_id, NOW)


def test_names_are_unique_in_every_tree_and_long_families_do_not_cost_their_square() -> None:
    paths = [f"data/R-1/{'执法音像记录' * 6}_{i:05}.mp4" for i in range(5_000)] + ["data/R-2/a.mp4", "data/r-2/a.mp4"]
    folders, files = name_all(paths)
    assert [folder.path for folder in folders] == ["/data", "/data/R-1", "/data/R-2", "/data/r-2"]
    for tree in ("iso", "joliet", "path"):
        assert len({getattr(names, tree) for names in files.values()}) == len(paths)
    assert len({names.joliet.casefold() for names in files.values()}) == len(paths)
    assert all(len(names.joliet.rsplit("/", 1)[1].encode()) <= 64 for names in files.values())
    assert all(names.joliet.endswith(".mp4") for names in files.values())
