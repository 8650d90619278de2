"""The disk store keeps the contract."""

from pathlib import Path

import pytest

from backends.disk import DiskStore
from tests.contract import MeasuredContract, ReadsMediumContract, StoreContract
from vault.digest import Digest
from vault.layout import MARKER, marker_of


class DiskRig:
    def __init__(self, root: Path) -> None:
        self.store = DiskStore("甲", root, "3f9a")
        self.store.create_files([(MARKER, marker_of("3f9a", "邓州市城市管理局", "key").encode())])

    def spoil(self, digest: Digest, data: bytes) -> None:
        path = self.store.root / "objects" / digest.hex[:2] / digest.hex[2:4] / digest.hex
        path.chmod(0o640)
        path.write_bytes(data)

    def set_aside_bytes(self, place: str) -> bytes:
        return (self.store.root / place).read_bytes()

    def cut_off(self) -> None:
        self.store.root.rename(self.store.root.with_name("away"))
        self.store.root.mkdir()  # what is left of a mount point

    def elsewhere(self) -> DiskStore:
        return DiskStore("甲", self.store.root, "3f9a")


class TestDiskStore(StoreContract, MeasuredContract, ReadsMediumContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> DiskRig:
        return DiskRig(tmp_path / "store")
