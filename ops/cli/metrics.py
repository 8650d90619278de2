"""`strongroom metrics`: health figures in Prometheus' text format, for a scrape or a textfile collector."""

import sys
from pathlib import Path

import click

from ops.cli.common import Place
from ops.config import read_config
from ops.language import t
from ops.metrics import exposition, for_textfile
from vault.outputs import replace_file


@click.command(help=t("Print health figures for Prometheus.", "输出 Prometheus 健康指标。"))
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=t("FILE", "文件"),
    help=t("replace this file at once: for node_exporter's textfiles", "一次性替换该文件，供 node_exporter 读取"),
)
@click.pass_obj
def metrics(place: Place, to: Path | None) -> None:
    """Counted now. Nobody ever reads half a file."""
    with place.open() as vault:
        told = (exposition if to is None else for_textfile)(vault, read_config(place.home).every)
    if to is None:
        sys.stdout.buffer.write(told)
    else:
        replace_file(to, told)
