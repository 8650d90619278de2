"""`strongroom disc`: records onto a set of two identical disc images, with a label for each copy."""

from collections.abc import Sequence
from pathlib import Path

import click

from labels.draw import draw
from labels.kinds import Kind
from media.checking import PASSES, check_image
from media.image import ImageInfo, build_image, copy_image, measure
from media.layout import lay_disc
from media.mediums import MEDIUMS
from media.placing import Disc
from media.planning import one_disc
from ops.cli import disc_run, disc_shelf, disc_show
from ops.cli.common import Place, as_json
from ops.cli.disc_attach import attach_, attached_, detach_
from ops.cli.disc_drives import drives, verify
from ops.cli.disc_inspect import due_, inspect_
from ops.cli.disc_label import calibrate, label_command
from ops.cli.disc_plan import plan_
from ops.cli.disc_salvage import salvage_
from ops.cli.get import on_grounds
from ops.config import read_config
from ops.discs.labelling import copies_of
from ops.discs.paper import Paper, give_labels, label_options
from ops.language import t
from ops.output import json_line, line, note, progress
from vault import acts
from vault.bag import BagLayout
from vault.catalogue import queries
from vault.digest import Digest
from vault.discs.model import COPIES, DiscCopy, DiscSet, volume_id
from vault.discs.sets import Wish, plan_set
from vault.discs.stepping import step
from vault.journal import CHECKPOINT
from vault.outputs import writing_to
from vault.proving import proof_files
from vault.records import Record
from vault.store import Vault
from vault.viewing import Grounds, register_viewing, require_viewing

SINGLE_LAYER = 2_295_104 * 2_048  # bytes of a DVD+R, the smaller of the two single-layer kinds


@click.group(help=t("Labelled disc sets, each in two copies.", "一式两份、贴有标签的光盘组。"))
def disc() -> None:
    """Discs."""


for command in (
    plan_,
    calibrate,
    label_command(copies_of),
    drives,
    verify,
    salvage_,
    inspect_,
    due_,
    attach_,
    detach_,
    attached_,
    *disc_run.COMMANDS,
    *disc_show.COMMANDS,
    *disc_shelf.COMMANDS,
):
    disc.add_command(command)


@disc.command(help=t("Build a disc set: two images and two labels.", "制作光盘组：两份映像和两张标签。"))
@click.argument("numbers", metavar=t("NUMBER...", "编号..."), nargs=-1, required=True)
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=".", help=t("where to", "输出位置")
)
@click.option("--producer", help=t("who makes it [default: who is at work]", "制作人 [默认：操作人]"))
@click.option("--activity", default="", help=t("activity or case on the label", "标签上的执法活动或案件名称"))
@on_grounds
@as_json
@click.pass_obj
def build(
    place: Place,
    numbers: tuple[str, ...],
    folder: Path,
    producer: str | None,
    activity: str,
    grounds: Grounds,
    as_json: bool,
) -> None:
    """The image is read back by other programs, and its copy compared with it, before the set counts as built."""
    with place.open() as vault:
        require_viewing(vault, numbers, "disc", grounds)
        with vault.database.reading() as connection:
            records = [queries.kept_record(connection, number) for number in dict.fromkeys(numbers)]
        wish = Wish(
            producer=producer or vault.setting.person,
            activity=activity or _title(records),
            medium="dvd+r",
            spare=0,
            discs=[[record.number for record in records]],
        )
        # a label that would be refused is refused before gigabytes are written
        _draw(vault, _as_wished(vault, wish), Digest.of(b""), place.home, None)
        register_viewing(vault, wish.discs[0], "disc", grounds)
        with writing_to(folder):
            folder.mkdir(parents=True, exist_ok=True)
        disc_set = plan_set(vault, wish)
        layout = _lay(vault, disc_set, records)
        images, info = _build(vault, disc_set, layout, folder, quiet=as_json)
        _enter(vault, disc_set, info)
        labels = _draw(vault, disc_set, info.sha256, place.home, folder)
    if info.size > SINGLE_LAYER:
        note(t("The image does not fit on a single-layer DVD.", "映像超出单层 DVD 容量。"))
    if as_json:
        json_line({"disc_set": disc_set.number, "images": images, "labels": labels, "sha256": info.sha256.hex})
        return
    line(t(f"Disc set {disc_set.number}: {info.size:,} bytes", f"光盘组 {disc_set.number}：{info.size:,} 字节"))
    for path in (*images, *labels):
        line(f"  {path}")


def _as_wished(vault: Vault, wish: Wish) -> DiscSet:
    """The set as its label would say it, under the longest of numbers."""
    return DiscSet("9999-9999", (), vault.setting.office, wish.producer, vault.now(), wish.activity)


def _enter(vault: Vault, disc_set: DiscSet, info: ImageInfo) -> None:
    """The image carries no error correction yet: what is burnt is the image as it was made."""
    by, sha256 = vault.setting.person, info.sha256.hex
    imaged = acts.DiscImaged(
        at=vault.now(),
        by=by,
        disc_set=disc_set.number,
        disc=1,
        iso=sha256,
        iso_size=info.size,
        image=sha256,
        image_size=info.size,
    )
    step(vault, imaged)
    step(vault, acts.DiscChecked(at=vault.now(), by=by, disc_set=disc_set.number, disc=1, readers=("libarchive",)))


def _title(records: Sequence[Record]) -> str:
    titles = dict.fromkeys(r.facts.case_name or r.facts.matter or r.facts.content for r in records)
    return "；".join(title for title in titles if title)


def _lay(vault: Vault, disc_set: DiscSet, records: Sequence[Record]) -> BagLayout:
    """All on one disc; the image gets no error correction."""
    medium = MEDIUMS["dvd+r"]
    about = Disc(
        set=disc_set,
        number=1,
        vault=vault.setting.vault_id,
        medium=medium.id,
        zone=vault.profile.zone,
        error_correction="",
    )
    return lay_disc(about, one_disc(records, medium), records, {}, proof_files(vault, disc_set.records))


def _build(
    vault: Vault, disc_set: DiscSet, layout: BagLayout, folder: Path, quiet: bool
) -> tuple[list[Path], ImageInfo]:
    """Copy A from the stores, read back by every reader; copy B from A."""
    name = volume_id(disc_set.number, 1)
    first, second = (folder / f"{name}{letter}.iso" for letter in COPIES)
    with progress((3 + PASSES) * layout.size, quiet) as tick:
        build_image(first, layout, vault.open_file, name, disc_set.produced_at, tick)
        check_image(first, layout, tick)
        info = measure(first, tick)
        copy_image(first, second, info, tick)
    return [first, second], info


def _draw(vault: Vault, disc_set: DiscSet, image: Digest, home: Path, folder: Path | None) -> list[Path]:
    """Labels for both copies on one sheet, with the journal's newest checkpoint; written only into a folder that is
    given."""
    checkpoint = next(iter(vault.writable.values())).read_file(CHECKPOINT).decode()
    copies = [DiscCopy(disc_set, 1, letter, image, checkpoint) for letter in COPIES]
    drawn = draw(Kind.DISC, copies, vault.profile, label_options(Kind.DISC, "", 1, read_config(home).labels))
    return give_labels(disc_set.number, Kind.DISC, copies, drawn, Paper(folder)) if folder is not None else []
