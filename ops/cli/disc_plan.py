"""`strongroom disc plan`: a set on its way, how many blanks it takes, and what is to lie on which disc."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation

import click

from media.planning import Plan, PlannedDisc, plan
from ops.cli.common import Place, as_json
from ops.cli.disc_wanted import WantedIn, require_asked, wanted_options, which_options
from ops.cli.get import on_grounds
from ops.config import read_config
from ops.discs.planning import Which, kept_records, sets_for, wanted_records
from ops.discs.workshop import medium_of
from ops.language import t
from ops.output import json_line, line, note
from vault.authority import Action, require
from vault.catalogue import discs
from vault.discs.model import COPIES
from vault.text import counted
from vault.viewing import Grounds


class Price(click.ParamType[Decimal]):
    """Money, in whatever the office pays with."""

    name = t("price", "价格")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            price = Decimal(str(value))
        except InvalidOperation:
            price = Decimal(-1)
        if not 0 <= price <= 1_000_000:  # nor is any of these true of "not a number"
            self.fail(t(f"{value!r} is no price such as 3.50", f"{value!r} 不是价格，请写成 3.50 的形式"), param, ctx)
        return price


@click.command("plan", help=t("Plan a disc set: what lies on which disc.", "规划光盘组：每张光盘存放哪些内容。"))
@which_options("case", "demands", "replaces")
@click.option("--dry-run", is_flag=True, help=t("say it, plan nothing", "只显示，不登记"))
@click.option(
    "--price",
    type=Price(),
    help=t("of one blank [default: strongroom.toml]", "每张空白光盘的价格 [默认：strongroom.toml]"),
)
@wanted_options
@on_grounds
@as_json
@click.pass_obj
def plan_(
    place: Place,
    which: Which,
    dry_run: bool,
    price: Decimal | None,
    wanted: WantedIn,
    grounds: Grounds,
    as_json: bool,
) -> None:
    """The set is entered, for `disc run` or `disc build`. It has two copies: each disc takes two blanks."""
    require_asked(which)
    config, asked = read_config(place.home), wanted(place.home)
    price = config.discs.price if price is None else price
    with place.open() as vault:
        if dry_run:
            require(vault, Action.FACTS_READ)
            with vault.database.reading() as connection:
                numbers, _ = wanted_records(connection, which)
                planned = plan(kept_records(connection, numbers), asked.medium, asked.spare)
            _tell("", planned, price, as_json)
            return
        for number in sets_for(vault, which, asked, grounds, config.labels):
            with vault.database.reading() as connection:
                one = discs.find_set(connection, number)
                records = kept_records(connection, list(discs.records_on(connection, number)))
            _tell(number, plan(records, medium_of(one), one.spare), price, as_json)


def _tell(number: str, planned: Plan, price: Decimal | None, as_json: bool) -> None:
    """`number`: of the set, "" where there is none."""
    blanks, medium = len(planned.discs) * len(COPIES), planned.medium
    cost = price * blanks if price is not None else None
    if as_json:
        discs = [{"taken": one.taken, "pieces": [asdict(piece) for piece in one.pieces]} for one in planned.discs]
        row = {"medium": medium.id, "spare": planned.spare, "discs": discs, "blanks": blanks, "cost": cost}
        json_line({"disc_set": number or None, **row})
        return
    if number:
        line(t(f"Disc set {number}", f"光盘组 {number}"))
    for place, one in enumerate(planned.discs, 1):
        _tell_disc(place, one)
    name = medium.label
    paid = t(f": {cost:.2f}", f"，费用 {cost:.2f}") if cost is not None else ""
    line(
        t(
            f"Two copies take {counted(blanks, 'blank')} ({name.en}){paid}",
            f"一式两份需空白光盘 {blanks} 张（{name.zh}）{paid}",
        )
    )
    if number:
        command = f"strongroom disc run --set {number}"
        note(t(f"To make it: {command}", f"制作：{command}"))


def _tell_disc(number: int, one: PlannedDisc) -> None:
    files, parts = len(one.pieces), sum(piece.is_part for piece in one.pieces)
    en = f"Disc {number}: {one.taken / one.room:.0%} of the room, {counted(files, 'file')}"
    zh = f"第 {number} 张：占可用空间 {one.taken / one.room:.0%}，{files} 个文件"
    if parts == files:
        en, zh = f"{en}, in part", f"{zh}，为分段"
    elif parts:
        en, zh = f"{en}, {parts} of them in part", f"{zh}，其中 {parts} 个为分段"
    line(t(en, zh))
    line(f"  {' '.join(one.records)}")


COMMANDS: Sequence[click.Command] = (plan_,)
