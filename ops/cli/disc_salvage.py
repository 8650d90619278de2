"""`strongroom disc salvage`: a disc put together from damaged copies, and what the vault lacks taken back from it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from media.salvage.command import Report, left, salvage, tell
from media.salvage.copies import Copy
from media.salvage.identity import Named, identify
from media.salvage.refusals import SalvageRefused
from media.salvaged import SalvagedDisc
from ops.cli.common import Place, as_json
from ops.cli.discs import DiscPlace
from ops.cli.settling import settle
from ops.language import t
from ops.output import complain, json_line, line, note, progress
from vault.authority import Action, require
from vault.catalogue.discs import images
from vault.causes import cause
from vault.discs.model import Mark
from vault.errors import Refused, SourceUnreadable, TargetProblem
from vault.returning import Returned, give_back
from vault.store import Vault
from vault.text import Text, counted


@click.command("salvage", help=t("Put a disc together from damaged copies.", "用受损的副本抢救光盘。"))
@click.argument("copies", metavar=t("COPY...", "副本..."), type=DiscPlace(), nargs=-1, required=True)
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help=t("the image", "输出映像")
)
@click.option(
    "--beside",
    metavar=t("IMAGE", "映像"),
    type=DiscPlace(),
    multiple=True,
    help=t("another disc of the set, for files cut over both", "同组其他光盘的映像，用于合并分段的文件"),
)
@click.option(
    "--mark", default="", help=t("what the label says, such as 2026-0001-1A", "标签上的编号，如 2026-0001-1A")
)
@as_json
@click.pass_obj
def salvage_(
    place: Place, copies: tuple[Path, ...], target: Path, beside: tuple[Path, ...], mark: str, as_json: bool
) -> int:
    """A copy is an image or a drive. 0: all is back; 3: something is lost; 4: the copies are not of one disc."""
    with place.rescuing() as vault:
        require(vault, Action.COPIES_SCRUB)
        opened, others = [_open(path) for path in copies], [_open(path) for path in beside]
        if mark:
            Mark.parse(mark)
        volume, generation = _said(opened)
        named = Named(mark, vault.setting.vault_id, _image_of(vault, volume, generation))
        try:
            with progress(None, quiet=as_json) as tick:
                report = salvage(opened, target, named, tick=tick)
        except SalvageRefused as error:
            raise Refused(Text(en=error.en, zh=error.zh)) from None
        except OSError as error:
            raise _unwritten(target, error) from error
        except KeyboardInterrupt:
            note(t(*left(target)))
            raise
        disc = SalvagedDisc(report.said.get("volume", volume), Copy(str(report.image)), report.files.whole, others)
        with progress(None, quiet=as_json) as tick:
            returned = give_back(vault, disc, tick)
        settle(vault, quiet=as_json)
    _tell(report, returned, disc.lacking, as_json)
    if returned.unavailable:
        return 5
    return 0 if report.complete and not returned.hopeless else 3


def _open(path: Path) -> Copy:
    try:
        return Copy(str(path))
    except OSError as error:
        raise SourceUnreadable(
            Text(en=f"{path} cannot be read: {error.strerror}.", zh=f"无法读取 {path}：{error.strerror}。")
        ) from error


def _unwritten(target: Path, error: OSError) -> TargetProblem:
    why, remains = cause(error), left(target)
    return TargetProblem(
        Text(en=f"Cannot write {target}: {why.en}. {remains[0]}", zh=f"无法写入 {target}：{why.zh}。{remains[1]}")
    )


def _said(copies: list[Copy]) -> tuple[str, str]:
    """The disc, and the generation of it, that the copies say they are of; "" where none can be understood."""
    said = [identify(copy).said for copy in copies]
    return next(((one["volume"], one["generation"]) for one in said if {"volume", "generation"} <= set(one)), ("", ""))


def _image_of(vault: Vault, volume: str, generation: str) -> str:
    """The SHA-256 of that disc's image by the journal; "" where it does not know the disc."""
    number, _, disc = volume.rpartition("-")
    with vault.database.reading() as connection:
        known = {(str(one.disc), str(one.generation)): one.image for one in images(connection, number)}
    return known.get((disc, generation)) or ""


def _tell(report: Report, returned: Returned, lacking: Mapping[str, Sequence[str]], as_json: bool) -> None:
    if as_json:
        given_back = {"checked": returned.checked, "healed": returned.healed, "unhealed": len(returned.hopeless)}
        json_line({**report.row(), "copies": given_back, "cut": lacking})
        return
    for said in tell(report):
        line(said)
    read = counted(returned.checked, "copy", "copies")
    note(
        t(
            f"{read} in the vault read, {returned.healed} healed from this disc.",
            f"已回读库内副本 {returned.checked} 份，用本光盘修复 {returned.healed} 份。",
        )
    )
    if lacking:
        names = sorted({name for names in lacking.values() for name in names})
        cut = counted(len(lacking), "file is", "files are")
        note(
            t(
                f"{cut} cut over several discs. To have that back as well: --beside with the images "
                f"of {', '.join(names)}, as far as they can be read.",
                f"有 {len(lacking)} 个文件分存于几张光盘。如需一并恢复，请用 --beside 给出 {'、'.join(names)} "
                "的映像（残缺的也可以）。",
            )
        )
    for error in returned.unavailable.values():
        complain(error)


COMMANDS: Sequence[click.Command] = (salvage_,)
