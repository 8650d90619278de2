"""An office whose records have come to their end: made once, and copied for each test."""

import shutil
from pathlib import Path

import pytest

from ops.config import StoreConfig
from ops.wiring import Working, init_vault
from tests.conftest import BEGAN, SettableClock, machine_beside
from tests.vault.disposal_scene import CONTENTS, CUSTODIAN, NAMES, OPERATOR, Office
from tests.vault.scene import take_in


@pytest.fixture(scope="session")
def disposal_template(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Three stores, and four records that are due: one file each, and the last with two, one of them the first's."""
    home, clock = tmp_path_factory.mktemp("模板") / "档案库", SettableClock(BEGAN)
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
