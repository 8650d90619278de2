"""A server that speaks SFTP, through asyncssh.

Location: sftp://USER@HOST[:PORT]/FOLDER. The secret is a TOML file with `private_key` (a file's path, relative to the
secret's own folder) or `password`, and `host_key`, the server's public key as `ssh-keyscan` prints it without the
host's name: a server with another key is refused.

OpenSSH's extensions make bytes durable (fsync@openssh.com) and replace a file at once (posix-rename@openssh.com); its
plain rename refuses a name that is taken. A server without the first is told of by `store probe`.
"""

import asyncio
import errno
import io
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast
from urllib.parse import unquote, urlsplit

import asyncssh

from backends.oserrors import LoginRefused
from backends.perprocess import PerProcess
from backends.trees import BLOCK, Entry
from vault.causes import cause
from vault.errors import BadInput, BadSecret
from vault.ports import Capacity
from vault.text import Text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# What it says of a broken connection is said by the errors too.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

_CONNECT, _SILENCE = 10.0, 5.0  # seconds
_GOODBYE = 0.1  # seconds
_SENT_AHEAD = 4 << 20  # bytes under way before an answer is waited for
_T = TypeVar("_T")
_Work = Callable[[asyncssh.SFTPClient], Awaitable[_T]]
_OTHER_HOST = Text(en="its server has another host key than host_key says", zh="服务器的主机密钥与 host_key 不符")
_WHICH_HOST = Text(
    en="Find out why: it may be another machine, and nothing was sent to it. If its key was rightly changed, put "
    "what ssh-keyscan prints as host_key into the file that `secret` names in strongroom.toml.",
    zh="请查明原因：可能是另一台机器，未向其发送任何内容。如确系更换密钥，请将 ssh-keyscan 的输出写入 strongroom.toml "
    "中 secret 所指文件的 host_key。",
)
_NO_KEY = Text(
    en="private_key is no private key that opens without a password", zh="private_key 不是可免密码使用的私钥"
)


class SftpTree:
    """See `Tree` in trees.py."""

    def __init__(
        self, location: str, host_key: str, private_key: str | None = None, password: str | None = None
    ) -> None:
        parts = urlsplit(location)
        if parts.scheme != "sftp" or not parts.hostname or not parts.path.strip("/"):
            raise BadInput(
                Text(
                    en=f"{location!r} is no place for SFTP; write sftp://USER@HOST/FOLDER.",
                    zh=f"{location!r} 不是 SFTP 位置；请写作 sftp://用户@主机/文件夹。",
                )
            )
        self._root = unquote(parts.path).rstrip("/")
        self._login: dict[str, Any] = {
            "host": parts.hostname,
            "port": parts.port or 22,
            "username": unquote(parts.username or ""),
            "known_hosts": ([_public_key(host_key)], [], []),
            "client_keys": [private_key] if private_key else None,
            "password": password,
            "agent_path": None,
            "config": None,
            "encryption_algs": "^aes128-gcm@openssh.com,aes256-gcm@openssh.com",  # processors have AES built in
            "connect_timeout": _CONNECT,
            "keepalive_interval": _SILENCE,  # three of them without an answer, and the line is given up
        }
        self._line = PerProcess(lambda: _Line(self._login))

    def size(self, path: str) -> int:
        async def go(sftp: asyncssh.SFTPClient) -> int:
            return (await sftp.stat(self._at(path))).size or 0

        return self._do(path, go)

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        line = self._line.get()

        async def begin(sftp: asyncssh.SFTPClient) -> asyncssh.SFTPClientFile:
            return await sftp.open(self._at(path), "rb")

        file = self._do_on(line, path, begin)

        def read(size: int, at: int) -> bytes:
            return cast(bytes, self._do_on(line, path, lambda _: file.read(size, at)))

        try:
            yield cast(BinaryIO, io.BufferedReader(_Reading(read, start), BLOCK))
        finally:
            self._do_on(line, path, lambda _: file.close())

    def write(self, path: str, stream: BinaryIO) -> None:
        async def go(sftp: asyncssh.SFTPClient) -> None:
            async with await sftp.open(self._at(path), "xb") as file:
                while block := stream.read(_SENT_AHEAD):
                    await file.write(block)
                await file.fsync()

        self._do(path, go)

    def rename(self, path: str, to: str) -> None:
        async def go(sftp: asyncssh.SFTPClient) -> None:
            try:
                await sftp.rename(self._at(path), self._at(to))
            except asyncssh.SFTPFailure:  # the protocol has no word for "taken"
                if await sftp.exists(self._at(to)):
                    raise FileExistsError(errno.EEXIST, "exists", to) from None
                raise

        self._do(to, go)

    def write_named(self, path: str, stream: BinaryIO, to: str) -> None:
        self.write(path, stream)
        self.rename(path, to)

    def rename_over(self, path: str, to: str) -> None:
        self._do(to, lambda sftp: sftp.posix_rename(self._at(path), self._at(to)))

    def make_folder(self, path: str) -> None:
        async def go(sftp: asyncssh.SFTPClient) -> None:
            try:
                await sftp.mkdir(self._at(path))
            except asyncssh.SFTPFailure:
                if await sftp.exists(self._at(path)):
                    raise FileExistsError(errno.EEXIST, "exists", path) from None
                raise

        self._do(path, go)

    def remove(self, path: str) -> None:
        self._do(path, lambda sftp: sftp.remove(self._at(path)))

    def remove_folder(self, path: str) -> None:
        self._do(path, lambda sftp: sftp.rmdir(self._at(path)))

    def list(self, folder: str) -> Sequence[Entry]:
        async def go(sftp: asyncssh.SFTPClient) -> Sequence[Entry]:
            return [
                Entry(
                    cast(str, found.filename),
                    found.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY,
                    found.attrs.size or 0,
                    float(found.attrs.mtime or 0),
                )
                for found in await sftp.readdir(self._at(folder))
                if found.filename not in (".", "..")
            ]

        return self._do(folder, go)

    def room(self) -> Capacity:
        async def go(sftp: asyncssh.SFTPClient) -> Capacity:
            found = await sftp.statvfs(self._root)
            return Capacity(total=found.blocks * found.frsize, free=found.bavail * found.frsize)

        return self._do("", go)

    def close(self) -> None:
        line = self._line.drop()
        if line is not None:
            line.close()

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _do(self, path: str, work: _Work[_T]) -> _T:
        """Run it on this process's line."""
        return self._do_on(self._line.get(), path, work)

    def _do_on(self, line: "_Line", path: str, work: _Work[_T]) -> _T:
        """Its errors as OSErrors. A broken line is forgotten."""
        try:
            return line.run(work)
        except asyncssh.SFTPNoSuchFile as error:
            raise FileNotFoundError(errno.ENOENT, error.reason, path) from error
        except asyncssh.SFTPPermissionDenied as error:
            raise PermissionError(errno.EACCES, error.reason, path) from error
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost) as error:
            self._give_up(line)
            raise ConnectionError(errno.ECONNABORTED, error.reason, path) from error
        except asyncssh.SFTPOpUnsupported as error:
            raise OSError(errno.EOPNOTSUPP, error.reason, path) from error
        except asyncssh.SFTPError as error:
            code = errno.ENOSPC if "space" in error.reason.lower() else errno.EIO
            raise OSError(code, error.reason, path) from error
        except asyncssh.PermissionDenied as error:
            self._give_up(line)
            raise LoginRefused from error
        except asyncssh.HostKeyNotVerifiable as error:
            self._give_up(line)
            raise LoginRefused(_OTHER_HOST, _WHICH_HOST) from error
        except (asyncssh.Error, TimeoutError) as error:
            self._give_up(line)
            raise ConnectionError(errno.ECONNABORTED, str(error)[:200] or "no answer", path) from error
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOENT):
                self._give_up(line)
            raise

    def _give_up(self, line: "_Line") -> None:
        self._line.drop(line)
        line.close()


