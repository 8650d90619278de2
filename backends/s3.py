"""A bucket behind the S3 protocol, or a folder in one, through minio's SDK.

Location: https://HOST[:PORT]/BUCKET[/FOLDER] (http:// for a server on this machine). The secret is a TOML file with
`access_key` and `secret_key`.

A small file is one request that carries its SHA-256, for the server to check, and `If-None-Match: *`, so that no name
is given twice. A large one goes in parts, which appear all at once; whether its name is free is asked before, since
the SDK has no condition for parts. Of a server that heeds neither (s3manners.py finds out), names are asked for before
and bytes read back after; two machines that give one name at the same moment it cannot keep apart.

A bucket may keep versions (one with Object Lock must, see s3lock.py): what is moved or replaced stays beneath as an old
version, what is removed goes with all of them.
"""

import base64
import errno
import hashlib
import io
import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource, CopySource
from minio.datatypes import Object
from minio.error import MinioException, S3Error
from minio.helpers import check_bucket_name
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError
from urllib3.util import Retry, Timeout

from backends.files import Content
from backends.oserrors import LoginRefused
from backends.perprocess import PerProcess
from backends.s3manners import FOLDER, TAKEN, Manners, find_manners
from vault.errors import BadLocation
from vault.text import Text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

# What it says of a broken connection is said by the errors too.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

PART = 8 << 20  # bytes; larger files go in parts of that size, or larger ones where that would be too many
SMALL_PART = 5 << 20  # the smallest that the protocol knows
_MOST_PARTS = 10_000  # of one file (the protocol's)
_COPIED_AT_ONCE = 5 << 30  # bytes; the protocol copies larger files in parts only
_IN_PARALLEL = 3  # parts of one file under way
_NAMED_AT_ONCE = 16  # files of different names, where this machine sees to it that each is given once
_CONNECT, _ANSWER = 10.0, 60.0  # seconds

_ABSENT = {"NoSuchKey", "NoSuchObject", "NoSuchVersion"}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "EntityTooLarge"}
_BUSY = {"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown"}  # for now, and worth another try
_LOGIN_REFUSED = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "AccountProblem"}
_DENIED = {"AccessDenied", "AllAccessDisabled", "MethodNotAllowed", "ObjectLocked"}


