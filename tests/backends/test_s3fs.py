"""What lies in a bucket can be read with s3fs, as fsspec's users do: objects, journal, marker."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
import s3fs

from tests.backends.disks import FOUNDING, place_of
from tests.backends.remotes import S3Rig
from tests.rig import LARGE, SMALL, land, numbered
from tests.servers import S3Server
from vault.digest import Digest


@pytest.fixture
def rig(s3_server: S3Server, own_name: str) -> Iterator[S3Rig]:
    rig = S3Rig(s3_server, own_name)
    yield rig
    rig.end()


def opened(server: S3Server) -> Any:
    """As the README says."""
    return s3fs.S3FileSystem(
        key=server.access_key,
        secret=server.secret_key,
        endpoint_url=server.url,
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def test_objects_and_journal_are_read_with_s3fs(rig: S3Rig, s3_server: S3Server, own_name: str) -> None:
    fs, root = opened(s3_server), f"{s3_server.bucket}/{own_name}"
    contents = [SMALL, LARGE, *numbered(5)]
    land(rig.store, *contents)
    rig.store.create_files([("journal/tile/entries/000.p/1", b"entry")])
    rig.store.replace_file("journal/checkpoint", "first 签名".encode())
    objects = fs.find(f"{root}/objects")
    assert objects == sorted(f"{root}/{place_of(Digest.of(data))}" for data in contents)
    for path in objects:
        with fs.open(path) as stream:
            digest = sha256()
            while block := stream.read(1 << 20):
                digest.update(block)
        assert digest.hexdigest() == path.rpartition("/")[2]
    assert fs.info(f"{root}/{place_of(Digest.of(LARGE))}")["size"] == len(LARGE)
    assert (
        fs.cat_file(f"{root}/{place_of(Digest.of(LARGE))}", start=1_000_000, end=1_000_100)
        == LARGE[1_000_000:1_000_100]
    )
    assert fs.find(f"{root}/journal") == [f"{root}/journal/checkpoint", f"{root}/journal/tile/entries/000.p/1"]
    assert fs.cat_file(f"{root}/strongroom.json") == dict(FOUNDING)["strongroom.json"]


def test_what_came_since_is_seen(rig: S3Rig, s3_server: S3Server, own_name: str) -> None:
    """s3fs remembers listings unless it is told not to."""
    fs, root = opened(s3_server), f"{s3_server.bucket}/{own_name}"
    assert fs.ls(f"{root}") != []
    rig.store.replace_file("journal/checkpoint", b"first")
    assert fs.cat_file(f"{root}/journal/checkpoint") == b"first"
    assert f"{root}/journal" in fs.ls(root)
    rig.store.replace_file("journal/checkpoint", b"second")
    assert fs.cat_file(f"{root}/journal/checkpoint") == b"second"
