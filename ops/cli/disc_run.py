"""`strongroom disc run` and `disc burn`: sets of discs made, from the plan to the shelf."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, cast

import click

from ops.cli.common import Command, Place, as_json
from ops.cli.disc_label import paper, paper_options
from ops.cli.disc_wanted import WantedIn, wanted_options, which_options
from ops.cli.discs import copy_row, tell
from ops.cli.get import no_wait, on_grounds
from ops.cli.speaking import Reason
from ops.config import read_config
from ops.discs.burning import Burning
from ops.discs.entering import write_off
from ops.discs.labelling import lacking_on
from ops.discs.paper import lacking_rows
from ops.discs.planning import Which, sets_for
from ops.discs.run import Finishing, run_set, standing, tidy
from ops.discs.settling import use_again
from ops.discs.workshop import Workshop, workshop
from ops.drives import chosen_robot, configured_drives, configured_robots, drives_named
from ops.language import t
from ops.output import json_line, line, note
from vault.actions import Action
from vault.authority import require
from vault.catalogue import discs
from vault.catalogue.lacking import lacking
from vault.discs.model import COPIES, CopyLetter, Mark
from vault.discs.states import State
from vault.store import Vault
from vault.viewing import Grounds


class Batch(click.ParamType[tuple[str, str]]):
    """What a person calls the blanks that lie beside a drive."""

    name = t("drive=batch", "光驱=批次")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        drive, equals, batch = str(value).partition("=")
        if not (drive and equals and batch.strip()):
            self.fail(
                t(f"{value!r} is not like /dev/sr0=TY2026", f"{value!r} 应写成 /dev/sr0=TY2026 的形式"), param, ctx
            )
        return drive, batch.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How discs are made, as it was typed."""

    drives: tuple[str, ...]
    robot: str
    batches: tuple[tuple[str, str], ...]
    lost: tuple[str, ...]
    untouched: tuple[str, ...]
    shelf: str | None
    no_wait: bool
    folder: Path
    to_print: bool
    queue: str

    def again(self, command: Sequence[str]) -> str:
        """What goes on with it, with the options that matter to what it does."""
        named = {"--robot": self.robot, "--shelf": self.shelf or "", "--queue": self.queue}
        words = ["strongroom", "disc", *command]
        words += [word for drive in self.drives for word in ("--drive", drive)]
        words += [word for pair in self.batches for word in ("--batch", "=".join(pair))]
        words += [word for name, value in named.items() if value for word in (name, value)]
        words += ["--to", str(self.folder)] if self.folder != Path() else []
        return shlex.join(words + ["--print"] * self.to_print)

    def burning(self, home: Path, letters: Sequence[CopyLetter], command: Sequence[str]) -> Burning:
        """BadInput where no drive and no robot is named, here or in strongroom.toml. Of that only a robot: it burns."""
        robots = {robot.name: robot for robot in configured_robots(home)}
        named = self.drives or read_config(home).discs.drives
        robot = chosen_robot(robots, self.robot or ("" if named else next(iter(robots), "")))
        drives = drives_named(self.drives) if robot or self.drives else configured_drives(home)
        batches = dict(self.batches)
        return Burning(
            drives=drives,
            robot=robot,
            robots=robots,
            batches=batches,
            letters=letters,
            waiting=not self.no_wait,
            again=self.again(command),
        )

    def finishing(self, home: Path) -> Finishing:
        labels = read_config(home).labels
        return Finishing(labels=labels, paper=paper(self.folder, self.to_print, self.queue, labels), shelf=self.shelf)


def _making(command: Command) -> Command:
    """The options of whatever burns; the command gets them as `making`."""

    @wraps(command)
    def called(*given: Any, **options: Any) -> Any:
        names = Making.__dataclass_fields__
        making = Making(**{name: options.pop(name) for name in names})
        return command(*given, making=making, **options)

    for option in (
        click.option("--shelf", type=Reason(), help=t("where both copies are put", "两份光盘的存放位置")),
        click.option(
            "--lost",
            metavar=t("DISC", "光盘编号"),
            multiple=True,
            help=t("one that was begun and cannot be brought back", "已开始刻录但无法找回的光盘，作废重刻"),
        ),
        click.option(
            "--untouched",
            metavar=t("DISC", "光盘编号"),
            multiple=True,
            help=t(
                "one that was begun: the blank in its drive is that disc, and was not taken out",
                "已开始刻录、其空白光盘未曾从光驱取出过的光盘编号，继续使用该盘",
            ),
        ),
        click.option(
            "--batch",
            "batches",
            type=Batch(),
            multiple=True,
            help=t("the blanks beside a drive", "光驱旁空白光盘的批次，每个光驱一次"),
        ),
        click.option(
            "--robot",
            metavar=t("NAME", "名称"),
            default="",
            help=t("have this publishing robot burn", "由该光盘打印刻录机器人刻录"),
        ),
        click.option(
            "--drive",
            "drives",
            metavar=t("DRIVE", "光驱"),
            multiple=True,
            help=t("burn in it [default: those of strongroom.toml]", "使用的光驱 [默认：按配置]"),
        ),
    ):
        called = option(called)
    return paper_options(no_wait(cast(Command, called)))


