"""A small ext4 on a loop device: real full disks, real power cuts, real disks that are taken out. Needs root."""

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_GOING_DOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN and its kind (linux/fs.h)
_WITHOUT_FLUSHING = 2  # EXT4_GOING_FLAGS_NOLOGFLUSH: neither data nor journal


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system, mounted at `root`, and what can be done to it."""

    root: Path
    image: Path

    def mount(self, options: str = "errors=remount-ro") -> None:
        _run("mount", "-o", f"loop,{options}", str(self.image), str(self.root))

    def unmount(self) -> None:
        """Whoever still has files open there keeps them, but nobody finds them any more."""
        _run("umount", "-l", str(self.root))

    def cut_power(self) -> None:
        """What was not flushed is gone; every call fails until the disk is mounted anew."""
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _GOING_DOWN, struct.pack("I", _WITHOUT_FLUSHING))
        finally:
            os.close(descriptor)

    def remount(self) -> None:
        """Take it out and put it in again."""
        self.unmount()
        self.mount()

    def make_read_only(self) -> None:
        """As the kernel does when it meets an error in the file system."""
        _run("mount", "-o", "remount,ro", str(self.root))


@contextmanager
def ext4(root: Path, megabytes: int) -> Iterator[Disk]:
    """A new file system at `root`, a folder to be made, until the end."""
    image = root.with_name(f"{root.name}.img")
    with image.open("wb") as stream:
        stream.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", "-F", "-m", "0", str(image))
    root.mkdir()
    disk = Disk(root, image)
    disk.mount()
    try:
        yield disk
    finally:
        while os.path.ismount(root):
            disk.unmount()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, env={"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C"})
