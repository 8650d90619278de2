"""The register of destruction (销毁清册) and its certificate (销毁证明), from what a disposal tells of itself.

The register lists what goes, under the digest of the list that is approved; it is signed before the destruction. The
certificate says what every store answered when it was asked again afterwards, and who saw the discs destroyed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from vault.approvals import Approval, Consent
from vault.catalogue import disposals, people
from vault.catalogue.disposals import Proof
from vault.disposal.register import OUTCOMES, Certificate, RegisterRow, certificate, register_rows, require_done
from vault.disposal.rules import Disposal, Signed
from vault.profile import Profile
from vault.registers.model import SERIAL, Cell, Column, Form, Kind, Register, Scope, basis, tallied
from vault.registers.period import day_text
from vault.terms import local_day
from vault.text import Text

REGISTER = Form(
    kind="disposal",
    title=Text(en="Register of Destruction", zh="执法音像记录销毁清册"),
    columns=(
        SERIAL,
        Column("record", Text(en="Record", zh="记录编号"), 25),
        Column("case_number", Text(en="Case number", zh="案号"), 26),
        Column("title", Text(en="Title", zh="题名"), 34),
        Column("section", Text(en="Section", zh="科室"), 20),
        Column("recorded_on", Text(en="Recorded on", zh="形成日期"), 19, Kind.DATE),
        Column("stored_on", Text(en="Stored on", zh="入库日期"), 19, Kind.DATE),
        Column("class", Text(en="Class", zh="保管期限"), 15),
        Column("files", Text(en="Files", zh="文件数"), 10, Kind.NUMBER, summed=True),
        Column("bytes", Text(en="Size", zh="大小"), 17, Kind.BYTES, summed=True),
        Column("why", Text(en="Reason", zh="销毁原因"), 32),
        Column("appraised_by", Text(en="Appraised by", zh="鉴定人"), 16),
        Column("outcome", Text(en="Outcome", zh="处置结果"), 27),
    ),
    signatures=(
        Text(en="Appraised by", zh="鉴定人"),
        Text(en="Approved by", zh="批准人"),
        Text(en="Supervised by", zh="监销人"),
        Text(en="Supervised by", zh="监销人"),
    ),
    notes=(
        Text(
            en="Before the destruction there is no outcome. A record that was spared is kept.",
            zh="注：销毁前“处置结果”为空；免予销毁的记录继续保存。",
        ),
    ),
)

CERTIFICATE = Form(
    kind="certificate",
    title=Text(en="Certificate of Destruction", zh="执法音像记录销毁证明"),
    columns=(
        SERIAL,
        Column("place", Text(en="Store or disc", zh="存储或光盘"), 38),
        Column("objects", Text(en="Objects", zh="销毁对象数"), 22, Kind.NUMBER),
        Column("returned", Text(en="Came in anew", zh="重新入库"), 22, Kind.NUMBER),
        Column("absent", Text(en="Certainly absent", zh="确认不存在"), 23, Kind.NUMBER),
        Column("found", Text(en="Found", zh="核验结果"), 39),
        Column("at", Text(en="When", zh="核验时间"), 29, Kind.MOMENT),
    ),
    signatures=(
        Text(en="Carried out by", zh="销毁执行人"),
        Text(en="Supervised by", zh="监销人"),
        Text(en="Supervised by", zh="监销人"),
    ),
    notes=(
        Text(
            en="Came in anew: content that is part of a later record too, and stays. Stores were asked for all else.",
            zh="注：“重新入库”指相同内容已随新记录入库并由新记录保存，其余对象均已逐一向各存储复查。",
        ),
    ),
    upright=True,
)


def register_of(connection: Connection, profile: Profile, scope: Scope) -> Register:
    """The register of the disposal that the scope names; its rows are read while they are drawn."""
    rows = register_rows(connection, scope.disposal, profile)
    disposal = disposals.get(connection, scope.disposal)
    return destruction_register(scope, _basis(profile), disposal, rows, people.names(connection))


def certificate_of(connection: Connection, profile: Profile, scope: Scope) -> Register:
    """The certificate of the disposal that the scope names. Refused while its destruction is not proven."""
    done = certificate(connection, scope.disposal)
    return destruction_certificate(scope, _basis(profile), done, people.names(connection))


def _basis(profile: Profile) -> Text | None:
    return basis(profile, [profile.disposal.article if profile.disposal is not None else None])


def destruction_register(
    scope: Scope, article: Text | None, disposal: Disposal, rows: Iterable[RegisterRow], names: people.Names
) -> Register:
    """The register of a list of records, under the list's digest, with who has agreed so far."""
    entries = (
        (
            *(row.record, row.case_number or None, row.title or None, row.section or None, row.recorded_on),
            *(row.stored_on, row.retention_class.label if row.retention_class else None, row.files, row.bytes, row.why),
            *(names.get(row.appraised_by, row.appraised_by), _outcome(row)),
        )
        for row in rows
    )
    said = Text(
        en=f"Disposal {disposal.number}. SHA-256 of the list: {disposal.sha256}",
        zh=f"处置编号：{disposal.number}。清册摘要（SHA-256）：{disposal.sha256}",
    )
    preface = (said, *_agreed(scope, disposal, names))
    return Register(replace(REGISTER, signatures=_lines(disposal)), scope, article, tallied(REGISTER, entries), preface)


