"""The contract's part on objects that come and go: `BlobStore` of vault/ports.py."""

from itertools import pairwise

import pytest

from tests.rig import LARGE, SIZES, SMALL, Rig, addresses, arrive, fetch, land, numbered
from vault.digest import Block, Digest
from vault.errors import BlobMissing, Refused
from vault.permits import permit_for_orphan
from vault.ports import Landed, Store


class ObjectContract:
    """`BlobStore`."""

    def test_a_new_store_has_nothing_and_knows_it(self, store: Store) -> None:
        assert addresses(store) == []
        with pytest.raises(BlobMissing):
            store.stat(Digest.of(SMALL))
        with pytest.raises(BlobMissing), store.open(Digest.of(SMALL)):
            pass
        with pytest.raises(BlobMissing):
            store.set_aside(Digest.of(SMALL))

    @pytest.mark.parametrize("announced", ["exactly", "nothing", "too little", "too much"])
    def test_what_lands_is_read_back(self, store: Store, announced: str) -> None:
        sizes = SIZES if announced == "exactly" else [0, 4097, len(LARGE)]
        for size in sizes:
            data = LARGE[:size]
            said = {"exactly": size, "nothing": 0, "too little": size // 2, "too much": size + (5 << 20)}[announced]
            assert list(store.put([(arrive(store, data, said), Digest.of(data))])) == [Landed.NEW]
            assert store.stat(Digest.of(data)).size == size
            assert fetch(store, data) == data
        assert sorted(info.size for info in store.list()) == sizes

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_any_kind_of_block_in_any_cut(self, store: Store, kind: type[Block]) -> None:
        data = LARGE[:100_000]
        arrival = store.begin(len(data))
        for start, end in pairwise([0, 0, 1, 4096, 4097, 70_000, len(data)]):
            arrival.write(kind(data[start:end]))
        arrival.finish()
        store.put([(arrival, Digest.of(data))])
        assert fetch(store, data) == data

    def test_a_block_may_be_used_again_once_it_is_written(self, store: Store) -> None:
        block = bytearray(b"\x01" * 5000)
        arrival = store.begin(10_000)
        arrival.write(block)
        block[:] = b"\x02" * 5000
        arrival.write(memoryview(block))
        arrival.finish()
        data = b"\x01" * 5000 + b"\x02" * 5000
        store.put([(arrival, Digest.of(data))])
        assert fetch(store, data) == data

    def test_nobody_sees_an_arrival(self, store: Store) -> None:
        arrival = arrive(store, SMALL)
        with pytest.raises(BlobMissing):
            store.stat(Digest.of(SMALL))
        assert addresses(store) == []
        store.put([(arrival, Digest.of(SMALL))])
        assert addresses(store) == [Digest.of(SMALL)]

    def test_abandoning_is_harmless_at_any_time(self, store: Store) -> None:
        early, late, landed = store.begin(100), arrive(store, b"weg"), arrive(store, SMALL)
        store.put([(landed, Digest.of(SMALL))])
        for arrival in (early, early, late, late, landed, landed):
            arrival.abandon()
        assert addresses(store) == [Digest.of(SMALL)]
        assert fetch(store, SMALL) == SMALL

    def test_how_each_landed_in_the_order_given(self, rig: Rig, store: Store) -> None:
        land(store, b"here", b"damaged")
        rig.spoil(Digest.of(b"damaged"), b"other")
        how = land(store, b"first", b"damaged", b"here", b"first", b"last", b"damaged")
        assert list(how) == [
            Landed.NEW,
            Landed.REPLACED_DAMAGED,
            Landed.ALREADY_HERE,
            Landed.ALREADY_HERE,
            Landed.NEW,
            Landed.ALREADY_HERE,
        ]
        assert {fetch(store, data) for data in (b"here", b"damaged", b"first", b"last")} == {
            b"here",
            b"damaged",
            b"first",
            b"last",
        }

    def test_an_empty_batch(self, store: Store) -> None:
        assert list(store.put([])) == []

    @pytest.mark.parametrize("count", [1, 4, 5, 100])
    def test_repeating_is_harmless(self, store: Store, count: int) -> None:
        contents = numbered(count)
        assert list(land(store, *contents)) == [Landed.NEW] * count
        assert list(land(store, *contents)) == [Landed.ALREADY_HERE] * count
        assert addresses(store) == sorted(map(Digest.of, contents))

    @pytest.mark.parametrize(
        "bad", [b"", SMALL[:-1], SMALL + b"\0", b"\x01" + SMALL[1:]], ids=["empty", "short", "long", "bit"]
    )
    def test_a_damaged_copy_is_set_aside_untouched_and_replaced(self, rig: Rig, store: Store, bad: bytes) -> None:
        land(store, SMALL)
        rig.spoil(Digest.of(SMALL), bad)
        assert list(land(store, SMALL)) == [Landed.REPLACED_DAMAGED]
        assert fetch(store, SMALL) == SMALL
        rig.spoil(Digest.of(SMALL), b"again")
        place = store.set_aside(Digest.of(SMALL))
        assert rig.set_aside_bytes(place) == b"again"

    def test_setting_aside(self, rig: Rig, store: Store) -> None:
        digest = Digest.of(SMALL)
        places = []
        for number in range(3):
            assert list(land(store, SMALL, b"other")) == [Landed.NEW, [Landed.NEW, Landed.ALREADY_HERE][number > 0]]
            rig.spoil(digest, b"%d" % number)
            places.append(store.set_aside(digest))
            with pytest.raises(BlobMissing):
                store.stat(digest)
            assert addresses(store) == [Digest.of(b"other")]
        with pytest.raises(BlobMissing):
            store.set_aside(digest)
        assert [rig.set_aside_bytes(place) for place in places] == [b"0", b"1", b"2"]

    def test_deleting(self, store: Store) -> None:
        land(store, SMALL, b"other")
        permit = permit_for_orphan(Digest.of(SMALL), frozenset())
        store.delete(Digest.of(SMALL), permit)
        with pytest.raises(BlobMissing):
            store.stat(Digest.of(SMALL))
        store.delete(Digest.of(SMALL), permit)
        assert addresses(store) == [Digest.of(b"other")]
        assert list(land(store, SMALL)) == [Landed.NEW]

    def test_deleting_what_was_never_here(self, store: Store) -> None:
        store.delete(Digest.of(SMALL), permit_for_orphan(Digest.of(SMALL), frozenset()))
        assert addresses(store) == []

    def test_a_permit_for_another_object_is_refused(self, store: Store) -> None:
        land(store, SMALL, b"other")
        for digest in (Digest.of(SMALL), Digest.of(b"never here")):
            with pytest.raises(Refused):
                store.delete(digest, permit_for_orphan(Digest.of(b"other"), frozenset()))
        assert fetch(store, SMALL) == SMALL
        assert fetch(store, b"other") == b"other"
