"""The contract, kept on a real server."""

from collections.abc import Iterator

import pytest

from tests.backends.remotes import FolderRig, smb_rig
from tests.contract import MeasuredContract, StoreContract, TellsTimeContract
from tests.servers import Share


class TestSmbStore(StoreContract, MeasuredContract, TellsTimeContract):
    @pytest.fixture
    def rig(self, share: Share, own_name: str) -> Iterator[FolderRig]:
        rig = smb_rig(share, own_name)
        yield rig
        rig.end()
