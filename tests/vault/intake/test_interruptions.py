"""Intakes that are killed, stopped, starved of stores or not alone: what was told is safe, and the rest goes on."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backends.disk import DiskStore
from ops.config import FILE
from ops.sample_media import make_photo
from ops.wiring import Working, open_vault
from tests.program import PROGRAM
from tests.vault.scene import assert_sound, estrange, rows_of
from vault import acts
from vault.errors import Ended, StoreNotMounted
from vault.facts import Facts
from vault.intake.activities import Request
from vault.intake.pipeline import Intake, Outcome
from vault.intake.resume import LOCKS
from vault.journal import read_bundle
from vault.readers import Threads
from vault.scrub import Budget, scrub
from vault.store import Vault

MIB = 1 << 20
INTAKE_INTO = [*PROGRAM, "--clock-is-right", "--vault"]


def intake(vault: Vault, *paths: Path, progress: Callable[[int], object] = int, release: bool = False) -> Intake:
    return Intake(vault, Request(paths=paths, facts=Facts(section="监督检查科"), release_source=release), progress)


def take(vault: Vault, *paths: Path, **asked: Any) -> list[Outcome]:
    return list(intake(vault, *paths, **asked).run())


def results(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.result for outcome in outcomes)


def make(folder: Path, count: int, size: int = 2_000) -> Path:
    """Files of `size` bytes, no two alike."""
    folder.mkdir()
    for n in range(count):
        (folder / f"段{n:05}.mp4").write_bytes(f"第 {n} 段\n".encode().ljust(size, b"."))
    return folder


def started(home: Path, source: Path, *more: str) -> subprocess.Popen[str]:
    """`strongroom ingest --json` at work, in a process of its own."""
    command = [*INTAKE_INTO, str(home), "ingest", "--json", "--section", "监督检查科", *more, str(source)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(lines: Iterator[str] | list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


# Killed and stopped


def test_after_kill_9_the_rest_is_read_and_no_more(home: Path, working: Working, tmp_path: Path) -> None:
    source = make(tmp_path / "录像", 700)
    process = started(home, source)
    assert process.stdout is not None
    reported = told([next(process.stdout) for _ in range(200)])
    process.send_signal(signal.SIGKILL)
    with process:
        assert process.stderr is not None
        reported += told([line for line in process.stdout.read().splitlines() if line.endswith("}")])
        err = process.stderr.read()
    assert process.returncode == -signal.SIGKILL, err
    assert len(reported) < 700, "it was too quick to be killed"

    read: list[int] = []
    working_now = Working(person=working.person, clock_vouched=True)
    with open_vault(home, working_now) as vault:
        outcomes = take(vault, source, progress=read.append)
        assert set(results(outcomes)) <= {"resumed", "stored"}
        assert len(outcomes) == 700
        records = {Path(o.where).name: o.record for o in outcomes}
        assert all(records[Path(one["file"]).name] == one["record"] for one in reported)
        assert results(outcomes)["resumed"] >= len(reported)
        assert sum(read) == 2_000 * results(outcomes)["stored"]  # bytes: nothing that was filed is read again
        assert len(set(records.values())) == 700
        assert_sound(vault)
        # A run that has ended is forgotten: asking again reads everything, and knows it.
        assert results(take(vault, source)) == {"seen-again": 700}


def test_a_file_that_changed_since_the_interruption_is_read_again(
    home: Path, vault: Vault, working: Working, tmp_path: Path
) -> None:
    source = make(tmp_path / "录像", 600)
    run = intake(vault, source).run()
    first = [next(run) for _ in range(100)]
    run.close()  # type: ignore[attr-defined]  # a generator; what Ctrl-C does to it
    changed = Path(first[0].where)
    changed.write_text("改过的", encoding="utf-8")
    outcomes = {o.where: o for o in take(vault, source)}
    assert outcomes[first[0].where].result == "stored"
    assert outcomes[first[0].where].record != first[0].record
    assert all(outcomes[o.where].result == "resumed" for o in first[1:])
    assert_sound(vault)


def test_another_request_does_not_resume_this_one(vault: Vault, tmp_path: Path) -> None:
    """The facts are others: what was filed under the first ones must be met again, not passed over."""
    source = make(tmp_path / "录像", 600)
    run = intake(vault, source).run()
    next(run)
    run.close()  # type: ignore[attr-defined]
    other = Intake(vault, Request(paths=(source,), facts=Facts(section="会计科")), int)
    assert "resumed" not in results(list(other.run()))


@pytest.mark.parametrize("which", [0, 1])
def test_a_porter_that_is_killed_ends_the_intake_with_a_message_and_asking_again_goes_on(
    vault: Vault, tmp_path: Path, capfd: pytest.CaptureFixture[str], which: int
) -> None:
    source = make(tmp_path / "录像", 3_000)
    run = intake(vault, source).run()
    told = [next(run)]
    porter = sorted(multiprocessing.active_children(), key=lambda process: process.pid or 0)[which]
    assert porter.pid is not None
    os.kill(porter.pid, signal.SIGKILL)
    with pytest.raises(Ended, match="ended from outside"):
        told += run
    assert "Traceback" not in capfd.readouterr().err  # of the other one, whose line broke
    assert len(told) < 3_000
    outcomes = {o.where: o for o in take(vault, source)}
    assert len(outcomes) == 3_000
    assert {outcomes[o.where].result for o in told} == {"resumed"}
    assert_sound(vault)


def alive(process: str) -> bool:
    try:
        return "State:\tZ" not in Path("/proc", process, "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_porters_end_by_themselves_when_the_intake_is_killed(home: Path, tmp_path: Path) -> None:
    process = started(home, make(tmp_path / "录像", 3_000))
    assert process.stdout is not None
    next(process.stdout)
    porters = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(porters) == 2
    process.send_signal(signal.SIGKILL)
    process.communicate()  # which ends when nobody has their output open any more
    deadline = time.monotonic() + 10
    while any(alive(porter) for porter in porters):
        assert time.monotonic() < deadline, "they go on without their parent"
        time.sleep(0.05)


def test_the_porters_leave_nothing_behind(vault: Vault, tmp_path: Path) -> None:
    take(vault, make(tmp_path / "录像", 3))
    assert multiprocessing.active_children() == []
    for store in vault.stores.values():
        assert isinstance(store, DiskStore)
        assert len(list((store.root / "tmp").iterdir())) == 1  # this process's own


# Not alone


def test_two_intakes_of_the_same_files_at_once_store_each_once(home: Path, tmp_path: Path) -> None:
    source = make(tmp_path / "录像", 400)
    both = [started(home, source), started(home, source)]
    reports = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], reports
    rows = [told(out.splitlines()) for out, _ in reports]
    stored = Counter(row["sha256"] for row in [*rows[0], *rows[1]] if row["result"] == "stored")
    again = Counter(row["sha256"] for row in [*rows[0], *rows[1]] if row["result"] == "seen-again")
    assert set(stored.values()) == set(again.values()) == {1}
    assert len(stored) == len(again) == 400
    assert {r["sha256"]: r["record"] for r in rows[0]} == {r["sha256"]: r["record"] for r in rows[1]}
    with open_vault(home, Working(person="张敏", clock_vouched=True)) as vault:
        assert_sound(vault)


def test_what_another_process_is_still_at_is_not_taken_for_done(vault: Vault, tmp_path: Path) -> None:
    """Once the same request resumed a run that was at work, and told what had not reached the stores yet."""
    source = make(tmp_path / "录像", 2_500)  # more than one commit takes
    first = intake(vault, source).run()
    begun = [next(first) for _ in range(10)]
    second = take(vault, source)
    assert results(second).keys() == {"seen-again", "stored"}
    assert {o.where: o.record for o in begun}.items() <= {o.where: o.record for o in second}.items()
    rest = list(first)
    assert {o.record for o in [*begun, *rest]} == {o.record for o in second}
    assert list((vault.setting.home / LOCKS).glob("*")) == []
    assert_sound(vault)


def test_two_intakes_of_different_files_at_once(home: Path, tmp_path: Path) -> None:
    sources = [make(tmp_path / "一队", 300), make(tmp_path / "二队", 300, size=3_000)]
    both = [started(home, source) for source in sources]
    reports = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], reports
    numbers = [row["record"] for out, _ in reports for row in told(out.splitlines())]
    assert len(set(numbers)) == 600
    with open_vault(home, Working(person="张敏", clock_vouched=True)) as vault:
        assert_sound(vault)


# Stores lost on the way


@pytest.fixture
def one_is_enough(home: Path, working: Working) -> Iterator[Vault]:
    """The same vault, whose policy demands one copy of the two."""
    text = (home / FILE).read_text(encoding="utf-8")
    (home / FILE).write_text(text.replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with open_vault(home, working) as vault:
        yield vault


def after(amount: int, act: Callable[[], object]) -> Callable[[int], None]:
    """Does it once so many bytes are told to have been read: a porter tells when a load is done."""
    read: list[int] = []

    def progress(count: int) -> None:
        read.append(count)
        if sum(read) >= amount and 0 not in read:
            read.append(0)
            act()

    return progress


@pytest.mark.parametrize("lost", ["甲", "乙"])
def test_a_store_lost_on_the_way_is_left_out_where_the_policy_permits_and_gets_its_copies_later(
    home: Path, one_is_enough: Vault, tmp_path: Path, lost: str
) -> None:
    source = make(tmp_path / "录像", 2_500)  # far more than the porters have in hand when they tell
    run = intake(one_is_enough, source, progress=after(300 * 2_000, lambda: (home / lost).rename(home / "别处")))
    outcomes = list(run.run())
    assert results(outcomes) == {"stored": 2_500}
    assert list(run.failures) == [lost]
    owed = copies_in(one_is_enough, lost, "owed")
    assert owed
    (home / "别处").rename(home / lost)
    scrub(one_is_enough, list(one_is_enough.stores), Budget(), Threads(2), int)
    assert not copies_in(one_is_enough, lost, "owed")
    assert_sound(one_is_enough)


def test_a_store_lost_before_the_media_was_asked_what_it_says(
    home: Path, one_is_enough: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked of the copy just stored; once only of the first store's, and the whole run ended with that."""
    photo = tmp_path / "IMG_0107.jpg"
    make_photo(photo, datetime(2026, 11, 20, 2, tzinfo=UTC), ["记账凭证"])
    put = DiskStore.put

    def lost(self: DiskStore, *asked: Any) -> Any:
        landed = put(self, *asked)
        if self.name == "乙":
            (home / "甲").rename(home / "别处")
        return landed

    monkeypatch.setattr(DiskStore, "put", lost)
    (outcome,) = take(one_is_enough, photo)
    assert outcome.file is not None
    assert (outcome.result, outcome.file.recorded_at) == ("stored", datetime(2026, 11, 20, 2, tzinfo=UTC))


