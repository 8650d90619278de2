"""Burns that are killed at many moments, and one of a DVD's size, on pseudo-drives: everything but the laser."""

import time
from pathlib import Path

from media.drives.port import Condition
from media.drives.verifying import read_back
from media.image import ImageInfo
from media.mediums import MEDIUMS, SECTOR
from tests.discs import PseudoDrive, as_xorriso_reads, burner, burners_of, image_of, pseudo_drive, wait_until
from tests.rough_disc import rough_disc
from vault.digest import Hasher
from vault.errors import BurnFailed, DriveUnavailable

_SECTORS = 3_000
_READS = 47  # FUSE hands out 128 KiB of the image at a time
_LENGTH = 10.0  # seconds that a burn takes


def kill_at(folder: Path, share: float) -> tuple[Condition, list[str]]:
    """Kill the program when that share of a burn's time is over: what the drive says then, and what is wrong."""
    wrong: list[str] = []
    with rough_disc(folder / "slow", _SECTORS) as slow, pseudo_drive(folder / "drive") as pseudo:
        info = image_of(slow.file, _SECTORS)
        slow.slow_down(_LENGTH / _READS)
        with burner(pseudo, slow.file) as process:
            wait_until(True, pseudo.device)
            time.sleep(share * _LENGTH)
            process.kill()
        if not wait_until(False, pseudo.device):
            wrong.append(f"xorriso goes on by itself: {burners_of(pseudo.device)}")
        slow.slow_down(0)
        with pseudo.drive.held():
            left = pseudo.drive.look().condition
            if left is not Condition.BLANK:
                pseudo.put_blank_in()
            wrong += _burnt(pseudo, slow.file, info)
    return left, wrong


def _burnt(pseudo: PseudoDrive, image: Path, info: ImageInfo) -> list[str]:
    try:
        pseudo.drive.burn(image)
        read_back(pseudo.drive, info)
    except (BurnFailed, DriveUnavailable) as error:
        return [f"the next burn failed: {error}"]
    return []


def burn_dvd(folder: Path) -> tuple[float, float, list[str]]:
    """Seconds of burning a full DVD+R and of reading it back, and what is wrong: xorriso must read the same bytes."""
    medium, image, hasher = MEDIUMS["dvd+r"], folder / "dvd.iso", Hasher()
    with image.open("wb") as file:
        for first in range(0, medium.sectors, 16):
            block = (first + 1).to_bytes(8) * (2 * SECTOR)
            hasher.update(block)
            file.write(block)
    info = ImageInfo(medium.size, hasher.digest())
    with pseudo_drive(folder / "drive", medium.sectors) as pseudo, pseudo.drive.held():
        began = time.monotonic()
        pseudo.drive.burn(image)
        burnt = time.monotonic()
        image.unlink()
        reading = read_back(pseudo.drive, info)
        read = time.monotonic()
        wrong = [] if as_xorriso_reads(pseudo, medium.sectors) == info.sha256 else ["xorriso reads something else"]
        wrong += [] if len(reading.curve) <= 256 else [f"a curve of {len(reading.curve)} points"]
    return burnt - began, read - burnt, wrong
