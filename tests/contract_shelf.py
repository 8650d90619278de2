"""The contract's part on writing the journal's files: `Shelf` of vault/ports.py."""

import pytest

from tests.rig import LARGE, SMALL, addresses, land, numbered
from vault.digest import Digest
from vault.errors import JournalBroken
from vault.ports import Store


class ShelfContract:
    """`Shelf`."""

    @pytest.mark.parametrize("data", [b"", b"\0", SMALL, LARGE[: 1 << 20]], ids=len)
    def test_what_is_created_or_replaced_is_read_back(self, store: Store, data: bytes) -> None:
        store.create_files([("journal/tile/0/000", data), ("journal/tile/entries/x001/234.p/7", data)])
        store.replace_file("journal/checkpoint", data)
        for path in ("journal/tile/0/000", "journal/tile/entries/x001/234.p/7", "journal/checkpoint"):
            assert store.read_file(path) == data

    @pytest.mark.parametrize("count", [1, 4, 5, 40])
    def test_creating_again_the_same_is_fine(self, store: Store, count: int) -> None:
        files = [(f"journal/tile/entries/{number:03}", data) for number, data in enumerate(numbered(count))]
        store.create_files(files)
        store.create_files(files[: count // 2])
        store.create_files([*files, ("journal/tile/more", b"x")])
        assert {path: store.read_file(path) for path, _ in files} == dict(files)

    @pytest.mark.parametrize("other", [b"", b"on", b"onf", b"one "])
    def test_creating_again_with_other_bytes_is_refused(self, store: Store, other: bytes) -> None:
        store.create_files([("journal/tile/0/000", b"one")])
        with pytest.raises(JournalBroken):
            store.create_files([("journal/tile/0/001", b"two"), ("journal/tile/0/000", other)])
        assert store.read_file("journal/tile/0/000") == b"one"

    def test_creating_nothing(self, store: Store) -> None:
        store.create_files([])
        assert list(store.list_files("journal")) == []

    def test_replacing(self, store: Store) -> None:
        for data in (b"", SMALL, b"shorter", SMALL * 1000):
            store.replace_file("journal/checkpoint", data)
            assert store.read_file("journal/checkpoint") == data
        assert list(store.list_files("journal")) == ["journal/checkpoint"]

    def test_removing(self, store: Store) -> None:
        paths = [f"journal/tile/0/000.p/{width}" for width in (1, 2, 3)]
        store.create_files([(path, b"x") for path in paths])
        store.remove_files([*paths[:2], "journal/tile/0/000.p/9", "journal/never/there"])
        assert list(store.list_files("journal")) == paths[2:]
        store.remove_files(paths)
        assert list(store.list_files("journal")) == []
        store.create_files([(paths[0], b"again")])
        assert store.read_file(paths[0]) == b"again"

    def test_files_and_objects_do_not_meet(self, store: Store) -> None:
        land(store, SMALL)
        store.create_files([("journal/tile/0/000", b"x")])
        assert list(store.list_files("journal")) == ["journal/tile/0/000"]
        assert addresses(store) == [Digest.of(SMALL)]