def copies_in(vault: Vault, store: str, state: str) -> int:
    ((count,),) = rows_of(
        vault,
        f"SELECT count(*) FROM copy JOIN store ON store.id = store_id WHERE name = '{store}' AND state = '{state}'",
    )
    assert isinstance(count, int)
    return count


def test_with_too_few_stores_it_stops_and_whatever_was_told_is_on_both(
    home: Path, vault: Vault, tmp_path: Path
) -> None:
    source = make(tmp_path / "录像", 3_000)
    outcomes: list[Outcome] = []
    run = intake(vault, source, progress=after(700 * 2_000, lambda: (home / "乙").rename(home / "别处")))
    with pytest.raises(StoreNotMounted):
        outcomes.extend(run.run())
    for outcome in outcomes:
        assert outcome.file is not None
        name = outcome.file.sha256
        for store in ("甲", "别处"):
            assert (home / store / "objects" / name[:2] / name[2:4] / name).is_file()
    (home / "别处").rename(home / "乙")
    again = take(vault, source)
    assert len(again) == 3_000
    assert results(again)["resumed"] >= len(outcomes)
    assert set(results(again)) <= {"resumed", "stored"}
    assert_sound(vault)


def test_no_store_at_all(home: Path, vault: Vault, tmp_path: Path) -> None:
    source = make(tmp_path / "录像", 3)
    for name in ("甲", "乙"):
        (home / name).rename(home / f"{name}不在")
    with pytest.raises(StoreNotMounted):
        take(vault, source)
    assert sorted(path.name for path in source.iterdir()) == ["段00000.mp4", "段00001.mp4", "段00002.mp4"]
    assert not (home / "甲").exists(), "nothing is written beneath an empty mount point"


