"""Drives without a burner: a loop device of a medium's size, which xorriso burns as it burns a disc. Needs root."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from media.drives.xorriso import XorrisoDrive
from media.image import ImageInfo
from tests.rough_disc import SECTOR, Rough, rough_disc
from vault.digest import Digest


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
        """One byte of it is another from now on."""
        with self.disc.open("r+b") as file:
            file.seek(sector * SECTOR)
            byte = file.read(1)[0]
            file.seek(sector * SECTOR)
            file.write(bytes([byte ^ 1]))
        run("blockdev", "--flushbufs", self.device)


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


@contextmanager
def _looped(disc: Path) -> Iterator[str]:
    device = run("losetup", "--find", "--show", str(disc)).strip()
    try:
        yield device
    finally:
        if str(disc) in run("losetup", "--list", "--noheadings", "--output", "BACK-FILE", "--raw"):
            run("losetup", "--detach", device)


def run(*command: str) -> str:
    environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C"}
    return subprocess.run(command, check=True, env=environment, text=True, stdout=subprocess.PIPE).stdout
