"""`strongroom status`: each condition is brought about in a vault, and is told with the command that deals with it."""

import math
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.disk import DiskStore
from ops.asking import ask_stores, at_once
from ops.columns import columns, fitted
from ops.config import FILE, read_config
from ops.serving.jobs import JOBS
from ops.status.findings import BY_HAND, Finding, Weight, exit_code, findings
from ops.status.health import Health, health_of
from ops.status.screen import HEIGHT, WIDTH, screen
from ops.wiring import Working, open_vault, unasked_vault
from tests.ops.conftest import Program
from tests.proxy import Proxy
from tests.servers import S3Server
from tests.vault.disc_scene import keep, loan, plan
from tests.vault.recorded import interrupted, record
from tests.vault.scene import scrubbed
from vault.announcing import announce
from vault.catalogue import jobs
from vault.catalogue.figures import figures
from vault.catalogue.rows import spell_time
from vault.corrections import flag
from vault.discs.stepping import step
from vault.errors import StoreUnavailable
from vault.facts import Facts
from vault.intake.activities import Request
from vault.intake.pipeline import Intake
from vault.journal import CHECKPOINT
from vault.membership import attach, set_standing
from vault.ports import Incoming
from vault.rebuild import rebuild
from vault.text import Text


def health(home: Path, working: Working) -> Health:
    with unasked_vault(home, working) as vault:
        return health_of(vault, read_config(home))


def told(home: Path, working: Working) -> dict[str, Finding]:
    """What is found, by its command; the screen and the exit code belong to it."""
    now = health(home, working)
    found = findings(now)
    lines = screen(now, found)
    assert len(lines) <= HEIGHT
    assert all(columns(line) <= WIDTH for line in lines)
    ranks = [(3, 5, 1, 0).index(one.code) for one in found]
    assert ranks == sorted(ranks)
    return {one.command: one for one in found}


def codes(home: Path, working: Working) -> dict[str, int]:
    return {command: one.code for command, one in told(home, working).items()}


def say_more(home: Path, store: str, *lines: str) -> None:
    head, name, rest = (home / FILE).read_text(encoding="utf-8").partition(f'name = "{store}"\n')
    (home / FILE).write_text(head + name + "".join(f"{line}\n" for line in lines) + rest, encoding="utf-8")


@pytest.fixture
def kept(home: Path, working: Working) -> Path:
    """A vault with two records of 200 bytes each, which came in time."""
    with open_vault(home, working) as vault:
        for seed in (1, 2):
            record(vault, in_time(working), seed=seed)
    return home


def in_time(working: Working) -> Facts:
    return Facts(section="会计科", party="王芳", activity_ended_at=working.clock() - timedelta(hours=1))


def test_a_vault_in_order_has_nothing_to_tell(kept: Path, working: Working) -> None:
    assert told(kept, working) == {}
    assert exit_code(()) == 0
    assert "All is well." in screen(health(kept, working), ())


def test_a_store_that_is_gone(kept: Path, working: Working) -> None:
    (kept / "乙").rename(kept / "别处")
    assert codes(kept, working) == {"strongroom store status": 5}


def test_a_store_that_takes_no_writes(kept: Path, working: Working) -> None:
    shutil.rmtree(kept / "乙/tmp")
    (kept / "乙/tmp").touch()
    found = told(kept, working)["strongroom doctor stores"]
    assert (found.what.en, found.what.zh, found.code) == ("store 乙 takes no writes", "存储 乙 无法写入", 5)
    assert "takes no writes, " in "\n".join(screen(health(kept, working), ()))


