"""Everything met is answered for, in a fixed order; what is read was not altered meanwhile."""

import os
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from vault.errors import SourceChanged, SourceUnreadable
from vault.intake.items import Container, FileItem, Fingerprint, Rejected, Skipped, Stream
from vault.intake.walk import Found, walk


def names(found: list[Found]) -> list[str]:
    return [f.name if isinstance(f, FileItem | Container) else f.where.rpartition("/")[2] for f in found]


def kinds(found: list[Found]) -> list[str]:
    return [type(f).__name__ for f in found]


def only_item(path: Path) -> FileItem:
    (item,) = walk([path])
    assert isinstance(item, FileItem)
    return item


def read(item: FileItem, size: int = 1000) -> bytes:
    buffer, data = memoryview(bytearray(size)), b""
    with item.open() as stream:
        while count := stream.readinto(buffer):
            data += buffer[:count]
    return data


def to_the_end(stream: Stream) -> None:
    while stream.readinto(memoryview(bytearray(1_000))):
        pass


def fill(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(path.encode())


def test_files_of_a_folder_come_together_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    fill(tmp_path, "b/2.mp4", "b/1.mp4", "a/录像.mp4", "a/x/1.mp4", "z.mp4", "B.mp4", "a.mp4")
    found = list(walk([tmp_path]))
    assert names(found) == ["B.mp4", "a.mp4", "z.mp4", "a/录像.mp4", "a/x/1.mp4", "b/1.mp4", "b/2.mp4"]
    assert [f.folder for f in found if isinstance(f, FileItem)] == [
        *[str(tmp_path)] * 3,
        *(str(tmp_path / d) for d in ("a", "a/x", "b", "b")),
    ]
    assert not any(f.direct for f in found if isinstance(f, FileItem))


def test_what_is_named_twice_comes_once(tmp_path: Path) -> None:
    fill(tmp_path, "a/1.mp4", "a.mp4", "a-b/2.mp4")
    found = list(walk([tmp_path / "a.mp4", tmp_path / "a" / "1.mp4", tmp_path / "a", tmp_path / "a-b", tmp_path / "a"]))
    assert sorted(names(found)) == ["1.mp4", "2.mp4", "a.mp4"]
    assert [f.name for f in found if isinstance(f, FileItem) and f.direct] == ["a.mp4"]


def test_an_item_says_what_the_file_is(tmp_path: Path) -> None:
    fill(tmp_path, "现场.mp4")
    os.utime(tmp_path / "现场.mp4", ns=(0, 1_772_328_615_987_654_321))
    item = only_item(tmp_path / "现场.mp4")
    assert item.direct
    assert item.size == len("现场.mp4".encode())
    assert str(item.modified_at) == "2026-03-01 01:30:15+00:00"
    assert item.fingerprint == Fingerprint.of(os.stat(tmp_path / "现场.mp4"))
    assert read(item, 3) == "现场.mp4".encode()


def test_reading_leaves_no_trace_on_the_source(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp4")
    os.utime(tmp_path / "a.mp4", (1, 1))
    before = os.stat(tmp_path / "a.mp4")
    read(only_item(tmp_path / "a.mp4"))
    assert os.stat(tmp_path / "a.mp4") == before
    assert os.stat(tmp_path / "a.mp4").st_atime == 1


def test_links_devices_fifos_and_sockets_are_rejected_at_once(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp4")
    (tmp_path / "link").symlink_to("a.mp4")
    (tmp_path / "folder-link").symlink_to("/")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # a socket's path may be 108 bytes long
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        found = list(walk([tmp_path, Path("/dev/null"), tmp_path / "gone.mp4"]))
    rejected = {f.where.rpartition("/")[2]: f.error for f in found if isinstance(f, Rejected)}
    assert set(rejected) == {"link", "folder-link", "fifo", "socket", "null", "gone.mp4"}
    assert all(isinstance(error, SourceUnreadable) for error in rejected.values())
    assert "symbolic link" in str(rejected["link"])
    assert "符号链接" in rejected["link"].what.zh
    assert "no such file" in str(rejected["gone.mp4"])


def test_an_empty_file_is_rejected_and_a_sparse_one_read(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with (tmp_path / "sparse.mp4").open("wb") as file:
        file.truncate(100_000)
    rejected, item = walk([tmp_path])
    assert isinstance(rejected, Rejected)
    assert "0 bytes" in str(rejected.error)
    assert isinstance(item, FileItem)
    assert read(item) == bytes(100_000)


def test_a_folder_that_cannot_be_listed_is_rejected(tmp_path: Path) -> None:
    deep = tmp_path
    top = tmp_path / ("长" * 80)
    here = os.open(tmp_path, os.O_RDONLY)
    try:  # below a path that is too long for the system nothing can be listed, not even by root
        for _ in range(20):
            os.mkdir("长" * 80, dir_fd=here)
            below = os.open("长" * 80, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    (found,) = walk([deep])
    assert isinstance(found, Rejected)
    assert str(top) in found.where
    assert "too long" in str(found.error)


def test_names_with_line_ends_and_stray_bytes_come_through(tmp_path: Path) -> None:
    for raw in (b"a\nb.mp4", b"\xff.mp4", b"x" * 255, "é".encode(), "e\u0301".encode()):
        with open(os.path.join(os.fsencode(tmp_path), raw), "wb") as file:
            file.write(raw)
    found = [f for f in walk([tmp_path]) if isinstance(f, FileItem)]
    assert {f.name for f in found} == {"a\nb.mp4", "\\xff.mp4", "x" * 255, "é", "e\u0301"}
    assert [f.raw_name for f in found if f.raw_name] == [b"\xff.mp4".hex()]
    assert all("\n" not in f.where for f in found)
    assert sorted(read(f) for f in found) == sorted(
        [b"a\nb.mp4", b"\xff.mp4", b"x" * 255, "é".encode(), "e\u0301".encode()]
    )


def test_what_systems_drop_is_skipped_with_a_word_unless_named(tmp_path: Path) -> None:
    fill(tmp_path, ".DS_Store", "Thumbs.db", "desktop.ini", "System Volume Information/x", ".hidden.mp4")
    found = list(walk([tmp_path]))
    assert kinds(found) == ["Skipped", "FileItem", "Skipped", "Skipped", "Skipped"]
    assert all(f.reason.zh for f in found if isinstance(f, Skipped))
    assert kinds(list(walk([tmp_path / "Thumbs.db"]))) == ["FileItem"]


def test_sidecars_travel_with_their_files(tmp_path: Path) -> None:
    fill(tmp_path, "1.mp4", "1.mp4.facts.json", "2.mp4", "2.wav", "2.facts.toml", "3.mp4", "facts.json", "9.facts.json")
    found = list(walk([tmp_path]))
    assert {f.name: [s.name for s in f.sidecars] for f in found if isinstance(f, FileItem)} == {
        "1.mp4": ["1.mp4.facts.json", "facts.json"],
        "2.mp4": ["2.facts.toml", "facts.json"],
        "2.wav": ["2.facts.toml", "facts.json"],
        "3.mp4": ["facts.json"],
    }
    assert [f.where.rpartition("/")[2] for f in found if isinstance(f, Skipped)] == ["9.facts.json"]
    assert [s.name for s in only_item(tmp_path / "2.wav").sidecars] == ["2.facts.toml", "facts.json"]
    assert kinds(list(walk([tmp_path / "facts.json"]))) == ["Skipped"]


def test_archives_are_containers_by_their_ending(tmp_path: Path) -> None:
    fill(tmp_path, "a.ZIP", "b.tar.gz", "c.docx", "d.gz", "e.7z", "f.iso", "g.tar.zst", "h.jar")
    found = list(walk([tmp_path]))
    assert [f.name for f in found if isinstance(f, Container)] == ["a.ZIP", "b.tar.gz", "e.7z", "f.iso", "g.tar.zst"]
    assert set(kinds(list(walk([tmp_path], open_containers=False)))) == {"FileItem"}


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def shrink(path: Path) -> None:
    os.truncate(path, 1_500)


def touch(path: Path) -> None:
    os.utime(path, (1, 1))


def overwrite(path: Path) -> None:
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"altered")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # the change time still tells


@pytest.mark.parametrize("alter", [append, shrink, touch, overwrite])
def test_a_file_that_is_altered_while_it_is_read_is_refused(tmp_path: Path, alter: Callable[[Path], None]) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(os.urandom(3_000))
    item = only_item(path)
    with item.open() as stream:
        assert stream.readinto(memoryview(bytearray(1_000))) == 1_000
        alter(path)
        with pytest.raises(SourceChanged, match="changed while"):
            to_the_end(stream)


def test_a_file_that_is_another_one_by_the_time_it_is_opened_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp4", "b.mp4")
    item = only_item(tmp_path / "a.mp4")
    os.replace(tmp_path / "b.mp4", tmp_path / "a.mp4")
    with pytest.raises(SourceChanged), item.open():
        pass
    (tmp_path / "a.mp4").unlink()
    os.mkfifo(tmp_path / "a.mp4")
    with pytest.raises(SourceUnreadable, match="no regular file"), item.open():
        pass
    (tmp_path / "a.mp4").unlink()
    (tmp_path / "a.mp4").symlink_to("/etc/passwd")
    with pytest.raises(SourceUnreadable, match="symbolic link"), item.open():
        pass


def test_a_large_folder_needs_little_memory(tmp_path: Path) -> None:
    for i in range(5_000):
        (tmp_path / f"现场录像-{i:06}.mp4").touch()
    tracemalloc.start()
    try:
        count = sum(1 for _ in walk([tmp_path]))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 5_000
    assert peak < 5_000 * 200  # bytes; 100,000 files then need less than 20 MB


def test_a_file_that_holds_less_than_it_says_is_refused() -> None:
    """sysfs says 4,096 bytes for every file; nothing about the file changes while it is read."""
    with pytest.raises(SourceChanged):
        read(only_item(Path("/sys/devices/system/cpu/online")))
