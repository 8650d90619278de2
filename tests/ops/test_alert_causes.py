"""Every alert, brought about in a real vault: by what is scraped while all is well its rule is silent, and it fires by
what is scraped once the cause is there and stays. docs/monitoring.md lists them.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ops.backup.making import back_up
from ops.config import read_config
from ops.serving.jobs import JOBS, Job, Planned
from ops.serving.loop import Loop
from ops.serving.schedules import Every
from ops.serving.work import Desk, Outcome, Tick
from ops.status.findings import findings
from ops.status.health import health_of
from ops.wiring import Working, unasked_vault
from tests.conftest import SettableClock
from tests.ops.conftest import NOW
from tests.ops.locked import Office as LockedOffice
from tests.ops.staged import Scene, patience, require_firing
from tests.ops.test_alerts import ALERTS, ROOT
from tests.vault.disc_scene import State, bring, degrade, keep, loan, plan
from tests.vault.disposal_scene import CUSTODIAN, LEADER, Office
from tests.vault.recorded import interrupted, record
from tests.vault.scene import noise, place_of, scrubbed, take_in
from vault import drill
from vault.announcing import announce
from vault.corrections import flag, place_hold
from vault.discs.stepping import step
from vault.enrolling import enrol
from vault.explaining import explain_interruption
from vault.facts import Facts
from vault.intake.dropped import DropFolder, look_into
from vault.journal import CHECKPOINT
from vault.people import Role
from vault.rebuild import rebuild
from vault.sighting import sight
from vault.store import Vault
from vault.text import Text

Staged = Iterator[None]  # set up to the first `yield`; to the second the cause; what goes on meanwhile between others
SECTION = "会计科"


def a_store_that_is_away(scene: Scene) -> Staged:
    vault = scene.begin("甲", "乙", "丙")
    yield
    (scene.home / "丙").rename(scene.home / "拔出")
    take_in(vault, [noise(3_000, 1)], on=["甲", "乙"])
    yield


def a_store_that_rots(scene: Scene) -> Staged:
    """So much is lost on one that it is suspected; one object on both; and its journal."""
    vault, contents = scene.begin(), [noise(500, seed) for seed in range(14)]
    take_in(vault, contents)
    yield
    for data in contents[:12]:
        place_of(vault, "乙", data).unlink()
    place_of(vault, "甲", contents[0]).unlink()
    scrubbed(vault)
    place_of(vault, "乙", contents[13]).unlink()
    drill.drill(vault, "乙", drill.SAMPLE, None, int)
    (scene.home / "甲" / CHECKPOINT).unlink()
    yield


def a_store_that_takes_no_writes(scene: Scene) -> Staged:
    """Nobody can make a folder in a file."""
    scene.begin()
    yield
    shutil.rmtree(scene.home / "乙/tmp")
    (scene.home / "乙/tmp").touch()
    scene.opened(scene.home, scene.working)
    yield


def stores_that_fill_up(scene: Scene) -> Staged:
    """One is at its limit; another, which was away, has less than it is owed."""
    vault = scene.begin("甲", "乙", "丙")
    yield
    (scene.home / "丙").rename(scene.home / "拔出")
    take_in(vault, [noise(10_000, 1)], on=["甲", "乙"])
    (scene.home / "拔出").rename(scene.home / "丙")
    scene.limit("乙", "10 KB")
    scene.limit("丙", "9 KB")
    scene.opened(scene.home, scene.working)
    yield


def a_vault_that_nobody_looks_after(scene: Scene) -> Staged:
    """Read, rehearsed and backed up, then left to itself for a hundred and one days, in which its record became due."""
    scene.every["甲"] = timedelta(days=90)
    vault = scene.begin()
    take_in(vault, [noise(500, 1)])
    scene.clock.advance(days=365)
    scrubbed(vault)
    assert drill.drill(vault, None, drill.SAMPLE, None, int).passed
    (scene.folder / "U盘").mkdir()
    back_up(vault, scene.folder / "U盘", [])
    yield
    scene.clock.advance(days=101)
    yield


def figures_that_nobody_collects(scene: Scene) -> Staged:
    """cron does not run any more: the file for node_exporter stays as it was."""
    scene.begin()
    written = scene.told()
    scene.told = lambda: written
    yield
    scene.clock.advance(hours=1, minutes=1)
    yield


def _service(scene: Scene, vault: Vault, **jobs: Job) -> Loop:
    planned = [Planned(name, job, Every(timedelta(minutes=1))) for name, job in jobs.items()]
    desk = Desk(scene.home, scene.working, lambda: {name: sight(vault, name) for name in vault.stores})
    loop = Loop(vault=vault, desk=desk, planned=planned, tell=lambda _: None, start=lambda work: work())
    loop.enrol()
    return loop


def _turn(loop: Loop) -> None:
    """What is due is begun, and entered."""
    loop.turn()
    loop.turn()


def a_job_that_fails(scene: Scene) -> Staged:
    """There is something for it to bring, and nobody to bring it from."""
    vault = scene.begin("甲", "乙", "丙")
    loop = _service(scene, vault, repair=JOBS["repair"])
    _turn(loop)
    yield
    (scene.home / "丙").rename(scene.home / "拔出")
    take_in(vault, [noise(3_000, 1)], on=["甲", "乙"])
    while True:
        scene.clock.advance(hours=1)
        _turn(loop)
        yield


def a_service_that_was_killed(scene: Scene) -> Staged:
    vault = scene.begin()
    loop = _service(scene, vault, publish=JOBS["publish"], repair=JOBS["repair"])
    _turn(loop)
    yield
    del loop
    scene.clock.advance(hours=2, minutes=1)
    yield


def what_was_dropped_and_cannot_come_in(scene: Scene) -> Staged:
    """The job looks in this process: by the vault's clock."""
    vault, drop = scene.begin(), scene.folder / "投放"
    drop.mkdir()
    folder = DropFolder(path=drop, facts=Facts(section=SECTION), settled=timedelta(minutes=1))

    def look(desk: Desk, _tick: Tick) -> Outcome:
        with desk.open() as opened:
            (looked,) = look_into(opened, [folder], [], id)
        return Outcome(Text(en="looked", zh="已处理"), found=looked.aside)

    loop = _service(scene, vault, watch=replace(JOBS["watch"], work=look))
    _turn(loop)
    yield
    (drop / "空.mp4").touch()
    for _ in range(2):
        scene.clock.advance(minutes=1)
        _turn(loop)
    yield


