"""`strongroom disposal`: the lawful end of records, step by step, each by somebody else."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from ops.cli import disposal_papers, disposal_sparing
from ops.cli.common import Day, Place, acting, as_json, local
from ops.cli.disposal_wanted import show_wanted, tell_before_run
from ops.cli.settling import settle
from ops.cli.speaking import Reason
from ops.config import read_config
from ops.language import said, t
from ops.output import complain, json_line, line, note, progress
from vault import acts
from vault.approvals import Approval
from vault.catalogue import disposals
from vault.catalogue.disctasks import disc_tasks
from vault.catalogue.disposals import Standing
from vault.disposal import agreeing, appraisal, destruction, discs
from vault.disposal.frozen import would_stay
from vault.disposal.lapse import Lapse
from vault.disposal.register import certificate, list_rows
from vault.disposal.rules import OPEN, Signed, State
from vault.disposal.sheet import read_appraisals
from vault.errors import BadInput
from vault.profile import Profile
from vault.registers.appraisal import DECISIONS
from vault.registers.outcomes import outcome_of
from vault.store import Vault
from vault.terms import RetentionClass
from vault.text import Text, counted

_number = click.argument("number", metavar=t("DISPOSAL", "处置编号"), type=Reason())
_digest = click.option(
    "--digest",
    required=True,
    type=Reason(),
    help=t("of the list, as `show` gives it; 8 digits do", "清册的摘要，前 8 位即可"),
)
_why = click.option("--why", type=Reason(), required=True, help=t("the reason, for the journal", "理由，记入日志"))


def _tell_one(vault: Vault, number: str, as_json: bool, more: dict[str, Any] | None = None) -> None:
    with vault.database.reading() as connection:
        _tell(disposals.standing(connection, number), vault, as_json, more)


_acting = acting(_number, _tell_one)


@click.group(help=t("The lawful end of records, agreed by people.", "依规处置：鉴定、审批、监销、销毁、核验。"))
def disposal() -> None:
    """Disposal."""


disposal.add_command(disposal_papers.appraisal)
disposal.add_command(disposal_papers.register)
disposal.add_command(disposal_papers.certificate)


@disposal.command("list", help=t("Disposals that are open.", "列出未办结的处置。"))
@click.option("--all", "everything", is_flag=True, help=t("closed and stopped ones too", "包括已办结和已中止的"))
@as_json
@click.pass_obj
def list_(place: Place, everything: bool, as_json: bool) -> None:
    """Newest first."""
    with place.open() as vault, vault.database.reading() as connection:
        for number in disposals.numbers(connection, everything=everything):
            _tell(disposals.standing(connection, number), vault, as_json)


@disposal.command(help=t("Appraise records: begin a list, or change one.", "鉴定记录：新建清册或修改清册。"))
@click.argument("records", metavar=t("[RECORD]...", "[记录编号]..."), nargs=-1)
@click.option("--list", "number", default="", help=t("of that disposal [default: a new one]", "处置编号 [默认：新建]"))
@click.option("--all-due", is_flag=True, help=t("all that are due and on no list", "全部到期且未列入清册的记录"))
@click.option("--except", "leave_out", multiple=True, help=t("but for this one; repeat it", "除外的记录，可重复"))
@click.option(
    "--sheet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=t(
        "decisions as CSV or XLSX: record, decision, until, why; or an appraisal that was drawn, put right",
        "鉴定意见（CSV 或 XLSX）：记录编号、鉴定意见、续存至、理由；也可用已生成的鉴定意见表改填",
    ),
)
@click.option("--extend", "until", type=Day(), help=t("keep them longer, until that day", "续存至该日"))
@click.option("--keep", is_flag=True, help=t("keep them permanently", "转为长期保存"))
@_why
@as_json
@click.pass_obj
def review(
    place: Place,
    records: tuple[str, ...],
    number: str,
    all_due: bool,
    leave_out: tuple[str, ...],
    sheet: Path | None,
    until: date | None,
    keep: bool,
    why: str,
    as_json: bool,
) -> None:
    """Without --extend or --keep they are to be destroyed. Nothing is, before others have agreed."""
    if keep and until is not None:
        raise click.UsageError(t("either --extend or --keep", "--extend 与 --keep 只能选一"))
    if leave_out and not all_due:
        raise click.UsageError(t("--except goes with --all-due", "--except 须与 --all-due 同用"))
    fate: acts.Fate = "keep" if keep else "extend" if until is not None else "dispose"
    with place.open() as vault:
        chosen = [*records, *(appraisal.all_due(vault, {*leave_out, *records}) if all_due else ())]
        said_of = [acts.Appraisal(record=record, fate=fate, why=why, until=until) for record in chosen]
        said_of += read_appraisals(sheet, why) if sheet is not None else []
        if not said_of:
            raise BadInput(
                Text(en="There is nothing to appraise.", zh="没有可鉴定的记录。"),
                hint=Text(en="What is due: strongroom retention due", zh="到期记录：strongroom retention due"),
            )
        appraisal.require_appraisable(vault, said_of, number)
        number = number or appraisal.open_list(vault, why)
        entered = appraisal.appraise(vault, number, said_of)
        settle(vault, quiet=as_json)
        if entered < len(said_of) and not as_json:
            note(_as_it_was(len(said_of) - entered))
        _tell_one(vault, number, as_json)


def _as_it_was(count: int) -> str:
    return t(
        f"{counted(count, 'decision')} stood there already: nothing was entered for that.",
        f"{count} 条与清册现有意见一致，未重复录入。",
    )


@disposal.command(help=t("Lay a list before whoever approves it.", "将清册报批。"))
@_acting
def submit(vault: Vault, number: str) -> str:
    """From then on a change makes it a draft again."""
    appraisal.submit(vault, number)
    disposal_sparing.tell_would_stay(vault, number)
    return number


@disposal.command(help=t("Approve the list of that digest, in one's turn.", "依次审批该摘要所指的清册。"))
@_digest
@_acting
def approve(vault: Vault, number: str, digest: str) -> str:
    """Not by who appraised it. It ends after a while, and with any change of the list."""
    agreeing.approve(vault, number, digest)
    disposal_sparing.tell_would_stay(vault, number)
    return number


@disposal.command(help=t("Sign as supervisor of destruction.", "监销人签字。"))
@_digest
@_acting
def supervise(vault: Vault, number: str, digest: str) -> str:
    """Two must, neither of whom appraised or approved it. Then a grace period runs."""
    grace = timedelta(days=read_config(vault.setting.home).disposal.grace_days)
    agreeing.supervise(vault, number, digest, grace)
    disposal_sparing.tell_would_stay(vault, number)
    return number


@disposal.command(help=t("Stop it: nothing of the list is destroyed.", "中止处置：清册中的记录均不销毁。"))
@_why
@_acting
def stop(vault: Vault, number: str, why: str) -> str:
    """Until destruction begins."""
    agreeing.stop(vault, number, why)
    return number


@disposal.command(help=t("Destroy what was agreed, and prove it.", "执行销毁并核验；可从中断处继续。"))
@_number
@as_json
@click.pass_obj
def run(place: Place, number: str, as_json: bool) -> int:
    """0: closed, or only discs, images or locks are left; 5: it waits for a store; 4: a rule keeps something."""
    with place.open() as vault:
        open_viewings = tell_before_run(vault, number, as_json)
        with progress(None, as_json, t(" copies", " 个副本")) as tick:
            ran = destruction.run(vault, number, tick)
        told = _ran(ran, disposal_sparing.sees_reasons(vault)) | {"open_viewings": open_viewings}
        _tell_one(vault, number, as_json, told)
        if not as_json:
            disposal_sparing.tell_spared(vault, number, ran.spared)
    if not as_json:
        for record, lock in ran.locked.items():
            note(t(f"{record} waits: {lock.en}.", f"{record} 暂缓：{lock.zh}。"))
        for stays in ran.images.values():
            note(t(f"Not erased: {stays.en}.", f"未删除：{stays.zh}。"))
        if ran.images:
            note(t("Delete them, and the labels that lie with them.", "请删除上述映像及一同存放的标签文件。"))
        for refused in ran.kept.values():
            complain(refused)
        for trouble in ran.waiting.values():
            complain(trouble)
    return 5 if ran.waiting else 4 if ran.kept else 0


def _ran(ran: destruction.Ran, sees_reasons: bool) -> dict[str, Any]:
    return {
        "begun": ran.begun,
        "copies": ran.copies,
        "spared": ran.spared if sees_reasons else dict.fromkeys(ran.spared),
        "images": ran.images,
        "locked": ran.locked,
        "waiting": {name: error.what for name, error in ran.waiting.items()},
        "kept": {digest.hex: error.what for digest, error in ran.kept.items()},
    }


@disposal.command("confirm-disc", help=t("Say that you saw a disc or an image destroyed.", "确认光盘或映像已销毁。"))
@click.option("--how", type=Reason(), required=True, help=t("how it was destroyed", "销毁方式"))
@_acting
@click.argument("disc", metavar=t("DISC|IMAGE", "光盘|映像编号"))
def confirm_disc(vault: Vault, number: str, disc: str, how: str) -> str:
    """It takes two people, who say the same of how; one of them is a supervisor of destruction."""
    discs.confirm(vault, number, disc, how)
    return number


@disposal.command(help=t("The list, who agreed to it, what is left to do.", "显示清册、审批与监销情况及待办事项。"))
@_number
@as_json
@click.pass_obj
def show(place: Place, number: str, as_json: bool) -> None:
    """Every line of the list with what was decided, and then the whole."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        for row in list_rows(connection, number, disposals.profile_of(connection, number)):
            if as_json:
                json_line(_plain(row), "record")
                continue
            decision = said(DECISIONS[row.fate]) + (f" {row.until}" if row.until is not None else "")
            outcome = outcome_of(row)
            words = (
                row.record,
                said(row.title) if isinstance(row.title, Text) else row.title,
                str(row.recorded_on or row.stored_on),
                decision,
                _quantity(row.files, row.bytes),
                said(row.kept) if row.kept is not None and row.retention_class is RetentionClass.CASE_LIFETIME else "",
                row.why,
            )
            line("  ".join([f"{row.place}", *filter(None, (*words, said(outcome) if outcome is not None else ""))]))
        for record, reason in would_stay(connection, number, vault.profile, vault.now()):
            if as_json:
                json_line({"record": record, "why": reason}, "would-stay")
            else:
                note(t(f"{record} would stay as things are: {reason.en}", f"{record} 按目前情况不予销毁：{reason.zh}"))
        show_wanted(vault, connection, number, as_json)
        _tell(disposals.standing(connection, number), vault, as_json)
        if as_json:
            json_line({"certificate": _plain(certificate(connection, number))}, "certificate")
            return
        for task in disc_tasks(connection, number):
            for stays in discs.what_stays(connection, task.disc) if task.open else ():
                note("\n  ".join(said(text) for text in (stays.text, stays.hint) if text is not None))


