"""The role `Locking` for a bucket with Object Lock: a date and a legal hold on the version that readers get.

The lock is set after the put, never with it: only filing knows the term, and servers have been seen to drop the headers
that would lock a file sent in parts. It is asked for and set by version, so that it is this very copy's, and read back,
since a server's "yes" has been seen to mean nothing. Answers are read here and not by the SDK: Ceph spells dates with
nine decimals, which it cannot read, and servers have three names for "there is none".

An answer to HEAD tells of version, date and hold at once, and is believed once it has said of a locked copy what the
two requests said that ask for nothing else: that a header is missing can also mean that these credentials may not see
it. Whether a lock forbids a deletion, and whether one that was set is missing, is always asked for by itself.
"""

import errno
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.error import S3Error
from minio.helpers import md5sum_hash
from minio.retention import Retention
from minio.xml import marshal

from backends.bucket import BucketStore
from backends.files import Files
from backends.remote import place_of
from backends.s3 import S3Files, said
from vault.digest import Digest
from vault.errors import Refused, StoreUnavailable
from vault.ports import Lock, LockMode
from vault.text import Text

if TYPE_CHECKING:  # who only reads needs no permit, and not the rules behind it
    from vault.permits import DeletionPermit

_NONE = {"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "NoSuchObjectLegalHold"}
_MODE = re.compile(rb"<Mode>\s*(\w+)\s*</Mode>")
_UNTIL = re.compile(rb"<RetainUntilDate>\s*([^<\s]+)\s*</RetainUntilDate>")
_HELD = re.compile(rb"<Status>\s*ON\s*</Status>")
_UNLOCKED = Lock(None, None, held=False)
_SPELLED = {LockMode.COMPLIANCE: COMPLIANCE, LockMode.GOVERNANCE: GOVERNANCE}


class S3Locks:
    """The locks of a bucket's files. Errors as `Files` (files.py)."""

    def __init__(self, files: S3Files, mode: LockMode) -> None:
        self.files = files
        self._heads_tell = False  # of locks, as far as this process has found out
        self.mode = mode

    def read(self, path: str) -> Lock:
        return self._look(path)[1]

    def set(self, path: str, until: datetime | None, held: bool | None) -> Lock:
        """Extend what is there; read back. At no moment is there less than before, but for a hold that is lifted."""
        version, there = self._look(path)
        if held and not there.held:
            self._hold(path, version, held=True)
        if until is not None and not covers(there, until, self.mode):
            self._retain(path, version, there, until)
        if held is False and there.held:
            self._hold(path, version, held=False)
        _, found = self._look(path, version)
        return found if does(found, until, held, self.mode) else self._of_version(path, version)

    def firmest(self, path: str) -> Lock | None:
        """A lock that is in force on any version of a file, or beneath what hides it; by the clock that signs requests,
        which the server has found to be as its own."""
        now = datetime.now(UTC)
        for found in self.files.versions(path):
            if not found.is_delete_marker:
                lock = self._of_version(path, found.version_id or "")
                if lock.held or (lock.until is not None and lock.until > now):
                    return lock
        return None

    def _look(self, path: str, version: str | None = None) -> tuple[str, Lock]:
        """A version, or else the one that readers get, and its lock."""
        with said(path):
            found = self.files.client.stat_object(self.files.bucket, self.files.key(path), version_id=version)
        if not found.version_id:
            raise OSError(errno.ENOTSUP, f"the bucket {self.files.bucket} has no Object Lock", path)
        told = _told(found.metadata or {})
        if told is not None and self._heads_tell:
            return found.version_id, told
        lock = self._of_version(path, found.version_id)
        if lock == told and lock != _UNLOCKED:
            self._heads_tell = True
        return found.version_id, lock

    def _of_version(self, path: str, version: str) -> Lock:
        retention, hold = self._ask(path, version, "retention"), self._ask(path, version, "legal-hold")
        mode, until = _MODE.search(retention), _UNTIL.search(retention)
        held = _HELD.search(hold) is not None
        if mode is None or until is None:
            return Lock(None, None, held)
        try:
            return Lock(_moment(until[1].decode()), LockMode(mode[1].decode().lower()), held)
        except ValueError as error:
            raise OSError(errno.EIO, f"the server's retention cannot be understood: {error}", path) from error

    def _ask(self, path: str, version: str, what: str) -> bytes:
        with said(path):
            try:
                return self.files.client._execute(
                    "GET", self.files.bucket, self.files.key(path), query_params={what: "", "versionId": version}
                ).data
            except S3Error as error:
                if error.code not in _NONE:
                    raise
        return b""

    def _hold(self, path: str, version: str, *, held: bool) -> None:
        with said(path):
            client = self.files.client
            change = client.enable_object_legal_hold if held else client.disable_object_legal_hold
            change(self.files.bucket, self.files.key(path), version)

    def _retain(self, path: str, version: str, there: Lock, until: datetime) -> None:
        """From governance to compliance is no shortening, but servers want the privilege for it to be used."""
        mode = LockMode.COMPLIANCE if LockMode.COMPLIANCE in (there.mode, self.mode) else self.mode
        wanted = Retention(_SPELLED[mode], max(until, there.until or until))
        body = marshal(wanted)
        headers: dict[str, str | list[str] | tuple[str]] = {"Content-MD5": md5sum_hash(body) or ""}
        if there.mode not in (None, mode):
            headers["x-amz-bypass-governance-retention"] = "true"
        with said(path):
            self.files.client._execute(
                "PUT",
                self.files.bucket,
                self.files.key(path),
                body=body,
                headers=headers,
                query_params={"retention": "", "versionId": version},
            )


def _told(headers: Mapping[str, str]) -> Lock | None:
    """The lock by an answer to HEAD; None where it cannot be understood."""
    mode, until = (headers.get(f"x-amz-object-lock-{name}") for name in ("mode", "retain-until-date"))
    held = headers.get("x-amz-object-lock-legal-hold", "").upper() == "ON"
    try:
        return Lock(_moment(until), LockMode(mode.lower()), held) if mode and until else Lock(None, None, held)
    except ValueError:
        return None


def does(lock: Lock, until: datetime | None, held: bool | None, mode: LockMode) -> bool:
    """Whether it is what was asked for."""
    return held in (None, lock.held) and (until is None or covers(lock, until, mode))


def covers(lock: Lock, until: datetime, mode: LockMode) -> bool:
    """Whether it lasts until then, in that mode or a firmer one."""
    return lock.until is not None and lock.until >= until and lock.mode in (LockMode.COMPLIANCE, mode)


def _moment(spelled: str) -> datetime:
    """Whole seconds, for some servers keep no more."""
    moment = datetime.fromisoformat(spelled)
    if moment.tzinfo is None:
        raise ValueError(f"{spelled} has no zone")
    return moment.astimezone(UTC).replace(microsecond=0)


class LockingRemoteStore(BucketStore):
    """A store whose files lie in such a bucket; `files` may be sealed ones over those of `locks`."""

    def __init__(
        self,
        name: str,
        files: Files,
        vault_id: str,
        place: str,
        scratch: Path | None = None,
        *,
        locks: S3Locks,
    ) -> None:
        super().__init__(name, files, vault_id, place, scratch, bucket=locks.files)
        self._locks = locks

    @property
    def lock_mode(self) -> LockMode:
        return self._locks.mode

    def lock_of(self, digest: Digest) -> Lock:
        return self._look(digest, lambda: self._locks.read(place_of(digest)))

    def lock(self, digest: Digest, until: datetime | None, held: bool | None) -> Lock:
        self._require_marker()  # what lies at another vault's place is not ours to lock
        there = self._look(digest, lambda: self._locks.set(place_of(digest), until, held))
        if not does(there, until, held, self.lock_mode):
            raise StoreUnavailable(
                Text(
                    en=f"Store {self.name} took the lock of {digest} and does not have it.",
                    zh=f"存储 {self.name} 接受了对 {digest} 的锁定，但并未生效。",
                ),
                hint=Text(
                    en="That server does not keep its word; rely on another store for locks.",
                    zh="该服务器未履行锁定，请改用其他存储承担锁定。",
                ),
            )
        return there

    def delete(self, digest: Digest, permit: "DeletionPermit") -> None:
        permit.require(digest)
        self._require_marker()
        with self._saying():
            lock = self._locks.firmest(place_of(digest))
        if lock is not None:
            raise _locked(self.name, digest, lock)
        super().delete(digest, permit)


def _locked(store: str, digest: Digest, lock: Lock) -> Refused:
    en = "under legal hold" if lock.held else f"locked until {lock.until:%Y-%m-%d %H:%M} UTC"
    zh = "处于依法保留状态" if lock.held else f"锁定至 {lock.until:%Y-%m-%d %H:%M}（UTC）"
    return Refused(
        Text(
            en=f"Store {store}: a version of {digest} is {en}; nothing was removed.",
            zh=f"存储 {store}：{digest} 的一个版本{zh}，未删除任何内容。",
        ),
        hint=Text(
            en="It can be removed after that date, once no hold stands.", zh="待该日期届满且无暂缓处置后方可删除。"
        ),
    )
