"""Sources that do not stand still, cannot be read or have odd names: each is told by name, and nothing is lost."""

import os
import socket
import stat
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from vault.catalogue import queries
from vault.digest import Digest
from vault.errors import SourceChanged, SourceUnreadable
from vault.facts import Facts
from vault.fsck import Count, fsck
from vault.intake.activities import Request
from vault.intake.bringing import Bringer
from vault.intake.grouping import Grouping
from vault.intake.items import FileStream
from vault.intake.pipeline import Intake, Outcome
from vault.records import RecordFile
from vault.store import Vault

MIB = 1 << 20


def take(vault: Vault, *paths: Path, grouping: Grouping = Grouping.FILE) -> list[Outcome]:
    request = Request(paths=paths, facts=Facts(section="监督检查科"), grouping=grouping)
    return list(Intake(vault, request, int).run())


def file_of(vault: Vault, outcome: Outcome) -> RecordFile:
    with vault.database.reading() as connection:
        (file,) = queries.get_record(connection, outcome.record).files
    return file


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> "Before":
    """Something happens before a method's nth call in a process. Porters are forked: each has a count of its own."""

    def prepare(owner: type, method: str, nth: int, act: Callable[[], object]) -> None:
        real = getattr(owner, method)
        calls: list[bool] = []

        def disturbed(*arguments: object) -> object:
            calls.append(True)
            if len(calls) == nth:
                act()
            return real(*arguments)

        monkeypatch.setattr(owner, method, disturbed)

    return prepare


Before = Callable[[type, str, int, Callable[[], object]], None]


def append(path: Path) -> None:
    with open(path, "ab") as stream:
        stream.write("后来的".encode())


def overwrite(path: Path) -> None:
    """Other bytes of the same length where reading has been already."""
    with open(path, "r+b") as stream:
        stream.write(b"X")


def exchange(path: Path) -> None:
    """Another file takes its name."""
    other = path.with_name("新的")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def shrink(path: Path) -> None:
    os.truncate(path, 5 * MIB)


@pytest.mark.parametrize("act", [append, overwrite, exchange, shrink, Path.unlink])
def test_a_file_that_changes_while_it_is_read_is_refused_and_its_neighbours_come_in(
    vault: Vault, tmp_path: Path, before: Before, monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]
) -> None:
    path = tmp_path / "录像.mp4"
    path.write_bytes(bytes(10 * MIB))
    (tmp_path / "旁边.jpg").write_text("照片", encoding="utf-8")
    before(FileStream, "readinto", 2, lambda: act(path))
    told = take(vault, path)
    assert [o.result for o in told] == ["rejected"]
    assert isinstance(told[0].error, SourceChanged)
    assert str(path) in str(told[0].error)
    assert "again" in told[0].error.hint.en
    monkeypatch.undo()
    (beside,) = take(vault, tmp_path / "旁边.jpg")
    assert beside.result == "stored"
    require_sound(vault, objects=2)  # one on each store: nothing of the other one is left


def test_a_file_that_is_still_being_written(vault: Vault, tmp_path: Path) -> None:
    """As a docking station's transfer would: a writer that goes on all the time."""
    path = tmp_path / "录像.mp4"
    path.write_bytes(bytes(16 * MIB))
    over = threading.Event()

    def write() -> None:
        while not over.wait(0.001):
            append(path)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        (told,) = take(vault, path)
    finally:
        over.set()
        writer.join()
    assert isinstance(told.error, SourceChanged)
    (again,) = take(vault, path)
    assert again.result == "stored"
    assert file_of(vault, again).sha256 == Digest.of(path.read_bytes()).hex
    require_sound(vault, objects=2)