def _quantity(files: int, count: int) -> str:
    return t(f"{counted(files, 'file')}, {counted(count, 'byte')}", f"{files} 个文件，{count:,} 字节")


def _plain(value: object) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain


def _tell(standing: Standing, vault: Vault, as_json: bool, more: dict[str, Any] | None = None) -> None:
    one = standing.disposal
    now = vault.setting.clock()
    state, lapsed = one.at(now), one.lapse(now)
    count = sum(amount.records for (fate, _), amount in standing.amounts.items() if fate == "dispose")
    if as_json:
        json_line(_row(standing, state, lapsed, count) | (more or {}), "disposal")
        return
    stands = state.label if lapsed is None else lapsed.label
    records = t(counted(count, "record"), f"{count} 条记录")
    line(f"{one.number}  {said(stands)}  {records}  {one.sha256[:16]}")
    for words in _details(standing, state, lapsed, vault.profile):
        line(f"  {words}")


def _details(standing: Standing, state: State, lapsed: Lapse | None, profile: Profile) -> Sequence[str]:
    one = standing.disposal
    lines: list[str] = []
    if one.approval is not None:
        lines.append(_approval(one.approval, lapsed, one.state in OPEN, profile))
    if one.signatures:
        names = t(", ", "、").join(_signed(signed, lapsed, one.state) for signed in one.signatures)
        lines.append(t(f"supervised by {names}", f"监销：{names}"))
    if one.overtaken is not None and one.state in OPEN:
        lines.append(said(one.overtaken))
    if lapsed is not None:
        again = f"strongroom disposal submit {one.number}"
        lines.append(t(f"lay it before the approvers anew: {again}", f"请重新报批：{again}"))
    if state is State.KEPT:
        lines.append(
            t(
                "every record of it is extended or kept: nobody has to agree, and nothing is left to do",
                "清册中的记录均续存或长期保存：无需报批，已无待办事项",
            )
        )
    if state is State.SUPERVISED and one.runs_from is not None:
        begins = local(one.runs_from, profile)
        lines.append(
            t(
                f"is not run before {begins}, and can be stopped until it is run",
                f"{begins} 之前不得执行销毁；执行之前均可中止",
            )
        )
    if spared := standing.count("spared"):
        lines.append(t(f"{spared} of them spared", f"其中 {spared} 条免予销毁"))
    for name, left in standing.outstanding.items():
        lines.append(t(f"{name}: {counted(left, 'object')} to be destroyed", f"{name}：待销毁 {left} 个对象"))
    for disc in standing.discs:
        if disc.open:
            seen = len(disc.seen)
            lines.append(
                t(
                    f"{disc.called.en}: seen destroyed by {seen} of 2",
                    f"{disc.called.zh}：已有 {seen}/2 人确认销毁",
                )
            )
    if standing.proven_at is not None:
        at = local(standing.proven_at, profile)
        lines.append(t(f"proven on every store: {at}", f"已在全部存储上核验：{at}"))
    return lines


