"""The contract, kept on a real server."""

import errno
import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from smbprotocol.connection import Connection

from backends.smb import SmbTree
from backends.smbwriting import Window
from tests.backends.remotes import FolderRig, smb_rig
from tests.contract import MeasuredContract, StoreContract, TellsTimeContract
from tests.faults.loop import ext4
from tests.rig import fetch, land
from tests.servers import Share


class TestSmbStore(StoreContract, MeasuredContract, TellsTimeContract):
    @pytest.fixture
    def rig(self, share: Share, own_name: str) -> Iterator[FolderRig]:
        rig = smb_rig(share, own_name)
        yield rig
        rig.end()


def test_a_large_file_has_several_blocks_under_way(
    share: Share, own_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other each waited for the way there and back."""
    rig, under_way = smb_rig(share, own_name), [0]
    send = Connection.send

    def counted(self: Connection, message: Any, *rest: Any, **named: Any) -> Any:
        request = send(self, message, *rest, **named)
        under_way.append(len(self.outstanding_requests))
        return request

    monkeypatch.setattr(Connection, "send", counted)
    data = bytes(range(256)) * (6 << 12)
    land(rig.store, data)
    assert fetch(rig.store, data) == data
    assert max(under_way) > 1
    rig.end()


@pytest.mark.root
def test_a_share_that_fills_up_leaves_nothing_under_way(share: Share, own_name: str) -> None:
    with ext4(share.folder / own_name, megabytes=6):
        (share.folder / own_name).chmod(0o777)
        tree = SmbTree(f"{share.url}/{own_name}", share.password)
        with pytest.raises(OSError, match="大") as told:
            tree.write("大", io.BytesIO(bytes(7 << 20)))
        assert told.value.errno == errno.ENOSPC
        (connection,) = tree._connections.get().values()
        assert not connection.outstanding_requests
        tree.remove("大")  # nobody has it open
        tree.write("小", io.BytesIO(b"1"))
        tree.close()


@pytest.mark.parametrize(
    ("credits_", "largest", "block"), [(256, 8 << 20, 1 << 20), (8, 8 << 20, 6 << 16), (256, 1 << 16, 1 << 16)]
)
def test_a_block_is_no_larger_than_the_server_allows(credits_: int, largest: int, block: int) -> None:
    """Few credits, as an old device grants them, or small writes."""
    window = Window(SimpleNamespace(sequence_window={"low": 5, "high": 5 + credits_}, max_write_size=largest))
    assert window._block == block
