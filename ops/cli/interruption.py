"""`strongroom interruption`: where recordings stopped or were not made, why, and who has reviewed that."""

from datetime import datetime
from typing import Any

import click
import msgspec

from ops.cli.common import Place, as_json, fact_options, facts_from, local
from ops.cli.speaking import Reason
from ops.language import said, t
from ops.output import json_line, line, note
from vault.catalogue import explained, queries
from vault.catalogue.explained import Explained, Interruption
from vault.catalogue.rows import serial_of
from vault.explaining import explain_interruption, explain_missing
from vault.explaining import review as agree
from vault.people import Role
from vault.profile import Profile
from vault.text import Text

_ground = click.option("--ground", default="", help=t("one of the profile's causes", "制度配置中的原因代码"))
_gap = t("which, as listed [default: all]", "第几处 [默认：全部]")
_why = click.option("--why", type=Reason(), required=True, help=t("what happened", "具体情况"))
_basis = click.option("--basis", default="", help=t("the basis for it", "依据"))


@click.group(help=t("Where recordings stopped or were not made, and why.", "记录中断与未记录的情况及说明。"))
def interruption() -> None:
    """Interruptions."""


@interruption.command("list", help=t("List what nobody has explained, or of one record all.", "列出未说明的中断。"))
@click.argument("number", metavar=t("[NUMBER]", "[编号]"), required=False)
@click.option("--to-review", is_flag=True, help=t("explanations that wait for their review", "待审核的说明"))
@as_json
@click.pass_obj
def list_(place: Place, number: str | None, to_review: bool, as_json: bool) -> None:
    """Gaps of a record are numbered in the order in which they are listed."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        count = 0
        if to_review:
            for filed in explained.to_review(connection):
                count += 1
                _tell_explanation(filed, vault.profile, as_json)
        elif number is not None:
            serial = serial_of(queries.get_record(connection, number).number)
            placed = 0
            for gap in explained.interruptions_of(connection, serial):
                count += 1
                placed += gap.began is not None
                _tell_gap(gap, placed if gap.began is not None else None, vault.profile, as_json)
            for filed in explained.explanations_of_record(connection, serial):
                count += 1
                _tell_explanation(filed, vault.profile, as_json)
        else:
            for gap in explained.unexplained(connection):
                count += 1
                _tell_gap(gap, None, vault.profile, as_json)
        if not as_json and not count:
            note(t("Nothing is left to explain.", "没有需要说明的中断。"))


def _tell_gap(gap: Interruption, place: int | None, profile: Profile, as_json: bool) -> None:
    if as_json:
        row = {"record": gap.record, "device": gap.device, "began": gap.began, "ended": gap.ended}
        json_line(row | {"gap": place, "explanation": gap.explanation, "settled": gap.settled}, "gap")
        return
    if gap.began is None or gap.ended is None:
        span = t("segments without times may hide a gap", "部分片段缺少时间，无法判断是否中断")
    else:
        span = f"{local(gap.began, profile)} – {local(gap.ended, profile)}"
    which = [] if place is None else [str(place)]
    state = _state(gap.explanation, gap.settled)
    line("  ".join(text for text in (gap.record, *which, gap.device, span, state) if text))


def _state(explanation: str, settled: bool) -> str:
    if not explanation:
        return t("not explained", "未说明")
    if settled:
        return t(f"explained: {explanation}", f"已说明：{explanation}")
    return t(f"to be reviewed: {explanation}", f"说明待审核：{explanation}")


def _tell_explanation(filed: Explained, profile: Profile, as_json: bool) -> None:
    if as_json:
        json_line(explanation_row(filed), "explanation")
        return
    line("  ".join([filed.number, *_about(filed), _state(filed.number, filed.settled)]))
    basis = t(f"  basis: {filed.basis}", f"  依据：{filed.basis}") if filed.basis else ""
    line(f"  {cause_in_words(profile, filed.cause)}{t(': ', '：')}{filed.why}{basis}")
    if filed.reviewed_at is not None:
        when = local(filed.reviewed_at, profile)
        line(t(f"  reviewed by {filed.reviewed_by} {when}", f"  {filed.reviewed_by} 审核于 {when}"))


def _about(filed: Explained) -> list[str]:
    facts = filed.facts
    return [text for text in (filed.record, filed.case, facts.section, facts.matter) if text]


def explanation_row(filed: Explained) -> dict[str, Any]:
    """An explanation for programs."""
    row = {name: getattr(filed, name) for name in ("number", "lack", "record", "case", "cause", "why", "basis")}
    row |= {"facts": msgspec.to_builtins(filed.facts, builtin_types=(datetime,))}
    row |= {"filed_by": filed.filed_by, "filed_at": filed.filed_at, "reviewer": filed.reviewer}
    return row | {"reviewed_by": filed.reviewed_by, "reviewed_at": filed.reviewed_at, "settled": filed.settled}


def cause_in_words(profile: Profile, cause: str) -> str:
    """The profile's words for a cause; the cause itself where this profile knows none of that name."""
    for rule in profile.explanations:
        for known in rule.causes:
            if known.id == cause:
                return said(known.text)
    return cause


