"""Tests of the vault begin with one that is ready: made once, and copied for each."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.config import StoreConfig
from ops.wiring import Working, init_vault
from tests.conftest import SettableClock, machine_beside


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
