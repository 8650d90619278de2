"""A store in a bucket: such a place may keep versions, so that what was removed can still be there, beneath."""

from pathlib import Path

from backends.files import Files
from backends.remote import TimedRemoteStore, place_of
from backends.s3 import S3Files
from vault.digest import Digest


class BucketStore(TimedRemoteStore):
    """A store whose files lie in a bucket; `files` may be sealed ones over those of `bucket`."""

    def __init__(
        self, name: str, files: Files, vault_id: str, place: str, scratch: Path | None = None, *, bucket: S3Files
    ) -> None:
        super().__init__(name, files, vault_id, place, scratch, time=bucket.time)
        self._bucket = bucket

    def versions_of(self, digest: Digest) -> int:
        self._require_marker()
        with self._saying():
            return len(self._bucket.versions(place_of(digest)))
