"""`strongroom register`: registers and statistics as an office hands them in, on paper (PDF) or as a sheet (XLSX)."""

from datetime import date
from pathlib import Path

import click

from labels.wording import Languages
from ops.cli.common import Day, Place
from ops.cli.issuing import drawing, give_out, output_options, scope_of
from ops.language import said, t
from vault.authority import Action, require
from vault.errors import BadInput
from vault.registers import MAKERS
from vault.registers.model import Maker
from vault.registers.period import Period
from vault.store import Vault
from vault.text import Text


class Month(click.ParamType[Period]):
    """A month of the office's calendar."""

    name = t("yyyy-mm", "年-月")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        try:
            year, _, month = str(value).partition("-")
            return Period.month_of(date(int(year), int(month), 1))
        except ValueError:
            self.fail(
                t(f"{value!r} is no month such as 2026-03", f"{value!r} 不是月份，请写成 2026-03 的形式"), param, ctx
            )


@click.group(help=t("Registers and statistics to hand in.", "登记簿和统计表。"))
def register() -> None:
    """Registers."""


def _command(maker: Maker) -> click.Command:
    """One register as a command of its own."""

    @click.option("--month", type=Month(), help=t("that month [default: this one]", "该月 [默认：本月]"))
    @click.option("--from", "first", type=Day(), help=t("from that day on", "自该日起"))
    @click.option("--to", "last", type=Day(), help=t("up to that day [default: today]", "至该日止 [默认：今天]"))
    @click.option("--section", default="", help=t("one section alone", "仅限该科室"))
    @output_options
    @click.pass_obj
    def command(
        place: Place,
        month: Period | None,
        first: date | None,
        last: date | None,
        section: str,
        target: Path | None,
        languages: Languages,
        as_json: bool,
    ) -> None:
        draw = drawing(target, languages, as_json)
        with place.open() as vault:
            require(vault, Action.REGISTERS_READ, about=maker.form.kind)
            period = _period(vault, month, first, last)
            with vault.database.reading() as connection:
                scope = scope_of(vault, connection, period, section=section)
                give_out(vault, maker.draw(connection, vault.profile, scope), target, draw, as_json)

    return click.command(maker.form.kind, help=said(maker.form.title))(command)


def _period(vault: Vault, month: Period | None, first: date | None, last: date | None) -> Period:
    if month is not None and (first is not None or last is not None):
        raise BadInput(
            Text(en="Say either --month, or --from and --to.", zh="--month 与 --from、--to 只能指定其一。"),
        )
    today = vault.now().astimezone(vault.profile.zone).date()
    if first is None and last is None:
        return month or Period.month_of(today)
    return Period(first, last or today)


for _maker in MAKERS.values():
    register.add_command(_command(_maker))
