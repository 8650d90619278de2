"""How one disc is told, wherever it is, and whether what lies somewhere is the one that is meant."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from media.contents import Contents, read_disc
from media.drives.port import Condition
from media.drives.xorriso import XorrisoDrive
from media.volume import look
from ops.language import said, t
from ops.output import note
from vault.catalogue.discs import Copy
from vault.discs.model import Mark
from vault.discs.states import THERE
from vault.errors import BadInput, ImageBroken, NewerFormat, Refused, StoreUnavailable
from vault.text import Text

INSERT = Text(en="Insert it, and name the drive, such as /dev/sr0.", zh="请放入光盘，并指明光驱，如 /dev/sr0。")


class DiscPlace(click.ParamType[Path]):
    """Where a disc lies to be read: a drive, an image, a folder; of a pseudo-drive (`stdio:…`) its file."""

    name = t("path|device", "路径|设备")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return Path(str(value).removeprefix("stdio:"))


def tell(copy: Copy) -> str:
    """A disc in one line: where it stands, and who has it."""
    words = [str(copy.mark), said(copy.state.label)]
    if copy.location and copy.state in THERE:
        words.append(copy.location)
    if copy.holder:
        words.append(t(f"{copy.holder}, until {copy.until}", f"{copy.holder}，至 {copy.until}"))
    return "  ".join(words)


def tell_destroyed(numbers: Sequence[str]) -> None:
    """Of a disc or an image that is at hand: what on it was lawfully destroyed, and should be nowhere."""
    if numbers:
        note(
            t(
                f"Records on it were destroyed: {', '.join(numbers)}. It is to be destroyed as well; what waits: "
                "strongroom disposal list",
                f"其中载有已依规销毁的记录：{'、'.join(numbers)}。应一并销毁；待办事项：strongroom disposal list",
            )
        )


def drive_at(where: str) -> XorrisoDrive | None:
    """The drive that was named; None where it is the file of an image."""
    return XorrisoDrive(where) if where.startswith(("/dev/", "stdio:")) else None


def refuse_blank(where: str) -> None:
    """BadInput where a blank lies in the drive."""
    if (drive := drive_at(where)) is not None:
        with drive.held():
            blank = drive.look().condition is Condition.BLANK
        if blank:
            raise BadInput(Text(en=f"In {where} lies a blank.", zh=f"{where} 中是空白盘。"), INSERT)


def no_disc_of_ours(where: str, hint: Text) -> BadInput:
    """What lies there can be read, and is nothing that this program wrote."""
    return BadInput(
        Text(en=f"{where} does not begin as a disc of Strongroom does.", zh=f"{where} 开头不是本系统的光盘格式。"), hint
    )


def contents_in(where: str) -> Contents | None:
    """What a disc says of itself; None where nothing of it can be understood."""
    try:
        volume = look(Path(where.removeprefix("stdio:")))
        disc = read_disc(volume, where) if volume is not None else None
    except (ImageBroken, NewerFormat, StoreUnavailable):
        return None
    return disc.contents if disc is not None else None


def require_copy(where: str, volume: str, mark: Mark, vault_id: str) -> None:
    """Refused where another disc lies there than was named, though it may bear the same name: of an earlier generation,
    or of another vault. `volume`: its name. What it does not say any more does not count against it."""
    said = contents_in(where)
    if volume != mark.volume_id:
        raise _another(where, Text(en=f"disc {volume}", zh=f"光盘 {volume}"), mark)
    if said is not None and said.vault != vault_id:
        of = Text(en=f"disc {volume} of another vault ({said.unit})", zh=f"另一档案库（{said.unit}）的光盘 {volume}")
        raise _another(where, of, mark)
    if said is not None and said.generation != mark.generation:
        number = said.generation
        of = Text(en=f"disc {volume} of generation {number}", zh=f"光盘 {volume} 第 {number} 代")
        raise _another(where, of, mark)


def _another(where: str, found: Text, mark: Mark) -> Refused:
    number = mark.generation
    return Refused(
        Text(
            en=f"{where} has {found.en}; {mark} is a copy of {mark.volume_id}, generation {number}.",
            zh=f"{where} 中是{found.zh}；{mark} 应为 {mark.volume_id} 第 {number} 代的副本。",
        ),
        Text(
            en="Look at the label: insert the disc that is meant, or say which it is. Nothing was entered.",
            zh="请核对标签：放入应检查的光盘，或改正 --mark。未作任何登记。",
        ),
    )


def copy_row(copy: Copy) -> dict[str, Any]:
    """A disc for programs."""
    return {
        "mark": str(copy.mark),
        "state": copy.state.value,
        "since": copy.since,
        "location": copy.location,
        "holder": copy.holder,
        "until": copy.until,
        "drive": copy.drive,
        "blank": copy.blank,
        "inspected_at": copy.inspected_at,
        "level": copy.level,
    }
