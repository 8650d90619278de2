"""Health figures: what Prometheus reads of them is what the vault holds; a store that is gone is told, not hidden."""

import re
import subprocess
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event

from ops.config import FILE, read_config
from ops.metrics import exposition
from ops.status.health import health_of
from ops.wiring import Working, open_vault
from tests.ops.conftest import Program
from tests.vault.disc_scene import keep, loan, plan
from tests.vault.disposal_scene import CUSTODIAN, LEADER, Office
from tests.vault.recorded import interrupted, record
from tests.vault.scene import facts, noise, scrubbed, take_in
from vault.announcing import announce
from vault.corrections import flag, open_case, place_hold
from vault.discs.stepping import step
from vault.enrolling import enrol
from vault.explaining import explain_interruption, explain_late
from vault.facts import Facts
from vault.intake.activities import Request
from vault.intake.pipeline import Intake
from vault.journal import CHECKPOINT
from vault.people import Role
from vault.rebuild import rebuild
from vault.store import Vault

Figures = dict[tuple[str, ...], float]
COUNTED = {"strongroom_integrity_errors"}


def figures(vault: Vault) -> Figures:
    """As Prometheus' own parser reads them: (name, label values …) -> value."""
    text = exposition(vault, {"甲": timedelta(days=90)}).decode()
    assert text.endswith("\n")
    read: Figures = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type == ("counter" if family.name in COUNTED else "gauge")
        for sample in family.samples:
            key = (sample.name, *(value for _, value in sorted(sample.labels.items())))
            assert key not in read
            read[key] = sample.value
    return read


@pytest.fixture
def three(vault: Vault) -> Vault:
    """Three records with four objects of 1,000 to 4,000 bytes, one content twice."""
    contents = [noise(1_000 * n, n) for n in range(1, 5)]
    take_in(vault, [contents[0]], [contents[1], contents[2]], [contents[3], contents[0]])
    return vault


def test_an_empty_vault(vault: Vault) -> None:
    told = figures(vault)
    assert told["strongroom_objects",] == 0
    assert told["strongroom_journal_entries",] == 3
    assert told["strongroom_expiry_paused", "rebuild"] == told["strongroom_expiry_paused", "clock"] == 0
    assert told["strongroom_store_up", "甲"] == 1
    assert told["strongroom_vault_info", "dengzhou", "1", vault.setting.vault_id] == 1
    never = {"scrub_last_done_timestamp_seconds", "scrub_last_success_timestamp_seconds", "store_room_lasts_seconds"}
    assert [key for key in told if key[0].removeprefix("strongroom_") in never] == []  # a zero would lie
    assert not [key for key in told if key[0] == "strongroom_copy_oldest_verified_timestamp_seconds"]