class S3Files:
    """See `Files` in files.py."""

    def __init__(self, location: str, access_key: str, secret_key: str, part: int = PART) -> None:
        parts = urlsplit(location)
        self.bucket, _, folder = parts.path.strip("/").partition("/")
        if parts.scheme not in ("http", "https") or not parts.netloc or not self.bucket:
            raise BadLocation(
                Text(
                    en=f"{location!r} is no place for S3; write https://HOST/BUCKET or https://HOST/BUCKET/FOLDER.",
                    zh=f"{location!r} 不是 S3 位置；请写作 https://主机/存储桶 或 https://主机/存储桶/文件夹。",
                )
            )
        try:
            check_bucket_name(self.bucket)
        except ValueError as error:
            raise BadLocation(
                Text(
                    en=f"{location!r}: {self.bucket!r} is no bucket's name: 3 to 63 letters, digits, dots, hyphens.",
                    zh=f"{location!r}：{self.bucket!r} 不能作存储桶名：须为 3 至 63 个字母、数字、点或连字符。",
                )
            ) from error
        self._folder = f"{folder}/" if folder else ""
        self._part = part
        self._root = f"{parts.scheme}://{parts.netloc}/"
        secure = parts.scheme == "https"
        self._minio = PerProcess(
            lambda: Minio(parts.netloc, access_key, secret_key, secure=secure, http_client=_http())
        )
        self._manners = PerProcess(self._find_manners)
        self._naming = [threading.Lock() for _ in range(_NAMED_AT_ONCE)]

    @property
    def manners(self) -> Manners:
        """What the server was found to heed; the first to ask asks it."""
        return self._manners.get()

    def _find_manners(self) -> Manners:
        with said(FOLDER):
            return find_manners(self.client, self.bucket, self.key(f"{FOLDER}/"))

    @property
    def client(self) -> Minio:
        """The SDK's client of this process."""
        return self._minio.get()

    def time(self) -> float:
        """Seconds since 1970, by the Date of an answer (RFC 9110, 6.6.1).

        Asked without a signature: where the clocks differ much, a server refuses it, and is worth hearing.
        """
        with said(""):
            answer = _http().request("HEAD", self._root, redirect=False, retries=False)
        try:
            return parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
        except ValueError as error:
            raise OSError(errno.ENODATA, "the server does not date its answers", self._root) from error

    def key(self, path: str) -> str:
        """A file's name in the bucket."""
        return self._folder + path

    def size(self, path: str) -> int:
        with said(path):
            return self.client.stat_object(self.bucket, self.key(path)).size or 0

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        with said(path):
            try:
                response = self.client.get_object(self.bucket, self.key(path), offset=start)
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
        manners = self._manners.get()
        if content.size > self._part:
            created, sure = self._create_in_parts(path, content), manners.checked
        elif manners.conditional:
            created, sure = self._create(path, content, {"If-None-Match": "*"}), manners.checked
        else:
            with self._naming[hash(path) % len(self._naming)]:
                created, sure = not self._is_there(path) and self._create(path, content, {}), False
        if created and not sure:
            self._require_same(path, content.sha256)
        return created

    def _create(self, path: str, content: Content, condition: Mapping[str, str]) -> bool:
        with content.open() as stream:
            data = stream.read()
        with said(path):
            try:
                self._put(path, data, content.sha256, condition)
            except S3Error as error:
                if error.code in TAKEN:
                    return False
                raise
        return True

    def _create_in_parts(self, path: str, content: Content) -> bool:
        if self._is_there(path):
            return False
        with said(path), content.open() as stream:
            self.client.put_object(
                self.bucket,
                self.key(path),
                stream,
                content.size,
                part_size=_part_of(content.size, self._part),
                num_parallel_uploads=_IN_PARALLEL,
            )
        if self.size(path) != content.size:
            raise OSError(errno.EIO, "the server has another size than was sent", path)
        return True

    def replace(self, path: str, data: bytes) -> None:
        manners = self._manners.get()
        sha256 = hashlib.sha256(data).digest()
        with said(path):
            self._put(path, data, sha256, {})
        if not manners.checked:
            self._require_same(path, sha256)

    def _put(self, path: str, data: bytes, sha256: bytes, more: Mapping[str, str]) -> None:
        checksum = {"x-amz-checksum-sha256": base64.b64encode(sha256).decode()}
        headers = {"Content-Type": "application/octet-stream", **checksum, **more}
        self.client._put_object(self.bucket, self.key(path), data, dict(headers))

    def _is_there(self, path: str) -> bool:
        """Asked twice before it is overwritten: a gateway that is failing over denies what it has."""
        for _ in range(2):
            with suppress(FileNotFoundError):
                self.size(path)
                return True
        return False

    def _require_same(self, path: str, sha256: bytes) -> None:
        """Read it back, from a server that lets others overwrite it or does not check what arrives."""
        with self.open(path, 0) as stream:
            if hashlib.file_digest(stream, "sha256").digest() != sha256:  # type: ignore[arg-type]
                raise OSError(errno.EIO, "what was written reads back differently", path)

    def move(self, path: str, to: str) -> bool:
        """A copy on the server, then the old name goes."""
        size = self.size(path)
        if self._is_there(to):
            return False
        with said(path):
            client = self.client
            if size > _COPIED_AT_ONCE:
                client.compose_object(self.bucket, self.key(to), [ComposeSource(self.bucket, self.key(path))])
            else:
                client.copy_object(self.bucket, self.key(to), CopySource(self.bucket, self.key(path)))
            client.remove_object(self.bucket, self.key(path))
        return True

    def remove(self, path: str) -> None:
        """Every version of it: where a bucket keeps versions, the plain request only hides the last one."""
        with said(path):
            client, key = self.client, self.key(path)
            response = client._execute("DELETE", self.bucket, key)
            if response.headers.get("x-amz-delete-marker") == "true":
                for version in sorted(self.versions(path), key=lambda one: one.is_delete_marker):  # until all are gone
                    client.remove_object(self.bucket, key, version_id=version.version_id)

    def versions(self, path: str) -> Sequence[Object]:
        """All that a bucket has of a file, and the markers that hide it."""
        with said(path):
            found = self.client.list_objects(self.bucket, self.key(path), recursive=True, include_version=True)
            return [one for one in found if one.object_name == self.key(path)]

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        prefix = self.key(f"{folder}/" if folder else "")
        start = self.key(after) if after else None
        with said(folder):
            for found in self.client.list_objects(self.bucket, prefix, recursive=True, start_after=start):
                name = (found.object_name or "").removeprefix(self._folder)
                if not name.startswith(f"{FOLDER}/"):
                    yield name, found.size or 0

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
        with memoryview(buffer) as view, said(self._path):
            data = self._response.read(len(view))
            view[: len(data)] = data
            return len(data)


def _part_of(size: int, least: int) -> int:
    return max(least, -(-size // _MOST_PARTS))


def _http() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        timeout=Timeout(connect=_CONNECT, read=_ANSWER),
        maxsize=16,
        cert_reqs="CERT_REQUIRED",
        ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        retries=Retry(2, connect=0, read=0, status=0, other=0),  # redirections alone: retrying.py asks again
    )


@contextmanager
def said(path: str) -> Iterator[None]:
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
    if code in _LOGIN_REFUSED:
        return LoginRefused()
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
