"""`strongroom disc drives` and `disc verify`: what lies in the drives, and whether a disc carries what was recorded."""

import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import click

from media.drives.port import Loaded
from media.drives.reading import Reading, read_device
from media.drives.verifying import difference
from media.image import ImageInfo
from media.mediums import SECTOR
from ops.cli.common import Place, as_json
from ops.cli.discs import contents_in, drive_at, no_disc_of_ours, refuse_blank, require_copy, tell_destroyed
from ops.discs import entering
from ops.drives import configured_drives
from ops.language import said, t
from ops.output import complain, json_line, line, progress, size
from vault.catalogue import discs
from vault.catalogue.discs import images
from vault.digest import Digest
from vault.discs.model import Mark
from vault.discs.states import State, Step, after
from vault.errors import BadInput, Busy, DriveUnavailable, ImageBroken
from vault.moments import minute
from vault.store import Vault
from vault.text import Text

_DESCRIPTOR = 16  # the sector of an image that begins its first volume descriptor (ECMA-119, 6.2.1)
_VOLUME = re.compile(rb"\x01CD001.{34}([A-Z0-9_-]+) *\Z", re.DOTALL)  # its first 72 bytes (ECMA-119, 8.4)

_WHAT_TO_DO = Text(
    en="A disc: clean it, try another drive, then: strongroom disc salvage. An image: do not burn it, build it again.",
    zh="光盘：请清洁盘面、换光驱再试，然后运行 strongroom disc salvage；映像：不要刻录，请重新制作。",
)


@click.command(help=t("Say what lies in each drive.", "查看各光驱中的光盘。"))
@as_json
@click.pass_obj
def drives(place: Place, as_json: bool) -> int:
    """Those of `[discs]` in strongroom.toml. A tray that is out is pulled in where the drive can."""
    code = 0
    for drive in configured_drives(place.home):
        try:
            with drive.held():
                loaded = drive.look()
        except (Busy, DriveUnavailable) as error:
            code = max(code, error.exit_code)
            complain(error)
            if as_json:
                json_line({"drive": drive.name, "condition": None, "error": error.what})
            continue
        if as_json:
            told = {"condition": loaded.condition, "kind": loaded.kind, "product": loaded.product}
            sectors = {"readable": loaded.readable, "writable": loaded.writable, "overall": loaded.overall}
            json_line({"drive": drive.name, **told, **sectors})
            continue
        line(f"{drive.name}  {_described(loaded)}")
    return code


def _described(loaded: Loaded) -> str:
    parts = [said(loaded.condition.label), loaded.kind, loaded.product]
    if loaded.writable:
        room = size(loaded.writable * SECTOR)
        parts.append(t(f"room for {room}", f"可写 {room}"))
    return "  ".join(part for part in parts if part)


