"""Tests of the vault begin with one that is ready: made once, and copied for each."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.config import StoreConfig
from ops.wiring import Working, init_vault
from tests.conftest import SettableClock, machine_beside
from tests.vault.disposal_scene import CONTENTS, CUSTODIAN, NAMES, OPERATOR, Office
from tests.vault.scene import take_in


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new vault of 邓州 with the stores 甲 and 乙 in it. Not to be touched."""
    folder = tmp_path_factory.mktemp("template") / "档案库"
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
    clock = SettableClock(datetime(2026, 11, 21, 1, 30, tzinfo=UTC))
    beginning = Working(person="李建国", clock=clock, machine=machine_beside(clock))
    init_vault(folder, "", "dengzhou", stores, beginning)
    return folder


@pytest.fixture
def home(tmp_path: Path, template: Path) -> Path:
    """The folder of such a vault; nothing has it open."""
    return Path(shutil.copytree(template, tmp_path / "档案库"))


@pytest.fixture(scope="session")
def disposal_template(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Three stores, and four records that are due: one file each, and the last with two, one of them the first's."""
    home, clock = tmp_path_factory.mktemp("模板") / "档案库", SettableClock(datetime(2026, 11, 21, 1, 30, tzinfo=UTC))
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in NAMES)
    init_vault(home, "", "dengzhou", stores, Working(person=OPERATOR, clock=clock, machine=machine_beside(clock)))
    office = Office(home, clock)
    office.enrol()
    with office.by(CUSTODIAN) as vault:
        take_in(vault, [CONTENTS[0]])
        take_in(vault, [CONTENTS[1]])
        take_in(vault, [CONTENTS[2]])
        take_in(vault, [CONTENTS[0], CONTENTS[3]])
    clock.advance(days=380)
    return office


@pytest.fixture
def office(disposal_template: Office, tmp_path: Path, clock: SettableClock) -> Office:
    """A copy of it to work with."""
    clock.now = disposal_template.clock.now
    return Office(Path(shutil.copytree(disposal_template.home, tmp_path / "档案库")), clock)