def _signed(signed: Signed, lapsed: Lapse | None, state: State) -> str:
    if lapsed is not None:
        return t(f"{signed.called} (lapsed)", f"{signed.called}（已失效）")
    if signed.replaced is not None:
        heir = signed.replaced.called
        return t(f"{signed.called} (replaced by {heir})", f"{signed.called}（后由 {heir} 接替）")
    if signed.stands:
        return signed.called
    gone = Text(en="no supervisor any more: does not count", zh="已不具备监销资格，签字无效")
    if state is State.DESTROYING:
        gone = Text(en="no supervisor any more: to be replaced", zh="已不具备监销资格，须由他人接替")
    return t(f"{signed.called} ({gone.en})", f"{signed.called}（{gone.zh}）")


def _approval(approval: Approval, lapsed: Lapse | None, open_: bool, profile: Profile) -> str:
    until, waits_for = local(approval.until, profile), approval.waits_for
    agreed = t(", ", "、").join(consent.signature.called for consent in approval.consents)
    words = [t(f"approved by {agreed}", f"审批：{agreed}")] if agreed else []
    if waits_for is not None:
        words.append(t(f"waits for {waits_for.label.en}", f"待{waits_for.label.zh}审批"))
    if lapsed is not None and lapsed.since is not None:
        return t(f"{', '.join(words)}; lapsed since {until}", f"{'，'.join(words)}，已于 {until} 失效")
    if lapsed is not None:
        return t(f"{', '.join(words)}; lapsed", f"{'，'.join(words)}，已失效")
    if approval.used_at is not None or not open_:
        return t(", ", "，").join(words)
    return t(f"{', '.join(words)}; until {until}", f"{'，'.join(words)}，有效至 {until}")


def _row(standing: Standing, state: State, lapsed: Lapse | None, count: int) -> dict[str, Any]:
    one = standing.disposal
    return {
        "disposal": one.number,
        "state": state.value,
        "records": count,
        "digest": one.sha256,
        "request": one.approval.number if one.approval is not None else None,
        "approved_by": [consent.by for consent in one.approval.consents] if one.approval is not None else [],
        "waits_for": one.approval.waits_for if one.approval is not None else None,
        "approved_until": one.approval.until if one.approval is not None else None,
        "lapsed": lapsed.bar.value if lapsed is not None else None,
        "lapsed_at": lapsed.since if lapsed is not None else None,
        "profile": one.under.edition if one.under is not None else None,
        "supervisors": [signed.by for signed in one.supervisors],
        "runs_from": one.runs_from,
        "destroyed": standing.count("destroyed"),
        "spared": standing.count("spared"),
        "outstanding": standing.outstanding,
        "discs": {disc.disc: [one.by for one in disc.seen] for disc in standing.discs},
        "open_discs": {disc.disc: disc.where for disc in standing.discs if disc.open},
        "proven_at": standing.proven_at,
    }
