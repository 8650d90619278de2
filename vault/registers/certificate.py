"""The certificate of destruction (销毁证明): what every store answered when it was asked again afterwards, who saw the
discs destroyed, how and when, what of a record stays because others hold it, and what was spared.

Of a disposal by which nothing was destroyed there is no certificate, but a statement that says so (未予销毁情况说明),
with each record of the list and why it, or what it held, is still there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from vault.approvals import Approval
from vault.catalogue import disposals
from vault.catalogue.disposals import Amount, Proof
from vault.discs.model import sort_of
from vault.disposal.register import Certificate, RegisterRow, certificate, list_rows, register_rows, require_done
from vault.disposal.rules import State
from vault.registers.appraisal import decision
from vault.registers.model import DRAWN_UP, SERIAL, Cell, Column, Form, Kind, Named, Register, Scope, grouped, tallied
from vault.registers.outcomes import kept, part_of
from vault.registers.period import day_text
from vault.registers.signed import article_of, carried_out, signed_on, supervisor, supervisor_lines
from vault.terms import RetentionClass, local_day
from vault.text import Text, counted

CERTIFICATE = Form(
    kind="certificate",
    title=Text(en="Certificate of Destruction", zh="执法音像记录销毁证明"),
    columns=(
        SERIAL,
        Column("place", Text(en="Store, disc, record", zh="存储、光盘、记录"), 35, spoken=True),
        Column("objects", Text(en="Objects asked for", zh="复查对象数"), 19, Kind.NUMBER),
        Column("copies", Text(en="Copies destroyed", zh="销毁副本数"), 19, Kind.NUMBER),
        Column("returned", Text(en="Came in anew", zh="重新入库"), 18, Kind.NUMBER),
        Column("absent", Text(en="Certainly absent", zh="确认不存在"), 19, Kind.NUMBER),
        Column("found", Text(en="Found", zh="核验结果"), 38, spoken=True),
        Column("at", Text(en="When", zh="核验时间"), 25, Kind.MOMENT),
    ),
    signatures=(Text(en="Carried out by", zh="销毁执行人"),),
    notes=(
        Text(
            en="Came in anew: content that is part of a later record too, and stays. Stores were asked for all else.",
            zh="注：“重新入库”指相同内容已随新记录入库并由新记录保存，其余对象均已逐一向各存储复查。",
        ),
    ),
    upright=True,
)

STATEMENT = Form(
    kind="not-destroyed",
    title=Text(en="Statement That Nothing Was Destroyed", zh="执法音像记录未予销毁情况说明"),
    columns=(
        SERIAL,
        Column("record", Text(en="Record", zh="记录编号"), 27),
        Column("case_number", Text(en="Case number", zh="案号"), 29),
        Column("title", Text(en="Title", zh="题名"), 36, spoken=True),
        Column("files", Text(en="Files", zh="文件数"), 13, Kind.NUMBER, summed=True),
        Column("bytes", Text(en="Size", zh="大小"), 19, Kind.BYTES, summed=True),
        Column("why", Text(en="Why it was kept", zh="未销毁原因"), 49, spoken=True),
    ),
    signatures=DRAWN_UP,
    upright=True,
)


def certificate_of(connection: Connection, scope: Scope) -> Register:
    """The certificate of the disposal that the scope names, or the statement that nothing was destroyed. Refused while
    its destruction is not proven.
    """
    profile = disposals.profile_of(connection, scope.disposal)
    done = certificate(connection, scope.disposal)
    rows = (list_rows if done.state is State.KEPT else register_rows)(connection, scope.disposal, profile)
    draw = nothing_destroyed if done.nothing else destruction_certificate
    return draw(scope, article_of(profile), done, rows)


def destruction_certificate(
    scope: Scope, article: Text | None, done: Certificate, rows: Iterable[RegisterRow]
) -> Register:
    """What was destroyed, by whose leave and under whose eyes, what each store has answered since, who saw each disc
    destroyed, and what was spared. Refused while anything of it may still be somewhere.
    """
    proof, approval = require_done(done)
    parts = (_answers(done, proof), _discs(scope, done), _records(rows))
    entries = (entry for part in parts for entry in part)
    lines = (*CERTIFICATE.signatures * len(done.carried_out), *supervisor_lines(done.takes, done.supervisors))
    notes = CERTIFICATE.notes if proof.objects else ()
    form = replace(CERTIFICATE, signatures=lines, notes=notes)
    return Register(form, scope, article, tallied(form, entries), tuple(_said(scope, done, approval)))


def _said(scope: Scope, done: Certificate, approval: Approval) -> Iterator[Text]:
    what = done.destroyed
    if what.records:
        yield _carried_out(
            scope,
            done,
            approval,
            en=f"destroyed {_amount(what)} of disposal {done.disposal}",
            zh=f"将处置编号 {done.disposal} 所列 {what.records:,} 条记录（{what.files:,} 个文件，{what.bytes:,} "
            "字节）销毁",
        )
    else:
        yield _carried_out(
            scope,
            done,
            approval,
            en=f"destroyed the discs below, with records of disposal {done.disposal}, and nothing on any store",
            zh=f"将载有处置编号 {done.disposal} 所列记录的光盘销毁，存储上未删除任何内容",
        )
    yield _executed(scope, done)
    yield from _not_destroyed(done)
    if done.staying and what.records:
        yield Text(
            en=f"Objects of the destroyed records that other records hold, too, and that stay with these: "
            f"{done.staying:,}.",
            zh=f"被销毁记录中另有 {done.staying:,} 个对象同属其他记录，随其他记录继续保存。",
        )
    yield Text(en=f"SHA-256 of the approved list: {done.sha256}", zh=f"经批准的清册摘要（SHA-256）：{done.sha256}")
    if what.records:
        yield Text(
            en="Each store was then asked for every object again; it answered as follows.",
            zh="销毁后已逐一向各存储复查全部对象，结果如下：",
        )


def _amount(of: Amount) -> str:
    """In English."""
    return f"{counted(of.records, 'record')} ({counted(of.files, 'file')}, {counted(of.bytes, 'byte')})"


def _carried_out(scope: Scope, done: Certificate, approval: Approval, *, en: str, zh: str) -> Text:
    """What was done, from when, by whose leave and under whose eyes."""
    leave = [(one.signature.words, day_text(local_day(one.at, scope.zone))) for one in approval.consents]
    approved = Text(
        en=", ".join(f"{by.en} on {on.en}" for by, on in leave), zh="、".join(f"{by.zh}于{on.zh}" for by, on in leave)
    )
    watched = [supervisor(one, scope) for one in done.supervisors]
    assert done.begun is not None  # what is done has begun
    begun = day_text(local_day(done.begun.at, scope.zone))
    eyes = Text(en=", ".join(one.en for one in watched), zh="、".join(one.zh for one in watched))
    return Text(
        en=f"{scope.office} {en}, beginning on {begun.en}, as approved by {approved.en}, under the supervision of "
        f"{eyes.en}.",
        zh=f"{scope.office}按照{approved.zh}的批准，自{begun.zh}起{zh}，监销人：{eyes.zh}。",
    )


def _executed(scope: Scope, done: Certificate) -> Text:
    by = carried_out(done.carried_out, scope)
    return Text(en=f"Carried out by {by.en}.", zh=f"{'' if done.nothing else '销毁'}执行人：{by.zh}。")


def _not_destroyed(done: Certificate) -> Iterator[Text]:
    """How many records of the list were spared; how many ended of which all objects stay."""
    if done.spared.records:
        spared = done.spared
        yield Text(
            en=f"Spared and kept: {_amount(spared)}, listed below with the reason.",
            zh=f"另有 {spared.records:,} 条记录（{spared.files:,} 个文件，{spared.bytes:,} 字节）免予销毁，继续保存，"
            "逐条列于下表并注明原因。",
        )
    if done.ended.records and not done.nothing:
        ended, more = done.ended, "另有 " if done.destroyed.records else ""
        yield Text(
            en=f"Ended, with nothing deleted, since other records hold all their objects, too: {_amount(ended)}, "
            "listed below with the record for which the objects stay.",
            zh=f"{more}{ended.records:,} 条记录（{ended.files:,} 个文件，{ended.bytes:,} 字节）仅终止记录本身："
            "其对象同属其他记录，未予删除，逐条列于下表。",
        )


def _answers(done: Certificate, proof: Proof) -> Iterator[tuple[Cell, ...]]:
    """A line for each store: nothing is proven while one had anything left, or did not answer. None where there was
    nothing to ask for."""
    if not proof.objects:
        return
    gone = Text(en="none is there", zh="均已不存在")
    for store, absent in proof.absent.items():
        yield store, proof.objects, done.copies.get(store, 0), proof.returned, absent, gone, proof.at


def _discs(scope: Scope, done: Certificate) -> Iterator[tuple[Cell, ...]]:
    """Each disc and each file of an image, how it was destroyed, and who saw that and when."""
    for task in done.discs:
        sort = sort_of(task.disc)
        name = Named(Text(en=sort.en.capitalize(), zh=sort.zh), task.disc, task.where)
        if task.erased_at is not None:
            erased = Text(
                en="proven to be that image, and erased by the program", zh="经核对确为该映像，已由本系统删除"
            )
            yield name, None, None, None, None, erased, task.erased_at
            continue
        seen = [signed_on(one, scope, "确认") for one in task.seen]
        how = Text(en=f" ({task.how})", zh=f"（{task.how}）") if task.how else Text(en="", zh="")
        found = Text(
            en=f"destroyed{how.en}, as {' and '.join(one.en for one in seen)} saw",
            zh=f"已销毁{how.zh}，确认人：{'、'.join(one.zh for one in seen)}",
        )
        yield name, None, None, None, None, found, max(one.at for one in task.seen)


def _records(rows: Iterable[RegisterRow]) -> Iterator[tuple[Cell, ...]]:
    """Each of which there is more to say than that it was destroyed: it was spared, others hold some of it, or its term
    was that of its cases' files, closed when."""
    for row in rows:
        if row.outcome == "spared" or row.stays is not None or row.retention_class is RetentionClass.CASE_LIFETIME:
            found = _became(row)
            if row.outcome == "spared":
                found = Text(en=f"spared: {found.en}", zh=f"免予销毁：{found.zh}")
            yield Named(Text(en="Record", zh="记录"), row.record), None, None, None, None, found, None


