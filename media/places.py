"""Places where discs can be put: drives, mount points, folders, image files. Discs come and go; places stay.

Each time a disc is asked for, every place is looked at anew, cheaply: what was read of a disc is kept as long as its
stamp is the same. A disc of another vault is no disc of ours, whatever number it bears.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from media.contents import Disc, read_disc
from media.volume import look
from vault.errors import DiscWanted, IntegrityBroken, NewerFormat, StoreUnavailable
from vault.text import Text

Wait = Callable[[Sequence[str], DiscWanted], None]
"""Told that one of these discs is wanted: returns when it is worth looking again, or raises what it was given."""


class Places:
    """Where this vault looks for its discs. May be used from several threads."""

    def __init__(self, places: Iterable[Path], vault_id: str, wait: Wait) -> None:
        self._places = tuple(places)
        self._vault_id = vault_id
        self._wait = wait
        self._known: dict[Path, tuple[bytes, Disc | None]] = {}

    def discs(self) -> Iterator[tuple[Path, Disc]]:
        """Those of this vault that are in a place now. What cannot be read is passed over."""
        yield from self._looked([])

    def disc_in(self, place: Path) -> Disc | None:
        """Whichever disc lies there now, of whatever vault; None: none, or nothing that this program wrote."""
        volume = look(place)
        if volume is None:
            return None
        stamp, disc = self._known.get(place, (b"", None))
        if stamp != volume.stamp:
            disc = read_disc(volume, str(place))
            self._known[place] = (volume.stamp, disc)
        return disc

    def find(self, names: Sequence[str]) -> Disc:
        """One of these discs, by the names of their volumes. DiscWanted where none of them is in a place."""
        while True:
            instead: list[Text] = []
            for _, disc in self._looked(instead):
                if disc.name in names:
                    return disc
            self._wait(names, _wanted(names, instead))

    def _looked(self, found: list[Text]) -> Iterator[tuple[Path, Disc]]:
        """The discs that are here, place by place; and into `found` what there is to say of every one that is not
        empty.
        """
        for place in self._places:
            try:
                disc = self.disc_in(place)
            except (IntegrityBroken, NewerFormat, StoreUnavailable) as error:
                found.append(error.what)
                continue
            if disc is None:
                continue
            if disc.contents.vault == self._vault_id:
                found.append(Text(en=f"{place} has disc {disc.name}.", zh=f"{place} 中是光盘 {disc.name}。"))
                yield place, disc
            else:
                en = f"{place} has disc {disc.name} of another vault ({disc.contents.unit})."
                zh = f"{place} 中是另一档案库（{disc.contents.unit}）的光盘 {disc.name}。"
                found.append(Text(en=en, zh=zh))


def never(_names: Sequence[str], wanted: DiscWanted) -> None:
    """For whoever does not wait."""
    raise wanted


def _wanted(names: Sequence[str], instead: Sequence[Text]) -> DiscWanted:
    en = " ".join([f"Insert disc {' or '.join(names)}.", *(text.en for text in instead)])
    zh = "".join([f"请放入光盘 {'或 '.join(names)}。", *(text.zh for text in instead)])
    return DiscWanted(Text(en=en, zh=zh))
