"""How long: base terms, kinds of record with terms of their own, cases, circumstances that raise a class, disposal."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from vault.actions import Action
from vault.people import Role
from vault.profile.parts import Approver, Bilingual, Known, Rule, Slip, not_entitled
from vault.terms import RetentionClass
from vault.text import Text


class TermKind(StrEnum):
    """What the end of a term means. Either way a person reviews: nothing is destroyed by the calendar alone."""

    MINIMUM = "minimum"  # 不少于、最少: may be reviewed afterwards, may be kept longer
    FIXED = "fixed"  # 保存期限为: is to be reviewed when it is over

    @property
    def label(self) -> Text:
        return _TERMS[self]


_TERMS = {
    TermKind.MINIMUM: Text(en="at least", zh="最短期限"),
    TermKind.FIXED: Text(en="fixed", zh="固定期限"),
}


class Start(StrEnum):
    """The day from which a term is counted."""

    RECORDED = "recorded"
    STORED = "stored"
    LATER = "later-of-recorded-and-stored"
    ACTIVITY_ENDED = "activity-ended"
    CASE_CLOSED = "case-closed"

    @property
    def label(self) -> Text:
        return _STARTS[self]


_STARTS = {
    Start.RECORDED: Text(en="when it was recorded", zh="录制时间"),
    Start.STORED: Text(en="when it was stored", zh="入库时间"),
    Start.LATER: Text(en="the later of recorded and stored", zh="录制时间与入库时间中较晚者"),
    Start.ACTIVITY_ENDED: Text(en="when the activity ended", zh="执法活动结束时间"),
    Start.CASE_CLOSED: Text(en="when the case was closed", zh="结案时间"),
}


class BaseRule(Rule, frozen=True, kw_only=True):
    """How long a record is kept at least. No class: the regulation gives no figure, a person sets it and cites."""

    retention_class: RetentionClass | None = field(name="class", default=None)
    kind: TermKind
    start: Start
    start_note: Bilingual | None = None


class RecordKind(Known, frozen=True, kw_only=True):
    """A kind of record with a term of its own (日常巡查; 作为证据使用). Where the general base gives a figure as well,
    both apply and the longer wins."""

    base: BaseRule


class CaseRule(Rule, frozen=True, kw_only=True):
    """That evidence is kept as long as the case's file. A case suspends expiry under every profile, this or none."""

    kind: TermKind


class Medium(StrEnum):
    """On what a record is kept long-term beside the stores."""

    DISC = "disc"  # 刻录光盘
    REMOVABLE = "removable"  # 移动储存介质

    @property
    def label(self) -> Text:
        return _MEDIA[self]


_MEDIA = {
    Medium.DISC: Text(en="disc", zh="刻录光盘"),
    Medium.REMOVABLE: Text(en="removable medium", zh="移动储存介质"),
}


class Circumstance(Known, frozen=True, kw_only=True):
    """A trigger: what happened that raises a record's class, on which media it is to be kept, and in how many copies
    on disc. No copies: the regulation gives no number."""

    raises_to: RetentionClass
    media: tuple[Medium, ...] = ()
    disc_copies: Annotated[int, Meta(ge=0)] = 0


class Disposal(Rule, frozen=True, kw_only=True):
    """Who appraises what is due, who approves the list, in this order, and how many supervise the destruction."""

    appraiser: Role
    approvers: tuple[Approver, ...] = ()
    supervisors: Annotated[int, Meta(ge=2)] = 2
    note: Bilingual | None = None

    def slips(self) -> Iterator[Slip]:
        yield from not_entitled("appraiser", [self.appraiser], Action.DISPOSAL_APPRAISE)
        yield from not_entitled("approvers", (a.role for a in self.approvers), Action.DISPOSAL_APPROVE)
