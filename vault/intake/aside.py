"""Where a drop folder's parcels go: aside, into a new folder for each look, so that nothing is ever overwritten.

    已入库/20261121-093000/现场.mp4          taken: it is durable by the policy, and its record is in the journal
    未入库/20261121-093000/询问.mp4          not taken
    未入库/20261121-093000.txt               why not, and what to do

They are renamed, never copied and never deleted: what becomes of them is for people to say.
"""

import os
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from vault.errors import StrongroomError
from vault.intake.items import unreadable
from vault.intake.names import shown
from vault.intake.parcels import REFUSED, TAKEN, Parcel
from vault.moments import local
from vault.outputs import writing_to

_TOLD = 20  # errors of one parcel


class Aside:
    """What one look puts aside. `zone`: the office's."""

    def __init__(self, folder: Path, now: datetime, zone: tzinfo) -> None:
        self._folder = folder
        self._now = now
        self._zone = zone
        self._trays: dict[str, Path] = {}

    def taken(self, parcel: Parcel, sidecars: Sequence[Path]) -> None:
        """It is in the vault. TargetProblem where it cannot be moved."""
        self._put(TAKEN, parcel, sidecars)

    def refused(self, parcel: Parcel, sidecars: Sequence[Path], why: Sequence[StrongroomError]) -> None:
        """It could not be taken in, or not all of it."""
        tray = self._put(REFUSED, parcel, sidecars)
        lines = [f"{local(self._now, self._zone)}  {shown(parcel.name)}"]
        for error in why[:_TOLD]:
            lines += [f"    {error.what.zh}{error.hint.zh}", f"    {error.what.en} {error.hint.en}".rstrip()]
        if len(why) > _TOLD:
            lines.append(f"    … +{len(why) - _TOLD}")
        with writing_to(tray), tray.with_suffix(".txt").open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def _put(self, where: str, parcel: Parcel, sidecars: Sequence[Path]) -> Path:
        tray = self._trays.get(where) or self._new(where)
        with writing_to(tray):
            for path in (parcel.path, *sidecars):
                os.rename(path, tray / path.name)
        return tray

    def _new(self, where: str) -> Path:
        """One that nobody has made before: of names within it none stands twice, for they came from one folder."""
        count, name = 1, f"{self._now.astimezone(self._zone):%Y%m%d-%H%M%S}"
        with writing_to(self._folder / where):
            (self._folder / where).mkdir(exist_ok=True)
            while True:
                tray = self._folder / where / (name if count == 1 else f"{name}-{count}")
                try:
                    tray.mkdir()
                except FileExistsError:
                    count += 1
                    continue
                self._trays[where] = tray
                return tray


def put_aside(folder: Path) -> int:
    """How many parcels lie there that could not be taken: until somebody has seen to them. SourceUnreadable where that
    cannot be told: none would end the alert.
    """
    try:
        with os.scandir(folder / REFUSED) as trays:
            return sum(len(os.listdir(tray)) for tray in trays if tray.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise unreadable(shown(str(folder / REFUSED)), error) from error
