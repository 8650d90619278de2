"""`strongroom disc salvage`: a disc put together from damaged copies, and what the vault lacks taken back from it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import click

from media.salvage.command import Report, left, salvage, tell
from media.salvage.copies import Copy
from media.salvage.identity import Named, identify
from media.salvage.refusals import SalvageRefused
from media.salvaged import SalvagedDisc
from ops.cli.common import Place, as_json
from ops.cli.discs import DiscPlace, tell_destroyed
from ops.cli.get import on_grounds
from ops.cli.settling import settle
from ops.language import t
from ops.output import complain, json_line, line, note, progress
from vault.authority import Action, require
from vault.catalogue import discs
from vault.causes import cause
from vault.discs.model import Mark
from vault.errors import Refused, SourceUnreadable, TargetProblem
from vault.outputs import writing_to
from vault.returning import Returned, give_back
from vault.store import Vault
from vault.text import Text, counted
from vault.viewing import Grounds, register_viewing

_WORK = "salvage"


@click.command("salvage", help=t("Put a disc together from damaged copies.", "用受损的副本抢救光盘。"))
@click.argument("copies", metavar=t("COPY...", "副本..."), type=DiscPlace(), nargs=-1, required=True)
@click.option(
    "--to",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help=t("keep the image, too", "另存映像（须按查阅规定审批）"),
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
@on_grounds
@as_json
@click.pass_obj
def salvage_(
    place: Place,
    copies: tuple[Path, ...],
    target: Path | None,
    beside: tuple[Path, ...],
    mark: str,
    grounds: Grounds,
    as_json: bool,
) -> int:
    """A copy is an image or a drive. What the vault lacks is brought back from it; an image that is kept takes the
    consent that an export takes. 0: all is back; 3: something is lost; 4: the copies are not of one disc."""
    with place.rescuing() as vault:
        require(vault, Action.COPIES_SCRUB)
        opened, others = [_open(path) for path in copies], [_open(path) for path in beside]
        volume, generation = _named(mark, opened)
        if target is not None:
            _require_export(vault, volume, grounds)
        with _image_at(place, target, volume or "disc", generation) as path:
            report = _salvaged(vault, opened, path, mark, as_json)
            returned, disc = _returned(vault, report, volume, others, as_json)
        settle(vault, quiet=as_json)
        destroyed = _destroyed(vault, report.said.get("volume", volume))
    _tell(report, returned, disc.lacking, destroyed, as_json)
    if returned.unavailable:
        return 5
    return 0 if report.complete and not returned.hopeless else 3


def _salvaged(vault: Vault, copies: list[Copy], target: Path, mark: str, as_json: bool) -> Report:
    def image_of(said: Mapping[str, str]) -> str:
        return _image_of(vault, *_named(mark, copies, said))

    try:
        with progress(None, quiet=as_json) as tick:
            return salvage(copies, target, Named(mark, vault.setting.vault_id), tick=tick, image_of=image_of)
    except SalvageRefused as error:
        raise Refused(Text(en=error.en, zh=error.zh)) from None
    except OSError as error:
        raise _unwritten(target, error) from error
    except KeyboardInterrupt:
        note(t(*left(target)))
        raise


def _returned(
    vault: Vault, report: Report, volume: str, beside: list[Copy], as_json: bool
) -> tuple[Returned, SalvagedDisc]:
    disc = SalvagedDisc(report.said.get("volume", volume), Copy(str(report.image)), report.files.whole, beside)
    with progress(None, quiet=as_json) as tick:
        return give_back(vault, disc, tick), disc


@contextmanager
def _image_at(place: Place, target: Path | None, volume: str, generation: str) -> Iterator[Path]:
    """Where the image goes: to be kept, or within the vault's folder until its content is back. What is not whole stays
    there for the next run."""
    if target is not None:
        yield target
        return
    folder = place.home / _WORK
    with writing_to(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{volume}.{generation or 1}.iso"
    path.unlink(missing_ok=True)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _require_export(vault: Vault, volume: str, grounds: Grounds) -> None:
    """All that is on a disc leaves with its image: by consent, and entered before the first byte. Of a disc that the
    journal does not know: for those who may export."""
    number, _, disc = volume.rpartition("-")
    with vault.database.reading() as connection:
        on_it = list(discs.records_on(connection, number, int(disc), kept=True)) if disc else []
    if on_it:
        register_viewing(vault, on_it, "export", grounds)
    else:
        require(vault, Action.CONTENT_EXPORT, about=volume)


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


def _named(mark: str, copies: list[Copy], found: Mapping[str, str] = MappingProxyType({})) -> tuple[str, str]:
    """The disc and its generation, by its label or by what the copies, or what came of them, say; "" where none can be
    understood."""
    if mark:
        named = Mark.parse(mark)
        return named.volume_id, str(named.generation)
    said = [found, *(identify(copy).said for copy in copies)]
    return next(((one["volume"], one["generation"]) for one in said if {"volume", "generation"} <= set(one)), ("", ""))


def _image_of(vault: Vault, volume: str, generation: str) -> str:
    """The SHA-256 of that disc's image by the journal; "" where it does not know the disc."""
    number, _, disc = volume.rpartition("-")
    with vault.database.reading() as connection:
        known = {(str(one.disc), str(one.generation)): one.image for one in discs.images(connection, number)}
    return known.get((disc, generation)) or ""


def _destroyed(vault: Vault, volume: str) -> Sequence[str]:
    """Records on that disc that were lawfully destroyed: of what the journal does not know nothing can be said."""
    number, _, disc = volume.rpartition("-")
    if not disc.isdecimal():
        return ()
    with vault.database.reading() as connection:
        return discs.destroyed_on(connection, number, int(disc))


def _tell(
    report: Report,
    returned: Returned,
    lacking: Mapping[str, Sequence[str]],
    destroyed: Sequence[str],
    as_json: bool,
) -> None:
    if as_json:
        given_back = {"checked": returned.checked, "healed": returned.healed, "unhealed": len(returned.hopeless)}
        image = str(report.image) if report.image.exists() else None
        json_line({**report.row(), "image": image, "copies": given_back, "cut": lacking, "destroyed": destroyed})
        return
    for said in tell(report):
        line(said)
    tell_destroyed(destroyed)
    read = counted(returned.checked, "copy", "copies")
    note(
        t(
            f"{read} in the vault read, {returned.healed} healed from this disc.",
            f"已回读库内副本 {returned.checked} 份，用本光盘修复 {returned.healed} 份。",
        )
    )
    if not report.image.exists():
        note(t("The image itself was not kept: --to keeps it.", "映像未保留；如需另存请用 --to。"))
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
