"""`strongroom disc`: sets of discs in two copies each, with labels, from the plan to the shelf and to the shredder."""

import click

from ops.cli import disc_run, disc_shelf, disc_show
from ops.cli.disc_attach import attach_, attached_, detach_
from ops.cli.disc_build import build
from ops.cli.disc_drives import drives, verify
from ops.cli.disc_inspect import due_, inspect_
from ops.cli.disc_label import calibrate, label_command
from ops.cli.disc_plan import plan_
from ops.cli.disc_salvage import salvage_
from ops.discs.labelling import copies_of
from ops.language import t


@click.group(help=t("Labelled disc sets, each in two copies.", "一式两份、贴有标签的光盘组。"))
def disc() -> None:
    """Discs."""


for command in (
    plan_,
    build,
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
