"""Where discs are made: the vault, the work folder, and one command at a time in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from media.mediums import MEDIUMS, Medium
from vault.catalogue import discs
from vault.discs.beside import remove_partials
from vault.discs.imagefiles import alone_in
from vault.discs.model import image_name
from vault.errors import BadInput
from vault.outputs import writing_to
from vault.store import Vault
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Workshop:
    """`folder`: the images until their discs are verified. `quiet`: no bars of progress."""

    vault: Vault
    folder: Path
    quiet: bool

    @property
    def by(self) -> str:
        return self.vault.setting.person

    def now(self) -> datetime:
        return self.vault.now()

    def image(self, disc_set: str, disc: int, generation: int) -> Path:
        """Where the image of a generation lies, or is to lie."""
        return self.folder / image_name(disc_set, disc, generation)


@contextmanager
def workshop(vault: Vault, folder: Path, *, quiet: bool) -> Iterator[Workshop]:
    """Busy where another command makes discs there. What one that was killed left half written is removed."""
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder):
        with writing_to(folder):
            remove_partials(folder)
        yield Workshop(vault, folder, quiet)


def medium_of(planned: discs.Planned) -> Medium:
    """The blanks that a set was planned for. BadInput where this version does not know them."""
    medium = MEDIUMS.get(planned.medium)
    if medium is None:
        raise BadInput(
            Text(
                en=f"Set {planned.number} was planned for {planned.medium!r}, which this version does not know.",
                zh=f"光盘组 {planned.number} 规划所用介质“{planned.medium}”，本版本不支持。",
            )
        )
    return medium
