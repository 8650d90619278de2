"""Discs that were begun when a program ended: each is found and judged, or somebody is asked where it is.

What was begun carries records, as far as anybody knows: it becomes a copy, or it is written off and on record, and no
other disc is taken for it (media/leftover.py).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from media.drives.loading import loading
from media.drives.port import Condition
from media.drives.verifying import read_back
from media.drives.xorriso import XorrisoDrive
from media.leftover import Leftover, find
from media.volume import Image, look
from ops.discs.entering import fail, finish, leave_untouched, verify
from ops.discs.images import image_info
from ops.discs.robots import is_robots
from ops.discs.workshop import Workshop
from ops.language import t
from ops.output import note, progress
from vault.catalogue import discs
from vault.catalogue.discs import Copy
from vault.discs.model import CopyLetter, Mark
from vault.discs.states import State
from vault.errors import BurnFailed, Busy, DriveUnavailable, ImageBroken, MediumUnfit, Refused, StoreUnavailable
from vault.store import Vault
from vault.text import Text

_BEGUN = (State.BURNING, State.BURNT)
_STILL_BLANK = Text(
    en="a person says that the blank in the drive is that disc: nothing was written, it is used again",
    zh="经办人员确认光驱中的空白光盘即该盘，未写入，可继续使用",
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A disc that was begun in that drive, of which nobody can tell. `blank`: one lies there that may be it."""

    mark: Mark
    drive: str
    blank: bool


def settle(shop: Workshop, number: str, letters: Collection[CopyLetter]) -> Mapping[Mark, Missing]:
    """Find out what became of discs that were being burnt, or were not read back yet; those of which nobody can
    tell."""
    missing = {}
    for copy in copies_in(shop, number, letters, _BEGUN):
        drive, condition = XorrisoDrive(copy.drive), Condition.EMPTY
        try:
            with drive.held():
                condition = drive.look().condition
                known = _settled(shop, copy, drive, condition)
        except (DriveUnavailable, MediumUnfit, Busy):
            known = False
        if not known:
            blank = condition is Condition.BLANK and copy.state is State.BURNING
            missing[copy.mark] = Missing(copy.mark, copy.drive, blank)
    return missing


def copies_in(
    shop: Workshop, number: str, letters: Collection[CopyLetter], states: Collection[State]
) -> Sequence[Copy]:
    """Copies that stand so; but those that a robot is at: ops/discs/robots.py."""
    with shop.vault.database.reading() as connection:
        copies = discs.copies(connection, number)
    return [copy for copy in copies if copy.state in states and copy.mark.copy in letters and not is_robots(copy)]


def use_again(vault: Vault, mark: Mark) -> None:
    """The blank in the drive is the one that was begun: a person says so. Refused where that cannot be."""
    with vault.database.reading() as connection:
        copy = discs.find_copy(connection, mark)
    if copy.state is not State.BURNING or is_robots(copy):
        raise Refused(
            Text(
                en=f"Disc {mark} is {copy.state.label.en}: nothing is under way in a drive.",
                zh=f"光盘 {mark} {copy.state.label.zh}，没有正在光驱中刻录。",
            ),
            Text(en=f"strongroom disc show {mark}", zh=f"strongroom disc show {mark}"),
        )
    drive = XorrisoDrive(copy.drive)
    with drive.held():
        condition = drive.look().condition
    if condition is not Condition.BLANK:
        raise Refused(
            Text(
                en=f"In {drive.name} there is no blank: {condition.label.en}.",
                zh=f"{drive.name} 中不是空白光盘：{condition.label.zh}。",
            ),
            Text(
                en=f"Leave --untouched away: what lies there is read back. If it is lost: --lost {mark}",
                zh=f"请去掉 --untouched：盘上内容将回读核验。如已无法找回，请用 --lost {mark}",
            ),
        )
    leave_untouched(vault, mark, drive.name, _STILL_BLANK)


def _settled(shop: Workshop, copy: Copy, drive: XorrisoDrive, condition: Condition) -> bool:
    """Held and looked at; whether it is known now what became of it."""
    with shop.vault.database.reading() as connection:
        info = image_info(connection, copy.mark)
    leftover = find(copy.state, condition, _is_it(copy, drive))
    if leftover is Leftover.READ:
        note(t(f"{copy.mark}: reading back what lies in {drive.name}", f"{copy.mark}：正在回读 {drive.name} 中的光盘"))
        try:
            with progress(info.size, shop.quiet) as tick:
                read_back(drive, info, progress=tick)
        except BurnFailed as error:
            fail(shop.vault, copy.mark, drive.name, error.what)
            return True
        if copy.state is State.BURNING:
            finish(shop.vault, copy.mark, drive.name, copy.blank)
        verify(shop.vault, copy.mark, drive.name, info)
    return leftover is not Leftover.ASK


def _is_it(copy: Copy, drive: XorrisoDrive) -> bool:
    """Whether what lies there was there when the burn began, or is called what was burnt."""
    if copy.loading and copy.loading == loading(drive.device):
        return True
    try:
        volume = look(Path(drive.device))
    except (ImageBroken, StoreUnavailable):
        return False
    return isinstance(volume, Image) and volume.name == copy.mark.volume_id
