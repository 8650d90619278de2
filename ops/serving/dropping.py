"""The job that takes in what is dropped: `strongroom watch --once` as a process of its own.

An intake forks its porters, and that no process may do in which threads are at work (vault/intake/porters.py).
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from ops.serving.work import Desk, Outcome, Tick
from vault.errors import IntegrityBroken, Refused, StoreUnavailable, StrongroomError
from vault.intake.dropped import turn
from vault.text import Text

_PAUSE = 0.5  # seconds
_PATIENCE = 30.0  # until one that was told to stop is killed
_MEANS: dict[int, type[StrongroomError]] = {3: IntegrityBroken, 4: Refused, 5: StoreUnavailable}


def watch(desk: Desk, tick: Tick) -> Outcome:
    """Every drop folder once. What could not be taken in waits for people, and is no failure of the job."""
    with turn(desk.home):  # Busy where a person's is at it
        pass
    with tempfile.TemporaryFile() as told, _looking(desk, told) as process:
        while process.poll() is None:
            tick(0)
            time.sleep(_PAUSE)
        looked = list(_looked(told))
    taken, refused = sum(one["taken"] for one in looked), sum(one["aside"] for one in looked)
    what = Text(en=f"{taken} taken in, {refused} could not be", zh=f"已入库 {taken}，未能入库 {refused}")
    if process.returncode and len(looked) < len(desk.config.watch):
        return Outcome(what, _trouble(process.returncode))
    return Outcome(what, found=refused)


@contextmanager
def _looking(desk: Desk, told: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    """It is told to stop when whoever is at the job must."""
    process = subprocess.Popen(_command(desk), stdin=subprocess.DEVNULL, stdout=told, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(desk: Desk) -> Sequence[str]:
    working = desk.working
    said = ["--by", working.person] if working.via else []
    said += ["--clock-is-right"] if working.clock_vouched else []
    return [sys.executable, "-m", "ops.cli", "--vault", str(desk.home), *said, "watch", "--once", "--json"]


def _looked(told: IO[bytes]) -> Iterator[dict[str, Any]]:
    """What it came to in each folder."""
    told.seek(0)
    for line in told:
        row = json.loads(line)
        if row["result"] == "looked":
            yield row


def _trouble(code: int) -> StrongroomError:
    """Its own words were for standard error: they may name people."""
    what = Text(
        en=f"watch ended with exit code {code}; run: strongroom watch --once",
        zh=f"watch 以退出码 {code} 结束；请运行 strongroom watch --once",
    )
    return _MEANS.get(code, StrongroomError)(what)
