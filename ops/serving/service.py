"""A service from its start to its end: whoever works is let in, jobs are enrolled, figures told, and signals heeded."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from ops.config import Config, read_config
from ops.metrics import exposition
from ops.serving.http import HttpServer, Pages
from ops.serving.jobs import planned
from ops.serving.lookout import Lookout
from ops.serving.loop import Loop, Pace, Told
from ops.serving.systemd import notify
from ops.serving.work import Desk, require_rights
from ops.servingfiles import read_token
from ops.wiring import Working, open_catalogue
from vault.errors import StrongroomError
from vault.text import Text

_LATELY = 120.0  # seconds within which the loop must have turned: it may wait a minute for a busy catalogue


@dataclass(slots=True)
class Stop:
    """Whether the service was told to stop. Set by signals; a second one ends the process at once."""

    asked: bool = False

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """While this is held, SIGTERM and SIGINT only ask."""
        before = {one: signal.signal(one, self._ask) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@dataclass(slots=True, kw_only=True)
class Service:
    """`tell`: hears of every run that ended."""

    home: Path
    working: Working
    tell: Callable[[Told], object]
    pace: Pace = field(default_factory=Pace)
    stop: Stop = field(default_factory=Stop)

    def run(self) -> bool:
        """Serve until told to stop. False: a job did not stop, and hangs; whoever calls has to end the process."""
        with self._ready() as (loop, config, lookout), ExitStack() as stack:
            if config.serve.listen:
                stack.enter_context(serving(self.home, config, loop, lookout))
            notify("READY=1", f"STATUS={len(loop.planned)} jobs")
            while not self.stop.asked:
                loop.turn()
                notify("WATCHDOG=1")
                time.sleep(self.pace.turn)
            notify("STOPPING=1")
            return loop.stop(_STOPPED)

    def run_once(self) -> bool:
        """Do what is due, and what becomes due meanwhile, then end."""
        with self._ready() as (loop, _, _):
            while not self.stop.asked and loop.turn():
                time.sleep(min(self.pace.turn, 0.1))
            return loop.stop(_STOPPED)

    @contextmanager
    def _ready(self) -> Iterator[tuple[Loop, Config, Lookout]]:
        config = read_config(self.home)
        jobs = planned(config)
        with open_catalogue(self.home, self.working) as vault, self.stop.on_signals():
            require_rights(vault, (one.job.needs for one in jobs))
            with Lookout(vault).looking() as lookout:
                desk = Desk(self.home, self.working, lookout.look)
                loop = Loop(vault=vault, desk=desk, planned=jobs, tell=self.tell, pace=self.pace)
                loop.enrol()
                yield loop, config, lookout


@contextmanager
def serving(home: Path, config: Config, loop: Loop, lookout: Lookout) -> Iterator[None]:
    """While this is held, figures and health are told."""
    vault = loop.vault

    def alive() -> str:
        return "" if time.monotonic() - loop.turned_at < _LATELY else "the loop has stopped"

    def ready() -> str:
        try:
            with vault.database.reading() as connection:
                connection.exec_driver_sql("SELECT 1").scalar()
        except StrongroomError as error:
            return type(error).__name__
        seen = lookout.look()
        here = [name for name in vault.writable if name in seen and not (seen[name].trouble or seen[name].shut)]
        return "" if vault.enough(here) else "too few stores take writes"

    token = read_token(home, config.serve.token_file) if config.serve.token_file else ""
    pages = Pages(lambda: exposition(vault, config.every, lookout.look), alive, ready, token)
    server = HttpServer(home, config.serve, pages)
    server.start()
    try:
        yield
    finally:
        server.stop()


_STOPPED = Text(en="The service was told to stop.", zh="服务已收到停止指令。")