def _became(row: RegisterRow) -> Text:
    """What became of a record, or was decided of it, and why; of one that ended also when the cases were closed whose
    files it followed."""
    if row.fate != "dispose":
        said = decision(row.fate, row.until)
        return Text(en=f"{said.en}: {row.why}", zh=f"{said.zh}：{row.why}")
    if row.outcome != "destroyed":
        return row.outcome_why or Text(en="not destroyed: the disposal was stopped", zh="未销毁：处置已中止")
    found = kept(row.stays) if row.stays is not None else Text(en="destroyed", zh="已销毁")
    if row.retention_class is not RetentionClass.CASE_LIFETIME or row.kept is None:
        return found
    return Text(en=f"{found.en}; term: {row.kept.en}", zh=f"{found.zh}；保管期限{row.kept.zh}")


def nothing_destroyed(scope: Scope, article: Text | None, done: Certificate, rows: Iterable[RegisterRow]) -> Register:
    """That nothing was destroyed, and why each record of the list was kept."""
    entries = (
        (part_of(row), (row.record, row.case_number or None, row.title or None, row.files, row.bytes, _became(row)))
        for row in rows
    )
    return Register(STATEMENT, scope, article, grouped(STATEMENT, entries), tuple(_ended(scope, done)))


def _ended(scope: Scope, done: Certificate) -> Iterator[Text]:
    if done.stopped is not None:
        stopped = signed_on(done.stopped, scope, "中止")
        yield Text(
            en=f"Nothing was destroyed: disposal {done.disposal} of {scope.office} was stopped by {stopped.en}. "
            f"Reason: {done.why}",
            zh=f"{scope.office}处置编号 {done.disposal} 已中止，所列记录均未销毁。中止人：{stopped.zh}；"
            f"理由：{done.why}",
        )
    elif done.state is State.KEPT:
        yield Text(
            en=f"Nothing was destroyed: every record of disposal {done.disposal} of {scope.office} was extended or "
            "kept when it was appraised.",
            zh=f"{scope.office}处置编号 {done.disposal} 所列记录经鉴定均续存或长期保存，未销毁任何记录。",
        )
    elif done.ended.records and done.approval is not None:
        ended = done.ended
        yield _carried_out(
            scope,
            done,
            done.approval,
            en=f"ended {_amount(ended)} of disposal {done.disposal}",
            zh=f"终止处置编号 {done.disposal} 所列 {ended.records:,} 条记录（{ended.files:,} 个文件，{ended.bytes:,} "
            "字节）",
        )
        yield Text(
            en=f"None of their objects was destroyed: other records, each named below, still need them. "
            f"Objects that stay: {done.staying:,}.",
            zh=f"其对象均未销毁：同属其他记录（逐条列于下表），随其他记录继续保存，共 {done.staying:,} 个对象。",
        )
        yield _executed(scope, done)
        yield from _not_destroyed(done)
    else:
        yield Text(
            en=f"Nothing was destroyed: every record of disposal {done.disposal} of {scope.office} was spared when it "
            "was about to be destroyed, and is kept.",
            zh=f"{scope.office}处置编号 {done.disposal} 所列记录在执行销毁前均予免销，继续保存，未销毁任何记录。",
        )
    yield Text(en=f"SHA-256 of the list: {done.sha256}", zh=f"清册摘要（SHA-256）：{done.sha256}")
