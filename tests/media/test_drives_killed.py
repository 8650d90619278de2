"""Ended in the middle of a burn: no xorriso goes on by itself, and a blank that still is one is used again."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.drives.port import Condition
from media.drives.verifying import read_back
from tests.discs import PseudoDrive, burner, burners_of, image_of, pseudo_drive, wait_until
from tests.rough_disc import Rough, rough_disc
from vault.errors import Ended
from vault.text import Text

_SECTORS = 3_000


@pytest.fixture
def pseudo(tmp_path: Path) -> Iterator[PseudoDrive]:
    with pseudo_drive(tmp_path / "drive") as drive:
        yield drive


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Rough]:
    """An image on a disk that takes a minute for it."""
    with rough_disc(tmp_path / "slow", _SECTORS) as disc:
        image_of(disc.file, _SECTORS)
        disc.slow_down(1)
        yield disc


@pytest.mark.root
@pytest.mark.parametrize("after", [0.0, 2.5])
def test_killed_in_the_middle(pseudo: PseudoDrive, slow: Rough, after: float) -> None:
    with burner(pseudo, slow.file) as process:
        assert wait_until(True, pseudo.device)
        time.sleep(after)
        process.kill()
    assert wait_until(False, pseudo.device), "xorriso goes on by itself"
    with pseudo.drive.held():
        if pseudo.drive.look().condition is not Condition.BLANK:
            pseudo.put_blank_in()
        slow.slow_down(0)
        pseudo.drive.burn(slow.file)
        info = image_of(slow.file.parent.with_name("again.iso"), _SECTORS)
        assert read_back(pseudo.drive, info).sha256 == info.sha256


@pytest.mark.root
def test_what_progress_raises_ends_the_burn(pseudo: PseudoDrive, slow: Rough) -> None:
    def stop(_count: int) -> None:
        raise Ended(Text(en="Enough.", zh="停止。"))

    began = time.monotonic()
    with pytest.raises(Ended, match="Enough"):
        pseudo.drive.burn(slow.file, stop)
    assert burners_of(pseudo.device) == []
    assert time.monotonic() - began < 20


@pytest.mark.root
def test_xorriso_killed_alone(pseudo: PseudoDrive, slow: Rough) -> None:
    """The blank is lost if anything of the image came on it."""
    with burner(pseudo, slow.file) as process:
        assert wait_until(True, pseudo.device)
        time.sleep(0.6)
        for xorriso in burners_of(pseudo.device):
            os.kill(xorriso, signal.SIGKILL)
        _, said = process.communicate()
    lost = pseudo.drive.look().condition is not Condition.BLANK
    assert ("BurnFailed" if lost else "DriveUnavailable") in said.decode()
    assert process.returncode == 1
