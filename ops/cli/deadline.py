"""`strongroom deadline`: by when recordings are to be stored, what is still to come, what came late, and why."""

from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import click
import msgspec

from ops.cli.common import Place, as_json, fact_options, facts_from, local
from ops.cli.find import row_of, summary
from ops.cli.speaking import Reason
from ops.language import said, t
from ops.output import json_line, line, note
from ops.words import AHEAD, LATENESS, TIMELINESS
from vault import announcing
from vault.catalogue import announced, queries, timeliness
from vault.catalogue.announced import Activity
from vault.catalogue.rows import serial_of
from vault.catalogue.timeliness import Judged, Why
from vault.deadlines import Timeliness
from vault.deadlines import ahead as ahead_of
from vault.deadlines import deadline as deadline_of
from vault.explaining import explain_late
from vault.profile import Profile, cited
from vault.records import Record

_NEAR = 24  # hours


@click.group(help=t("By when recordings are to be stored.", "入库时限。"))
def deadline() -> None:
    """Deadlines."""


@deadline.command("list", help=t("List what is late, overdue or soon due.", "列出逾期与即将到期的入库事项。"))
@click.option("--missed", is_flag=True, help=t("late and unexplained, or overdue", "逾期未说明或逾期未入库"))
@click.option("--near", is_flag=True, help=t(f"to come within {_NEAR} hours", f"{_NEAR} 小时内应入库"))
@click.option("--unclear", is_flag=True, help=t("where facts are missing to tell", "信息不全、无法判断"))
@click.option("--ahead", is_flag=True, help=t("recorded, as it says, after it was stored", "记录时间晚于入库时间"))
@click.option("--explained", is_flag=True, help=t("late, with the reason", "逾期，已说明原因"))
@as_json
@click.pass_obj
def list_(place: Place, missed: bool, near: bool, unclear: bool, ahead: bool, explained: bool, as_json: bool) -> None:
    """Without an option: all but what is explained."""
    wanted = {"missed": missed, "near": near, "unclear": unclear, "ahead": ahead, "explained": explained}
    if not any(wanted.values()):
        wanted = {name: name != "explained" for name in wanted}
    with place.open_to_read() as vault, vault.database.reading() as connection:
        now = vault.now()
        count = 0
        for activity in announced.open_activities(connection, vault.profile):
            standing = activity.due.standing(now)
            if wanted.get(_sort(standing, activity.due.by, now), False):
                count += 1
                _tell_activity(activity, standing, vault.profile, as_json)
        told = [one for one in timeliness.LATENESS if wanted["missed" if one == "late" else one]]
        records = [timeliness.listed(connection, lateness) for lateness in told]
        if wanted["ahead"]:
            records.append(timeliness.recorded_ahead(connection, but=told))
        for record, judged in chain.from_iterable(records):
            count += 1
            whys = timeliness.explanations(connection, serial_of(record.number))
            _tell_record(record, judged, whys, vault.profile, as_json)
        if not as_json and not count:
            note(t("Nothing is late or due.", "没有逾期或即将到期的入库事项。"))


def _sort(standing: Timeliness | None, by: datetime | None, now: datetime) -> str:
    """Under which option an activity is listed."""
    if standing is Timeliness.UPCOMING:
        return "near" if by is not None and by <= now + timedelta(hours=_NEAR) else ""
    return {Timeliness.MISSED: "missed", Timeliness.UNCLEAR: "unclear"}.get(standing, "") if standing else ""


def _tell_activity(activity: Activity, standing: Timeliness | None, profile: Profile, as_json: bool) -> None:
    if as_json:
        row = {"activity": activity.number, "timeliness": standing, "by": activity.due.by}
        json_line(row | {"facts": msgspec.to_builtins(activity.facts, builtin_types=(datetime,))}, "activity")
        return
    facts = activity.facts
    known = (facts.case_number, facts.section, facts.matter, facts.party)
    word = said(TIMELINESS[standing]) if standing is not None else ""
    line("  ".join([activity.number, *(text for text in known if text), word, _by(activity.due.by, profile)]).rstrip())


def _tell_record(record: Record, judged: Judged, whys: tuple[Why, ...], profile: Profile, as_json: bool) -> None:
    if as_json:
        told = {"lateness": judged.lateness, "store_by": judged.store_by, "explained": _told(whys)}
        doubts = {"ahead": ahead_of(record.facts, record.stored_at)}
        json_line(row_of(record) | told | doubts, "record")
        return
    word = said(LATENESS[judged.lateness]) if judged.lateness is not None else ""
    reasons = [f"{why.by}{t(': ', '：')}{why.why}" for why in whys]
    doubt = said(AHEAD) if ahead_of(record.facts, record.stored_at) else ""
    known = (summary(record, profile), word, doubt, _by(judged.store_by, profile), *reasons)
    line("  ".join(text for text in known if text))


