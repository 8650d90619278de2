"""A service in a process of its own that can be killed (tests/faults/services.py).

Six jobs a second, each of which takes a while, beside the real ones that bring copies. LOG gets a line at the begin and
at the end of each run: what, which job, which process, when (CLOCK_MONOTONIC).
"""

import os
import time
from datetime import timedelta
from pathlib import Path

from ops.serving.jobs import JOBS, Job, Planned
from ops.serving.loop import Loop, Pace
from ops.serving.schedules import Every
from ops.serving.work import Desk, Outcome, Tick, Work
from ops.wiring import Working, open_catalogue
from vault.text import Text

SECOND = Every(timedelta(seconds=1))


def noting(name: str, log: int) -> Work:
    def work(_desk: Desk, tick: Tick) -> Outcome:
        os.write(log, f"begin {name} {os.getpid()} {time.monotonic()}\n".encode())
        for _ in range(10):
            time.sleep(0.03)
            tick(1)
        os.write(log, f"end {name} {os.getpid()} {time.monotonic()}\n".encode())
        return Outcome(Text(en="done", zh="完成"))

    return work


def main(home: Path, path: Path, lease: timedelta) -> None:
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    working = Working(person="档案库服务")
    planned = [
        Planned(name, Job(label=Text(en=name, zh=name), work=noting(name, log), usually=lambda _: SECOND), SECOND)
        for name in ("甲", "乙", "丙", "丁", "戊", "己")
    ]
    planned += [Planned(name, JOBS[name], SECOND) for name in ("publish", "repair")]
    with open_catalogue(home, working) as vault:
        desk = Desk(home, working, dict)
        pace = Pace(lease=lease, beat=0.5)
        loop = Loop(vault=vault, desk=desk, planned=planned, tell=lambda _: None, pace=pace)
        loop.enrol()
        while True:
            loop.turn()
            time.sleep(0.05)
