"""Rot on the stores: single bits flipped in objects, journal and markers, and what fsck and scrub make of them.

Every round is judged by bytes: what fsck reports must be exactly what was flipped, and after the scrub each of these
files must be what it was, byte for byte, and the rotten copy of each object must lie in damaged/.
"""

import hashlib
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ops.config import StoreConfig
from ops.wiring import Working, closed_vault, init_vault, open_vault
from tests.vault.scene import assert_sound, facts, findings, flip, noise, rows_of, take_in, tree
from vault import acts
from vault.fsck import Finding
from vault.intake.filing import Ready, file_records
from vault.journal import CHECKPOINT, read_checkpoint
from vault.readers import Threads
from vault.records import RecordFile, Standing
from vault.scrub import Budget, Report, scrub
from vault.store import Vault
from vault.tlog import bundle_path, tile_path

STORES = ("甲", "乙")
WORKING = Working(person="李建国", clock=lambda: datetime(2026, 11, 21, 1, 30, tzinfo=UTC))
SIZES = (1, 7, 100, 511, 512, 4_095, 4_096, 4_097, 30_000, 65_537, 250_001)  # bytes; and a few of some MiB
ENTRIES = 778  # a full round's entries fit into the bundle that these begin


class Missed(AssertionError):
    """The campaign has failed: something was not found, not healed, or healed from a bad copy."""


@dataclass(slots=True)
class Tally:
    """How many flips there were, and what became of them."""

    rounds: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, what: str, count: int = 1) -> None:
        self.counts[what] += count


@dataclass(frozen=True, slots=True)
class Scene:
    """A vault to do harm to, a copy that stays as it was, and where its objects lie on a store."""

    home: Path
    pristine: Path
    objects: tuple[str, ...]  # relative paths
    journal: tuple[str, ...]

    def file(self, store: str, path: str) -> Path:
        return self.home / store / path

    def right(self, path: str) -> bytes:
        return (self.pristine / "甲" / path).read_bytes()

    def restart(self) -> None:
        """Put catalogue and journal back as they were; objects must have been healed."""
        for name in ("catalogue.db", "catalogue.db-wal", "catalogue.db-shm"):
            (self.home / name).unlink(missing_ok=True)
        shutil.copy(self.pristine / "catalogue.db", self.home / "catalogue.db")
        for store in STORES:
            for folder in ("journal", "damaged"):
                shutil.rmtree(self.home / store / folder, ignore_errors=True)
            shutil.copytree(self.pristine / store / "journal", self.home / store / "journal")


# making it


def make_scene(folder: Path, objects: int, large: int = 6) -> Scene:
    """A vault with so many objects of mixed sizes, some of them large, hundreds of records, ENTRIES entries, on two
    stores.
    """
    pristine = folder / "pristine"
    init_vault(pristine, "", "dengzhou", tuple(StoreConfig(name=s, kind="disk", location=s) for s in STORES), WORKING)
    contents = [noise(SIZES[n % len(SIZES)], n) for n in range(objects - large)]
    contents += [noise((1 << 20) * n + 4_096 * (n % 2) + n, n + objects) for n in range(1, large + 1)]
    with open_vault(pristine, WORKING) as vault:
        take_in(vault, *([data] for data in contents))
        _file_again(vault, contents)
        _fill_journal(vault)
        assert_sound(vault)
        size = read_checkpoint(vault.stores["甲"], vault.verifier).size
    require(size == ENTRIES, f"the scene has {size} entries")
    with closing(sqlite3.connect(pristine / "catalogue.db")) as connection:
        connection.execute("VACUUM")  # else half of the flips would meet pages that nothing occupies
    home = Path(shutil.copytree(pristine, folder / "vault"))
    held = sorted(tree(pristine / "甲" / "objects"))
    return Scene(home, pristine, tuple(f"objects/{path}" for path in held), tuple(_journal_files(size)))


