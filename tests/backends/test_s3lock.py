"""The contract, kept by buckets with Object Lock; and what else such a bucket has of a copy than readers see."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pyrage
import pytest
import urllib3
from minio import Minio
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

from backends import s3lock
from backends.files import Files
from backends.s3 import S3Files
from backends.s3lock import LockingRemoteStore, S3Locks
from backends.sealed import SealedFiles
from tests.backends.disks import FOUNDING, VAULT
from tests.backends.remotes import LockedS3Rig
from tests.contract import LockingContract, StoreContract, TellsTimeContract, in_days
from tests.rig import LARGE, SMALL, addresses, fetch, land
from tests.servers import S3Server
from vault.digest import Digest
from vault.errors import BlobMissing, Refused, StoreUnavailable
from vault.permits import permit_for_orphan
from vault.ports import Lock, Locking, LockMode

HERE = Digest.of(SMALL)


class TestLockedBucket(StoreContract, LockingContract, TellsTimeContract):
    @pytest.fixture
    def rig(self, s3_server: S3Server, own_name: str) -> Iterator[LockedS3Rig]:
        rig = LockedS3Rig(s3_server, own_name)
        yield rig
        rig.end()


class GovernedRig(LockedS3Rig):
    mode = LockMode.GOVERNANCE


def sealed(files: Files) -> SealedFiles:
    key = pyrage.x25519.Identity.generate()
    return SealedFiles(files, [str(key.to_public())], [str(key)], None)


class TestGovernedSealedBucket(LockingContract):
    """The lock is on the file, whatever is in it."""

    @pytest.fixture
    def rig(self, s3_server: S3Server, own_name: str) -> Iterator[LockedS3Rig]:
        rig = GovernedRig(s3_server, own_name, sealed)
        yield rig
        rig.end()

    @pytest.fixture
    def store(self, rig: LockedS3Rig) -> LockingRemoteStore:
        assert isinstance(rig.store, LockingRemoteStore)
        return rig.store


@pytest.fixture
def rig(s3_server: S3Server, own_name: str) -> Iterator[LockedS3Rig]:
    rig = LockedS3Rig(s3_server, own_name)
    yield rig
    rig.end()


@pytest.fixture
def store(rig: LockedS3Rig) -> LockingRemoteStore:
    assert isinstance(rig.store, LockingRemoteStore)
    return rig.store


def test_deleting_leaves_no_version(rig: LockedS3Rig, store: LockingRemoteStore) -> None:
    land(store, SMALL, LARGE)
    rig.spoil(HERE, b"rot")
    land(store, SMALL)
    rig.client.remove_object(rig.bucket, rig.key(HERE))
    assert len(rig.versions(HERE)) > 3
    store.delete(HERE, permit_for_orphan(HERE, frozenset()))
    assert rig.versions(HERE) == []
    assert addresses(store) == [Digest.of(LARGE)]


def test_superseded_files_of_the_journal_leave_no_version(rig: LockedS3Rig, store: LockingRemoteStore) -> None:
    store.create_files([("journal/tile/0/000.p/1", b"one")])
    store.remove_files(["journal/tile/0/000.p/1"])
    left = rig.client.list_objects(rig.bucket, f"{rig.folder}/journal", recursive=True, include_version=True)
    assert list(left) == []


def test_a_lock_beneath_a_newer_version_or_a_marker_forbids_deleting(
    rig: LockedS3Rig, store: LockingRemoteStore
) -> None:
    land(store, SMALL)
    store.lock(HERE, in_days(30), None)
    rig.spoil(HERE, b"rot")
    with pytest.raises(Refused, match="locked until"):
        store.delete(HERE, permit_for_orphan(HERE, frozenset()))
    assert fetch(store, SMALL) == b"rot", "nothing half done"
    rig.client.remove_object(rig.bucket, rig.key(HERE))
    with pytest.raises(Refused):
        store.delete(HERE, permit_for_orphan(HERE, frozenset()))
    assert len(rig.versions(HERE)) == 3


def test_a_lock_that_has_run_out_forbids_nothing(
    rig: LockedS3Rig, store: LockingRemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store, SMALL)
    store.lock(HERE, in_days(30), None)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return in_days(31)

    monkeypatch.setattr(s3lock, "datetime", Later)
    with pytest.raises(StoreUnavailable, match="AccessDenied"):  # the server's clock has the last word
        store.delete(HERE, permit_for_orphan(HERE, frozenset()))


def test_what_was_hidden_by_hand_is_absent_and_can_come_anew(rig: LockedS3Rig, store: LockingRemoteStore) -> None:
    land(store, SMALL)
    store.lock(HERE, in_days(30), None)
    rig.client.remove_object(rig.bucket, rig.key(HERE))
    for ask in (store.stat, store.lock_of):
        with pytest.raises(BlobMissing):
            ask(HERE)
    assert addresses(store) == []
    land(store, SMALL)
    assert store.lock_of(HERE) == Lock(None, None, held=False)


def test_the_vaults_own_credentials_can_neither_delete_nor_shorten(rig: LockedS3Rig, store: LockingRemoteStore) -> None:
    land(store, SMALL)
    store.lock(HERE, in_days(30), None)
    (version,) = rig.versions(HERE)
    with pytest.raises(S3Error, match="AccessDenied"):
        rig.client.remove_object(rig.bucket, rig.key(HERE), version_id=version.version_id)
    refused = rig.client.remove_objects(
        rig.bucket, [DeleteObject(rig.key(HERE), version.version_id)], bypass_governance_mode=True
    )
    assert [error.code for error in refused] == ["AccessDenied"]
    for mode in ("COMPLIANCE", "GOVERNANCE"):
        with pytest.raises(S3Error, match="AccessDenied"):
            rig.client.set_object_retention(
                rig.bucket, rig.key(HERE), s3lock.Retention(mode, in_days(29)), version.version_id
            )
    assert fetch(store, SMALL) == SMALL


def test_from_governance_to_compliance_and_never_back(
    rig: LockedS3Rig, store: LockingRemoteStore, s3_server: S3Server
) -> None:
    files = S3Files(f"{s3_server.url}/{rig.bucket}/{rig.folder}", s3_server.access_key, s3_server.secret_key)
    governed = LockingRemoteStore("桶", files, VAULT, "", locks=S3Locks(files, LockMode.GOVERNANCE))
    land(store, SMALL)
    assert governed.lock(HERE, in_days(30), None).mode is LockMode.GOVERNANCE
    firm = store.lock(HERE, in_days(20), None)
    assert (firm.mode, firm.until) == (LockMode.COMPLIANCE, in_days(30))
    assert governed.lock(HERE, in_days(40), None).mode is LockMode.COMPLIANCE


def test_a_bucket_without_object_lock_is_told(s3_server: S3Server, own_name: str) -> None:
    url = f"{s3_server.url}/{s3_server.bucket}/{own_name}"
    files = S3Files(url, s3_server.access_key, s3_server.secret_key)
    store = LockingRemoteStore("桶", files, VAULT, url, locks=S3Locks(files, LockMode.COMPLIANCE))
    assert isinstance(store, Locking)
    store.create_files(FOUNDING)
    land(store, SMALL)
    with pytest.raises(StoreUnavailable, match="Object Lock"):
        store.lock(HERE, in_days(30), None)


@pytest.mark.parametrize("deaf_to", ["set_object_retention", "enable_object_legal_hold"])
def test_a_server_that_says_yes_and_does_nothing_is_found_out(
    store: LockingRemoteStore, monkeypatch: pytest.MonkeyPatch, deaf_to: str
) -> None:
    land(store, SMALL)
    real = Minio._execute

    def execute(client: Minio, method: str, *words: object, **more: object) -> object:
        if method == "PUT" and deaf_to == "set_object_retention":
            return None
        return real(client, method, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Minio, "_execute", execute)
    monkeypatch.setattr(Minio, "enable_object_legal_hold", lambda *_: None)
    with pytest.raises(StoreUnavailable, match="does not have it"):
        store.lock(HERE, in_days(30), held=deaf_to == "enable_object_legal_hold")


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to the server from now on."""
    sent: list[str] = []
    real = urllib3.PoolManager.urlopen

    def urlopen(pool: urllib3.PoolManager, method: str, url: str, **more: object) -> object:
        sent.append(method)
        return real(pool, method, url, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(urllib3.PoolManager, "urlopen", urlopen)
    return sent


def test_a_lock_costs_few_requests(rig: LockedS3Rig, store: LockingRemoteStore, requests: list[str]) -> None:
    """It was eleven for each copy that was told to be locked, and three for each that was only looked at."""
    land(store, SMALL, LARGE)
    store.lock(HERE, in_days(30), None)
    other = Digest.of(LARGE)
    requests.clear()
    assert store.lock_of(other) == Lock(None, None, held=False)
    assert requests == ["HEAD"]
    requests.clear()
    assert store.lock(other, in_days(30), None).until == in_days(30)
    assert requests == ["GET", "HEAD", "PUT", "HEAD"]  # the marker, what is there, the lock, what is there now


def test_what_an_answer_to_head_leaves_out_is_asked_for(
    store: LockingRemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server, or credentials that may not see it: no header is no proof that there is no lock."""
    land(store, SMALL)
    real = Minio.stat_object

    def stat_object(client: Minio, *words: object, **more: object) -> Object:
        return replace(real(client, *words, **more), metadata={})  # type: ignore[arg-type]

    monkeypatch.setattr(Minio, "stat_object", stat_object)
    for days in (30, 60):
        assert store.lock(HERE, in_days(days), held=True) == Lock(in_days(days), LockMode.COMPLIANCE, held=True)
    assert store.lock_of(HERE) == Lock(in_days(60), LockMode.COMPLIANCE, held=True)


@pytest.mark.parametrize(
    "spelled", ["2027-03-04T16:00:00Z", "2027-03-04T16:00:00.000Z", "2027-03-04T16:00:00.000000000Z"]
)
def test_dates_as_servers_spell_them(spelled: str) -> None:
    """The last one is Ceph's."""
    assert s3lock._moment(spelled) == datetime(2027, 3, 4, 16, tzinfo=UTC)
