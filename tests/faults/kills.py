"""Kills and errors at every call: strace ends a command before its Nth write, fsync, rename …, or makes the call fail.

A kill asks whether the order of writing is right; it cannot show a missing fsync, since the kernel lives on and keeps
what it was given. For that there are the cuts (cuts.py). strace counts calls by thread, so the complete sweep runs the
intake with its porters in one thread; a sample of points in processes of their own comes on top.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from ops.config import StoreConfig
from ops.wiring import Working, init_vault, this_person
from tests.conftest import SettableClock
from tests.faults.archive import file
from tests.faults.scene import ENVIRONMENT, REPOSITORY, Layout, Ran, Trial, Whole, copied, inside, run, whole_run
from tests.vault.disposal_scene import CUSTODIAN, LEADER, PEOPLE, SUPERVISORS, Office
from vault.clock import this_machine, wall_clock
from vault.disposal.agreeing import supervise
from vault.enrolling import enrol
from vault.people import Role

CALLS = (
    *("write", "pwrite64", "writev", "pwritev", "ftruncate", "truncate", "fallocate"),
    *("fsync", "fdatasync", "syncfs", "sync_file_range"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir", "fchmod", "fchmodat", "fchown", "fchownat"),
)
"""Everything that changes a file system, and everything that makes it durable. `open` is not among them: a kill before
it is a kill after the call before, and a kill after it one before the call after."""

_FASTER = ("--seccomp-bpf",)  # stops only at the calls in question; strace 6.1 then sends no signals


@dataclass(frozen=True, slots=True)
class Stage:
    """A command and the state in which it meets the vault. Folders live as long as the campaign."""

    name: str
    template: Path
    arguments: tuple[str, ...]
    whole: Whole
    acknowledged: tuple[dict[str, object], ...] = ()
    known: frozenset[str] = frozenset()  # faults that the command is there to heal
    codes: frozenset[int] = frozenset()  # with which it may end when run again
    altered: str = "none"  # how it runs where every call is to be counted


@dataclass(frozen=True, slots=True)
class Point:
    """Where and how a run is disturbed: `harm` is KILL before the call, or the errno with which the call fails."""

    call: str
    nth: int
    harm: str
    porters: bool = False

    def __str__(self) -> str:
        return f"{self.harm} at {self.call} {self.nth}{' of any process' if self.porters else ''}"


@dataclass(frozen=True, slots=True)
class Result:
    """What a point came to. `reached`: the disturbance happened."""

    stage: str
    point: Point
    reached: bool
    code: int
    problems: tuple[str, ...]
    acknowledged: int


# stages


def stages(folder: Path, source: Path) -> Iterator[Stage]:
    """The commands that write, each with the vault that it meets."""
    empty = folder / "nothing"
    empty.mkdir()
    new = folder / "new"
    run("--vault", str(new), "init", "--json")
    ingest = ("ingest", "--json", str(source))
    with copied(new) as home:
        whole = whole_run(inside(home), ingest)
    yield Stage("ingest", new, ingest, whole, altered="one-thread")
    yield Stage("init", empty, ("init", "--json"), Whole(0, 0, ()), codes=frozenset({0, 4}))

    full = Path(shutil.copytree(new, folder / "full"))
    told = tuple(run("--vault", str(full), *ingest).lines)
    damaged = Path(shutil.copytree(full, folder / "damaged"))
    known = _damage(inside(damaged), told)
    with copied(damaged) as home:
        whole = whole_run(inside(home), ("scrub",))
    yield Stage("scrub", damaged, ("scrub",), whole, told, known)
    with copied(full) as home:
        whole = whole_run(inside(home), ("rebuild",))
    yield Stage("rebuild", full, ("rebuild",), whole, told)
    yield _to_be_run(folder)


def _to_be_run(folder: Path) -> Stage:
    """Three stores, and a list that may be destroyed: two records of four, one of which shares an object with others.

    The office counts from the recording, so that what was recorded long ago is due today.
    """
    profile = folder / "office.toml"
    shipped = files("vault.profiles").joinpath("dengzhou.toml").read_text(encoding="utf-8")
    profile.write_text(re.sub('(?m)^start = ".*"$', 'start = "recorded"', shipped), encoding="utf-8")
    home = folder / "agreed"
    stores = tuple(StoreConfig(name=name, kind="disk", location=f"store-{name}") for name in "abc")
    me = this_person(home)
    init_vault(home, "", str(profile), stores, Working(person=me))
    office = Office(home, SettableClock(wall_clock()), this_machine)
    people = {**PEOPLE, me: ("", (Role.CUSTODIAN,))}
    for login, (_, roles) in people.items():
        with office.by(me if login == LEADER else LEADER) as vault:
            enrol(vault, login, login, roles, "")
    contents = [(b"A" * 3000, b"B" * 2000), (b"C" * 4000,), (b"B" * 2000,), (b"D" * 1000,)]
    with office.by(CUSTODIAN) as vault:
        records = [file(vault, some, recorded_at=datetime(2021, 3, 1, tzinfo=UTC)) for some in contents]
    number = office.listed(*records[:2])
    office.submit(number)
    office.approve(number)
    for login in SUPERVISORS:
        with office.by(login) as vault:
            supervise(vault, number, office.digest(vault, number), timedelta(0))
    run_it = ("disposal", "run", number)
    with copied(home) as trial:
        whole = whole_run(inside(trial), run_it)
    assert whole.code == 0
    assert len(whole.records) == 2
    return Stage("disposal", home, run_it, whole)


def all_stages(folder: Path, source: Path) -> list[Stage]:
    """The stages in a list, for whoever is in another process."""
    return list(stages(folder, source))


def _damage(layout: Layout, told: Sequence[dict[str, object]]) -> frozenset[str]:
    """Harm that a scrub heals: an object flipped, one gone, a bundle flipped. Returns what the judge then says."""
    first, second = (str(line["sha256"]) for line in told[:2])
    flipped = layout.stores["b"] / "objects" / first[:2] / first[2:4] / first
    _flip(flipped)
    (layout.stores["a"] / "objects" / second[:2] / second[2:4] / second).unlink()
    known = set(layout.judge(told).faults)
    _flip(layout.stores["b"] / "journal" / "tile" / "entries" / "000.p" / str(layout.entries))
    also = layout.judge(told).faults  # a journal that cannot be believed hides what its entries would show
    assert len(known) >= 3
    assert set(also) - known
    return frozenset(known.union(also))


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o640)
    path.write_bytes(data)


# counting


def count_calls(stage: Stage, porters: bool = False) -> Counter[str]:
    """How often an undisturbed run makes each call: that thread of it which makes the call most."""
    with copied(stage.template) as home:
        ran, log = _trace(stage, home, [*_FASTER, "-e", f"trace={_names(CALLS)}"], "none" if porters else stage.altered)
        assert ran.code == stage.whole.code, f"{stage.name}: {ran.err}"
    most: Counter[str] = Counter()
    for (_, call), count in Counter(re.findall(r"^(\d+) +(\w+)\(", log, re.M)).items():
        most[call] = max(most[call], count)
    return most


def points(counted: Counter[str], harm: str, every: int = 1, porters: bool = False) -> list[Point]:
    """Every Nth of the calls, all kinds of them together in one row."""
    row = [Point(call, nth, harm, porters) for call in sorted(counted) for nth in range(1, counted[call] + 1)]
    return row[:: max(1, every)]


def _names(calls: Sequence[str]) -> str:
    return ",".join(f"?{call}" for call in calls)  # `?`: this machine's kernel may not have a call


def _trace(stage: Stage, home: Path, options: Sequence[str], alteration: str) -> tuple[Ran, str]:
    """The command in an interpreter of its own under strace; what it said, and strace's log."""
    with tempfile.TemporaryDirectory(prefix="trace-") as folder:
        log, out, err = (Path(folder, name) for name in ("log", "out", "err"))
        command = ["strace", "-f", "-qq", "-e", "signal=none", "-o", str(log), *options]
        command += [sys.executable, "-m", "tests.faults.planted", alteration, "--vault", str(home), *stage.arguments]
        with out.open("wb") as to_out, err.open("wb") as to_err:
            ended = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=to_out,
                stderr=to_err,
                cwd=REPOSITORY,
                env=os.environ | ENVIRONMENT,
                timeout=120,
                check=False,
            )
        said = err.read_text(encoding="utf-8", errors="replace")
        return Ran(ended.returncode, out.read_bytes(), said), log.read_text(encoding="utf-8", errors="replace")


