"""Blocks of a large file on their way to a share, several at a time: while the server writes one, the next is signed
and sent, and a line with a long way to the server is not left idle.

What is under way costs credits (MS-SMB2 3.2.4.1.5), which a connection's threads share: each may have one block under
way in any case, and more as long as nobody has to wait for it.
"""

import errno
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, NamedTuple
from weakref import WeakKeyDictionary

from smbprotocol.connection import Connection, Request
from smbprotocol.exceptions import SMBException
from smbprotocol.open import Open

_CREDIT = 64 << 10  # bytes that one pays for
_LARGEST = 1 << 20  # bytes of a block
_AHEAD = 4  # blocks of one file


class _Sent(NamedTuple):
    request: Request
    written: Callable[[Request], int]
    size: int


class Window:
    """How much a connection may have under way at the same time, over all its files: three quarters of the credits that
    it has at the beginning.
    """

    def __init__(self, connection: Connection) -> None:
        has = connection.sequence_window
        credits_ = max(1, (has["high"] - has["low"]) * 3 // 4)
        self._block = min(_LARGEST, connection.max_write_size, credits_ * _CREDIT)
        self._free = threading.BoundedSemaphore(max(1, credits_ * _CREDIT // self._block))

    def write(self, file: Open, at: int, block: bytes, stream: BinaryIO) -> None:
        """This block and the rest of the stream, from an offset on. OSError EIO where the server took a part of one."""
        under_way: deque[_Sent] = deque()
        try:
            while block:
                self._take(under_way)
                try:
                    message, written = file.write(block, at, send=False)
                    tree = file.tree_connect
                    request = file.connection.send(message, tree.session.session_id, tree.tree_connect_id)
                except BaseException:
                    self._free.release()
                    raise
                under_way.append(_Sent(request, written, len(block)))
                at += len(block)
                block = stream.read(self._block)
            while under_way:
                self._confirm(under_way)
        finally:
            while under_way:  # after an error: an answer that nobody takes would stay for ever
                with suppress(SMBException, OSError):
                    self._confirm(under_way)

    def _take(self, under_way: deque[_Sent]) -> None:
        """Room for one more. Whoever has to wait for others has none under way: they may be waiting as well."""
        if len(under_way) == _AHEAD:
            self._confirm(under_way)
        if not (under_way and self._free.acquire(blocking=False)):
            while under_way:
                self._confirm(under_way)
            self._free.acquire()

    def _confirm(self, under_way: deque[_Sent]) -> None:
        """Wait for the oldest."""
        sent = under_way.popleft()
        try:
            count = sent.written(sent.request)
        finally:
            self._free.release()
        if count != sent.size:
            raise OSError(errno.EIO, "the server took a part of it")


class Windows:
    """Of each connection its own."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Connection, Window] = WeakKeyDictionary()

    def of(self, connection: Connection) -> Window:
        """The first time: by the credits that it has then."""
        if connection not in self._known:
            self._known[connection] = Window(connection)
        return self._known[connection]
