"""Two services over one catalogue, of which one is killed again and again, while records come in that lack a copy.

Over a file both are of one folder, with two disks; over PostgreSQL each has a folder of its own, as two machines have,
and both stores are in a bucket. Six jobs of every second note when they begin and end (tests/ops/servant.py), `publish`
and `repair` are the real ones: what is owed must be brought, and journalled once.
"""

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from ops.catalogueconfig import CatalogueConfig
from ops.config import FILE, StoreConfig
from ops.keys import FILE as KEY
from ops.wiring import Working, init_vault, open_vault
from tests.ops import servant
from tests.servers import PostgresServer, S3Server
from tests.vault.scene import findings, noise, rows_of, take_in
from vault import acts
from vault.journalcheck import agree, check_journal
from vault.replay import proven_acts
from vault.store import Vault

WORKING = Working(person="李建国")
JOBS = 6  # that note what they do
_SECRETS = ("桶.secret", "目录库.secret")
_LONGEST = 2.0  # seconds between two kills
_FORKS = get_context("forkserver")  # a service is up at once: all that it needs is imported, and nothing else
_FORKS.set_forkserver_preload(["tests.ops.servant"])


@dataclass(slots=True)
class Outcome:
    """What it came to. `brought`: copies; `problems`: nothing, if all is well."""

    kills: int = 0
    begun: int = 0
    ended: int = 0
    brought: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def over_a_file(folder: Path) -> tuple[Path, Path]:
    """The folder of a vault on two disks, for both services."""
    home = folder / "库"
    init_vault(home, "", "dengzhou", tuple(StoreConfig(name=n, kind="disk", location=n) for n in "甲乙"), WORKING)
    _let_one_copy_do(home)
    return home, home


def over_a_server(folder: Path, postgres: PostgresServer, s3: S3Server, prefix: str) -> tuple[Path, Path]:
    """Folders of two machines that have one vault."""
    one, other = folder / "甲机", folder / "乙机"
    for home in (one, other):
        home.mkdir()
        keys = f'access_key = "{s3.access_key}"\nsecret_key = "{s3.secret_key}"\n'
        for name, text in zip(_SECRETS, (keys, f'password = "{postgres.password}"\n'), strict=True):
            (home / name).write_text(text)
            (home / name).chmod(0o600)
    stores = tuple(
        StoreConfig(name=n, kind="s3", location=f"{s3.url}/{s3.bucket}/{prefix}/{n}", secret=_SECRETS[0])
        for n in "甲乙"
    )
    init_vault(one, "", "dengzhou", stores, WORKING, CatalogueConfig(url=postgres.url, secret=_SECRETS[1]))
    _let_one_copy_do(one)
    for name in (FILE, KEY):
        shutil.copy(one / name, other / name)
    return one, other


def _let_one_copy_do(home: Path) -> None:
    text = (home / FILE).read_text(encoding="utf-8")
    (home / FILE).write_text(text.replace("minimum = 2", "minimum = 1"), encoding="utf-8")


def run(homes: tuple[Path, Path], log: Path, kills: int, lease: float, seed: int) -> Outcome:
    """Kill so often, each time one of the two, at a moment of its own. `lease`: in seconds."""
    log.touch()
    dice, outcome, began = random.Random(seed), Outcome(), time.monotonic()
    ended: dict[int, float] = {}
    services = [_start(home, log, lease) for home in homes]
    try:
        _until(lambda: log.read_text().count("end") > JOBS, 60)
        with open_vault(homes[0], WORKING) as vault:
            while outcome.kills < kills:
                take_in(vault, [noise(2_000, outcome.kills)], on=["甲"])
                time.sleep(dice.uniform(0, _LONGEST))
                _until(lambda: any(_is_at_work(service, log) for service in services), 60)
                place = dice.choice([n for n, service in enumerate(services) if _is_at_work(service, log)])
                _end(services[place], ended)
                outcome.kills += 1
                services[place] = _start(homes[place], log, lease)
            killed_at = time.monotonic()
            _until(lambda: not _owed(vault), 3 * lease + 60)
        time.sleep(max(0.0, killed_at + lease + 3 - time.monotonic()))
    finally:
        for service in services:
            _end(service, ended)
    _judge_jobs(log, ended, killed_at, outcome)
    with open_vault(homes[0], WORKING) as vault:
        _judge_copies(vault, outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def _start(home: Path, log: Path, lease: float) -> ForkServerProcess:
    service = _FORKS.Process(target=servant.main, args=(home, log, timedelta(seconds=lease)), daemon=True)
    service.start()
    return service


def _is_at_work(service: ForkServerProcess, log: Path) -> bool:
    return f" {service.pid} " in log.read_text()


def _end(service: ForkServerProcess, ended: dict[int, float]) -> None:
    service.kill()
    service.join()
    assert service.pid is not None
    ended.setdefault(service.pid, time.monotonic())


def _until(what: Callable[[], bool], seconds: float) -> None:
    """Go on when it is so, or when the time is over: then the judge tells what is wrong."""
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.1)


def _owed(vault: Vault) -> int:
    ((count,),) = rows_of(vault, "SELECT count(*) FROM copy WHERE state != 'good'")
    assert isinstance(count, int)
    return count


def _judge_jobs(log: Path, ended: dict[int, float], killed_at: float, outcome: Outcome) -> None:
    """None was lost with whoever was at it, and none begun while another was at it."""
    begun: dict[str, list[tuple[float, int]]] = {}
    over: dict[tuple[str, int], list[float]] = {}
    for line in log.read_text().splitlines():
        what, name, process, at = line.split()
        if what == "begin":
            begun.setdefault(name, []).append((float(at), int(process)))
        else:
            over.setdefault((name, int(process)), []).append(float(at))
    if len(begun) != JOBS:
        outcome.problems.append(f"only {sorted(begun)} were ever begun")
    for name, runs in begun.items():
        if max(at for at, _ in runs) <= killed_at:
            outcome.problems.append(f"{name} was lost")
        for (at, process), (following, _) in pairwise(runs):
            end = min((one for one in over.get((name, process), []) if one > at), default=ended.get(process, 0.0))
            if following <= end:
                outcome.problems.append(f"{name} was begun {end - following:.3f} s before another was done with it")
    outcome.begun = sum(map(len, begun.values()))
    outcome.ended = sum(map(len, over.values()))


def _judge_copies(vault: Vault, outcome: Outcome) -> None:
    """Every copy that was owed is there, and was brought once; journals and catalogue are sound."""
    vault.publish()  # of who was killed between the two, as the next command does
    outcome.problems += [f"{owed} copies are still owed" for owed in [_owed(vault)] if owed]
    store = vault.stores["乙"]
    told = proven_acts(check_journal([store], agree([store], vault.verifier)))
    made = Counter(digest for act in told if isinstance(act, acts.CopiesMade) for digest in act.sha256)
    outcome.brought = len(made)
    if len(made) != outcome.kills:
        outcome.problems.append(f"{len(made)} copies were brought, {outcome.kills} were owed")
    outcome.problems += [f"{digest} was brought {times} times" for digest, times in made.items() if times > 1]
    found, count = findings(vault)
    outcome.problems += [finding.text.en for finding in found]
    if not count.passed:
        outcome.problems.append("fsck did not pass")
