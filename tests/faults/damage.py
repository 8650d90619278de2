"""Discs damaged in every way that we could think of, salvaged, and judged by the bytes that were burnt.

A case ends in one of three ways: the image comes back byte for byte, it is refused with a reason, or in part; which it
must be is in the table. In no case may a file be given out that is not, byte for byte, what was burnt under its name.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from media.salvage.command import Report, salvage
from media.salvage.copies import Copy
from media.salvage.identity import Named
from media.salvage.refusals import SalvageRefused
from tests.media.discs import (
    SECTOR,
    Disc,
    Unreadable,
    flip,
    make_disc,
    random_files,
    ring,
    scattered,
    scratch,
    sha256_of,
    spoil,
)

Outcome = Literal["identical", "refused", "part"]
NOT_NAMED = Named()


@dataclass(frozen=True)
class Bench:
    """The disc under test, discs that must not be mixed with it, and room for damaged copies."""

    disc: Disc
    strangers: Mapping[str, Disc]
    folder: Path

    def spoilt(self, name: str, lost: set[int]) -> Copy:
        return Copy(str(spoil(self.disc, self.folder / name, lost)))

    def flipped(self, name: str, lost: set[int]) -> Copy:
        return Copy(str(flip(self.disc, self.folder / name, lost, seed=len(lost))))

    def unreadable(self, name: str, lost: set[int]) -> Copy:
        return Unreadable(str(self.disc.path), name, lost)

    def rubbish(self, name: str, lost: set[int]) -> Copy:
        """Something else lies where the error correction was."""
        path = spoil(self.disc, self.folder / name, lost)
        with path.open("r+b") as file:
            file.seek(self.disc.iso)
            file.write(random.Random(7).randbytes(self.disc.sectors * SECTOR - self.disc.iso))
        return Copy(str(path))

    def cut(self, name: str, share: float) -> Copy:
        """An image that ends early."""
        data = self.disc.data
        (self.folder / name).write_bytes(data[: int(len(data) * share)])
        return Copy(str(self.folder / name))


@dataclass(frozen=True)
class Case:
    """One kind of damage. `must`: the outcomes that are right; `said`: what a refusal has to speak of."""

    name: str
    copies: Callable[[Bench], Sequence[Copy]]
    must: tuple[Outcome, ...] = ("identical",)
    said: str = ""
    named: Named = NOT_NAMED


@dataclass(frozen=True)
class Result:
    """What came of a case."""

    case: Case
    outcome: Outcome
    report: Report | None
    refusal: str
    seconds: float
    problems: Sequence[str]


def _two(how: str, a: Callable[[int], set[int]], b: Callable[[int], set[int]]) -> Callable[[Bench], Sequence[Copy]]:
    def made(bench: Bench) -> Sequence[Copy]:
        make = getattr(bench, how)
        sectors = bench.disc.sectors
        return [make("A.iso", a(sectors)), make("B.iso", b(sectors))]

    return made


def _kinds(how: str) -> list[Case]:
    """30 % of A, and other 30 % of B."""
    said = {"unreadable": "unreadable", "spoilt": "read as zeros", "flipped": "a bit flipped"}[how]
    return [
        Case(f"rings, {said}", _two(how, lambda n: ring(n, 0.1, 0.3), lambda n: ring(n, 0.55, 0.3))),
        Case(f"scratches, {said}", _two(how, lambda n: scratch(n, 0.1), lambda n: scratch(n, 0.6))),
        Case(
            f"scattered, {said}",
            _two(how, lambda n: scattered(n, 0.3, 1), lambda n: scattered(n, 0.3, 2, scattered(n, 0.3, 1))),
        ),
        Case(
            f"scattered, both at random, {said}",
            _two(how, lambda n: scattered(n, 0.3, 3), lambda n: scattered(n, 0.3, 4)),
        ),
    ]


def _alone(make: Callable[[Bench, int], Copy]) -> Callable[[Bench], Sequence[Copy]]:
    return lambda bench: [make(bench, bench.disc.sectors)]


def _both_lose(place: Callable[[Disc], set[int]]) -> Callable[[Bench], Sequence[Copy]]:
    return lambda bench: [
        bench.spoilt("A.iso", place(bench.disc) | ring(bench.disc.sectors, 0.2, 0.02)),
        bench.unreadable("B", place(bench.disc) | ring(bench.disc.sectors, 0.6, 0.02)),
    ]


def _list_of(disc: Disc) -> set[int]:
    """The sectors of the block list."""
    size = 128 + 65 * -(-disc.iso // 32_768)
    return set(range(disc.listed // SECTOR, (disc.listed + size - 1) // SECTOR + 1))


def _beside(stranger: str) -> Callable[[Bench], Sequence[Copy]]:
    return lambda bench: [
        bench.spoilt("A.iso", ring(bench.disc.sectors, 0.3, 0.2)),
        Copy(str(bench.strangers[stranger].path)),
    ]


CASES = (
    *_kinds("unreadable"),
    *_kinds("spoilt"),
    *_kinds("flipped"),
    Case("B is lost, a ring of 10 % of A", _alone(lambda bench, n: bench.unreadable("A", ring(n, 0.4, 0.1)))),
    Case("B is lost, 10 % of A scattered", _alone(lambda bench, n: bench.spoilt("A.iso", scattered(n, 0.1, 5)))),
    Case("B is lost, bits flipped in 5 % of A", _alone(lambda bench, n: bench.flipped("A.iso", scattered(n, 0.05, 6)))),
    Case("block list lost in both", _both_lose(_list_of)),
    Case("volume descriptors lost in both", _both_lose(lambda disc: set(range(16, 32)))),
    Case("the first half MiB lost in both", _both_lose(lambda disc: set(range(256)))),
    Case(
        "header of error correction lost in both", _both_lose(lambda disc: {disc.iso // SECTOR, disc.iso // SECTOR + 1})
    ),
    Case(
        "a ring of 10 % lost in both, rubbish for error correction in one",
        lambda bench: [
            bench.rubbish("A.iso", ring(bench.disc.sectors, 0.3, 0.1)),
            bench.spoilt("B.iso", ring(bench.disc.sectors, 0.3, 0.1)),
        ],
    ),
    Case("too much lost in both", _both_lose(lambda disc: ring(disc.sectors, 0.3, 0.4)), ("part",)),
    Case("another disc of the set as B", _beside("disc"), ("refused",), "disc differs"),
    Case("a disc of another vault as B", _beside("vault"), ("refused",), "vault differs"),
    Case("another generation as B", _beside("generation"), ("refused",), "generation differs"),
    Case(
        "another disc than its label says",
        _alone(lambda bench, n: bench.spoilt("A.iso", set())),
        ("refused",),
        "label",
        Named(mark="2026-0001-2A"),
    ),
    Case(
        "another image than its label says",
        _alone(lambda bench, n: bench.spoilt("A.iso", set())),
        ("refused",),
        "label",
        Named(image="0" * 64),
    ),
    Case(
        "another vault's disc than was meant",
        _alone(lambda bench, n: bench.spoilt("A.iso", ring(n, 0.3, 0.05))),
        ("refused",),
        "vault",
        Named(vault="ffffffffffffffff"),
    ),
    *(
        Case(
            f"A ends at {share:.2%}, B is lost",
            _alone(lambda bench, n, share=share: bench.cut("A.iso", share)),  # type: ignore[misc]  # bound now
            ("identical",) if share > 0.85 else ("part", "refused"),
        )
        for share in (0.0, 0.0001, 0.01, 0.1, 0.5, 0.7, 0.9, 0.99, 0.9999)
    ),
    Case(
        "A ends at half, a ring of 30 % of B",
        lambda bench: [bench.cut("A.iso", 0.5), bench.unreadable("B", ring(bench.disc.sectors, 0.1, 0.3))],
    ),
)


ON_A_DVD = tuple(case for case in CASES if "unreadable" in case.name or case.name == "B is lost, a ring of 10 % of A")


def small_bench(folder: Path, layer: int) -> Bench:
    """A disc of 255 layers of so many sectors, and beside it one of the set, of another vault and of the next
    generation: alike but for one word.
    """
    mebibytes = round(layer * 255 * SECTOR / (1 << 20) * 0.78 - 0.8)  # a fifth is error correction; 0.8: file systems
    files, sectors = random_files(1, mebibytes), 255 * layer
    (folder / "copies").mkdir(parents=True)
    return Bench(
        disc=make_disc(folder / "disc.iso", files, sectors),
        strangers={
            "disc": make_disc(folder / "other.iso", random_files(2, mebibytes), sectors, volume="2026-0001-2"),
            "vault": make_disc(folder / "vault.iso", files, sectors, vault="0123456789abcdef"),
            "generation": make_disc(folder / "generation.iso", files, sectors, generation=2),
        },
        folder=folder / "copies",
    )


def dvd_bench(folder: Path, share: int) -> Bench:
    """A full DVD+R, a fifth of it error correction; or a disc of a share of that."""
    (folder / "copies").mkdir(parents=True)
    files: dict[str, bytes | Path] = dict(random_files(3, 1))
    for n in range(6):
        path = folder / f"{n}.mp4"
        with path.open("wb") as file:
            for _ in range(600 // share):
                file.write(random.randbytes(1 << 20))
        files[f"执法现场录像_{n}.mp4"] = path
    disc = make_disc(folder / "disc.iso", files, 2_295_104 // share // 255 * 255)
    for path in folder.glob("*.mp4"):
        path.unlink()
    return Bench(disc, {}, folder / "copies")


def run(case: Case, bench: Bench) -> Result:
    """Damage, salvage, judge; what was made is removed again."""
    target, out = bench.folder / "salvaged.iso", bench.folder / "files"
    began = time.monotonic()
    copies = case.copies(bench)
    report: Report | None = None
    refusal = ""
    named = case.named if case.named != NOT_NAMED else Named(mark="2026-0001-1A", image=bench.disc.sha256)
    try:
        report = salvage(copies, target, named, out)
    except SalvageRefused as error:
        refusal = error.en
    seconds = time.monotonic() - began
    result = judge(case, bench, report, refusal, seconds, out)
    clear(bench.folder)
    return result


def judge(case: Case, bench: Bench, report: Report | None, refusal: str, seconds: float, out: Path) -> Result:
    """Compare everything that was given out with what was burnt."""
    problems = [f"{path} was given out and is not what was burnt" for path in _wrong(bench.disc, out)]
    outcome: Outcome = "refused" if report is None else "part"
    if report is not None and report.complete:
        outcome = "identical"
        same = sha256_of(report.image) == bench.disc.sha256
        if sha256_of(report.image, bench.disc.iso) != sha256_of(bench.disc.path, bench.disc.iso):
            problems.append("it was called complete and is not what was burnt")
        if same is not report.same:
            problems.append(f"same as on the label: {report.same} was said, {same} is true")
        if missing := set(bench.disc.files) - {entry.path for entry, _ in report.files.whole}:
            problems.append(f"not given out: {sorted(missing)}")
    if outcome not in case.must:
        problems.append(f"{outcome}, and should be {' or '.join(case.must)}: {refusal}")
    if refusal and case.said not in refusal:
        problems.append(f"the refusal does not speak of {case.said!r}: {refusal}")
    if refusal and list(bench.folder.glob("salvaged.iso*")):
        problems.append("something was left of what was refused")
    return Result(case, outcome, report, refusal, seconds, problems)


def _wrong(disc: Disc, out: Path) -> list[str]:
    found = {str(path.relative_to(out)): sha256_of(path) for path in out.rglob("*") if path.is_file()}
    return [path for path, digest in found.items() if disc.files.get(path) != digest]


def clear(folder: Path) -> None:
    """Remove copies and results."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


def at_random(seed: int) -> Case:
    """Damage of one to three copies, of any kinds and shares, up to far more than can be made good."""

    def copies(bench: Bench) -> Sequence[Copy]:
        dice = random.Random(seed)
        sectors = bench.disc.sectors
        made: list[Copy] = []
        for letter in "ABC"[: dice.randint(1, 3)]:
            share = dice.choice([0.02, 0.1, 0.3, 0.6])
            lost = {
                "ring": lambda share=share: ring(sectors, dice.random() * (1 - share), share),
                "scratch": lambda: scratch(sectors, dice.random()),
                "scattered": lambda share=share: scattered(sectors, share, dice.randrange(1 << 30)),
                "none": set,
            }[dice.choice(["ring", "scratch", "scattered", "none"])]()
            how = dice.choice(["spoilt", "flipped", "unreadable", "cut"])
            made.append(bench.cut(letter, dice.random()) if how == "cut" else getattr(bench, how)(letter, lost))
        return made

    return Case(f"at random, seed {seed}", copies, ("identical", "part", "refused"))