# disturbing


def disturb(stage: Stage, point: Point) -> Result:
    """One run disturbed at one point, judged, run again, and judged once more."""
    with copied(stage.template) as home:
        layout = inside(home)
        before = layout.entries
        how = ("signal=KILL",) if point.harm == "KILL" else (f"error={point.harm}", *_FASTER)
        options = ["-e", f"trace={point.call}", "-e", f"inject={point.call}:{how[0]}:when={point.nth}", *how[1:]]
        alteration = "none" if point.porters else stage.altered
        ran, log = _trace(stage, home, options, alteration)
        trial = Trial(layout, list(stage.acknowledged), at_least=before)
        trial.crashed(ran.out if stage.name == "ingest" else b"", stage.known)
        reached = "(INJECTED)" in log or ran.code == -9 or "was ended from outside" in ran.err  # a porter
        if ran.code != -9:
            trial.problems += _ending(stage, trial, ran, reached)
        told = len(trial.acknowledged)
        trial.finish(stage.arguments, stage.whole, stage.codes or None)
        return Result(stage.name, point, reached, ran.code, tuple(trial.problems), told)


def _ending(stage: Stage, trial: Trial, ran: Ran, reached: bool) -> Iterator[str]:
    """A run that was not killed ends by itself: either everything is really done, or it says clearly what is not."""
    for mark in ("Traceback", "fault of the program"):
        if mark in ran.err:
            yield f"it ended with {mark!r}: {ran.err.strip()[-600:]}"
    if ran.code == stage.whole.code:
        told = sum("record" in line for line in ran.lines) if stage.name == "ingest" else stage.whole.told
        if told != stage.whole.told:
            yield f"it ended well, but told of {told} files instead of {stage.whole.told}"
        faults = trial.layout.judge(trial.acknowledged).faults
        if faults:
            yield f"it ended well, but {faults[0]}"
    elif not reached:
        yield f"undisturbed, it ended with {ran.code}: {ran.err.strip()}"
    elif ran.code not in (1, 2, 4, 5) and not (ran.code == 3 and stage.known):  # 3: broken, where nothing is
        yield f"it ended with {ran.code}: {ran.err.strip()}"
    elif not ran.err.strip():
        yield f"it ended with {ran.code} and said nothing"
