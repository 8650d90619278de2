"""What every store must pass: the contract of vault/ports.py as tests. A store's own test is a rig and these classes.

    class TestMemoryStore(StoreContract):
        @pytest.fixture
        def rig(self) -> Rig: ...

A store with a role of its own (`Measured`, `ReadsMedium`, `TellsTime`, `Locking`) adds that role's class; a role that
is not tested is an error. A decorator passes the same: all of it, or, where it takes no writes, `ReadingStoreContract`.
Nothing may be left out or overridden: a store that cannot pass a test is not a store for evidence. What only a power
cut or a full disk can show is not here; that needs the kind's own faults (tests/backends/test_durability.py).
"""

import mmap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract_objects import ObjectContract
from tests.contract_reading import ReadingContract
from tests.contract_shelf import ShelfContract
from tests.rig import (
    LARGE,
    SIZES,
    SMALL,
    Rig,
    addresses,
    answers_other_than,
    arrive,
    at_once,
    every_question,
    fetch,
    land,
    numbered,
)
from vault.digest import Digest
from vault.errors import BlobMissing, JournalBroken, Refused, StoreUnavailable
from vault.permits import permit_for_orphan
from vault.ports import Landed, Lock, Locking, Measured, ReadsMedium, Store, TellsTime

THREADS = 6


class ThreadContract:
    """All methods may be called from several threads."""

    def test_threads_that_bring_the_same_objects(self, store: Store) -> None:
        contents = numbered(40)
        rotated = [contents[n * 5 :] + contents[: n * 5] for n in range(THREADS)]
        jobs = [lambda batch=batch: dict(zip(batch, land(store, *batch), strict=True)) for batch in rotated]
        by_content = [how for how in at_once(*jobs) if isinstance(how, dict)]
        assert len(by_content) == THREADS
        for data in contents:
            assert sorted(how[data].name for how in by_content) == ["ALREADY_HERE"] * (THREADS - 1) + ["NEW"]
            assert fetch(store, data) == data

    def test_threads_that_all_meet_a_damaged_copy(self, rig: Rig, store: Store) -> None:
        for number in range(10):
            data = LARGE[number : 100_000 + number]
            land(store, data)
            rig.spoil(Digest.of(data), b"rot")
            batches = [[(arrive(store, data), Digest.of(data))] for _ in range(THREADS)]
            hows = at_once(*[lambda batch=batch: store.put(batch)[0].name for batch in batches])
            assert hows.count("REPLACED_DAMAGED") == 1
            assert hows.count("ALREADY_HERE") >= THREADS - 2  # one may find the name free while the bad copy moves
            assert fetch(store, data) == data
            assert addresses(store).count(Digest.of(data)) == 1

    def test_readers_meet_only_whole_objects(self, store: Store) -> None:
        contents = [LARGE[: 10_000 + number] for number in range(30)]

        def read() -> int:
            for _ in range(6):
                for info in store.list():
                    with store.open(info.digest) as stream:
                        assert Digest.of(stream.read()) == info.digest
            return 0

        def write() -> int:
            for start in range(0, len(contents), 3):
                land(store, *contents[start : start + 3])
            return 0

        assert at_once(read, write, read) == [0, 0, 0]
        assert addresses(store) == sorted(map(Digest.of, contents))

    def test_a_file_is_replaced_under_its_readers(self, store: Store) -> None:
        versions = [b"%d" % number * 5000 for number in range(10)]
        store.replace_file("journal/checkpoint", versions[0])

        def write() -> int:
            for version in versions * 3:
                store.replace_file("journal/checkpoint", version)
            return 0

        def read() -> int:
            return sum(store.read_file("journal/checkpoint") not in versions for _ in range(100))

        assert at_once(read, write, read) == [0, 0, 0]

    def test_of_two_who_create_a_file_differently_one_is_told(self, store: Store) -> None:
        for number in range(10):
            path = f"journal/tile/{number}"
            versions = (b"one", b"other")
            outcomes = at_once(*[lambda p=path, v=version: store.create_files([(p, v)]) for version in versions])
            broken = [isinstance(outcome, JournalBroken) for outcome in outcomes]
            assert sorted(broken) == [False, True]
            assert store.read_file(path) == versions[broken[0]]