def test_a_store_whose_answer_to_a_write_does_not_come(
    kept: Path, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    thawed, begin = threading.Event(), DiskStore.begin

    def frozen(store: DiskStore, size: int) -> Incoming:
        if store.name == "乙":
            thawed.wait(30)
        return begin(store, size)

    monkeypatch.setattr(DiskStore, "begin", frozen)
    with unasked_vault(kept, working) as vault:
        with vault.database.reading() as connection:
            known = {one.name: one for one in figures(connection, working.clock().date()).stores}
        first, second = ask_stores(vault, known, 1)
        assert list(vault.stores) == ["甲"]
    thawed.set()
    assert (first.room.writable, second.room.writable) == (True, False)
    assert second.room.trouble is None
    assert second.room.shut is not None
    assert "写入超时" in second.room.shut.what.zh


def test_copies_that_nobody_can_heal_come_before_a_store_that_is_gone(kept: Path, working: Working, clock: Any) -> None:
    (copy, *_) = sorted((kept / "甲/objects").rglob("?" * 64))
    for store in ("甲", "乙"):
        (kept / store / copy.relative_to(kept / "甲")).unlink()
    clock.advance(hours=1)
    with open_vault(kept, working) as vault:
        scrubbed(vault)
    (kept / "乙").rename(kept / "别处")
    found = list(told(kept, working).values())
    assert [one.code for one in found][:2] == [3, 5]
    assert "store 甲: damaged copies: 1" in [one.what.en for one in findings(health(kept, working))]


def test_a_journal_that_is_damaged_on_one_store(kept: Path, working: Working) -> None:
    (kept / "乙" / CHECKPOINT).write_bytes(b"x")
    assert codes(kept, working) == {"strongroom fsck": 3}


def test_a_store_that_lacks_the_end_of_the_journal_is_told(kept: Path, working: Working) -> None:
    shutil.copytree(kept / "乙", kept / "旧")
    with open_vault(kept, working) as vault:
        record(vault, in_time(working), seed=3)
    shutil.rmtree(kept / "乙")
    (kept / "旧").rename(kept / "乙")
    assert codes(kept, working) == {"strongroom fsck": 3}  # what came last is not there
    (kept / "乙" / CHECKPOINT).unlink()
    assert codes(kept, working) == {"strongroom fsck": 3}


def test_entries_of_the_journal_that_a_store_lacks(kept: Path, working: Working) -> None:
    (kept / "乙").rename(kept / "别处")
    with open_vault(kept, working) as vault, suppress(StoreUnavailable):
        scrubbed(vault)
    (kept / "别处").rename(kept / "乙")
    assert codes(kept, working) == {"strongroom tier run": 0}
    with open_vault(kept, working) as vault:
        vault.publish()
    assert told(kept, working) == {}


def test_stores_that_are_new_strange_or_suspected(kept: Path, working: Working) -> None:
    with open(kept / FILE, "a", encoding="utf-8") as config:
        config.write('\n[[store]]\nname = "丙"\nkind = "disk"\nlocation = "丙"\n')
    assert codes(kept, working) == {"strongroom store attach 丙": 0}
    with open_vault(kept, working) as vault:
        attach(vault, "丙", "disk", str(kept / "丙"), list)
        set_standing(vault, "甲", "suspected", "试验")
    assert codes(kept, working) == {"strongroom scrub --store 甲": 1, "strongroom repair": 0}
    text = (kept / FILE).read_text(encoding="utf-8")
    (kept / FILE).write_text(text[: text.rindex("\n[[store]]")], encoding="utf-8")
    assert codes(kept, working)["strongroom store detach 丙"] == 1


def test_room_that_runs_out(kept: Path, working: Working) -> None:
    say_more(kept, "乙", 'limit = "24 KB"')
    assert told(kept, working)["strongroom store status"].what.en == "store 乙: room for 59 days"
    assert codes(kept, working) == {"strongroom store status": 0}
    (kept / FILE).write_text((kept / FILE).read_text(encoding="utf-8").replace("24 KB", "4 KB"), encoding="utf-8")
    assert codes(kept, working) == {"strongroom store status": 1}


def test_a_store_that_is_full_though_nothing_grows(home: Path, working: Working, clock: Any) -> None:
    """It was "All is well"."""
    say_more(home, "乙", 'limit = "1 KB"')
    assert told(home, working) == {}
    with open_vault(home, working) as vault:
        record(vault, in_time(working), seed=1)
    clock.advance(days=31)
    (home / FILE).write_text((home / FILE).read_text(encoding="utf-8").replace("1 KB", "201 B"), encoding="utf-8")
    found = [one for one in findings(health(home, working)) if one.command == "strongroom store status"]
    assert [(one.what.en, one.what.zh, one.code) for one in found] == [("store 乙 is full", "存储 乙 已满", 1)]


def test_a_week_without_a_scrub_and_reading_that_is_behind(kept: Path, working: Working, clock: Any) -> None:
    clock.advance(days=7)
    assert told(kept, working) == {}
    clock.advance(days=1)
    assert codes(kept, working) == {"strongroom scrub --store 甲": 1, "strongroom scrub --store 乙": 1}
    with open_vault(kept, working) as vault:
        scrubbed(vault)
    assert told(kept, working) == {}
    with open(kept / FILE, "a", encoding="utf-8") as config:
        config.write('\n[scrub]\nevery = "1 day"\n')
    clock.advance(days=6)
    with open_vault(kept, working) as vault:
        scrubbed(vault, most=1)  # one copy of each store
    clock.advance(days=3)
    assert codes(kept, working) == {"strongroom scrub --due": 1}


def test_of_a_vault_that_was_rebuilt_nobody_says_for_a_week_that_it_was_not_read(
    kept: Path, working: Working, clock: Any
) -> None:
    """It said so ten minutes after, in a vault as old as that: what was read before, a rebuild forgets."""
    with open_vault(kept, working) as vault:
        rebuild(vault, None)
    expiry = "strongroom retention release --why …"
    clock.advance(minutes=10)
    assert list(told(kept, working)) == [expiry]
    with open(kept / FILE, "a", encoding="utf-8") as config:
        config.write('\n[scrub]\nevery = "1 day"\n')
    clock.advance(days=7, minutes=-10)
    assert list(told(kept, working)) == [expiry]
    clock.advance(seconds=1)
    assert codes(kept, working) == {"strongroom scrub --store 甲": 1, "strongroom scrub --store 乙": 1, expiry: 0}


def test_reading_that_is_behind_is_counted_from_a_rebuild(kept: Path, working: Working, clock: Any) -> None:
    with open(kept / FILE, "a", encoding="utf-8") as config:
        config.write('\n[scrub]\nevery = "1 day"\n')
    with open_vault(kept, working) as vault:
        rebuild(vault, None)
        clock.advance(days=4)
        scrubbed(vault, most=1)  # one copy of each store; of the other it is not known when it was read
    clock.advance(days=4)
    assert "strongroom scrub --due" not in codes(kept, working)
    clock.advance(seconds=1)
    assert codes(kept, working)["strongroom scrub --due"] == 1


def test_a_clock_in_doubt_and_a_rebuild_let_nothing_be_due(kept: Path, working: Working, clock: Any) -> None:
    with open_vault(kept, working) as vault:
        rebuild(vault, None)
    assert codes(kept, working)["strongroom retention release --why …"] == 0
    machine = working.machine()
    clock.advance(days=300)
    alone = replace(working, machine=lambda: machine)
    assert codes(kept, alone)["strongroom clock"] == 1
    clock.advance(days=300)
    now = health(kept, alone)
    assert any("expiry waits" in line for line in screen(now, ()))
    assert "strongroom retention due" not in codes(kept, alone)


def test_what_waits_for_people_is_told_and_is_no_fault(
    home: Path, working: Working, clock: Any, tmp_path: Path
) -> None:
    yesterday = clock() - timedelta(hours=25)
    with open_vault(home, working) as vault:
        record(vault, Facts(section="会计科", activity_ended_at=yesterday), interrupted(yesterday), seed=1)
        record(vault, Facts(section="会计科"), seed=2)
        announce(vault, Facts(section="法规科", activity_ended_at=clock()))
        (tmp_path / "一.mp4").write_text("一", encoding="utf-8")
        assert len(list(Intake(vault, Request(paths=(tmp_path / "一.mp4",), facts=Facts()), int).run())) == 1
    assert codes(home, working) == {
        "strongroom deadline list --near": 0,
        "strongroom deadline list --missed": 0,
        "strongroom deadline list --unclear": 0,
        "strongroom interruption list": 0,
        "strongroom quarantine": 0,
    }
    clock.advance(hours=25)
    assert codes(home, working)["strongroom deadline list --missed"] == 0
    missed = [one for one in findings(health(home, working)) if one.code]
    assert [(one.what.zh, one.code) for one in missed] == [("逾期未入库的活动：1", 1)]


def test_discs_that_are_demanded_lent_and_to_be_inspected(kept: Path, working: Working, clock: Any) -> None:
    number = f"{clock():%Y}-0000001"
    with open_vault(kept, working) as vault:
        flag(vault, number, ("objection",), "投诉")
    assert codes(kept, working) == {"strongroom disc demands": 0}
    with open_vault(kept, working) as vault:
        planned = plan(vault, [number]).number
        keep(vault, planned)
        step(vault, loan(f"{planned}-1A", vault, clock().date()))
    assert told(kept, working) == {}
    with open(kept / FILE, "a", encoding="utf-8") as config:
        config.write('\n[inspection]\nyears = 2\nsource = "DA/T 38"\n')
    clock.advance(days=2 * 366)
    found = {one.what.en for one in findings(health(kept, working))}
    assert {"discs on loan, to be back: 1", "discs to inspect: 1"} <= found


def test_what_was_due_for_three_months(kept: Path, working: Working, clock: Any) -> None:
    clock.advance(days=366)
    with open_vault(kept, working) as vault:
        scrubbed(vault)
    clock.advance(days=85)
    assert "strongroom retention due" not in codes(kept, working)
    clock.advance(days=10)
    assert codes(kept, working)["strongroom retention due"] == 0


def row(home: Path, working: Working, label: str) -> str:
    (line,) = [line for line in screen(health(home, working), ()) if line.startswith(label)]
    return line


def test_jobs_that_fail_are_overdue_or_do_not_end(kept: Path, working: Working, clock: Any) -> None:
    assert "no service has been at work" in row(kept, working, "jobs")
    now, lease, hour = clock(), timedelta(minutes=3), timedelta(hours=1)

    def done(name: str, error: str) -> None:
        token = jobs.claim(connection, name, "主机/1", now, now + hour, lease)
        assert token is not None
        assert jobs.finish(connection, name, token, jobs.Ended(at=now, seconds=1, error=error))

    with unasked_vault(kept, working) as vault:
        with vault.database.writing() as connection:
            jobs.enrol(connection, {"publish": now, "repair": now, "scrub": now})
            done("publish", "")
            done("repair", "StoreUnavailable: 乙")
            token = jobs.claim(connection, "scrub", "主机/1", now, now + 3 * 24 * hour, lease)
            assert token is not None
        (failing,) = told(kept, working).values()
        assert (failing.command, failing.code, failing.what.zh) == ("strongroom repair", 1, "任务 repair 连续失败：1")
        assert row(kept, working, "jobs").endswith("3, the last done just now; failing 1, overdue 0; at work: scrub")
        clock.advance(hours=2)
        assert set(codes(kept, working)) == {"strongroom repair"}, "not overdue for an hour yet"
        clock.advance(minutes=1)
        assert told(kept, working)["systemctl status strongroom"].what.en == "jobs overdue, no service at work: 2"
        assert codes(kept, working)["systemctl status strongroom"] == 1
        clock.advance(hours=46)
        with vault.database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE job SET lease_until = '{spell_time(clock() + lease)}'")
    assert codes(kept, working)["systemctl restart strongroom"] == 1
    assert row(kept, working, "jobs").endswith("3, the last done 2 d ago; failing 1, overdue 2; at work: scrub")


def test_what_does_by_hand_is_known_of_every_job() -> None:
    assert set(BY_HAND) == set(JOBS)


def test_however_much_there_is_it_is_one_screen(kept: Path, working: Working) -> None:
    (kept / "乙").rename(kept / "别处")
    now = health(kept, working)
    many = replace(now, stores=now.stores * 10, office="邓州市" * 40)
    found = findings(many) + (Finding(Text(en="x" * 300, zh="字" * 300), "strongroom status"),) * 10
    lines = screen(many, found)
    assert len(lines) == HEIGHT
    assert max(map(columns, lines)) <= WIDTH
    assert "wrong" in lines[2]
    assert "no answer" in next(line for line in lines if line.startswith("stores"))


def test_what_is_piped_is_not_cut(kept: Path, working: Working) -> None:
    """A mail said "the clock is in doubt, nothing ex…"."""
    long = Finding(Text(en="x" * 300, zh="字" * 300), "strongroom status")
    lines = screen(health(kept, working), (long,), math.inf)
    assert any("x" * 300 + "  strongroom status" in line for line in lines)


def test_a_store_that_does_not_answer_is_not_said_to_have_a_whole_journal(kept: Path, working: Working) -> None:
    assert row(kept, working, "journal").endswith("whole on 2 of 2 stores")
    (kept / "乙").rename(kept / "别处")
    assert row(kept, working, "journal").endswith("whole on 1 of 2 stores, 1 did not answer")


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("王芳王芳", 6, "王芳…"), ("", 3, "")]
)
def test_a_text_is_cut_to_columns(text: str, width: int, shown: str) -> None:
    assert fitted(text, width) == shown
    assert columns(fitted(text, width)) <= width


