"""The contract, kept on a real server."""

import time
from collections.abc import Iterator

import pytest

from tests.backends.remotes import FolderRig, smb_rig
from tests.contract import MeasuredContract, StoreContract
from tests.rig import SMALL, fetch, land
from tests.servers import Share
from vault.errors import StoreUnavailable


class TestSmbStore(StoreContract, MeasuredContract):
    @pytest.fixture
    def rig(self, share: Share, own_name: str) -> Iterator[FolderRig]:
        rig = smb_rig(share, own_name)
        yield rig
        rig.end()


def test_a_server_that_falls_silent_is_given_up(share: Share, own_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once its client waited for ever: a server that hangs is not one whose connection breaks."""
    monkeypatch.setenv("SMB_EXPERIMENTAL_TRANSPORT_RECEIVE_TIMEOUT", "1")
    rig = smb_rig(share, own_name)
    land(rig.store, SMALL)
    rig.line.fall_silent()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        fetch(rig.store, SMALL)
    assert time.monotonic() - began < 10
    rig.end()
