"""Telling a good file of the journal from a bad one, on every store by itself, and which of two checkpoints counts."""

from collections.abc import Iterable, Mapping
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backends.memory import MemoryStore
from vault import tlog
from vault.errors import BlobMissing, JournalBroken, StoreUnavailable
from vault.journalcheck import Agreed, JournalFile, agree, check_journal, require_one_history
from vault.note import Signer, sign_checkpoint
from vault.text import Text

SIGNER = Signer("strongroom/邓州", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
GONE = StoreUnavailable(Text(en="gone", zh="断开"))


def entry(index: int, said: str = "查看") -> bytes:
    return f'{{"act":"record.viewed","by":"王芳","why":"{said}{index}"}}'.encode()


def files_of(size: int, said: str = "查看", fork: int | None = None) -> Mapping[str, bytes]:
    """The files of a journal of that size; from entry `fork` on it says something else."""
    entries = [entry(n, said if fork is None or n < fork else "篡改") for n in range(size)]
    growth = tlog.grow(tlog.Edge(), [tlog.leaf_hash(one) for one in entries])
    signed = sign_checkpoint(SIGNER.name, size, growth.root, SIGNER)
    files = {**dict(growth.files), **dict(tlog.bundle_files(0, entries)), "checkpoint": signed}
    return {f"journal/{path}": data for path, data in files.items()}


class Silent(MemoryStore):
    """A store that does not answer for these paths."""

    silent: frozenset[str] = frozenset()

    def read_file(self, path: str) -> bytes:
        if path in self.silent:
            raise GONE
        return super().read_file(path)


def store(name: str, files: Mapping[str, bytes], silent: Iterable[str] = ()) -> Silent:
    made = Silent(name)
    made.files = dict(files)
    made.silent = frozenset(silent)
    return made


def checked(*stores: Silent) -> tuple[Agreed, list[JournalFile]]:
    agreed = agree(stores, SIGNER.verifier)
    return agreed, list(check_journal(stores, agreed))


def damaged(*stores: Silent) -> set[tuple[str, str]]:
    return {(name, file.path) for file in checked(*stores)[1] for name in file.damaged}


def behind(*stores: Silent) -> set[tuple[str, str]]:
    return {(name, file.path) for file in checked(*stores)[1] for name in file.behind}


SIZES = [1, 2, 255, 256, 257, 511, 512, 600, 65_536 + 300]


@pytest.mark.parametrize("size", SIZES)
def test_every_file_of_a_good_journal_is_looked_at_once_and_is_good(size: int) -> None:
    files = files_of(size)
    agreed, found = checked(store("甲", files), store("乙", files))
    assert agreed.checkpoint.size == size
    assert sorted(file.path for file in found) == sorted(files)
    assert all(file.good == files[file.path] and not file.damaged and not file.unknown for file in found)
    assert [seq for file in found for seq in file.entries] == list(range(size))


def test_each_flipped_bit_is_found_in_the_file_and_on_the_store_where_it_is() -> None:
    files = files_of(600)
    other = store("乙", files)
    for path, data in files.items():
        for bit in range(0, 8 * len(data), max(1, 8 * len(data) // 40)):
            bad = bytearray(data)
            bad[bit // 8] ^= 1 << bit % 8
            found = checked(store("甲", {**files, path: bytes(bad)}), other)[1]
            assert {(n, f.path) for f in found for n in f.damaged} == {("甲", path)}, (path, bit)
            assert all(file.good == files[file.path] for file in found)


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"\0", lambda d: b"", lambda d: d[: len(d) // 2]])
def test_lengths_count(change: object) -> None:
    files = files_of(600)
    assert callable(change)
    for path in files:
        bad = {**files, path: change(files[path])}
        assert damaged(store("甲", bad), store("乙", files)) == {("甲", path)}
        assert damaged(store("甲", {p: d for p, d in files.items() if p != path}), store("乙", files)) == {("甲", path)}


def test_half_as_many_inner_hashes_under_the_same_root_are_no_tile() -> None:
    files = files_of(600)
    path = "journal/tile/0/000"
    level = files[path]
    inner = b"".join(tlog.node_hash(level[n : n + 32], level[n + 32 : n + 64]) for n in range(0, len(level), 64))
    assert tlog.tile_root(inner) == tlog.tile_root(level)
    assert damaged(store("甲", {**files, path: inner}), store("乙", files)) == {("甲", path)}


def test_damage_in_different_files_of_two_stores_leaves_one_whole_journal() -> None:
    files = files_of(600)
    paths = sorted(path for path in files if path != "journal/checkpoint")
    for first, second in combinations(paths, 2):
        found = checked(store("甲", {**files, first: b"rot"}), store("乙", {**files, second: b"rot"}))[1]
        assert {(n, f.path) for f in found for n in f.damaged} == {("甲", first), ("乙", second)}
        assert all(file.good == files[file.path] for file in found)


def test_a_file_that_is_damaged_everywhere_has_no_good_bytes_and_nothing_else_is_blamed_for_it() -> None:
    files = files_of(600)
    path = "journal/tile/entries/001"
    found = checked(store("甲", {**files, path: b"rot"}), store("乙", {**files, path: files[path][:-1] + b"x"}))[1]
    assert [(file.path, file.damaged) for file in found if file.good is None] == [(path, ("甲", "乙"))]
    assert damaged(store("甲", {**files, path: b"rot"})) == {("甲", path)}


def test_a_tile_that_is_damaged_everywhere_leaves_what_lies_below_it_unproven() -> None:
    files = files_of(600)
    top = "journal/tile/1/000.p/2"
    found = checked(store("甲", {**files, top: b"rot"}))[1]
    assert all(file.good is None for file in found if file.path.startswith("journal/tile/0/00"))


def test_a_store_that_cannot_say_is_neither_good_nor_damaged() -> None:
    files = files_of(600)
    path = "journal/tile/entries/000"
    found = checked(store("甲", files), store("乙", files, silent=[path]))[1]
    assert {file.path: file.unknown for file in found if file.unknown} == {path: ("乙",)}
    assert not any(file.damaged for file in found)
    agreed, found = checked(store("甲", files), store("乙", files, silent=files))
    assert agreed.unknown == ("乙",)
    assert all(file.unknown == ("乙",) and not file.damaged for file in found)


def test_a_store_that_lags_is_behind_where_it_lacks_something_newer_than_its_checkpoint() -> None:
    new, old = files_of(600), files_of(300)
    lacking = ["checkpoint", "tile/1/000.p/2", "tile/0/001", "tile/0/002.p/88"]
    lacking += ["tile/entries/001", "tile/entries/002.p/88"]
    assert behind(store("甲", new), store("乙", old)) == {("乙", f"journal/{path}") for path in lacking}
    assert not damaged(store("甲", new), store("乙", old))


def test_a_store_that_lags_is_damaged_where_it_lacks_something_its_own_checkpoint_stands_on() -> None:
    new, old = files_of(600), files_of(300)
    for path in ("tile/0/000", "tile/entries/000"):
        less = {name: data for name, data in old.items() if name != f"journal/{path}"}
        assert damaged(store("甲", new), store("乙", less)) == {("乙", f"journal/{path}")}


def test_an_old_checkpoint_in_the_place_of_the_newest_is_found() -> None:
    """It was not: all tiles were there, and the signature is good."""
    new = files_of(600)
    rolled_back = {**new, "journal/checkpoint": files_of(300)["journal/checkpoint"]}
    assert behind(store("甲", rolled_back), store("乙", new)) == {("甲", "journal/checkpoint")}


def test_partial_files_that_gave_way_to_the_full_one_meanwhile_are_read_from_it() -> None:
    old, new = files_of(600), files_of(800)
    kept = {path: data for path, data in new.items() if "/002.p/" not in path}
    growing = store(
        "甲",
        {
            **kept,
            "journal/checkpoint": old["journal/checkpoint"],
            **{path: data for path, data in old.items() if path.startswith("journal/tile/1/")},
        },
    )
    assert not damaged(growing)
    found = {file.path: file.good for file in checked(growing)[1]}
    assert found["journal/tile/0/002.p/88"] == old["journal/tile/0/002.p/88"]
    assert found["journal/tile/entries/002.p/88"] == old["journal/tile/entries/002.p/88"]


# agreeing


def test_the_largest_good_checkpoint_counts() -> None:
    new, old = files_of(600), files_of(300)
    agreed = agree([store("甲", old), store("乙", new)], SIGNER.verifier)
    assert (agreed.checkpoint.size, agreed.of_store["甲"].size) == (600, 300)
    unsigned = {**new, "journal/checkpoint": new["journal/checkpoint"].replace(b"\n600\n", b"\n700\n")}
    agreed = agree([store("甲", old), store("乙", unsigned)], SIGNER.verifier)
    assert (agreed.checkpoint.size, set(agreed.of_store)) == (300, {"甲"})


def test_no_good_checkpoint_is_broken_and_no_answer_is_no_answer() -> None:
    files = files_of(300)
    with pytest.raises(JournalBroken):
        agree([store("甲", {**files, "journal/checkpoint": b"rot"}), store("乙", files, silent=files)], SIGNER.verifier)
    with pytest.raises(BlobMissing):
        agree([store("甲", {}), store("乙", {})], SIGNER.verifier)
    with pytest.raises(StoreUnavailable):
        agree([store("甲", files, silent=files), store("乙", files, silent=files)], SIGNER.verifier)


# two histories


@pytest.mark.parametrize("old", [1, 255, 256, 300, 512, 600])
@pytest.mark.parametrize("new", [600, 700, 1_030])
def test_an_older_journal_is_the_beginning_of_the_newer_one(old: int, new: int) -> None:
    stores = [store("甲", files_of(new)), store("乙", files_of(old))]
    require_one_history(agree(stores, SIGNER.verifier), stores)


@pytest.mark.parametrize(("old", "new", "fork"), [(300, 600, 0), (300, 600, 299), (256, 600, 255), (600, 600, 599)])
def test_two_histories_under_one_key_are_an_error(old: int, new: int, fork: int) -> None:
    for stores in (
        [store("甲", files_of(new)), store("乙", files_of(old, fork=fork))],
        [store("甲", files_of(new, fork=fork)), store("乙", files_of(old))],
    ):
        with pytest.raises(JournalBroken, match="乙 and the newest one are two different histories"):
            require_one_history(agree(stores, SIGNER.verifier), stores)


def test_a_fork_after_the_older_ones_end_cannot_be_seen_and_is_none() -> None:
    stores = [store("甲", files_of(600, fork=400)), store("乙", files_of(300))]
    require_one_history(agree(stores, SIGNER.verifier), stores)


def test_damage_is_never_taken_for_a_second_history() -> None:
    new, old = files_of(600), files_of(300)
    for path in new:
        if path != "journal/checkpoint":
            for stores in (
                [store("甲", {**new, path: b"rot"}), store("乙", old)],
                [store("甲", {p: d for p, d in new.items() if p != path}), store("乙", old)],
                [store("甲", new, silent=[path]), store("乙", old)],
            ):
                require_one_history(agree(stores, SIGNER.verifier), stores)


def test_what_only_older_checkpoints_stand_on_is_looked_at_where_it_is() -> None:
    """A person who reads the journal by hand reads these files too."""
    now, before = files_of(600), files_of(590)
    older = {path: data for path, data in before.items() if path not in now}
    assert sorted(older) == ["journal/tile/0/002.p/78", "journal/tile/entries/002.p/78"]
    assert damaged(store("甲", {**older, **now}), store("乙", now)) == set()
    for path, data in older.items():
        for bad in (data[:-1], data + b"\0", bytes([data[0] ^ 1]) + data[1:]):
            found = checked(store("甲", {**older, **now, path: bad}), store("乙", now))[1]
            assert {(name, file.path) for file in found for name in file.damaged} == {("甲", path)}
            assert [file.good for file in found if file.path == path] == [data]
