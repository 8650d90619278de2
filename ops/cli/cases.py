"""`strongroom case`, `flag`, `hold`: what lengthens the keeping of records."""

from collections.abc import Sequence
from datetime import date

import click

from ops.cli.casecheck import check
from ops.cli.choosing import word_option
from ops.cli.common import Day, Place, as_json, case_number, known_case
from ops.cli.find import row_of, summary
from ops.cli.holdlist import list_
from ops.cli.settling import settle
from ops.cli.speaking import Reason
from ops.language import said, t
from ops.output import json_line, line, note
from vault import corrections
from vault.claims import withdraw_claim
from vault.facts import Facts
from vault.profile import Profile
from vault.profile.known import in_keys
from vault.retention import Decision
from vault.store import Vault
from vault.terms import LABELS, RetentionClass

_TERMS = {one: word for one, word in LABELS.items() if one is not RetentionClass.CASE_LIFETIME}
_NAMED = 10  # records that are named
_WHY = t("the reason, for the journal", "事由，记入日志")
_why = click.option("--why", default="", help=_WHY)
_needed_why = click.option("--why", type=Reason(), required=True, help=_WHY)


def _day(given: date | None, vault: Vault) -> date:
    return given if given is not None else vault.now().astimezone(vault.profile.zone).date()


@click.group(help=t("Cases that records belong to.", "记录所属的案件。"))
def case() -> None:
    """Cases."""


case.add_command(check)


@case.command("open", help=t("File a case.", "立案。"))
@click.argument("number", metavar=t("CASE", "案号"))
@click.option("--name", default="", help=t("the case's name", "案件名称"))
@click.option("--on", "day", type=Day(), help=t("the day [default: today]", "日期 [默认：今天]"))
@_why
@as_json
@click.pass_obj
def open_(place: Place, number: str, name: str, day: date | None, why: str, as_json: bool) -> None:
    """While it is open, none of its records expires."""
    with place.open() as vault:
        number, on = case_number(number, vault), _day(day, vault)
        corrections.open_case(vault, number, name, on, why)
        settle(vault, quiet=as_json)
    if as_json:
        json_line({"case": number, "name": name, "opened_on": on})
        return
    line(t(f"Case {number} is open.", f"案件 {number} 已立案。"))


@case.command("reopen", help=t("Go on with a case that was closed.", "恢复办理已结案件。"))
@click.argument("number", metavar=t("CASE", "案号"))
@_needed_why
@as_json
@click.pass_obj
def reopen(place: Place, number: str, why: str, as_json: bool) -> None:
    """Until it is closed anew, none of its records expires."""
    with place.open() as vault:
        number = known_case(number, vault)
        corrections.reopen_case(vault, number, why)
        settle(vault, quiet=as_json)
    if as_json:
        json_line({"case": number, "closed_on": None})
        return
    line(t(f"Case {number} is open again.", f"案件 {number} 已恢复办理。"))


@case.command(
    "withdraw",
    help=t("Take back a further case's claim on a record, made in error.", "撤销误归入：记录不再归入该案件。"),
)
@click.argument("number", metavar=t("CASE", "案号"))
@click.argument("record", metavar=t("NUMBER", "编号"))
@_needed_why
@as_json
@click.pass_obj
def withdraw(place: Place, number: str, record: str, why: str, as_json: bool) -> None:
    """What was told of the record's end stays."""
    with place.open() as vault:
        case = known_case(number, vault)
        stands = withdraw_claim(vault, record, case, why)
        settle(vault, quiet=as_json)
    if as_json:
        json_line({"case": case, "record": record, "withdrawn": True, "last_day": stands.last_day})
        return
    until_en = f"kept until {stands.last_day} at least" if stands.last_day is not None else "no end yet"
    until_zh = f"至少保存至 {stands.last_day}" if stands.last_day is not None else "期限尚未确定"
    line(t(f"Case {case} claims {record} no more; {until_en}.", f"记录 {record} 不再归入案件 {case}；{until_zh}。"))


@case.command("close", help=t("Close a case and say how long its file is kept.", "结案，并设定案卷保存期限。"))
@click.argument("number", metavar=t("CASE", "案号"))
@word_option(
    "--keep", words=_TERMS, metavar=t("TERM", "期限"), required=True, help=t("term of the case file", "案卷保存期限")
)
@click.option("--on", "day", type=Day(), help=t("the day [default: today]", "日期 [默认：今天]"))
@_why
@as_json
@click.pass_obj
def close(place: Place, number: str, keep: RetentionClass, day: date | None, why: str, as_json: bool) -> None:
    """Its records are kept at least as long as its file."""
    with place.open() as vault:
        number, on = known_case(number, vault), _day(day, vault)
        later = corrections.close_case(vault, number, on, keep, why)
        settle(vault, quiet=as_json)
    if as_json:
        json_line({"case": number, "closed_on": on, "keep": keep} | ({"later": dict(later)} if later else {}))
        return
    line(t(f"Case {number} is closed.", f"案件 {number} 已结案。"))
    if later:
        note(_later(later))


