"""A mounted share: the contract on a real mount, what is not mounted, and a server that hangs."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import backends.nas
from backends.answering import Watch
from backends.memory import MemoryStore
from backends.mounts import Mount, is_elsewhere, mount_of, share_of
from backends.nas import NasPlace, NasStore, Share
from backends.probe import probe
from tests.backends.disks import FOUNDING, VAULT, WRITES, in_use, place_of, tree
from tests.contract import MeasuredContract, ReadsMediumContract, StoreContract, TellsTimeContract
from tests.faults.fuse_memory import Mounted, mounted
from tests.faults.loop import ext4
from tests.rig import SMALL, answers_other_than, arrive, every_question, fetch, land
from vault.digest import Digest
from vault.errors import StoreNotMounted, StoreUnavailable

pytestmark = pytest.mark.root


PATIENCE = 1.0  # seconds: enough here, and the suite has more to do


def nas(root: Path) -> NasStore:
    """As another process would open it."""
    return NasStore("网盘", share_at(root), VAULT)


def share_at(root: Path) -> Share:
    return Share("网盘", root, Watch(str(root), f"{root.parent.parent}/网盘.asking", PATIENCE))


@contextmanager
def tmpfs(root: Path) -> Iterator[Path]:
    """A mount that takes no time; syncfs is not relied on there, as on a network file system."""
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "strongroom", str(root)], check=True)
    try:
        yield root
    finally:
        while os.path.ismount(root):
            subprocess.run(["umount", "-l", str(root)], check=True)


class NasRig:
    """A folder on a file system of its own."""

    def __init__(self, mount: Path) -> None:
        self._mount = mount
        self._root = mount / "库房"
        self.store = self.elsewhere()
        self.store.create_files(FOUNDING)

    def spoil(self, digest: Digest, data: bytes) -> None:
        path = self._root / place_of(digest)
        path.chmod(0o640)
        path.write_bytes(data)

    def set_aside_bytes(self, place: str) -> bytes:
        return (self._root / place).read_bytes()

    def cut_off(self) -> None:
        subprocess.run(["umount", "-l", str(self._mount)], check=True)

    def elsewhere(self) -> NasStore:
        return nas(self._root)


class TestNasStore(StoreContract, MeasuredContract, ReadsMediumContract, TellsTimeContract):
    @pytest.fixture
    def rig(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NasRig]:
        monkeypatch.setattr(backends.nas, "SERVED", {"tmpfs"})  # this kernel mounts no server's share
        with tmpfs(tmp_path / "网盘") as mount:
            yield NasRig(mount)


def test_what_no_server_dates_is_no_witness_of_the_time(tmp_path: Path) -> None:
    """A disk of this machine agrees with this machine's clock, whatever that shows."""
    with tmpfs(tmp_path / "网盘") as mount, pytest.raises(StoreUnavailable, match="tmpfs has no clock of its own"):
        NasRig(mount).store.time()


# not mounted


def test_a_place_where_nothing_is_mounted_is_no_store_whatever_lies_there(tmp_path: Path) -> None:
    """Such as a store that was once begun beneath the mount point."""
    beneath, waiting = in_use(tmp_path / "网盘")
    before = tree(tmp_path / "网盘")
    store = nas(tmp_path / "网盘")
    questions = every_question(store, SMALL, waiting)
    questions |= {"capacity": store.capacity, "begin a store": lambda: store.create_files(FOUNDING)}
    questions["probe"] = lambda: probe("网盘", NasPlace(share_at(tmp_path / "网盘")))
    assert answers_other_than(StoreNotMounted, questions) == {}
    assert tree(tmp_path / "网盘") == before
    store.close()
    beneath.close()


def test_a_folder_of_a_mount_is_derived_and_told(tmp_path: Path) -> None:
    with ext4(tmp_path / "网 盘", 16) as disk:
        (disk.root / "证据").mkdir()
        found = mount_of(str(disk.root / "证据" / "库房"))
        assert (found.point, found.kind) == (str(disk.root), "ext4")
        (tmp_path / "快捷").symlink_to(disk.root)
        assert share_of(tmp_path / "快捷" / "证据") == found
        assert share_of(tmp_path) is None
        told = {one.name: one for one in probe("网盘", NasPlace(share_at(disk.root / "证据")))}
        assert str(told["mounted"].value).startswith(f"{disk.root} (ext4, /dev/loop")
        assert told["elsewhere"].answer == "no", "a loop device is this machine's"
        assert os.listdir(disk.root / "证据") == []
    assert share_of(tmp_path / "网 盘") is None


