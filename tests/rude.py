"""An S3 server without manners: a real one behind a gateway that drops what some servers ignore.

Conditions and checksums never arrive; the gateway signs what is left anew. It can also spoil what is sent, as a server
would that checks nothing.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import urllib3
from minio.credentials import Credentials
from minio.signer import sign_v4_s3

from tests.servers import S3Server

_DROPPED = ("if-none-match", "x-amz-checksum-", "x-amz-sdk-checksum", "authorization", "content-md5")
_OF_THE_LINE = ("connection", "transfer-encoding", "content-length", "date", "server")


@dataclass(frozen=True)
class RudeServer:
    """The server as its clients see it."""

    s3: S3Server
    gateway: "_Gateway"

    def spoil(self, word: str) -> None:
        """From now on a byte of what is sent under names with this word arrives changed."""
        self.gateway.spoiled = word


class _Gateway(ThreadingHTTPServer):
    daemon_threads = True
    spoiled = ""

    def __init__(self, server: S3Server) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind = urlsplit(server.url).netloc
        self.credentials = Credentials(server.access_key, server.secret_key)
        self.pool = urllib3.PoolManager(maxsize=16)

    def pass_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        url = urlsplit(f"http://{self.behind}{path}")
        kept = {name: value for name, value in headers.items() if not name.lower().startswith(_DROPPED)}
        kept |= {"Host": self.behind, "x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
        now = datetime.now(UTC)
        kept["x-amz-date"] = now.strftime("%Y%m%dT%H%M%SZ")
        signed: Any = sign_v4_s3(
            method=method,
            url=url,
            region="us-east-1",
            headers=kept,
            credentials=self.credentials,
            content_sha256=kept["x-amz-content-sha256"],
            date=now,
        )
        return self.pool.request(method, url.geturl(), body=body, headers=signed, retries=False)


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body of an answer in one piece
    server: _Gateway

    def log_message(self, *words: object) -> None:
        """Nobody reads it."""

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "PUT" and body and self.server.spoiled and self.server.spoiled in self.path:
            body = bytes([body[0] ^ 1]) + body[1:]
        headers = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in _OF_THE_LINE and not name.lower().startswith("x-amz-date")
        }
        answer = self.server.pass_on(self.command, self.path, headers, body)
        self.send_response_only(answer.status)
        length = answer.headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(answer.data))
        for name, value in answer.headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(answer.data)
        self.wfile.flush()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # http.server's names


@contextmanager
def rude(server: S3Server) -> Iterator[RudeServer]:
    """The gateway, until the end."""
    gateway = _Gateway(server)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    try:
        yield RudeServer(replace(server, url=f"http://127.0.0.1:{gateway.server_port}"), gateway)
    finally:
        gateway.shutdown()
        gateway.server_close()
        gateway.pool.clear()
