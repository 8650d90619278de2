"""A sample of `./campaign discs`: a run that is killed costs no blank but one that it was writing on."""

from pathlib import Path

import pytest

from tests.faults.discruns import kill, made_vault
from tests.faults.kills import Point

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_vault(tmp_path_factory.mktemp("template"))


def test_killed_at_the_last_entry_of_the_journal(template: Path, tmp_path: Path) -> None:
    """Nothing is left to do but to free the work folder."""
    result = kill(template, tmp_path / "trial", Point("fdatasync", 30, "KILL"))
    assert (result.reached, result.problems) == (True, ())


def test_killed_while_it_burns(template: Path, tmp_path: Path) -> None:
    result = kill(template, tmp_path / "trial", Point("burn", 50, "KILL"))
    assert (result.reached, result.problems) == (True, ())
