"""Drop folders (投放文件夹): what is put there is taken in by itself, once it is settled (parcels.py), then put aside.

A look changes nothing but that. It is the intake of `ingest`: what is told as stored is durable, and only then is a
parcel moved (aside.py). Whatever interrupts a look, the next one finds the parcel where it was or where it belongs;
content that is in the vault already makes no second record. One look at a time is taken in a vault.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from vault.errors import BadInput, Busy, SourceProblem, StrongroomError
from vault.facts import Facts
from vault.intake.activities import Request
from vault.intake.aside import Aside, put_aside
from vault.intake.containers import is_container_name
from vault.intake.grouping import Grouping
from vault.intake.names import shown
from vault.intake.parcels import (
    Look,
    Parcel,
    is_empty,
    is_written,
    look_again,
    parcels,
    require_apart,
    signature_of,
    waits,
)
from vault.intake.pipeline import Intake, Outcome
from vault.intake.sheets import read_sheet
from vault.outputs import replace_file
from vault.store import Vault
from vault.text import Text

FILE = "watched.json"  # in the vault's folder: what was seen last, and since when
LOCK = "watch.lock"
SHEETS = ("清单.csv", "清单.xlsx", "sheet.csv", "sheet.xlsx")  # in a folder that is dropped: it speaks of its files
_TOGETHER = 256  # files of one run

Tell = Callable[[Outcome], object]
Tick = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFolder:
    """`facts`: of all that is dropped there, unless a sidecar says otherwise; `settled`: for how long nothing of a
    parcel may have changed; `leave`: what was taken stays where it is.
    """

    path: Path
    facts: Facts
    settled: timedelta
    grouping: Grouping = Grouping.FILE
    leave: bool = False


@dataclass(slots=True)
class Looked:
    """What a look at one folder came to, in parcels. `refused`: just now; `aside`: those not taken that lie there;
    `empty`: folders that hold nothing, and stay: somebody may be about to fill them.
    """

    folder: Path
    taken: int = 0
    refused: int = 0
    waiting: int = 0
    empty: int = 0
    aside: int = 0


@dataclass(slots=True)
class Memory:
    """What is known of parcels from the looks before, by folder and name. `done`: of what is left where it is, whether
    it was taken. It may be lost: everything then waits once more, and what is left is read anew.
    """

    home: Path
    looks: dict[str, dict[str, Look]] = field(default_factory=dict)
    done: dict[str, dict[str, bool]] = field(default_factory=dict)
    _kept: bytes = b""

    @classmethod
    def read(cls, home: Path) -> "Memory":
        try:
            data = (home / FILE).read_bytes()
            raw = json.loads(data)
            looks = {
                folder: {name: Look(one[0], datetime.fromisoformat(one[1])) for name, one in seen.items()}
                for folder, seen in raw["looks"].items()
            }
            return cls(home, looks, raw["done"], data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
            return cls(home)

    def keep(self) -> None:
        """Where anything has changed. Names may hold bytes that are no text: ASCII has them as they are."""
        looks = {
            folder: {name: [look.signature, look.since.isoformat()] for name, look in seen.items()}
            for folder, seen in self.looks.items()
        }
        data = json.dumps({"looks": looks, "done": self.done}).encode("ascii")
        if data != self._kept:
            replace_file(self.home / FILE, data)
            self._kept = data


def look_into(
    vault: Vault, folders: Sequence[DropFolder], own: Sequence[Path], tell: Tell, tick: Tick = int
) -> Iterator[Looked]:
    """One look at every drop folder. `own`: the vault's own places; `tell` hears of every file that is taken or not.

    Busy: somebody else is at it; SourceUnreadable: a folder cannot be read, the others were looked at; and what an
    intake raises: everything that was not told stays where it is.
    """
    trouble: SourceProblem | None = None
    with turn(vault.setting.home):
        memory = Memory.read(vault.setting.home)
        for folder in folders:
            try:
                yield _Look(vault, folder, memory, own, tell, tick).take()
            except SourceProblem as error:
                trouble = trouble or error
    if trouble is not None:
        raise trouble


@contextmanager
def turn(home: Path) -> Iterator[None]:
    """While this is held nobody else looks. Busy where somebody does."""
    descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            what = Text(en="Somebody else is at the drop folders.", zh="投放文件夹正在由其他进程处理。")
            raise Busy(what) from error
        yield
    finally:
        os.close(descriptor)


class _Look:
    """One look at one folder."""

    def __init__(
        self, vault: Vault, folder: DropFolder, memory: Memory, own: Sequence[Path], tell: Tell, tick: Tick
    ) -> None:
        self._vault = vault
        self._folder = folder
        self._memory = memory
        self._own = tuple(own)
        self._tell = tell
        self._tick = tick
        self._now = vault.setting.clock()
        self._looked = Looked(folder.path)
        self._aside = Aside(folder.path, self._now, vault.profile.zone)
        self._spoken_of = Counter[Path]()  # of how many parcels that are there a sidecar speaks

    def take(self) -> Looked:
        """Take what is settled."""
        require_apart(self._folder.path, self._own)
        for load in _loads(self._settled()):
            self._tick(0)
            for parcel, errors in self._take(load):
                self._put(parcel, errors)
        done = self._memory.done.get(str(self._folder.path), {})
        self._looked.aside = put_aside(self._folder.path) + sum(not taken for taken in done.values())
        return self._looked

    def _settled(self) -> list[Parcel]:
        """What may be taken; what was seen is remembered before anything is."""
        key, ready = str(self._folder.path), []
        before, done = self._memory.looks.get(key, {}), self._memory.done.get(key, {})
        seen: dict[str, Look] = {}
        for parcel in parcels(self._folder.path):
            self._spoken_of.update(parcel.sidecars)
            look = seen[parcel.name] = look_again(before.get(parcel.name), signature_of(parcel), self._now)
            if parcel.name in done and look == before.get(parcel.name):
                continue
            if is_empty(parcel):
                self._looked.empty += 1
            elif waits(look, self._now, self._folder.settled, written=False) or is_written(parcel):
                self._looked.waiting += 1
            else:
                ready.append(parcel)
        self._memory.looks[key] = seen
        self._memory.done[key] = {n: taken for n, taken in done.items() if n in seen and seen[n] == before.get(n)}
        self._memory.keep()
        return ready

    def _take(self, load: Sequence[Parcel]) -> Iterable[tuple[Parcel, list[StrongroomError]]]:
        """What went wrong with each of them."""
        errors: dict[Parcel, list[StrongroomError]] = {parcel: [] for parcel in load}
        by_where = {parcel.where: parcel for parcel in load}
        try:
            listed = _sheet(load[0])
            sheet = read_sheet(listed, self._vault.profile, self._now) if listed is not None else None
        except (BadInput, SourceProblem) as error:
            return [(load[0], [error])]
        request = Request(
            paths=tuple(parcel.path for parcel in load),
            folder=self._folder.facts,
            sheet=sheet,
            sheet_path=listed,
            grouping=self._folder.grouping if load[0].is_folder else Grouping.FILE,
            own=self._own,
        )
        nothing = True
        for outcome in Intake(self._vault, request, self._tick).run():
            self._tell(outcome)
            nothing = nothing and outcome.result == "skipped"
            if outcome.error is not None:
                errors[load[0] if len(load) == 1 else by_where[outcome.where]].append(outcome.error)
        for row in sheet.unmatched() if sheet is not None else ():
            what = Text(
                en=f"Row {row.number} of the sheet names {shown(row.file)}, which is not there.",
                zh=f"清单第 {row.number} 行的 {shown(row.file)} 不在其中。",
            )
            errors[load[0]].append(BadInput(what))
        if nothing and not errors[load[0]]:  # a folder, alone in its load: of a file that is named something comes
            errors[load[0]].append(_nothing(load[0]))
        return errors.items()

    def _put(self, parcel: Parcel, errors: Sequence[StrongroomError]) -> None:
        if signature_of(parcel) != self._memory.looks[str(self._folder.path)][parcel.name].signature:
            self._looked.waiting += 1  # it changed while it was taken, or since: what it is now comes with another look
            return
        self._looked.taken += not errors
        self._looked.refused += bool(errors)
        if self._folder.leave:
            self._memory.done[str(self._folder.path)][parcel.name] = not errors
            self._memory.keep()
            return
        self._spoken_of.subtract(parcel.sidecars)
        sidecars = [path for path in parcel.sidecars if not self._spoken_of[path]]
        if errors:
            self._aside.refused(parcel, sidecars, errors)
        else:
            self._aside.taken(parcel, sidecars)


def _loads(ready: Sequence[Parcel]) -> Iterator[list[Parcel]]:
    """Files together, as long as what is told of each names it; folders and archives each alone."""
    together: dict[str, Parcel] = {}
    for parcel in ready:
        if parcel.is_folder or is_container_name(parcel.name) or parcel.where in together:
            yield [parcel]
            continue
        together[parcel.where] = parcel
        if len(together) == _TOGETHER:
            yield list(together.values())
            together = {}
    if together:
        yield list(together.values())


def _nothing(parcel: Parcel) -> SourceProblem:
    """Of a folder in which there is what speaks of recordings, and no recording."""
    what = Text(en=f"{parcel.where} holds nothing that can be taken in.", zh=f"{parcel.where} 中没有可入库的文件。")
    return SourceProblem(what, hint=Text(en="Put the recordings into it, or remove it.", zh="请放入录像，或删除它。"))


def _sheet(parcel: Parcel) -> Path | None:
    """That of a folder, where it brings one."""
    if not parcel.is_folder:
        return None
    return next((path for name in SHEETS if (path := parcel.path / name).is_file()), None)