def _told(whys: tuple[Why, ...]) -> list[dict[str, Any]]:
    return [{"at": why.at, "by": why.by, "why": why.why} for why in whys]


def _by(moment: datetime | None, profile: Profile) -> str:
    return t(f"by {local(moment, profile)}", f"时限 {local(moment, profile)}") if moment is not None else ""


@deadline.command(help=t("Say by when a record had to be stored, and why.", "说明记录的入库时限及其依据。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@as_json
@click.pass_obj
def explain(place: Place, number: str, as_json: bool) -> None:
    """Every reason with its article."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        record = queries.get_record(connection, number)
        due = deadline_of(record.facts, vault.profile, record.stored_at)
        judged = timeliness.judged(connection, serial_of(number))
        whys = timeliness.explanations(connection, serial_of(number))
        corrected = timeliness.corrections(connection, serial_of(number))
        if as_json:
            json_line(
                {
                    "record": number,
                    "lateness": judged.lateness,
                    "store_by": judged.store_by,
                    "stored_at": record.stored_at,
                    "reasons": [{"text": reason.text, "article": reason.article} for reason in due.reasons],
                    "explained": _told(whys),
                    "corrected": [msgspec.to_builtins(one, builtin_types=(datetime,)) for one in corrected],
                }
            )
            return
        word = t("no deadline", "无时限")
        if judged.lateness is not None:
            word = said(LATENESS[judged.lateness])
        elif judged.store_by is not None:
            word = said(TIMELINESS[Timeliness.IN_TIME])
        stored = local(record.stored_at, vault.profile)
        line(f"{number}  {word}  {t(f'stored {stored}', f'入库于 {stored}')}")
        for reason in due.reasons:
            article = f"  [{said(cited(reason.article))}]" if reason.article else ""
            line(f"  {said(reason.text)}{article}")
        for one in corrected:
            line(f"  {said(one.told(vault.profile))}")
        if judged.lateness in ("late", "explained") and judged.store_by not in (None, due.by):
            by = local(judged.store_by, vault.profile)
            line(
                t(
                    f"  stays late, by the earliest deadline that was found: {by}",
                    f"  按曾认定的最早时限 {by}，仍属逾期",
                )
            )
        for why in whys:
            line(f"  {local(why.at, vault.profile)}  {why.by}{t(': ', '：')}{why.why}")


@deadline.command(help=t("Say why records came in late.", "说明记录逾期入库的原因。"))
@click.argument("numbers", metavar=t("NUMBER...", "编号..."), nargs=-1, required=True)
@click.option("--why", type=Reason(), required=True, help=t("the reason, for the journal", "事由，记入日志"))
@click.pass_obj
def justify(place: Place, numbers: tuple[str, ...], why: str) -> None:
    """They stay late, and are counted so."""
    with place.open() as vault:
        explain_late(vault, numbers, why)
    line(t(f"Explained: {len(numbers)}.", f"已说明：{len(numbers)} 条。"))


@deadline.command(
    help=t(
        "Announce an activity whose recordings are still to come; with --number, say more of one.",
        "登记已结束、音像记录待入库的执法活动；加 --number 可补充已登记的活动。",
    )
)
@click.option("--number", default="", help=t("of an activity announced before", "已登记活动的编号"))
@fact_options
@as_json
@click.pass_obj
def expect(place: Place, /, number: str, as_json: bool, **facts: Any) -> None:
    """It is closed when a record of it comes in."""
    with place.open() as vault:
        given = facts_from(facts, vault.profile, vault.now())
        if number:
            announcing.amend(vault, number, given)
        else:
            number = announcing.announce(vault, given)
        with vault.database.reading() as connection:
            told = announced.facts_of_activity(connection, number)
        assert told is not None
        activity = Activity(number, told, deadline_of(told, vault.profile))
        _tell_activity(activity, activity.due.standing(vault.now()), vault.profile, as_json)


@deadline.command(help=t("Expect nothing more of an announced activity.", "注销待入库活动。"))
@click.argument("number", metavar=t("ACTIVITY", "活动编号"))
@click.option("--why", type=Reason(), required=True, help=t("the reason, for the journal", "事由，记入日志"))
@click.pass_obj
def close(place: Place, number: str, why: str) -> None:
    """It did not take place, say, or its record says no time."""
    with place.open() as vault:
        announcing.close(vault, number, why)
    line(t(f"{number} is closed.", f"{number} 已注销。"))
