"""The contract, kept on a place that is reached through fsspec alone: this machine's files."""

import os
from pathlib import Path
from typing import Any

import pytest

from backends.generic import FsspecFiles
from backends.remote import Files, RemoteStore
from tests.backends.disks import FOUNDING, VAULT, place_of
from tests.contract import StoreContract
from vault.digest import Digest
from vault.errors import BadInput


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


@pytest.mark.parametrize("location", ["nosuch://place", "abfs://container/x"])
def test_a_protocol_that_is_not_here_is_said(location: str) -> None:
    with pytest.raises(BadInput, match=location.partition(":")[0]):
        FsspecFiles(location, {})
