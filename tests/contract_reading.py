"""The contract's part on reading: `BlobReader`, which discs keep too, and what `Shelf` says of it.

What is to be read is brought by a `keeper`: the store itself, or, where it takes no writes, the one behind it.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import pytest

from tests.rig import (
    LARGE,
    SMALL,
    addresses,
    answers_other_than,
    every_object_question,
    every_shelf_question,
    fetch,
    land,
    numbered,
)
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.ports import BlobReader, Store


class Unreachable(Protocol):
    """What can be cut off."""

    def cut_off(self) -> None: ...


class ObjectReadingContract:
    """Absent and cannot-tell are two answers; what is listed is all there is, in its order."""

    def test_what_is_absent(self, keeper: Store, store: BlobReader) -> None:
        assert addresses(store) == []
        land(keeper, b"other")
        with pytest.raises(BlobMissing):
            store.stat(Digest.of(SMALL))
        with pytest.raises(BlobMissing), store.open(Digest.of(SMALL)):
            pass
        assert addresses(store) == [Digest.of(b"other")]

    def test_reading_from_a_place(self, keeper: Store, store: BlobReader) -> None:
        land(keeper, LARGE)
        for start in (0, len(LARGE) // 2 + 1, len(LARGE) - 1, len(LARGE), len(LARGE) + 1):
            assert fetch(store, LARGE, start) == LARGE[start:]
        for start in (1, 4096):
            with store.open(Digest.of(LARGE), start) as stream:  # and let go of before its end
                got = stream.read(5000)
            assert got
            assert LARGE[start:].startswith(got)

    def test_a_stream_is_read_piece_by_piece(self, keeper: Store, store: BlobReader) -> None:
        land(keeper, LARGE)
        buffer = bytearray(1 << 20)
        got = bytearray()
        with store.open(Digest.of(LARGE)) as stream:
            got += stream.read(10)
            while count := stream.readinto(buffer):  # type: ignore[attr-defined]  # typeshed: BinaryIO lacks it
                got += buffer[:count]
            assert stream.read(1) == b""
        assert got == LARGE

    def test_listing_is_ascending_and_goes_on_after_any_address(self, keeper: Store, store: BlobReader) -> None:
        contents = numbered(60)
        land(keeper, *contents)
        digests = sorted(map(Digest.of, contents))
        assert addresses(store) == digests
        assert {info.digest: info.size for info in store.list()} == {Digest.of(data): len(data) for data in contents}
        for place in (0, 29, 59):
            assert addresses(store, digests[place]) == digests[place + 1 :]
            just_before = Digest((int.from_bytes(digests[place].raw, "big") - 1).to_bytes(32, "big"))
            assert addresses(store, just_before) == digests[place:]
        assert addresses(store, Digest(b"\0" * 32)) == digests
        assert addresses(store, Digest(b"\xff" * 32)) == []

    def questions(self, keeper: Store, store: BlobReader) -> Mapping[str, Callable[[], object]]:
        """All that can be asked, of what is there and what is not."""
        land(keeper, SMALL)
        return every_object_question(store, SMALL)

    def test_what_cannot_be_reached_is_not_absent(self, rig: Unreachable, keeper: Store, store: BlobReader) -> None:
        questions = self.questions(keeper, store)
        rig.cut_off()
        assert answers_other_than(StoreUnavailable, questions) == {}


class ReadingContract(ObjectReadingContract):
    """And the small files beside the objects."""

    @pytest.fixture
    def keeper(self, store: Store) -> Store:
        return store

    def test_listing_while_objects_come_and_go(self, keeper: Store, store: Store) -> None:
        contents = numbered(50) + neighbours()
        land(keeper, *contents)
        digests = sorted(map(Digest.of, contents))
        moved = [Digest.of(neighbours()[1]), digests[40]]
        listing = store.list()
        seen = [next(listing).digest]
        while seen[-1] != Digest.of(neighbours()[0]):
            seen.append(next(listing).digest)
        for digest in moved:
            keeper.set_aside(digest)
        land(keeper, "新照片".encode())
        seen += [info.digest for info in listing]
        assert seen == sorted(seen)
        assert set(digests) - set(seen) <= set(moved)

    def test_a_file_is_read_as_it_is_now(self, keeper: Store, store: Store) -> None:
        for data in (b"one", SMALL, b""):
            keeper.replace_file("journal/checkpoint", data)
            assert store.read_file("journal/checkpoint") == data

    def test_a_file_that_is_not_there(self, keeper: Store, store: Store) -> None:
        keeper.create_files([("journal/tile/0/000", b"x")])
        for path in ("journal/checkpoint", "journal/tile/0/001", "journal/tile/1/000", "nowhere/at/all"):
            with pytest.raises(BlobMissing):
                store.read_file(path)

    def test_listing_is_ascending_by_whole_path(self, keeper: Store, store: Store) -> None:
        paths = ["a", "tile/0/000", "tile/0/000.p/12", "tile/0/000.p/9", "tile/0/x001/000", "tile/0/x001.p/1"]
        paths += ["tile/0/x001-", "tile/00/1", "tile/entries/000", "tiles/0", "档案"]
        keeper.create_files([(f"journal/{path}", b"x") for path in reversed(paths)])
        whole = sorted(f"journal/{path}" for path in paths)
        assert list(store.list_files("journal")) == whole
        assert list(store.list_files("journal/tile")) == [path for path in whole if path.startswith("journal/tile/")]
        assert list(store.list_files("journal/tile/0/000.p")) == ["journal/tile/0/000.p/12", "journal/tile/0/000.p/9"]
        assert list(store.list_files("journal/tile/0/00")) == []
        assert list(store.list_files("journal/nothing")) == []

    def questions(self, keeper: Store, store: BlobReader) -> Mapping[str, Callable[[], object]]:
        keeper.create_files([("journal/tile/0/000", b"x")])
        return {**super().questions(keeper, store), **every_shelf_question(store)}

    def test_reading_begins_anew_after_closing(self, keeper: Store, store: Store) -> None:
        land(keeper, SMALL)
        for _ in range(2):
            assert fetch(store, SMALL) == SMALL
            store.close()


def neighbours() -> list[bytes]:
    """Two contents whose addresses follow one another closely: a store may keep them in one place."""
    by_beginning: dict[str, bytes] = {}
    for data in numbered(2000, "录音"):
        beginning = Digest.of(data).hex[:5]
        if beginning in by_beginning:
            return sorted([by_beginning[beginning], data], key=Digest.of)
        by_beginning[beginning] = data
    raise AssertionError("no two of them are neighbours")
