"""`strongroom disc label` and `disc calibrate`: what is stuck on discs, goes into their cases, or with them into a case
file; and a sheet to measure a printer by."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, cast

import click

from labels.calibration import draw_calibration
from labels.draw import draw
from labels.kinds import Kind
from labels.sheets import SHEETS
from ops.cli.choosing import word_option
from ops.cli.common import Command, Place, as_json
from ops.config import read_config
from ops.discs.labelling import copies_of, tell_changed
from ops.discs.paper import Paper, give_labels, label_options, tell_lacking
from ops.labels import LabelsConfig
from ops.language import t
from ops.output import json_line, line, note
from ops.printing import print_pdf
from vault.catalogue import people, queries
from vault.discs.model import Statement
from vault.intake.facts_text import moment_named
from vault.outputs import replace_file, writing_to
from vault.store import Vault


def paper_options(command: Command) -> Command:
    """--to, --print and --queue."""
    for option in (
        click.option(
            "--queue", default="", help=t("CUPS's queue [default: strongroom.toml]", "打印队列 [默认：按配置]")
        ),
        click.option("--print", "to_print", is_flag=True, help=t("print it, too", "同时打印")),
        click.option(
            "--to",
            "folder",
            type=click.Path(file_okay=False, path_type=Path),
            default=".",
            help=t("where to", "输出位置"),
        ),
    ):
        command = option(command)
    return command


def paper(folder: Path, to_print: bool, queue: str, config: LabelsConfig) -> Paper:
    """UsageError: it is to be printed, and nobody says on what."""
    chosen = queue or config.queue
    if to_print and not chosen:
        raise click.UsageError(
            t(
                "On which printer? Say --queue, or queue under [labels] in strongroom.toml. There are: lpstat -e",
                "请用 --queue 指明打印队列，或在 strongroom.toml 的 [labels] 中设定 queue。查看可用队列：lpstat -e",
            )
        )
    return Paper(folder, chosen if to_print else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slip:
    """What was typed for a statement that goes with the disc into a case file."""

    maker: str
    extractor: str
    extracted_at: str

    def statement(self, vault: Vault, records: Sequence[str]) -> Statement:
        """What was not typed the records and the clock say."""
        at = moment_named(self.extracted_at, vault.profile.zone) if self.extracted_at else vault.now()
        return Statement(self.maker or _makers(vault, records), self.extractor or _at_work(vault), at)


def _slip_options(command: Command) -> Command:
    """The command gets them as `slip`."""

    @wraps(command)
    def called(*given: Any, maker: str, extractor: str, extracted_at: str, **options: Any) -> Any:
        return command(*given, slip=_Slip(maker=maker, extractor=extractor, extracted_at=extracted_at), **options)

    for option in (
        click.option(
            "--extracted-at", default="", help=t("on a slip [default: now]", "附卷说明的提取时间 [默认：现在]")
        ),
        click.option(
            "--extractor",
            default="",
            help=t("on a slip [default: who is at work]", "附卷说明的提取人 [默认：操作人]"),
        ),
        click.option(
            "--maker",
            default="",
            help=t("of the recordings, on a slip [default: the records']", "附卷说明的制作人 [默认：录制人]"),
        ),
    ):
        called = option(called)
    return cast(Command, called)


@click.command(help=t("Draw and print labels, inlays and slips.", "生成并打印标签、封面和附卷说明。"))
@click.argument("which", metavar=t("SET|MARK", "光盘组|光盘"))
@word_option(
    "--type",
    "kind",
    words={kind: kind.piece.label for kind in Kind},
    metavar=t("TYPE", "种类"),
    default=Kind.DISC,
    help=t("what to label", "标签种类"),
)
@click.option(
    "--sheet", type=click.Choice(list(SHEETS)), help=t("paper [default: strongroom.toml]", "标签纸 [默认：按配置]")
)
@click.option(
    "--first",
    type=click.IntRange(1),
    default=1,
    help=t("on which place of the sheet to begin", "从标签纸的第几位开始"),
)
@_slip_options
@paper_options
@as_json
@click.pass_obj
def label(
    place: Place,
    which: str,
    kind: Kind,
    sheet: str | None,
    first: int,
    slip: _Slip,
    folder: Path,
    to_print: bool,
    queue: str,
    as_json: bool,
) -> None:
    """Of a set, or of one disc."""
    config = read_config(place.home).labels
    where = paper(folder, to_print, queue, config)
    with place.open() as vault:
        copies = copies_of(vault, which)
        statements = [slip.statement(vault, copy.set.records) for copy in copies] if kind is Kind.SLIP else []
        drawn = draw(kind, copies, vault.profile, label_options(kind, sheet or "", first, config), statements)
        lacked = tell_lacking(copies, vault.profile, statements)
        tell_changed(vault, copies)
    paths = give_labels(which, kind, copies, drawn, where)
    if as_json:
        json_line({"labels": paths, "lacking": lacked})
    else:
        _list(paths)


def _at_work(vault: Vault) -> str:
    """What whoever is at work is called; their login, where nobody is enrolled."""
    login = vault.setting.person
    with vault.database.reading() as connection:
        return people.names(connection).get(login, login)


def _makers(vault: Vault, numbers: Sequence[str]) -> str:
    """Who made the recordings, as their records say."""
    with vault.database.reading() as connection:
        makers = dict.fromkeys(record.facts.recorder for record in queries.get_records(connection, numbers))
    return "、".join(filter(None, makers))


@click.command(help=t("A sheet to measure a printer by.", "生成打印校准页。"))
@click.option(
    "--sheet",
    type=click.Choice([name for name, sheet in SHEETS.items() if not sheet.bare]),
    help=t("for this paper [default: strongroom.toml]", "标签纸 [默认：按配置]"),
)
@paper_options
@as_json
@click.pass_obj
def calibrate(place: Place, sheet: str | None, folder: Path, to_print: bool, queue: str, as_json: bool) -> None:
    """Print it on plain paper; it says what to measure, and where that goes in strongroom.toml."""
    config = read_config(place.home).labels
    where = paper(folder, to_print, queue, config)
    chosen = sheet or ("A4" if SHEETS[config.sheet].bare else config.sheet)
    pdf = draw_calibration(chosen, config.right, config.down, place.working.clock())
    path = folder / f"calibration-{chosen}.pdf"
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    replace_file(path, pdf)
    if where.queue:
        note(print_pdf(pdf, where.queue, path.name))
    if as_json:
        json_line({"labels": [path]})
    else:
        _list([path])


def _list(paths: Sequence[Path]) -> None:
    for path in paths:
        line(str(path))


COMMANDS: Sequence[click.Command] = (label, calibrate)
