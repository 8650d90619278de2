"""Runs programs side by side and keeps what they took.

Rules of measurement:
- A run is one whole process from start to exit; where the contender does not sync by itself, `syncfs` of the target
  follows inside the measured time, since nothing counts as stored before it would survive a power cut.
- Before each run its target is removed or (small files) put aside, everything dirty is written, and the sources'
  pages are dropped from the page cache: for everybody alike, by the same calls. Programs and libraries stay warm.
- Contenders take turns within a round (A B C, A B C, …), and ratios are formed inside a round: a neighbour's load or
  a slow minute of the disk then hits both sides. Reported are medians, with the lowest and highest beside them.
- Memory is the peak resident set of the process, or of the largest of its children (wait4(2), ru_maxrss). Linux lets
  a child start from its parent's peak, so this harness stays small and says how small it was.
- A run that fails ends the benchmark with what the program said: no figure comes from a failure.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from corpora import files_below

MIB = 1 << 20
_TOLD = 2_000  # characters of a failed program's own words


class BenchFailed(Exception):
    """A contender failed, or what it left is not what it should be."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One run: wall time in seconds, peak memory in bytes."""

    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Figure:
    """Several measurements of one thing, in one unit."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)

    def over(self, other: "Figure") -> "Figure":
        """The ratios, round by round."""
        return Figure(tuple(a / b for a, b in zip(self.values, other.values, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One way to do the work. Steps are argument lists, run in order and timed together.

    `before` is not timed: it brings the target to where the steps begin. `sync` is a path whose file system is
    flushed inside the measured time, None for programs that sync what they write. `accepted`: exit codes that mean
    success.
    """

    name: str
    steps: Sequence[Sequence[str]]
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    sync: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    accepted: frozenset[int] = frozenset({0})


def run(contender: Contender, *sources: Path) -> Taken:
    """One run from the same state as everybody else's; `sources` are files and folders that it reads."""
    contender.before()
    settle(*sources)
    memory = 0
    started = time.perf_counter()
    for step in contender.steps:
        memory = max(memory, _process(step, contender))
    if contender.sync is not None:
        sync_filesystem(contender.sync)
    seconds = time.perf_counter() - started
    contender.after()
    return Taken(seconds, memory)


def interleaved(contenders: Sequence[Contender], rounds: int, what: str, *sources: Path) -> dict[str, list[Taken]]:
    """Every contender once in each round; what each run took, in the order of the rounds."""
    taken: dict[str, list[Taken]] = {contender.name: [] for contender in contenders}
    for turn in range(1, rounds + 1):
        for contender in contenders:
            one = run(contender, *sources)
            taken[contender.name].append(one)
            tell(f"{what}  round {turn}/{rounds}  {contender.name}: {one.seconds:.2f} s, {one.memory / MIB:.0f} MiB")
    return taken


def seconds_of(taken: Sequence[Taken]) -> Figure:
    return Figure(tuple(one.seconds for one in taken))


def memory_of(taken: Sequence[Taken]) -> Figure:
    """Peak memory in MiB."""
    return Figure(tuple(one.memory / MIB for one in taken))


def settle(*sources: Path) -> None:
    """Write out all that is dirty, then drop the sources from the page cache."""
    os.sync()
    for path in files_below(*sources):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def sync_filesystem(path: Path) -> None:
    """syncfs(2), through coreutils: the same call for whoever does not sync."""
    subprocess.run(["sync", "-f", str(path)], check=True)


def run_plainly(step: Sequence[str], **options: str) -> None:
    """A step of preparation: untimed, silent, and it must succeed."""
    environment = {**os.environ, **options}
    done = subprocess.run(step, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise BenchFailed(_said(step, done.returncode, done.stderr or done.stdout))


def own_peak() -> float:
    """This process's own peak memory in MiB: no measured process can show less."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tell(words: str) -> None:
    """Progress, on standard error."""
    print(words, file=sys.stderr, flush=True)


def _process(step: Sequence[str], contender: Contender) -> int:
    """Run one program to its end; its peak memory in bytes."""
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(
            step,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            cwd=contender.folder,
            env={**os.environ, **contender.environment},
        )
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in contender.accepted:
            raise BenchFailed(_said(step, child.returncode, _end_of(words)))
    return usage.ru_maxrss * 1024


def _end_of(words: IO[bytes]) -> bytes:
    words.seek(0)
    return words.read()


def _said(step: Sequence[str], code: int, words: bytes) -> str:
    return f"{' '.join(step)[:200]}\n  ended with {code}: {words.decode(errors='replace').strip()[-_TOLD:]}"
