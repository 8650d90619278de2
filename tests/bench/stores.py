"""`./bench --stores`: taking files onto a server, against `rclone copy` to the same server, on this machine's loopback.

Strongroom's run is an `ingest` into a vault whose only store is the server: hashed, journal and catalogue included,
durable as the store's kind has it. rclone copies as it does by default, and once more with many files under way and
its own comparison by checksum. Where the server's files are those of a folder here rclone gets a syncfs at its end,
since it flushes nothing; SeaweedFS is asked by neither. Each run has a folder of its own on the server; what was
written is put aside, not deleted, until the kind is done (see Place).
"""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contenders import SECTIONS, STRONGROOM, Place
from timing import BenchFailed, Contender, run_plainly

HERE = Path(__file__).parent
KINDS = {"s3": ("weed",), "smb": ("smbd",), "sftp": ("ssh",)}  # and the programs whose versions are told
TRANSFERS = 16  # of rclone's second turn; it has no default above 4


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, and the folder of this turn on it."""

    kind: str
    location: str
    remote: str
    secret: Path
    environment: Mapping[str, str]
    folder: Path | None
    work: Path
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)
    _turn: list[str] = field(default_factory=list)

    def next_turn(self) -> None:
        """Another empty folder."""
        self._turn[:] = [f"turn-{next(self._turns)}"]
        if self.folder is not None:
            (self.folder / self._turn[0]).mkdir(mode=0o777)

    @property
    def turn(self) -> str:
        return self._turn[0]

    def require(self, below: str, count: int, size: int) -> None:
        """No figure for a run that did not bring everything there; rclone counts for both."""
        path = f"{self.remote}/{self.turn}{below}"
        words = ["rclone", "size", "--json", path]
        done = subprocess.run(words, env={**os.environ, **_environment(self)}, capture_output=True, check=False)
        if done.returncode:
            raise BenchFailed(f"{path}: {done.stderr.decode(errors='replace')[-500:]}")
        found = json.loads(done.stdout)
        if (found["count"], found["bytes"]) != (count, size):
            raise BenchFailed(f"{path} has {found['count']} files of {found['bytes']} bytes, not {count} of {size}")


@contextmanager
def serving(kind: str, work: Path) -> Iterator[Served]:
    """The server, until the block ends."""
    words = [sys.executable, str(HERE / "serving.py"), kind, str(work / kind)]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        if not line:
            raise BenchFailed(f"the {kind} server did not start")
        told = json.loads(line)
        secret = work / f"{kind}.secret"
        secret.write_text(told["secret"])
        secret.chmod(0o600)
        folder = Path(told["folder"]) if told["folder"] else None
        yield Served(kind, told["location"], told["remote"], secret, told["environment"], folder, work)
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait()


def strongroom(served: Served, source: Path, count: int, size: int) -> Contender:
    """`ingest`, into a new vault."""
    place = Place(served.work / "vault")
    home = str(place.folder / "home")

    def before() -> None:
        place.empty()
        served.next_turn()
        at = f"{served.location}/{served.turn}"
        run_plainly([sys.executable, str(HERE / "serving.py"), "vault", home, served.kind, at, str(served.secret)])

    def after() -> None:
        served.require("/objects", count, size)
        place.remove()

    ingest = [STRONGROOM, "--vault", home, "ingest", str(source), "--section", SECTIONS[0]]
    return Contender(name="strongroom", steps=[ingest], before=before, after=after)


def rclone(served: Served, source: Path, count: int, size: int, *options: str) -> Contender:
    """`rclone copy`; where to is in the environment, since each turn has another folder."""
    environment = _environment(served)

    def before() -> None:
        served.next_turn()
        environment["TARGET"] = f"{served.remote}/{served.turn}"

    return Contender(
        name=f"rclone copy, {TRANSFERS} at once" if options else "rclone copy",
        steps=[["sh", "-c", f'exec rclone copy {" ".join(options)} "$1" "$TARGET"', "sh", str(source)]],
        before=before,
        after=lambda: served.require("", count, size),
        sync=served.folder,
        environment=environment,
    )


def contenders_for(served: Served, source: Path, count: int, size: int) -> list[Contender]:
    many = (f"--transfers {TRANSFERS}", f"--checkers {TRANSFERS}", "--checksum")
    return [
        strongroom(served, source, count, size),
        rclone(served, source, count, size),
        rclone(served, source, count, size, *many),
    ]


def _environment(served: Served) -> dict[str, str]:
    """rclone's settings, and none of the person's own."""
    return {"RCLONE_CONFIG": "/notfound", "AWS_CA_BUNDLE": "", **served.environment}