# a store that hangs


def test_a_store_that_hangs_is_waited_for_so_long_and_no_longer(
    home: Path, working: Working, s3_server: S3Server, own_name: str
) -> None:
    secret = home / "桶.secret"
    secret.write_text(f'access_key = "{s3_server.access_key}"\nsecret_key = "{s3_server.secret_key}"\n')
    secret.chmod(0o600)
    with Proxy(int(s3_server.url.rpartition(":")[2])) as line:
        url = f"http://127.0.0.1:{line.port}/{s3_server.bucket}/{own_name}"
        with open(home / FILE, "a", encoding="utf-8") as config:
            config.write(f'\n[[store]]\nname = "桶"\nkind = "s3"\nlocation = "{url}"\nsecret = "桶.secret"\n')
        with open_vault(home, working) as vault:
            attach(vault, "桶", "s3", url, list)
        line.fall_silent()
        began = time.monotonic()
        with unasked_vault(home, working) as vault:
            with vault.database.reading() as connection:
                known = {one.name: one for one in figures(connection, working.clock().date()).stores}
            asked = ask_stores(vault, known, 0.5)
            assert list(vault.stores) == ["甲", "乙"]
        assert time.monotonic() - began < 3
    assert [one.room.trouble is None for one in asked] == [True, True, False]
    assert asked[2].room.trouble is not None
    assert "没有应答" in asked[2].room.trouble.what.zh


