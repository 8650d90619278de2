"""The contract, kept on a real server; and on one without manners, what of it rests on them."""

from collections.abc import Iterator

import pytest
from minio.helpers import get_part_info

from backends import s3
from tests.backends.remotes import S3Rig
from tests.contract import StoreContract, ThreadContract
from tests.contract_shelf import ShelfContract
from tests.rude import RudeServer
from tests.servers import S3Server
from vault.ports import Store


class TestS3Store(StoreContract):
    @pytest.fixture
    def rig(self, s3_server: S3Server, own_name: str) -> Iterator[S3Rig]:
        rig = S3Rig(s3_server, own_name)
        yield rig
        rig.end()


class TestS3StoreWithoutManners(ThreadContract, ShelfContract):
    """Its whole contract is held to Ceph by `./campaign rgw`: it takes a minute."""

    @pytest.fixture
    def rig(self, rude_server: RudeServer, own_name: str) -> Iterator[S3Rig]:
        rig = S3Rig(rude_server.s3, own_name)
        yield rig
        rig.end()

    @pytest.fixture
    def store(self, rig: S3Rig) -> Store:
        return rig.store


@pytest.mark.parametrize("size", [(8 << 20) + 1, 80 << 30, (80 << 30) + 1, 5 << 40])
def test_the_largest_file_that_the_protocol_has_goes_in_as_many_parts_as_it_has(size: int) -> None:
    part, count = get_part_info(size, s3._part_of(size))
    assert part >= 8 << 20
    assert count <= 10_000
