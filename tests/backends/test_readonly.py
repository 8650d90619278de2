"""A store that is only read keeps the reading part of the contract, and takes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.readonly import ReadOnlyStore
from tests.backends.disks import WRITES, DiskRig, tree
from tests.backends.remotes import GenericRig
from tests.contract import MeasuredContract, ReadingStoreContract, ReadsMediumContract
from tests.rig import SMALL, answers_other_than, arrive, every_question, land
from vault.errors import StoreReadOnly
from vault.ports import Store


class OnlyRead:
    """The store that is asked is the decorated one; what it has comes through the one behind it."""

    @pytest.fixture
    def store(self, rig: DiskRig | GenericRig) -> Iterator[Store]:
        yield ReadOnlyStore(rig.store)
        rig.store.close()

    @pytest.fixture
    def keeper(self, rig: DiskRig | GenericRig) -> Store:
        return rig.store


class TestReadOnlyDisk(OnlyRead, ReadingStoreContract, MeasuredContract, ReadsMediumContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> DiskRig:
        return DiskRig(tmp_path / "旧盘")


class TestReadOnlyPlace(OnlyRead, ReadingStoreContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> GenericRig:
        return GenericRig(tmp_path / "旧共享")


@pytest.mark.parametrize("reachable", [True, False])
def test_every_write_is_refused_before_anything_goes_out(tmp_path: Path, reachable: bool) -> None:
    rig = DiskRig(tmp_path / "旧盘")
    land(rig.store, SMALL)
    rig.store.create_files([("journal/tile/0/000", b"x")])
    waiting = arrive(rig.store, b"waiting")
    before = tree(tmp_path)
    if not reachable:
        rig.cut_off()
    questions = every_question(ReadOnlyStore(rig.store), SMALL, waiting)
    writes = {name: ask for name, ask in questions.items() if name.partition(" ")[0] in WRITES}
    assert len(writes) >= len(WRITES)
    assert answers_other_than(StoreReadOnly, writes) == {}
    for name, ask in writes.items():
        with pytest.raises(StoreReadOnly) as told:
            ask()
        assert "read_only" in told.value.hint.en, name
    assert reachable is (tree(tmp_path) == before)
    waiting.abandon()
