"""The disk store keeps the contract: on this machine's disk, and where there is neither syncfs nor a safe rename."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.disks import DiskRig
from tests.contract import MeasuredContract, ReadsMediumContract, StoreContract
from tests.faults.fuse_memory import mounted


class TestDiskStore(StoreContract, MeasuredContract, ReadsMediumContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> DiskRig:
        return DiskRig(tmp_path / "库房")


@pytest.mark.root
class TestDiskStoreOnFuse(StoreContract, MeasuredContract, ReadsMediumContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Iterator[DiskRig]:
        with mounted(tmp_path / "share") as disk:
            yield DiskRig(disk.root / "库房")
