"""The register of case completeness (案件完整性检查表): what a case's items demand, and what is there.

Whoever compares cases with the list of what must be recorded fills these lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from vault.profile import cited
from vault.registers.model import SERIAL, Column, Form, Kind, Register, Scope, tallied
from vault.text import Text


class Demand(StrEnum):
    """What became of one demand. Unclear: what is known does not say what a recording shows."""

    PRESENT = "present"
    EXPLAINED = "explained"
    AWAITING_REVIEW = "awaiting-review"
    EXPECTED = "expected"
    UNCLEAR = "unclear"
    LACKING = "lacking"


WORDS = {
    Demand.PRESENT: Text(en="present", zh="齐全"),
    Demand.EXPLAINED: Text(en="explained", zh="已说明"),
    Demand.AWAITING_REVIEW: Text(en="awaiting review", zh="说明待审核"),
    Demand.EXPECTED: Text(en="expected", zh="待入库"),
    Demand.UNCLEAR: Text(en="cannot tell", zh="待查明"),
    Demand.LACKING: Text(en="lacking", zh="缺失"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demanded:
    """One item that a case demands. `records`: how many there are for it; `why`: of what is missing, if said."""

    case_number: str
    case_name: str
    party: str
    section: str
    matter: str  # 执法事项
    stage: str  # 执法环节
    method: Text  # 记录方式
    article: str
    records: int
    found: Demand
    why: str = ""


FORM = Form(
    kind="completeness",
    title=Text(en="Register of Case Completeness", zh="执法案件音像记录完整性检查表"),
    columns=(
        SERIAL,
        Column("case_number", Text(en="Case number", zh="案号"), 30),
        Column("case_name", Text(en="Case", zh="案件名称"), 40),
        Column("party", Text(en="Party", zh="当事人"), 20),
        Column("section", Text(en="Section", zh="科室"), 20),
        Column("matter", Text(en="Matter", zh="执法事项"), 22),
        Column("stage", Text(en="Stage", zh="执法环节"), 22),
        Column("method", Text(en="Demanded", zh="应有记录"), 26),
        Column("article", Text(en="Under", zh="依据"), 22),
        Column("records", Text(en="Records", zh="已有记录数"), 14, Kind.NUMBER),
        Column("found", Text(en="Found", zh="认定"), 18),
        Column("why", Text(en="Explanation", zh="缺失说明"), 26),
    ),
    signatures=(
        Text(en="Case handler", zh="案件承办人"),
        Text(en="Head of section", zh="科室负责人"),
        Text(en="Checked by", zh="审核人"),
    ),
)


def completeness_register(scope: Scope, basis: Text | None, demanded: Iterable[Demanded]) -> Register:
    """The register of what cases demand, item by item."""
    entries = (
        (
            *(one.case_number, one.case_name or None, one.party or None, one.section or None, one.matter, one.stage),
            *(one.method, cited(one.article), one.records, WORDS[one.found], one.why or None),
        )
        for one in demanded
    )
    return Register(FORM, scope, basis, tallied(FORM, entries))
