"""`strongroom metrics`: health figures in Prometheus' text format, for a scrape or a textfile collector."""

import sys

import click

from ops.cli.common import Place
from ops.language import t
from ops.metrics import exposition


@click.command(help=t("Print health figures for Prometheus.", "输出 Prometheus 健康指标。"))
@click.pass_obj
def metrics(place: Place) -> None:
    """Counted now."""
    with place.open() as vault:
        sys.stdout.buffer.write(exposition(vault))
