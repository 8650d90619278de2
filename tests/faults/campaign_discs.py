"""The campaigns over discs: burns and runs that are killed, discs that are damaged, sets that are large."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.faults import burns, damage, discruns, dvds
from tests.faults.telling import heading, tell
from tests.faults.workers import pool_of_workers


def run_burns(count: int | None) -> int:
    """Kill burns, evenly over the time that one takes; then burn and read back a full DVD+R."""
    kills = 40 if count is None else count
    heading("Burns")
    bad, left = [], Counter[str]()
    for n in range(kills):
        with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name:
            condition, wrong = burns.kill_at(Path(name), n / kills)
        left[condition.value] += 1
        bad += [f"killed at {n / kills:.0%}: {what}" for what in wrong]
    print(f"{kills} burns killed; the discs were then: {dict(left)}")
    with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name:
        burning, reading, wrong = burns.burn_dvd(Path(name))
    print(f"a full DVD+R: burnt in {burning:.0f} s, taken in and read back in {reading:.0f} s")
    for what in [*bad, *wrong]:
        print(what)
    return 1 if bad or wrong else 0


def run_discs(every: int | None, first: int = 1) -> int:
    """Kill `disc run`, go on with it, and count the blanks that it took: at every so many of its points, a row for each
    as it is done, from the one of that number on, so that a campaign that was broken off can be gone on with."""
    heading("Runs of discs")
    began, killed, bad = time.monotonic(), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name, pool_of_workers() as pool:
        folder = Path(name)
        template = discruns.made_vault(folder)
        points = discruns.points(template, folder / "whole")
        chosen = range(first - 1, len(points), every or 1)
        trials = [folder / f"trial-{n + 1}" for n in chosen]
        results = pool.map(discruns.kill, [template] * len(trials), trials, [points[n] for n in chosen])
        print(f"{len(chosen)} of {len(points)} points")
        print(f"{'point':>6}  {'killed at':24} {'reached':>7} {'kept':>5} {'lost':>5} {'seconds':>8} {'problems':>9}")
        for n, result in zip(chosen, results, strict=True):
            reached = "yes" if result.reached else "no"
            print(
                f"{n + 1:6}  {result.point!s:24} {reached:>7} {result.kept:5} {result.lost:5} "
                f"{result.seconds:8.1f} {len(result.problems):9}",
                flush=True,
            )
            tell(result.problems)
            killed.update(reached=result.reached, kept=result.kept, lost=result.lost)
            bad += len(result.problems)
    print(
        f"{killed['reached']} of {len(chosen)} killed; {killed['kept']} whole discs kept, {killed['lost']} broken off "
        f"and burnt again; {bad} problems; {time.monotonic() - began:.0f} s"
    )
    return 1 if bad else 0


def run_damage(count: int | None) -> int:
    """Every case on a small disc, and so many at random."""
    heading("Damaged discs")
    seed = time.time_ns() % 1_000_000
    chance = [damage.at_random(seed + n) for n in range(100 if count is None else count)]
    with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name:
        return _damaged((*damage.CASES, *chance), damage.small_bench(Path(name), layer=20))


def run_damaged_dvd(share: int | None) -> int:
    """What a disc of a DVD's size can show, or one of a share of that."""
    heading("A damaged DVD")
    with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name:
        return _damaged(damage.ON_A_DVD, damage.dvd_bench(Path(name), share or 1))


def _damaged(cases: Sequence[damage.Case], bench: damage.Bench) -> int:
    """Print a row for each; 1 if anything was found."""
    print(f"{'damage':52} {'outcome':10} {'by copies':>9} {'by RS03':>8} {'lost':>7} {'seconds':>8}")
    bad = 0
    for case in cases:
        result = damage.run(case, bench)
        blocks = dict(result.report.blocks) if result.report else {}
        lost, repaired = blocks.pop("lost", 0), blocks.pop("rs03", 0)
        print(
            f"{case.name:52} {result.outcome:10} {sum(blocks.values()):9} {repaired:8} {lost:7} {result.seconds:8.1f}",
            flush=True,
        )
        tell(f"{case.name}: {problem}" for problem in result.problems)
        bad += len(result.problems)
    return 1 if bad else 0


def run_dvds(share: int | None) -> int:
    """A set over three discs of a DVD's size, or of a share of that."""
    heading("A set over three discs")
    with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name:
        done = dvds.run(Path(name), share or 1)
    print(f"{done.files} files of {done.bytes:,} bytes: {done.discs} discs read; {done.seconds:.0f} s of disc run")
    tell(done.problems)
    return 1 if done.problems else 0


# Those that are run with all others.
CAMPAIGNS: Mapping[str, Callable[..., int]] = {
    "damage": run_damage,
    "burns": run_burns,
    "discs": run_discs,
}
# Those that are run by themselves: hours, and tens of GB.
LARGE: Mapping[str, Callable[..., int]] = {"damage-dvd": run_damaged_dvd, "dvds": run_dvds}
