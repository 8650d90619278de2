"""A real Alertmanager with the project's configuration, and somebody whom it tells."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3

from tests.servers import Server, free_ports, listens, program

CONFIG = Path(__file__).parents[1] / "ops/alerts/alertmanager.yml"
_WAITS = {"group_wait: 1m": "group_wait: 0s", "group_interval: 5m": "group_interval: 1s"}


@dataclass
class Told:
    """What reached the people: (receiver, alert), in the order in which it came."""

    port: int
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def of(self, alert: str, status: str) -> list[tuple[str, dict[str, Any]]]:
        return [one for one in self.heard if (one[1]["labels"]["alertname"], one[1]["status"]) == (alert, status)]

    def kept_back(self, alert: str) -> set[str]:
        """The stores of which it is not told, since another alert says why."""
        there = urllib3.request("GET", f"http://127.0.0.1:{self.port}/api/v2/alerts", timeout=5).json()
        mine = [one for one in there if one["labels"]["alertname"] == alert]
        return {one["labels"]["store"] for one in mine if one["status"]["inhibitedBy"]}


@contextmanager
def alertmanager(folder: Path) -> Iterator[Told]:
    """With its patience cut to a second, and its receivers here; `port` is its own."""
    own, ours = free_ports(2)
    text = CONFIG.read_text(encoding="utf-8").replace("127.0.0.1:9780", f"127.0.0.1:{ours}")
    for patient, hasty in _WAITS.items():
        assert patient in text
        text = text.replace(patient, hasty)
    (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
    command = [program("prometheus-alertmanager", "prometheus-alertmanager")]
    command += [f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'alertmanager'}"]
    command += [f"--web.listen-address=127.0.0.1:{own}", "--cluster.listen-address="]

    def ready() -> bool:
        return listens(own) and urllib3.request("GET", f"http://127.0.0.1:{own}/-/ready", timeout=5).status == 200

    told = Told(own)
    server = Server(command, ready, folder / "alertmanager.log", {})
    with _receiver(ours, told):
        server.start()
        try:
            yield told
        finally:
            server.kill()


@contextmanager
def _receiver(port: int, told: Told) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.heard += [(message["receiver"], alert) for alert in message["alerts"]]
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
