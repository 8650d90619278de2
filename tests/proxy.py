"""A line to a server that can be cut: for stores that lose their connection, at once or after so many bytes."""

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
        self.sent = 0  # bytes that went to the server
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.cut()
        _hang_up(self._listener)

    def cut(self) -> None:
        """All lines break, and new ones are refused."""
        with self._lock:
            self._cut = True
            lines, self._lines = self._lines, set()
        for line in lines:
            _hang_up(line)

    def mend(self) -> None:
        """Lines can be opened again."""
        self._left = None
        self._cut = False

    def cut_after(self, count: int) -> None:
        """Once so many more bytes have gone to the server."""
        self._left = count

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