def _lines(disposal: Disposal) -> tuple[Text, ...]:
    """A line to sign for the appraiser, each who approves, and each supervisor."""
    appraiser, approver, supervisor, *_ = REGISTER.signatures
    needs = disposal.approval.needs if disposal.approval is not None else ()
    approvers = [Text(en=role.label.en.capitalize(), zh=role.label.zh) for role in needs]
    return (appraiser, *(approvers if len(approvers) > 1 else [approver]), *[supervisor] * disposal.takes)


def _outcome(row: RegisterRow) -> Cell:
    outcome = OUTCOMES.get(row.outcome)
    if outcome is None or row.outcome_why is None:
        return outcome
    return Text(en=f"{outcome.en}: {row.outcome_why.en}", zh=f"{outcome.zh}：{row.outcome_why.zh}")


def _agreed(scope: Scope, disposal: Disposal, names: people.Names) -> Iterator[Text]:
    approved = [_signed(one, scope, names) for one in disposal.approval.consents] if disposal.approval else []
    if approved:
        yield Text(
            en=f"Approved by {', '.join(f'{by} on {on.en}' for by, on in approved)}.",
            zh=f"批准人：{'、'.join(f'{by}（{on.zh}批准）' for by, on in approved)}。",
        )
    waits_for = disposal.approval.waits_for if disposal.approval is not None else None
    if waits_for is not None:
        yield Text(en=f"Waits for the approval of: {waits_for.label.en}.", zh=f"待审批：{waits_for.label.zh}。")
    elif not approved:
        yield Text(en="Not submitted yet.", zh="尚未报批。")
    if signed := [_signed(one, scope, names) for one in disposal.signatures]:
        yield Text(
            en=f"Supervisors of destruction: {', '.join(f'{by} (signed on {on.en})' for by, on in signed)}.",
            zh=f"监销人：{'、'.join(f'{by}（{on.zh}签字）' for by, on in signed)}。",
        )


def _signed(one: Signed | Consent, scope: Scope, names: people.Names) -> tuple[str, Text]:
    return names.get(one.by, one.by), day_text(local_day(one.at, scope.zone))


def destruction_certificate(scope: Scope, article: Text | None, done: Certificate, names: people.Names) -> Register:
    """What was destroyed, by whose leave and under whose eyes, what each store has answered since, and who saw each
    disc destroyed. Refused while anything of it may still be somewhere.
    """
    proof, approval = require_done(done)
    entries = [*_answers(proof), *_discs(done, names)]
    return Register(CERTIFICATE, scope, article, tallied(CERTIFICATE, entries), _said(scope, done, approval, names))


def _said(scope: Scope, done: Certificate, approval: Approval, names: people.Names) -> tuple[Text, ...]:
    leave = [_signed(one, scope, names) for one in approval.consents]
    approved = Text(
        en=", ".join(f"{by} on {on.en}" for by, on in leave), zh="、".join(f"{by}于{on.zh}" for by, on in leave)
    )
    watched = [names.get(one.by, one.by) for one in done.supervisors]
    assert done.begun_at is not None  # what is done has begun
    begun = day_text(local_day(done.begun_at, scope.zone))
    spared = Text(en="", zh="")
    if done.spared:
        spared = Text(en=f" Spared and kept: {done.spared:,}.", zh=f"另有 {done.spared:,} 条免予销毁，继续保存。")
    return (
        Text(
            en=f"{scope.office} destroyed {done.destroyed:,} records of disposal {done.disposal}, beginning on "
            f"{begun.en}, as approved by {approved.en}, under the supervision of {', '.join(watched)}."
            f"{spared.en}",
            zh=f"{scope.office}按照{approved.zh}的批准，自{begun.zh}起将处置编号 {done.disposal} 所列 "
            f"{done.destroyed:,} 条记录销毁，监销人：{'、'.join(watched)}。{spared.zh}",
        ),
        Text(en=f"SHA-256 of the approved list: {done.sha256}", zh=f"经批准的清册摘要（SHA-256）：{done.sha256}"),
        Text(
            en="Each store was then asked for every object again; it answered as follows.",
            zh="销毁后已逐一向各存储复查全部对象，结果如下：",
        ),
    )


def _answers(proof: Proof) -> Iterator[tuple[Cell, ...]]:
    """A line for each store: nothing is proven while one had anything left, or did not answer."""
    gone = Text(en="none is there", zh="均已不存在")
    for store, absent in proof.absent.items():
        yield store, proof.objects, proof.returned, absent, gone, proof.at


def _discs(done: Certificate, names: people.Names) -> Iterator[tuple[Cell, ...]]:
    for task in done.discs:
        seen = [names.get(by, by) for by, _ in task.seen]
        found = Text(en=f"destroyed, as {' and '.join(seen)} saw", zh=f"已销毁，确认人：{'、'.join(seen)}")
        yield (
            Text(en=f"Disc {task.disc}", zh=f"光盘 {task.disc}"),
            *(None, None, None, found, max(at for _, at in task.seen)),
        )
