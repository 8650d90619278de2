"""The contract, kept on a file system of fsspec's own in memory."""

from collections.abc import Iterator
from typing import Any

import fsspec
import pytest

from backends.generic import FsspecFiles
from backends.remote import RemoteStore
from tests.backends.disks import FOUNDING, VAULT, place_of
from tests.contract import StoreContract
from vault.digest import Digest
from vault.errors import BadInput


class _Away:
    """A file system that answers nothing."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the session is closed")  # what async file systems say


class GenericRig:
    def __init__(self, name: str) -> None:
        self._url = f"memory://{name}"
        self._folder = f"/{name}"
        self._fs = fsspec.filesystem("memory")
        self._files: list[FsspecFiles] = []
        self.store = self.elsewhere()
        self.store.create_files(FOUNDING)

    def spoil(self, digest: Digest, data: bytes) -> None:
        self._fs.pipe_file(f"{self._folder}/{place_of(digest)}", data)

    def set_aside_bytes(self, place: str) -> bytes:
        return bytes(self._fs.cat_file(f"{self._folder}/{place}"))

    def cut_off(self) -> None:
        for files in self._files:
            files._opened._made = (files._opened._made or (0, None))[0], (_Away(), self._folder)

    def elsewhere(self) -> RemoteStore:
        self._files.append(FsspecFiles(self._url, {}))
        return RemoteStore("远", self._files[-1], VAULT)

    def end(self) -> None:
        self._fs.rm(self._folder, recursive=True)


class TestGenericStore(StoreContract):
    @pytest.fixture
    def rig(self, own_name: str) -> Iterator[GenericRig]:
        rig = GenericRig(own_name)
        yield rig
        rig.end()


@pytest.mark.parametrize("location", ["nosuch://place", "abfs://container/x"])
def test_a_protocol_that_is_not_here_is_said(location: str) -> None:
    with pytest.raises(BadInput, match=location.partition(":")[0]):
        FsspecFiles(location, {})
