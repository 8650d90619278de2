"""Who may do what, as one table and one pure question.

The rules of this file:

- What no role of somebody's is listed for, they may not do. The table is the office's division of labour as the
  regulations have it (管理人员, 主管领导, 法制机构 …); docs/decisions/0022-people-and-roles.md says why each line.
- Nobody approves what they asked for, whatever their roles; nor does who goes by the name of one who did.
- Who runs the storage sees neither content nor facts, and neither proposes nor approves what becomes of records,
  whatever roles they have beside it: whoever can reach every copy must not be the one who may let it go.
- While nobody is enrolled the vault is one clerk's: everything is as if there were no table, but what cannot be undone
  waits for people.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from vault.actions import Action
from vault.errors import Refused
from vault.people import Person, Role
from vault.text import Text

_LEADERS = frozenset({Role.SUPERVISING_LEADER, Role.PRINCIPAL_LEADER})
_APPROVERS = _LEADERS | {Role.SECTION_HEAD, Role.LEGAL_OFFICE}
_CASEWORK = frozenset({Role.OFFICER, Role.CUSTODIAN})
_OFFICE = _CASEWORK | _APPROVERS
_ALL = frozenset(Role)

ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.INGEST: _CASEWORK,
    Action.SOURCE_RELEASE: _CASEWORK,
    Action.FACTS_READ: _ALL - {Role.OPERATOR},
    Action.FACTS_CORRECT: _CASEWORK,
    Action.FLAG: _CASEWORK | {Role.SECTION_HEAD, Role.LEGAL_OFFICE},
    Action.GAP_EXPLAIN: _CASEWORK,
    Action.GAP_REVIEW: _LEADERS | {Role.SECTION_HEAD},
    Action.CLASS_RAISE: _APPROVERS | {Role.CUSTODIAN},
    Action.HOLD_PLACE: _APPROVERS | {Role.CUSTODIAN},
    Action.HOLD_RELEASE: _LEADERS | {Role.LEGAL_OFFICE},
    Action.CASE_OPEN: _CASEWORK | {Role.SECTION_HEAD, Role.LEGAL_OFFICE},
    Action.CASE_CLOSE: frozenset({Role.CUSTODIAN, Role.SECTION_HEAD, Role.LEGAL_OFFICE}),
    Action.CASE_REOPEN: _CASEWORK | {Role.SECTION_HEAD, Role.LEGAL_OFFICE},
    Action.VIEWING_REQUEST: _OFFICE,
    Action.VIEWING_APPROVE: _APPROVERS,
    Action.CONTENT_VIEW: _OFFICE,
    Action.CONTENT_EXPORT: frozenset({Role.CUSTODIAN, Role.LEGAL_OFFICE}),
    Action.DISC_BUILD: frozenset({Role.CUSTODIAN}),
    Action.DISC_SHELVE: frozenset({Role.CUSTODIAN}),
    Action.DISC_LEND: frozenset({Role.CUSTODIAN}),
    Action.DISC_INSPECT: frozenset({Role.CUSTODIAN, Role.OPERATOR}),
    Action.DISC_COUNT: frozenset({Role.CUSTODIAN, Role.AUDITOR}),
    Action.DISC_SHRED: frozenset({Role.CUSTODIAN}),
    Action.DISPOSAL_PROPOSE: frozenset({Role.CUSTODIAN}),
    Action.DISPOSAL_APPRAISE: frozenset({Role.CUSTODIAN}),
    Action.DISPOSAL_APPROVE: _LEADERS | {Role.LEGAL_OFFICE},
    Action.DISPOSAL_SUPERVISE: frozenset({Role.DESTRUCTION_SUPERVISOR}),
    Action.DISPOSAL_STOP: _ALL,
    Action.DISPOSAL_RUN: frozenset({Role.CUSTODIAN, Role.OPERATOR}),
    Action.DISC_DESTRUCTION_CONFIRM: frozenset({Role.CUSTODIAN, Role.DESTRUCTION_SUPERVISOR}),
    Action.EXPIRY_RELEASE: _LEADERS | {Role.SECTION_HEAD},
    Action.PROFILE_ADOPT: frozenset({Role.PRINCIPAL_LEADER}),
    Action.PERSON_ENROL: frozenset({Role.PRINCIPAL_LEADER}),
    Action.STAND_IN: frozenset(),  # no office gives it; the system's root has it (ops/wiring.py)
    Action.STORE_MANAGE: frozenset({Role.OPERATOR}),
    Action.COPIES_MOVE: frozenset({Role.OPERATOR}),
    Action.COPIES_SCRUB: frozenset({Role.OPERATOR, Role.CUSTODIAN}),
    Action.ORPHANS_SWEEP: frozenset({Role.OPERATOR}),
    Action.LOCKS_SYNC: frozenset({Role.OPERATOR, Role.CUSTODIAN}),
    Action.CATALOGUE_REBUILD: frozenset({Role.OPERATOR}),
    Action.BACKUP_MAKE: frozenset({Role.PRINCIPAL_LEADER, Role.OPERATOR}),
    Action.REGISTERS_READ: _APPROVERS | {Role.CUSTODIAN, Role.DESTRUCTION_SUPERVISOR, Role.AUDITOR},
    Action.JOURNAL_AUDIT: frozenset({Role.AUDITOR, Role.PRINCIPAL_LEADER}),
}

NOT_BY_OPERATORS = frozenset(
    {
        *(Action.FACTS_READ, Action.REGISTERS_READ, Action.DISPOSAL_PROPOSE, Action.DISPOSAL_APPRAISE),
        *(Action.CONTENT_VIEW, Action.CONTENT_EXPORT, Action.DISC_BUILD, Action.DISC_LEND, Action.DISC_SHRED),
        *(Action.VIEWING_APPROVE, Action.DISPOSAL_APPROVE, Action.DISPOSAL_SUPERVISE, Action.GAP_REVIEW),
        *(Action.DISC_DESTRUCTION_CONFIRM, Action.EXPIRY_RELEASE, Action.PROFILE_ADOPT, Action.PERSON_ENROL),
    }
)
NOT_IN_SETUP = frozenset(
    {
        *(Action.DISPOSAL_PROPOSE, Action.DISPOSAL_APPRAISE, Action.DISPOSAL_APPROVE, Action.DISPOSAL_SUPERVISE),
        *(Action.DISPOSAL_STOP, Action.DISPOSAL_RUN, Action.DISC_DESTRUCTION_CONFIRM, Action.EXPIRY_RELEASE),
        Action.DISC_SHRED,
    }
)


class Bar(StrEnum):
    """What stands in somebody's way."""

    SETUP = "nobody-enrolled"
    STRANGER = "not-enrolled"
    ROLE = "role"
    OPERATOR = "operator"
    OWN = "own-request"
    NAMESAKE = "namesake"
    CONCERNED = "concerned"
    FOUNDER = "founder"
    ORDER = "order"
    TOO_EARLY = "too-early"
    NOT_APPROVED = "not-approved"
    NOT_YOURS = "not-yours"
    TURN = "turn"
    SECTION = "section"
    TWICE = "twice"
    CHANGED = "changed"
    EXPIRED = "expired"
    OTHER_PROFILE = "other-profile"
    DECLINED = "declined"
    IN_PERSON = "in-person"
    USED = "used"
    SUPERVISOR_GONE = "supervisor-gone"
    STAYS = "stays"
    PAUSED = "paused"
    NOT_DUE = "not-due"
    LISTED = "listed"
    SHORTER = "shorter"
    REQUIRED = "required"
    DESTROYED = "destroyed"
    NOBODY_NAMED = "nobody-named"
    NOT_PROVEN = "not-proven"
    LAST_COPY = "last-copy"
    LENT = "lent"
    ALREADY = "already"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Reason:
    """One bar, in words, and what to do about it, where there is a word for that."""

    bar: Bar
    text: Text
    hint: Text | None = None


