"""Rigs (tests/rig.py) for stores on servers: each test has a folder of its own there, and a line that can be cut."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec
from minio import Minio
from minio.datatypes import Object

from backends.files import Files
from backends.generic import FsspecFiles
from backends.remote import MeasuredRemoteStore, RemoteStore, TimedRemoteStore
from backends.s3 import SMALL_PART, S3Files
from backends.s3lock import LockingRemoteStore, S3Locks
from backends.sftp import SftpTree
from backends.smb import SmbTree
from backends.trees import Tree, TreeFiles
from tests.backends.disks import FOUNDING, VAULT, place_of
from tests.proxy import Proxy
from tests.servers import S3Server, SftpServer, Share
from vault.digest import Digest
from vault.ports import LockMode

Dress = Callable[[Files], Files]


def plain(files: Files) -> Files:
    """As they are: behind no decorator."""
    return files


class RemoteRig:
    """`make` opens the place through a port of this machine; the hands behind its back do without."""

    def __init__(self, port: int, make: Callable[[int], RemoteStore]) -> None:
        self.line = Proxy(port)
        self._make = make
        self.store = make(self.line.port)
        self.store.create_files(FOUNDING)

    def cut_off(self) -> None:
        self.line.cut()

    def elsewhere(self) -> RemoteStore:
        return self._make(self.line.port)

    def end(self) -> None:
        self.store.close()
        self.line.__exit__()


class FolderRig(RemoteRig):
    """Where the server's files are those of a folder here."""

    def __init__(self, port: int, make: Callable[[int], RemoteStore], folder: Path) -> None:
        self._folder = folder
        super().__init__(port, make)

    def spoil(self, digest: Digest, data: bytes) -> None:
        path = self._folder / place_of(digest)
        path.chmod(0o644)
        path.write_bytes(data)

    def set_aside_bytes(self, place: str) -> bytes:
        return (self._folder / place).read_bytes()


class S3Rig(RemoteRig):
    def __init__(self, server: S3Server, folder: str, dress: Dress = plain) -> None:
        parts = urlsplit(server.url)
        assert parts.port is not None
        self.client = Minio(parts.netloc, server.access_key, server.secret_key, secure=False)
        self.bucket = self.bucket_of(server)
        self.folder = folder

        def make(port: int) -> RemoteStore:
            url = f"http://127.0.0.1:{port}/{self.bucket}/{folder}"
            return self.open(S3Files(url, server.access_key, server.secret_key, SMALL_PART), url)

        self._dress = dress
        super().__init__(parts.port, make)

    def bucket_of(self, server: S3Server) -> str:
        return server.bucket

    def open(self, files: S3Files, url: str) -> RemoteStore:
        return TimedRemoteStore("桶", self._dress(files), VAULT, url, time=files.time)

    def spoil(self, digest: Digest, data: bytes) -> None:
        self.client.put_object(self.bucket, self.key(digest), io.BytesIO(data), len(data))

    def set_aside_bytes(self, place: str) -> bytes:
        return self.client.get_object(self.bucket, f"{self.folder}/{place}").data

    def key(self, digest: Digest) -> str:
        return f"{self.folder}/{place_of(digest)}"


class LockedS3Rig(S3Rig):
    """A bucket with Object Lock."""

    mode = LockMode.COMPLIANCE

    def bucket_of(self, server: S3Server) -> str:
        return server.locked_bucket

    def open(self, files: S3Files, url: str) -> LockingRemoteStore:
        return LockingRemoteStore("桶", self._dress(files), VAULT, url, locks=S3Locks(files, self.mode))

    def versions(self, digest: Digest) -> list[Object]:
        """What there is of a copy, the newest first, and what hides it."""
        found = self.client.list_objects(self.bucket, self.key(digest), recursive=True, include_version=True)
        return [one for one in found if one.object_name == self.key(digest)]


def tree_rig(url: str, folder: Path, name: str, open_tree: Callable[[str], Tree], dress: Dress) -> FolderRig:
    """A folder of this name on a share, or below an SFTP server's."""
    (folder / name).mkdir(mode=0o777)
    parts = urlsplit(url)
    assert parts.port is not None

    def make(port: int) -> RemoteStore:
        through = parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()
        files = TreeFiles(open_tree(f"{through}/{name}"))
        return MeasuredRemoteStore("远", dress(files), VAULT, through, time=files.time, room=files.room)

    return FolderRig(parts.port, make, folder / name)


def smb_rig(share: Share, name: str, dress: Dress = plain) -> FolderRig:
    return tree_rig(share.url, share.folder, name, lambda url: SmbTree(url, share.password), dress)


def sftp_rig(server: SftpServer, name: str, dress: Dress = plain) -> FolderRig:
    key = str(server.private_key)
    return tree_rig(server.url, server.folder, name, lambda url: SftpTree(url, server.host_key, key), dress)


class _Away:
    """A file system that answers nothing."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the client is closed")  # what async file systems say


class GenericRig:
    """A place that is reached through fsspec alone: this machine's files, where nothing else is named."""

    def __init__(self, folder: Path | str, dress: Dress = plain) -> None:
        self._location = folder if isinstance(folder, str) else f"file://{folder}"
        self._dress = dress
        self._files: list[FsspecFiles] = []
        self.store = self.elsewhere()
        self.store.create_files(FOUNDING)

    def spoil(self, digest: Digest, data: bytes) -> None:
        with fsspec.open(f"{self._location}/{place_of(digest)}", "wb") as file:
            file.write(data)

    def set_aside_bytes(self, place: str) -> bytes:
        with fsspec.open(f"{self._location}/{place}", "rb") as file:
            return bytes(file.read())

    def cut_off(self) -> None:
        for files in self._files:
            files._opened._made = (os.getpid(), (_Away(), self._location))

    def elsewhere(self) -> RemoteStore:
        self._files.append(FsspecFiles(self._location, {}))
        return RemoteStore("远", self._dress(self._files[-1]), VAULT, self._location)
