"""The options that say of what discs are to be made, and what a new set of them is to be."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, cast

import click

from media.mediums import MEDIUMS
from ops.cli.common import Command
from ops.config import read_config
from ops.discs.planning import Wanted, Which
from ops.language import t

WantedIn = Callable[[Path], Wanted]

_WHICH = {
    "case": click.option(
        "--case", default="", help=t("all records of a case, by its number", "某案件的全部记录（案号）")
    ),
    "demands": click.option(
        "--demands", is_flag=True, help=t("all that has to be on disc and is not", "全部应刻录而未落实的记录")
    ),
    "replaces": click.option(
        "--replaces",
        metavar=t("SET", "标号"),
        default="",
        help=t("all of a set, which retires when this is done", "某光盘组的全部记录；完成后原组停用"),
    ),
    "degraded": click.option(
        "--degraded", is_flag=True, help=t("a new copy of every degraded disc", "为全部已劣化光盘重制副本")
    ),
    "number": click.option(
        "--set", "number", metavar=t("SET", "标号"), default="", help=t("this one, as planned", "已规划的某光盘组")
    ),
}


def which_options(*names: str) -> Callable[[Command], Command]:
    """Records by number, and these options; the command gets them as `which`."""

    def decorated(command: Command) -> Command:
        @wraps(command)
        def called(*given: Any, numbers: tuple[str, ...], **options: Any) -> Any:
            said = {name: options.pop(name) for name in names}
            if sum(map(bool, (numbers, *said.values()))) > 1:
                flags = ["--set" if name == "number" else f"--{name}" for name in names]
                raise click.UsageError(
                    t(
                        f"Say records or one of {', '.join(flags)}, and no more than that.",
                        f"记录编号、{'、'.join(flags)} 只能选用一种。",
                    )
                )
            return command(*given, which=Which(numbers=numbers, **said), **options)

        for name in reversed(names):
            called = _WHICH[name](called)
        return cast(Command, click.argument("numbers", metavar=t("[NUMBER]...", "[编号]..."), nargs=-1)(called))

    return decorated


def require_asked(which: Which) -> None:
    """UsageError where nothing was asked for."""
    if which == Which():
        raise click.UsageError(t("Say of which records: by number, --case, …", "请指明记录：编号、--case 等。"))


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
