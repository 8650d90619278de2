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

    def mount(self) -> None:
        """On a loop device of its own each time, as a disk that is plugged in again is a new one to the kernel."""
        device = _run("losetup", "--find", "--show", str(self.image)).strip()
        _run("mount", "-o", "errors=remount-ro", device, str(self.root))
        _run("losetup", "--detach", device)  # the kernel does so when the file system is no longer used

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
        """By hand; refused while files are open for writing."""
        _run("mount", "-o", "remount,ro", str(self.root))

    def break_down(self) -> None:
        """The kernel meets an error in the file system, and makes it read-only."""
        device = _run("findmnt", "--noheadings", "--output", "SOURCE", str(self.root)).strip()
        Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error").write_text("1")


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


def _run(*command: str) -> str:
    environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C"}
    return subprocess.run(command, check=True, env=environment, text=True, stdout=subprocess.PIPE).stdout
