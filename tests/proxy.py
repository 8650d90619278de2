"""A line to a server that can be cut, at once or after so many bytes, for good or once; or that falls silent."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Proxy:
    """Passes bytes on between a port of its own and a server's."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._cut = False
        self._left: int | None = None  # bytes towards the server before the cut
        self._for_good = True
        self._speaking = threading.Event()
        self._speaking.set()
        self.sent = 0  # bytes that went to the server
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._for_good = True
        self.cut()
        _hang_up(self._listener)

    def cut(self) -> None:
        """All lines break, and new ones are refused."""
        self._speaking.set()
        with self._lock:
            self._cut = self._for_good
            lines, self._lines = self._lines, set()
        for line in lines:
            _hang_up(line)

    def mend(self) -> None:
        """Lines can be opened again."""
        self._left = None
        self._cut = False
        self._for_good = True
        self._speaking.set()

    def cut_after(self, count: int, *, for_good: bool = True) -> None:
        """Once so many more bytes have gone to the server; where it is not for good, new lines can be opened."""
        self._for_good = for_good
        self._left = count

    def fall_silent(self) -> None:
        """Lines stay open, and nothing passes any more."""
        self._speaking.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # it was closed
                return
            try:
                self._join(client)
            except OSError:  # cut meanwhile, or the server is gone
                _hang_up(client)

    def _join(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._server), timeout=5)
        server.settimeout(None)
        for line in (client, server):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            if self._cut:
                _hang_up(server)
                raise ConnectionError
            self._lines |= {client, server}
        for source, target, counted in ((client, server, True), (server, client, False)):
            threading.Thread(target=self._pass_on, args=(source, target, counted), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        try:
            while data := source.recv(65_536):
                self._speaking.wait()
                if not counted:
                    target.sendall(data)
                    continue
                with self._lock:
                    self.sent += len(data)
                    over = self._left is not None and self._left <= len(data)
                    if self._left is not None:
                        data, self._left = data[: self._left], max(0, self._left - len(data))
                target.sendall(data)
                if over:
                    self._left = None
                    self.cut()
                    return
        except OSError:
            pass
        with self._lock:
            self._lines -= {source, target}
        for line in (source, target):
            _hang_up(line)


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        line.close()
