"""Attached discs: the places where this vault looks for its discs, and what is read from them.

Places are remembered in a file of the vault's folder, each ended by a zero byte, which is the one character that no
path has: a drive, a mount point, an image. They say where somebody puts discs on this machine, and nothing of what is
kept: no entry of the journal, and lost with no harm.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from media.contents import Disc
from media.places import Places, never
from media.reader import DiscReader, ShelfReader
from media.testimony import require_of
from ops.language import said
from ops.output import note
from vault import note as notes
from vault.catalogue import carriers
from vault.catalogue.discs import Copy
from vault.digest import Digest
from vault.discs.states import State
from vault.errors import BadInput, DiscWanted, Refused
from vault.outputs import replace_file
from vault.store import Vault
from vault.text import Text

FILE = "attached-discs"
_PATIENCE = 2.0  # seconds between two looks


def attached(home: Path) -> tuple[Path, ...]:
    """The places, in the order in which they were attached."""
    try:
        places = (home / FILE).read_bytes().split(b"\0")
    except FileNotFoundError:
        return ()
    return tuple(Path(os.fsdecode(place)) for place in places if place)


def remember(home: Path, places: Sequence[Path]) -> None:
    """From now on these."""
    replace_file(home / FILE, b"".join(os.fsencode(place) + b"\0" for place in dict.fromkeys(places)))


def examine(vault: Vault, place: Path) -> tuple[Disc, notes.Checkpoint]:
    """The disc in a place, once it has shown that it is this vault's.

    BadInput: there is none. Refused: it is another vault's. JournalBroken: it does not prove whose it is.
    """
    disc = Places([place], vault.setting.vault_id, never).disc_in(place)
    if disc is None:
        raise BadInput(
            Text(en=f"There is no disc of a vault in {place}.", zh=f"{place} 中没有档案库的光盘。"),
            Text(
                en="Name an image, a folder with a disc's files, or a drive with a disc in it, such as /dev/sr0.",
                zh="请指定光盘映像、含光盘文件的文件夹，或已放入光盘的光驱（如 /dev/sr0）。",
            ),
        )
    if disc.contents.vault != vault.setting.vault_id:
        contents = disc.contents
        raise Refused(
            Text(
                en=f"{place} has disc {disc.name} of another vault ({contents.unit}, {contents.vault}).",
                zh=f"{place} 中是另一档案库（{contents.unit}，{contents.vault}）的光盘 {disc.name}。",
            ),
            Text(
                en="Insert a disc of this vault. Where all else is lost: strongroom rebuild --from-discs",
                zh="请放入本档案库的光盘。如其余均已丢失，可用 strongroom rebuild --from-discs 重建。",
            ),
        )
    return disc, require_of(disc, vault.verifier)


@contextmanager
def reading_discs(vault: Vault, *, waiting: bool) -> Iterator[None]:
    """While this is held, what no store has is read from the discs that are in the attached places, and, `waiting`,
    from one that a person is asked to insert.
    """
    setting = vault.setting
    asking = _Asking(vault)
    wait, paths = asking.wait if waiting else asking.refuse, attached(setting.home)
    places = Places(paths, setting.vault_id, wait)
    # Each place first for what lies in it: of two copies of a disc the second is asked for what the first lacks.
    here = [
        DiscReader(disc.name, Places(dict.fromkeys((path, *paths)), setting.vault_id, wait))
        for path, disc in places.discs()
    ]
    vault.lenders = (*here, ShelfReader(places, asking.carriers))
    try:
        yield
    finally:
        vault.lenders = ()


class _Asking:
    """Says which disc is wanted, and where the catalogue has it."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._said = ""

    def carriers(self, digest: Digest) -> Sequence[str]:
        """Names of the discs that may have an object."""
        with self._vault.database.reading() as connection:
            return list(dict.fromkeys(copy.mark.volume_id for copy in carriers.of_object(connection, digest)))

    def wait(self, names: Sequence[str], wanted: DiscWanted) -> None:
        """Ask for it, once, and give the person time."""
        if not attached(self._vault.setting.home):
            self.refuse(names, wanted)
        what = said(self._located(names, wanted).what)
        if what != self._said:
            note(what)
            self._said = what
        time.sleep(_PATIENCE)

    def refuse(self, names: Sequence[str], wanted: DiscWanted) -> None:
        """Nobody waits."""
        raise self._located(names, wanted)

    def _located(self, names: Sequence[str], wanted: DiscWanted) -> DiscWanted:
        with self._vault.database.reading() as connection:
            copies = [copy for name in names for copy in carriers.of_disc(connection, name)]
        if not copies:
            return wanted
        en = "; ".join(f"copy {copy.mark}: {_place_of(copy).en}" for copy in copies)
        zh = "；".join(f"副本 {copy.mark}：{_place_of(copy).zh}" for copy in copies)
        return DiscWanted(Text(en=f"{wanted.what.en} ({en})", zh=f"{wanted.what.zh}（{zh}）"))


def _place_of(copy: Copy) -> Text:
    """Where somebody has to go for it."""
    if copy.state is State.SHELVED:
        return Text(en=copy.location, zh=copy.location)
    if copy.holder:
        return Text(en=f"lent to {copy.holder}", zh=f"借给 {copy.holder}")
    return copy.state.label
