"""The options that say what a new set of discs is to be."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, cast

import click

from media.mediums import MEDIUMS
from ops.cli.common import Command
from ops.config import read_config
from ops.discs.planning import Wanted
from ops.language import t

WantedIn = Callable[[Path], Wanted]


def wanted_options(command: Command) -> Command:
    """--medium, --spare, --producer, --activity; the command gets them as `wanted`, to be asked with the vault's
    folder, whose strongroom.toml says what was not typed."""

    @wraps(command)
    def called(*given: Any, medium: str | None, spare: int | None, producer: str, activity: str, **more: Any) -> Any:
        def wanted(home: Path) -> Wanted:
            usual = read_config(home).discs
            return Wanted(
                medium=MEDIUMS[medium or usual.medium],
                spare=usual.spare if spare is None else spare,
                producer=producer,
                activity=activity,
            )

        return command(*given, wanted=wanted, **more)

    for option in (
        click.option("--activity", default="", help=t("activity or case on the label", "标签上的执法活动或案件名称")),
        click.option(
            "--producer", default="", help=t("who makes it [default: who is at work]", "制作人 [默认：操作人]")
        ),
        click.option(
            "--spare",
            type=click.IntRange(0, 99),
            help=t(
                "per cent of each disc left free for error correction [default: strongroom.toml]",
                "每张光盘为纠错预留的百分比 [默认：strongroom.toml]",
            ),
        ),
        click.option(
            "--medium",
            type=click.Choice(list(MEDIUMS)),
            help=t("kind of blank [default: strongroom.toml]", "空白光盘的类型 [默认：strongroom.toml]"),
        ),
    ):
        called = option(called)
    return cast(Command, called)