@interruption.command(help=t("List the profile's causes.", "列出制度规定的原因。"))
@as_json
@click.pass_obj
def grounds(place: Place, as_json: bool) -> None:
    """What --ground takes, with the article of each."""
    with place.open() as vault:
        for rule in vault.profile.explanations:
            for known in rule.causes:
                if as_json:
                    row = {"covers": rule.covers, "ground": known.id, "text": known.text, "article": known.article}
                    json_line(row)
                    continue
                covers = t(", ", "、").join(said(_LACKS[lack]) for lack in rule.covers)
                line(f"{known.id}  {said(known.text)}  ({known.article}; {covers})")


_LACKS = {
    "interrupted": Text(en="interrupted", zh="中断"),
    "not-recorded": Text(en="not recorded", zh="未记录"),
}


@interruption.command(help=t("Say why a record's recording stopped.", "说明记录中断的原因。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@click.option("--gap", "gaps", type=int, multiple=True, help=_gap)
@_ground
@_why
@_basis
@as_json
@click.pass_obj
def justify(place: Place, number: str, gaps: tuple[int, ...], ground: str, why: str, basis: str, as_json: bool) -> None:
    """Of gaps that were found; what was not recorded at all is `missing`."""
    with place.open() as vault:
        filed = explain_interruption(vault, number, gaps, ground, why, basis)
    _tell_filed(filed.explanation, filed.reviewer, as_json)


@interruption.command(help=t("File a recording that was not made.", "登记未进行音像记录的情况。"))
@click.option("--activity", default="", help=t("the announced activity that it is of", "对应的待入库活动编号"))
@fact_options
@_ground
@_why
@_basis
@as_json
@click.pass_obj
def missing(place: Place, /, activity: str, ground: str, why: str, basis: str, as_json: bool, **facts: Any) -> None:
    """An explanation alone, found with its case."""
    with place.open() as vault:
        given = facts_from(facts, vault.profile, vault.now())
        filed = explain_missing(vault, given, ground, why, basis, activity)
    _tell_filed(filed.explanation, filed.reviewer, as_json)


def _tell_filed(number: str, reviewer: str, as_json: bool) -> None:
    if as_json:
        json_line({"explanation": number, "reviewer": reviewer or None})
        return
    line(number)
    if reviewer:
        who, command = Role(reviewer).label, f"strongroom interruption review {number}"
        note(t(f"Somebody else has to review it ({who.en}): {command}", f"须由他人（{who.zh}）审核：{command}"))


@interruption.command(help=t("Review an explanation that somebody else filed.", "审核他人填报的说明。"))
@click.argument("number", metavar=t("EXPLANATION", "说明编号"))
@click.option("--why", default="", help=t("a remark, for the journal", "意见，记入日志"))
@click.pass_obj
def review(place: Place, number: str, why: str) -> None:
    """Refused to whoever filed it."""
    with place.open() as vault:
        agree(vault, number, why)
    line(t(f"{number} is reviewed.", f"{number} 已审核。"))