@click.command(
    help=t("Make sets of discs: image, burn, verify, label, shelve.", "制作光盘组：映像、刻录、核验、贴标、上架。")
)
@which_options("case", "demands", "replaces", "degraded", "number")
@wanted_options
@_making
@on_grounds
@as_json
@click.pass_obj
def run(place: Place, which: Which, wanted: WantedIn, making: Making, grounds: Grounds, as_json: bool) -> None:
    """With nothing said: go on with every set that is not finished."""
    labels = read_config(place.home).labels

    def chosen(vault: Vault) -> Sequence[str]:
        return sets_for(vault, which, wanted(place.home), grounds, labels)

    _make(place, chosen, making, making.burning(place.home, COPIES, ["run"]), as_json)


@click.command(help=t("Burn what lacks of one set.", "刻录某光盘组尚缺的光盘。"))
@click.argument("number", metavar=t("SET", "标号"))
@click.option(
    "--copy", "letter", type=click.Choice(COPIES), help=t("only this one [default: both]", "只刻录该份 [默认：两份]")
)
@_making
@as_json
@click.pass_obj
def burn(place: Place, number: str, letter: CopyLetter | None, making: Making, as_json: bool) -> None:
    """One copy now, the other when there is another drive."""

    def chosen(vault: Vault) -> list[str]:
        with vault.database.reading() as connection:
            return [discs.find_set(connection, number).number]

    letters, copy = ((letter,), ["--copy", letter]) if letter else (COPIES, [])
    _make(place, chosen, making, making.burning(place.home, letters, ["burn", number, *copy]), as_json)


def _make(
    place: Place,
    chosen: Callable[[Vault], Sequence[str]],
    making: Making,
    burning: Burning,
    as_json: bool,
) -> None:
    finishing = making.finishing(place.home)
    folder = place.home / read_config(place.home).discs.work
    with place.open() as vault, workshop(vault, folder, quiet=as_json) as shop:
        require(vault, Action.DISC_BUILD)
        vault.publish()  # what a run that was killed has entered counts as done: it must be on the stores
        tidy(shop)
        for mark in making.lost:
            write_off(vault, Mark.parse(mark))
        for mark in making.untouched:
            use_again(vault, Mark.parse(mark))
        sets = chosen(vault)
        if not sets:
            _tell_nothing_begun(vault)
        for number in sets:
            try:
                labels = run_set(shop, number, burning, finishing)
            finally:
                _tell(shop, number, as_json)
            for path in labels if not as_json else ():
                line(f"  {path}")


def _tell_nothing_begun(vault: Vault) -> None:
    """What a set owes is not nothing."""
    with vault.database.reading() as connection:
        owed = lacking(connection)
    for copy in owed:
        note(
            t(
                f"{copy.mark} is {copy.state.label.en}, and none is begun in its place: strongroom disc run --degraded",
                f"{copy.mark} {copy.state.label.zh}，尚未重新制作：strongroom disc run --degraded",
            )
        )
    if not owed:
        note(t("There is nothing to be done.", "没有待制作的光盘组。"))


def _tell(shop: Workshop, number: str, as_json: bool) -> None:
    for copy in standing(shop, number):
        if as_json:
            json_line(copy_row(copy) | {"lacking": lacking_rows(lacking_on(shop.vault, copy.mark))})
            continue
        line(tell(copy))
        if copy.state is State.LABELLED:
            note(
                t(
                    f"Stick its label on {copy.mark} and put it in its place, then: "
                    f"strongroom disc shelve {copy.mark} --at …",
                    f"请贴好 {copy.mark} 的标签并放入存放位置，然后运行：strongroom disc shelve {copy.mark} --at …",
                )
            )


COMMANDS: Sequence[click.Command] = (run, burn)
