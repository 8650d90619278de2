"""`strongroom viewing`: consent to see content, asked for and given by the people themselves."""

from datetime import datetime

import click

from ops.cli.choosing import word_option
from ops.cli.common import Place, as_json, local
from ops.cli.speaking import Reason
from ops.language import said, t
from ops.output import json_line, line, note
from ops.words import STAGES
from vault.approvals import Approval, Stage
from vault.authority import Action
from vault.catalogue import approvals
from vault.profile import Profile
from vault.viewing import LABELS, Purpose, approve_viewing, decline_viewing, request_viewing


@click.group(help=t("Consent to see content.", "查阅的申请与审批。"))
def viewing() -> None:
    """Viewing."""


@viewing.command("request", help=t("Ask for consent to see what records hold.", "申请查阅记录内容。"))
@click.argument("numbers", metavar=t("NUMBER...", "编号..."), nargs=-1, required=True)
@click.option("--why", type=Reason(), required=True, help=t("the reason, for the register", "查阅事由，记入登记"))
@word_option(
    "--for",
    "purpose",
    words=LABELS,
    metavar=t("PURPOSE", "用途"),
    default=Purpose.VIEW,
    help=t("what for", "用途"),
)
@as_json
@click.pass_obj
def request_(place: Place, numbers: tuple[str, ...], why: str, purpose: Purpose, as_json: bool) -> None:
    """The profile says who agrees, in which order."""
    with place.open() as vault:
        number = request_viewing(vault, numbers, purpose, why)
        approvers = vault.profile.approvers
    if as_json:
        json_line({"request": number, "needs": [approver.role for approver in approvers]})
        return
    line(number)
    first = t(", then ", "，再由").join(said(approver.text) for approver in approvers)
    note(t(f"Waits for: {first}", f"待审批：{first}"))


@viewing.command(help=t("Agree to a viewing that somebody asked for.", "同意他人的查阅申请。"))
@click.argument("request", metavar=t("REQUEST", "申请编号"))
@as_json
@click.pass_obj
def approve(place: Place, request: str, as_json: bool) -> None:
    """In one's own role and turn."""
    with place.open() as vault:
        asked = approve_viewing(vault, request)
        _tell(asked, vault.profile, vault.now(), as_json)


@viewing.command(help=t("Do not agree to a viewing: nobody can any more.", "不同意他人的查阅申请，该申请随即失效。"))
@click.argument("request", metavar=t("REQUEST", "申请编号"))
@click.option("--why", type=Reason(), required=True, help=t("the reason, for the register", "不同意的理由，记入登记"))
@as_json
@click.pass_obj
def decline(place: Place, request: str, why: str, as_json: bool) -> None:
    """In one's own role and turn, too."""
    with place.open() as vault:
        asked = decline_viewing(vault, request, why)
        _tell(asked, vault.profile, vault.now(), as_json)


@viewing.command("list", help=t("What was asked for, the newest first.", "查阅申请，最新在前。"))
@as_json
@click.pass_obj
def list_(place: Place, as_json: bool) -> None:
    """How far each has come."""
    with place.open_to_read() as vault:
        now, any_ = vault.now(), False
        with vault.database.reading() as connection:
            for asked in approvals.asked_for(connection, Action.VIEWING_APPROVE):
                any_ = True
                _tell(asked, vault.profile, now, as_json)
    if not any_ and not as_json:
        note(t("Nothing was asked for.", "没有查阅申请。"))


def _tell(asked: Approval, profile: Profile, now: datetime, as_json: bool) -> None:
    stage, waits_for = asked.stage(now), asked.waits_for
    if as_json:
        json_line(
            {
                "request": asked.number,
                "stage": stage.value,
                "waits_for": waits_for,
                "asked_by": asked.asked_by,
                "asked_at": asked.asked_at,
                "until": asked.until,
                "for": asked.purpose,
                "records": asked.about,
                "why": asked.why,
                "consents": [{"by": one.by, "role": one.role, "at": one.at} for one in asked.consents],
                "declined": {"by": asked.declined[0], "why": asked.declined[1]} if asked.declined else None,
                "sha256": asked.sha256,
            }
        )
        return
    turn = t(f" ({waits_for.label.en})", f"（{waits_for.label.zh}）") if waits_for and stage is Stage.OPEN else ""
    purpose = said(Purpose(asked.purpose).label)
    about = " ".join(asked.about)
    line(f"{asked.number}  {said(STAGES[stage])}{turn}  {asked.asked_by}  {purpose}  {about}  {asked.why}")
    for one in asked.consents:
        line(f"  {said(one.role.label)}  {one.by}  {local(one.at, profile)}")
    if asked.declined is not None:
        by, why = asked.declined
        line(f"  {said(STAGES[Stage.DECLINED])}  {by}  {why}")
