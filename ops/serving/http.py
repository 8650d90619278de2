"""What a service tells over HTTP: /metrics to whoever may know it, /healthz and /readyz to everybody who can connect.

Nothing here asks a store. A connection that says nothing, or shakes hands for ever, keeps nobody else: uvicorn has them
all in one thread that waits for none, and figures are counted in another, one scrape at a time.
"""

import asyncio
import errno
import hmac
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from ops.config import FILE
from ops.misread import wrong_at
from ops.servingconfig import ServeConfig
from ops.servingfiles import readable
from vault.causes import cause
from vault.errors import BadInput, Busy, StrongroomError
from vault.text import Text

_CONNECTIONS = 200  # at once; more are told to come again
_Message = MutableMapping[str, Any]
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, and the body as text of a type."""

    status: int
    body: bytes
    content_type: str = _PLAIN


@dataclass(slots=True)
class Pages:
    """`figures`: what /metrics tells; `alive`, `ready`: why not, where it is not so. `token`: empty: nobody has to."""

    figures: Callable[[], bytes]
    alive: Callable[[], str]
    ready: Callable[[], str]
    token: str = ""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    async def __call__(
        self,
        scope: _Message,
        _receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        """As ASGI 3.0 has it."""
        headers = dict(scope["headers"])
        answer = await asyncio.to_thread(
            self.answer, scope["method"], scope["path"], headers.get(b"authorization", b"")
        )
        head = [(b"content-type", answer.content_type.encode()), (b"content-length", b"%d" % len(answer.body))]
        head += [(b"www-authenticate", b"Bearer")] if answer.status == 401 else []
        await send({"type": "http.response.start", "status": answer.status, "headers": head})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    def answer(self, method: str, path: str, authorization: bytes) -> Answer:
        """What a request is told."""
        if path not in ("/metrics", "/healthz", "/readyz"):
            return Answer(404, b"/metrics /healthz /readyz\n")
        if method not in ("GET", "HEAD"):
            return Answer(405, b"GET\n")
        if path != "/metrics":
            trouble = self.alive() if path == "/healthz" else self.ready()
            return Answer(503 if trouble else 200, f"{trouble or 'ok'}\n".encode())
        if self.token and not hmac.compare_digest(authorization, f"Bearer {self.token}".encode()):
            return Answer(401, b"the token of strongroom.toml's token_file\n")
        try:
            with self._turn:
                return Answer(200, self.figures(), CONTENT_TYPE_LATEST)
        except StrongroomError as error:
            return Answer(503, f"{type(error).__name__}\n".encode())


class HttpServer:
    """Pages at the place that [serve] names, from a thread of their own. BadInput or Busy where that cannot be."""

    def __init__(self, home: Path, serve: ServeConfig, pages: Pages) -> None:
        files = {
            key: str(readable(home, f"serve.{key}", getattr(serve, key)))
            for key in ("certificate", "key", "client_ca")
            if getattr(serve, key)
        }
        config = uvicorn.Config(
            pages,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=2,
            ssl_certfile=files.get("certificate"),
            ssl_keyfile=files.get("key"),
            ssl_ca_certs=files.get("client_ca"),
            ssl_cert_reqs=ssl.CERT_REQUIRED if serve.client_ca else ssl.CERT_NONE,
        )
        try:
            config.load()
        except ssl.SSLError as error:
            raise _wrong(
                home, "serve.certificate", Text(en=f"not usable ({error.reason})", zh="证书或私钥无法使用")
            ) from error
        self._server = uvicorn.Server(config)
        self._socket = _listening(home, serve)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let go of the place. What is being told is told to its end, two seconds long."""
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()


def _listening(home: Path, serve: ServeConfig) -> socket.socket:
    host, port = serve.place
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:  # it may be free again in a moment: a manager tries anew
            raise Busy(
                Text(en=f"{serve.listen} is taken.", zh=f"{serve.listen} 已被占用。"),
                hint=Text(
                    en=f"Stop who has it, or choose another port: [serve] listen in {FILE}.",
                    zh=f"请停止占用该端口的程序，或在 {FILE} 的 [serve] 中另选 listen。",
                ),
            ) from error
        why = cause(error)
        what = Text(en=f"{serve.listen}: {why.en}", zh=f"{serve.listen}：{why.zh}")
        raise _wrong(home, "serve.listen", what) from error


def _wrong(home: Path, key: str, what: Text) -> BadInput:
    return wrong_at(home / FILE, key, what)
