"""The long campaigns: crashes at every call, power cuts, bits that flip, places that fail. `./campaign` runs this.

    ./campaign                   kills, cuts, flips, lines, operations
    ./campaign kills [EVERY]     kill and fail at every call of `ingest`, and at a share of those of other commands;
                                 with EVERY: only at every so many
    ./campaign cuts [CUTS]       so many power cuts [200], then the planted bugs, each of which must be caught (root)
    ./campaign flips [FLIPS]     so many single bits
    ./campaign lines [LINES]     so many lines to servers that break, in the middle of an intake and of each way of
                                 moving copies [200 each]
    ./campaign disposal [N]      so many random sequences [10000] of people, clocks and crashes around the end of
                                 records, nine in ten over memory, the others over SeaweedFS
    ./campaign damage [N]        a small disc damaged in every way of tests/faults/damage.py, so many [100] at random
    ./campaign damage-dvd [SHARE]  a full DVD damaged in those of its ways that it takes a large disc to show; or one of
                                 a SHARE of its size
    ./campaign operations [N]    so many operations [2000] on every kind of store, behind every decorator, without
                                 faults, with them, and on places that lie
    ./campaign burns [KILLS]     a burn killed at so many moments [40], then one disc of a DVD's size (root; 15 GB free)
    ./campaign discs [EVERY [FROM]]  `disc run` killed at every call and at moments of its burns, or at every so many of
                                 these from a number on, and gone on with: no blank may be lost that was not written
                                 (root)
    ./campaign dvds [SHARE]      12 GB of video over three DVDs, a file of 6 GiB and 20,000 others in one `disc run`,
                                 each disc read back by everything that reads discs; or a SHARE of it (root; 40 GB free)
    ./campaign services [KILLS]  one of two services killed so often [100], over SQLite, then over PostgreSQL with a
                                 bucket: no job may be lost, begun twice at once, or bring a copy twice

Each ends with its figures on standard output, as they stand in docs/crash-campaign.md and docs/store-campaign.md; 1 if
anything was found.
"""

import subprocess
import sys
import tempfile
import time
import typing
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests import servers
from tests.faults import (
    campaign_discs,
    campaign_services,
    combinations,
    cuts,
    disposal_buckets,
    disposals,
    kills,
    lines,
    moves,
)
from tests.faults.disposal_judge import TALLY
from tests.faults.model import Wrong
from tests.faults.planted import BUGS
from tests.faults.scene import REPOSITORY, make_source
from tests.faults.telling import heading, tell
from tests.faults.workers import pool_of_workers
from vault.intake.pipeline import TOGETHER

