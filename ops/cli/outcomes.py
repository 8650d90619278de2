"""What became of a file that was to be taken in, told as a line for people or an object for programs."""

from collections import Counter
from typing import Any

from ops.language import said, t
from ops.output import complain, json_line, line, note
from vault.facts import FACT
from vault.intake.pipeline import Outcome

_WORDS = {
    "stored": t("stored", "已入库"),
    "seen-again": t("known already", "此前已入库"),
    "resumed": t("stored earlier in this run", "本次此前已入库"),
}


def count(counted: Counter[str], outcome: Outcome) -> None:
    """Add it to what is told at the end."""
    counted[outcome.result] += 1
    if outcome.file is not None:
        counted["files"] += 1
        counted["bytes"] += outcome.file.size
    if outcome.filed is not None and outcome.filed.missing:
        counted["incomplete"] += 1


def tell(outcome: Outcome, as_json: bool, first: bool) -> None:
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