def a_rebuild_and_a_clock_that_jumped(scene: Scene) -> Staged:
    vault = scene.begin()
    yield
    rebuild(vault, None)
    running = scene.working.machine()
    scene.opened(scene.home, replace(scene.working, machine=lambda: running))
    scene.clock.advance(days=300)
    yield


def locks_that_cannot_be_set(scene: Scene) -> Staged:
    """A hold is placed, and nobody tells the bucket."""
    office: LockedOffice = scene.request.getfixturevalue("office")
    number = office.take_in("现场.mp4")
    scene.clock.now = NOW + timedelta(hours=1)
    vault = scene.opened(office.run.cwd / "库", Working(person="李建国", clock=scene.clock))
    yield
    place_hold(vault, number, "线索核查", "县监委")
    yield


def activities_of_which_nothing_came(scene: Scene) -> Staged:
    vault = scene.begin()
    yield
    announce(vault, Facts(section=SECTION, activity_ended_at=scene.clock() - timedelta(hours=25)))
    announce(vault, Facts(section=SECTION, activity_ended_at=scene.clock()))
    yield


def what_people_leave_undone(scene: Scene) -> Staged:
    """Late and interrupted recordings, explained or not; one that lacks its facts; a list that nobody approves."""
    vault = scene.begin()
    yield
    yesterday = scene.clock() - timedelta(hours=25)
    late = Facts(section=SECTION, activity_ended_at=yesterday)
    numbers = [record(vault, late, interrupted(yesterday), seed=seed) for seed in (1, 2)]
    explain_interruption(vault, numbers[0], [], "weather", "暴雨", "红色预警")
    record(vault, Facts(), seed=3)
    ripe = record(vault, Facts(section=SECTION, activity_ended_at=scene.clock()), seed=4)
    enrol(vault, LEADER, "王建军", [Role.PRINCIPAL_LEADER], "")
    office = Office(scene.home, scene.clock)
    with office.by(LEADER) as led:
        enrol(led, CUSTODIAN, "张建国", [Role.CUSTODIAN], "")
    scene.clock.advance(days=380)
    office.submit(office.listed(ripe))
    yield


