"""The contract, kept on a real server."""

from collections.abc import Iterator

import pytest

from tests.backends.remotes import S3Rig
from tests.contract import StoreContract
from tests.servers import S3Server


class TestS3Store(StoreContract):
    @pytest.fixture
    def rig(self, s3_server: S3Server, own_name: str) -> Iterator[S3Rig]:
        rig = S3Rig(s3_server, own_name)
        yield rig
        rig.end()
