"""The flip campaign: single-bit flips over objects, journal, markers and catalogue of a vault with two stores.

    python tests/faults/flips.py [N] [--seed S]      N flips in all, 10,000 unless told

Ends with 0 and the figures if every flip was found (or shown to change nothing), everything that has a good copy was
healed from it byte for byte, and nothing was healed from a bad one; otherwise with 1 and what was missed.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def campaign(count: int, seed: int, folder: Path) -> None:
    from tests.faults.rot import Tally, double_round, make_scene, marker_round, single_round
    from tests.faults.rot_catalogue import flip_catalogue

    dice = random.Random(seed)
    tally = Tally()
    began = time.monotonic()

    def said(what: str) -> None:
        print(f"[{time.monotonic() - began:7.1f} s] {what}", file=sys.stderr, flush=True)

    scene = make_scene(folder, 160)
    said(f"a vault with {len(scene.objects)} objects, {len(scene.journal)} journal files on each of two stores")
    shares = {"catalogue": count * 3 // 10, "both": count // 10, "marker": count // 50}
    left = count - sum(shares.values())
    while left > 0:
        left -= single_round(scene, dice, left, tally)
        said(f"one copy: {left} to go")
    while shares["both"] > 1:
        shares["both"] -= double_round(scene, dice, min(shares["both"], 200), tally)
        said(f"both copies: {shares['both']} to go")
    for _ in range(shares["marker"] + shares["both"]):
        marker_round(scene, dice, tally)
    said("markers done")
    flip_catalogue(scene, dice, shares["catalogue"], tally, folder)
    said("catalogue done")
    for what, number in tally.counts.items():
        print(f"{number:7,}  {what}")
    flips = sum(number for what, number in tally.counts.items() if "of these" not in what)
    print(f"{flips:7,}  flips in {tally.rounds} rounds and {time.monotonic() - began:.0f} s, seed {seed}: none missed")
    if flips != count:
        raise SystemExit(f"{count} flips were asked for")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20261121)
    told = parser.parse_args()
    if told.count < 100:
        parser.error("fewer than 100 flips show nothing")
    try:
        with tempfile.TemporaryDirectory(prefix="flips-") as folder:
            campaign(told.count, told.seed, Path(folder))
    except AssertionError as error:
        print(f"MISSED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
