"""A Windows or Samba share without mounting it, through smbclient (smbprotocol).

Location: smb://USER@HOST[:PORT]/SHARE[/FOLDER]. The secret is a TOML file with `password`.

Bytes are made durable by SMB2 FLUSH, and a rename refuses a name that is taken (MS-FSCC 2.4.42). A connection that
breaks is given up, with what was under way on it; the next call opens another.
"""

import errno
import io
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

import smbclient
from smbprotocol.exceptions import (
    SMBAuthenticationError,
    SMBException,
    SMBOSError,
    SMBResponseException,
)
from smbprotocol.file_info import FileAttributes, FileRenameInformation
from smbprotocol.open import CreateDisposition, CreateOptions, FilePipePrinterAccessMask, ShareAccess

from backends.oserrors import LoginRefused
from backends.perprocess import PerProcess
from backends.smbhandle import Handle, count_of
from backends.smbwriting import Windows
from backends.trees import Entry
from vault.errors import BadInput
from vault.ports import Capacity
from vault.text import Text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# What they say of a broken connection is said by the errors too.
for _name in ("smbclient", "smbprotocol"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_TIMEOUT = 10  # seconds for a connection
# Seconds of silence after which a server is asked for an echo, and after as many again given up; smbprotocol would wait
# ten minutes each time, and reads this when it connects.
os.environ.setdefault("SMB_EXPERIMENTAL_TRANSPORT_RECEIVE_TIMEOUT", "30")
_CREDITS = 256  # requests that may be under way (MS-SMB2 3.2.4.1.2)
_SMALL = 60 << 10  # bytes that go in one message, for one credit (MS-SMB2 3.2.4.1.5)
_FILE, _FOLDER = FileAttributes.FILE_ATTRIBUTE_NORMAL, FileAttributes.FILE_ATTRIBUTE_DIRECTORY
_SHARED = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE
_PATIENCE = 5.0  # seconds for which readers of a file are waited for before it is replaced
_MEANING = {  # MS-ERREF 2.3
    0xC000007F: errno.ENOSPC,  # STATUS_DISK_FULL
    0xC0000044: errno.EDQUOT,  # STATUS_QUOTA_EXCEEDED
    0xC0000022: errno.EACCES,  # STATUS_ACCESS_DENIED
    0xC00000A2: errno.EROFS,  # STATUS_MEDIA_WRITE_PROTECTED
}
_LOGIN_REFUSED = {  # MS-ERREF 2.3
    0xC000006D,  # STATUS_LOGON_FAILURE
    0xC000006E,  # STATUS_ACCOUNT_RESTRICTION
    0xC0000071,  # STATUS_PASSWORD_EXPIRED
    0xC0000072,  # STATUS_ACCOUNT_DISABLED
    0xC0000234,  # STATUS_ACCOUNT_LOCKED_OUT
}


class SmbTree:
    """See `Tree` in trees.py."""

    def __init__(self, location: str, password: str) -> None:
        parts = urlsplit(location)
        share, _, folder = parts.path.strip("/").partition("/")
        if parts.scheme != "smb" or not parts.hostname or not share:
            raise BadInput(
                Text(
                    en=f"{location!r} is no share; write smb://USER@HOST/SHARE or smb://USER@HOST/SHARE/FOLDER.",
                    zh=f"{location!r} 不是共享位置；请写作 smb://用户@主机/共享 或 smb://用户@主机/共享/文件夹。",
                )
            )
        self._root = f"\\\\{parts.hostname}\\{unquote(share)}"
        self._folder = unquote(folder).replace("/", "\\")
        self._login = {
            "username": unquote(parts.username or ""),
            "password": password,
            "port": parts.port or 445,
            "connection_timeout": _TIMEOUT,
        }
        self._host = parts.hostname
        self._connections: PerProcess[dict[str, Any]] = PerProcess(dict)
        self._connecting = threading.Lock()
        self._windows = Windows()

    def size(self, path: str) -> int:
        with self._calling(path) as how:
            return cast(int, smbclient.stat(self._path(path), **how).st_size)

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        with self._calling(path) as how:
            file = smbclient.open_file(self._path(path), "rb", buffering=0, share_access="rwd", **how)
        try:
            file.seek(start)
            yield cast(BinaryIO, _Reading(file, lambda: self._calling(path)))
        finally:
            _close(file)

    def write(self, path: str, stream: BinaryIO) -> None:
        with self._calling(path) as how:
            self._written(path, stream, how).close()

    def write_named(self, path: str, stream: BinaryIO, to: str) -> None:
        """A small file in two round trips. Not in one: of requests that go together the later ones are done though an
        earlier one failed, and a name would be given to half a file."""
        with self._calling(path) as how:
            file = self._written(path, stream, how)
            try:
                file.ask(file.naming(self._name(to, over=False)), file.closing())
            finally:
                file.close()

    def _written(self, path: str, stream: BinaryIO, how: dict[str, Any]) -> Handle:
        """The file, open and flushed; a small one in one round trip."""
        file = Handle(self._path(path), how)
        access = FilePipePrinterAccessMask.GENERIC_WRITE | FilePipePrinterAccessMask.DELETE
        asked = [file.opening(access, _FILE, 0, CreateDisposition.FILE_CREATE, CreateOptions.FILE_NON_DIRECTORY_FILE)]
        first, more = stream.read(_SMALL), stream.read(_SMALL)
        asked += [file.writing(first)] if first else []
        asked += [file.flushing()] if not more else []
        try:
            answers = file.ask(*asked)
            if first and count_of(answers[1]) != len(first):
                raise OSError(errno.EIO, "the server took a part of it", path)
            if more:
                self._windows.of(file.file.connection).write(file.file, len(first), more, stream)
                file.ask(file.flushing())
        except BaseException:
            file.close()
            raise
        return file

    def rename(self, path: str, to: str) -> None:
        self._rename(path, to, over=False)

    def _rename(self, path: str, to: str, *, over: bool) -> None:
        """In one round trip; smbclient's own takes four, since it looks the new name's server up."""
        with self._calling(to) as how:
            file = Handle(self._path(path), how)
            access, reparse = FilePipePrinterAccessMask.DELETE, CreateOptions.FILE_OPEN_REPARSE_POINT
            opening = file.opening(access, _FILE, _SHARED, CreateDisposition.FILE_OPEN, reparse)
            try:
                file.ask(opening, file.naming(self._name(to, over=over)), file.closing())
            finally:
                file.close()  # where a request failed

    def _name(self, to: str, *, over: bool) -> FileRenameInformation:
        name = FileRenameInformation()
        name["replace_if_exists"] = over
        name["file_name"] = self._below_share(to)
        return name

    def rename_over(self, path: str, to: str) -> None:
        """The protocol refuses it while anybody reads the file that has the name: readers are waited for."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._rename(path, to, over=True)
            except PermissionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def make_folder(self, path: str) -> None:
        with self._calling(path) as how:
            folder = Handle(self._path(path), how)
            access, kind = FilePipePrinterAccessMask.FILE_WRITE_ATTRIBUTES, CreateOptions.FILE_DIRECTORY_FILE
            folder.ask(folder.opening(access, _FOLDER, 0, CreateDisposition.FILE_CREATE, kind), folder.closing())

    def remove(self, path: str) -> None:
        with self._calling(path) as how:
            smbclient.remove(self._path(path), **how)

    def remove_folder(self, path: str) -> None:
        with self._calling(path) as how:
            smbclient.rmdir(self._path(path), **how)

    def list(self, folder: str) -> Sequence[Entry]:
        with self._calling(folder) as how:
            return [
                Entry(found.name, found.is_dir(), found.smb_info.end_of_file, found.smb_info.change_time.timestamp())
                for found in smbclient.scandir(self._path(folder), **how)
            ]

    def room(self) -> Capacity:
        with self._calling("") as how:
            volume = smbclient.stat_volume(self._path(""), **how)
            return Capacity(total=volume.total_size, free=volume.caller_available_size)

    def close(self) -> None:
        connections = self._connections.drop()
        if connections:
            smbclient.reset_connection_cache(fail_on_error=False, connection_cache=connections)

    def _path(self, path: str) -> str:
        return "\\".join(part for part in (self._root, self._below_share(path)) if part)

    def _below_share(self, path: str) -> str:
        return "\\".join(part for part in (self._folder, path.replace("/", "\\")) if part)

    def _connect(self, connections: dict[str, Any]) -> None:
        """Unless it is up already, put a connection that has credits for several threads where smbclient looks."""
        with self._connecting:
            if not any(connection.transport.connected for connection in connections.values()):
                session = smbclient.register_session(self._host, connection_cache=connections, **self._login)
                session.connection.echo(session.session_id, credit_request=_CREDITS)
                self._windows.of(session.connection)  # while it has all its credits

    @contextmanager
    def _calling(self, path: str) -> Iterator[dict[str, Any]]:
        """What each call is told; its errors as OSErrors. A broken connection is forgotten."""
        connections = self._connections.get()
        try:
            self._connect(connections)
            yield {**self._login, "connection_cache": connections}
        except SMBOSError as error:
            raise OSError(_MEANING.get(error.ntstatus) or error.errno or errno.EIO, error.strerror, path) from error
        except SMBAuthenticationError as error:
            raise LoginRefused from error
        except SMBResponseException as error:
            if error.status in _LOGIN_REFUSED:
                raise LoginRefused from error
            code = _MEANING.get(error.status, errno.EIO)
            raise OSError(code, str(error).partition(":")[0][:200], path) from error
        except (SMBException, ValueError, OSError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.EEXIST):
                raise
            self._connections.drop(connections)
            raise ConnectionError(errno.ECONNABORTED, str(error)[:200], path) from error


def _close(file: Any) -> None:
    """What was read needs no last word; files on a connection that broke are closed by the server."""
    with suppress(SMBException, ValueError, OSError):
        file.close()
    file.fd._connected = False  # else Python warns that it was left open


class _Reading(io.RawIOBase):
    """A file on the share, whose failures are OSErrors."""

    def __init__(self, file: io.RawIOBase, calling: Callable[[], AbstractContextManager[object]]) -> None:
        self._file = file
        self._calling = calling

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        with self._calling():
            return self._file.readinto(buffer) or 0
