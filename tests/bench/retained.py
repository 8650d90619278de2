"""`./bench retention`: what is due, and how many, of ten million records; and deciding a million.

Run as a program (`retained.py HOME DECIDED`) it asks an open catalogue in one process, over and over, and prints
seconds as JSON: name -> list, and under GROWN the MiB by which the process grew over a thousand scrapes. `due, a page
further on` starts in the middle of what is due.
"""

import gc
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from contenders import VaultPlace
from report import Row
from timing import BenchFailed, Contender, Figure, interleaved, memory_of, run_plainly, seconds_of, tell

if TYPE_CHECKING:
    from vault.profile import Profile
    from vault.retention import Holding

HERE = Path(__file__).parent
SEEDS, COPIES, DECIDED = 50_000, 200, 1_000_000
QUICK = 60, 5, 1_000
SHOWN = 100  # records on a page
SCRAPES, GROWN = 1_000, "memory that 1,000 scrapes in a row leave behind"
LIMITS = {"due, the first page": 0.05, "due, a page further on": 0.05, "count by class and state": 1.0, "decide": 10.0}
LIMITS["a scrape"] = 0.1  # of a service: /metrics


def filled(vault: VaultPlace, seeds: int, copies: int) -> None:
    """Make the vault, if it is not there."""
    if not (vault.home / "filled").exists():
        tell(f"making a catalogue of {seeds * copies:,} records")
        vault.place.empty()
        words = (str(vault.home), str(vault.store), str(seeds), str(copies))
        run_plainly([sys.executable, str(HERE / "multiplied.py"), *words])
        (vault.home / "filled").touch()


def measured(vault: VaultPlace, *, quick: bool, rounds: int) -> tuple[list[Row], list[str]]:
    """Questions in an open process, then whole commands, one after the other."""
    seeds, copies, decided = QUICK if quick else (SEEDS, COPIES, DECIDED)
    began = time.perf_counter()
    filled(vault, seeds, copies)
    took = time.perf_counter() - began
    said = [
        f"{seeds * copies:,} records; made by this run or found in {took:.0f} s; see multiplied.py",
        f"the catalogue has {(vault.home / 'catalogue.db').stat().st_size / 1e9:.1f} GB",
        f"“in an open process”: {SHOWN} records with their files and decisions; one core; deciding from memory",
    ]
    done = subprocess.run(
        [sys.executable, __file__, str(vault.home), str(decided)], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise BenchFailed(f"{__file__} failed")
    told = json.loads(done.stdout)
    grown = Row(what=GROWN, own=Figure(tuple(told.pop(GROWN))), unit="MiB", limit=2)
    rows = [
        Row(what=f"{name}, in an open process", own=Figure(tuple(seconds)), limit=LIMITS[name.split(" of ")[0]])
        for name, seconds in told.items()
    ] + [grown]
    commands = [
        Contender(name=" ".join(words), steps=[vault.command(*words)])
        for words in (("retention", "due"), ("retention", "due", "--json"), ("retention", "count"))
    ]
    taken = interleaved(commands, rounds, "whole commands")
    rows += [Row(what=f"`{one.name}`, the whole command", own=seconds_of(taken[one.name])) for one in commands]
    rows += [
        Row(what=f"memory, `{one.name}`", own=memory_of(taken[one.name]), unit="MiB", limit=100) for one in commands
    ]
    return rows, said


# in the process that asks


def ask(home: Path, decided: int) -> dict[str, list[float]]:
    from ops.metrics import exposition
    from ops.wiring import Working, open_vault
    from vault.catalogue import due, tally
    from vault.sighting import sight
    from vault.timekeeping import trusted_time

    with open_vault(home, Working(person="性能测试")) as vault:
        verdict = trusted_time(vault)
        seen = {name: sight(vault, name) for name in vault.stores}  # as a service has them at hand
        today = verdict.require().astimezone(vault.profile.zone).date()
        with vault.database.reading() as connection:
            counted = sum(one.due for one in tally.counts(connection, today))
            middle = connection.exec_driver_sql(
                "SELECT expires_on, id FROM record WHERE expires_on <= ? ORDER BY expires_on, id LIMIT 1 OFFSET ?",
                (today.isoformat(), counted // 2),
            ).one()

            def page(start: due.After | None = None) -> None:
                shown = list(islice(due.due(connection, vault.profile, today, verdict, start), SHOWN))
                if len(shown) < min(SHOWN, (counted - 1) // 2):
                    sys.exit("a page is not full")

            return {
                "due, the first page": _often(page),
                "due, a page further on": _often(lambda: page(due.After(*middle))),
                "count by class and state": _often(lambda: tally.counts(connection, today)),
                **_scraped(lambda: exposition(vault, {}, lambda: seen)),
                f"decide of {decided:,} records": [_decide(vault.profile, decided)],
            }


def _often(act: Callable[[], object], times: int = 30) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return took


def _scraped(scrape: Callable[[], object]) -> dict[str, list[float]]:
    """As Prometheus does in four hours; what the first few keep for all others is no growth."""
    _often(scrape, 50)
    before = _resident()
    return {"a scrape of a service": _often(scrape, SCRAPES), GROWN: [_resident() - before]}


def _resident() -> float:
    """MiB of this process's memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / (1 << 20)


def _decide(profile: "Profile", count: int) -> float:
    """Processor time of deciding so many different records: the machine may have other work."""
    from vault.retention import decide

    now = datetime(2027, 1, 1, tzinfo=UTC)
    took = 0.0
    holdings = _holdings(count)
    while part := list(islice(holdings, 10_000)):
        began = time.process_time()
        for one in part:
            decide(one, profile, now)
        took += time.process_time() - began
    return took


def _holdings(count: int) -> "Iterator[Holding]":
    """As an office has them: half belong to cases, some were raised, some are held."""
    from vault.retention import Assigned, CaseClaim, Hold, Holding
    from vault.terms import RetentionClass

    chance = random.Random(2026)
    first = datetime(2022, 1, 1, tzinfo=UTC)
    raised = (Assigned(RetentionClass.TWENTY_FOUR_MONTHS, "可能涉及复议", "王芳"),)
    held = (Hold("H00001", "行政复议", "市人民政府", first),)
    for serial in range(count):
        at = first + timedelta(minutes=chance.randrange(5 * 365 * 24 * 60))
        cases: Sequence[CaseClaim] = ()
        if serial % 2:
            closed = (at + timedelta(days=60)).date() if serial % 4 == 1 else None
            cases = (
                CaseClaim(f"邓财罚〔{at.year}〕{serial // 4}号", at.date(), closed, RetentionClass.TWENTY_FOUR_MONTHS),
            )
        yield Holding(
            stored_at=at + timedelta(hours=3),
            recorded_at=at,
            activity_ended_at=at + timedelta(minutes=40),
            circumstances=("objection",) if serial % 50 == 0 else (),
            assigned=raised if serial % 20 == 0 else (),
            holds=held if serial % 30 == 0 else (),
            cases=tuple(cases),
        )


if __name__ == "__main__":
    json.dump(ask(Path(sys.argv[1]), int(sys.argv[2])), sys.stdout)