class Barred(Refused):
    """A rule forbids it, which was found in the middle of an act: vault/authority.py `at_the_door` journals it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text, reason.hint)
        self.reason = reason

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), (self.reason,)


@dataclass(frozen=True, slots=True)
class Ruling:
    """Allowed where nothing stands in the way."""

    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.reasons


def may(
    person: Person | None,
    action: Action,
    *,
    asked_by: Collection[str] = (),
    concerned: Collection[str] = (),
    namesakes: Collection[str] = (),
) -> Ruling:
    """Whether somebody may do that. None: nobody is enrolled in the vault. `asked_by`: logins of those who asked for
    what is to be agreed to; `concerned`: of those whose own doings it is about (回避); `namesakes`: of others of their
    name."""
    if person is None:
        return Ruling((_reason(Bar.SETUP, action),) if action in NOT_IN_SETUP else ())
    if not person.roles:
        return Ruling((_reason(Bar.STRANGER, action, person),))
    bars = [
        (Bar.ROLE, not person.roles & ALLOWED[action]),
        (Bar.OPERATOR, Role.OPERATOR in person.roles and action in NOT_BY_OPERATORS),
        (Bar.OWN, person.login in asked_by),
        (Bar.CONCERNED, person.login in concerned),
    ]
    alike = [] if person.login in asked_by else sorted({*asked_by}.intersection(namesakes))
    asked = [
        namesake(person.login, other, _reason(Bar.OWN, action, Person(other, other, frozenset())).text, action)
        for other in alike[:1]
    ]
    return Ruling((*(_reason(bar, action, person) for bar, stands in bars if stands), *asked))


def namesake(who: str, other: str, why: Text, action: Action) -> Reason:
    """That somebody stands back since another of their name would have to; `why` that one would."""
    by = entitled(action)
    return Reason(
        Bar.NAMESAKE,
        Text(en=f"{who} and {other} go by the same name: {why.en}", zh=f"{who} 与 {other} 同名：{why.zh}"),
        Text(
            en=f"Where they are two people, another one does it ({by.en}): strongroom person list",
            zh=f"即使确为两人，也请由其他人员办理（{by.zh}）：strongroom person list",
        ),
    )


def _reason(bar: Bar, action: Action, person: Person | None = None) -> Reason:
    who, what = person.called if person is not None else "", action.label
    said = {
        Bar.SETUP: Text(
            en=f"Nobody is enrolled in this vault yet, and it cannot be undone: {what.en}.",
            zh=f"本档案库尚未登记人员，而该操作不可撤销：{what.zh}。",
        ),
        Bar.STRANGER: Text(
            en=f"{who} is not enrolled in this vault: {what.en}.",
            zh=f"{who} 未在本档案库登记，不得{what.zh}。",
        ),
        Bar.ROLE: Text(
            en=f"{who} may not do that: {what.en} ({entitled(action).en}).",
            zh=f"{who} 无权{what.zh}（限：{entitled(action).zh}）。",
        ),
        Bar.OPERATOR: Text(
            en=f"{who} runs the storage: an operator sees neither content nor facts, and decides nothing.",
            zh=f"{who} 是运维人员：运维人员不得接触内容和记录信息，也不得参与处置和审批。",
        ),
        Bar.OWN: Text(
            en=f"{who} asked for it: nobody approves what they asked for.",
            zh=f"{who} 是申请人：任何人不得审批自己的申请。",
        ),
        Bar.CONCERNED: Text(
            en=f"It is about what {who} did: somebody else has to decide.",
            zh=f"该事项涉及 {who} 本人，应当回避。",
        ),
    }
    hints = {
        Bar.STRANGER: Text(
            en=f"To be enrolled by: {entitled(Action.PERSON_ENROL).en} (strongroom person add LOGIN --name … --role …)",
            zh=f"须先由{entitled(Action.PERSON_ENROL).zh}登记（strongroom person add 登录名 --name … --role …）",
        ),
        Bar.OWN: _others(action),
        Bar.CONCERNED: _others(action),
    }
    return Reason(bar, said[bar], hints.get(bar))


def _others(action: Action) -> Text:
    who = entitled(action)
    return Text(
        en=f"Somebody else may ({who.en}): strongroom person list",
        zh=f"请由他人办理（{who.zh}）：strongroom person list",
    )


def entitled(action: Action) -> Text:
    """The roles that may do it, in words."""
    listed = [role.label for role in Role if role in ALLOWED[action]]
    return Text(
        en=", ".join(label.en for label in listed) or "no role", zh="、".join(label.zh for label in listed) or "无"
    )
