"""A store that says it wrote and did not, or wrote other bytes: the vault finds it, and heals nothing from it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.backends.disks import place_of
from tests.faults.faulty import LIES, Plan
from tests.faults.faulty_store import FaultyStore
from tests.vault.scene import findings, noise, scrubbed, take_in
from vault.digest import Digest
from vault.store import Vault

CONTENTS = [noise(3000 + number, number) for number in range(60)]


@pytest.fixture
def plan() -> Plan:
    return Plan(11, faults=LIES)


@pytest.fixture
def vault(home: Path, working: Working, plan: Plan) -> Iterator[Vault]:
    """Of its two stores 乙 goes by the plan."""
    with open_vault(home, working) as opened:
        opened.stores = {**opened.stores, "乙": FaultyStore(opened.stores["乙"], plan)}
        yield opened


def at(home: Path, store: str, name: str) -> Path:
    return home / store / place_of(Digest.parse(name))


def is_good(path: Path) -> bool:
    return path.exists() and Digest.of(path.read_bytes()).hex == path.name


def test_what_was_confirmed_and_is_not_there_is_found_and_brought(vault: Vault, home: Path, plan: Plan) -> None:
    plan.verbs, plan.one_in = ("put",), 3
    take_in(vault, *[[data] for data in CONTENTS])
    lied, plan.one_in = set(plan.lied_about), 0
    assert 5 < len(lied) < 40
    found = {(finding.kind, finding.store) for finding in findings(vault)[0] if finding.what in lied}
    assert found == {("missing", "乙"), ("object", "乙")}
    assert {finding.what for finding in findings(vault)[0]} == lied
    (report,) = scrubbed(vault, "乙")
    assert (report.failed, report.healed) == (len(lied), len(lied))
    assert all(is_good(at(home, "乙", name)) for name in lied)
    assert not findings(vault)[0]


def test_nothing_is_healed_from_a_lie(vault: Vault, home: Path, plan: Plan) -> None:
    plan.verbs, plan.one_in = ("put",), 3
    take_in(vault, *[[data] for data in CONTENTS])
    lied, plan.one_in = set(plan.lied_about), 0
    shutil.rmtree(home / "甲" / "objects")
    (report,) = scrubbed(vault, "甲")
    assert {damage.digest.hex for damage in report.damages} == lied
    there = {path.name: is_good(path) for path in (home / "甲" / "objects").rglob("*") if path.is_file()}
    assert there == {Digest.of(data).hex: True for data in CONTENTS if Digest.of(data).hex not in lied}


def test_nothing_is_healed_from_what_reads_wrong_once(vault: Vault, home: Path, plan: Plan) -> None:
    take_in(vault, *[[data] for data in CONTENTS])
    shutil.rmtree(home / "甲" / "objects")
    plan.verbs, plan.faults, plan.one_in = ("read",), ("flip",), 2
    (report,) = scrubbed(vault, "甲")
    assert 10 < len(report.damages) < 50
    assert {damage.digest.hex for damage in report.damages} == plan.lied_about
    assert all(is_good(path) for path in (home / "甲" / "objects").rglob("*") if path.is_file())
    plan.one_in = 0
    (report,) = scrubbed(vault, "甲")
    assert report.passed
