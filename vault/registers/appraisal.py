"""The appraisal (鉴定意见表): every decision of a list with its reason, those too by which a record is kept.

Records stand there as they were when the decision was made.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import Connection

from vault.catalogue import disposals
from vault.catalogue.disposals import Appraised, Standing
from vault.profile import Profile
from vault.registers.model import SERIAL, Column, Form, Kind, Register, Scope, grouped
from vault.registers.signed import article_of, list_line, signed_on
from vault.terms import local_day
from vault.text import Text
from vault.titles import title_of

DECISIONS = {
    "dispose": Text(en="dispose", zh="销毁"),
    "extend": Text(en="extend", zh="续存"),
    "keep": Text(en="keep long-term", zh="长期保存"),
}

APPRAISAL = Form(
    kind="appraisal",
    title=Text(en="Appraisal of Expired Records", zh="执法音像记录鉴定意见表"),
    columns=(
        SERIAL,
        Column("record", Text(en="Record", zh="记录编号"), 25),
        Column("case_number", Text(en="Case number", zh="案号"), 27),
        Column("title", Text(en="Title", zh="题名"), 30, spoken=True),
        Column("section", Text(en="Section", zh="科室"), 21),
        Column("recorded_on", Text(en="Recorded on", zh="形成日期"), 19, Kind.DATE),
        Column("class", Text(en="Class", zh="保管期限"), 28, spoken=True),
        Column("files", Text(en="Files", zh="文件数"), 11, Kind.NUMBER, summed=True),
        Column("bytes", Text(en="Size", zh="大小"), 23, Kind.BYTES, summed=True),
        Column("decision", Text(en="Decision", zh="鉴定意见"), 26, spoken=True),
        Column("why", Text(en="Reason", zh="理由"), 32),
        Column("appraised_by", Text(en="Appraised by", zh="鉴定人"), 18),
    ),
    signatures=(
        Text(en="Appraised by", zh="鉴定人"),
        Text(en="Checked by", zh="审核人"),
        Text(en="Head of unit", zh="负责人"),
    ),
)


def appraisal_of(connection: Connection, scope: Scope) -> Register:
    """The appraisal of the disposal that the scope names; its rows are read while they are drawn."""
    profile, standing = disposals.profile_of(connection, scope.disposal), disposals.standing(connection, scope.disposal)
    return appraisal_form(scope, profile, standing, disposals.appraisals(connection, scope.disposal))


def appraisal_form(scope: Scope, profile: Profile, standing: Standing, lines: Iterable[Appraised]) -> Register:
    """Every decision of a list."""
    entries = (
        (
            DECISIONS[one.fate],
            (
                *(
                    one.record,
                    "、".join(case.number for case in one.said.cases) or None,
                    title_of(one.said.facts, profile) or None,
                ),
                *(one.said.facts.section or None, _day(one, scope)),
                *(one.said.kept, one.files, one.bytes),
                *(decision(one.fate, one.until), one.why, one.by.called),
            ),
        )
        for one in lines
    )
    return Register(APPRAISAL, scope, article_of(profile), grouped(APPRAISAL, entries), tuple(_said(scope, standing)))


def _said(scope: Scope, standing: Standing) -> Iterator[Text]:
    yield list_line(standing.disposal)
    opened = signed_on(standing.opened, scope, "提出")
    yield Text(en=f"Proposed by {opened.en}.", zh=f"提出人：{opened.zh}。")


def _day(one: Appraised, scope: Scope) -> date | None:
    recorded = one.said.facts.recorded_at
    return local_day(recorded, scope.zone) if recorded is not None else None


def decision(fate: str, until: date | None) -> Text:
    """What was decided, in words."""
    said = DECISIONS[fate]
    return said if until is None else Text(en=f"{said.en} to {until}", zh=f"{said.zh}至 {until}")
