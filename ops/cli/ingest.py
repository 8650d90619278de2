"""`strongroom ingest`: recordings come in, from files, folders and collectors' archives."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from ops.cli.choosing import word_option
from ops.cli.common import Place, as_json, fact_options, facts_from
from ops.cli.outcomes import count, tell
from ops.cli.settling import settle
from ops.language import t
from ops.output import complain, flush, json_line, note, progress, size
from ops.stores import own_places
from vault.errors import StoreNotAttached, StoreUnavailable
from vault.intake.activities import Request
from vault.intake.grouping import LABELS, Grouping
from vault.intake.names import shown
from vault.intake.pipeline import Intake
from vault.intake.sheets import Sheet, read_sheet
from vault.text import counted as plural


@click.command(
    help=t(
        "Take recordings in: files, folders, ZIP/TAR/7z/ISO archives.",
        "音像记录入库：文件、文件夹、ZIP/TAR/7z/ISO 压缩包。",
    )
)
@click.argument("paths", metavar=t("PATH...", "路径..."), nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--sheet",
    type=click.Path(path_type=Path),
    help=t("CSV or XLSX that maps files to facts", "将文件对应到信息的 CSV 或 XLSX 清单"),
)
@word_option(
    "--group",
    words=LABELS,
    metavar=t("WHICH", "范围"),
    default=Grouping.FILE,
    help=t("which files make one record", "哪些文件合为一条记录"),
)
@click.option("--no-open", is_flag=True, help=t("keep archives whole, do not look into them", "压缩包整体保存，不打开"))
@click.option(
    "--release-source",
    is_flag=True,
    help=t("remove each source file once its copies were read back", "副本逐一回读校验无误后删除来源文件"),
)
@fact_options
@as_json
@click.pass_obj
def ingest(
    place: Place,
    /,
    paths: tuple[Path, ...],
    sheet: Path | None,
    group: Grouping,
    no_open: bool,
    release_source: bool,
    as_json: bool,
    **facts: Any,
) -> int:
    """Take everything in; 1 if anything was rejected."""
    with place.open() as vault:
        now = vault.now()
        listed = read_sheet(sheet, vault.profile, now) if sheet is not None else None
        request = Request(
            paths=tuple(paths),
            facts=facts_from(facts, vault.profile, now),
            sheet=listed,
            sheet_path=sheet,
            grouping=group,
            open_containers=not no_open,
            release_source=release_source,
            own=own_places(place.home),
        )
        counted: Counter[str] = Counter()
        last = ""
        with progress(None, quiet=as_json) as tick:
            intake = Intake(vault, request, tick, resting=flush)
            try:
                for outcome in intake.run():
                    count(counted, outcome)
                    tell(outcome, as_json, first=outcome.record != last)
                    last = outcome.record
                _tell_failures(intake.failures)
            finally:
                _sum_up(counted, as_json)
        unmatched = _tell_unmatched(listed, as_json)
        settle(vault, quiet=as_json)
    if not counted["files"] + counted["rejected"] + counted["resumed"]:
        note(t("Nothing was found to take in.", "没有找到可入库的文件。"))
        return 1
    return 1 if counted["rejected"] or unmatched else 0


def _tell_failures(failures: dict[str, StoreUnavailable]) -> None:
    for name, error in failures.items():
        if isinstance(error, StoreNotAttached):
            complain(error)
            continue
        note(
            t(
                f"Store {name} was left out: {error.what.en} Its copies are owed; repair brings them.",
                f"存储 {name} 未参与：{error.what.zh} 所欠副本可用 repair 补齐。",
            )
        )


def _sum_up(counted: Counter[str], as_json: bool) -> None:
    if as_json:
        return
    given = sum(counted[result] for result in ("stored", "seen-again", "resumed", "rejected"))
    note(
        t(
            f"{plural(given, 'file')} ({size(counted['bytes'])}): {counted['stored']} stored, "
            f"{counted['seen-again']} known already, {counted['resumed']} from before, {counted['rejected']} rejected.",
            f"共 {given} 个文件（{size(counted['bytes'])}）：新入库 {counted['stored']}，"
            f"此前已有 {counted['seen-again']}，续传跳过 {counted['resumed']}，未能入库 {counted['rejected']}。",
        )
    )


def _tell_unmatched(sheet: Sheet | None, as_json: bool) -> int:
    rows = sheet.unmatched() if sheet is not None else []
    for row in rows:
        if as_json:
            json_line({"result": "not-found", "file": row.file, "row": row.number})
        else:
            note(
                t(
                    f"Row {row.number} of the sheet names {shown(row.file)}, which did not come.",
                    f"清单第 {row.number} 行的 {shown(row.file)} 没有找到。",
                )
            )
    return len(rows)