@click.command(help=t("Read a disc or an image back and compare it with the journal.", "回读光盘或映像，与日志核对。"))
@click.argument("where", metavar=t("DRIVE|IMAGE", "光驱|映像"))
@click.option(
    "--generation",
    type=click.IntRange(min=1),
    help=t(
        "of a disc that replaces another, the last figure of its mark [default: what it says]",
        "替换盘的代次，即编号末尾的数字 [默认：以盘上所载为准]",
    ),
)
@click.option(
    "--mark",
    "named",
    default="",
    help=t(
        "a robot's disc, or one burnt elsewhere, by its label: enter what it is",
        "机器人或外部刻录的光盘（标签上的编号），登记核验结果",
    ),
)
@as_json
@click.pass_obj
def verify(place: Place, where: str, generation: int | None, named: str, as_json: bool) -> None:
    """A drive such as /dev/sr0, or the file of an image."""
    drive = drive_at(where)
    read: Callable[..., Reading] = drive.read if drive else partial(read_device, str(Path(where)))
    mark = Mark.parse(named) if named else None
    if mark is not None and drive is None:
        raise _no_disc(where, mark)
    refuse_blank(where)
    with place.open() if mark else place.open_to_read() as vault, drive.held() if drive else nullcontext():
        elsewhere = mark is not None and _was_not_burnt_here(vault, mark)
        volume = _volume(where, read)
        if mark is not None:
            require_copy(where, volume, mark, vault.setting.vault_id)
            generation = mark.generation
        generation = generation or _generation(where)
        info = _recorded(vault, volume, generation)
        with progress(info.size, as_json) as tick:
            reading = read(-(-info.size // SECTOR), progress=tick)
        why = difference(where, reading, info)
        older = _older(vault, volume, generation, reading) if why else None
        destroyed = _destroyed(vault, volume)
        if mark is not None:
            if elsewhere:
                if not why:
                    entering.enter(vault, mark, where, info)
            elif why:
                entering.fail(vault, mark, where, why)
            else:
                entering.verify(vault, mark, where, info)
    _tell(where, volume, info, reading, destroyed, as_json)
    if why:
        raise older or ImageBroken(why, _WHAT_TO_DO)


def _no_disc(where: str, mark: Mark) -> BadInput:
    """What is copied from one file to another is no second disc."""
    return BadInput(
        Text(
            en=f"{where} is a file, and no disc in a drive: {mark} is not entered by it.",
            zh=f"{where} 是文件，不是光驱中的光盘，不能据以登记 {mark}。",
        ),
        hint=Text(
            en=f"Put the disc into a drive: strongroom disc verify /dev/sr0 --mark {mark}",
            zh=f"请将光盘放入光驱：strongroom disc verify /dev/sr0 --mark {mark}",
        ),
    )


def _was_not_burnt_here(vault: Vault, mark: Mark) -> bool:
    """Refused unless it was burnt and not read back yet, here or elsewhere: before five gigabytes are read."""
    with vault.database.reading() as connection:
        state = discs.find_copy(connection, mark).state
    elsewhere = state is State.BLANK
    after(str(mark), state, Step.ENTER if elsewhere else Step.VERIFY)
    return elsewhere


def _generation(where: str) -> int:
    """As the disc has it: that it is right the journal's digest of that generation says."""
    said = contents_in(where)
    return said.generation if said is not None else 1


def _volume(where: str, read: Callable[..., Reading]) -> str:
    """The volume's name. BadInput where this is no disc of Strongroom's."""
    kept = bytearray()
    read(_DESCRIPTOR + 1, take=kept.extend)
    found = _VOLUME.fullmatch(kept[_DESCRIPTOR * SECTOR :][:72])
    if found is None:
        hint = Text(
            en="A damaged disc: strongroom disc salvage. Another's: verify.sh on the disc itself.",
            zh="光盘损坏时请用 strongroom disc salvage；其他来源的光盘请运行盘上的 verify.sh。",
        )
        raise no_disc_of_ours(where, hint)
    return found[1].decode()


def _recorded(vault: Vault, volume: str, generation: int) -> ImageInfo:
    """What the journal says was to be burnt under that name."""
    number, _, disc = volume.rpartition("-")
    with vault.database.reading() as connection:
        found = [one for one in images(connection, number) if str(one.disc) == disc and one.generation == generation]
    if not found or found[0].image is None or found[0].image_size is None:
        raise BadInput(
            Text(
                en=f"This vault knows no disc {volume} of generation {generation}.",
                zh=f"本档案库没有光盘 {volume} 第 {generation} 代的记录。",
            ),
            hint=Text(en="Run verify.sh on the disc itself.", zh="请运行盘上的 verify.sh。"),
        )
    return ImageInfo(found[0].image_size, Digest.parse(found[0].image))


def _older(vault: Vault, volume: str, generation: int, reading: Reading) -> ImageBroken | None:
    """It is not damaged, but an image in whose place another was made."""
    number, _, disc = volume.rpartition("-")
    if reading.sha256 is None:
        return None
    with vault.database.reading() as connection:
        made = discs.imaged_before(connection, number, int(disc), generation, reading.sha256.hex)
    if made is None:
        return None
    when = minute(made, vault.profile.zone)
    return ImageBroken(
        Text(
            en=f"This is an older image of {volume}, made {when}: it is whole, but another was made in its place.",
            zh=f"这是 {volume} 较早的映像（{when} 生成）：内容完好，但此后已另行生成映像。",
        ),
        Text(
            en=f"Do not burn it, nor count discs of it; the one that counts: strongroom disc build --set {number}",
            zh=f"请勿再刻录此映像，据其刻录的光盘也不计入；有效映像：strongroom disc build --set {number}",
        ),
    )


def _destroyed(vault: Vault, volume: str) -> Sequence[str]:
    number, _, disc = volume.rpartition("-")
    with vault.database.reading() as connection:
        return discs.destroyed_on(connection, number, int(disc))


def _tell(where: str, volume: str, info: ImageInfo, reading: Reading, destroyed: Sequence[str], as_json: bool) -> None:
    good = reading.sha256 == info.sha256
    if as_json:
        json_line(
            {
                "disc": volume,
                "good": good,
                "sha256": reading.sha256 and reading.sha256.hex,
                "sectors": reading.sectors,
                "unreadable": reading.unreadable,
                "retries": reading.retries,
                "seconds": round(reading.seconds, 1),
                "destroyed": destroyed,
            }
        )
        return
    if good:
        speed = size(int(info.size / max(reading.seconds, 0.001)))
        again = reading.retries
        line(
            t(
                f"{where}: {volume} is as recorded: {info.size:,} bytes, {speed}/s, {again} read more than once",
                f"{where}：{volume} 与记录一致：{info.size:,} 字节，{speed}/s，重读 {again} 处",
            )
        )
    tell_destroyed(destroyed)


COMMANDS: Sequence[click.Command] = (drives, verify)
