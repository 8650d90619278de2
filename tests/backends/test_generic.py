"""The contract, kept on a place that is reached through fsspec alone: this machine's files."""

import os
from pathlib import Path
from typing import Any

import pytest

from backends.generic import FsspecFiles
from backends.remote import Files, RemoteStore
from tests.backends.disks import FOUNDING, VAULT, place_of
from tests.contract import StoreContract
from tests.rig import SMALL, fetch, land, numbered
from vault.digest import Digest
from vault.errors import BadInput, StoreNotMounted
from vault.permits import permit_for_orphan


class _Away:
    """A file system that answers nothing."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the client is closed")  # what async file systems say


class GenericRig:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[FsspecFiles] = []
        self.store = self.elsewhere()
        self.store.create_files(FOUNDING)

    def spoil(self, digest: Digest, data: bytes) -> None:
        (self._folder / place_of(digest)).write_bytes(data)

    def set_aside_bytes(self, place: str) -> bytes:
        return (self._folder / place).read_bytes()

    def cut_off(self) -> None:
        for files in self._files:
            files._opened._made = (os.getpid(), (_Away(), str(self._folder)))

    def elsewhere(self) -> RemoteStore:
        self._files.append(FsspecFiles(f"file://{self._folder}", {}))
        return RemoteStore("远", self.seal(self._files[-1]), VAULT, str(self._folder))

    def seal(self, files: FsspecFiles) -> Files:
        """As they are; see test_sealed.py."""
        return files


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
