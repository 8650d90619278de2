"""Consent to an exact thing, given by people themselves, in their roles, in the order in which they are asked.

An approval is over the SHA-256 of the thing's canonical JSON: whatever changes in it afterwards, the consent was to
something else and is void. It is never of those who asked, nobody stands for two, under whatever login, it ends on a
day, and it is used once: what is done with it and that it was used are one transaction (vault/approving.py). What the
thing is, whoever asks for consent says: a function of the catalogue as it is now.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

import msgspec

from vault.actions import Action
from vault.moments import local
from vault.people import Person, Role, Signature
from vault.rights import Bar, Reason, Ruling, may, namesake
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's, given in one role; `name`: what they were called then."""

    by: str
    role: Role
    at: datetime
    name: str = ""

    @property
    def signature(self) -> Signature:
        return Signature(self.by, self.at, name=self.name, title=self.role)


class Stage(StrEnum):
    """How far an approval has come."""

    OPEN = "open"
    APPROVED = "approved"
    EXPIRED = "expired"
    DECLINED = "declined"
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What was asked for. `action`: what approvers do by agreeing; `about`: the records, or the disposal. `declined`:
    who said no, and why; `asked`: who asked, as what they were then."""

    number: str
    action: Action
    sha256: str
    asked_by: str
    asked_at: datetime
    until: datetime
    needs: tuple[Role, ...]
    why: str
    about: tuple[str, ...] = ()
    purpose: str = ""
    consents: tuple[Consent, ...] = ()
    declined: tuple[str, str] | None = None
    used_at: datetime | None = None
    asked: Signature | None = None

    @property
    def waits_for(self) -> Role | None:
        """Whose turn it is; None where all have agreed."""
        return self.needs[len(self.consents)] if len(self.consents) < len(self.needs) else None

    def stage(self, now: datetime) -> Stage:
        if self.used_at is not None:
            return Stage.USED
        if self.declined is not None:
            return Stage.DECLINED
        if now > self.until:
            return Stage.EXPIRED
        return Stage.OPEN if self.waits_for is not None else Stage.APPROVED


def digest_of(thing: object) -> str:
    """SHA-256 of a thing's canonical JSON (RFC 8785), in hexadecimal: of texts, whole numbers, lists and tables."""
    return hashlib.sha256(msgspec.json.encode(thing, order="sorted")).hexdigest()


def may_approve(
    approval: Approval,
    person: Person | None,
    sha256: str,
    now: datetime,
    zone: tzinfo,
    *,
    namesakes: Collection[str] = (),
) -> Ruling:
    """Whether somebody may agree now; `sha256`: of the thing as it is; `zone`: the office's, for who reads why not;
    `namesakes`: logins of others of their name."""
    ruling = may(person, approval.action, asked_by=[approval.asked_by], namesakes=namesakes)
    waits_for = approval.waits_for
    bars = _spent(approval, sha256, now)
    alike: list[Reason] = []
    if person is not None and ruling.allowed:
        given = {consent.by for consent in approval.consents}
        bars += [Bar.TWICE] if person.login in given else []
        alike = [_given_by_namesake(approval, person, other) for other in sorted(given.intersection(namesakes))[:1]]
        bars += [Bar.TURN] if waits_for is None or waits_for not in person.roles else []
    return Ruling((*ruling.reasons, *(_reason(bar, approval, zone) for bar in bars), *alike))


def _given_by_namesake(approval: Approval, person: Person, other: str) -> Reason:
    agreed = Text(
        en=f"{other} has agreed to {approval.number} already: one person is one consent.",
        zh=f"{other} 已同意过 {approval.number}：一人只计一次。",
    )
    return namesake(person.login, other, agreed, approval.action)


def may_decline(
    approval: Approval, person: Person | None, now: datetime, zone: tzinfo, *, namesakes: Collection[str] = ()
) -> Ruling:
    """Whether somebody may say no: whose turn it is, and of whatever has become of the thing since."""
    return may_approve(approval, person, approval.sha256, now, zone, namesakes=namesakes)


def may_use(approval: Approval, sha256: str, now: datetime, zone: tzinfo, *, only: str | None = None) -> Ruling:
    """Whether it permits what was asked for; `only`: by whom alone it may be used, where that is so."""
    bars = _spent(approval, sha256, now)
    bars += [Bar.NOT_APPROVED] if approval.waits_for is not None else []
    bars += [Bar.NOT_YOURS] if only not in (None, approval.asked_by) else []
    return Ruling(tuple(_reason(bar, approval, zone) for bar in bars))


def _spent(approval: Approval, sha256: str, now: datetime) -> list[Bar]:
    bars = [Bar.USED] if approval.used_at is not None else []
    bars += [Bar.DECLINED] if approval.declined is not None else []
    bars += [Bar.EXPIRED] if now > approval.until else []
    bars += [Bar.CHANGED] if sha256 != approval.sha256 else []
    return bars


def _reason(bar: Bar, approval: Approval, zone: tzinfo) -> Reason:
    number, needed, until = approval.number, approval.waits_for, local(approval.until, zone)
    who, why = approval.declined or ("", "")
    role = needed.label if needed is not None else Text(en="nobody any more", zh="无")
    said = {
        Bar.USED: Text(en=f"{number} was used already.", zh=f"{number} 已经使用过。"),
        Bar.DECLINED: Text(en=f"{who} declined {number}: {why}", zh=f"{who} 不同意 {number}：{why}"),
        Bar.EXPIRED: Text(en=f"{number} ended on {until}.", zh=f"{number} 已于 {until} 失效。"),
        Bar.CHANGED: Text(
            en=f"What {number} was asked for has changed since; it is void.",
            zh=f"{number} 所申请的事项此后已有变更，该申请作废。",
        ),
        Bar.TWICE: Text(
            en=f"You have agreed to {number} already: one person is one consent.",
            zh=f"您已同意过 {number}：一人只计一次。",
        ),
        Bar.TURN: Text(
            en=f"It is not your turn to agree to {number}: it waits for {role.en}.",
            zh=f"{number} 尚未轮到您审批：现待{role.zh}审批。",
        ),
        Bar.NOT_APPROVED: Text(
            en=f"{number} is not approved yet: it waits for {role.en}.", zh=f"{number} 尚未批准：现待{role.zh}审批。"
        ),
        Bar.NOT_YOURS: Text(
            en=f"{number} was asked for by {approval.asked_by}, and is theirs alone to use.",
            zh=f"{number} 由 {approval.asked_by} 申请，仅限其本人使用。",
        ),
    }
    return Reason(bar, said[bar], _way_out(bar, approval))


def _way_out(bar: Bar, approval: Approval) -> Text:
    """What can be done about it: of a disposal its own page says."""
    if approval.action is not Action.VIEWING_APPROVE:
        command = f"strongroom disposal show {' '.join(approval.about)}"
        return Text(en=f"See: {command}", zh=f"请查看：{command}")
    if bar in (Bar.TWICE, Bar.TURN, Bar.NOT_APPROVED):
        return Text(en="How far it has come: strongroom viewing list", zh="办理进度：strongroom viewing list")
    return Text(en="Ask anew: strongroom viewing request", zh="请重新申请：strongroom viewing request")