def _later(records: Sequence[tuple[str, date]]) -> str:
    """What is of a day after the closing: perhaps the day of closing is wrong."""
    named = t(", ", "、").join(t(f"{number} ({day})", f"{number}（{day}）") for number, day in records[:_NAMED])
    more = len(records) - _NAMED
    if more > 0:
        named += t(f" and {more:,} more", f" 等，另有 {more:,} 条")
    return t(
        f"Recorded or stored after that day: {named}. For these the term of the file counts from their own day.",
        f"以下记录形成或入库于结案日期之后，案卷保存期限自其本身之日起算：{named}。",
    )


@click.command(help=t("Add circumstances that call for longer keeping.", "标注应延长保存的特殊情形。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@click.argument("circumstances", metavar=t("[CIRCUMSTANCE]...", "[情形]..."), nargs=-1)
@word_option(
    "--class", "to_class", words=LABELS, metavar=t("CLASS", "期限"), help=t("a class to give it", "指定保存期限")
)
@click.option("--citation", default="", help=t("the rule that the class follows", "所依据的规定"))
@_needed_why
@as_json
@click.pass_obj
def flag(
    place: Place,
    number: str,
    why: str,
    to_class: RetentionClass | None,
    citation: str,
    circumstances: tuple[str, ...],
    as_json: bool,
) -> None:
    """Circumstances are the profile's; without any, list them."""
    with place.open() as vault:
        if not circumstances and to_class is None:
            _list_circumstances(vault.profile, as_json)
            return
        circumstances = in_keys(vault.profile, Facts(circumstances=circumstances)).circumstances
        if to_class is not None:
            _tell_class(number, to_class, corrections.raise_class(vault, number, to_class, why, citation), as_json)
        if circumstances:
            record = corrections.flag(vault, number, circumstances, why)
            if as_json:
                json_line(row_of(record))
            else:
                line(summary(record, vault.profile))
        settle(vault, quiet=as_json)


def _tell_class(number: str, given: RetentionClass, stands: Decision, as_json: bool) -> None:
    """What stands: a class that is shorter than what the rules say changes nothing."""
    of = stands.retention_class
    if as_json:
        json_line({"record": number, "given": given, "class": of, "last_day": stands.last_day})
        return
    if of is given:
        line(t(f"{number}: {given.label.en}.", f"{number} 的保存期限：{given.label.zh}。"))
        return
    explain = f"strongroom retention explain {number}"
    if of is None:
        line(
            t(
                f"{number}: {given.label.en} is noted; it has no end yet: {explain}",
                f"{number}：已记录 {given.label.zh}，但期限尚未确定：{explain}",
            )
        )
        return
    until_en = f", until {stands.last_day}" if stands.last_day is not None else ""
    until_zh = f"，至 {stands.last_day}" if stands.last_day is not None else ""
    line(
        t(
            f"{number}: {given.label.en} is noted, and shortens nothing: {of.label.en} stands{until_en} ({explain})",
            f"{number}：已记录 {given.label.zh}，但不缩短期限：仍为{of.label.zh}{until_zh}（{explain}）",
        )
    )


def _list_circumstances(profile: Profile, as_json: bool) -> None:
    for known in profile.circumstances:
        if as_json:
            json_line({"circumstance": known.id, "text": known.text, "article": known.article})
        else:
            line(f"{known.id}  {said(known.text)}  ({known.article})")


@click.group(help=t("Reasons why a record may not be disposed of.", "暂缓处置的事由。"))
def hold() -> None:
    """Holds."""


hold.add_command(list_)


@hold.command("place", help=t("Forbid the disposal of a record.", "对记录暂缓处置。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@click.option("--authority", type=Reason(), required=True, help=t("who demands it", "要求单位或负责人"))
@_needed_why
@as_json
@click.pass_obj
def place_(place: Place, number: str, authority: str, why: str, as_json: bool) -> None:
    """Any number of holds may stand at once."""
    with place.open() as vault:
        placed = corrections.place_hold(vault, number, why, authority)
        if as_json:
            json_line({"hold": placed, "record": number, "authority": authority, "why": why})
        else:
            line(placed)
        settle(vault, quiet=as_json)


@hold.command("release", help=t("Lift a hold.", "解除暂缓处置。"))
@click.argument("hold_number", metavar=t("HOLD", "暂缓编号"))
@_needed_why
@as_json
@click.pass_obj
def release(place: Place, hold_number: str, why: str, as_json: bool) -> None:
    """Others on the same record stay."""
    with place.open() as vault:
        corrections.release_hold(vault, hold_number, why)
        settle(vault, quiet=as_json)
    if as_json:
        json_line({"hold": hold_number, "released": True})
        return
    line(t(f"Hold {hold_number} is released.", f"暂缓处置 {hold_number} 已解除。"))
