"""A process that dies, is forked, is told of a failed sync, or finds its temporary files gone.

The programs below run in processes of their own, since what is tried is what is left of them.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from backends.arrivals import Arrival, Desk
from tests.backends.disks import VAULT, begin_store, leftovers, open_store, place_of
from tests.faults.loop import ext4
from tests.rig import SMALL, addresses, arrive, at_once, fetch, land, numbered
from vault.digest import Digest
from vault.errors import StoreUnavailable
from vault.ports import Landed

REPOSITORY = Path(__file__).resolve().parents[2]
BEGINNING = f"""
import os, signal, sys
from pathlib import Path
from backends.arrivals import Arrival, Desk
from tests.backends.disks import open_store
from tests.rig import LARGE, SMALL, arrive, land, numbered
from vault.digest import Digest
from vault.errors import StoreUnavailable
store = open_store(Path(sys.argv[1]), {VAULT!r})
"""
BRING_FOREVER = """
for number in range(1_000_000):
    batch = [b"%d " % number + LARGE[: 1 << size] for size in (4, 10, 13, 17, 22)] + numbered(6, f"照片{number}")
    land(store, *batch)
    store.replace_file("journal/checkpoint", b"%d" % number * 100_000)
    print(*map(Digest.of, batch), flush=True)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    begin_store(tmp_path / "库房").close()
    return tmp_path / "库房"