class ReachContract:
    """Absent and cannot-tell are two answers; what was acknowledged is there for everybody."""

    def test_another_program_sees_what_was_acknowledged(self, rig: Rig, store: Store) -> None:
        land(store, SMALL, LARGE)
        store.create_files([("journal/tile/0/000", b"tile")])
        store.replace_file("journal/checkpoint", b"signed")
        other = rig.elsewhere()
        try:
            assert fetch(other, LARGE) == LARGE
            assert addresses(other) == sorted([Digest.of(SMALL), Digest.of(LARGE)])
            assert other.read_file("journal/checkpoint") == b"signed"
            assert list(land(other, SMALL)) == [Landed.ALREADY_HERE]
        finally:
            other.close()

    def test_another_program_leaves_arrivals_alone(self, rig: Rig, store: Store) -> None:
        waiting = store.begin(len(SMALL))
        waiting.write(SMALL[:7])
        other = rig.elsewhere()
        land(other, b"other")
        other.close()
        waiting.write(SMALL[7:])
        waiting.finish()
        assert list(store.put([(waiting, Digest.of(SMALL))])) == [Landed.NEW]
        assert fetch(store, SMALL) == SMALL

    def test_a_store_that_cannot_be_reached_never_says_absent(self, rig: Rig, store: Store) -> None:
        land(store, SMALL)
        store.create_files([("journal/tile/0/000", b"x")])
        waiting = arrive(store, b"waiting")
        rig.cut_off()
        questions = every_question(store, SMALL, waiting)
        del questions["begin"]  # says nothing of what is there: an arrival may be gathered on this machine
        assert answers_other_than(StoreUnavailable, questions) == {}
        waiting.abandon()

    def test_a_store_that_is_cut_off_while_it_is_read_says_so_or_goes_on(self, rig: Rig, store: Store) -> None:
        """A file that is open may be read to its end; what is read is the object, or it was said that it is not."""
        video = bytes(range(256)) * (32 << 10)
        land(store, video)
        try:
            with store.open(Digest.of(video)) as stream:
                read = stream.read(1_000)
                rig.cut_off()
                while block := stream.read(1 << 20):
                    read += block
        except StoreUnavailable:
            return
        assert Digest.of(read) == Digest.of(video)

    def test_a_store_that_was_closed_begins_anew(self, store: Store) -> None:
        land(store, SMALL)
        store.close()
        assert fetch(store, SMALL) == SMALL
        assert list(land(store, LARGE)) == [Landed.NEW]
        store.close()
        store.close()
        assert len(addresses(store)) == 2


class ReadingStoreContract(ReadingContract):
    """Everything that holds for every store, but writing."""

    @pytest.fixture
    def store(self, rig: Rig) -> Iterator[Store]:
        yield rig.store
        rig.store.close()

    def test_every_role_is_tested(self, store: Store) -> None:
        roles = {Measured: MeasuredContract, ReadsMedium: ReadsMediumContract, TellsTime: TellsTimeContract}
        assert [isinstance(store, role) for role in roles] == [isinstance(self, tests) for tests in roles.values()]


class StoreContract(ReadingStoreContract, ObjectContract, ThreadContract, ShelfContract, ReachContract):
    """Everything that holds for every store."""


class MeasuredContract:
    """The role `Measured`."""

    def test_there_is_room_and_not_more_than_there_is(self, store: Store) -> None:
        assert isinstance(store, Measured)
        room = store.capacity()
        assert 0 < room.free <= room.total

    def test_how_full_a_store_is_that_cannot_be_reached(self, rig: Rig, store: Store) -> None:
        assert isinstance(store, Measured)
        rig.cut_off()
        with pytest.raises(StoreUnavailable):
            store.capacity()


class TellsTimeContract:
    """The role `TellsTime`; the servers of the tests go by this machine's clock."""

    def test_it_is_now(self, store: Store) -> None:
        assert isinstance(store, TellsTime)
        before = datetime.now(UTC)
        told = store.time()
        assert told.tzinfo is UTC
        assert before - timedelta(seconds=2) < told < datetime.now(UTC) + timedelta(seconds=2)  # some say whole seconds

    def test_asking_leaves_nothing_behind(self, rig: Rig, store: Store) -> None:
        assert isinstance(store, TellsTime)
        store.time()
        assert not list(store.list_files("tmp"))

    def test_what_time_it_is_at_a_store_that_cannot_be_reached(self, rig: Rig, store: Store) -> None:
        assert isinstance(store, TellsTime)
        rig.cut_off()
        with pytest.raises(StoreUnavailable):
            store.time()


