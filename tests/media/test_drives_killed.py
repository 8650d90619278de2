"""Ended in the middle of a burn: no xorriso goes on by itself, and a blank that still is one is used again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.drives.port import Condition
from media.drives.verifying import read_back
from tests.discs import PseudoDrive, image_of, pseudo_drive
from tests.rough_disc import Rough, rough_disc
from vault.errors import Ended
from vault.text import Text

_SECTORS = 3_000
_BURN = """
import sys
from pathlib import Path
from media.drives.xorriso import XorrisoDrive

drive = XorrisoDrive(sys.argv[1])
with drive.held():
    print("held", flush=True)
    drive.burn(Path(sys.argv[2]))
"""


@pytest.fixture
def pseudo(tmp_path: Path) -> Iterator[PseudoDrive]:
    with pseudo_drive(tmp_path / "drive") as drive:
        yield drive


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Rough]:
    """An image on a disk that takes a second for it."""
    with rough_disc(tmp_path / "slow", _SECTORS) as disc:
        image_of(tmp_path / "copy.iso", _SECTORS)
        disc.file.write_bytes((tmp_path / "copy.iso").read_bytes())
        disc.slow_down(0.02)
        yield disc


def burners_of(device: str) -> list[int]:
    """Processes that burn there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"dev=stdio:{device}".encode() in words:
            found.append(int(process.name))
    return found


def wait_until(held: bool, device: str) -> bool:
    for _ in range(200):
        if bool(burners_of(device)) is held:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.root
@pytest.mark.parametrize("after", [0.0, 0.3, 0.9])
def test_killed_in_the_middle(pseudo: PseudoDrive, slow: Rough, after: float) -> None:
    burner = subprocess.Popen([sys.executable, "-c", _BURN, pseudo.name, str(slow.file)], stdout=subprocess.PIPE)
    with burner:
        assert burner.stdout is not None
        assert burner.stdout.readline() == b"held\n"
        assert wait_until(True, pseudo.device)
        time.sleep(after)
        burner.kill()
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

    with pytest.raises(Ended, match="Enough"):
        pseudo.drive.burn(slow.file, stop)
    assert burners_of(pseudo.device) == []


@pytest.mark.root
def test_xorriso_killed_alone(pseudo: PseudoDrive, slow: Rough) -> None:
    """The blank is lost if anything of the image came on it."""
    with subprocess.Popen(
        [sys.executable, "-c", _BURN, pseudo.name, str(slow.file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as burner:
        assert wait_until(True, pseudo.device)
        time.sleep(0.6)
        for process in burners_of(pseudo.device):
            os.kill(process, signal.SIGKILL)
        _, said = burner.communicate()
    lost = pseudo.drive.look().condition is not Condition.BLANK
    assert ("BurnFailed" if lost else "DriveUnavailable") in said.decode()
    assert burner.returncode == 1
