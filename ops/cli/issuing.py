"""How commands give a register out: as rows on the screen, or as a file that the journal knows of."""

from functools import partial
from pathlib import Path

import click
from sqlalchemy import Connection, func, select

from labels.wording import LANGUAGES, Languages
from ops.cli.choosing import word_option
from ops.cli.common import Command, as_json
from ops.language import said, t
from ops.output import json_line, line
from vault.catalogue import schema
from vault.errors import BadInput
from vault.registers.issuing import Draw, issue
from vault.registers.model import NONE, Register, Scope, spelled
from vault.registers.period import Period
from vault.store import Vault
from vault.text import Text, counted


def output_options(command: Command) -> Command:
    """-o, --language and --json, as every command has them that gives a register out."""
    for option in (
        as_json,
        word_option(
            "--language",
            "languages",
            words=LANGUAGES,
            metavar=t("LANGUAGE", "语言"),
            default="zh",
            help=t("of the file", "文件语言"),
        ),
        click.option(
            "-o",
            "--output",
            "target",
            type=click.Path(dir_okay=False, path_type=Path),
            help=t("the file: .pdf or .xlsx", "输出文件：.pdf 或 .xlsx"),
        ),
    ):
        command = option(command)
    return command


def drawing(target: Path | None, languages: Languages, as_json: bool) -> Draw | None:
    """What draws a file of that name; None: only rows are wanted. BadInput for any other file, or nothing."""
    if target is None:
        if not as_json:
            raise BadInput(_NOWHERE)
        return None
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


_NOWHERE = Text(
    en="Say where to: -o FILE.pdf, -o FILE.xlsx, or --json for the rows.",
    zh="请指明输出：-o 文件.pdf、-o 文件.xlsx，或用 --json 输出各行。",
)


def give_out(vault: Vault, register: Register, target: Path | None, draw: Draw | None, as_json: bool) -> None:
    """Print the rows, or issue the file and say which."""
    if target is None or draw is None:
        for row in register.rows:
            json_line(spelled(register.form, row))
        return
    issued = issue(vault, register, target, draw)
    if as_json:
        json_line({"file": issued.file, "rows": issued.rows, "sha256": issued.sha256})
    else:
        entries = t(counted(issued.rows, "entry", "entries"), f"{issued.rows:,} 条")
        if not issued.rows and register.none is not NONE:
            entries = said(register.none).rstrip(".。")
        line(f"{issued.file}  {entries}  sha256 {issued.sha256}")


def scope_of(vault: Vault, connection: Connection, period: Period, *, section: str = "", disposal: str = "") -> Scope:
    """What a register covers that is drawn now."""
    entries: int = connection.execute(select(func.coalesce(func.max(schema.journal.c.seq), -1))).scalar_one() + 1
    return Scope(
        office=vault.setting.office,
        zone=vault.profile.zone,
        period=period,
        drawn_at=vault.now(),
        entries=entries,
        section=section,
        disposal=disposal,
    )
