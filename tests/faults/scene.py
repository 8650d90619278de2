"""What crashes happen to: a small vault with two stores, a source, commands run in processes of their own, and how
things must stand after a crash and after the command was run once more.

Commands run in a fork of a process that has the program loaded already: the same code from `main` on, in a fresh
process, without the third of a second that Python needs to start. Call these from a process with one thread.
"""

import json
import os
import random
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.judge import Verdict, judge, read_acknowledged
from tests.faults.planted import ALTERATIONS

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENT = {"STRONGROOM_LANG": "en", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended: its exit code (negative: the signal that ended it) and what it said."""

    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The whole lines of its standard output, where that is JSON."""
        return read_acknowledged(self.out)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a vault lies: its own folder, and those of its stores by name."""

    home: Path
    stores: dict[str, Path]

    @property
    def vkey(self) -> str:
        """The verifier key, from whichever store has its marker."""
        for store in self.stores.values():
            if (store / "strongroom.json").exists():
                key: str = json.loads((store / "strongroom.json").read_bytes())["journal_key"]
                return key
        return ""

    @property
    def entries(self) -> int:
        """How many entries the journal has on the store that has fewest."""
        notes = [store / "journal" / "checkpoint" for store in self.stores.values()]
        return min((int(note.read_bytes().split(b"\n")[1]) if note.exists() else 0 for note in notes), default=0)

    def judge(self, acknowledged: Sequence[dict[str, Any]], at_least: int = 0) -> Verdict:
        return judge(self.stores, self.vkey, acknowledged, at_least)


def inside(home: Path) -> Layout:
    """The layout that `strongroom init` makes by itself; perhaps with a third store."""
    third = {"c": home / "store-c"} if (home / "store-c").exists() else {}
    return Layout(home, {"a": home / "store-a", "b": home / "store-b", **third})


# running


def start(arguments: Sequence[str], out: Path, err: Path, alteration: str = "none") -> int:
    """Begin a command in a fork; its process id. Whoever called waits for it."""
    _load()
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        for descriptor, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(ENVIRONMENT)
        os.chdir("/")
        code = _be_the_program(arguments, alteration)
    finally:
        os._exit(code)  # nothing of the process it was forked from may be cleaned up here


def _be_the_program(arguments: Sequence[str], alteration: str) -> int:
    from ops.cli import main

    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # for as long as the process lives
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    ALTERATIONS[alteration]()
    sys.argv = ["strongroom", *arguments]
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        return end.code if isinstance(end.code, int) else 1
    return 0


def run(*arguments: str, alteration: str = "none") -> Ran:
    """A command from beginning to end."""
    with tempfile.TemporaryDirectory(prefix="said-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        _, status = os.waitpid(start(arguments, out, err, alteration), 0)
        return Ran(os.waitstatus_to_exitcode(status), out.read_bytes(), err.read_text(errors="replace"))


_loaded = False


def _load() -> None:
    """Import once what every command needs."""
    global _loaded
    if _loaded:
        return
    from importlib import import_module

    from ops.cli import COMMANDS

    for module, _ in COMMANDS.values():
        import_module(module)
    for module in ("sqlalchemy.dialects.sqlite.pysqlite", "alembic.command", "libarchive", "zoneinfo"):
        import_module(module)
    import_module("cryptography.hazmat.primitives.serialization")
    _loaded = True


# what there is to take in


def make_source(folder: Path, *, small: int = 3, large: int = 1, members: int = 2) -> Path:
    """Recordings of random bytes, always the same: `small` ones, `large` ones of 5 MiB, and an exported ZIP."""
    noise = random.Random(20261121)
    folder.mkdir()
    for number in range(small):
        (folder / f"现场照片{number}.jpg").write_bytes(noise.randbytes(3_000 + number))
    for number in range(large):
        (folder / f"询问王芳{number}.mp4").write_bytes(noise.randbytes(5 << 20))
    with zipfile.ZipFile(folder / "采集站导出.zip", "w") as exported:
        for number in range(members):
            exported.writestr(
                zipfile.ZipInfo(f"电话举报{number}.wav", (2026, 11, 20, 9, 30, 0)), noise.randbytes(2_000)
            )
    return folder


# how things must stand


@dataclass(frozen=True, slots=True)
class Whole:
    """What a command comes to that nobody interrupts."""

    code: int
    told: int  # lines that acknowledge something
    records: tuple[str, ...]


def records_of(home: Path) -> tuple[str, ...]:
    """Every record in one spelling, without its number and time of storing, which an interruption may change."""
    found = run("--vault", str(home), "find", "--all", "--json")
    return tuple(
        sorted(
            json.dumps({k: v for k, v in line.items() if k not in ("number", "stored_at")}, sort_keys=True)
            for line in found.lines
        )
    )


def whole_run(layout: Layout, arguments: Sequence[str]) -> Whole:
    """Run the command to its end and look; AssertionError where even that is not in order."""
    ran = run("--vault", str(layout.home), *arguments)
    told = ran.lines if arguments[0] == "ingest" else []
    problems = [*layout.judge(told).faults, *fsck_problems(layout.home)]
    assert not problems, f"without any fault: {problems} {ran.err}"
    return Whole(ran.code, sum("record" in line for line in told), records_of(layout.home))


def fsck_problems(home: Path) -> list[str]:
    """What the program's own checker has to say, orphans included."""
    ran = run("--vault", str(home), "fsck", "--json")
    *findings, total = ran.lines or [{}]
    problems = [f"fsck: {finding['kind']} {finding['store']} {finding['text']['en']}" for finding in findings]
    if ran.code or total.get("passed") is not True:
        problems.append(f"fsck ended with {ran.code}: {total or ran.err.strip()}")
    return problems


def left_in_tmp(layout: Layout) -> list[str]:
    """Unfinished writing on the stores."""
    return [f"{name}: tmp/{path.name}" for name, root in layout.stores.items() for path in (root / "tmp").glob("*")]


@dataclass(slots=True)
class Trial:
    """One vault through crashes and the runs after them."""

    layout: Layout
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    at_least: int = 0

    def crashed(self, out: bytes, known: frozenset[str] = frozenset()) -> None:
        """Judge after a crash of a run that had said `out`. `known`: faults that were planted before."""
        self.acknowledged += read_acknowledged(out)
        faults = set(self.layout.judge(self.acknowledged, self.at_least).faults) - known
        self.problems += sorted(faults)

    def finish(self, arguments: Sequence[str], whole: Whole, codes: frozenset[int] | None = None) -> None:
        """Run the command again to its end: everything must be as if nothing had happened."""
        again = run("--vault", str(self.layout.home), *arguments)
        if again.code not in (codes or {whole.code}):
            self.problems.append(f"run again it ends with {again.code}: {again.err.strip()}")
        self.acknowledged += again.lines if arguments[0] == "ingest" else []
        verdict = self.layout.judge(self.acknowledged, self.at_least)
        self.problems += [*verdict.faults, *(f"left unnamed: {name}" for name in sorted(verdict.unnamed))]
        self.problems += fsck_problems(self.layout.home)
        if records_of(self.layout.home) != whole.records:
            self.problems.append("the records are not those of an uninterrupted run")
        if left_in_tmp(self.layout):
            self._sweep_tmp()

    def _sweep_tmp(self) -> None:
        """A run that had nothing to write swept nothing; the next one that writes must."""
        with tempfile.TemporaryDirectory(prefix="later-") as folder:
            later = Path(folder, "补录.txt")
            later.write_text("补录说明\n", encoding="utf-8")
            run("--vault", str(self.layout.home), "ingest", str(later))
        self.problems += [f"not swept: {path}" for path in left_in_tmp(self.layout)]


@contextmanager
def copied(template: Path) -> Iterator[Path]:
    """A copy of a folder to do harm to."""
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        yield Path(shutil.copytree(template, Path(folder, "vault"), symlinks=True))
