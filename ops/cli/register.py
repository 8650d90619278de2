"""`strongroom register`: registers and statistics as an office hands them in, on paper (PDF) or as a sheet (XLSX)."""

from datetime import date
from functools import partial
from pathlib import Path

import click
from sqlalchemy import Connection, func, select

from labels.wording import Languages
from ops.cli.common import Day, Place, as_json
from ops.language import said, t
from ops.output import json_line, line
from vault.catalogue import schema
from vault.errors import BadInput
from vault.registers import MAKERS
from vault.registers.issuing import Draw, issue
from vault.registers.model import Maker, Scope, spelled
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
    @click.option(
        "-o",
        "--output",
        "target",
        type=click.Path(dir_okay=False, path_type=Path),
        help=t("the file: .pdf or .xlsx", "输出文件：.pdf 或 .xlsx"),
    )
    @click.option(
        "--language",
        "languages",
        type=click.Choice(["zh", "en", "both"]),
        default="zh",
        help=t("of the file", "文件语言"),
    )
    @as_json
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
        draw = _drawing(target, languages) if target is not None else None
        if draw is None and not as_json:
            raise BadInput(_NOWHERE)
        with place.open() as vault:
            period = _period(vault, month, first, last)
            with vault.database.reading() as connection:
                drawn = maker.draw(connection, vault.profile, _scope(vault, connection, period, section))
                if target is None or draw is None:
                    for row in drawn.rows:
                        json_line(spelled(maker.form, row))
                    return
                issued = issue(vault, drawn, target, draw)
        if as_json:
            json_line({"file": issued.file, "rows": issued.rows, "sha256": issued.sha256})
        else:
            entries = t(f"{issued.rows:,} entr{'y' if issued.rows == 1 else 'ies'}", f"{issued.rows:,} 条")
            line(f"{issued.file}  {entries}  sha256 {issued.sha256}")

    return click.command(maker.form.kind, help=said(maker.form.title))(command)


_NOWHERE = Text(
    en="Say where to: -o FILE.pdf, -o FILE.xlsx, or --json for the rows.",
    zh="请指明输出：-o 文件.pdf、-o 文件.xlsx，或用 --json 输出各行。",
)


def _drawing(target: Path, languages: Languages) -> Draw:
    """What draws a file of that name."""
    match target.suffix.lower():
        case ".pdf":
            from labels.register import draw_register

            return partial(draw_register, languages=languages)
        case ".xlsx":
            from labels.workbook import write_workbook

            return partial(write_workbook, languages=languages)
    raise BadInput(
        Text(
            en=f"{target.name} is neither a .pdf nor an .xlsx file.",
            zh=f"{target.name} 既不是 .pdf 也不是 .xlsx 文件。",
        )
    )


def _period(vault: Vault, month: Period | None, first: date | None, last: date | None) -> Period:
    if month is not None and (first is not None or last is not None):
        raise BadInput(
            Text(en="Say either --month, or --from and --to.", zh="--month 与 --from、--to 只能指定其一。"),
        )
    today = vault.now().astimezone(vault.profile.zone).date()
    if first is None and last is None:
        return month or Period.month_of(today)
    return Period(first, last or today)


def _scope(vault: Vault, connection: Connection, period: Period, section: str) -> Scope:
    entries: int = connection.execute(select(func.coalesce(func.max(schema.journal.c.seq), -1))).scalar_one() + 1
    return Scope(
        office=vault.setting.office,
        zone=vault.profile.zone,
        period=period,
        drawn_at=vault.now(),
        entries=entries,
        section=section,
    )


for _maker in MAKERS.values():
    register.add_command(_command(_maker))
