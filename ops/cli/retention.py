"""`strongroom retention`: what is up for review and when, and why that day. Nothing is destroyed here."""

from datetime import date
from itertools import islice
from typing import Any

import click

from ops.cli.common import Day, Place, as_json
from ops.cli.find import row_of, summary
from ops.cli.speaking import Reason
from ops.language import said, t
from ops.output import json_line, line, note
from ops.words import STATES
from vault.catalogue import due as catalogue_due
from vault.catalogue import queries, tally
from vault.clock import Verdict
from vault.profile import Profile, TermKind, cited
from vault.records import Record
from vault.releasing import how_to_go_on, release_expiry
from vault.retention import AFTER_REBUILD, Decision
from vault.text import Text, counted
from vault.timekeeping import expiry_pause, trusted_time


@click.group(help=t("What expires, and why that date.", "到期与依据。"))
def retention() -> None:
    """Retention."""


on = click.option("--on", "day", type=Day(), help=t("as of that day [default: today]", "截至该日 [默认：今天]"))


@retention.command(help=t("List records up for review.", "列出到期待审查的记录。"))
@on
@click.option("--after", "start", help=t("from where the page before ended", "接上一页，按其末行所示填写"))
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    metavar=t("NUMBER", "条数"),
    help=t("how many at most", "最多列出的条数"),
)
@as_json
@click.pass_obj
def due(place: Place, day: date | None, start: str | None, limit: int, as_json: bool) -> int:
    """Those due longest come first. 1: the clocks do not agree, and nothing is due until they do."""
    begin = catalogue_due.read_after(start) if start else None
    with place.open_to_read() as vault:
        verdict = trusted_time(vault)
        with vault.database.reading() as connection:
            paused = expiry_pause(connection, verdict)
            if paused is not None:
                return _paused(paused, verdict, as_json)
            asked = _asked(day, verdict, vault.profile)
            found = catalogue_due.due(connection, vault.profile, asked, verdict, begin)
            shown, last = 0, ""
            for record, decision in islice(found, limit):
                shown, last = shown + 1, catalogue_due.after(record, decision)
                _tell(record, decision, vault.profile, as_json)
            further = last if next(found, None) is not None else ""
            everything = sum(one.due for one in tally.counts(connection, asked))
    if as_json:
        json_line({"on": asked, "due": everything, "shown": shown, "next": further or None}, "sum")
        return 0
    _sum_up(asked, everything, shown)
    if further:
        command = f"strongroom retention due --on {asked} --limit {limit} --after {further}"
        note(t(f"  The next page: {command}", f"  下一页：{command}"))
    return 0


def _asked(day: date | None, verdict: Verdict, profile: Profile) -> date:
    return day if day is not None else verdict.now.astimezone(profile.zone).date()


def _paused(paused: Text, verdict: Verdict, as_json: bool) -> int:
    """Say that nothing expires for now, and why. 1 where it is the clock's fault."""
    if as_json:
        json_line({"paused": paused}, "sum")
    else:
        note(f"{said(paused)}\n  {said(how_to_go_on(paused))}")
    return int(paused is not AFTER_REBUILD)


def _tell(record: Record, decision: Decision, profile: Profile, as_json: bool) -> None:
    if as_json:
        json_line(row_of(record) | _decided(decision), "record")
        return
    word = t("to be reviewed", "应当审查") if decision.kind is TermKind.FIXED else t("may be reviewed", "可以审查")
    line(f"{summary(record, profile)}  {word}{t(': ', '：')}{decision.expires_on}")


def _sum_up(day: date, everything: int, shown: int) -> None:
    if not everything:
        note(t(f"Nothing is due on {day}.", f"截至 {day} 没有到期记录。"))
        return
    note(
        t(
            f"{everything:,} up for review on {day}; shown here: {shown:,}.",
            f"截至 {day} 到期待审查共 {everything:,} 条，本页 {shown:,} 条。",
        )
    )


@retention.command(help=t("Count records by class and state.", "按保存期限和状态统计记录。"))
@on
@as_json
@click.pass_obj
def count(place: Place, day: date | None, as_json: bool) -> int:
    """1: the clocks do not agree, and what is due cannot be said."""
    with place.open_to_read() as vault:
        verdict = trusted_time(vault)
        asked = _asked(day, verdict, vault.profile)
        with vault.database.reading() as connection:
            paused = expiry_pause(connection, verdict)
            counts = tally.counts(connection, asked)
    for one in counts:
        due_ = one.due if paused is None else None
        if as_json:
            retention_class = one.retention_class.value if one.retention_class else None
            row = {"class": retention_class, "state": one.state.value, "records": one.records, "due": due_}
            json_line(row, "count")
            continue
        label = said(one.retention_class.label) if one.retention_class else t("no class yet", "未定期限")
        where = dict.fromkeys((label, said(STATES[one.state])))  # permanent is the name of a class and of a state
        words = f"{one.records:>10,}  {t(', ', '，').join(where)}"
        line(words + (t(f"; up for review: {due_:,}", f"；到期待审查 {due_:,}") if due_ else ""))
    total = sum(one.records for one in counts)
    if paused is not None:
        if as_json:
            json_line({"records": total, "paused": paused}, "sum")
            return int(paused is not AFTER_REBUILD)
        note(t(f"{counted(total, 'record')}.", f"共 {total:,} 条记录。"))
        return _paused(paused, verdict, as_json)
    everything = sum(one.due for one in counts)
    if as_json:
        json_line({"records": total, "on": asked, "due": everything}, "sum")
    else:
        note(
            t(
                f"{counted(total, 'record')}, {everything:,} up for review on {asked}.",
                f"共 {total:,} 条记录，截至 {asked} 到期待审查 {everything:,} 条。",
            )
        )
    return 0


@retention.command(help=t("Say why a record is kept until when.", "说明记录保存至何时及其依据。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@as_json
@click.pass_obj
def explain(place: Place, number: str, as_json: bool) -> None:
    """Every reason with its article."""
    with place.open_to_read() as vault:
        verdict = trusted_time(vault)
        with vault.database.reading() as connection:
            paused = expiry_pause(connection, verdict)
            decision = queries.explain(connection, number, vault.profile, verdict.now, paused)
        if as_json:
            json_line(_decided(decision))
            return
        until = str(decision.expires_on) if decision.expires_on else t("no date", "无到期日")
        line(f"{number}  {said(STATES[decision.state])}  {until}")
        for reason in decision.reasons:
            article = f"  [{said(cited(reason.article))}]" if reason.article else ""
            line(f"  {said(reason.text)}{article}")


def _decided(decision: Decision) -> dict[str, Any]:
    return {
        "state": decision.state.value,
        "class": decision.retention_class.value if decision.retention_class else None,
        "kind": decision.kind.value if decision.kind else None,
        "last_day": decision.last_day,
        "expires_on": decision.expires_on,
        "reasons": [{"text": reason.text, "article": reason.article} for reason in decision.reasons],
    }


@retention.command(help=t("Let expiry go on after a rebuild.", "目录库重建后恢复到期计算。"))
@click.option("--why", type=Reason(), required=True, help=t("what was checked", "核对情况"))
@click.pass_obj
def release(place: Place, why: str) -> None:
    """A manager has looked at the rebuilt catalogue."""
    with place.open() as vault:
        release_expiry(vault, why)
    line(t("Expiry goes on.", "已恢复到期计算。"))
