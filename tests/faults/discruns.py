"""`disc run` killed at its calls, and gone on with by a person who puts blanks in: what it costs in blanks.

A blank may be lost only where the kill left something on it that is not the whole image. A disc that was whole by then
is to be found and kept, and one that was not touched used.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.drives.port import Condition
from media.mediums import MEDIUMS
from tests.discs import PseudoDrive, burners_of, pseudo_drive, wait_until
from tests.faults import kills
from tests.faults.kills import Point
from tests.faults.scene import ENVIRONMENT, REPOSITORY
from vault.digest import Digest

CALLS = (
    *("fsync", "fdatasync", "ftruncate", "flock"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat"),
    *("fork", "vfork", "clone", "clone3"),  # every tool that is asked: xorriso, dvdisaster, 7z
)
_TOOLS = re.compile(r'^(\d+) +execve\("[^"]*/(?:xorriso|dvdisaster|7z\w*)"', re.MULTILINE)
_CALLED = re.compile(r"^(\d+) +(\w+)\(", re.MULTILINE)
_MOST_RUNS = 5
_SECTORS = MEDIUMS["practice"].sectors


@dataclass(frozen=True, slots=True)
class Result:
    """What a point came to. `reached`: it was killed there; `kept` and `lost`: discs that had the whole image by then,
    and discs that had something else."""

    point: Point
    reached: bool
    kept: int
    lost: int
    seconds: float
    problems: tuple[str, ...]


@dataclass(slots=True)
class _Office:
    """Two drives, and a person who takes discs out of them."""

    home: Path
    drives: Sequence[PseudoDrive]
    taken: list[bytes] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        named = [word for one in self.drives for word in ("--drive", one.name)]
        made = ["--medium", "practice", "--approved-by", "王局长", "--why", "当事人异议", "--shelf", "甲柜3层"]
        return ["disc", "run", "--demands", *made, "--to", str(self.home / "标签"), "--no-wait", *named]

    def written(self) -> list[bytes]:
        """What is on the discs in the drives that are no blanks any more."""
        return [one.disc.read_bytes() for one in self.drives if one.drive.look().condition is not Condition.BLANK]

    def change_discs(self) -> None:
        for one in self.drives:
            if one.drive.look().condition is not Condition.BLANK:
                self.taken.append(one.disc.read_bytes())
                one.put_blank_in()


def made_vault(folder: Path) -> Path:
    """A vault with one recording that has to be on disc."""
    home = folder / "库"
    (folder / "录像.mp4").write_bytes(bytes(range(256)) * 1_000)
    facts = ("--section", "执法一中队", "--party", "王芳", "--place", "人民路", "--case-name", "占道经营案")
    _ask(home, "init", "--profile", "dengzhou")
    (told,) = _rows(_ask(home, "ingest", str(folder / "录像.mp4"), *facts, "--json"))
    _ask(home, "flag", str(told["record"]), "objection", "--why", "当事人表示要投诉")
    return home


def points(template: Path, folder: Path) -> list[Point]:
    """Where a run can be killed: at each call of that thread of it which makes the call most, and at so many
    milliseconds of a burn."""
    with _office(template, folder) as office:
        ran, log = _traced(office, ["-e", f"trace={_names((*CALLS, 'execve'))}"])
        assert ran == 0
    tools = set(_TOOLS.findall(log))
    most: Counter[str] = Counter()
    for (thread, call), count in Counter(_CALLED.findall(log)).items():
        if thread not in tools and call in CALLS:
            most[call] = max(most[call], count)
    return [*kills.points(most, "KILL"), *(Point("burn", after, "KILL") for after in range(0, 1_000, 20))]


def kill(template: Path, folder: Path, point: Point) -> Result:
    """One run killed at a point, and gone on with until nothing is left to do."""
    began = time.monotonic()
    problems: list[str] = []
    with _office(template, folder) as office:
        code = _killed_in_burn(office, point.nth / 1_000) if point.call == "burn" else _killed_at(office, point)
        kept, lost = _gone_on_with(office, problems)
    return Result(point, code == -9, kept, lost, time.monotonic() - began, tuple(problems))


def _killed_at(office: _Office, point: Point) -> int:
    """The run's exit code; it is killed before that call."""
    how = f"inject={point.call}:signal=KILL:when={point.nth}"
    return _traced(office, ["-e", f"trace={point.call}", "-e", how])[0]