@pytest.mark.parametrize(
    ("kind", "source", "answer"),
    [
        ("nfs4", "nas:/evidence", "yes"),
        ("cifs", "//nas/evidence", "yes"),
        ("xfs", "/dev/sdb1", "no"),
        ("tmpfs", "none", "no"),
        ("fuse.rclone", "remote:", "unknown"),
    ],
)
def test_whether_a_share_is_on_another_machine(kind: str, source: str, answer: str) -> None:
    assert is_elsewhere(Mount("/mnt/nas", kind, source)) == answer


def test_the_last_of_several_mounts_on_one_point_counts(tmp_path: Path) -> None:
    with ext4(tmp_path / "网盘", 16) as below:
        outer = mount_of(str(below.root))
        subprocess.run(["mount", "-t", "tmpfs", "上面", str(below.root)], check=True)
        assert mount_of(str(below.root))[:3] == (outer.point, "tmpfs", "上面")
        subprocess.run(["umount", str(below.root)], check=True)
        assert mount_of(str(below.root)) == outer


# hanging


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[tuple[NasStore, Mounted]]:
    """A store in use, whose server hangs from now on; no answer of before is believed any more."""
    with mounted(tmp_path / "网盘") as disk:
        store = nas(disk.root / "库房")
        store.create_files(FOUNDING)
        land(store, SMALL)
        store._share._watch._believed_until = 0.0
        disk.hang()
        yield store, disk
        disk.server.kill()


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_a_share_that_hangs_is_no_answer_and_keeps_nobody(hung: tuple[NasStore, Mounted]) -> None:
    store, _ = hung
    waiting = arrive(MemoryStore("内存"), b"waiting")

    def ask() -> None:
        with pytest.raises(StoreUnavailable, match="does not answer"):
            fetch(store, SMALL)

    assert seconds(ask) < PATIENCE + 2
    questions = every_question(store, SMALL, waiting) | {"capacity": store.capacity}
    assert set(WRITES) <= set(questions)
    assert seconds(lambda: answers_other_than(StoreUnavailable, questions)) < 1
    assert answers_other_than(StoreUnavailable, questions) == {}
    assert seconds(store.close) < 1


def test_what_was_silent_is_asked_again_after_a_while(tmp_path: Path) -> None:
    """A service lives for months: once a share that had hung was gone for it until it was started anew."""
    watching = Watch(str(tmp_path), str(tmp_path / "网盘.asking"), 0.2)
    with open(tmp_path / "网盘.asking", "wb") as hangs:
        fcntl.flock(hangs, fcntl.LOCK_EX)  # as a child does that hangs
        with pytest.raises(TimeoutError):
            watching.require()
    with pytest.raises(TimeoutError):
        watching.require()
    watching._believed_until = 0.0
    watching.require()


def test_of_all_who_ask_only_one_child_hangs(hung: tuple[NasStore, Mounted], tmp_path: Path) -> None:
    """Else a monitor that looks every minute leaves a process that cannot be killed every time."""
    _, disk = hung

    def look() -> None:
        with pytest.raises(StoreUnavailable):
            nas(disk.root / "库房").read_file("strongroom.json")

    look()
    seen = set(hanging_children(str(disk.root)))
    assert len(seen) == 1
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(seconds, look)
        while not looking.done():
            seen.update(hanging_children(str(disk.root)))
    assert looking.result() < PATIENCE + 2
    assert len(seen) == 1
    disk.server.kill()
    deadline = time.monotonic() + 10
    while hanging_children(str(disk.root)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert hanging_children(str(disk.root)) == []


def test_a_process_that_met_a_hanging_share_ends(hung: tuple[NasStore, Mounted], tmp_path: Path) -> None:
    """And so does whoever reads what it said until there is no more."""
    _, disk = hung
    code = """
import sys
from pathlib import Path
from tests.backends.test_nas import nas
from vault.errors import StoreUnavailable
try:
    nas(Path(sys.argv[1])).read_file("strongroom.json")
except StoreUnavailable as error:
    print(error.what.en)
"""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, str(disk.root / "库房")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "does not answer" in done.stdout
    assert time.monotonic() - began < PATIENCE + 5


def hanging_children(path: str) -> list[int]:
    """Processes, zombies left out, that were started to ask about a path."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(b"statvfs" in word for word in command) and any(word.startswith(path.encode()) for word in command):
                found.append(int(entry.name))
    return found
