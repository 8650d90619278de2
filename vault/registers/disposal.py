"""The register of destruction (销毁清册), from what a disposal tells of itself.

It lists what goes, as it was listed, under the digest of the list that is approved, and is signed before the
destruction.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from vault.catalogue import disposals
from vault.catalogue.disposals import Standing
from vault.disposal.register import RegisterRow, register_rows
from vault.disposal.rules import Disposal, State
from vault.registers.model import NONE, SERIAL, Column, Form, Kind, Register, Scope, grouped
from vault.registers.outcomes import outcome_of, part_of
from vault.registers.period import day_text
from vault.registers.signed import article_of, list_line, signed_on, supervisor, supervisor_lines
from vault.terms import local_day
from vault.text import Text, counted

REGISTER = Form(
    kind="disposal",
    title=Text(en="Register of Destruction", zh="执法音像记录销毁清册"),
    columns=(
        SERIAL,
        Column("record", Text(en="Record", zh="记录编号"), 24),
        Column("case_number", Text(en="Case number", zh="案号"), 26),
        Column("title", Text(en="Title", zh="题名"), 27, spoken=True),
        Column("section", Text(en="Section", zh="科室"), 18),
        Column("recorded_on", Text(en="Recorded on", zh="形成日期"), 19, Kind.DATE),
        Column("stored_on", Text(en="Stored on", zh="入库日期"), 19, Kind.DATE),
        Column("class", Text(en="Class", zh="保管期限"), 28, spoken=True),
        Column("files", Text(en="Files", zh="文件数"), 10, Kind.NUMBER, summed=True),
        Column("bytes", Text(en="Size", zh="大小"), 22, Kind.BYTES, summed=True),
        Column("why", Text(en="Reason", zh="销毁原因"), 27),
        Column("appraised_by", Text(en="Appraised by", zh="鉴定人"), 16),
        Column("outcome", Text(en="Outcome", zh="处置结果"), 24, spoken=True),
    ),
    signatures=(
        Text(en="Appraised by", zh="鉴定人"),
        Text(en="Approved by", zh="批准人"),
    ),
    notes=(
        Text(
            en="Before the destruction there is no outcome. A record that was spared is kept.",
            zh="注：销毁前“处置结果”为空；免予销毁的记录继续保存。",
        ),
    ),
)


def register_of(connection: Connection, scope: Scope) -> Register:
    """The register of the disposal that the scope names; its rows are read while they are drawn."""
    profile = disposals.profile_of(connection, scope.disposal)
    rows = register_rows(connection, scope.disposal, profile)
    return destruction_register(scope, article_of(profile), disposals.standing(connection, scope.disposal), rows)


def destruction_register(
    scope: Scope, article: Text | None, standing: Standing, rows: Iterable[RegisterRow]
) -> Register:
    """The register of a list of records, under the list's digest, with who has agreed so far."""
    disposal = standing.disposal
    entries = (
        (
            part_of(row),
            (
                *(
                    row.record,
                    "、".join(case.number for case in row.cases) or None,
                    row.title or None,
                    row.section or None,
                    row.recorded_on,
                ),
                *(row.stored_on, row.kept),
                *(row.files, row.bytes, row.why, row.appraiser.called, outcome_of(row)),
            ),
        )
        for row in rows
    )
    preface = (list_line(disposal), *_agreed(scope, standing))
    form, none = replace(REGISTER, signatures=_lines(disposal)), NONE
    if disposal.state is State.KEPT:
        none = _all_kept(standing)
    return Register(form, scope, article, grouped(REGISTER, entries), preface, none)


def _all_kept(standing: Standing) -> Text:
    """In the place of rows: the register is of what is to be destroyed, the appraisal of every record."""
    count = sum(amount.records for amount in standing.amounts.values())
    return Text(
        en=f"All kept, nothing to be destroyed: {counted(count, 'record')} appraised, each in the appraisal.",
        zh=f"全部保留，无销毁：经鉴定的 {count:,} 条记录均续存或长期保存，逐条见鉴定意见表。",
    )


def _lines(disposal: Disposal) -> tuple[Text, ...]:
    """A line to sign for the appraiser, each who approves, and each supervisor."""
    appraiser, approver = REGISTER.signatures
    needs = disposal.approval.needs if disposal.approval is not None else ()
    approvers = [Text(en=role.label.en.capitalize(), zh=role.label.zh) for role in needs]
    supervisors = supervisor_lines(disposal.takes, disposal.supervisors)
    return (appraiser, *(approvers if len(approvers) > 1 else [approver]), *supervisors)


def _agreed(scope: Scope, standing: Standing) -> Iterator[Text]:
    """Who had which part in it so far, each as what they were then; at the end, if none of that holds any more, why."""
    approval, lapsed = standing.disposal.approval, standing.disposal.lapse(scope.drawn_at)
    signatures = standing.disposal.supervisors
    opened = signed_on(standing.opened, scope, "提出")
    parts = [Text(en=f"proposed by {opened.en}", zh=f"提出人：{opened.zh}")]
    if approval is not None and approval.asked is not None:
        asked = signed_on(approval.asked, scope, "报批")
        parts.append(Text(en=f"laid before the approvers by {asked.en}", zh=f"报批人：{asked.zh}"))
    if approval is not None and approval.consents:
        given = [signed_on(one.signature, scope, "批准") for one in approval.consents]
        who = Text(en=", ".join(one.en for one in given), zh="、".join(one.zh for one in given))
        parts.append(Text(en=f"approved by {who.en}", zh=f"批准人：{who.zh}"))
    en = "; ".join(one.en for one in parts)
    yield Text(en=f"{en[0].upper()}{en[1:]}.", zh=f"{'；'.join(one.zh for one in parts)}。")
    if standing.stopped is not None:
        stopped = signed_on(standing.stopped, scope, "中止")
        yield Text(
            en=f"Stopped by {stopped.en}: {standing.why}. Nothing is destroyed.",
            zh=f"中止人：{stopped.zh}；理由：{standing.why}。清册所列记录均未销毁。",
        )
    elif standing.disposal.state is State.KEPT:
        yield Text(
            en="Every record was extended or kept: nothing is to be destroyed.",
            zh="所列记录均续存或长期保存，无拟销毁记录。",
        )
    elif approval is None:
        yield Text(en="Not submitted yet.", zh="尚未报批。")
    elif approval.waits_for is not None and lapsed is None:
        waits_for = approval.waits_for.label
        yield Text(en=f"Waits for the approval of: {waits_for.en}.", zh=f"待审批：{waits_for.zh}。")
    if signatures:
        signed = [supervisor(one, scope) for one in signatures]
        yield Text(
            en=f"Supervisors of destruction: {', '.join(s.en for s in signed)}.",
            zh=f"监销人：{'、'.join(s.zh for s in signed)}。",
        )
    if lapsed is not None:
        ended = day_text(local_day(lapsed.since, scope.zone)) if lapsed.since is not None else None
        on = Text(en=f" (on {ended.en})", zh=f"（{ended.zh}到期）") if ended is not None else Text(en="", zh="")
        yield Text(
            en=f"None of this holds any more: {lapsed.why.en}{on.en}. The list has to be submitted anew.",
            zh=f"以上审批和监销签字均已失效：{lapsed.why.zh}{on.zh}，须重新报批。",
        )