def _killed_in_burn(office: _Office, after: float) -> int:
    """The run's exit code; it is killed so many seconds after a xorriso began to burn."""
    command = [sys.executable, "-m", "ops.cli", "--vault", str(office.home), *office.words]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=REPOSITORY,
        env=os.environ | ENVIRONMENT,
    ) as run:
        while not any(burners_of(one.device) for one in office.drives) and run.poll() is None:
            time.sleep(0.002)
        time.sleep(after)
        run.kill()
    return run.returncode


def _gone_on_with(office: _Office, problems: list[str]) -> tuple[int, int]:
    """What had the whole image when the run was killed, and what had something else."""
    for one in office.drives:
        if not wait_until(False, one.device):
            problems.append("xorriso goes on by itself")
    at_kill = office.written()
    runs = 0
    while (ran := _ask(office.home, *office.words, expect=None)).returncode:
        runs += 1
        if ran.returncode != 5 or runs > _MOST_RUNS:
            problems.append(f"run {runs} ended with {ran.returncode}: {ran.stderr.strip()[-400:]}")
            break
        office.change_discs()
    return _judged(office, at_kill, [*office.taken, *office.written()], problems)


def _judged(office: _Office, at_kill: Sequence[bytes], discs: Sequence[bytes], problems: list[str]) -> tuple[int, int]:
    sets = _rows(_ask(office.home, "disc", "list", "--json"))
    if len(sets) != 1:
        problems.append(f"{len(sets)} sets")
        return 0, 0
    number = str(sets[0]["disc_set"])
    (shown,) = _rows(_ask(office.home, "disc", "show", number, "--json"))
    image = shown["images"][-1]

    def is_whole(disc: bytes) -> bool:
        return Digest.of(disc[: image["image_size"]]).hex == image["image"]

    gone_on = ("replaced", "given-up")
    standing = sorted(copy["state"] for copy in shown["copies"] if copy["state"] not in gone_on)
    if standing != ["shelved", "shelved"]:
        problems.append(f"the copies stand as {standing}")
    whole, lost = sum(map(is_whole, discs)), sum(not is_whole(disc) for disc in at_kill)
    if whole != 2:
        problems.append(f"{whole} discs have the image")
    if len(discs) != 2 + lost:
        problems.append(f"{len(discs)} blanks were used, where {lost} were spoilt by the kill")
    failed = len(shown["written_off"])
    if failed != lost:
        problems.append(f"{failed} blanks were written off, where {lost} were spoilt by the kill")
    if left := sorted(path.name for path in (office.home / "discs").iterdir()):
        problems.append(f"in the work folder: {left}")
    _ask(office.home, "rebuild")
    if _rows(_ask(office.home, "disc", "show", number, "--json")) != [shown]:
        problems.append("a rebuilt catalogue has something else")
    return sum(map(is_whole, at_kill)), lost


@contextmanager
def _office(template: Path, folder: Path) -> Iterator[_Office]:
    """A copy of the vault, and two drives with blanks in them."""
    home = Path(shutil.copytree(template, folder / "库", symlinks=True))
    try:
        with pseudo_drive(folder / "左", _SECTORS) as left, pseudo_drive(folder / "右", _SECTORS) as right:
            yield _Office(home, (left, right))
    finally:
        shutil.rmtree(folder)


def _traced(office: _Office, options: Sequence[str]) -> tuple[int, str]:
    """The run under strace: its exit code, and what strace noted."""
    log = office.home.with_name("strace.log")
    command = ["strace", "-f", "-qq", "-e", "signal=none", "-o", str(log), *options]
    command += [sys.executable, "-m", "ops.cli", "--vault", str(office.home), *office.words]
    ended = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=REPOSITORY,
        env=os.environ | ENVIRONMENT,
        timeout=300,
        check=False,
    )
    return ended.returncode, log.read_text(encoding="utf-8", errors="replace")


def _ask(home: Path, *words: str, expect: int | None = 0) -> "subprocess.CompletedProcess[str]":
    ran = subprocess.run(
        [sys.executable, "-m", "ops.cli", "--vault", str(home), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=os.environ | ENVIRONMENT,
        timeout=300,
        check=False,
    )
    assert expect is None or ran.returncode == expect, f"{words[:2]} ended with {ran.returncode}: {ran.stderr}"
    return ran


def _rows(ran: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def _names(calls: Sequence[str]) -> str:
    return ",".join(f"?{call}" for call in calls)  # `?`: this machine's kernel may not have a call
