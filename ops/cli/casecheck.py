"""`strongroom case check`: what a case has of what the office's list of recordings demands."""

from typing import Any

import click

from ops.cli.common import Place, as_json, known_case
from ops.language import said, t
from ops.output import json_line, line, note
from vault.casecheck import check_case
from vault.completeness import Checked, Found
from vault.profile import cited


@click.command(help=t("Compare a case with the list of recordings.", "对照音像记录清单核对案件。"))
@click.argument("number", metavar=t("CASE", "案号"))
@click.option(
    "--matter", "named", multiple=True, help=t("a matter that took place, whatever records say", "实际发生的执法事项")
)
@as_json
@click.pass_obj
def check(place: Place, number: str, named: tuple[str, ...], as_json: bool) -> int:
    """Print each demand with what there is; 1 if a person has to do something."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        case = known_case(number, vault)
        checked = check_case(connection, vault.profile, case, named, vault.now())
    for found in checked.found:
        if as_json:
            json_line(_row(found), "demand")
        else:
            _tell(found)
    _tell_rest(checked, as_json)
    if not checked.found:
        note(t(f"Nothing of the list is known to have happened in {case}.", f"{case} 中未发现清单所列执法事项。"))
        return 1
    return 0 if all(found.standing.settled for found in checked.found) else 1


def _tell(found: Found) -> None:
    kinds = [f"{said(kind.label)} {count}" for kind, count in found.kinds]
    if found.unknown:
        kinds.append(t(f"not known {found.unknown}", f"类型不明 {found.unknown}"))
    if found.silent:
        kinds.append(t(f"video without sound {found.silent}", f"无声录像 {found.silent}"))
    if found.unheard:
        kinds.append(t(f"video, sound not known {found.unheard}", f"录像（有无声音不明）{found.unheard}"))
    if found.interrupted:
        kinds.append(t("with an interruption that nobody explained", "有未说明的中断"))
    there = t(", ", "、").join(kinds) or t("nothing", "无")
    day = [found.day.isoformat()] if found.day is not None else []
    line("  ".join([said(found.standing.label), *day, f"{said(found.item.text)} ({said(cited(found.item.article))})"]))
    demanded = said(found.item.method.label)
    line(t(f"  demanded: {demanded}; found: {there}", f"  应有：{demanded}；实有：{there}"))
    for numbers in (found.records, found.explanations):
        if numbers:
            line("  " + " ".join(numbers))


def _row(found: Found) -> dict[str, Any]:
    return {
        "item": found.item.id,
        "matter": found.item.text,
        "article": found.item.article,
        "method": found.item.method,
        "day": found.day,
        "standing": found.standing,
        "found": {kind.value: count for kind, count in found.kinds},
        "unknown": found.unknown,
        "silent": found.silent,
        "unheard": found.unheard,
        "interrupted": found.interrupted,
        "records": found.records,
        "explanations": found.explanations,
    }


def _tell_rest(checked: Checked, as_json: bool) -> None:
    """What the list says nothing of, and what says nothing of the list."""
    if as_json:
        json_line({"unlisted": list(checked.unlisted), "without_matter": checked.without_matter}, "rest")
        return
    if checked.unlisted:
        names = t(", ", "、").join(checked.unlisted)
        note(t(f"Not on the list: {names}", f"不在清单内：{names}"))
    if checked.without_matter:
        numbers = " ".join(checked.without_matter)
        note(
            t(
                f"Of these nobody said which matter they are of (complete NUMBER --matter …): {numbers}",
                f"以下记录未注明执法事项（complete 编号 --matter …）：{numbers}",
            )
        )
