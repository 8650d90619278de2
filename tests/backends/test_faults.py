"""A disk that is full, read-only, broken or taken out: it is said as what it is, and nothing is lost.

Real disks: a small ext4 on a loop device, and a file system in memory whose server fails or dies.
"""

import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backends.disk import DiskStore
from tests.backends.disks import WRITES, begin_store, in_use, leftovers, open_store, place_of, spoil
from tests.faults.fuse_memory import Mounted, mounted
from tests.faults.loop import Disk, ext4
from tests.rig import LARGE, SMALL, addresses, answers_other_than, arrive, every_question, fetch, land, numbered
from vault.digest import Digest
from vault.errors import StoreFull, StoreNotMounted, StoreReadOnly, StoreUnavailable
from vault.ports import Incoming, Landed

MIB = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with ext4(tmp_path / "磁盘", megabytes=48) as disk:
        yield disk


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Mounted]:
    with mounted(tmp_path / "共享") as share:
        yield share


def write_on(stream: io.FileIO | Incoming, size: int, most: int = 1 << 40) -> None:
    """Blocks of so many bytes, until `most` are written or something is raised."""
    for _ in range(most // size):
        stream.write(LARGE[:size])


def fill(folder: Path) -> Path:
    """Somebody else takes all the room there is."""
    path = folder / "别人的文件"
    with path.open("wb", buffering=0) as stream:
        for size in (MIB, 4096, 1):
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                write_on(stream, size)
        os.fsync(stream.fileno())
    return path


@pytest.mark.root
class TestFull:
    def test_what_cannot_fit_is_refused_before_a_byte_is_written(self, disk: Disk) -> None:
        store = begin_store(disk.root)
        free = store.capacity().free
        with pytest.raises(StoreFull):
            store.begin(free + MIB)
        assert leftovers(store) == []
        assert store.capacity().free == free
        store.close()

    def test_room_is_taken_at_once_and_what_was_too_much_is_given_back(self, disk: Disk) -> None:
        store = begin_store(disk.root)
        free = store.capacity().free
        arrival = store.begin(20 * MIB)
        assert free - store.capacity().free >= 20 * MIB
        with pytest.raises(StoreFull):
            store.begin(free - 10 * MIB)
        arrival.write(SMALL)
        arrival.finish()
        assert free - store.capacity().free < MIB
        assert list(store.put([(arrival, Digest.of(SMALL))])) == [Landed.NEW]
        store.close()

    def test_full_in_the_middle_of_a_large_file(self, disk: Disk) -> None:
        store = begin_store(disk.root)
        land(store, SMALL)
        free = store.capacity().free
        arrival = store.begin(0)
        with pytest.raises(StoreFull):
            write_on(arrival, MIB, 64 * MIB)
        arrival.abandon()
        assert free - store.capacity().free < MIB
        assert list(land(store, b"afterwards")) == [Landed.NEW]
        assert addresses(store) == sorted([Digest.of(SMALL), Digest.of(b"afterwards")])
        store.close()

    def test_full_in_the_middle_of_a_batch(self, disk: Disk) -> None:
        store = begin_store(disk.root)
        land(store, SMALL)
        contents = [LARGE[number : number + MIB] for number in range(64)]
        waiting: list[tuple[Incoming, Digest]] = []

        def bring() -> None:
            for data in contents:
                waiting.append((store.begin(len(data)), Digest.of(data)))
                waiting[-1][0].write(data)
                waiting[-1][0].finish()

        with pytest.raises(StoreFull):
            bring()
        assert addresses(store) == [Digest.of(SMALL)]
        waiting.pop()[0].abandon()
        waiting.pop()[0].abandon()
        assert list(store.put(waiting)) == [Landed.NEW] * len(waiting)
        assert addresses(store) == sorted([Digest.of(SMALL), *(digest for _, digest in waiting)])
        store.close()

    def test_full_when_a_batch_is_to_get_its_names(self, disk: Disk) -> None:
        store = begin_store(disk.root)
        contents = numbered(300)
        waiting = [(arrive(store, data), Digest.of(data)) for data in contents]
        filler = fill(disk.root)
        with pytest.raises(StoreFull):
            store.put(waiting)
        for arrival, _ in waiting:
            arrival.abandon()
        assert all(fetch(store, data) == data for data in contents if Digest.of(data) in addresses(store))
        filler.unlink()
        land(store, *contents)
        assert addresses(store) == sorted(map(Digest.of, contents))
        store.close()

    def test_full_when_the_journal_grows(self, disk: Disk) -> None:
        store, _ = in_use(disk.root)
        filler = fill(disk.root)
        with pytest.raises(StoreFull):
            store.create_files([(f"journal/tile/0/x{number:03}", LARGE[:8192]) for number in range(50)])
        with pytest.raises(StoreFull):
            store.replace_file("journal/checkpoint", LARGE[: 9 * MIB])
        assert store.read_file("journal/checkpoint") == b"signed"
        assert [path.read_bytes() for path in leftovers(store)] == [b"waiting"]
        filler.unlink()
        store.replace_file("journal/checkpoint", b"next")
        assert store.read_file("journal/checkpoint") == b"next"
        store.close()

    def test_full_when_a_damaged_copy_is_to_be_replaced(self, disk: Disk) -> None:
        store = begin_store(disk.root)
        land(store, SMALL)
        spoil(store, Digest.of(SMALL), b"rot")
        arrival = arrive(store, SMALL)
        filler = fill(disk.root)
        with pytest.raises(StoreFull):
            store.put([(arrival, Digest.of(SMALL))])
        assert (store.root / place_of(Digest.of(SMALL))).read_bytes() == b"rot"
        filler.unlink()
        assert list(store.put([(arrival, Digest.of(SMALL))])) == [Landed.REPLACED_DAMAGED]
        store.close()


@pytest.mark.root
class TestReadOnly:
    def _require_only_reading(self, store: DiskStore, waiting: Incoming) -> None:
        questions = every_question(store, SMALL, waiting)
        assert answers_other_than(StoreReadOnly, {name: questions[name] for name in WRITES}) == {}
        assert fetch(store, SMALL) == SMALL
        assert addresses(store) == [Digest.of(SMALL)]
        assert store.read_file("journal/checkpoint") == b"signed"
        assert list(store.list_files("journal")) == ["journal/checkpoint", "journal/tile/0/000"]

    def test_a_disk_that_somebody_made_read_only(self, disk: Disk) -> None:
        store, waiting = in_use(disk.root)
        disk.make_read_only()
        self._require_only_reading(store, waiting)
        waiting.abandon()
        fresh = open_store(disk.root)
        with pytest.raises(StoreReadOnly):
            fresh.begin(10)
        assert fetch(fresh, SMALL) == SMALL
        fresh.close()
        store.close()

    def test_a_disk_that_breaks_while_it_is_written(self, disk: Disk) -> None:
        store, waiting = in_use(disk.root)
        large = store.begin(30 * MIB)
        large.write(LARGE[: 8 * MIB])
        disk.break_down()
        with pytest.raises(StoreUnavailable):
            large.write(LARGE[: 8 * MIB])
        with pytest.raises(StoreUnavailable):
            large.finish()
        large.abandon()
        self._require_only_reading(store, waiting)
        store.close()


@pytest.mark.root
class TestTakenOut:
    def test_an_empty_mount_point_is_neither_a_loss_nor_written_to(self, disk: Disk) -> None:
        store, waiting = in_use(disk.root)
        writing = store.begin(len(LARGE))
        writing.write(LARGE[:MIB])
        disk.unmount()
        writing.write(LARGE[MIB:])
        writing.finish()
        for one in (store, open_store(disk.root)):
            questions = every_question(one, SMALL, waiting)
            assert answers_other_than(StoreNotMounted, questions) == {}
            with pytest.raises(StoreNotMounted):
                one.put([(writing, Digest.of(LARGE))])
            with pytest.raises(StoreNotMounted):
                one.capacity()
        assert list(disk.root.iterdir()) == []
        store.close()
        assert list(disk.root.iterdir()) == []

    def test_a_disk_that_is_back_goes_on(self, disk: Disk) -> None:
        store, _ = in_use(disk.root)
        disk.unmount()
        with pytest.raises(StoreNotMounted):
            store.begin(10)
        store.close()
        disk.mount()
        again = open_store(disk.root)
        assert list(land(again, SMALL, b"new")) == [Landed.ALREADY_HERE, Landed.NEW]
        again.close()

    @pytest.mark.parametrize("count", [1, 20])
    def test_what_was_only_in_memory_is_not_acknowledged_after_a_disk_came_back(self, disk: Disk, count: int) -> None:
        store = begin_store(disk.root)
        land(store, SMALL)
        waiting = [(arrive(store, data), Digest.of(data)) for data in numbered(count)]
        names = [path.relative_to(disk.root) for path in leftovers(store)]
        disk.cut_power()
        disk.remount()
        for name in names:  # as if the names had reached the disk and the bytes had not
            (disk.root / name).parent.mkdir(exist_ok=True)
            (disk.root / name).touch()
        with pytest.raises(StoreUnavailable):
            store.put(waiting)
        assert addresses(open_store(disk.root)) == [Digest.of(SMALL)]
        store.close()


@pytest.mark.root
class TestDead:
    @pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN], ids=os.strerror)
    def test_a_share_that_fails_is_unavailable(self, share: Mounted, number: int) -> None:
        store, waiting = in_use(share.root / "store")
        share.fail(number)
        assert answers_other_than(StoreUnavailable, every_question(store, SMALL, waiting)) == {}
        with pytest.raises(StoreUnavailable):
            store.capacity()
        waiting.abandon()
        share.fail(0)
        assert addresses(store) == [Digest.of(SMALL)]
        assert list(store.list_files("journal")) == ["journal/checkpoint", "journal/tile/0/000"]
        assert list(land(store, b"waiting")) == [Landed.NEW]
        store.close()

    def test_a_share_whose_server_died_is_unavailable(self, share: Mounted) -> None:
        store, waiting = in_use(share.root / "store")
        share.server.kill()
        share.server.wait()
        for one in (store, open_store(share.root / "store")):
            assert answers_other_than(StoreUnavailable, every_question(one, SMALL, waiting)) == {}
        waiting.abandon()
        store.close()

    @pytest.mark.parametrize("how", ["read", "read all", "readinto", "readall", "medium"])
    def test_a_share_that_fails_while_it_is_read(self, share: Mounted, how: str) -> None:
        store = begin_store(share.root / "store")
        land(store, LARGE[: 3 * MIB])
        page = memoryview(bytearray(8192))[:4096]
        digest = Digest.of(LARGE[: 3 * MIB])
        with store.open(digest) as stream, store.open_medium(digest) as medium:
            ways: dict[str, Callable[[], object]] = {
                "read": lambda: stream.read(10),
                "read all": stream.read,
                "readall": stream.readall,  # type: ignore[attr-defined]  # typeshed: BinaryIO lacks it
                "readinto": lambda: stream.readinto(page),  # type: ignore[attr-defined]  # the same
                "medium": lambda: medium.readinto(page),
            }
            share.fail(errno.EIO)
            with pytest.raises(StoreUnavailable):
                ways[how]()
            share.fail(0)

    def test_a_listing_never_ends_early(self, share: Mounted) -> None:
        store = begin_store(share.root / "store")
        contents = numbered(30)
        land(store, *contents)
        store.create_files([(f"journal/tile/{number}/000", b"x") for number in range(10)])
        for listing in (store.list(), store.list_files("journal")):
            next(listing)
            share.fail(errno.EIO)
            with pytest.raises(StoreUnavailable):
                list(listing)
            share.fail(0)
        store.close()

    def test_a_share_that_takes_a_little_at_a_time(self, share: Mounted) -> None:
        store = begin_store(share.root / "store")
        share.write_at_most(1000)
        assert list(land(store, LARGE[:100_500], SMALL)) == [Landed.NEW, Landed.NEW]
        store.create_files([("journal/tile/0/000", LARGE[:5500])])
        assert fetch(store, LARGE[:100_500]) == LARGE[:100_500]
        assert store.read_file("journal/tile/0/000") == LARGE[:5500]
        store.close()