# command -> harm -> at every how many of its calls; `porters`: in processes of their own
KILLS: dict[str, dict[str, int]] = {
    "ingest": {"KILL": 1, "EIO": 1, "ENOSPC": 1, "KILL porters": 3},
    "init": {"KILL": 6, "EIO": 12, "ENOSPC": 24},
    "scrub": {"KILL": 8, "EIO": 16, "ENOSPC": 32},
    "rebuild": {"KILL": 6, "EIO": 12, "ENOSPC": 24},
    "disposal": {"KILL": 1, "EIO": 6, "ENOSPC": 12},
}
# file system, each part of the vault on one of its own, share of the cuts
CUTS = (("ext4", False, 0.3), ("ext4", True, 0.3), ("xfs", False, 0.2), ("xfs", True, 0.2))
BUDGET = 40  # cuts within which a planted bug must be caught


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; 0 if nothing was found."""
    named = {"kills": run_kills, "cuts": run_cuts, "flips": run_flips, "lines": run_lines, "operations": run_operations}
    named |= {"disposal": run_disposals, "services": campaign_services.run_services} | campaign_discs.CAMPAIGNS
    if not arguments:
        return max([campaign(None) for campaign in named.values()])
    name, *numbers = arguments
    campaign = (named | campaign_discs.LARGE).get(name)
    if campaign is None or len(numbers) > 1 + (name == "discs") or not all(number.isdecimal() for number in numbers):
        print(__doc__, file=sys.stderr)
        return 2
    return campaign(*(map(int, numbers) if numbers else [None]))


# kills


def run_kills(every: int | None) -> int:
    """Kill and fail; the number of points and problems of each command and harm."""
    heading("Kills and errors")
    print(
        f"{'command':9} {'harm':13} {'calls':>6} {'points':>7} {'reached':>8} {'problems':>9}  ended with (how often)"
    )
    bad = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder, pool_of_workers() as pool:
        source = make_source(Path(folder, "source"))
        for stage in kills.stages(Path(folder), source):
            for harm, share in KILLS[stage.name].items():
                porters = harm.endswith("porters")
                counted = kills.count_calls(stage, porters)
                points = kills.points(counted, harm.split()[0], max(share, every or 1), porters)
                bad += _row(stage, harm, counted, list(pool.map(kills.disturb, [stage] * len(points), points)))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if bad else 0


def _row(stage: kills.Stage, harm: str, counted: Counter[str], results: Sequence[kills.Result]) -> int:
    """Print one row; the number of points that found something. Most points must have been reached."""
    codes = Counter("killed" if result.code == -9 else str(result.code) for result in results)
    reached = sum(result.reached for result in results)
    found = [result for result in results if result.problems]
    ended = ", ".join(f"{code} ({count})" for code, count in codes.most_common())
    print(
        f"{stage.name:9} {harm:13} {counted.total():6} {len(results):7} {reached:8} {len(found):9}  {ended}", flush=True
    )
    tell(f"{stage.name}, {result.point}: {problem}" for result in found for problem in result.problems)
    if reached < 0.9 * len(results):
        tell([f"{stage.name}, {harm}: only {reached} of {len(results)} points were reached"])
        return len(found) + 1
    return len(found)


# cuts


def run_cuts(count: int | None) -> int:
    """Cut the power of the program as it is, and of the program with each planted bug."""
    wanted = 200 if count is None else count
    seed = time.time_ns() % 1_000_000
    heading(f"Power cuts (seed {seed})")
    print(f"{'on':7} {'cuts':>5} {'before':>7} {'between':>8} {'after':>6} {'acknowledged':>13} {'problems':>9}")
    began = time.monotonic()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder, pool_of_workers() as pool:
        source = make_source(Path(folder, "source"), small=7, large=3, members=3)
        tasks = [
            cuts.Task(kind, apart, round(wanted * share), seed + n, source)
            for n, (kind, apart, share) in enumerate(CUTS)
        ]
        for task, tally in zip(tasks, pool.map(cuts.cut_repeatedly, tasks), strict=True):
            bad += len(tally.problems)
            where = f"{task.kind} {'3' if task.apart else '1'}"
            print(
                f"{where:7} {tally.cuts:5} {tally.before:7} {tally.between:8} {tally.after:6} {tally.acknowledged:13} "
                f"{len(tally.problems):9}",
                flush=True,
            )
            tell(tally.problems)
        print(f"{time.monotonic() - began:.0f} s\n\n{'planted bug':19} {'caught after cuts':>17}  by")
        # more files than one commit takes: there is time between what is told first and the end
        many = make_source(Path(folder, "many"), small=2 * TOGETHER + 200, large=1, members=3)
        first = replace(tasks[0], kind="ext4", apart=True, cuts=BUDGET, source=many, stop=True)
        planted = [replace(first, alteration=bug, seed=seed + 100 + n) for n, bug in enumerate(BUGS)]
        for task, tally in zip(planted, pool.map(cuts.cut_repeatedly, planted), strict=True):
            caught = bool(tally.problems)
            said = (
                tally.problems[0].partition(": ")[2].splitlines()[0] if caught else f"NOT CAUGHT within {BUDGET} cuts"
            )
            print(f"{task.alteration:19} {tally.cuts:17}  {said}", flush=True)
            bad += not caught
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if bad else 0


# flips


def run_flips(count: int | None) -> int:
    """Single bits, by tests/faults/flips.py."""
    heading("Flipped bits")
    command = [sys.executable, "-m", "tests.faults.flips", *([] if count is None else [str(count)])]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


# lines


def run_lines(count: int | None) -> int:
    """Break the line to each kind of server, evenly over the bytes of an intake, of `tier run` and of `store drain`."""
    each = (200 if count is None else count) // len(lines.KINDS) + 1
    heading("Broken lines")
    print(f"{'server':7} {'in the middle of':18} {'bytes':>12} {'lines':>6} {'problems':>9}")
    began = time.monotonic()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name:
        folder = Path(name)
        source, home = lines.make_source(folder / "录像"), lines.template(folder / "template")
        filled = moves.template(folder / "filled", source)
        for kind in lines.KINDS:
            with lines.running(kind, folder / kind) as server:
                whole = lines.count_bytes(server, home, source, folder)
                for copies in (1, 2):

                    def taken(after: int, server: lines.Server = server, copies: int = copies) -> list[str]:
                        return lines.cut(server, home, source, folder, lines.Cut(after, copies))

                    bad += _lines(kind, f"ingest, {copies} copies", whole, each // 2, taken)
                for how in typing.get_args(moves.How):
                    whole = moves.count_bytes(server, filled, folder, how)

                    def moved(after: int, server: lines.Server = server, how: moves.How = how) -> list[str]:
                        return moves.cut(server, filled, folder, moves.Cut(how, after))

                    bad += _lines(kind, how, whole, each, moved)
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if bad else 0


def _lines(kind: str, what: str, whole: int, each: int, cut: Callable[[int], list[str]]) -> int:
    """Print one row; the number of problems."""
    places = range(1, whole, whole // each)
    found = [f"{kind}, {what}, cut after {after} bytes: {problem}" for after in places for problem in cut(after)]
    print(f"{kind:7} {what:18} {whole:12,} {len(places):6} {len(found):9}", flush=True)
    tell(found)
    return len(found)


# disposal


def run_disposals(count: int | None) -> int:
    """So many random sequences, judged by tests/faults/disposal_judge.py; one in which little is destroyed shows
    little."""
    wanted = 10_000 if count is None else count
    heading(f"Disposals ({wanted} sequences)")
    print(f"{'stores':10} {'sequences':>9} {'destroyed':>9} {'crashes':>8} {'seconds':>8} {'problems':>9}")
    bad = 0
    with (
        tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name,
        servers.seaweedfs(Path(name, "s3")) as server,
    ):
        for machine, share in ((disposals.Disposals, 0.9), (disposal_buckets.in_buckets(server), 0.1)):
            bad += _dispose(machine, max(1, round(wanted * share)))
    return 1 if bad else 0


def _dispose(machine: type[disposals.Disposals], sequences: int) -> int:
    """Print one row; the number of problems."""
    began, found = time.monotonic(), list[str]()
    TALLY.clear()
    try:
        disposals.go(machine, sequences)
    except Exception as error:  # noqa: BLE001  # whatever the judge, or the program, says
        notes = "\n".join(getattr(error, "__notes__", ()))
        found.append(f"{machine.__name__}: {type(error).__name__}: {error}\n{notes}")
    if TALLY["destroyed"] < sequences:
        found.append(f"{machine.__name__}: only {TALLY['destroyed']} records were destroyed: that shows little")
    print(
        f"{machine.__name__:10} {sequences:9} {TALLY['destroyed']:9} {TALLY['crashes']:8} "
        f"{time.monotonic() - began:8.0f} {len(found):9}",
        flush=True,
    )
    tell(found)
    return len(found)


# operations


def run_operations(count: int | None) -> int:
    """So many on each combination, judged by a model (tests/faults/operations.py)."""
    wanted = 2000 if count is None else count
    seed = time.time_ns() % 1_000_000
    heading(f"Operations ({wanted} each, seed {seed})")
    print(f"{'store':7} {'behind':9} {'trouble':8} {'seconds':>8} {'faults':>7} {'not told':>9} {'problems':>9}")
    began = time.monotonic()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name, ExitStack() as stack:
        folder = Path(name)
        at = combinations.Servers(
            folder,
            stack.enter_context(servers.seaweedfs(folder / "s3")),
            stack.enter_context(servers.samba(folder / "smb")),
            stack.enter_context(servers.sshd(folder / "sftp")),
        )
        for kind, behind in combinations.all_of_them():
            for trouble in combinations.TROUBLES:
                bad += _operate(kind, behind, trouble, seed, wanted, at)
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if bad else 0


def _operate(kind: str, behind: str, trouble: str, seed: int, count: int, at: combinations.Servers) -> int:
    began = time.monotonic()
    found: list[str] = []
    with combinations.run_on(kind, behind, trouble, seed, at) as run:
        try:
            run.go(count)
        except Wrong as error:
            found.append(f"{kind} {behind}, {trouble}: {error}")
    faults = sum(run.counted[fault] for fault in combinations.FAULTS)
    seconds = time.monotonic() - began
    print(
        f"{kind:7} {behind:9} {trouble:8} {seconds:8.1f} {faults:7} {run.counted['not told']:9} {len(found):9}",
        flush=True,
    )
    tell(found)
    return len(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
