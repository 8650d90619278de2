"""The contract, kept on a real server; and on one without manners, what of it rests on them."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from minio.error import S3Error
from minio.helpers import get_part_info

from backends import s3
from backends.files import Bytes
from backends.retrying import PASSING
from backends.s3 import SMALL_PART, S3Files
from tests.backends.remotes import S3Rig
from tests.contract import StoreContract, TellsTimeContract, ThreadContract
from tests.contract_shelf import ShelfContract
from tests.rig import LARGE, addresses, land, numbered
from tests.rude import RudeServer
from tests.servers import S3Server
from vault.digest import Digest
from vault.ports import Store


class TestS3Store(StoreContract, TellsTimeContract):
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
    part, count = get_part_info(size, s3._part_of(size, s3.PART))
    assert part >= s3.PART
    assert count <= 10_000


def test_a_listing_of_more_than_one_page(s3_server: S3Server, own_name: str) -> None:
    """The protocol gives 1,000 names at a time."""
    rig = S3Rig(s3_server, own_name)
    contents = numbered(1050)
    land(rig.store, *contents)
    digests = sorted(map(Digest.of, contents))
    assert addresses(rig.store) == digests
    assert addresses(rig.store, digests[20]) == digests[21:]
    rig.end()


@pytest.mark.parametrize("code", ["SlowDown", "ServiceUnavailable", "InternalError"])
def test_a_server_that_is_busy_is_asked_again(code: str) -> None:
    """Its client asked again by itself once, beside others that did: now there is one place that does."""
    error = S3Error(cast(Any, None), code, "try later", None, None, None)
    assert isinstance(s3._meaning(error, "objects/x"), PASSING)


class _FailingOver(S3Files):
    """A gateway that once denies what it has."""

    denied = False

    def size(self, path: str) -> int:
        if not self.denied and path.endswith("large"):
            self.denied = True
            raise FileNotFoundError(path)
        return super().size(path)


@pytest.mark.parametrize("verb", ["create", "move"])
def test_what_is_denied_once_is_not_overwritten(s3_server: S3Server, own_name: str, verb: str) -> None:
    """Once a large copy, or a damaged one that was set aside, gave way to another while a gateway failed over."""
    url = f"{s3_server.url}/{s3_server.bucket}/{own_name}"
    files = _FailingOver(url, s3_server.access_key, s3_server.secret_key, SMALL_PART)
    files.replace("x/large", b"was here")
    files.replace("x/other", b"other")
    done = files.create("x/large", Bytes(LARGE)) if verb == "create" else files.move("x/other", "x/large")
    assert (done, files.denied) == (False, True)
    with files.open("x/large", 0) as stream:
        assert stream.read() == b"was here"
