"""`strongroom retention`: what is up for review and when, and why that day. Nothing is destroyed here."""

from datetime import date
from typing import Any

import click

from ops.cli.common import Day, Place, as_json
from ops.cli.find import row_of, summary
from ops.cli.speaking import Reason
from ops.language import said, t
from ops.output import json_line, line, note
from ops.words import STATES
from vault.catalogue import holdings, queries
from vault.profile import TermKind, cited
from vault.rebuild import release_expiry
from vault.retention import Decision


@click.group(help=t("What expires, and why that date.", "到期与依据。"))
def retention() -> None:
    """Retention."""


@retention.command(help=t("List records up for review.", "列出到期待审查的记录。"))
@click.option("--on", "day", type=Day(), help=t("as of that day [default: today]", "截至该日 [默认：今天]"))
@as_json
@click.pass_obj
def due(place: Place, day: date | None, as_json: bool) -> None:
    """Those due longest come first."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        now = vault.now()
        asked = day if day is not None else now.astimezone(vault.profile.zone).date()
        paused = holdings.pause(connection)
        if paused is not None and as_json:
            json_line({"paused": paused})
        elif paused is not None:
            note(f"{said(paused)}\n  strongroom retention release --why …")
        count = 0
        for record, decision in queries.due(connection, vault.profile, asked, now):
            count += 1
            if as_json:
                json_line(row_of(record) | _decided(decision))
                continue
            word = (
                t("to be reviewed", "应当审查") if decision.kind is TermKind.FIXED else t("may be reviewed", "可以审查")
            )
            line(f"{summary(record, vault.profile)}  {word}{t(': ', '：')}{decision.expires_on}")
        if not as_json and not count and paused is None:
            note(t(f"Nothing is due on {asked}.", f"截至 {asked} 没有到期记录。"))


@retention.command(help=t("Say why a record is kept until when.", "说明记录保存至何时及其依据。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@as_json
@click.pass_obj
def explain(place: Place, number: str, as_json: bool) -> None:
    """Every reason with its article."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        decision = queries.explain(connection, number, vault.profile, vault.now())
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