def _public_key(line: str) -> asyncssh.SSHKey:
    """As a server's key file has it, or as ssh-keyscan prints it, with the host's name in front; else BadSecret."""
    words = line.split()
    begin = next((n for n, word in enumerate(words) if word.startswith(("ssh-", "ecdsa-", "sk-"))), 0)
    try:
        return asyncssh.import_public_key(" ".join(words[begin:]))
    except asyncssh.KeyImportError as error:
        raise BadSecret(
            Text(en=f"host_key is no public key: {line[:60]!r}.", zh=f"host_key 不是公钥：{line[:60]!r}。"),
            hint=Text(en="Take the line that ssh-keyscan prints.", zh="请填写 ssh-keyscan 输出的那一行。"),
        ) from error


class _Line:
    """One process's connection, served by a thread of its own."""

    def __init__(self, login: dict[str, Any]) -> None:
        self._login = login
        self._loop = asyncio.new_event_loop()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._opening = asyncio.Lock()
        self._handing_over = threading.Lock()
        self._given_up = False
        self._aside = ThreadPoolExecutor(1, "sftp-aside")  # where asyncssh reads keys and looks up names
        self._loop.set_default_executor(self._aside)
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp", daemon=True)
        self._thread.start()

    def run(self, work: _Work[_T]) -> _T:
        """From any thread. ConnectionError where the line was given up meanwhile."""
        with self._handing_over:
            if self._given_up:
                raise ConnectionError(errno.ECONNABORTED, "the line was given up")
            future = asyncio.run_coroutine_threadsafe(self._with_client(work), self._loop)
        try:
            return future.result()
        except CancelledError as error:
            raise ConnectionError(errno.ECONNABORTED, "the line was given up") from error

    async def _with_client(self, work: _Work[_T]) -> _T:
        async with self._opening:
            if self._client is None:
                self._connection = await self._connect()
                self._client = await self._connection.start_sftp_client()
        return await work(self._client)

    async def _connect(self) -> asyncssh.SSHClientConnection:
        try:
            return await asyncssh.connect(**self._login)
        except asyncssh.KeyImportError as error:
            raise LoginRefused(_NO_KEY) from error
        except OSError as error:
            if error.filename is None:  # the line's
                raise
            why = cause(error)  # the key's file: that it is absent says nothing of the server's files
            raise LoginRefused(Text(en=f"private_key: {why.en}", zh=f"private_key：{why.zh}")) from error

    def close(self) -> None:
        """Break off whatever is under way, for all threads, and end."""
        with self._handing_over:
            if self._given_up:
                return
            self._given_up = True
        asyncio.run_coroutine_threadsafe(self._break_off(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._aside.shutdown()
        self._loop.close()

    async def _break_off(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        while others:  # one may use its first cancellation to wait for an answer, which nobody is left to receive
            for task in others:
                task.cancel()
            _, others = await asyncio.wait(others, timeout=_GOODBYE)


class _Reading(io.RawIOBase):
    """A file on the server, from `start` on; `read` takes a size and where."""

    def __init__(self, read: Callable[[int, int], bytes], start: int) -> None:
        self._read = read
        self._at = start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        with memoryview(buffer) as view:
            data = self._read(len(view), self._at)
            view[: len(data)] = data
        self._at += len(data)
        return len(data)
