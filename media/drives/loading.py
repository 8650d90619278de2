"""Whether the disc in a drive has been taken out since: blanks have no numbers of their own, but the kernel counts.

Linux (5.15 and newer) gives a block device another sequence number each time its medium is changed, and none twice
until the machine is started again; of a loop device each attaching is one. A pseudo-drive that is a file is another
disc when it is another file.
"""

import os
import stat
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def loading(device: str) -> str:
    """The same for two looks at the device only if the same disc lay in it from the one to the other; "" where that
    cannot be told. To be asked after the drive was looked at, which is when the kernel hears of a change."""
    try:
        found = os.stat(device)
        if stat.S_ISREG(found.st_mode):
            return f"file {found.st_dev} {found.st_ino}"
        place = f"/sys/dev/block/{os.major(found.st_rdev)}:{os.minor(found.st_rdev)}/diskseq"
        return f"boot {_BOOT.read_text().strip()} {Path(place).read_text().strip()}"
    except OSError:
        return ""