# Releasing the source


def test_the_source_goes_only_after_every_copy_was_read_back(home: Path, vault: Vault, tmp_path: Path) -> None:
    source = make(tmp_path / "录像", 4)
    outcomes = take(vault, source, release=True)
    assert all(o.released is not None and o.released.removed for o in outcomes)
    assert list(source.iterdir()) == []
    acted = [act for act in entries(vault) if isinstance(act, acts.SourceReleased)]
    assert [act.names for act in acted] == [(Path(o.where).name,) for o in outcomes]
    assert_sound(vault)


def test_a_copy_that_does_not_read_back_keeps_its_source(
    home: Path, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first file's copy on 乙 rots after the record was filed and before it is read back."""
    source = make(tmp_path / "录像", 2)
    commit = Vault.commit

    def rotting(self: Vault, *asked: Any) -> Any:
        happened = commit(self, *asked)
        if any(isinstance(act, acts.RecordStored) for act in happened):
            (copy,) = [p for p in (home / "乙/objects").rglob("?" * 64) if "第 0 段" in p.read_text(encoding="utf-8")]
            copy.chmod(0o640)
            copy.write_text("朽", encoding="utf-8")
        return happened

    monkeypatch.setattr(Vault, "commit", rotting)
    outcomes = take(vault, source, release=True)
    assert [o.released is not None and o.released.removed for o in outcomes] == [False, True]
    assert outcomes[0].released is not None
    assert outcomes[0].released.why_not is not None
    assert "its copy on 乙 is not good" in outcomes[0].released.why_not.en
    assert [path.name for path in source.iterdir()] == ["段00000.mp4"]


def test_another_vaults_disk_in_a_stores_place_keeps_the_source(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was put there after the record was filed. Once what lay on it counted as a copy, and the source went."""
    source = make(tmp_path / "录像", 1)
    commit = Vault.commit

    def changing(self: Vault, *asked: Any) -> Any:
        happened = commit(self, *asked)
        if any(isinstance(act, acts.RecordStored) for act in happened):
            estrange(vault, "乙")
        return happened

    monkeypatch.setattr(Vault, "commit", changing)
    (outcome,) = take(vault, source, release=True)
    assert outcome.released is not None
    assert not outcome.released.removed
    assert outcome.released.why_not is not None
    assert "乙 belongs to another vault" in outcome.released.why_not.en
    assert len(list(source.iterdir())) == 1


def test_a_source_that_changed_since_it_was_read_is_kept(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even at the last moment, while the act of removing it is being published. Once it was removed then."""
    source = make(tmp_path / "录像", 1)
    (path,) = source.iterdir()
    commit = Vault.commit

    def slow(self: Vault, *asked: Any) -> Any:
        happened = commit(self, *asked)
        if any(isinstance(act, acts.SourceReleased) for act in happened):
            path.write_text("新录像", encoding="utf-8")
        return happened

    monkeypatch.setattr(Vault, "commit", slow)
    (outcome,) = take(vault, source, release=True)
    assert outcome.released is not None
    assert not outcome.released.removed
    assert path.read_text(encoding="utf-8") == "新录像"


def test_an_interrupted_release_is_finished_by_asking_again(vault: Vault, tmp_path: Path) -> None:
    """Once the files that were filed but not yet removed were called "resumed" and stayed for ever."""
    source = make(tmp_path / "录像", 40)
    run = intake(vault, source, release=True).run()
    next(run)
    run.close()  # type: ignore[attr-defined]
    left = len(list(source.iterdir()))
    assert 0 < left < 40
    outcomes = take(vault, source, release=True)
    assert len(outcomes) == left
    assert list(source.iterdir()) == []
    assert_sound(vault)


def entries(vault: Vault) -> list[acts.AnyAct]:
    (store, *_) = vault.stores.values()
    with vault.database.reading() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
    return [acts.decode(entry) for entry in read_bundle(store, 0, count)]


# Memory


# A process's peak includes what its parent was before exec, so a small one stands between pytest and the program.
_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True)
print(done.returncode, done.stdout.count("\\n"), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize(("count", "size"), [(3_000, 4_096), (1, 300 * MIB)])
def test_memory_stays_below_100_mib_for_any_input(home: Path, tmp_path: Path, count: int, size: int) -> None:
    source = make(tmp_path / "录像", count, min(size, 4_096))
    if size > MIB:
        os.truncate(source / "段00000.mp4", size)
    command = [*INTAKE_INTO, str(home), "ingest", "--json", "--section", "监督检查科", str(source)]
    done = subprocess.run([sys.executable, "-S", "-c", _MEASURED, *command], capture_output=True, text=True, check=True)
    code, lines, peak = (int(word) for word in done.stdout.split())
    assert (code, lines) == (0, count), done.stderr
    assert 20 << 10 < peak < 100 << 10, f"{peak} KiB"  # getrusage(2): KiB
