"""`strongroom ingest`: recordings come in, from files, folders and collectors' archives."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from ops.cli.common import Place, as_json, fact_options, facts_from
from ops.cli.settling import settle
from ops.language import said, t
from ops.output import complain, flush, json_line, line, note, progress, size
from ops.wiring import own_places
from vault.errors import StoreNotAttached, StoreUnavailable
from vault.facts import FACT
from vault.intake.activities import Grouping, Request
from vault.intake.names import shown
from vault.intake.pipeline import Intake, Outcome
from vault.intake.sheets import Sheet, read_sheet


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
@click.option(
    "--group",
    type=click.Choice([group.value for group in Grouping]),
    default=Grouping.FILE.value,
    show_default=True,
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
    group: str,
    no_open: bool,
    release_source: bool,
    as_json: bool,
    **facts: Any,
) -> int:
    """Take everything in; 1 if anything was rejected."""
    with place.open() as vault:
        now = vault.now()
        listed = read_sheet(sheet, vault.profile.zone, now) if sheet is not None else None
        request = Request(
            paths=tuple(paths),
            facts=facts_from(facts, vault.profile, now),
            sheet=listed,
            sheet_path=sheet,
            grouping=Grouping(group),
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
                    _count(counted, outcome)
                    _tell(outcome, as_json, first=outcome.record != last)
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


_WORDS = {
    "stored": t("stored", "已入库"),
    "seen-again": t("known already", "此前已入库"),
    "resumed": t("stored earlier in this run", "本次此前已入库"),
}


def _count(counted: Counter[str], outcome: Outcome) -> None:
    counted[outcome.result] += 1
    if outcome.file is not None:
        counted["files"] += 1
        counted["bytes"] += outcome.file.size
    if outcome.filed is not None and outcome.filed.missing:
        counted["incomplete"] += 1


def _tell(outcome: Outcome, as_json: bool, first: bool) -> None:
    """`first`: of its record's files; what is true of the record is said once."""
    if as_json:
        json_line(_row(outcome))
        return
    if outcome.error is not None:
        complain(outcome.error)
        return
    if outcome.reason is not None:
        note(t(f"left out: {outcome.where} ({outcome.reason.en})", f"未入库：{outcome.where}（{outcome.reason.zh}）"))
        return
    line(f"{outcome.record}  {_WORDS[outcome.result]}  {outcome.where}")
    if first and outcome.filed is not None and outcome.filed.missing:
        names = [said(FACT[name].label) for name in outcome.filed.missing]
        note(t(f"  in quarantine until known: {', '.join(names)}", f"  待补全：{'、'.join(names)}"))
    for warning in outcome.warnings:
        note(f"  {said(warning)}")
    if outcome.released is not None and outcome.released.removed:
        note(t("  source removed", "  来源文件已删除"))
    elif outcome.released is not None and outcome.released.why_not is not None:
        note(t(f"  source kept: {outcome.released.why_not.en}", f"  来源文件保留：{outcome.released.why_not.zh}"))


def _row(outcome: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = {"result": outcome.result, "file": outcome.where}
    if outcome.record:
        row["record"] = outcome.record
    if outcome.file is not None:
        row |= {"sha256": outcome.file.sha256, "size": outcome.file.size, "name": outcome.file.name}
    if outcome.filed is not None:
        row |= {"standing": outcome.filed.standing.value, "missing": list(outcome.filed.missing)}
    if outcome.error is not None:
        row |= {"error": outcome.error.what, "hint": outcome.error.hint}
    if outcome.reason is not None:
        row["reason"] = outcome.reason
    if outcome.warnings:
        row["warnings"] = list(outcome.warnings)
    if outcome.released is not None:
        row["released"] = outcome.released.removed
    return row


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
    note(
        t(
            f"{counted['files']} files ({size(counted['bytes'])}): {counted['stored']} stored, "
            f"{counted['seen-again']} known already, {counted['resumed']} from before, {counted['rejected']} rejected.",
            f"共 {counted['files']} 个文件（{size(counted['bytes'])}）：新入库 {counted['stored']}，"
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