def _file_again(vault: Vault, contents: Sequence[bytes]) -> None:
    """Records of two objects each, so that the catalogue has something to rot in."""
    ready = []
    for n in range(450):
        first, second = n % len(contents), (n * 7 + n // len(contents)) % len(contents)
        files = tuple(
            RecordFile(sha256=hashlib.sha256(data).hexdigest(), size=len(data), name=f"现场录像{n:04d}-{part}.mp4")
            for part, data in enumerate((contents[first], contents[second]))
        )
        said = facts(n)
        ready.append(Ready(files=files, stores=STORES, facts=said, origins=dict.fromkeys(said.known(), "sheet")))
    file_records(vault, ready, None)


def _fill_journal(vault: Vault) -> None:
    """Acts of several kinds up to ENTRIES."""
    ((so_far, records),) = rows_of(vault, "SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM record)")
    assert isinstance(so_far, int)
    assert isinstance(records, int)
    happened: list[acts.AnyAct] = []
    for n in range(ENTRIES - so_far):
        record, at, by = f"2026-{n % records + 1:07d}", vault.now(), ("王芳", "李建国")[n % 2]
        if n % 4 == 0:
            happened.append(
                acts.HoldPlaced(at=at, by=by, hold=f"H{n:05d}", record=record, why="信访", authority="法制科")
            )
        elif n % 4 == 1:
            happened.append(
                acts.RecordCorrected(at=at, by=by, record=record, facts=facts(n), standing=Standing.KEPT, why="补录")
            )
        else:
            happened.append(
                acts.RecordViewed(at=at, by=by, record=record, how="get", approved_by=("赵局长",), why=f"第{n}次")
            )
    vault.commit(lambda _: happened)


def _journal_files(size: int) -> Iterator[str]:
    """The files that a checkpoint of this size stands on. Superseded partial tiles that lie beside them are none."""
    yield CHECKPOINT
    full, rest = divmod(size, 256)
    for index in range(full):
        yield f"journal/{tile_path(0, index)}"
        yield f"journal/{bundle_path(index)}"
    yield f"journal/{tile_path(1, 0, full)}"
    yield f"journal/{tile_path(0, full, rest)}"
    yield f"journal/{bundle_path(full, rest)}"


# harm


@dataclass(frozen=True, slots=True)
class Flip:
    """One bit of one file of one store."""

    store: str
    path: str
    bit: int

    @property
    def finding(self) -> tuple[str, str, str]:
        """What fsck has to say of it."""
        if self.path.startswith("objects/"):
            return "object", self.store, self.path.rpartition("/")[2]
        kind = {"strongroom.json": "marker", "README.txt": "readme"}.get(self.path, "journal")
        return kind, self.store, self.path


def some_flip(scene: Scene, dice: random.Random, store: str, path: str) -> Flip:
    return Flip(store, path, dice.randrange(8 * scene.file(store, path).stat().st_size))


def do(scene: Scene, flips: Sequence[Flip]) -> dict[Flip, bytes]:
    """Flip the bits; the digest of what each file holds then."""
    after: dict[Flip, bytes] = {}
    for one in flips:
        flip(scene.file(one.store, one.path), one.bit)
        after[one] = _digest(scene.file(one.store, one.path))
    return after


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


@contextmanager
def at_work(scene: Scene) -> Iterator[Vault]:
    with closed_vault(scene.home, WORKING) as vault:
        yield vault


def require(holds: bool, what: object) -> None:
    if not holds:
        raise Missed(str(what))


def require_told(found: Sequence[Finding], flips: Sequence[Flip]) -> None:
    """fsck told of every flipped file, of nothing else, and of none twice."""
    told = [(finding.kind, finding.store, finding.what) for finding in found]
    wanted = {one.finding for one in flips}
    require(set(told) == wanted, f"not told: {wanted - set(told)}; told without cause: {set(told) - wanted}")
    require(len(told) == len(wanted), "told twice")


# rounds


def single_round(scene: Scene, dice: random.Random, most: int, tally: Tally) -> int:
    """Flip one bit each in many files, never of the same file on both stores; returns how many."""
    paths = dice.sample(scene.objects, min(len(scene.objects), 95)) + list(scene.journal)
    dice.shuffle(paths)
    flips = [some_flip(scene, dice, dice.choice(STORES), path) for path in paths[:most]]
    after = do(scene, flips)
    with at_work(scene) as vault:
        require_told(findings(vault)[0], flips)
        reports = scrub(vault, STORES, Budget(), Threads(2), int)
        _require_healed(scene, flips, after, reports)
        found, count = findings(vault)
        require(not found and count.passed, [finding.text.en for finding in found])
    for one in flips:
        kind = "object" if one.path.startswith("objects/") else "journal"
        tally.note(f"{kind}: flipped, found, healed")
    tally.rounds += 1
    scene.restart()
    return len(flips)


def _require_healed(scene: Scene, flips: Sequence[Flip], after: dict[Flip, bytes], reports: Sequence[Report]) -> None:
    for report in reports:
        mine = [one for one in flips if one.store == report.store]
        require((report.failed, report.healed) == (len(mine), len(mine)), report)
        require(report.passed and report.complete, report)
        aside = sorted(_digest(path) for path in (scene.home / report.store / "damaged").glob("*"))
        rotten = sorted(after[one] for one in mine if one.path.startswith("objects/"))
        require(aside == rotten, f"{report.store}: damaged/ does not hold the rotten copies")
    for store in STORES:
        now = tree(scene.home / store)
        for path, digest in tree(scene.pristine / store).items():
            if path != CHECKPOINT and not path.startswith("tmp/"):
                require(now.get(path) == digest, f"{store}: {path} is not what it was")
    journals = [_of_the_journal(scene.home / store) for store in STORES]
    require(journals[0] == journals[1], "the stores' journals differ")


def _of_the_journal(root: Path) -> dict[str, str]:
    return tree(root / "journal")


def double_round(scene: Scene, dice: random.Random, most: int, tally: Tally) -> int:
    """Flip different bits in both copies of objects: neither may heal the other, and nothing may be lost."""
    flips: list[Flip] = []
    for path in dice.sample(scene.objects, min(len(scene.objects), most // 2)):
        first = some_flip(scene, dice, "甲", path)
        other = dice.choice([bit for bit in range(8) if bit != first.bit % 8])
        flips += [first, Flip("乙", path, first.bit // 8 * 8 + other)]
    after = do(scene, flips)
    for store in STORES:
        (scene.home / store / "damaged").mkdir()
        (scene.home / store / "damaged" / "早先移开的副本").write_bytes(b"earlier")
    with at_work(scene) as vault:
        require_told(findings(vault)[0], flips)
        for report in scrub(vault, STORES, Budget(), Threads(2), int):
            hopeless = {(d.store, d.digest.hex, d.state) for d in report.damages}
            mine = [one for one in flips if one.store == report.store]
            require(hopeless == {(one.store, one.finding[2], "corrupt") for one in mine}, report)
            require(report.healed == 0 and not report.passed, report)
        require_told(findings(vault)[0], flips)
    for one in flips:
        require(_digest(scene.file(one.store, one.path)) == after[one], f"{one} was touched")
    for store in STORES:
        left = [path.read_bytes() for path in (scene.home / store / "damaged").iterdir()]
        require(left == [b"earlier"], f"{store}: damaged/ is not what it was")
    do(scene, flips)  # back
    tally.note("both copies of an object: flipped, found, healed by nobody", len(flips))
    tally.rounds += 1
    scene.restart()
    return len(flips)


def marker_round(scene: Scene, dice: random.Random, tally: Tally) -> int:
    """Flip one bit of a marker or README. What may be another vault's or a newer program's is left to a person."""
    store, path = dice.choice(STORES), dice.choice(("strongroom.json", "strongroom.json", "README.txt"))
    one = some_flip(scene, dice, store, path)
    after = do(scene, [one])
    with at_work(scene) as vault:
        found = findings(vault)[0]
        require(one.finding in {(f.kind, f.store, f.what) for f in found}, f"{one} was not found")
        foreign = any(f.kind == "unavailable" for f in found)
        report = next(r for r in scrub(vault, STORES, Budget(bytes=0), Threads(2), int) if r.store == store)
        if foreign or report.lost:
            require(_digest(scene.file(store, path)) == after[one], f"{one}: written over")
            require(not report.passed, report)
            do(scene, [one])  # as a person would: from the other store
            tally.note("marker: flipped, found, left to a person (names another vault, or a newer format)")
        else:
            require(report.healed == 1 and report.passed, report)
            tally.note("marker or README: flipped, found, healed")
        require(scene.file(store, path).read_bytes() == scene.right(path), f"{one}: not healed")
    tally.rounds += 1
    scene.restart()
    return 1