def discs_that_nobody_sees_to(scene: Scene) -> Staged:
    """One is demanded and not made, one degraded, one lent for too long, one burnt and not looked at."""
    vault = scene.begin()
    demanded, kept, begun = take_in(vault, *([noise(500, seed)] for seed in (1, 2, 3)))
    yield
    flag(vault, demanded, ("objection",), "投诉")
    shelved, burnt = plan(vault, [kept]).number, plan(vault, [begun]).number
    keep(vault, shelved)
    step(vault, loan(f"{shelved}-1B", vault, scene.clock().date()))
    degrade(vault, f"{shelved}-1A")
    bring(vault, f"{burnt}-1A", State.BURNT)
    scene.clock.advance(days=8)
    yield


CAUSES: Mapping[Callable[[Scene], Staged], tuple[str, ...]] = {
    a_store_that_is_away: ("StoreDown", "JournalBehind", "CopiesOwed"),
    a_store_that_rots: ("StoreNotWhole", "StoreSuspected", "CopiesDamaged", "IntegrityErrors", "DrillFailed"),
    a_store_that_takes_no_writes: ("StoreNotWritable",),
    stores_that_fill_up: ("RoomRunsOut", "RoomNearlyGone", "OwedDoesNotFit", "StoreFull"),
    a_vault_that_nobody_looks_after: (
        *("ReadingBehind", "ScrubStopped", "NothingHappens", "DrillOverdue", "BackupOverdue", "RetentionOverdue"),
    ),
    figures_that_nobody_collects: ("FiguresStale",),
    a_job_that_fails: ("JobFailing",),
    a_service_that_was_killed: ("JobStopped",),
    what_was_dropped_and_cannot_come_in: ("NotTakenIn",),
    a_rebuild_and_a_clock_that_jumped: ("ClockSuspect", "ExpiryPaused"),
    locks_that_cannot_be_set: ("LocksDue",),
    activities_of_which_nothing_came: ("DeadlineMissed", "DeadlineNear"),
    what_people_leave_undone: (
        *("LateUnexplained", "InterruptionsUnexplained", "ReviewsWaiting", "Quarantine", "DisposalWaiting"),
    ),
    discs_that_nobody_sees_to: ("DiscDemandUnmet", "DiscsDegraded", "DiscsUnfinished", "DiscLoansOverdue"),
}


@pytest.fixture
def scene(tmp_path: Path, clock: SettableClock, working: Working, request: pytest.FixtureRequest) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(tmp_path, clock, working, request, stack)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_it_fires_once_its_cause_is_there_and_not_before(
    cause: Callable[[Scene], Staged], scene: Scene, tmp_path: Path
) -> None:
    alerts = [f"Strongroom{name}" for name in CAUSES[cause]]
    apart = patience(alerts) / 2
    staged = cause(scene)
    next(staged)
    before, since = scene.scrape(), []
    for _ in range(3):
        next(staged, None)
        since.append(scene.scrape())
        scene.clock.advance(seconds=apart.total_seconds())
    require_firing(alerts, before, since, apart, tmp_path / "alerts.test.yml")


def test_of_a_vault_that_was_rebuilt_status_and_the_rule_say_in_the_same_week_that_it_was_not_read(
    scene: Scene, tmp_path: Path
) -> None:
    alerts, said = ["StrongroomScrubStopped"], "no good scrub for a week"
    vault, apart = scene.begin(), patience(alerts) / 2
    take_in(vault, [noise(500, 1)])
    scene.clock.advance(days=30)
    rebuild(vault, None)
    scene.clock.advance(minutes=10)

    def status() -> str:
        with unasked_vault(scene.home, scene.working) as looked:
            return " ".join(one.what.en for one in findings(health_of(looked, read_config(scene.home))))

    before, since = scene.scrape(), []
    assert said not in status()
    scene.clock.advance(days=7)
    assert said in status()
    for _ in range(3):
        since.append(scene.scrape())
        scene.clock.advance(seconds=apart.total_seconds())
    require_firing(alerts, before, since, apart, tmp_path / "alerts.test.yml")


def test_none_is_left_out_and_the_documents_list_them() -> None:
    """That figures come no more, of a vault or at all, a real Prometheus says: tests/ops/test_alertmanager.py."""
    brought_about = {f"Strongroom{name}" for names in CAUSES.values() for name in names}
    assert sorted(brought_about | {"StrongroomFiguresMissing", "StrongroomVaultSilent"}) == sorted(ALERTS)
    text = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| .+ \| ((?:\w+, )*\w+) \|$", text.split("| brought about | fires |")[1], re.M)
    assert sorted(f"Strongroom{name}" for row in listed for name in row.split(", ")) == sorted(ALERTS)
