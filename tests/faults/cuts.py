"""Power cuts: the file systems that hold a vault are shut down at a random moment of an intake, without flushing.

The ioctl makes ext4 and xfs drop whatever has not been written to their log or their device, like a power cut under a
disk that keeps what it confirmed; mounting again replays the log. Acknowledgements are read before it, from a file
elsewhere. Either the whole vault lies on one file system, or its folder and each store on one of their own: then no
sync of one hides a missing one of the other. Needs root.

The bugs of planted.py have to be caught here: a campaign that catches none of them would say nothing about the program.
"""

import fcntl
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.scene import Layout, Trial, Whole, run, start, whole_run

SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN: _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2  # EXT4_GOING_FLAGS_NOLOGFLUSH, XFS_FSOP_GOING_FLAGS_NOLOGFLUSH
_MAKE = {"ext4": ("mkfs.ext4", "-q", "-F"), "xfs": ("mkfs.xfs", "-q", "-f")}
_ACKNOWLEDGED = b'"record":'  # in every line that promises something
_ROOM = 320 << 20  # bytes, sparse; mkfs.xfs takes no less than 300 MiB


@dataclass(frozen=True, slots=True)
class Disk:
    """A file with a file system in it, and where that is mounted."""

    image: Path
    point: Path

    def mount(self) -> None:
        _do("mount", "-o", "loop", str(self.image), str(self.point))

    def unmount(self) -> None:
        for _ in range(50):
            if subprocess.run(["umount", str(self.point)], capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.1)  # what was killed may not have let go yet
        _do("umount", str(self.point))


@dataclass(slots=True)
class Machine:
    """The disks of one vault, whose power can be cut; `layout` is where the vault goes."""

    disks: list[Disk]
    layout: Layout

    def cut(self, said: Path) -> bytes:
        """Cut the power; what had been said until then."""
        handles = [os.open(disk.point, os.O_RDONLY | os.O_DIRECTORY) for disk in self.disks]
        try:
            heard = said.read_bytes()
            for handle in handles:
                fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            for handle in handles:
                os.close(handle)
        return heard

    def restart(self) -> None:
        for disk in self.disks:
            disk.unmount()
            disk.mount()

    def clear(self) -> None:
        """Remove the vault that is there, and begin a new one."""
        for folder in (self.layout.home, *self.layout.stores.values()):
            shutil.rmtree(folder, ignore_errors=True)
        stores = [word for store in self.layout.stores.values() for word in ("--store", str(store))]
        made = run("--vault", str(self.layout.home), "init", "--json", *stores)
        assert made.code == 0, made.err


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


@contextmanager
def machine(kind: str, apart: bool) -> Iterator[Machine]:
    """File systems of a kind (ext4, xfs): one for everything, or one each for the vault's folder and its stores."""
    with tempfile.TemporaryDirectory(prefix="power-") as folder, ExitStack() as stack:
        disks = []
        for name in ("home", "a", "b") if apart else ("all",):
            disk = Disk(Path(folder, f"{name}.img"), Path(folder, name))
            disk.point.mkdir()
            with disk.image.open("wb") as image:
                image.truncate(_ROOM)
            _do(*_MAKE[kind], str(disk.image))
            disk.mount()
            stack.callback(disk.unmount)
            disks.append(disk)
        first, *others = (disk.point for disk in disks)
        a, b = others or (first, first)
        yield Machine(disks, Layout(first / "vault", {"a": a / "store-a", "b": b / "store-b"}))


@dataclass(frozen=True, slots=True)
class Moment:
    """So many seconds after so many acknowledgements (0: after the start)."""

    seconds: float
    told: int

    def wait_for(self, pid: int, said: Path) -> bool:
        """Wait until then; whether the command has come to its end meanwhile."""
        while said.read_bytes().count(_ACKNOWLEDGED) < self.told:
            if os.waitpid(pid, os.WNOHANG) != (0, 0):
                return True
            time.sleep(0.001)
        time.sleep(self.seconds)
        return os.waitpid(pid, os.WNOHANG) != (0, 0)


@dataclass(frozen=True, slots=True)
class Task:
    """So many cuts of one kind; `alteration` as in planted.py. `stop`: with the first problem that is found."""

    kind: str
    apart: bool
    cuts: int
    seed: int
    source: Path
    alteration: str = "none"
    stop: bool = False


@dataclass(slots=True)
class Tally:
    """What cuts came to. A cut is `before`, `between` or `after` the first and the last acknowledgement."""

    cuts: int = 0
    before: int = 0
    between: int = 0
    after: int = 0
    acknowledged: int = 0
    objects: int = 0
    problems: list[str] = field(default_factory=list)


def cut_repeatedly(task: Task) -> Tally:
    """Vault after vault: cut the intake, often cut the intake that goes on, then let it end; judge each time."""
    tally = Tally()
    chance = random.Random(task.seed)
    command = ("ingest", "--json", str(task.source))
    with machine(task.kind, task.apart) as power:
        power.clear()
        began = time.monotonic()
        run("--vault", str(power.layout.home), *command)
        seconds = time.monotonic() - began
        power.clear()
        whole = whole_run(power.layout, command)
        while tally.cuts < task.cuts and not (task.stop and tally.problems):
            power.clear()
            trial = Trial(power.layout, at_least=power.layout.entries)
            for _ in range(min(task.cuts - tally.cuts, chance.choice((1, 2, 3)))):
                told = chance.randint(1, whole.told) if chance.random() < 0.5 else None
                moment = Moment(chance.uniform(0, 0.03 if told else 1.1 * seconds), told or 0)
                _cut(power, command, moment, task.alteration, trial, whole, tally)
                if trial.problems:
                    break
            if not trial.problems:
                trial.finish(command, whole)
            tally.objects += trial.layout.judge(trial.acknowledged).objects
            tally.problems += [f"{task.kind}, cut {tally.cuts}: {problem}" for problem in trial.problems]
    return tally


def _cut(
    power: Machine, command: Sequence[str], moment: Moment, alteration: str, trial: Trial, whole: Whole, tally: Tally
) -> None:
    """One run, cut at its moment; where it has ended by then the power goes all the same."""
    with tempfile.TemporaryDirectory(prefix="said-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        out.touch()
        pid = start(["--vault", str(power.layout.home), *command], out, err, alteration)
        ended = moment.wait_for(pid, out)
        heard = power.cut(out)
        if not ended:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    power.restart()
    trial.crashed(heard)
    told = heard.count(_ACKNOWLEDGED)
    tally.cuts += 1
    tally.acknowledged += told
    tally.before += not told
    tally.after += told >= whole.told
    tally.between += 0 < told < whole.told
