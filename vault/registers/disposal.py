"""The register of destruction (销毁清册) and its certificate (销毁证明), from what a disposal tells of itself.

The register lists what goes, under the digest of the list that was approved; the certificate says what every store
answered when it was asked again afterwards. Whoever carries the disposal out fills these lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from vault.digest import Digest
from vault.registers.model import SERIAL, Column, Form, Kind, Register, Scope, tallied
from vault.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """A record that goes: 编号、题名、起止时间、数量、原因. Days are the office's."""

    record: str
    title: str
    section: str
    case_number: str
    recorded_on: date | None
    stored_on: date
    files: int
    bytes: int
    why: str
    appraised_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A store after the destruction: copies destroyed there, and of the objects that it was asked for again those that
    it certainly does not have; `absent` None: it did not answer.
    """

    store: str
    destroyed: int
    objects: int
    absent: int | None
    asked_at: datetime

    @property
    def text(self) -> Text:
        """Absent, still there and cannot-tell, in words."""
        if self.absent is None:
            return Text(en="no answer: cannot tell", zh="无应答，无法判断")
        if self.absent < self.objects:
            left = self.objects - self.absent
            return Text(en=f"{left:,} still there or not readable", zh=f"仍有 {left:,} 个存在或无法确认")
        return Text(en="none is there", zh="均已不存在")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """What a certificate certifies. Times are UTC."""

    disposal: str  # its number
    digest: Digest  # of the list that was approved
    records: int
    approved_by: str
    approved_at: datetime
    supervised_by: tuple[str, ...]
    destroyed_at: datetime


REGISTER = Form(
    kind="disposal",
    title=Text(en="Register of Destruction", zh="执法音像记录销毁清册"),
    columns=(
        SERIAL,
        Column("record", Text(en="Record", zh="记录编号"), 25),
        Column("case_number", Text(en="Case number", zh="案号"), 27),
        Column("title", Text(en="Title", zh="题名"), 47),
        Column("section", Text(en="Section", zh="科室"), 23),
        Column("recorded_on", Text(en="Recorded on", zh="形成日期"), 20, Kind.DATE),
        Column("stored_on", Text(en="Stored on", zh="入库日期"), 20, Kind.DATE),
        Column("files", Text(en="Files", zh="文件数"), 12, Kind.NUMBER, summed=True),
        Column("bytes", Text(en="Size", zh="大小"), 18, Kind.BYTES, summed=True),
        Column("why", Text(en="Reason", zh="销毁原因"), 49),
        Column("appraised_by", Text(en="Appraised by", zh="鉴定人"), 19),
    ),
    signatures=(
        Text(en="Appraised by", zh="鉴定人"),
        Text(en="Approved by", zh="批准人"),
        Text(en="Supervised by", zh="监销人"),
        Text(en="Supervised by", zh="监销人"),
    ),
)

CERTIFICATE = Form(
    kind="certificate",
    title=Text(en="Certificate of Destruction", zh="执法音像记录销毁证明"),
    columns=(
        SERIAL,
        Column("store", Text(en="Store", zh="存储"), 45),
        Column("destroyed", Text(en="Copies destroyed", zh="销毁副本数"), 23, Kind.NUMBER, summed=True),
        Column("objects", Text(en="Objects asked for", zh="复查对象数"), 23, Kind.NUMBER),
        Column("absent", Text(en="Certainly absent", zh="确认不存在"), 23, Kind.NUMBER),
        Column("answer", Text(en="Found", zh="复查结果"), 34),
        Column("asked_at", Text(en="Asked at", zh="复查时间"), 25, Kind.MOMENT),
    ),
    signatures=(
        Text(en="Carried out by", zh="销毁执行人"),
        Text(en="Supervised by", zh="监销人"),
        Text(en="Supervised by", zh="监销人"),
    ),
    upright=True,
)


def destruction_register(
    scope: Scope, basis: Text | None, disposal: str, digest: Digest, disposed: Iterable[Disposed]
) -> Register:
    """The register of a list of records, under the list's digest."""
    entries = (
        (
            *(one.record, one.case_number or None, one.title or None, one.section or None, one.recorded_on),
            *(one.stored_on, one.files, one.bytes, one.why, one.appraised_by),
        )
        for one in disposed
    )
    said = Text(
        en=f"Disposal {disposal}. SHA-256 of the list: {digest}",
        zh=f"处置编号：{disposal}。清册摘要（SHA-256）：{digest}",
    )
    return Register(REGISTER, scope, basis, tallied(REGISTER, entries), preface=(said,))


def destruction_certificate(
    scope: Scope, basis: Text | None, done: Destruction, answered: Iterable[Answered]
) -> Register:
    """What was destroyed, by whose leave and under whose eyes, and what each store has answered since."""
    approved, destroyed = (at.astimezone(scope.zone) for at in (done.approved_at, done.destroyed_at))
    people = "、".join(done.supervised_by)
    said = (
        Text(
            en=f"{scope.office} destroyed the {done.records:,} records of disposal {done.disposal} on "
            f"{destroyed:%Y-%m-%d at %H:%M}, as {done.approved_by} had approved on {approved:%Y-%m-%d}, under the "
            f"supervision of {people}.",
            zh=f"{scope.office}按照{done.approved_by}于{approved.year}年{approved.month}月{approved.day}日的批准，"
            f"已于{destroyed.year}年{destroyed.month}月{destroyed.day}日{destroyed:%H:%M}将处置编号 {done.disposal} "
            f"所列 {done.records:,} 条记录销毁，监销人：{people}。",
        ),
        Text(
            en=f"SHA-256 of the approved list: {done.digest}",
            zh=f"经批准的清册摘要（SHA-256）：{done.digest}",
        ),
        Text(
            en="Each store was then asked for every object again; it answered as follows.",
            zh="销毁后已逐一向各存储复查全部对象，结果如下：",
        ),
    )
    entries = ((one.store, one.destroyed, one.objects, one.absent, one.text, one.asked_at) for one in answered)
    return Register(CERTIFICATE, scope, basis, tallied(CERTIFICATE, entries), preface=said)