def test_a_file_that_disappears_between_being_found_and_being_read(
    vault: Vault, tmp_path: Path, before: Before
) -> None:
    for name in ("一.mp4", "二.mp4", "三.mp4"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    before(Bringer, "bring", 1, (tmp_path / "二.mp4").unlink)
    told = take(vault, tmp_path / "一.mp4", tmp_path / "三.mp4", tmp_path / "二.mp4")
    assert [o.result for o in told if "二" not in o.where] == ["stored", "stored"]
    (gone,) = [o for o in told if "二" in o.where]
    assert isinstance(gone.error, SourceUnreadable)
    assert "no such file" in str(gone.error)


def test_one_bad_file_keeps_its_whole_record_out_and_every_file_of_it_is_told(
    vault: Vault, tmp_path: Path, before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "录像"
    folder.mkdir()
    for name in ("一.mp4", "三.mp4", "二.mp4"):
        (folder / name).write_text(name, encoding="utf-8")
    before(FileStream, "readinto", 2, lambda: append(folder / "三.mp4"))
    told = take(vault, folder, grouping=Grouping.FOLDER)
    assert sorted((Path(o.where).name, o.result) for o in told) == [
        ("一.mp4", "rejected"),
        ("三.mp4", "rejected"),
        ("二.mp4", "rejected"),
    ]
    assert all("三.mp4" in str(o.error) for o in told)
    monkeypatch.undo()
    assert [o.result for o in take(vault, folder, grouping=Grouping.FOLDER)] == ["stored"] * 3
    require_sound(vault, objects=6)


def test_a_file_that_holds_less_than_it_says(vault: Vault) -> None:
    """The kernel's own: a regular file of 4,096 bytes that gives a few."""
    (told,) = take(vault, Path("/sys/devices/system/cpu/online"))
    assert isinstance(told.error, SourceChanged)


def test_a_file_that_may_not_be_read(vault: Vault) -> None:
    """Not even by root: sysfs refuses where no bit says that anybody may."""
    unreadable = next(p for p in Path("/sys/bus").glob("*/drivers_probe") if p.stat().st_size)
    assert not stat.S_IMODE(unreadable.stat().st_mode) & 0o444
    (told,) = take(vault, unreadable)
    assert isinstance(told.error, SourceUnreadable)
    assert told.error.what.en == f"{unreadable} cannot be read: permission denied."
    assert told.error.what.zh == f"{unreadable} 无法读取：权限不足。"


def test_what_is_no_regular_file_is_refused_and_never_waited_for(vault: Vault, tmp_path: Path) -> None:
    folder = tmp_path / "录像"
    folder.mkdir()
    os.mkfifo(folder / "管道.mp4")
    (folder / "链接.mp4").symlink_to(tmp_path / "外面")
    (folder / "空.mp4").touch()
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(folder)  # a socket's name may not be long
        listener.bind("套接字.mp4")
        os.chdir(here)
        told = {Path(o.where).name: str(o.error) for o in take(vault, folder, Path("/dev/zero"))}
    assert set(told) == {"管道.mp4", "链接.mp4", "空.mp4", "套接字.mp4", "zero"}
    assert "a fifo" in told["管道.mp4"]
    assert "symbolic link" in told["链接.mp4"]
    assert "0 bytes" in told["空.mp4"]
    assert "a socket" in told["套接字.mp4"]
    assert "character device" in told["zero"]


def test_a_sparse_file_is_kept_byte_for_byte(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "稀疏.mp4"
    with open(path, "wb") as stream:
        stream.truncate(40 * MIB)
        stream.seek(17 * MIB)
        stream.write("中间".encode())
    (told,) = take(vault, path)
    assert file_of(vault, told).sha256 == Digest.of(path.read_bytes()).hex
    assert file_of(vault, told).size == 40 * MIB
    require_sound(vault, objects=2)


NAMES = {
    "换行": "现场\n录像\r.mp4".encode(),
    "GBK": "现场录像.mp4".encode("gbk"),
    "半个字": "现场".encode()[:-1] + b".mp4",
    "255 字节": "录".encode() * 83 + b"ab.mp4",
    "NFC": unicodedata.normalize("NFC", "Café 咖啡馆.mp4").encode(),
    "NFD": unicodedata.normalize("NFD", "Café 咖啡馆.mp4").encode(),
    "方向符": "证据\u202e4pm.mp4".encode(),
    "反斜杠": b"C:\\video.mp4",
    "引号": "'\";$(rm -rf 录像).mp4".encode(),
    "连字符": b"--help",
    "空格": b" .mp4",
    "四字节": "𠮷野家😀.mp4".encode(),
}


def test_names_are_kept_exactly_and_shown_safely(vault: Vault, tmp_path: Path) -> None:
    assert len(NAMES["255 字节"]) == 255
    folder = os.fsencode(tmp_path / "录像")
    os.mkdir(folder)
    for what, name in NAMES.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
            stream.write(what)
    told = take(vault, tmp_path / "录像")
    assert [o.result for o in told] == ["stored"] * len(NAMES)
    kept = {}
    for outcome in told:
        assert outcome.where.isprintable()
        file = file_of(vault, outcome)
        file.name.encode()  # valid text, whatever the source had
        kept[file.sha256] = bytes.fromhex(file.raw_name) if file.raw_name else file.name.encode()
    assert kept == {Digest.of(what.encode()).hex: name for what, name in NAMES.items()}
    require_sound(vault, objects=2 * len(NAMES))
    with vault.database.reading() as connection:  # and all of it can be found again
        assert len(list(queries.find(connection, queries.Wanted(words=("录像",))))) == 2


def require_sound(vault: Vault, objects: int) -> None:
    """fsck has nothing to say, and the stores hold that many copies."""
    count = Count()
    assert list(fsck(vault, count)) == []
    assert (count.passed, count.objects) == (True, objects)
