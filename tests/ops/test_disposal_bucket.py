"""Disposal in a bucket with Object Lock: it waits for every lock, and then leaves no version and no marker behind."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.retention import Retention

from backends.s3 import S3Files
from ops.config import FILE, StoreConfig
from ops.wiring import Working, init_vault
from tests.conftest import SettableClock, machine_beside
from tests.servers import S3Server
from tests.vault.disposal_scene import CUSTODIAN, OPERATOR, Office
from tests.vault.scene import assert_sound, take_in
from vault.digest import Digest
from vault.disposal.rules import State
from vault.membership import attach
from vault.store import Vault

CONTENT = b"\xe7\x8e\xb0\xe5\x9c\xba" * 500


@dataclass
class Bucket:
    """The bucket, as the vault's own credentials show it to others."""

    client: Minio
    name: str
    folder: str

    def versions(self, data: bytes = CONTENT) -> list[str]:
        name = Digest.of(data).hex
        key = f"{self.folder}/objects/{name[:2]}/{name[2:4]}/{name}"
        found = self.client.list_objects(self.name, key, recursive=True, include_version=True)
        return [one.version_id or "" for one in found]

    @property
    def key(self) -> str:
        name = Digest.of(CONTENT).hex
        return f"{self.folder}/objects/{name[:2]}/{name[2:4]}/{name}"


@pytest.fixture
def bucket(s3_server: S3Server, own_name: str) -> Bucket:
    client = Minio(s3_server.url.removeprefix("http://"), s3_server.access_key, s3_server.secret_key, secure=False)
    return Bucket(client, s3_server.locked_bucket, own_name)


@pytest.fixture
def office(
    tmp_path: Path, clock: SettableClock, s3_server: S3Server, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """Two disks, and the bucket, on whose server a year passes as here; one record, which is due."""
    monkeypatch.setattr(S3Files, "time", lambda _: clock().timestamp())
    home = tmp_path / "库"
    disks = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
    init_vault(home, "", "dengzhou", disks, Working(person=OPERATOR, clock=clock, machine=machine_beside(clock)))
    (home / "桶.secret").write_text(f'access_key = "{s3_server.access_key}"\nsecret_key = "{s3_server.secret_key}"\n')
    (home / "桶.secret").chmod(0o600)
    with (home / FILE).open("a", encoding="utf-8") as config:
        config.write('\n[[store]]\nname = "桶"\nkind = "s3"\nsecret = "桶.secret"\nlock = "governance"\n')
        config.write(f'location = "{s3_server.url}/{bucket.name}/{bucket.folder}"\n')
    office = Office(home, clock)
    with office.by(OPERATOR) as vault:
        attach(vault, "桶", "s3", bucket.folder, list)
    office.enrol()
    with office.by(CUSTODIAN) as vault:
        take_in(vault, [CONTENT])
    clock.advance(days=380)
    return office


def everywhere(vault: Vault) -> bool:
    return all((vault.setting.home / name).rglob(Digest.of(CONTENT).hex) for name in ("甲", "乙"))


def test_it_waits_for_locks_and_leaves_no_version(office: Office, bucket: Bucket) -> None:
    with office.by(OPERATOR) as vault:  # set aside and brought again: an old version lies beneath
        vault.stores["桶"].set_aside(Digest.of(CONTENT))
        take_in(vault, [CONTENT])
    assert len(bucket.versions()) > 1
    (latest, *_) = [
        one for one in bucket.versions() if one == bucket.client.stat_object(bucket.name, bucket.key).version_id
    ]
    number = office.agreed("2026-0000001")
    bucket.client.enable_object_legal_hold(bucket.name, bucket.key, latest)  # somebody else's
    ran = office.run(number)
    assert (ran.begun, ran.copies, list(ran.locked)) == (0, 0, ["2026-0000001"])
    with office.by(OPERATOR) as vault:
        assert everywhere(vault)
        assert_sound(vault)
    bucket.client.disable_object_legal_hold(bucket.name, bucket.key, latest)
    until = datetime.now(UTC) + timedelta(seconds=4)  # by the bucket's clock: the program's shows a year later
    bucket.client.set_object_retention(bucket.name, bucket.key, Retention(GOVERNANCE, until), version_id=latest)
    ran = office.run(number)
    assert (ran.copies, ran.state, len(ran.kept)) == (2, State.DESTROYING, 1)
    assert office.standing(number).outstanding == {"桶": 1}
    assert latest in bucket.versions()
    time.sleep(max(0, (until - datetime.now(UTC)).total_seconds() + 1))
    ran = office.run(number)
    assert (ran.copies, ran.state) == (1, State.CLOSED)
    assert bucket.versions() == []
    with office.by(OPERATOR) as vault:
        assert not list(vault.stores["桶"].list_files("damaged"))
        assert_sound(vault)


def test_a_delete_that_only_hides_is_found_out_by_the_proof(
    office: Office, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the plain request leaves a marker over the version, and readers get "not found"."""
    from backends.s3lock import LockingRemoteStore

    number = office.agreed("2026-0000001")
    with monkeypatch.context() as patched:
        hide = lambda self, digest, permit: bucket.client.remove_object(bucket.name, bucket.key)  # noqa: E731
        patched.setattr(LockingRemoteStore, "delete", hide)
        assert office.run(number).state is State.DESTROYING
    assert len(bucket.versions()) == 2
    assert office.run(number).state is State.CLOSED
    assert bucket.versions() == []
