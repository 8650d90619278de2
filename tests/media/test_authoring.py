"""How an image is written: together where it can be, with little held of each file, the same bytes as without that."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media.image import build_image, measure
from media.sharing import Sharing
from media.target import Target
from tests.media.scene import NOW, SMALL, TAKEN, Shelf, laid, one_disc, record
from vault.bag import BagLayout

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
    with Target(tmp_path / "partial", tmp_path / "target", lambda at, data: seen.append((at, data))) as file:
        for n, entry in enumerate(entries, 2):
            file.seek(2_048 * n)
            file.write(entry)
        file.seek(0)
        file.write(b"first")
        file.to_disk()
    whole = b"".join(entry.ljust(2_048, b"\0") for entry in (b"first", b"", *entries))
    assert (tmp_path / "partial").read_bytes() == whole.rstrip(b"\0")
    assert [at for at, _ in seen] == [4_096, 0]
