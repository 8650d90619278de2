"""What may stand in a profile. Unknown keys are refused, and so is a rule without an article."""

from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, field

from vault.facts import FACT
from vault.terms import RetentionClass
from vault.text import Text

Words = Annotated[str, Meta(min_length=1, pattern=r"\S")]
Identifier = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
# An article, with its item where it has items: "11", "12(1)", "annex 4"; or another norm by name and number.
Article = Annotated[str, Meta(pattern=r"[0-9一二三四五六七八九十百]|annex|附件")]


class TermKind(StrEnum):
    """What the end of a term means. Either way a person reviews: nothing is destroyed by the calendar alone."""

    MINIMUM = "minimum"  # 不少于、最少: may be reviewed afterwards, may be kept longer
    FIXED = "fixed"  # 保存期限为: is to be reviewed when it is over


class Start(StrEnum):
    """The day from which a term is counted."""

    RECORDED = "recorded"
    STORED = "stored"
    LATER = "later-of-recorded-and-stored"
    ACTIVITY_ENDED = "activity-ended"
    CASE_CLOSED = "case-closed"


class LabelField(StrEnum):
    """What this program can put on a disc's label; a profile chooses among these."""

    PRODUCING_UNIT = "producing-unit"
    PRODUCER = "producer"
    PRODUCED_ON = "produced-on"
    TITLE = "title"
    NUMBER = "number"


class Wrong(ValueError):
    """A value of the right type that cannot stand there. msgspec adds where that was; the text is kept for people."""

    def __init__(self, key: str, what: Text) -> None:
        super().__init__(what.en)
        self.key = key
        self.what = what


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Bilingual(Part, frozen=True, kw_only=True):
    """A name in both languages."""

    zh: Words
    en: Words

    @property
    def text(self) -> Text:
        return Text(en=self.en, zh=self.zh)


class Rule(Part, frozen=True, kw_only=True):
    """What the regulation demands, and where it says so."""

    article: Article


class NamedRule(Rule, frozen=True, kw_only=True):
    """A rule that people see by name."""

    zh: Words
    en: Words

    @property
    def text(self) -> Text:
        return Text(en=self.en, zh=self.zh)


class RequiredFact(Rule, frozen=True, kw_only=True):
    """A fact without which a record waits in quarantine."""

    fact: str

    def __post_init__(self) -> None:
        if self.fact not in FACT:
            known = ", ".join(FACT)
            raise Wrong(
                "fact",
                Text(
                    en=f"no record has the fact {self.fact!r}; there are: {known}",
                    zh=f"没有 {self.fact!r} 这一项信息；可用：{known}",
                ),
            )


class StoredWithin(Rule, frozen=True, kw_only=True):
    """By when a recording must be stored. Hours run from the moment itself (Civil Code 201, second paragraph)."""

    hours: Annotated[int, Meta(ge=1)]
    counted_from: Literal["recorded_at", "recorded_until", "activity_ended_at"]


class Intake(Part, frozen=True, kw_only=True):
    """What is asked when a recording comes in. `sm3`: keep an SM3 (GB/T 32905-2016) beside each SHA-256."""

    sm3: bool = False
    required: tuple[RequiredFact, ...] = ()
    stored_within: StoredWithin | None = None


class BaseRule(Rule, frozen=True, kw_only=True):
    """How long every record is kept at least. No class: the regulation gives no figure, a person sets it and cites."""

    retention_class: RetentionClass | None = field(name="class", default=None)
    kind: TermKind
    start: Start
    start_note: Bilingual | None = None


class CaseRule(Rule, frozen=True, kw_only=True):
    """That evidence is kept as long as the case's file. A case suspends expiry under every profile, this or none."""

    kind: TermKind


class Circumstance(NamedRule, frozen=True, kw_only=True):
    """A trigger: what happened that raises a record's class, and how many copies on disc that demands."""

    id: Identifier
    raises_to: RetentionClass
    disc_copies: Annotated[int, Meta(ge=0)] = 0


class Viewing(Rule, frozen=True, kw_only=True):
    """Who must agree, in this order, before anybody sees content; whether a register is kept beforehand."""

    approvers: tuple[Bilingual, ...] = ()
    register_first: bool = True


class LabelRule(NamedRule, frozen=True, kw_only=True):
    """One thing that a disc's label or sleeve must say."""

    label_field: LabelField = field(name="field")


class Profile(Part, frozen=True, kw_only=True):
    """One office's regulation."""

    id: Identifier
    version: Annotated[int, Meta(ge=1)]
    time_zone: str
    office: Bilingual
    regulation: Bilingual
    intake: Intake
    base: BaseRule
    case: CaseRule | None = None
    circumstances: tuple[Circumstance, ...] = ()
    viewing: Viewing | None = None
    disc_label: tuple[LabelRule, ...] = ()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; a folder's name an OSError
            what = Text(en=f"no time zone is called {self.time_zone!r}", zh=f"没有名为 {self.time_zone!r} 的时区")
            raise Wrong("time_zone", what) from None
        _refuse_twins("circumstances", [c.id for c in self.circumstances])
        _refuse_twins("disc_label", [f.label_field.value for f in self.disc_label])
        _refuse_twins("intake.required", [r.fact for r in self.intake.required])

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone; its days are the days that count."""
        return ZoneInfo(self.time_zone)

    @property
    def approvers(self) -> tuple[Bilingual, ...]:
        """Who must agree before content is seen, in order. Empty: nobody may view until the profile names one."""
        return self.viewing.approvers if self.viewing is not None else ()

    def circumstance(self, identifier: str) -> Circumstance | None:
        """The circumstance of that name, or None where this profile knows none."""
        return next((c for c in self.circumstances if c.id == identifier), None)


def _refuse_twins(where: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Wrong(where, Text(en=f"{name!r} stands here twice", zh=f"{name!r} 重复出现"))
