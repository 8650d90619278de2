"""`strongroom disc attach`, `detach`, `attached`: where this vault looks for its discs."""

from collections.abc import Sequence
from pathlib import Path

import click

from ops.attached import attached, examine, remember
from ops.cli.common import Place, as_json
from ops.cli.discs import DiscPlace, tell_destroyed
from ops.language import said, t
from ops.output import json_line, line, note, size
from vault.catalogue import discs
from vault.errors import StrongroomError
from vault.text import counted

_PLACE = click.argument("where", metavar=t("PATH|DEVICE", "路径|设备"), type=DiscPlace(), required=True)


@click.command("attach", help=t("Read objects from a disc where no store has them.", "存储中没有的内容改从光盘读取。"))
@_PLACE
@as_json
@click.pass_obj
def attach_(place: Place, where: Path, as_json: bool) -> None:
    """A drive stays attached whichever disc is in it; each disc is looked at anew when it is read."""
    path = where.absolute()
    with place.open() as vault:
        disc, checkpoint = examine(vault, path)
        with vault.database.reading() as connection:
            known = discs.is_known(connection, disc.contents.disc_set, disc.contents.disc)
            destroyed = discs.destroyed_on(connection, disc.contents.disc_set, disc.contents.disc)
        octets = sum(held.size for held in disc.contents.objects)
        remember(vault.setting.home, (*attached(vault.setting.home), path))
    if as_json:
        row = {"place": path, "disc": disc.name, "generation": disc.contents.generation, "known": known}
        json_line(
            {**row, "objects": len(disc.objects), "bytes": octets, "entries": checkpoint.size, "destroyed": destroyed}
        )
        return
    line(
        t(
            f"{path}: disc {disc.name}, {counted(len(disc.objects), 'object')} ({size(octets)}); "
            f"the journal had {counted(checkpoint.size, 'entry', 'entries')} when it was made.",
            f"{path}：光盘 {disc.name}，{len(disc.objects)} 个对象（{size(octets)}）；"
            f"制作时日志共 {checkpoint.size} 条。",
        )
    )
    tell_destroyed(destroyed)
    if not known:
        note(
            t(
                "This vault's journal does not know that disc set: it is signed with the vault's key, and is read.",
                "本库日志中没有该光盘组的记载；光盘带有本库签名，可以读取。",
            )
        )


@click.command("detach", help=t("Look there for discs no more.", "不再从该处读取光盘。"))
@_PLACE
@click.pass_obj
def detach_(place: Place, where: Path) -> None:
    """Nothing else is changed; the disc need not be there."""
    path = where.absolute()
    places = attached(place.home)
    if path not in places:
        raise click.BadParameter(t(f"{path} is not attached", f"{path} 未接入"))
    remember(place.home, [one for one in places if one != path])


@click.command("attached", help=t("List attached places and what is in them.", "列出已接入的位置及其中的光盘。"))
@as_json
@click.pass_obj
def attached_(place: Place, as_json: bool) -> int:
    """5: something in one of them cannot be read, or is no disc of this vault."""
    worst = 0
    with place.open() as vault:
        for path in attached(place.home):
            try:
                disc, _ = examine(vault, path)
            except StrongroomError as error:
                worst = 5
                if as_json:
                    json_line({"place": path, "disc": None, "why": error.what})
                else:
                    line(f"{path}  {said(error.what)}")
                continue
            if as_json:
                json_line({"place": path, "disc": disc.name, "generation": disc.contents.generation})
            else:
                line(f"{path}  {disc.name}")
    return worst


COMMANDS: Sequence[click.Command] = (attach_, detach_, attached_)
