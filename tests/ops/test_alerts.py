"""Alerts: promtool's word on every rule, texts, runbooks, names that exist; and some that a real Prometheus fires."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import start_http_server
from prometheus_client.registry import CollectorRegistry

from ops.config import StoreConfig
from ops.metrics import VaultCollector, exposition
from ops.wiring import Working, init_vault, open_vault
from tests.servers import Prometheus, free_ports, prometheus
from tests.vault.scene import noise, scrubbed, take_in
from vault.catalogue import jobs
from vault.clock import wall_clock
from vault.store import Vault

ROOT = Path(__file__).parents[2]
RULES = ROOT / "ops/alerts/strongroom.rules.yml"
DASHBOARD = ROOT / "ops/dashboards/strongroom.json"
RUNBOOKS = ROOT / "docs/runbooks"
CASES = sorted((ROOT / "tests/ops/alerts").glob("*.test.yml"))
ALERTS = re.findall(r"^ +- alert: (\w+)$", RULES.read_text(encoding="utf-8"), re.M)


def promtool(*words: str | Path) -> str:
    done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_accepts_the_rules() -> None:
    assert "SUCCESS" in promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)


def test_every_rule_fires_where_it_must_and_is_quiet_where_it_must() -> None:
    named = re.findall(
        r"^ +- name: (\w+) (fires|is quiet)$", "".join(p.read_text(encoding="utf-8") for p in CASES), re.M
    )
    assert sorted(named) == sorted((alert, says) for alert in ALERTS for says in ("fires", "is quiet"))
    assert promtool("test", "rules", *CASES).count("SUCCESS") == len(CASES)


def told(vault: Vault) -> set[str]:
    """The names that a vault's figures can have, whether there is anything to say of them or not."""
    return set(re.findall(r"^# HELP (\w+) ", exposition(vault, {}).decode(), re.M))


def test_rules_and_dashboard_know_only_figures_that_there_are(vault: Vault) -> None:
    rules = "\n".join(re.findall(r"^ +expr: (.*(?:\n {10,}.*)*)", RULES.read_text(encoding="utf-8"), re.M))
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    shown = "\n".join(target["expr"] for panel in board["panels"] for target in panel.get("targets", ()))
    for exprs in (rules, shown):
        used = set(re.findall(r"\bstrongroom_\w+", exprs))
        assert len(used) > 20
        assert used - told(vault) == set()
    recorded = set(re.findall(r"record: (\S+)", RULES.read_text(encoding="utf-8")))
    assert set(re.findall(r"strongroom:[\w:]+", rules + shown)) == recorded


def test_the_dashboard_is_whole() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels)
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(places)) == len(places), "panels overlap"
    assert max(x for x, _ in places) < 24
    assert [panel["title"] for panel in panels if " · " not in panel["title"]] == [], "Chinese · English"


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Vault]:
    """A vault that goes by the real clock, as a scrape does."""
    working = Working(person="李建国")
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
    init_vault(tmp_path / "库", "", "dengzhou", stores, working)
    with open_vault(tmp_path / "库", working) as vault:
        take_in(vault, [noise(5_000, 1)], [noise(6_000, 2)])
        yield vault


def hasty_rules(folder: Path) -> Path:
    """The rules with their patience cut to a second, and weeks as well."""
    hasty = re.sub(r"^( +for:) \w+$", r"\1 1s", RULES.read_text(encoding="utf-8"), flags=re.M)
    hasty = hasty.replace("7 * 86400", "1")
    (folder / "hasty.yml").write_text(hasty, encoding="utf-8")
    return folder / "hasty.yml"


@contextmanager
def watched(vault: Vault, folder: Path) -> Iterator[Prometheus]:
    """Its figures served and scraped."""
    folder.mkdir()
    registry = CollectorRegistry()
    registry.register(VaultCollector(vault, {}))
    (port,) = free_ports(1)
    server, thread = start_http_server(port, "127.0.0.1", registry)
    try:
        with prometheus(folder, hasty_rules(folder), port) as watching:
            yield watching
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def firing(watching: Prometheus, name: str) -> list[Any]:
    alerts = watching.ask("alerts")["alerts"]
    return [one for one in alerts if one["labels"]["alertname"] == name and one["state"] == "firing"]


def until(what: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_copies_that_are_lost_fire_and_all_texts_are_there(living: Vault, tmp_path: Path) -> None:
    home = living.setting.home
    with watched(living, tmp_path / "监控") as watching:
        for copy in (home / "甲/objects", home / "乙/objects"):
            shutil.move(min(copy.rglob("?" * 64)), tmp_path / f"{copy.parent.name}.丢失")
        scrubbed(living)
        until(lambda: len(firing(watching, "StrongroomCopiesDamaged")) == 2)
        assert_texts(watching.ask("rules?type=alert")["groups"])


def test_a_job_that_stopped_and_one_that_fails_fire_and_clear_when_they_are_done(living: Vault, tmp_path: Path) -> None:
    now, lease = wall_clock(), timedelta(minutes=3)
    with living.database.writing() as connection:
        jobs.enrol(connection, {"repair": now - timedelta(hours=2), "scrub": now})
        failing = jobs.claim(connection, "scrub", "主机/1", now, now + lease, lease)
        assert failing
        assert jobs.finish(connection, "scrub", failing, jobs.Ended(at=now, seconds=1, error="StoreUnavailable"))
    with watched(living, tmp_path / "监控") as watching:

        def fired(alert: str) -> list[str]:
            return [one["labels"]["name"] for one in firing(watching, alert)]

        until(lambda: fired("StrongroomJobStopped") == ["repair"] and fired("StrongroomJobFailing") == ["scrub"])
        with living.database.writing() as connection:
            assert jobs.claim(connection, "repair", "主机/1", wall_clock(), now + lease, lease)
            jobs.enrol(connection, {"repair": now, "scrub": now})
            better = jobs.claim(connection, "scrub", "主机/1", wall_clock(), now + lease, lease)
            assert better
            assert jobs.finish(connection, "scrub", better, jobs.Ended(at=wall_clock(), seconds=1))
        until(lambda: not fired("StrongroomJobStopped") and not fired("StrongroomJobFailing"))


def assert_texts(groups: list[Any]) -> None:
    """As Prometheus has read them."""
    rules = [rule for group in groups for rule in group["rules"]]
    assert sorted(rule["name"] for rule in rules) == sorted(ALERTS)
    assert {rule["labels"]["severity"] for rule in rules} == {"critical", "warning", "info"}
    assert {rule["lastError"] for rule in rules if "lastError" in rule} <= {""}
    for rule in rules:
        for name in ("summary", "description"):
            chinese, english = rule["annotations"][name].split(" · ")
            assert re.search("[一-鿿]", chinese), rule["name"]
            assert not re.search("[一-鿿]", english), rule["name"]
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{rule['name']}.md"


def test_every_alert_has_its_runbook_in_both_languages() -> None:
    assert sorted(path.stem for path in RUNBOOKS.glob("*.md") if path.stem != "README") == sorted(ALERTS)
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    for alert in ALERTS:
        page = (RUNBOOKS / f"{alert}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {alert}\n")
        for part in (
            "**含义：**",
            "**何时要紧：**",
            "**What it means.**",
            "**When to worry.**",
            "## 处理 · What to run",
        ):
            assert part in page, (alert, part)
        assert f"[{alert}]({alert}.md)" in index
