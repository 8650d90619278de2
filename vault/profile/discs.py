"""What is written on discs: labels, and the statement that goes with a disc of evidence."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from vault.profile.parts import NamedRule, Rule, Slip, twins


class LabelField(StrEnum):
    """What this program can put on a disc's label; a profile chooses among these."""

    PRODUCING_UNIT = "producing-unit"
    PRODUCER = "producer"
    PRODUCED_ON = "produced-on"
    TITLE = "title"
    NUMBER = "number"
    SECTION = "section"
    CASE_NUMBER = "case-number"
    PARTY = "party"
    CLASS = "class"
    CONFIDENTIALITY = "confidentiality"
    MEDIUM = "medium"


class StatementField(StrEnum):
    """What this program can put into the statement of an evidence disc (文字说明材料)."""

    MAKER = "maker"
    EXTRACTOR = "extractor"
    EXTRACTED_AT = "extracted-at"


class LabelRule(NamedRule, frozen=True, kw_only=True):
    """One thing that a disc's label or sleeve must say."""

    label_field: LabelField = field(name="field")


class StatementRule(NamedRule, frozen=True, kw_only=True):
    """One thing that the statement of an evidence disc must say."""

    statement_field: StatementField = field(name="field")


class EvidenceDisc(Rule, frozen=True, kw_only=True):
    """What is demanded when recordings are copied out of the vault as evidence. `into_case_file`: the disc is filed
    with the case (附卷)."""

    statement: Annotated[tuple[StatementRule, ...], Meta(min_length=1)]
    into_case_file: bool = False

    def slips(self) -> Iterator[Slip]:
        yield from twins("statement", (rule.statement_field.value for rule in self.statement))
