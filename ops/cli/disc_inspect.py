"""`strongroom disc inspect` and `disc due`: whether a disc still reads as it should, and which are to be read next."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import click

from media.drives.reading import Reading, read_device
from media.inspection import Grade, Judgement, Levels, Signs, judge
from media.mediums import SECTOR
from media.volume import Image
from ops.cli.common import Place, as_json
from ops.cli.discs import INSERT, copy_row, drive_at, no_disc_of_ours, refuse_blank, require_copy, tell
from ops.config import FILE, read_config
from ops.discs.inspecting import to_inspect
from ops.language import said, t
from ops.output import json_line, line, note, progress
from vault import acts
from vault.catalogue import discs, inspections
from vault.catalogue.lacking import lacking
from vault.digest import Digest
from vault.discs.model import Mark
from vault.discs.states import Step, after
from vault.discs.stepping import step
from vault.errors import BadInput, ImageBroken, StoreUnavailable
from vault.store import Vault
from vault.text import Text


@click.command("inspect", help=t("Read a whole disc and say how it is.", "通读光盘并给出检查结论。"))
@click.argument("where", metavar=t("DRIVE|IMAGE", "光驱|映像"))
@click.option("--mark", "named", required=True, help=t("which disc it is, by its label", "标签上的光盘编号"))
@as_json
@click.pass_obj
def inspect_(place: Place, where: str, named: str, as_json: bool) -> int:
    """0: good, or to be watched; 3: degraded. What was read goes into the journal either way."""
    mark = Mark.parse(named)
    levels = read_config(place.home).inspection.levels
    with place.open() as vault:
        with vault.database.reading() as connection:
            state = discs.find_copy(connection, mark).state
            image, medium = discs.image_of(connection, mark), discs.find_set(connection, mark.disc_set).medium
            before = inspections.last_reading(connection, mark)
        if image.image is None or image.image_size is None:
            raise BadInput(Text(en=f"Disc {mark} has not been made yet.", zh=f"光盘 {mark} 尚未制作。"))
        after(str(mark), state, Step.INSPECT)  # before five gigabytes are read
        _require_that_disc(where, mark, vault.setting.vault_id)
        reading = _read(where, -(-image.image_size // SECTOR), as_json)
        last = Signs(reading.sectors, None, before.speeds, before.retries, before.unreadable) if before else None
        judged = _enter(vault, mark, where, reading, Digest.parse(image.image), medium, levels, last)
    _tell(mark, reading, judged, as_json)
    return 3 if judged.grade is Grade.DEGRADED else 0


def _require_that_disc(where: str, mark: Mark, vault_id: str) -> None:
    """Refused where another disc lies there, or none at all: what is good on the shelf is not called degraded for it.
    One of which the beginning cannot be read is for the reading to judge."""
    refuse_blank(where)
    try:
        name = Image(Path(where.removeprefix("stdio:"))).name
    except StoreUnavailable:
        return
    except ImageBroken as error:
        hint = Text(
            en=f"Look at the label. If it is that disc all the same: strongroom disc degrade {mark} --why …",
            zh=f"请核对标签。如确为该光盘，请运行 strongroom disc degrade {mark} --why …",
        )
        raise no_disc_of_ours(where, hint) from error
    except OSError as error:
        raise BadInput(Text(en=f"There is no disc in {where}.", zh=f"{where} 中没有光盘。"), INSERT) from error
    require_copy(where, name, mark, vault_id)


def _read(where: str, sectors: int, quiet: bool) -> Reading:
    drive = drive_at(where)
    read: Callable[..., Reading] = drive.read if drive else partial(read_device, where)
    with drive.held() if drive else nullcontext(), progress(sectors * SECTOR, quiet) as tick:
        return read(sectors, progress=tick)


def _enter(
    vault: Vault,
    mark: Mark,
    where: str,
    reading: Reading,
    image: Digest,
    medium: str,
    levels: Sequence[Levels],
    last: Signs | None,
) -> Judgement:
    signs = Signs(reading.sectors, reading.sha256, _speeds(reading), reading.retries, reading.unreadable)
    judged = judge(signs, image, medium, levels, last)
    by = vault.setting.person
    step(
        vault,
        acts.DiscInspected(
            at=vault.now(),
            by=by,
            mark=str(mark),
            drive=where,
            speeds=signs.speeds,
            retries=signs.retries,
            unreadable=signs.unreadable,
            level=judged.level,
        ),
    )
    if judged.grade is Grade.DEGRADED:
        why = Text(
            en=" ".join(reason.en for reason in judged.reasons), zh="".join(reason.zh for reason in judged.reasons)
        )
        step(vault, acts.DiscDegraded(at=vault.now(), by=by, mark=str(mark), why=why))
    return judged


def _speeds(reading: Reading) -> tuple[int, ...]:
    """KiB a second for each point of the curve; the last may stand for fewer sectors."""
    points = len(reading.curve)
    spans = [min(reading.span, reading.sectors - point * reading.span) for point in range(points)]
    return tuple(
        round(span * SECTOR / 1024 / max(seconds, 1e-6)) for span, seconds in zip(spans, reading.curve, strict=True)
    )


def _tell(mark: Mark, reading: Reading, judged: Judgement, as_json: bool) -> None:
    if as_json:
        json_line(
            {
                "mark": str(mark),
                "grade": judged.grade,
                "level": judged.level,
                "reasons": judged.reasons,
                "changes": judged.changes,
                "sectors": reading.sectors,
                "retries": reading.retries,
                "unreadable": reading.unreadable,
                "seconds": round(reading.seconds, 1),
            }
        )
        return
    line(f"{mark}  {said(judged.grade.label)}")
    for text in (*judged.reasons, *judged.changes):
        line(f"  {said(text)}")
    if judged.grade is Grade.DEGRADED:
        note(
            t(
                f"It is not relied on any more. Make it anew: strongroom disc replace {mark} --why …",
                f"该光盘不再作为可靠副本，请重新制作：strongroom disc replace {mark} --why …",
            )
        )


@click.command("due", help=t("List the discs that are to be inspected.", "列出待检查的光盘。"))
@as_json
@click.pass_obj
def due_(place: Place, as_json: bool) -> int:
    """1 while one is due. What [inspection] in strongroom.toml wants, those on loan when they are back; and what a set
    owes: copies that are degraded or destroyed, with nothing begun in their place."""
    schedule = read_config(place.home).inspection.schedule
    with place.open() as vault, vault.database.reading() as connection:
        owed = lacking(connection)
    for copy in owed:
        if as_json:
            json_line(copy_row(copy), "lacking")
        else:
            line(f"{tell(copy)}  {t('to make anew', '须重新制作')}: strongroom disc run --degraded")
    if schedule is None:
        note(
            t(
                f"{FILE} does not say how often: [inspection] with years, share and source.",
                f"{FILE} 未规定检查周期：请在 [inspection] 中写明 years、share 和 source。",
            )
        )
        return int(bool(owed))
    found = bool(owed)
    with place.open() as vault, vault.database.reading() as connection:
        for one, since in to_inspect(connection, vault.profile, schedule, vault.setting.clock()):
            found = True
            if as_json:
                json_line({"mark": str(one.mark), "location": one.location, "since": since})
            else:
                line(t(f"{one.mark}  since {since}  {one.location}", f"{one.mark}  自 {since}  {one.location}"))
    return int(found)


COMMANDS: Sequence[click.Command] = (inspect_, due_)