def test_what_goes_wrong_in_asking_is_not_lost() -> None:
    def fail() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        at_once({"甲": fail, "乙": lambda: 1}, 1)
    assert at_once({"甲": lambda: 2, "乙": lambda: 1}, 1) == {"甲": 2, "乙": 1}
    assert at_once({"甲": lambda: time.sleep(5)}, 0.1) == {}


# the command


def test_the_command_in_both_languages_and_as_json(run: Program) -> None:
    run("--vault", "库", "init", "--profile", "dengzhou")
    assert run("--vault", "库", "status").out.splitlines()[1] == "All is well."
    assert run("--vault", "库", "status", language="zh").out.splitlines()[1] == "一切正常。"
    (run.cwd / "库/store-b").rename(run.cwd / "别处")
    there = run("--vault", "库", "status", expect=5)
    assert there.out.splitlines()[1] == "Wrong: 1. To do: 0"
    (one,) = run("--vault", "库", "status", "--json", expect=5).lines
    assert (one["code"], [store["up"] for store in one["stores"]]) == (5, [True, False])
    assert one["findings"] == [
        {
            "weight": Weight.WRONG.value,
            "what": {"en": "store b does not answer", "zh": "存储 b 没有应答"},
            "command": "strongroom store status",
            "code": 5,
        }
    ]
