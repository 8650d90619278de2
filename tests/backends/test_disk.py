"""The disk store keeps the contract: on this machine's disk, and where there is neither syncfs nor a safe rename."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backends import arrivals
from tests.backends.disks import DiskRig
from tests.contract import MeasuredContract, ReadsMediumContract, StoreContract
from tests.faults.fuse_memory import mounted


@pytest.fixture(autouse=True)
def a_small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """That large files of the contract pass."""
    monkeypatch.setattr(arrivals, "WINDOW", arrivals.SMALL)


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
