"""A bucket behind the S3 protocol, or a folder in one, through minio's SDK.

Location: https://HOST[:PORT]/BUCKET[/FOLDER] (http:// for a server on this machine). The secret is a TOML file with
`access_key` and `secret_key`.

A small file is one request that carries its SHA-256, for the server to check, and `If-None-Match: *`, so that no name
is given twice. A large one goes in parts, which appear all at once; whether its name is free is asked before, since
the SDK has no condition for parts. Servers that ignore the condition are found by `store probe`.
"""

import base64
import errno
import hashlib
import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource, CopySource
from minio.error import MinioException, S3Error
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError
from urllib3.util import Retry, Timeout

from backends.perprocess import PerProcess
from backends.remote import Content
from vault.errors import BadInput
from vault.text import Text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

# What it says of a broken connection is said by the errors too.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

PART = 16 << 20  # bytes; larger files go in parts of that size
SMALL_PART = 5 << 20  # the smallest that the protocol knows
_COPIED_AT_ONCE = 5 << 30  # bytes; the protocol copies larger files in parts only
_IN_PARALLEL = 3  # parts of one file under way
_CONNECT, _ANSWER = 10.0, 60.0  # seconds

_ABSENT = {"NoSuchKey", "NoSuchObject", "NoSuchVersion"}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "EntityTooLarge"}
_BUSY = {"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown"}  # for now, and worth another try
_DENIED = {
    *("AccessDenied", "AllAccessDisabled", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    *("ExpiredToken", "AccountProblem", "MethodNotAllowed", "ObjectLocked"),
}


class S3Files:
    """See `Files` in remote.py."""

    def __init__(self, location: str, access_key: str, secret_key: str, part: int = PART) -> None:
        parts = urlsplit(location)
        self._bucket, _, folder = parts.path.strip("/").partition("/")
        if parts.scheme not in ("http", "https") or not parts.netloc or not self._bucket:
            raise BadInput(
                Text(
                    en=f"{location!r} is no place for S3; write https://HOST/BUCKET or https://HOST/BUCKET/FOLDER.",
                    zh=f"{location!r} 不是 S3 位置；请写作 https://主机/存储桶 或 https://主机/存储桶/文件夹。",
                )
            )
        self._folder = f"{folder}/" if folder else ""
        self._part = part
        secure = parts.scheme == "https"
        self._client = PerProcess(
            lambda: Minio(parts.netloc, access_key, secret_key, secure=secure, http_client=_http())
        )

    def _key(self, path: str) -> str:
        return self._folder + path

    def size(self, path: str) -> int:
        with _said(path):
            return self._client.get().stat_object(self._bucket, self._key(path)).size or 0

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        with _said(path):
            try:
                response = self._client.get().get_object(self._bucket, self._key(path), offset=start)
            except S3Error as error:
                if error.code != "InvalidRange":
                    raise
                yield io.BytesIO()  # the end, or past it
                return
        try:
            yield cast(BinaryIO, _Body(response, path))
        finally:
            response.close()
            response.release_conn()

    def create(self, path: str, content: Content) -> bool:
        if content.size > self._part:
            return self._create_in_parts(path, content)
        with content.open() as stream:
            data = stream.read()
        headers = {
            "Content-Type": "application/octet-stream",
            "If-None-Match": "*",
            "x-amz-checksum-sha256": base64.b64encode(content.sha256).decode(),
        }
        with _said(path):
            try:
                self._client.get()._put_object(self._bucket, self._key(path), data, dict(headers))
            except S3Error as error:
                if error.code in ("PreconditionFailed", "ConditionalRequestConflict"):
                    return False
                raise
        return True

    def _create_in_parts(self, path: str, content: Content) -> bool:
        if self._is_there(path):
            return False
        with _said(path), content.open() as stream:
            self._client.get().put_object(
                self._bucket,
                self._key(path),
                stream,
                content.size,
                part_size=self._part,
                num_parallel_uploads=_IN_PARALLEL,
            )
        if self.size(path) != content.size:
            raise OSError(errno.EIO, "the server has another size than was sent", path)
        return True

    def replace(self, path: str, data: bytes) -> None:
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        with _said(path):
            self._client.get()._put_object(self._bucket, self._key(path), data, {"x-amz-checksum-sha256": checksum})

    def move(self, path: str, to: str) -> bool:
        """A copy on the server, then the old name goes."""
        size = self.size(path)
        if self._is_there(to):
            return False
        with _said(path):
            client = self._client.get()
            if size > _COPIED_AT_ONCE:
                client.compose_object(self._bucket, self._key(to), [ComposeSource(self._bucket, self._key(path))])
            else:
                client.copy_object(self._bucket, self._key(to), CopySource(self._bucket, self._key(path)))
            client.remove_object(self._bucket, self._key(path))
        return True

    def _is_there(self, path: str) -> bool:
        """Asked twice before it is overwritten: a gateway that is failing over denies what it has."""
        for _ in range(2):
            with suppress(FileNotFoundError):
                self.size(path)
                return True
        return False

    def remove(self, path: str) -> None:
        with _said(path):
            self._client.get().remove_object(self._bucket, self._key(path))

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        prefix = self._key(f"{folder}/" if folder else "")
        start = self._key(after) if after else None
        with _said(folder):
            for found in self._client.get().list_objects(self._bucket, prefix, recursive=True, start_after=start):
                yield (found.object_name or "").removeprefix(self._folder), found.size or 0

    def close(self) -> None:
        """Connections end with the process."""


class _Body(io.RawIOBase):
    """An answer's bytes, whose failures are OSErrors."""

    def __init__(self, response: BaseHTTPResponse, path: str) -> None:
        self._response = response
        self._path = path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        with memoryview(buffer) as view, _said(self._path):
            data = self._response.read(len(view))
            view[: len(data)] = data
            return len(data)


def _http() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        timeout=Timeout(connect=_CONNECT, read=_ANSWER),
        maxsize=16,
        cert_reqs="CERT_REQUIRED",
        ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        retries=Retry(2, connect=0, read=0, status=0, other=0),  # redirections alone: retrying.py asks again
    )


@contextmanager
def _said(path: str) -> Iterator[None]:
    """The SDK's errors as OSErrors."""
    try:
        yield
    except S3Error as error:
        raise _meaning(error, path) from error
    except (MinioException, HTTPError) as error:
        raise ConnectionError(errno.ECONNABORTED, _short(error), path) from error


def _meaning(error: S3Error, path: str) -> OSError:
    code = error.code or ""
    words = f"{code}: {error.message}"
    if code in _ABSENT:
        return FileNotFoundError(errno.ENOENT, words, path)
    if code in _DENIED:
        return PermissionError(errno.EACCES, words, path)
    if code in _FULL:
        return OSError(errno.ENOSPC, words, path)
    if code in _BUSY:
        return ConnectionError(errno.ECONNABORTED, words, path)
    return OSError(errno.EIO, words, path)


def _short(error: Exception) -> str:
    """The innermost reason: urllib3 wraps it in the whole request."""
    reason = getattr(error, "reason", None)
    return str(reason if reason is not None else error)[:200]
