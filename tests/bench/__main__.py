"""`./bench`: the project's own limits on speed and memory, measured. Started by the script of that name.

    (nothing)   ingest of V, P and S, scrub of V, memory, start-up    against cp, dd, rsync, openssl
    --peers     ingest of V and P                                     against restic, borg, git-annex, rclone, bagit
    --stores    ingest of G and T to S3, SMB and SFTP on loopback     against rclone; --kind smb: to that alone
    find        questions to a catalogue of a million records
    retention   what is due of ten million records, and how many; into docs/benchmarks-retention.md
    drill       a rebuild of 100,000 records rehearsed from one store; into docs/benchmarks-drill.md
    discs       images of V, S and L, and what checking them takes    against xorriso
    --quick     the same paths on tiny corpora; it measures nothing and writes no document

Everything lies below one folder on a disk (`--dir`; a new one in /var/tmp) and is removed at the end unless `--keep`
says so; a second run with the same `--dir` then uses the corpora and the catalogue that are there. About 25 GB of
room are asked for, 15 with `--stores`.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import authoring
import contenders
import corpora
import report
import retained
import stores
from contenders import BAGIT, COMMON, PARTY, SECTIONS, STRONGROOM, Place, VaultPlace
from corpora import Corpus
from report import Row
from timing import BenchFailed, Contender, Taken, interleaved, memory_of, run, run_plainly, seconds_of, tell

HERE = Path(__file__).parent
DOCUMENT = HERE.parent.parent / "docs" / "benchmarks.md"
DOCUMENTS = {name: DOCUMENT.with_name(f"benchmarks-{name}.md") for name in ("retention", "drill", "discs")}
TITLES = {
    "own": "Limits",
    "peers": "Against the peers",
    **{f"stores-{kind}": f"A store on a server: {kind}" for kind in stores.KINDS},
    "find": "A million records",
    "retention": "What is due of ten million records",
    "drill": "A rehearsed rebuild",
    "discs": "Disc images",
}
ROOM, ROOM_STORES = 25_000_000_000, 15_000_000_000  # bytes
MEMORY = 100  # MiB, for any input
MEMORY_STORES = 150  # MiB, towards servers
MOST_FILES = 10_000  # that a record may have; more are refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run's settings."""

    base: Path
    rounds: int
    quick: bool

    @property
    def work(self) -> Path:
        return self.base / "work"

    @property
    def corpora(self) -> Sequence[Corpus]:
        return corpora.QUICK if self.quick else corpora.FULL

    def place(self, name: str, *, small: bool = False) -> Place:
        """`small`: many small files are written there."""
        return Place(self.work / name, self.work / "aside" if small else None)

    def vault(self, name: str, *, small: bool = False) -> VaultPlace:
        return VaultPlace(self.place(name, small=small))

    def corpus(self, name: str) -> tuple[Corpus, Path]:
        """The corpus and its folder, made if it is not there. By a child: the harness stays small."""
        corpus = next(c for c in self.corpora if c.name == name)
        folder = self.base / "corpora" / f"{corpus.name}-{corpus.count}x{corpus.size}"
        if not folder.exists():
            tell(f"making {corpus}")
            shutil.rmtree(folder.with_name(folder.name + ".unfinished"), ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            words = (str(folder), corpus.name, str(corpus.count), str(corpus.size))
            run_plainly([sys.executable, str(HERE / "corpora.py"), *words])
        return corpus, folder

    def filled(self, count: int) -> VaultPlace:
        """A vault with so many records, made if it is not there."""
        vault = VaultPlace(Place(self.base / f"records-{count}"))
        if not (vault.home / "filled").exists():
            tell(f"making a vault of {count:,} records")
            vault.place.empty()
            run_plainly([sys.executable, str(HERE / "catalogue.py"), str(vault.home), str(vault.store), str(count)])
            (vault.home / "filled").touch()
        return vault


# ./bench


def own(bench: Bench) -> tuple[list[Row], list[str]]:
    """Limits on ingest, scrub, memory and start-up."""
    memory: list[Row] = []
    rows = [
        *_ingest(bench, "V", [(contenders.cp, 0.75), (contenders.dd, 1.1)], memory),
        *_scrub(bench, memory),
        *_ingest(bench, "P", [(contenders.rsync, 0.8)], memory),
        *_ingest(bench, "S", [(contenders.rsync, 0.5)], memory),
    ]
    _one_large_record(bench, memory)
    rows += _growing(bench, memory)
    start = Contender(name="strongroom --version", steps=[[STRONGROOM, "--version"]])
    started = [run(start) for _ in range(2 if bench.quick else 20)]
    rows.append(Row(what="`strongroom --version`", own=seconds_of(started), limit=0.15))
    return rows + memory, [report.versions("cp", "dd", "rsync", "openssl")]


def _ingest(
    bench: Bench, name: str, others: Sequence[tuple[Callable[[Place, Path], Contender], float]], memory: list[Row]
) -> list[Row]:
    corpus, folder = bench.corpus(name)
    small = name != "V"
    ours = contenders.strongroom(bench.vault("strongroom", small=small), [folder], corpus.count, keep=not small)
    rivals = [(make(bench.place("other", small=small), folder), limit) for make, limit in others]
    taken = interleaved([ours, *(rival for rival, _ in rivals)], bench.rounds, f"ingest {name}", folder)
    memory.append(_memory(f"memory, ingest {name}", taken[ours.name]))
    return [
        Row(
            what=f"ingest {name}",
            own=seconds_of(taken[ours.name]),
            against=rival.name,
            other=seconds_of(taken[rival.name]),
            limit=limit,
        )
        for rival, limit in rivals
    ]


def _scrub(bench: Bench, memory: list[Row]) -> list[Row]:
    """Over the vault that the last ingest of V left."""
    vault = bench.vault("strongroom")
    ours, theirs = contenders.scrub(vault), contenders.openssl(corpora.files_below(vault.objects))
    taken = interleaved([ours, theirs], bench.rounds, "scrub V", vault.objects)
    vault.place.remove()
    memory.append(_memory("memory, scrub V", taken[ours.name]))
    own, other = seconds_of(taken[ours.name]), seconds_of(taken[theirs.name])
    return [Row(what="scrub V, 2 workers", own=own, against=theirs.name, other=other, limit=0.7)]


def _one_large_record(bench: Bench, memory: list[Row]) -> None:
    """As many files as a record may have, from a folder and from a ZIP: what could make memory grow with the input."""
    _, folder = bench.corpus("S")
    some = sorted(folder.iterdir())[: MOST_FILES // corpora.FOLDER]
    archive = bench.work / "S.zip"
    bench.work.mkdir(exist_ok=True)
    run_plainly([sys.executable, "-m", "zipfile", "-c", str(archive), *map(str, some)])
    count = sum(1 for _ in corpora.files_below(*some))
    objects = count + (not bench.quick)  # so many files need a list in an object of its own
    for what, sources, options in (
        (f"{count:,} files of S as one record", some, ("--group", "all")),
        (f"{count:,} files of S in one ZIP", [archive], ()),
    ):
        vault = bench.vault("strongroom", small=True)
        taken = run(contenders.strongroom(vault, sources, objects, options=options), *sources)
        tell(f"{what}: {taken.seconds:.2f} s, {taken.memory >> 20} MiB")
        memory.append(_memory(f"memory, ingest {what}", [taken]))
    archive.unlink()


def _growing(bench: Bench, memory: list[Row]) -> list[Row]:
    """The same intake into a small vault and a large one: neither memory nor time may grow with the vault."""
    _, folder = bench.corpus("P")
    source = folder / "000"
    counts = (10, 50) if bench.quick else (100, 100_000)
    vaults = [bench.filled(count) for count in counts]
    few, many = (
        Contender(name=f"at {count:,} records", steps=[vault.command("ingest", str(source), "--section", SECTIONS[0])])
        for count, vault in zip(counts, vaults, strict=True)
    )
    taken = interleaved([few, many], bench.rounds, "ingest a folder of P", source)
    for vault in vaults:
        vault.place.remove()  # they are no longer of that size
    at_few, at_many = taken[few.name], taken[many.name]
    memory.append(_memory(f"memory, ingest {few.name}", at_few))
    memory.append(_memory(f"memory, ingest {many.name}", at_many))
    what = f"{many.name.removeprefix('at ')} instead of {counts[0]:,}"
    memory.append(
        Row(
            what=f"memory with {what} (“the same”)",
            own=memory_of(at_many),
            unit="MiB",
            against=few.name,
            other=memory_of(at_few),
            limit=1.1,
        )
    )
    return [
        Row(
            what=f"ingest of {sum(1 for _ in corpora.files_below(source))} × 300 KiB with {what}",
            own=seconds_of(at_many),
            against=few.name,
            other=seconds_of(at_few),
        )
    ]


def _memory(what: str, taken: Sequence[Taken]) -> Row:
    return Row(what=what, own=memory_of(taken), unit="MiB", limit=MEMORY)


# ./bench --peers


def peers(bench: Bench) -> tuple[list[Row], list[str]]:
    """Ahead of every peer on V and P."""
    rows: list[Row] = []
    for name in ("V", "P"):
        corpus, folder = bench.corpus(name)
        ours = contenders.strongroom(bench.vault("strongroom"), [folder], corpus.count)
        rivals = [make(bench.place("other"), folder) for make in contenders.PEERS]
        taken = interleaved([ours, *rivals], bench.rounds, f"ingest {name}", folder)
        rows += [
            Row(
                what=f"ingest {name}",
                own=seconds_of(taken[ours.name]),
                against=f"{rival.name}, {memory_of(taken[rival.name]).median:.0f} MiB",
                other=seconds_of(taken[rival.name]),
                limit=1.0,
                below=True,
            )
            for rival in rivals
        ]
    said = report.versions("restic", "borg", "git-annex", "rclone", BAGIT)
    return rows, [said, "Making the empty repository is not timed for anybody. S is not compared with the peers."]


# ./bench --stores


def server(bench: Bench, kind: str) -> tuple[list[Row], list[str]]:
    """As quick as rclone at this kind of server."""
    rows: list[Row] = []
    memory: list[Row] = []
    with stores.serving(kind, bench.work) as served:
        for name in ("G", "T"):
            corpus, folder = bench.corpus(name)
            ours, *rivals = stores.contenders_for(served, folder, corpus.count, corpus.bytes)
            taken = interleaved([ours, *rivals], bench.rounds, f"{kind} {name}", folder)
            rows += [
                Row(
                    what=f"{kind}, {name}",
                    own=seconds_of(taken[ours.name]),
                    against=f"{rival.name}, {memory_of(taken[rival.name]).median:.0f} MiB",
                    other=seconds_of(taken[rival.name]),
                    limit=1.0,
                )
                for rival in rivals
            ]
            memory.append(replace(_memory(f"memory, {kind}, {name}", taken[ours.name]), limit=MEMORY_STORES))
    shutil.rmtree(bench.work / kind, ignore_errors=True)
    return rows + memory, [report.versions("rclone", *stores.KINDS[kind])]


# ./bench find


def find(bench: Bench) -> tuple[list[Row], list[str]]:
    """Questions to a large catalogue, whole processes; first with its pages out of the page cache, then again."""
    count = 300 if bench.quick else 1_000_000
    began = time.perf_counter()
    vault = bench.filled(count)
    said = [f"{count:,} records; made by this run or found in {time.perf_counter() - began:.0f} s; see catalogue.py"]
    database = [path for path in vault.home.iterdir() if path.name.startswith("catalogue.db")]
    size = sum(path.stat().st_size for path in database)
    said.append(f"the catalogue has {size / 1e6:,.0f} MB; “cold”: its pages were out of the page cache")
    due = " ".join(vault.command("retention", "due", "--json"))
    questions = [
        Contender(name=name, steps=[steps])
        for name, steps in (
            (f"find {PARTY}", vault.command("find", PARTY)),
            (
                f"find --party {PARTY}",
                vault.command("find", "--party", PARTY),
            ),
            (f"find {COMMON} (every record)", vault.command("find", COMMON)),
            ("find --section (every third record)", vault.command("find", "--section", SECTIONS[0])),
            (
                "retention due --json, first 50",
                ["bash", "-c", f"test $({due} | head -n 50 | wc -l) -gt 0"],
            ),
        )
    ]
    cold = interleaved(questions, bench.rounds, "cold", *database)
    warm = cold if bench.quick else interleaved(questions, 3 * bench.rounds, "warm")
    rows = [
        Row(
            what=f"{one.name}, {state}",
            own=seconds_of(taken[one.name]),
            limit=0.5 if one.name.startswith("find") else None,  # nobody set one for `due`
        )
        for one in questions
        for state, taken in (("warm", warm), ("cold", cold))
    ]
    rows += [_memory(f"memory, {one.name}", warm[one.name]) for one in questions]
    return rows, said


# ./bench retention


def retention(bench: Bench) -> tuple[list[Row], list[str]]:
    """What is due, of very many records."""
    return retained.measured(VaultPlace(Place(bench.base / "records-retained")), quick=bench.quick, rounds=bench.rounds)


# ./bench drill


def drill(bench: Bench) -> tuple[list[Row], list[str]]:
    """A rebuild from one store rehearsed: journal proven and replayed, every row compared, objects read back."""
    count = 300 if bench.quick else 100_000
    vault = bench.filled(count)
    if not (vault.home / "landed").exists():
        run_plainly([sys.executable, str(HERE / "drilled.py"), str(vault.store), str(count)])
        (vault.home / "landed").touch()
    rehearsal = Contender(name="drill", steps=[vault.command("drill", "--json")])
    taken = interleaved([rehearsal], bench.rounds, rehearsal.name, vault.store / "journal")[rehearsal.name]
    return [
        Row(what=f"drill of {count:,} records", own=seconds_of(taken), limit=600),
        replace(_memory(f"memory, drill of {count:,} records", taken), limit=None),
    ], [f"{count:,} records, one file each; see catalogue.py and drilled.py"]


# ./bench discs


def discs(bench: Bench) -> tuple[list[Row], list[str]]:
    """Authoring of large videos, many small files, and a file that takes several extents; then their check."""
    rows: list[Row] = []
    memory: list[Row] = []
    for name, limit in (("V", 1.2), ("S", None), ("L", 1.2)):
        _, folder = bench.corpus(name)
        run_plainly([sys.executable, authoring.AUTHORING, "digest", str(folder)])
        place = bench.place("image")
        ours, rival = authoring.contenders_for(place, folder)
        taken = interleaved([ours, rival], bench.rounds, f"image {name}", folder)
        rows.append(
            Row(
                what=f"image of {name}",
                own=seconds_of(taken[ours.name]),
                against=rival.name,
                other=seconds_of(taken[rival.name]),
                limit=limit,
            )
        )
        checked = [run(authoring.check(place, folder), folder) for _ in range(bench.rounds)]
        rows.append(Row(what=f"check of {name}, four passes", own=seconds_of(checked)))
        made = _memory(f"memory, image of {name}", taken[ours.name])
        # The limit is on large files: of many small ones pycdlib holds every entry of three trees.
        memory += [replace(made, limit=limit and MEMORY), _memory(f"memory, check of {name}", checked)]
    return rows + memory, [report.versions("xorriso", "7z"), authoring.UNLIKE]


# the run


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # gigabytes are not left behind
    options = _options()
    bench = Bench(base=_base(options), rounds=options.rounds, quick=options.quick)
    try:
        for name in _asked(options):
            text = _measured(bench, name)
            print(text)
            if options.report is not None:
                report.write(options.report, name, text)
                tell(f"written into {options.report}")
    except BenchFailed as error:
        tell(f"bench: {error}")
        return 1
    except KeyboardInterrupt:
        tell("bench: stopped")
        return 130
    finally:
        _clean(bench, keep=options.keep, made=options.dir is None)
    return 0


def _asked(options: argparse.Namespace) -> list[str]:
    """Sections of the report."""
    if options.stores:
        return [f"stores-{kind}" for kind in options.kind or stores.KINDS]
    return ["peers" if options.peers else options.what]


def _measured(bench: Bench, name: str) -> str:
    """One section."""
    said = report.machine(bench.base)
    began = time.perf_counter()
    rows, more = WORK[name](bench)
    took = time.perf_counter() - began
    taken_in = "GT" if name.startswith("stores-") else {"own": "VPS", "peers": "VP", "discs": "VSL"}.get(name, "")
    corpora_said = "; ".join(str(one) for one in bench.corpora if one.name in taken_in) + "; incompressible"
    lines = [*said, *more, *([f"{corpora_said}; {bench.rounds} rounds"] if taken_in else [])]
    return report.section(TITLES[name], lines, rows, took, judged=not bench.quick)


WORK: dict[str, Callable[[Bench], tuple[list[Row], list[str]]]] = {
    "own": own,
    "peers": peers,
    **{f"stores-{kind}": partial(server, kind=kind) for kind in stores.KINDS},
    "find": find,
    "retention": retention,
    "drill": drill,
    "discs": discs,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./bench", description="Speed and memory, measured; see tests/bench.")
    parser.add_argument("what", nargs="?", choices=("own", "find", "retention", "drill", "discs"), default="own")
    parser.add_argument("--peers", action="store_true", help="against restic, borg, git-annex, rclone and bagit")
    parser.add_argument("--stores", action="store_true", help="to S3, SMB and SFTP on loopback, against rclone")
    parser.add_argument("--kind", action="append", choices=stores.KINDS, help="with --stores: to this kind of server")
    parser.add_argument("--quick", action="store_true", help="tiny corpora: try out the harness")
    parser.add_argument("--rounds", type=int, help="how often everybody has a turn (3; with --quick 1)")
    parser.add_argument("--dir", type=Path, help="folder for corpora and targets (a new one in /var/tmp)")
    parser.add_argument("--keep", action="store_true", help="leave corpora and catalogue in the folder")
    parser.add_argument("--report", type=Path, help="the document to write (with --quick none)")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.report = options.report or (None if options.quick else DOCUMENTS.get(options.what, DOCUMENT))
    return options


def _base(options: argparse.Namespace) -> Path:
    """The folder for everything, on a real disk with enough room."""
    if options.dir is not None:
        options.dir.mkdir(parents=True, exist_ok=True)
    base: Path = (options.dir or Path(tempfile.mkdtemp(prefix="strongroom-bench-", dir="/var/tmp"))).absolute()
    if not options.quick:
        room = ROOM_STORES if options.stores else ROOM
        if shutil.disk_usage(base).free < room:
            sys.exit(f"bench: {base} has less than {room / 1e9:.0f} GB of free space; name another folder with --dir.")
        from backends.linux import local_filesystem

        if not local_filesystem(base):
            sys.exit(f"bench: {base} is not on a local disk (memory, network?); name another folder with --dir.")
    return base


def _clean(bench: Bench, *, keep: bool, made: bool) -> None:
    shutil.rmtree(bench.work, ignore_errors=True)
    if keep:
        tell(f"kept: {bench.base}")
        return
    for path in (bench.base / "corpora", *bench.base.glob("records-*")):
        shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):  # a person's folder may hold other things
        bench.base.rmdir()


if __name__ == "__main__":
    sys.exit(main())
