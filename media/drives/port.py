"""A drive, as burning, verifying and inspecting see it. The contract is here; media/drives/xorriso.py keeps it.

Sizes are in sectors of 2,048 bytes unless they are called bytes. Three answers are kept apart: the medium does not do
(`MediumUnfit`: nothing was written, put in another), the medium is lost (`BurnFailed`), and the drive did not answer
(`DriveUnavailable`: nothing is known of the medium).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from media.drives.reading import Reading
from vault.outputs import Progress
from vault.text import Text

Take = Callable[[memoryview], object]
"""Given a disc's bytes in order; the buffer is used again afterwards."""


class Condition(StrEnum):
    """What can be done with what lies in a drive."""

    EMPTY = "empty"  # no disc
    BLANK = "blank"
    APPENDABLE = "appendable"  # written, and not closed: a burn that was broken off leaves a disc like this
    CLOSED = "closed"
    UNKNOWN = "unknown"  # a disc that the drive cannot make out, or cannot write on

    @property
    def label(self) -> Text:
        return _CONDITIONS[self]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What lies in a drive."""

    condition: Condition
    kind: str = ""  # as the drive calls it: "DVD+R", "BD-R sequential recording"; of a pseudo-drive "stdio file"
    product: str = ""  # who made the blank, where the drive says so
    readable: int = 0
    writable: int = 0
    overall: int = 0

    @property
    def rewritable(self) -> bool:
        """Whether it can be written over: DVD+RW, BD-RE, DVD-RAM and their kind."""
        return any(mark in self.kind for mark in ("RW", "BD-RE", "RAM"))

    @property
    def grain(self) -> int:
        """Sectors that are read well or badly together: the ECC block of a DVD, the cluster of a Blu-ray disc."""
        if self.kind.startswith("BD"):
            return 32
        return 16 if "DVD" in self.kind else 1


class Drive(Protocol):
    """A drive that burns discs. Its methods but `name` and `held` are called while it is held."""

    @property
    def name(self) -> str:
        """The name that the configuration gives it, such as /dev/sr0; stands in entries and messages."""
        ...

    def held(self) -> AbstractContextManager[None]:
        """Nobody else of this program uses the drive meanwhile. Busy where somebody does; DriveUnavailable."""
        ...

    def look(self) -> Loaded:
        """What lies in it; a tray that is out is pulled in where the drive can do that. DriveUnavailable."""
        ...

    def burn(self, image: Path, progress: Progress = int) -> None:
        """Write the image on the blank from its first sector on, and close the disc.

        MediumUnfit before a byte is written: no disc, not blank, rewritable, too small. BurnFailed: that blank is lost.
        DriveUnavailable: the drive did not do it, and the blank is still one. What `progress` raises ends the burn and
        loses the blank, as does the end of this process. That it returns says nothing of what can be read back.
        """
        ...

    def eject(self) -> None:
        """Put the disc out, where the drive can; the next `look` takes it in again, as a drive that never saw it.

        DriveUnavailable.
        """
        ...

    def read(self, sectors: int, take: Take = len, progress: Progress = int, patience: int | None = None) -> Reading:
        """Read the disc's first sectors from the medium, not from a memory of it; sectors that cannot be read are
        handed on as zeros. `patience`: so many unreadable sectors are enough, the rest is not tried.

        NoMedium. DriveUnavailable, also where the drive goes in the middle.
        """
        ...


_CONDITIONS = {
    Condition.EMPTY: Text(en="no disc", zh="无盘"),
    Condition.BLANK: Text(en="blank", zh="空白盘"),
    Condition.APPENDABLE: Text(en="written, not closed", zh="已写入、未封盘"),
    Condition.CLOSED: Text(en="written and closed", zh="已封盘"),
    Condition.UNKNOWN: Text(en="cannot be used", zh="无法识别或不可写"),
}
