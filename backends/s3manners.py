"""What an S3 server can be relied on for: found out by asking it, in each process before its first file goes there.

What a server does with a header that it does not know is nothing, and one server can do with one bucket what it does
not do with another (Ceph 16 heeds conditions, but not where versions are kept). Two requests show it, to two small
files that stay (`probe/taken`, `probe/unchecked`): one of a name that is taken, one of bytes that do not fit their
SHA-256. A server with manners refuses both and writes nothing; another overwrites the same few bytes.
"""

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass

from minio import Minio
from minio.error import S3Error

FOLDER = "probe"  # for such files and those of `store probe`
TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}
_NO_SUCH_CONDITION = {"NotImplemented"}
_WRONG_SUM = {"BadDigest", "InvalidDigest", "InvalidRequest", "XAmzContentChecksumMismatch"}


@dataclass(frozen=True, slots=True)
class Manners:
    """Whether the server heeds `If-None-Match: *`, and the SHA-256 that comes with the bytes."""

    conditional: bool
    checked: bool


def find_manners(client: Minio, bucket: str, folder: str) -> Manners:
    """`folder`: a key's beginning. The SDK's errors."""
    conditional = _refuses(client, bucket, f"{folder}taken", {"If-None-Match": "*"}, TAKEN, attempts=2)
    wrong = {"x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(b"other bytes").digest()).decode()}
    return Manners(conditional, _refuses(client, bucket, f"{folder}unchecked", wrong, _WRONG_SUM))


def _refuses(client: Minio, bucket: str, key: str, headers: dict[str, str], codes: set[str], attempts: int = 1) -> bool:
    """Whether it refuses a file with these headers; of two attempts the first may be what takes the name."""
    for _ in range(attempts):
        try:
            written = client._put_object(bucket, key, b"strongroom\n", dict(headers))
        except S3Error as error:
            if error.code in _NO_SUCH_CONDITION:
                return False
            if error.code not in codes:
                raise
            return True
    if written.version_id is not None:
        with suppress(S3Error):  # it is locked, perhaps
            client.remove_object(bucket, key, written.version_id)
    return False
