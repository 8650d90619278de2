"""Whether a drive's tray is out: asked without pulling it in, as every other question would, under somebody's hand."""

import fcntl
import os

_DRIVE_STATUS, _CURRENT, _TRAY_OPEN = 0x5326, 0x7FFFFFFF, 2  # linux/cdrom.h


def is_out(device: str) -> bool:
    """False too where there is no tray, or nothing can be said of it."""
    try:
        descriptor = os.open(device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return fcntl.ioctl(descriptor, _DRIVE_STATUS, _CURRENT) == _TRAY_OPEN
    except OSError:  # a pseudo-drive
        return False
    finally:
        os.close(descriptor)