def test_a_store_that_is_only_read_does_not_lag(home: Path, vault: Vault, working: Working) -> None:
    """It did, and more with every entry."""
    text = (home / FILE).read_text(encoding="utf-8").replace('name = "乙"\n', 'name = "乙"\nread_only = true\n')
    (home / FILE).write_text(text.replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with open_vault(home, working) as opened:
        take_in(opened, [noise(1_000, 1)], on=["甲"])
        told = figures(opened)
    assert told["strongroom_journal_lag_entries", "甲"] == 0
    assert ("strongroom_journal_lag_entries", "乙") not in told


def test_figures_are_what_was_taken_in(home: Path, three: Vault, clock: Any) -> None:
    told = figures(three)
    assert told["strongroom_records", "1-year", "kept"] == 1
    assert told["strongroom_records", "case-lifetime", "kept"] == 2
    assert told["strongroom_objects",] == 4
    assert told["strongroom_object_bytes",] == 10_000
    for store in ("甲", "乙"):
        assert told["strongroom_copies", "good", store] == 4
        assert told["strongroom_copies", "owed", store] == told["strongroom_copies", "damaged", store] == 0
        assert told["strongroom_copy_bytes", store] == 10_000
        assert told["strongroom_journal_lag_entries", store] == 0
        assert told["strongroom_store_up", store] == 1
        assert told["strongroom_store_capacity_bytes", store] >= told["strongroom_store_free_bytes", store] > 0
        assert told["strongroom_copy_oldest_verified_timestamp_seconds", store] == clock().timestamp()
        on_disk = [path.stat().st_size for path in (home / store / "objects").rglob("?" * 64)]
        assert (len(on_disk), sum(on_disk)) == (4, 10_000)
    assert told["strongroom_journal_last_entry_timestamp_seconds",] == clock().timestamp()
    with three.database.reading() as connection:
        entries: int = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
    assert told["strongroom_journal_entries",] == entries


def test_figures_follow_what_happens(three: Vault, clock: Any) -> None:
    with three.database.reading() as connection:
        number: str = connection.exec_driver_sql("SELECT max(number) FROM record").scalar_one()
    place_hold(three, number, "调卷", "法院")
    open_case(three, facts(1).case_number or "案", "案", date(2026, 11, 1), "立案")
    clock.advance(hours=1)
    scrubbed(three)
    told = figures(three)
    assert told["strongroom_holds",] == 1
    for store in ("甲", "乙"):
        assert told["strongroom_scrub_last_done_timestamp_seconds", store] == clock().timestamp()
        assert told["strongroom_scrub_last_success_timestamp_seconds", store] == clock().timestamp()
    assert told["strongroom_scrub_interval_seconds", "甲"] == 90 * 86_400
    assert ("strongroom_scrub_interval_seconds", "乙") not in told
    clock.advance(days=366)
    later = figures(three)
    assert later["strongroom_retention_due_records",] >= 1
    assert told["strongroom_retention_due_records",] == 0
    since = datetime(2027, 11, 22, tzinfo=three.profile.zone)  # the day after a year; midnight is the office's
    assert later["strongroom_retention_oldest_due_timestamp_seconds",] == since.timestamp()
    assert ("strongroom_retention_oldest_due_timestamp_seconds",) not in told


def test_a_store_that_is_gone_is_up_0_and_stops_nobody_from_being_told(home: Path, three: Vault) -> None:
    (home / "乙").rename(home / "别处")
    told = figures(three)
    assert (told["strongroom_store_up", "甲"], told["strongroom_store_up", "乙"]) == (1, 0)
    assert ("strongroom_store_free_bytes", "乙") not in told
    assert told["strongroom_store_free_bytes", "甲"] > 0
    assert told["strongroom_copies", "good", "乙"] == 4  # what the catalogue knows of it


def test_damage_and_a_rebuild_show(home: Path, three: Vault, clock: Any) -> None:
    (copy, *_) = sorted((home / "甲/objects").rglob("?" * 64))
    for store in ("甲", "乙"):
        (home / store / copy.relative_to(home / "甲")).unlink()
    clock.advance(hours=1)
    scrubbed(three)
    told = figures(three)
    assert told["strongroom_copies", "damaged", "甲"] == told["strongroom_copies", "damaged", "乙"] == 1
    for store in ("甲", "乙"):
        assert told["strongroom_integrity_errors_total", "absent", store] == 1
        assert told["strongroom_integrity_errors_total", "corrupt", store] == 0
        assert told["strongroom_scrub_last_done_timestamp_seconds", store] == clock().timestamp()
        assert ("strongroom_scrub_last_success_timestamp_seconds", store) not in told
    rebuild(three, None)
    again = figures(three)
    assert again["strongroom_expiry_paused", "rebuild"] == 1
    kept = ("strongroom_integrity_errors_total", "strongroom_scrub_last_done_timestamp_seconds")
    assert {key: again[key] for key in told if key[0] in kept} == {key: told[key] for key in told if key[0] in kept}


def test_rot_and_a_mended_journal_are_counted_and_a_scrub_that_healed_all_has_succeeded(
    home: Path, three: Vault, clock: Any
) -> None:
    (copy, *_) = sorted((home / "甲/objects").rglob("?" * 64))
    copy.chmod(0o600)
    copy.write_bytes(noise(copy.stat().st_size, 99))
    (home / "乙" / CHECKPOINT).unlink()
    clock.advance(hours=1)
    scrubbed(three)
    told = figures(three)
    assert told["strongroom_integrity_errors_total", "corrupt", "甲"] == 1
    assert told["strongroom_integrity_errors_total", "journal", "乙"] == 1
    assert sum(value for key, value in told.items() if key[0] == "strongroom_integrity_errors_total") == 2
    assert told["strongroom_scrub_last_success_timestamp_seconds", "甲"] == clock().timestamp()


def test_how_long_the_room_lasts(home: Path, three: Vault, working: Working) -> None:
    """10,000 bytes came on the store's first day, and 100,000 are all it may hold: nine days."""
    text = (home / FILE).read_text(encoding="utf-8").replace('name = "乙"\n', 'name = "乙"\nlimit = "100 KB"\n')
    (home / FILE).write_text(text, encoding="utf-8")
    with open_vault(home, working) as opened:
        told = figures(opened)
    assert told["strongroom_store_growth_bytes_per_second", "乙"] == pytest.approx(10_000 / 86_400)
    assert told["strongroom_store_room_lasts_seconds", "乙"] == pytest.approx(9 * 86_400)


def test_the_command_replaces_a_file_at_once(home: Path, run: Program) -> None:
    (run.cwd / "旧.prom").write_text("# 旧\n")
    run("--vault", home, "metrics", "--to", "旧.prom")
    assert (run.cwd / "旧.prom").read_text().endswith("\n")
    (vault_id,) = re.findall(r'^id = "(\w+)"', (home / FILE).read_text(encoding="utf-8"), re.M)
    assert f'strongroom_store_up{{store="甲",vault="{vault_id}"}} 1.0' in (run.cwd / "旧.prom").read_text()
    assert 'strongroom_store_up{store="甲"} 1.0' in run("--vault", home, "metrics").out
    assert (run.cwd / "旧.prom").stat().st_mode & 0o444 == 0o444  # node_exporter is somebody else
    assert [path.name for path in run.cwd.glob(".strongroom-*")] == []
    run("--vault", home, "metrics", "--to", "无此目录/甲.prom", expect=1)


def test_files_of_two_vaults_on_one_machine_have_no_series_in_common(run: Program) -> None:
    """node_exporter told nothing of either: the same series was in both."""
    files = []
    for name in ("一", "二"):
        run("--vault", name, "init", "--store", f"{name}甲", "--store", f"{name}乙")
        run("--vault", name, "metrics", "--to", f"{name}.prom")
        files.append((run.cwd / f"{name}.prom").read_text())
    said, series = "", list[str]()
    for line in dict.fromkeys(line for text in files for line in text.splitlines() if line.startswith("# HELP")):
        family = line.split()[2]
        told = [line for text in files for line in text.splitlines() if re.match(rf"{family}[ {{]", line)]
        said += "".join(f"{one}\n" for one in [line, _type_of(family, files[0]), *told])
        series += [one.rpartition(" ")[0] for one in told]
    assert len(series) == sum(not line.startswith("#") for text in files for line in text.splitlines()) > 100
    assert [one for one, count in Counter(series).items() if count > 1] == []
    checked = subprocess.run(["promtool", "check", "metrics"], input=said, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def _type_of(family: str, text: str) -> str:
    (line,) = re.findall(rf"^# TYPE {family} .+$", text, re.M)
    return str(line)


def test_what_is_late_interrupted_or_to_come_is_counted(vault: Vault, clock: Any) -> None:
    names = ("activities_announced", "activities_missed", "interruptions_unexplained", "explanations_to_review")
    empty = figures(vault)
    assert [empty["strongroom_records_late", state] for state in ("late", "explained", "unclear")] == [0, 0, 0]
    assert [empty[f"strongroom_{name}",] for name in names] == [0, 0, 0, 0]
    yesterday = clock() - timedelta(hours=25)
    late = Facts(section="会计科", activity_ended_at=yesterday)
    numbers = [record(vault, late, interrupted(yesterday), seed=seed) for seed in range(3)]
    record(vault, Facts(section="会计科"), seed=3)
    announce(vault, Facts(section="法规科", activity_ended_at=yesterday))
    announce(vault, Facts(section="法规科", activity_ended_at=clock()))
    announce(vault, Facts(section="法规科", activity_ended_at=clock() + timedelta(days=3)))
    explain_late(vault, numbers[:1], "设备送修")
    explain_interruption(vault, numbers[0], [], "weather", "暴雨", "红色预警")
    told = figures(vault)
    assert [told["strongroom_records_late", state] for state in ("late", "explained", "unclear")] == [2, 1, 1]
    assert [told[f"strongroom_{name}",] for name in names] == [3, 1, 2, 1]
    assert told["strongroom_activities_near",] == 1


def test_what_is_demanded_on_disc_and_where_discs_are(three: Vault, clock: Any) -> None:
    flag(three, f"{clock():%Y}-0000001", ("objection",), "投诉")
    since = clock()
    clock.advance(hours=1)
    told = figures(three)
    assert told["strongroom_disc_demands_unmet",] == 1
    assert told["strongroom_disc_demand_oldest_timestamp_seconds",] == since.timestamp()
    number = plan(three, [f"{clock():%Y}-0000001"]).number
    assert figures(three)["strongroom_discs", "planned"] == 2
    keep(three, number)
    step(three, loan(f"{number}-1A", three, clock().date()))
    told = figures(three)
    assert told["strongroom_disc_demands_unmet",] == 0
    assert ("strongroom_disc_demand_oldest_timestamp_seconds",) not in told
    there = {key[1]: value for key, value in told.items() if key[0] == "strongroom_discs" and value}
    assert there == {"shelved": 1, "loaned": 1}
    assert told["strongroom_disc_loans_overdue",] == 0  # its last day is not over
    clock.advance(days=1)
    assert figures(three)["strongroom_disc_loans_overdue",] == 1


def test_lists_of_disposal_are_counted_by_where_they_stand(home: Path, three: Vault, clock: Any) -> None:
    office = Office(home, clock)
    enrol(three, LEADER, "王建军", [Role.PRINCIPAL_LEADER], "")
    with office.by(LEADER) as led:
        enrol(led, CUSTODIAN, "张建国", [Role.CUSTODIAN], "")
    clock.advance(days=400)
    number = office.listed()
    stands = {key: value for key, value in figures(three).items() if key[0] == "strongroom_disposals"}
    assert {key[1] for key, value in stands.items() if value} == {"appraising"}
    office.submit(number)
    assert figures(three)["strongroom_disposals", "submitted"] == 1
    office.stop(number)
    assert {value for key, value in figures(three).items() if key[0] == "strongroom_disposals"} == {0}


def test_a_record_in_quarantine_is_counted_as_one(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "一.mp4").write_text("一", encoding="utf-8")
    assert len(list(Intake(vault, Request(paths=(tmp_path / "一.mp4",), facts=Facts()), int).run())) == 1
    told = figures(vault)
    assert [value for key, value in told.items() if key[0] == "strongroom_records" and "quarantined" in key] == [1]


@pytest.mark.sqlite("it reads the plans of SQLite's planner")
def test_a_scrape_and_status_walk_over_nothing_that_grows_with_the_vault(home: Path, three: Vault) -> None:
    """Of tables only those are read whole that stay small; of indexes those whole that hold only what is open."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT") and "LIMIT" not in statement:
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        exposition(three, {})
        health_of(three, read_config(home))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) > 30
    with three.database.reading() as connection:
        plans = {
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        }
    small = {"store", "tally", "volume", "job"}  # stores, days, one row, a dozen
    opened = {"disposal_open", "activity_open", "interruption_open", "explanation_to_review", "hold_in_force"}
    opened |= {"record_lateness", "record_ahead", "disc_demand_open", "disc_copy_state", "copy_to_do"}
    walks = {
        tuple(re.findall(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", plan)[0])
        for plan in plans
        if "SCAN" in plan
    }
    assert {walk for walk in walks if walk[0] not in small and walk[1] not in opened} == set()


def test_names_follow_the_conventions(three: Vault) -> None:
    """prometheus.io/docs/practices/naming: one prefix, base units, no `_total` on what can fall."""
    names = {key[0] for key in figures(three)}
    assert all(name.startswith("strongroom_") for name in names)
    assert {name.removesuffix("_total") for name in names if name.endswith("_total")} == COUNTED
    assert not [name for name in names if name.endswith(("_count", "_mb", "_ms", "_days", "_per_day"))]
    moment = figures(three)["strongroom_journal_last_entry_timestamp_seconds",]
    assert abs(datetime.fromtimestamp(moment, UTC) - datetime(2026, 11, 21, 1, 30, tzinfo=UTC)) < timedelta(seconds=1)