class ReadsMediumContract:
    """The role `ReadsMedium`."""

    def test_the_medium_has_what_landed(self, keeper: Store, store: Store) -> None:
        assert isinstance(store, ReadsMedium)
        buffer = memoryview(mmap.mmap(-1, 1 << 20))
        for size in SIZES:
            land(keeper, LARGE[:size])
            got = bytearray()
            with store.open_medium(Digest.of(LARGE[:size])) as stream:
                while count := stream.readinto(buffer):
                    got += buffer[:count]
                assert stream.readinto(buffer) == 0
            assert got == LARGE[:size]

    def test_the_medium_of_what_is_absent_or_cannot_be_reached(self, rig: Rig, keeper: Store, store: Store) -> None:
        assert isinstance(store, ReadsMedium)
        land(keeper, SMALL)
        with pytest.raises(BlobMissing), store.open_medium(Digest.of(b"absent")):
            pass
        rig.cut_off()
        for data in (SMALL, b"absent"):
            with pytest.raises(StoreUnavailable), store.open_medium(Digest.of(data)):
                pass


class LockingContract:
    """The role `Locking`."""

    def test_a_lock_is_set_and_only_ever_extended(self, store: Store) -> None:
        assert isinstance(store, Locking)
        land(store, SMALL, LARGE)
        soon, later = in_days(30), in_days(60)
        for data in (SMALL, LARGE):
            digest = Digest.of(data)
            assert store.lock_of(digest) == Lock(None, None, held=False)
            assert store.lock(digest, soon, None) == store.lock_of(digest) == Lock(soon, store.lock_mode, held=False)
            assert store.lock(digest, later, held=True) == Lock(later, store.lock_mode, held=True)
            assert store.lock(digest, soon, None) == Lock(later, store.lock_mode, held=True)
            assert store.lock(digest, None, held=False) == store.lock_of(digest)
            assert store.lock_of(digest) == Lock(later, store.lock_mode, held=False)

    def test_what_is_locked_cannot_be_deleted(self, store: Store) -> None:
        assert isinstance(store, Locking)
        land(store, SMALL, LARGE)
        store.lock(Digest.of(SMALL), in_days(30), None)
        store.lock(Digest.of(LARGE), None, held=True)
        for data in (SMALL, LARGE):
            with pytest.raises(Refused):
                store.delete(Digest.of(data), permit_for_orphan(Digest.of(data), frozenset()))
            assert fetch(store, data) == data
        store.lock(Digest.of(LARGE), None, held=False)
        store.delete(Digest.of(LARGE), permit_for_orphan(Digest.of(LARGE), frozenset()))
        assert addresses(store) == [Digest.of(SMALL)]

    def test_a_damaged_copy_that_is_locked_makes_room_for_a_good_one(self, rig: Rig, store: Store) -> None:
        assert isinstance(store, Locking)
        digest = Digest.of(SMALL)
        land(store, SMALL)
        rig.spoil(digest, b"rot")
        store.lock(digest, in_days(30), held=True)
        assert list(land(store, SMALL)) == [Landed.REPLACED_DAMAGED]
        assert fetch(store, SMALL) == SMALL
        assert store.lock_of(digest) == Lock(None, None, held=False), "the good one came anew"
        with pytest.raises(Refused):  # the damaged one stays beneath until its date
            store.delete(digest, permit_for_orphan(digest, frozenset()))
        assert fetch(store, SMALL) == SMALL

    def test_a_locked_copy_is_set_aside(self, rig: Rig, store: Store) -> None:
        assert isinstance(store, Locking)
        digest = Digest.of(SMALL)
        land(store, SMALL)
        store.lock(digest, in_days(30), None)
        rig.spoil(digest, b"rot")
        assert rig.set_aside_bytes(store.set_aside(digest)) == b"rot"
        with pytest.raises(BlobMissing):
            store.stat(digest)
        with pytest.raises(Refused):
            store.delete(digest, permit_for_orphan(digest, frozenset()))
        assert list(land(store, SMALL)) == [Landed.NEW]

    def test_the_lock_of_what_is_absent_or_cannot_be_reached(self, rig: Rig, store: Store) -> None:
        assert isinstance(store, Locking)
        land(store, SMALL)
        for ask in (store.lock_of, lambda digest: store.lock(digest, in_days(1), held=True)):
            with pytest.raises(BlobMissing):
                ask(Digest.of(b"absent"))
        rig.cut_off()
        for data in (SMALL, b"absent"):
            for ask in (store.lock_of, lambda digest: store.lock(digest, in_days(1), held=True)):
                with pytest.raises(StoreUnavailable):
                    ask(Digest.of(data))


# One moment for the whole run: a test that asks twice must not fall on two sides of a second.
_BEGAN = datetime.now(UTC).replace(microsecond=0)


def in_days(count: int) -> datetime:
    return _BEGAN + timedelta(days=count)
