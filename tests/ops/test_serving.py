"""The loop of a service: jobs that fail, hang, are lost or told to stop; what real jobs do; and a day of them."""

import gc
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect

from backends.disk import DiskStore
from ops.config import FILE, read_config
from ops.metrics import exposition
from ops.serving.jobs import JOBS, Job, Planned, planned
from ops.serving.lookout import Lookout
from ops.serving.loop import Loop, Pace, Result, Told, beside
from ops.serving.schedules import Every
from ops.serving.work import Desk, Outcome, Tick, Work, spelled, telling
from ops.wiring import Working, open_catalogue, open_vault
from tests.catalogues import unreachable
from tests.conftest import SettableClock
from tests.vault.disposal_scene import LEADER
from tests.vault.scene import assert_sound, away, entries_so_far, flip, noise, place_of, take_in
from vault.catalogue import jobs
from vault.enrolling import enrol
from vault.errors import Busy, IntegrityBroken, Refused
from vault.layout import MARKER
from vault.moving import moving
from vault.people import Role
from vault.ports import Incoming
from vault.sighting import sight
from vault.store import Vault
from vault.text import Text

OK = Outcome(Text(en="fine", zh="正常"))
QUICK = Pace(lease=timedelta(seconds=4), beat=0.0, turn=0.01, grace=0.5)


def at_once(work: Callable[[], None]) -> None:
    """The job is done before the loop goes on."""
    work()


def job(name: str, work: Work, minutes: float = 60, needs: str = "") -> Planned:
    schedule = Every(timedelta(minutes=minutes))
    of = Job(label=Text(en=name, zh=name), work=work, usually=lambda _: schedule)
    return Planned(name, replace(of, needs=JOBS[needs].needs) if needs else of, schedule)


@dataclass
class Bench:
    """A service over a vault, turned by hand. `told`: what it said."""

    home: Path
    working: Working
    vault: Vault
    told: list[Told] = field(default_factory=list)

    def loop(self, *planned: Planned, start: Callable[[Callable[[], None]], object] = at_once) -> Loop:
        desk = Desk(self.home, self.working, lambda: {name: sight(self.vault, name) for name in self.vault.stores})
        made = Loop(vault=self.vault, desk=desk, planned=planned, tell=self.told.append, pace=QUICK, start=start)
        made.enrol()
        return made

    def row(self, name: str) -> jobs.Job:
        with self.vault.database.reading() as connection:
            return next(row for row in jobs.rows(connection) if row.name == name)

    def done(self, name: str) -> Told:
        """One job of the table, done now."""
        loop = self.loop(Planned(name, JOBS[name], Every(timedelta(hours=1))))
        assert loop.turn()
        loop.turn()
        return self.told[-1]


@pytest.fixture
def bench(home: Path, working: Working) -> Iterator[Bench]:
    with open_catalogue(home, working) as vault:
        yield Bench(home, working, vault)


@pytest.fixture
def filled(bench: Bench) -> Bench:
    with open_vault(bench.home, bench.working) as vault:
        take_in(vault, [noise(5_000, 1)], [noise(6_000, 2)])
    return bench


