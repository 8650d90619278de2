"""The register of intake (入库登记簿): every record that was stored in the period."""

from collections.abc import Iterator

from sqlalchemy import Connection

from vault.catalogue import people
from vault.deadlines import ahead
from vault.profile import Profile
from vault.records import Standing
from vault.registers.model import DRAWN_UP, SERIAL, Cell, Column, Form, Kind, Maker, Row, Scope, tallied
from vault.registers.stored import Stored, ahead_in, stored_in
from vault.text import Text, counted
from vault.titles import title_of

STANDINGS = {
    Standing.KEPT: Text(en="kept", zh="在库"),
    Standing.QUARANTINED: Text(en="in quarantine", zh="待补全"),
    Standing.DESTROYED: Text(en="destroyed", zh="已销毁"),
}

FORM = Form(
    kind="intake",
    title=Text(en="Register of Intake", zh="执法音像记录入库登记簿"),
    columns=(
        SERIAL,
        Column("record", Text(en="Record", zh="记录编号"), 24),
        Column("stored_at", Text(en="Stored at", zh="入库时间"), 19, Kind.MOMENT),
        Column("case_number", Text(en="Case number", zh="案号"), 26),
        Column("case_name", Text(en="Case", zh="案件名称"), 28, spoken=True),
        Column("party", Text(en="Party", zh="当事人"), 16),
        Column("section", Text(en="Section", zh="科室"), 16),
        Column("officers", Text(en="Officers", zh="执法人员"), 18),
        Column("device_number", Text(en="Device", zh="设备编号"), 17),
        Column("recorded_at", Text(en="Recorded at", zh="记录时间"), 19, Kind.MOMENT),
        Column("files", Text(en="Files", zh="文件数"), 11, Kind.NUMBER, summed=True),
        Column("bytes", Text(en="Size", zh="大小"), 21, Kind.BYTES, summed=True),
        Column("length", Text(en="Length", zh="时长"), 14, Kind.LENGTH, summed=True),
        Column("standing", Text(en="Standing", zh="状态"), 18, spoken=True),
        Column("stored_by", Text(en="Stored by", zh="入库人"), 13),
    ),
    signatures=DRAWN_UP,
)


def _articles(profile: Profile) -> list[str | None]:
    within = profile.intake.stored_within
    return [within.article if within is not None else None, *(rule.article for rule in profile.intake.required)]


def _entry(one: Stored, profile: Profile, then: people.Then) -> tuple[Cell, ...]:
    facts = one.facts
    return (
        one.number,
        one.stored_at,
        one.cases or None,
        title_of(facts, profile) or None,
        facts.party or None,
        facts.section or None,
        "、".join(facts.officers) or None,
        facts.device_number or None,
        facts.recorded_at,
        one.files,
        one.bytes,
        one.length or None,  # of a photo, or not known
        _standing(one),
        then(one.stored_by, one.stored_at),
    )


def _standing(one: Stored) -> Text:
    standing = STANDINGS[one.standing]
    if not ahead(one.facts, one.stored_at):
        return standing
    return Text(en=f"{standing.en}; recorded time in doubt", zh=f"{standing.zh}，记录时间存疑")


def _doubts(connection: Connection, scope: Scope) -> Iterator[Text]:
    """How many of the records have a recorded time that cannot be."""
    if count := ahead_in(connection, scope.period.span(scope.zone), scope.section):
        yield Text(
            en=f"Recorded, by their own time, after they were stored: {counted(count, 'record')}. A clock was ahead.",
            zh=f"其中记录时间晚于入库时间、设备时钟存疑的记录：{count} 条。",
        )


def _rows(connection: Connection, profile: Profile, scope: Scope) -> Iterator[Row]:
    then = people.names_then(connection)
    stored = stored_in(connection, scope.period.span(scope.zone), scope.section)
    return tallied(FORM, (_entry(one, profile, then) for one in stored))


INTAKE = Maker(FORM, _articles, _rows, _doubts)
