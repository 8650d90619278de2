"""The contract, kept on a place that is reached through fsspec alone: this machine's files."""

from pathlib import Path

import pytest

from backends.generic import FsspecFiles
from backends.remote import RemoteStore
from tests.backends.remotes import GenericRig
from tests.contract import StoreContract
from tests.faults.faulty import FaultyFiles, Plan
from tests.rig import SMALL, fetch, land, numbered
from vault.digest import Digest
from vault.errors import BadInput, StoreNotMounted
from vault.permits import permit_for_orphan


class TestGenericStore(StoreContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> GenericRig:
        return GenericRig(tmp_path / "远")


def test_nothing_is_deleted_at_another_vaults_place(tmp_path: Path) -> None:
    rig = GenericRig(tmp_path / "远")
    land(rig.store, SMALL)
    foreign = RemoteStore("别", FsspecFiles(f"file://{tmp_path / '远'}", {}), "another", "there")
    with pytest.raises(StoreNotMounted):
        foreign.delete(Digest.of(SMALL), permit_for_orphan(Digest.of(SMALL), frozenset()))
    assert fetch(rig.store, SMALL) == SMALL


def test_a_listing_during_which_the_place_goes_away_does_not_end_as_if_it_were_whole(tmp_path: Path) -> None:
    rig = GenericRig(tmp_path / "远")
    land(rig.store, *numbered(20))
    listing = rig.store.list()
    next(listing)
    (tmp_path / "远").rename(tmp_path / "away")
    with pytest.raises(StoreNotMounted):
        list(listing)


@pytest.mark.parametrize("location", ["nosuch://place", "abfs://container/x"])
def test_a_protocol_that_is_not_here_is_said(location: str) -> None:
    with pytest.raises(BadInput, match=location.partition(":")[0]):
        FsspecFiles(location, {})


@pytest.mark.parametrize("act", ["marker", "create_files"])
def test_a_file_of_the_store_that_is_denied_once_is_there(tmp_path: Path, act: str) -> None:
    """Once a gateway that failed over made a store look unmounted for a moment."""
    plan = Plan(1, faults=("absent",))
    rig = GenericRig(tmp_path / "远", lambda files: FaultyFiles(files, plan))
    rig.store.create_files([("journal/tile/0/000", b"x")])
    plan.one_in = 1
    if act == "marker":
        assert list(rig.store.list_files("journal")) == ["journal/tile/0/000"]
    else:
        rig.store.create_files([("journal/tile/0/000", b"x")])