def turn_until(loop: Loop, what: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        loop.turn()
        time.sleep(0.01)


# the loop


def test_one_that_fails_stops_no_other_and_says_nobodys_name(bench: Bench) -> None:
    def broken(_desk: Desk, _tick: Tick) -> Outcome:
        raise Refused(Text(en="王芳 may not", zh="王芳不得"))

    def wrong(_desk: Desk, _tick: Tick) -> Outcome:
        raise ZeroDivisionError("王芳")

    loop = bench.loop(job("坏", broken), job("错", wrong), job("好", lambda *_: OK))
    loop.turn()
    loop.turn()
    assert [(one.name, one.result) for one in bench.told] == [
        ("坏", Result.FAILED),
        ("错", Result.FAILED),
        ("好", Result.DONE),
    ]
    assert [bench.row(name).error for name in ("坏", "错", "好")] == [
        "Refused",
        "ZeroDivisionError",
        "",
    ]
    assert bench.row("好").succeeded_at == bench.working.clock()


def test_a_job_is_done_again_when_its_time_has_come_and_not_before(bench: Bench, clock: SettableClock) -> None:
    done: list[int] = []
    loop = bench.loop(job("好", lambda *_: done.append(1) or OK))
    for minutes, times in ((0, 1), (59, 1), (1, 2), (1, 2), (600, 3), (1, 3)):
        clock.advance(minutes=minutes)
        loop.turn()
        loop.turn()
        assert len(done) == times


def test_what_somebody_else_holds_is_tried_again_soon_and_is_no_failure(bench: Bench, clock: SettableClock) -> None:
    def busy(_desk: Desk, _tick: Tick) -> Outcome:
        raise Busy(Text(en="Copies are being moved.", zh="有副本迁移操作正在进行。"))

    loop = bench.loop(job("忙", busy))
    loop.turn()
    loop.turn()
    assert bench.told[0].result is Result.POSTPONED
    row = bench.row("忙")
    assert (row.failures, row.failed_at, row.token) == (0, None, "")
    assert row.due_at == clock() + timedelta(minutes=5)


def test_one_that_hangs_keeps_nobody_and_its_lease_is_handed_back_at_the_end(bench: Bench) -> None:
    for_ever = threading.Event()

    def hangs(_desk: Desk, _tick: Tick) -> Outcome:
        for_ever.wait()
        return OK

    done: list[int] = []
    loop = bench.loop(job("卡", hangs), job("好", lambda *_: done.append(1) or OK, minutes=0.0), start=beside)
    turn_until(loop, lambda: len(done) > 2)
    assert bench.row("卡").is_held(bench.working.clock())
    assert not loop.stop(Text(en="stop", zh="停"))
    row = bench.row("卡")
    assert (row.token, row.due_at, row.failures) == ("", bench.working.clock(), 0)
    for_ever.set()


def test_one_that_is_told_to_stop_stops_where_it_tells_of_progress(bench: Bench) -> None:
    def long(_desk: Desk, tick: Tick) -> Outcome:
        while True:
            tick(1)
            time.sleep(0.005)

    loop = bench.loop(job("久", long), start=beside)
    loop.turn()
    assert loop.stop(Text(en="stop", zh="停"))
    assert [one.result for one in bench.told] == [Result.STOPPED]
    assert bench.row("久").due_at == bench.working.clock(), "the next service goes on with it at once"


def test_whoever_lost_the_lease_stops_and_does_not_say_how_the_job_stands(bench: Bench, clock: SettableClock) -> None:
    def long(_desk: Desk, tick: Tick) -> Outcome:
        while True:
            tick(1)
            time.sleep(0.005)

    slow, other = bench.loop(job("久", long), start=beside), bench.loop(job("久", lambda *_: OK))
    slow.turn()
    other.turn()
    assert bench.told == [], "one is at it"
    clock.advance(seconds=5)
    other.turn()
    other.turn()
    assert [one.result for one in bench.told] == [Result.DONE]
    turn_until(slow, lambda: not slow.running)
    assert bench.told[-1].result is Result.STOPPED
    assert (bench.row("久").failures, bench.row("久").succeeded_at) == (0, clock())


def test_a_catalogue_that_is_away_costs_turns_and_no_more(bench: Bench) -> None:
    loop = bench.loop(job("好", lambda *_: OK))
    with unreachable(bench.vault.database):
        assert not loop.turn(), "or a service for once would wait for ever"
        assert not loop.turn()
        assert [one.name for one in bench.told] == [""], "said once"
    loop.turn()
    loop.turn()
    assert bench.told[-1].result is Result.DONE


# who serves


def test_a_login_that_may_not_is_told_what_it_has_to_be_and_the_journal_does_not_grow(
    bench: Bench, working: Working
) -> None:
    with open_vault(bench.home, working) as vault:
        enrol(vault, LEADER, "王建军", [Role.PRINCIPAL_LEADER], "")
    before = entries_so_far(bench.vault)
    loop = bench.loop(job("补齐", lambda *_: OK, needs="repair"))
    loop.turn()
    loop.turn()
    error = bench.told[0].error
    assert isinstance(error, Refused)
    assert f"strongroom person add {working.person} --name … --role operator" in error.hint.en
    assert entries_so_far(bench.vault) == before
    with open_vault(bench.home, replace(working, person=LEADER)) as vault:
        enrol(vault, working.person, "档案库服务", [Role.OPERATOR], "")
    bench.working.clock.advance(hours=1)  # type: ignore[attr-defined]
    loop.turn()
    loop.turn()
    assert bench.told[-1].result is Result.DONE


# what the jobs of the table do


def test_repair_brings_what_is_owed_and_publish_the_journal(filled: Bench, working: Working) -> None:
    with open_vault(filled.home, working) as vault:
        with away(vault, "乙"):
            pass
        take_in(vault, [noise(7_000, 3)], on=["甲"])
    done = filled.done("repair")
    assert (done.result, done.outcome.what.en) == (Result.DONE, "1 copies brought, 0 let go")  # type: ignore[union-attr]
    assert place_of(filled.vault, "乙", noise(7_000, 3)).exists()
    assert filled.done("publish").result is Result.DONE


def test_a_store_that_is_away_is_a_failure_that_names_it(filled: Bench) -> None:
    with away(filled.vault, "乙"):
        done = filled.done("repair")
        assert done.result is Result.FAILED
        assert filled.row("repair").error.startswith("StoreNotMounted: Store 乙")
        assert filled.done("scrub").result is Result.FAILED
    assert filled.done("repair").result is Result.DONE


def test_scrub_heals_and_tells_what_it_could_not(filled: Bench) -> None:
    flip(place_of(filled.vault, "甲", noise(5_000, 1)))
    filled.working.clock.advance(hours=1)  # type: ignore[attr-defined]
    done = filled.done("scrub")
    assert done.result is Result.DONE
    assert done.outcome.what.en.endswith(", 1 healed")  # type: ignore[union-attr]
    for store in ("甲", "乙"):
        flip(place_of(filled.vault, store, noise(5_000, 1)))
    filled.working.clock.advance(hours=1)  # type: ignore[attr-defined]
    broken = filled.done("scrub")
    assert isinstance(broken.error, IntegrityBroken)
    assert filled.done("fsck").result is Result.FAILED


def test_scrub_keeps_its_hours_and_its_schedule(filled: Bench) -> None:
    path = filled.home / FILE
    path.write_text(path.read_text("utf-8") + '[scrub]\nevery = "90 days"\nwindow = "20:00-06:00"\n', "utf-8")
    assert filled.done("scrub").outcome.what.en == "outside its hours, 20:00-06:00"  # type: ignore[union-attr]
    filled.working.clock.advance(days=91, hours=12)  # type: ignore[attr-defined]
    assert filled.done("scrub").outcome.what.en.startswith("1")  # type: ignore[union-attr]


def test_due_counts_what_is_up_for_review(filled: Bench) -> None:
    assert filled.done("due").outcome.found == 0  # type: ignore[union-attr]
    filled.working.clock.advance(days=366)  # type: ignore[attr-defined]
    assert filled.done("due").outcome.found >= 1  # type: ignore[union-attr, operator]
    assert filled.row("due").found


def test_the_textfile_has_the_figures_of_jobs(filled: Bench) -> None:
    path = filled.home / FILE
    path.write_text(path.read_text("utf-8") + '[serve]\ntextfile = "指标.prom"\n', "utf-8")
    assert filled.done("textfile").result is Result.DONE
    text = (filled.home / "指标.prom").read_text()
    of = f'vault="{filled.vault.setting.vault_id}"'
    assert f'strongroom_store_up{{store="甲",{of}}} 1.0' in text
    assert f'strongroom_job_running{{name="textfile",{of}}} 1.0' in text
    assert [line for line in text.splitlines() if not line.startswith("#") and of not in line] == []


def test_a_textfile_that_cannot_be_written_is_told_with_its_path_and_reason(filled: Bench) -> None:
    """A log said "TargetProblem", and nothing else."""
    path = filled.home / FILE
    path.write_text(path.read_text("utf-8") + '[serve]\ntextfile = "没有/指标.prom"\n', "utf-8")
    error = filled.done("textfile").error
    assert error is not None
    said = f"Cannot write {filled.home}/没有/指标.prom: "
    assert telling(error).en.startswith(said)
    assert spelled(error).startswith(f"FiguresUnwritten: {said}")
    assert telling(error).zh.startswith("无法写入")


# a store that hangs


@contextmanager
def hanging(bench: Bench, store: str) -> Iterator[None]:
    """Whoever looks at the store's marker waits until the block is over."""
    marker = bench.home / store / MARKER
    marker.rename(marker.with_suffix(".别处"))
    os.mkfifo(marker)
    try:
        yield
    finally:
        waiting = os.open(marker, os.O_RDWR)  # lets go of all who wait, and tells them nothing
        marker.unlink()
        os.close(waiting)
        marker.with_suffix(".别处").rename(marker)


def test_a_store_that_hangs_is_told_as_down_and_no_scrape_waits_for_it(filled: Bench) -> None:
    with Lookout(filled.vault, pause=0.05, patience=0.3).looking() as lookout:
        assert set(lookout.look()) == {"甲", "乙"}
        assert up(filled, lookout) == {"甲": 1, "乙": 1}
        with hanging(filled, "乙"):
            until(lambda: up(filled, lookout) == {"甲": 1, "乙": 0})
            took: list[float] = []
            for _ in range(10):
                began = time.monotonic()
                assert up(filled, lookout) == {"甲": 1, "乙": 0}
                took.append(time.monotonic() - began)
            assert min(took) < 0.1, "what a busy machine adds is not the program's"
        until(lambda: up(filled, lookout) == {"甲": 1, "乙": 1})


def test_a_store_that_can_be_read_and_whose_writes_hang_is_told_as_that(
    filled: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    thawed, begin = threading.Event(), DiskStore.begin

    def frozen(store: DiskStore, size: int) -> Incoming:
        if store.name == "乙":
            thawed.wait(30)
        return begin(store, size)

    with Lookout(filled.vault, pause=0.05, patience=0.3).looking() as lookout:
        assert told(filled, lookout, "writable") == {"甲": 1, "乙": 1}
        monkeypatch.setattr(DiskStore, "begin", frozen)
        until(lambda: told(filled, lookout, "writable") == {"甲": 1, "乙": 0})
        assert up(filled, lookout) == {"甲": 1, "乙": 1}
        thawed.set()
        until(lambda: told(filled, lookout, "writable") == {"甲": 1, "乙": 1})


def test_a_store_that_hangs_from_the_start_does_not_keep_the_service_from_starting(bench: Bench) -> None:
    with hanging(bench, "乙"), Lookout(bench.vault, patience=0.2).looking() as lookout:
        until(lambda: up(bench, lookout) == {"甲": 1, "乙": 0})


def test_jobs_that_hang_in_a_store_leave_the_loop_turning(filled: Bench) -> None:
    done: list[int] = []
    repair = Planned("repair", JOBS["repair"], Every(timedelta(hours=1)))
    loop = filled.loop(repair, job("好", lambda *_: done.append(1) or OK, minutes=0.0), start=beside)
    with hanging(filled, "乙"):
        turn_until(loop, lambda: len(done) > 3)
        assert "repair" in loop.running
    turn_until(loop, lambda: "repair" not in loop.running)


def up(bench: Bench, lookout: Lookout) -> dict[str, int]:
    return told(bench, lookout, "up")


def told(bench: Bench, lookout: Lookout, what: str) -> dict[str, int]:
    text = exposition(bench.vault, {}, lookout.look).decode()
    found = re.findall(rf'strongroom_store_{what}{{store="(.)"}} (.*)', text)
    return {name: int(float(value)) for name, value in found}


def until(what: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# a day


def test_scrape_after_scrape_leaves_nothing_behind(filled: Bench) -> None:
    with Lookout(filled.vault).looking() as lookout:
        for count in range(250):
            exposition(filled.vault, {}, lookout.look)
            if count == 50:
                before = resident(), len(os.listdir("/proc/self/fd")), threading.active_count()
        memory, files, threads = resident(), len(os.listdir("/proc/self/fd")), threading.active_count()
    assert memory - before[0] < 2 << 20
    assert (files, threads) == before[1:]


def resident() -> int:
    """Bytes of this process's memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


EVERY = {
    "publish": 60,
    "repair": 60,
    "scrub": 180,
    "fsck": 480,
    "drill": 480,
    "due": 240,
    "inspections": 240,
    "textfile": 60,
}


def test_a_day_with_faults(filled: Bench, clock: SettableClock) -> None:
    """Every five minutes a look. A store goes away and comes back, copies rot and vanish, a person moves copies."""
    path = filled.home / FILE
    lines = "".join(f'[jobs.{name}]\nevery = "{minutes} minutes"\n' for name, minutes in EVERY.items())
    lines += '[serve]\ntextfile = "指标.prom"\n[inspection]\nyears = 2\nsource = "DA/T 38"\n'
    path.write_text(path.read_text("utf-8") + lines, "utf-8")
    loop = filled.loop(*planned(read_config(filled.home)))
    contents = [noise(5_000, 1), noise(6_000, 2)]
    counted: list[dict[str, int]] = []
    memory: list[int] = []
    for step in range(24 * 12):
        with fault(filled, contents, step):
            loop.turn()
            loop.turn()
        if step % 72 == 71:
            counted.append(sizes(filled.vault))
            memory.append(resident())
        clock.advance(minutes=5)
    for name, minutes in EVERY.items():
        fresh = filled.row(name).succeeded_at
        assert fresh is not None, name
        assert clock() - fresh <= timedelta(minutes=minutes + 5), name
    assert {one.result for one in filled.told} == {Result.DONE, Result.FAILED, Result.POSTPONED}
    assert memory[-1] - memory[0] < 8 << 20
    grown = {table for table in counted[0] if counted[-1][table] > counted[0][table]}
    assert grown <= {"journal", "outbox"}, "entries alone are more than they were"
    assert counted[-1]["journal"] - counted[0]["journal"] < 60
    with open_vault(filled.home, filled.working) as vault:
        assert_sound(vault)


@contextmanager
def fault(bench: Bench, contents: list[bytes], step: int) -> Iterator[None]:
    """What goes wrong in these five minutes; in most nothing does."""
    hour, minute = divmod(step * 5, 60)
    if hour in (3, 10, 20) and minute < 30:
        with away(bench.vault, "乙"):
            yield
        return
    if hour in (5, 13, 21) and minute == 0:
        flip(place_of(bench.vault, "甲", contents[hour % 2]))
    if hour in (6, 14) and minute == 0:
        place_of(bench.vault, "乙", contents[hour % 2]).unlink()
    if hour in (7, 17) and minute == 0:
        with open_vault(bench.home, bench.working) as vault, moving(vault):
            yield
        return
    yield


def sizes(vault: Vault) -> dict[str, int]:
    """Rows of every table."""
    with vault.database.reading() as connection:
        tables = inspect(connection).get_table_names()
        return {table: connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one() for table in tables}