@contextmanager
def program(root: Path, text: str, *before: str) -> "Iterator[subprocess.Popen[str]]":
    """The text as a program over the store, with `before` in front of its command; killed at the end if need be."""
    command = [*before, sys.executable, "-c", BEGINNING + text, str(root)]
    with subprocess.Popen(command, cwd=REPOSITORY, text=True, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def said_by(root: Path, text: str, *before: str) -> list[str]:
    """What such a program says in its whole life."""
    with program(root, text, *before) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    return said.split("\n")[:-1]


class TestKilled:
    @pytest.mark.parametrize("milliseconds", [0, 3, 7, 12, 20])
    def test_what_was_acknowledged_stays_and_nothing_half_shows(self, root: Path, milliseconds: int) -> None:
        with program(root, BRING_FOREVER) as process:
            assert process.stdout is not None
            acknowledged = [process.stdout.readline()]
            time.sleep(milliseconds / 1000)
            process.kill()
            acknowledged += process.stdout.readlines()
        digests = {Digest.parse(word) for line in acknowledged if line.endswith("\n") for word in line.split()}
        store = open_store(root)
        shown = addresses(store)
        assert digests <= set(shown)
        for digest in shown:
            assert Digest.of((root / place_of(digest)).read_bytes()) == digest
        signed = store.read_file("journal/checkpoint")
        assert signed == str(int(signed[: len(signed) // 100_000])).encode() * 100_000
        land(store, SMALL)
        assert leftovers(store) == []
        store.close()

    def test_only_a_dead_process_is_swept(self, root: Path) -> None:
        waits = "arrival = store.begin(0); arrival.write(SMALL); print('ready', flush=True); signal.pause()"
        with program(root, waits) as living, program(root, waits) as dying:
            for process in (living, dying):
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            assert len(leftovers(open_store(root))) == 2
            dying.kill()
            dying.wait()
            store = open_store(root)
            store.begin(0)
            assert sorted(path.read_bytes() for path in leftovers(store)) == [b"", SMALL]
            store.close()

    def test_a_crash_between_name_and_clearing_leaves_the_object(self, root: Path) -> None:
        store = open_store(root)
        land(store, SMALL)
        dead = root / "tmp" / "0123456789abcdef"
        dead.mkdir()
        os.link(root / place_of(Digest.of(SMALL)), dead / "0")  # where there is only link(2), a name is a second one
        store.close()
        again = open_store(root)
        assert list(land(again, SMALL)) == [Landed.ALREADY_HERE]
        assert not dead.exists()
        assert fetch(again, SMALL) == SMALL
        again.close()


class TestForked:
    def test_a_child_does_not_touch_its_parents_arrivals(self, root: Path) -> None:
        text = """
arrival = store.begin(0)
arrival.write(SMALL)
if not (child := os.fork()):
    land(store, b"of the child")
    store.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
arrival.finish()
print(store.put([(arrival, Digest.of(SMALL))])[0].name)
store.close()
"""
        assert said_by(root, text) == ["NEW"]
        assert addresses(open_store(root)) == sorted([Digest.of(SMALL), Digest.of(b"of the child")])
        assert list((root / "tmp").iterdir()) == []


class TestSideBySide:
    def test_stores_opened_at_the_same_moment_do_not_sweep_one_another(self, root: Path) -> None:
        start = Barrier(8, timeout=30)

        def bring(number: int) -> list[Landed]:
            hows: list[Landed] = []
            for turn in range(15):
                start.wait()
                store = open_store(root)
                hows += land(store, b"%d %d" % (number, turn))
                store.close()
            return hows

        with ThreadPoolExecutor(8) as pool:
            assert [how for hows in pool.map(bring, range(8)) for how in hows] == [Landed.NEW] * 8 * 15
        assert list((root / "tmp").iterdir()) == []

    def test_workers_that_begin_at_the_same_moment_share_one_folder(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A worker that took a folder which was not made yet wrote its arrival into / instead."""
        real = Desk.settle

        def slow(self: Desk) -> None:
            time.sleep(0.05)
            real(self)

        monkeypatch.setattr(Desk, "settle", slow)
        store = open_store(root)

        def begin(delay: float) -> type:
            time.sleep(delay)
            return type(store.begin(0))

        assert at_once(*[lambda n=n: begin(n / 100) for n in range(8)]) == [Arrival] * 8
        assert len({path.parent for path in leftovers(store)}) == 1
        assert len(leftovers(store)) == 8
        store.close()


@pytest.mark.parametrize("cleared", ["tmp", "tmp/*"])
class TestClearedByHand:
    def test_a_process_whose_temporary_files_are_cleared_goes_on(self, root: Path, cleared: str) -> None:
        store = open_store(root)
        lost = [(arrive(store, data), Digest.of(data)) for data in numbered(8)]
        for path in root.glob(cleared):
            shutil.rmtree(path)
        with pytest.raises(StoreUnavailable):
            store.put(lost)
        for arrival, _ in lost:
            arrival.abandon()
        assert addresses(store) == []
        store.create_files([("journal/tile/0/000", b"x")])
        assert list(land(store, *numbered(8))) == [Landed.NEW] * 8
        store.close()
        assert list((root / "tmp").iterdir()) == []

    def test_the_next_arrival_finds_a_place(self, root: Path, cleared: str) -> None:
        store = open_store(root)
        store.begin(0).abandon()
        for path in root.glob(cleared):
            shutil.rmtree(path)
        assert list(land(store, SMALL)) == [Landed.NEW]
        store.close()


class TestUnfinished:
    def test_what_is_not_finished_is_not_put(self, root: Path) -> None:
        store = open_store(root)
        arrival = store.begin(0)
        arrival.write(SMALL)
        with pytest.raises(ValueError, match="finish"):
            store.put([(arrival, Digest.of(SMALL))])
        assert addresses(store) == []
        store.close()


class TestFailedSync:
    """strace makes the kernel say that a sync failed; what it says is true only once, to whoever asks first."""

    STRACE = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,syncfs", "-e")
    TRY = """
def attempt(word, batch):
    try:
        print(word, *(how.name for how in store.put(batch)))
    except StoreUnavailable as error:
        print(word, type(error).__name__)
"""

    @pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EDQUOT"])
    def test_bytes_that_could_not_be_synced_are_not_acknowledged(self, root: Path, error: str) -> None:
        text = self.TRY + "attempt('put', [(arrive(store, SMALL), Digest.of(SMALL))])"
        expected = "StoreUnavailable" if error == "EIO" else "StoreFull"
        assert said_by(root, text, *self.STRACE, f"inject=fsync:error={error}:when=1") == [f"put {expected}"]
        assert addresses(open_store(root)) == []

    def test_a_name_that_could_not_be_synced_is_not_acknowledged(self, root: Path) -> None:
        text = self.TRY + "attempt('put', [(arrive(store, SMALL), Digest.of(SMALL))])"
        assert said_by(root, text, *self.STRACE, "inject=fsync:error=EIO:when=2") == ["put StoreUnavailable"]

    def test_a_large_file_that_could_not_be_synced_is_worthless(self, root: Path) -> None:
        text = """
arrival = store.begin(len(LARGE))
arrival.write(LARGE)
try:
    arrival.finish()
except StoreUnavailable:
    print("refused")
arrival.abandon()
"""
        assert said_by(root, text, *self.STRACE, "inject=fsync:error=EIO:when=1") == ["refused"]

    def test_a_journal_file_that_could_not_be_synced_is_not_acknowledged(self, root: Path) -> None:
        text = """
for act in (lambda: store.replace_file("journal/checkpoint", b"x"), lambda: store.create_files([("journal/a", b"x")])):
    try:
        act()
    except StoreUnavailable:
        print("refused")
"""
        assert said_by(root, text, *self.STRACE, "inject=fsync:error=EIO") == ["refused", "refused"]
        assert list(open_store(root).list_files("journal")) == []

    @pytest.mark.root
    def test_after_a_failed_flush_no_batch_of_this_process_is_acknowledged(self, disk_root: Path) -> None:
        text = (
            self.TRY
            + """
one, two = ([(arrive(store, data), Digest.of(data)) for data in numbered(9, word)] for word in ("照片", "录音"))
attempt("one", one)
attempt("two", two)
"""
        )
        assert said_by(disk_root, text, *self.STRACE, "inject=syncfs:error=EIO:when=1") == [
            "one StoreUnavailable",
            "two StoreUnavailable",
        ]
        assert addresses(open_store(disk_root)) == []

    @pytest.fixture
    def disk_root(self, tmp_path: Path) -> Iterator[Path]:
        with ext4(tmp_path / "磁盘", megabytes=32) as disk:
            begin_store(disk.root).close()
            yield disk.root
