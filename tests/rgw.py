"""The contract and the probe on Ceph's gateway: `./campaign rgw` runs this; it takes minutes, so `./check` does not.

What it found last is in docs/stores.md.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from minio import Minio

from backends.probe import probe
from backends.registry import STORES, Opening, Secret
from tests.backends.remotes import LockedS3Rig, S3Rig
from tests.ceph import radosgw
from tests.contract import LockingContract, StoreContract
from tests.servers import S3Server
from vault.ports import Store
from vault.promises import QUESTIONS, meaning, require_needed


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with radosgw(tmp_path_factory.mktemp("ceph")) as server:
        client = Minio(server.url.removeprefix("http://"), server.access_key, server.secret_key, secure=False)
        client.make_bucket(server.locked_bucket, object_lock=True)
        yield server


@pytest.fixture(params=["strongroom", "versions"])
def bucket(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TestCephStore(StoreContract):
    @pytest.fixture
    def rig(self, gateway: S3Server, bucket: str, own_name: str) -> Iterator[S3Rig]:
        rig = S3Rig(replace(gateway, bucket=bucket), own_name)
        yield rig
        rig.end()


class TestCephLocks(LockingContract):
    @pytest.fixture
    def rig(self, gateway: S3Server, own_name: str) -> Iterator[LockedS3Rig]:
        rig = LockedS3Rig(gateway, own_name)
        yield rig
        rig.end()

    @pytest.fixture
    def store(self, rig: LockedS3Rig) -> Store:
        return rig.store


def test_what_it_promises(gateway: S3Server, bucket: str, own_name: str) -> None:
    secret = Secret(values={"access_key": gateway.access_key, "secret_key": gateway.secret_key})
    location = f"{gateway.url}/{bucket}/{own_name}"
    found = probe(bucket, STORES["s3"].place(Opening(name=bucket, location=location, vault_id="", secret=secret)))
    print(f"\n{bucket}")
    for one in found:
        print(f"  {one.answer:8} {QUESTIONS[one.name].label.en}: {meaning(one).en}")
    require_needed(bucket, found)
    told = {one.name: one.answer for one in found}
    assert told["conditional"] == ("yes" if bucket == "strongroom" else "no")
    assert told["checked"] == "no"
