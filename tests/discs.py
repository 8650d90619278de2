"""Drives without a burner: a loop device of a medium's size, which xorriso burns as it burns a disc. Needs root."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from media.drives.xorriso import XorrisoDrive
from media.image import ImageInfo
from tests.rough_disc import SECTOR, Rough, rough_disc
from vault.digest import Digest, Hasher


@dataclass(slots=True)
class PseudoDrive:
    """A drive with a disc of `sectors` in it, over the file `disc`."""

    disc: Path
    sectors: int
    device: str = ""

    @property
    def name(self) -> str:
        """As the configuration names it."""
        return f"stdio:{self.device}"

    @property
    def drive(self) -> XorrisoDrive:
        return XorrisoDrive(self.name)

    def put_blank_in(self) -> None:
        """A new disc in place of the one that lies in it."""
        self.disc.write_bytes(b"")
        os.truncate(self.disc, self.sectors * SECTOR)
        run("blockdev", "--flushbufs", self.device)

    def unplug(self) -> None:
        """The device stays as a name without anything behind it; who has it open keeps it."""
        run("losetup", "--detach", self.device)

    def spoil(self, sector: int) -> None:
        """One byte of it is another from now on; the kernel's memory of the device does not hear of it."""
        with self.disc.open("r+b") as file:
            file.seek(sector * SECTOR)
            byte = file.read(1)[0]
            file.seek(sector * SECTOR)
            file.write(bytes([byte ^ 1]))


@contextmanager
def pseudo_drive(folder: Path, sectors: int = 4_000) -> Iterator[PseudoDrive]:
    """A drive with a blank in it; `folder` is made."""
    folder.mkdir()
    disc = folder / "disc"
    disc.touch()
    os.truncate(disc, sectors * SECTOR)
    with _looped(disc) as device:
        yield PseudoDrive(disc, sectors, device)


@contextmanager
def rough_drive(folder: Path, sectors: int = 4_000) -> Iterator[tuple[PseudoDrive, Rough]]:
    """A drive with a blank in it that can be scratched, break, or take its time."""
    with rough_disc(folder, sectors) as rough, _looped(rough.file) as device:
        yield PseudoDrive(rough.file, sectors, device), rough


def image_of(path: Path, sectors: int, seed: bytes = b"\x01") -> ImageInfo:
    """Write a file as large as an image of so many sectors, and not like any other; it begins as images do."""
    start = bytes(16 * SECTOR)
    block = (seed * SECTOR)[:SECTOR]
    body = b"".join(number.to_bytes(4) + block[4:] for number in range(16, sectors))
    path.write_bytes(start + body)
    return ImageInfo(sectors * SECTOR, Digest.of(start + body))


def as_xorriso_reads(drive: PseudoDrive, sectors: int) -> Digest:
    """What xorriso's own way of reading gives."""
    what = ["use=outdev", "what=disc", "min_lba=0", f"max_lba={sectors - 1}", "data_to=-", "--"]
    words = ["xorriso", "-no_rc", "-outdev", drive.name, "-check_media", *what]
    hasher = Hasher()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        while block := process.stdout.read(1 << 20):
            hasher.update(block)
    assert process.returncode == 0
    return hasher.digest()


def burner(drive: PseudoDrive, image: Path) -> "subprocess.Popen[bytes]":
    """A process that burns the image there."""
    words = [sys.executable, "-c", _BURN, drive.name, str(image)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


_BURN = """
import sys
from pathlib import Path
from media.drives.xorriso import XorrisoDrive

drive = XorrisoDrive(sys.argv[1])
with drive.held():
    drive.burn(Path(sys.argv[2]))
"""


def burners_of(device: str) -> list[int]:
    """xorriso's processes that burn there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"dev=stdio:{device}".encode() in words:
            found.append(int(process.name))
    return found


def wait_until(burning: bool, device: str) -> bool:
    """Whether it came to that within 20 seconds."""
    for _ in range(400):
        if bool(burners_of(device)) is burning:
            return True
        time.sleep(0.05)
    return False


@contextmanager
def _looped(disc: Path) -> Iterator[str]:
    device = run("losetup", "--find", "--show", str(disc)).strip()
    try:
        yield device
    finally:
        behind = Path("/sys/block", Path(device).name, "loop/backing_file")  # another's, where a test unplugged ours
        if behind.exists() and behind.read_text().startswith(str(disc)):
            run("losetup", "--detach", device)


def run(*command: str) -> str:
    environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C"}
    return subprocess.run(command, check=True, env=environment, text=True, stdout=subprocess.PIPE).stdout
