"""The contract, kept on a real server."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from minio.error import S3Error

from backends.retrying import PASSING
from backends.s3 import _meaning
from tests.backends.remotes import S3Rig
from tests.contract import StoreContract
from tests.rig import addresses, land, numbered
from tests.servers import S3Server
from vault.digest import Digest


class TestS3Store(StoreContract):
    @pytest.fixture
    def rig(self, s3_server: S3Server, own_name: str) -> Iterator[S3Rig]:
        rig = S3Rig(s3_server, own_name)
        yield rig
        rig.end()


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
    assert isinstance(_meaning(error, "objects/x"), PASSING)
