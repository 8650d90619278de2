"""Whether a disc carries the image that was burnt on it: read back whole, by a drive that takes it in anew.

The tray goes out and in, as growisofs does it: until then neither the drive nor the kernel has looked at the disc that
they wrote; both know what they wrote on it.
"""

import time

from media.drives.port import Condition, Drive, Take
from media.drives.reading import Reading
from media.image import ImageInfo
from media.mediums import SECTOR
from vault.errors import BurnFailed, NoMedium
from vault.outputs import Progress
from vault.text import Text, counted

_PUSHED_IN = 300.0  # seconds that a person has to push in a tray which the drive cannot pull in
_PAUSE = 3.0
_ENOUGH = 64  # unreadable sectors: the disc is lost with the first


def read_back(drive: Drive, image: ImageInfo, take: Take = len, progress: Progress = int) -> Reading:
    """Read the whole image back and compare its digest. The drive is held.

    BurnFailed: it differs, or sectors cannot be read. NoMedium: nobody pushed the tray in. DriveUnavailable.
    """
    drive.eject()
    _take_in(drive)
    reading = drive.read(-(-image.size // SECTOR), take, progress, patience=_ENOUGH)
    if why := difference(drive.name, reading, image):
        raise BurnFailed(why)
    return reading


def difference(name: str, reading: Reading, image: ImageInfo) -> Text | None:
    """What keeps that reading from being the image's; None where it is. An image is whole sectors."""
    if reading.bad:
        first, many = reading.bad[0].first, counted(reading.unreadable, "sector")
        return Text(
            en=f"The disc in {name} cannot be read: {many}, the first of them {first}.",
            zh=f"{name} 中的光盘有 {reading.unreadable} 个扇区无法读取，首个为第 {first} 扇区。",
        )
    if reading.sha256 != image.sha256:
        return Text(
            en=f"The disc in {name} is not what was burnt: SHA-256 {reading.sha256} instead of {image.sha256}.",
            zh=f"{name} 中的光盘与映像不一致：SHA-256 为 {reading.sha256}，应为 {image.sha256}。",
        )
    return None


def _take_in(drive: Drive) -> None:
    end = time.monotonic() + _PUSHED_IN
    while drive.look().condition is Condition.EMPTY:
        if time.monotonic() >= end:
            raise NoMedium(
                Text(en=f"Nobody pushed the tray of {drive.name} in.", zh=f"{drive.name} 的托盘未推回。"),
                hint=Text(
                    en="The disc is burnt and not verified. Push the tray in and run the command again.",
                    zh="光盘已刻录但未核验。请推回托盘后重新运行。",
                ),
            )
        time.sleep(_PAUSE)
