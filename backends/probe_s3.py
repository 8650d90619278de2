"""A bucket as a probe (probe.py) meets it: what the server heeds, what the bucket is set to, its clock.

In a bucket with a default lock the scratch versions stay until their time has run out: nobody can remove them.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from minio.error import S3Error

from backends.s3 import S3Files, said
from vault.promises import Answer, Finding

_NOT_LOCKED = {"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"}


class S3Place:
    """See `Place`. Each connection is a client of its own."""

    def __init__(self, connect: Callable[[], S3Files]) -> None:
        self._connect = connect
        self._files = connect()

    @property
    def refuses(self) -> bool:
        return self._files.manners.conditional

    def connect(self) -> S3Files:
        return self._connect()

    def lasting(self) -> Iterator[Finding]:
        for name in ("durable", "names-durable"):
            yield Finding(name=name, answer="yes", value="HTTP 200")

    def own(self, folder: str) -> Iterator[Finding]:
        manners = self._files.manners
        yield Finding(name="conditional", answer="yes" if manners.conditional else "no")
        yield Finding(name="checked", answer="yes" if manners.checked else "no")
        yield Finding(name="versioning", answer=self._versioning())
        yield self._lock()

    def _versioning(self) -> Answer:
        files = self._files
        with said(""), suppress(S3Error):  # not implemented, or not permitted
            return "yes" if files.client.get_bucket_versioning(files.bucket).status == "Enabled" else "no"
        return "unknown"

    def _lock(self) -> Finding:
        """Whether it is on, and the mode that new objects get by themselves; without one, those it knows."""
        with said(""):
            try:
                found = self._files.client.get_object_lock_config(self._files.bucket)
            except S3Error as error:
                return Finding(name="lock", answer="no" if error.code in _NOT_LOCKED else "unknown")
        by_default = f"{found.mode}, {found.duration} {found.duration_unit}" if found.mode else "GOVERNANCE, COMPLIANCE"
        return Finding(name="lock", answer="yes", value=by_default)

    def time_of(self, path: str) -> float | None:
        with said(path):
            modified = self._files.client.stat_object(self._files.bucket, self._files.key(path)).last_modified
        return modified.timestamp() if modified is not None else None

    def clear(self, folder: str) -> None:
        """All versions. Errors of a version that is locked are for nobody."""
        client, bucket = self._files.client, self._files.bucket
        with said(folder):
            found = client.list_objects(bucket, self._files.key(f"{folder}/"), recursive=True, include_version=True)
            for one in list(found):
                with suppress(S3Error):
                    client.remove_object(bucket, str(one.object_name), version_id=one.version_id)
