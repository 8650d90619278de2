"""`strongroom disc plan`: how many blanks a set takes, and what would lie on which disc."""

from dataclasses import asdict
from decimal import Decimal, InvalidOperation

import click

from media.mediums import MEDIUMS
from media.planning import PlannedDisc, plan
from ops.cli.common import Place, as_json
from ops.config import read_config
from ops.language import t
from ops.output import json_line, line
from vault.catalogue import queries
from vault.discs.model import COPIES


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


@click.command("plan", help=t("Say what would lie on which disc.", "规划每张光盘存放哪些内容。"))
@click.argument("numbers", metavar=t("NUMBER...", "编号..."), nargs=-1, required=True)
@click.option(
    "--medium",
    type=click.Choice(list(MEDIUMS)),
    help=t("kind of blank [default: strongroom.toml]", "空白光盘的类型 [默认：strongroom.toml]"),
)
@click.option(
    "--spare",
    type=click.IntRange(0, 99),
    help=t(
        "per cent of each disc left free for error correction [default: strongroom.toml]",
        "每张光盘为纠错预留的百分比 [默认：strongroom.toml]",
    ),
)
@click.option(
    "--price",
    type=Price(),
    help=t("of one blank [default: strongroom.toml]", "每张空白光盘的价格 [默认：strongroom.toml]"),
)
@as_json
@click.pass_obj
def plan_(
    place: Place,
    numbers: tuple[str, ...],
    medium: str | None,
    spare: int | None,
    price: Decimal | None,
    as_json: bool,
) -> None:
    """Nothing is written. A set has two copies: each disc takes two blanks."""
    said = read_config(place.home).discs
    medium, spare = medium or said.medium, said.spare if spare is None else spare
    price = said.price if price is None else price
    with place.open() as vault, vault.database.reading() as connection:
        records = [queries.get_record(connection, number) for number in dict.fromkeys(numbers)]
    planned = plan(records, MEDIUMS[medium], spare)
    blanks = len(planned.discs) * len(COPIES)
    cost = price * blanks if price is not None else None
    if as_json:
        discs = [{"taken": one.taken, "pieces": [asdict(piece) for piece in one.pieces]} for one in planned.discs]
        json_line({"medium": medium, "spare": planned.spare, "discs": discs, "blanks": blanks, "cost": cost})
        return
    for number, one in enumerate(planned.discs, 1):
        _tell(number, one)
    name = planned.medium.label
    paid = t(f": {cost:.2f}", f"，费用 {cost:.2f}") if cost is not None else ""
    line(t(f"Two copies take {blanks} blanks ({name.en}){paid}", f"一式两份需空白光盘 {blanks} 张（{name.zh}）{paid}"))


def _tell(number: int, one: PlannedDisc) -> None:
    files, parts = len(one.pieces), sum(piece.is_part for piece in one.pieces)
    en = f"Disc {number}: {one.taken / one.room:.0%} of the room, {files} files"
    zh = f"第 {number} 张：占可用空间 {one.taken / one.room:.0%}，{files} 个文件"
    if parts:
        en, zh = f"{en}, {parts} of them in part", f"{zh}，其中 {parts} 个为分段"
    line(t(en, zh))
    line(f"  {' '.join(one.records)}")
