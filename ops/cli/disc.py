"""`strongroom disc`: sets of discs in two copies each, with labels, from the plan to the shelf and to the shredder."""

import click

from ops.cli import (
    disc_attach,
    disc_build,
    disc_cancel,
    disc_drives,
    disc_inspect,
    disc_label,
    disc_plan,
    disc_run,
    disc_salvage,
    disc_shelf,
    disc_show,
)
from ops.language import t


@click.group(help=t("Labelled disc sets, each in two copies.", "一式两份、贴有标签的光盘组。"))
def disc() -> None:
    """Discs."""


for module in (
    disc_plan,
    disc_build,
    disc_run,
    disc_cancel,
    disc_label,
    disc_drives,
    disc_show,
    disc_shelf,
    disc_inspect,
    disc_attach,
    disc_salvage,
):
    for command in module.COMMANDS:
        disc.add_command(command)
