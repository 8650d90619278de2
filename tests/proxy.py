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
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.cut()
        self._listener.close()

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
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                if self._cut:
                    _hang_up(client)
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._server), timeout=5)
                except OSError:
                    _hang_up(client)
                    continue
                server.settimeout(None)
                with self._lock:
                    self._lines |= {client, server}
                for source, target, counted in ((client, server, True), (server, client, False)):
                    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=self._pass_on, args=(source, target, counted), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        try:
            while data := source.recv(65_536):
                if counted and self._left is not None:
                    with self._lock:
                        part = data[: max(0, self._left)]
                        self._left -= len(data)
                    target.sendall(part)
                    if self._left <= 0:
                        self.cut()
                        return
                else:
                    target.sendall(data)
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
