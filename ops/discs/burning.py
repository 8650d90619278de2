"""Copies burnt and read back, each step in the journal; who waits for whom.

A burn is entered before it begins. What is entered when it ends: that the drive closed the disc, and then that it reads
back as the image, or that the blank is lost. What was under way when the program ended is settled first
(ops/discs/settling.py). A person is asked for blanks, and for discs that were taken out before they were read back.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from media.crew import Outcome, work
from media.drives.fitting import require_fit
from media.drives.loading import loading
from media.drives.port import Drive
from media.drives.tray import is_out
from media.drives.xorriso import XorrisoDrive
from media.image import ImageInfo
from media.queue import Blank, Burn, is_spent
from media.robot import Robot
from ops.discs.entering import fail, finish, leave_untouched, verify
from ops.discs.images import image_info
from ops.discs.settling import Missing, copies_in, settle
from ops.discs.workshop import Workshop
from ops.language import said, t
from ops.output import complain, note, progress
from vault import acts
from vault.catalogue import discs
from vault.discs.model import CopyLetter, Mark
from vault.discs.states import State
from vault.discs.stepping import step
from vault.errors import BurnFailed, Busy, DriveUnavailable, MediumUnfit, StrongroomError
from vault.text import Text

_PAUSE = 3.0  # seconds between two looks for a blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Burning:
    """How to burn. `batches`: what a person calls the blanks that lie beside a drive; `letters`: which copies; `robot`:
    has it done instead; `robots`: all that there are, by name."""

    drives: Sequence[Drive]
    robot: Robot | None
    robots: Mapping[str, Robot]
    batches: Mapping[str, str]
    letters: Collection[CopyLetter]
    waiting: bool  # for a person to put blanks in
    again: str  # the command that goes on with it, as it was typed


def burn_set(shop: Workshop, number: str, burning: Burning) -> None:
    """Burn and verify every copy of a set that has its image, until none is left.

    DriveUnavailable (exit 5) where blanks or discs lack and nobody waits; the last BurnFailed where no drive is fit.
    """
    told = ""
    foreman = _Foreman(shop, number, burning)
    while True:
        missing = settle(shop, number, burning.letters)
        waiting = [copy.mark for copy in copies_in(shop, number, burning.letters, (State.BLANK, State.BURNING))]
        waiting = [mark for mark in waiting if mark not in missing]
        if not waiting and not missing:
            return
        left = foreman.burn(waiting, {one.drive for one in missing.values()})
        if not left and not missing:
            continue
        wanted = _wanted(left, missing, foreman.why, burning.again)
        if foreman.nothing_left_to_try():
            raise foreman.failed or wanted
        if not burning.waiting:
            raise wanted
        if (words := said(wanted.what)) != told:
            note(words)
            told = words
        time.sleep(_PAUSE)


@dataclass(slots=True)
class _Foreman:
    """Keeps the journal of the burns. Implements `Foreman` (media/crew.py)."""

    shop: Workshop
    number: str
    burning: Burning
    past: list[Burn] = field(init=False)
    failed: StrongroomError | None = None  # the last that did
    why: dict[str, Text] = field(default_factory=dict)  # a drive has no blank
    _room: int = 0  # bytes that a blank must have
    _seen: set[str] = field(default_factory=set)  # drives whose tray is pulled in no more: a person is at it

    def __post_init__(self) -> None:
        with self.shop.vault.database.reading() as connection:
            copies = discs.copies(connection, self.number)
        self.past = [Burn(copy.mark, Blank(copy.drive, copy.blank)) for copy in copies if copy.drive]

    def burn(self, waiting: Sequence[Mark], kept_free: Collection[str]) -> list[Mark]:
        """Those that still wait. `kept_free`: drives into which a disc is wanted back."""
        with self.shop.vault.database.reading() as connection:
            images = {mark: self._image(mark, image_info(connection, mark)) for mark in waiting}
        drives = [drive for drive in self.burning.drives if drive.name not in kept_free]
        self.why = {drive.name: Text(en="", zh="") for drive in drives}
        self._room = max((info.size for _, info in images.values()), default=0)
        with progress(2 * sum(info.size for _, info in images.values()), self.shop.quiet) as tick:
            return work(waiting, drives, images.__getitem__, self, tick, self.past)

    def nothing_left_to_try(self) -> bool:
        """Whether every drive has failed too often."""
        return all(is_spent(drive.name, self.past) for drive in self.burning.drives)

    def blank_in(self, drive: Drive) -> Blank | None:
        if drive.name in self._seen and is_out(drive.name):
            self.why[drive.name] = Text(en=f"The tray of {drive.name} is out.", zh=f"{drive.name} 的托盘未推回。")
            return None
        self._seen.add(drive.name)
        try:
            with drive.held():
                loaded = drive.look()
            require_fit(drive.name, loaded, self._room)
        except (MediumUnfit, DriveUnavailable, Busy) as error:
            self.why[drive.name] = error.what
            return None
        return Blank(drive.name, self.burning.batches.get(drive.name, loaded.product))

    def begin(self, burn: Burn) -> None:
        note(t(f"{burn.mark}: burning in {burn.blank.drive}", f"{burn.mark}：正在 {burn.blank.drive} 中刻录"))
        step(
            self.shop.vault,
            acts.DiscBurning(
                at=self.shop.now(),
                by=self.shop.by,
                mark=str(burn.mark),
                drive=burn.blank.drive,
                loading=loading(XorrisoDrive(burn.blank.drive).device),
            ),
        )

    def end(self, outcome: Outcome) -> bool:
        """A disc that was closed and could not be looked at is left to `settle`."""
        mark, blank = outcome.burn.mark, outcome.burn.blank
        if outcome.burnt:
            finish(self.shop.vault, mark, blank.drive, blank.batch)
        if outcome.error is None:
            with self.shop.vault.database.reading() as connection:
                info = image_info(connection, mark)
            verify(self.shop.vault, mark, blank.drive, info)
            self._put_out(blank.drive)
            return False
        self.failed = outcome.error
        complain(outcome.error)
        if isinstance(outcome.error, BurnFailed):
            fail(self.shop.vault, mark, blank.drive, outcome.error.what)
        elif not outcome.burnt:
            leave_untouched(self.shop.vault, mark, blank.drive, outcome.error.what)
        return not outcome.burnt or isinstance(outcome.error, BurnFailed)

    def _put_out(self, name: str) -> None:
        """Whoever stands there sees which disc it was."""
        drive = next(one for one in self.burning.drives if one.name == name)
        with suppress(DriveUnavailable, Busy), drive.held():
            drive.eject()

    def _image(self, mark: Mark, info: ImageInfo) -> tuple[Path, ImageInfo]:
        return self.shop.image(mark.disc_set, mark.disc, mark.generation), info


def _wanted(
    left: Sequence[Mark], missing: Mapping[Mark, Missing], why: Mapping[str, Text], again: str
) -> DriveUnavailable:
    """What a person is to put where. `why`: what keeps each drive from burning."""
    en, zh, then_en, then_zh = [], [], [], []
    for mark, one in missing.items():
        if one.blank:
            en.append(f"A burn of {mark} was begun in {one.drive}; a blank lies there now, and may be another disc.")
            zh.append(f"{mark} 曾在 {one.drive} 中开始刻录；其中现为空白光盘，可能已被换过。")
            then_en.append(f"\n  If that blank was not taken out: add --untouched {mark}")
            then_zh.append(f"\n  如该空白光盘未曾取出过，请加 --untouched {mark}")
        en.append(f"Put disc {mark} back into {one.drive}: it is to be read back.")
        zh.append(f"请将光盘 {mark} 放回 {one.drive}，以便回读核验。")
        then_en.append(f"\n  If it is lost: add --lost {mark}")
        then_zh.append(f"\n  如已无法找回，请加 --lost {mark}")
    if left and why:
        en.append(f"Put a blank into {' or '.join(why)}, for {', '.join(map(str, left))}.")
        zh.append(f"请在 {' 或 '.join(why)} 中放入空白光盘，用于 {'、'.join(map(str, left))}。")
        en += [reason.en for reason in why.values() if reason.en]
        zh += [reason.zh for reason in why.values() if reason.zh]
    hint = Text(
        en=f"Then run: {again}" + "".join(then_en),
        zh=f"然后运行：{again}" + "".join(then_zh),
    )
    return DriveUnavailable(Text(en=" ".join(en), zh="".join(zh)), hint)
