"""How an image is written: together where it can be, with little held of each file, the same bytes as without that."""

import errno
import fcntl
import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media.blocks import check_list, find_list
from media.image import build_image, measure
from media.sharing import Sharing
from media.target import CHUNK, Target
from tests.media.scene import NOW, SMALL, TAKEN, Shelf, laid, one_disc, record
from vault.bag import BagLayout
from vault.errors import TargetProblem

OPEN, PWRITE = os.open, os.pwrite

Content = Callable[[Shelf, int], BagLayout]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def photos(shelf: Shelf, count: int) -> BagLayout:
    """Names that fit into a folder's entry and names that do not, three files a minute."""
    names = [f"{'执法音像记录' * (n % 3 * 6 + 1)}_{n:03}.jpg" for n in range(count)]
    files = (shelf.file(name, b"%d" % n * n, TAKEN + timedelta(minutes=n // 3)) for n, name in enumerate(names))
    records = [record(1, *files)]
    (layout,) = laid(one_disc(records, SMALL), records, shelf)
    return layout


def folders(shelf: Shelf, count: int) -> BagLayout:
    """A record a photo, and one of a few."""
    records = [record(n, shelf.file(f"{n}.jpg", b"%d" % n)) for n in range(1, count)]
    records.append(record(count, *(shelf.file(f"照片{n}.jpg", b"+%d" % n) for n in range(5))))
    (layout,) = laid(one_disc(records, SMALL), records, shelf)
    return layout


@pytest.mark.parametrize(("content", "count"), [(photos, 8), (photos, 300), (folders, 8), (folders, 300)])
def test_neither_sharing_nor_joining_changes_a_byte(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Content, count: int
) -> None:
    """Long names go on in a sector behind the folder's: with few files the one is written beside the other in turn."""
    layout = content(shelf, count)
    build_image(tmp_path / "a.iso", layout, shelf.open, "A", NOW)
    monkeypatch.setattr(Sharing, "thin", lambda *_: None)
    monkeypatch.setattr(Sharing, "thin_folders", lambda *_: None)
    monkeypatch.setattr("media.target.SECTOR", 1)  # no gap is closed
    build_image(tmp_path / "b.iso", layout, shelf.open, "A", NOW)
    assert measure(tmp_path / "a.iso") == measure(tmp_path / "b.iso")


def test_what_is_equal_is_held_once(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[Any] = []
    thin = Sharing.thin

    def listening(self: Sharing, inode: Any, moment: float) -> None:
        thin(self, inode, moment)
        added.append(inode)

    monkeypatch.setattr(Sharing, "thin", listening)
    build_image(tmp_path / "a.iso", photos(shelf, 300), shelf.open, "A", NOW)
    held = [
        value
        for inode in added
        for record, _ in inode.linked_records
        for name in record.__slots__
        if type(value := getattr(record, name, None)).__name__
        in ("DirectoryRecordDate", "UDFTimestamp", "UDFICBTag", "list")
    ]
    assert len(added) == 300
    assert len({id(value) for value in held}) <= 300 + 3 * 100  # a file's extents; three kinds, a hundred minutes


def test_what_is_equal_of_folders_is_held_once(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    thin = Sharing.thin_folders

    def listening(self: Sharing, image: Any) -> None:
        thin(self, image)
        roots = (image.pvd.root_directory_record(), image.joliet_vd.root_directory_record())
        seen.extend(max(root.children[2:], key=lambda folder: len(folder.children)) for root in roots)

    monkeypatch.setattr(Sharing, "thin_folders", listening)
    build_image(tmp_path / "a.iso", folders(shelf, 300), shelf.open, "A", NOW)
    inside = [record for data in seen for folder in data.children[2:] for record in (folder, *folder.children[:2])]
    assert len(inside) == 2 * 300 * 3
    assert len({id(record.date) for record in inside}) == 1
    assert len({id(record.children) for record in inside}) == 1 + 2 * 300  # the folders'; of . and .. the empty tuple


def test_entries_that_begin_sector_by_sector_are_written_together(tmp_path: Path) -> None:
    seen: list[tuple[int, bytes]] = []
    entries = [b"%03d" % n * 60 for n in range(100)]
    with Target(tmp_path / "partial", tmp_path / "target", lambda at, data: seen.append((at, bytes(data)))) as file:
        for n, entry in enumerate(entries, 2):
            file.seek(2_048 * n)
            file.write(entry)
        file.seek(0)
        file.write(b"first")
        file.to_disk()
    whole = b"".join(entry.ljust(2_048, b"\0") for entry in (b"first", b"", *entries))
    assert (tmp_path / "partial").read_bytes() == whole.rstrip(b"\0")
    assert [at for at, _ in seen] == [4_096, 0]


def refusing_to_open(path: Any, flags: int, *more: Any) -> int:
    if flags & os.O_DIRECT:
        raise OSError(errno.EINVAL, "as tmpfs said before Linux 6.6")
    return OPEN(path, flags, *more)


def refusing_to_write(descriptor: int, data: Any, at: int) -> int:
    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_DIRECT:
        raise OSError(errno.EINVAL, "as FUSE may say")
    return PWRITE(descriptor, data, at)


@pytest.mark.parametrize(("call", "instead"), [("", int), ("open", refusing_to_open), ("pwrite", refusing_to_write)])
def test_past_the_cache_or_not_the_image_and_its_block_list_are_the_same(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, instead: Any
) -> None:
    """Of several chunks: files that end in the midst of a sector, of a page, of a chunk."""
    bytes_of = random.Random(7).randbytes
    files = [
        shelf.file(f"{n}.mp4", bytes_of(size)) for n, size in enumerate((CHUNK * 2 + 5, 700, CHUNK + 2_048, 3, CHUNK))
    ]
    records = [record(1, *files)]
    (layout,) = laid(one_disc(records, SMALL), records, shelf)
    if call:
        monkeypatch.setattr(os, call, instead)
    image = tmp_path / "a.iso"
    build_image(image, layout, shelf.open, "A", NOW)
    monkeypatch.undo()
    with image.open("rb") as file:
        listed = find_list(file.fileno())
        assert listed is not None
        assert check_list(file.fileno(), listed) is not None
    assert all(shelf.objects[one.sha256] in image.read_bytes() for one in files)


def test_what_is_written_again_is_what_stays(tmp_path: Path) -> None:
    """Chunks wait for their turn; who goes back waits for them."""
    with Target(tmp_path / "partial", tmp_path / "target") as file:
        for at, letter in ((0, b"a"), (CHUNK, b"b"), (2 * CHUNK, b"c"), (0, b"d"), (CHUNK + 7, b"e")):
            file.seek(at)
            file.write(letter * (CHUNK if letter != b"e" else 9))
        file.to_disk()
    whole = (tmp_path / "partial").read_bytes()
    assert whole == b"d" * CHUNK + b"b" * 7 + b"e" * 9 + b"b" * (CHUNK - 16) + b"c" * CHUNK


def test_a_chunk_that_cannot_be_written_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was another thread that met the failure; nobody waits for a buffer for ever."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill() -> None:
        for _ in range(20):
            file.write(bytes(CHUNK))
        file.to_disk()

    monkeypatch.setattr(os, "pwrite", full)
    with Target(tmp_path / "partial", tmp_path / "target") as file, pytest.raises(TargetProblem, match="no space left"):
        fill()
