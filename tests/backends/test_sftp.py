"""The contract, kept on a real server."""

from collections.abc import Iterator

import pytest

from tests.backends.remotes import FolderRig, sftp_rig
from tests.contract import MeasuredContract, StoreContract
from tests.servers import SftpServer


class TestSftpStore(StoreContract, MeasuredContract):
    @pytest.fixture
    def rig(self, sftp_server: SftpServer, own_name: str) -> Iterator[FolderRig]:
        rig = sftp_rig(sftp_server, own_name)
        yield rig
        rig.end()
