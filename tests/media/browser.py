"""A real browser without a window, spoken to by its DevTools protocol over a pipe: no package is needed for it."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SWITCHES = (
    "--headless",
    "--no-sandbox",  # as root it has none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1440,900",
    "--accept-lang=zh-CN",
    "--remote-debugging-pipe",
)


class Browser:
    """One page. `events`: all that the browser told of it, in order."""

    def __init__(self, asked: int, told: int) -> None:
        self._asked = asked
        self._told = told
        self._buffer = b""
        self._number = 0
        self._session = ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._asked, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page; a promise's once it is kept."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, page: Path, fragment: str = "") -> None:
        self.call("Page.navigate", url=page.as_uri() + fragment)
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def until(self, script: str, seconds: float = 15) -> None:
        """Wait until that is true in the page."""
        end = time.monotonic() + seconds
        while not self.evaluate(script):
            assert time.monotonic() < end, script
            time.sleep(0.05)

    def requests(self) -> list[str]:
        """Addresses of all that was asked for so far."""
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """Errors of scripts, and what the page's policy refused."""
        said = [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded"]
        thrown = [e["params"] for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        return said + [json.dumps(one) for one in thrown]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            block = os.read(self._told, 1 << 16)
            assert block, "the browser has gone"
            self._buffer += block
        message, _, self._buffer = self._buffer.partition(b"\0")
        read: dict[str, Any] = json.loads(message)
        return read


@contextmanager
def browsing(home: Path) -> Iterator[Browser]:
    """A browser that keeps its things in `home`."""
    from_us, asked = os.pipe()
    told, to_us = os.pipe()
    # It reads from descriptor 3 and writes to 4; the shell moves the pipes there.
    moved = f'exec "$@" 3<&{from_us} 4>&{to_us}'
    with subprocess.Popen(
        ["bash", "-c", moved, "bash", "chromium", *_SWITCHES, f"--user-data-dir={home}"],
        pass_fds=(from_us, to_us),
        env=os.environ | {"HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(from_us)
        os.close(to_us)
        try:
            yield Browser(asked, told)
        finally:
            process.kill()
            process.wait()
            os.close(asked)
            os.close(told)
