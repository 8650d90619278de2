"""What each rule by itself says of a record: a term with its end, or why it has none, and the reasons."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache

import msgspec

from vault.profile import BaseRule, Profile, Start, TermKind
from vault.retention import wording as say
from vault.retention.holding import Assigned, CaseClaim, Extension, Floor, Holding
from vault.terms import RetentionClass, last_day, local_day
from vault.text import Text


class State(StrEnum):
    """Where a record stands between filing and review; below, whatever stops it comes before whatever it stops."""

    QUARANTINED = "quarantined"  # 待补全: no term ends before the facts are complete
    HELD = "held"  # 暂缓处置
    PERMANENT = "permanent"  # 长期保存
    WAITING_FOR_CASE = "waiting-for-case"  # 案件未结: a case is open or was reopened
    UNSET = "unset"  # 待确定: a person must set something first; the reasons say what
    PAUSED = "paused"  # 暂停: the clock or the catalogue is not trusted yet
    DUE = "due"  # 到期待鉴定
    RUNNING = "running"  # 保存期内


class Reason(msgspec.Struct, frozen=True, gc=False):  # made five times a decision: a fifth of a named tuple's cost
    """One step of the decision. `article` is the regulation's ("11", "12(1)"; see vault.profile.cited), another
    norm's by name, or empty for a rule of this program."""

    says: Text  # with {0}, {1} … for the values
    values: tuple[object, ...] = ()
    article: str = ""

    @property
    def text(self) -> Text:
        """The sentence with its values in it."""
        return Text(
            en=self.says.en.format(*(v.en if isinstance(v, Text) else v for v in self.values)),
            zh=self.says.zh.format(*(v.zh if isinstance(v, Text) else v for v in self.values)),
        )


class Term(msgspec.Struct, frozen=True, gc=False):
    """What one rule says. `state` is RUNNING where it has an end, otherwise why it has none. `given`: the class that
    the profile, a person or an earlier profile gave; None for a case, and where none was given. `case`: whose file says
    it; `profile`: under which it was said earlier, empty for the one in force. `from_own_day`: the case was closed
    before the record's own day, and it counts from that.
    """

    state: State
    retention_class: RetentionClass | None
    kind: TermKind
    last_day: date | None
    reasons: tuple[Reason, ...]
    given: RetentionClass | None = None
    case: str = ""
    profile: str = ""
    from_own_day: bool = False


class _Started(msgspec.Struct, frozen=True, gc=False):
    """From which day terms count. No day: `state` says what they wait for."""

    day: date | None
    state: State
    reasons: tuple[Reason, ...]


_WEIGHT = {State.RUNNING: 0, State.UNSET: 1, State.WAITING_FOR_CASE: 2, State.PERMANENT: 3}


def longest_of(terms: Sequence[Term]) -> Term:
    """No end outlasts every end; of equal ends, one that demands a review comes before one that allows it."""
    return max(terms, key=lambda t: (_WEIGHT[t.state], t.last_day or date.min, t.kind is TermKind.FIXED))


def given_terms(holding: Holding, profile: Profile, cases: Sequence[Term]) -> list[Term]:
    """The terms of all rules but the cases'."""
    start = _start(holding, profile.base, profile)
    known = profile.kind(holding.kind) if holding.kind else None
    figure = known is not None and known.base.retention_class is not None
    terms = [_base(profile.base, start, cases, holding.assigned, of_its_kind=figure)]
    if known is not None:
        its_start = _start(holding, known.base, profile)
        of_kind = _base(known.base, its_start, cases, holding.assigned)
        reasons = (Reason(say.KIND, (known.text,), known.article), *of_kind.reasons)
        terms.append(msgspec.structs.replace(of_kind, reasons=reasons))
    elif holding.kind:
        unknown = Reason(say.UNKNOWN_KIND, (holding.kind, profile.id, profile.version))
        terms.append(Term(State.UNSET, None, profile.base.kind, None, (unknown,)))
    if holding.assigned:
        terms += _assigned(holding.assigned, profile.base, start, cases)
    if holding.circumstances:
        terms += _circumstances(holding.circumstances, profile, start, cases)
    if holding.floor is not None:
        terms += _floor(holding.floor, holding, profile, cases)
    return terms


def _start(holding: Holding, rule: BaseRule, profile: Profile) -> _Started:
    note = () if rule.start_note is None else (Reason(rule.start_note.text, (), rule.article),)
    if rule.start is Start.CASE_CLOSED:
        return _from_cases(holding, profile, rule, note)
    return _own_start(holding, rule, profile, note)


def _own_start(holding: Holding, rule: BaseRule, profile: Profile, note: tuple[Reason, ...]) -> _Started:
    """From when the record counts by itself, its cases left aside; where the rule counts from their closing, from the
    end of its activity."""
    zone = profile.zone
    stored = local_day(holding.stored_at, zone)
    if rule.start is Start.STORED:
        return _Started(stored, State.RUNNING, (*note, Reason(say.STORED, (stored,), rule.article)))
    if rule.start in (Start.ACTIVITY_ENDED, Start.CASE_CLOSED):
        if holding.activity_ended_at is not None:
            ended = local_day(holding.activity_ended_at, zone)
            return _Started(ended, State.RUNNING, (*note, Reason(say.ENDED, (ended,), rule.article)))
        note = (*note, Reason(say.END_NOT_KNOWN, (), rule.article))
    if holding.recorded_at is None:
        return _Started(stored, State.RUNNING, (*note, Reason(say.NOT_KNOWN, (stored,), rule.article)))
    recorded = local_day(holding.recorded_at, zone)
    if holding.recorded_at > holding.stored_at:  # a wrong clock: what keeps it longer stays right
        note = (*note, Reason(say.AHEAD))
    if rule.start is Start.RECORDED:
        return _Started(recorded, State.RUNNING, (*note, Reason(say.RECORDED, (recorded,), rule.article)))
    later = max(recorded, stored)
    return _Started(later, State.RUNNING, (*note, Reason(say.LATER, (recorded, stored, later), rule.article)))


def own_day(holding: Holding, profile: Profile) -> date:
    """The record's own day, by the rules that apply to it: a case that was closed before counts from then only."""
    kind = profile.kind(holding.kind) if holding.kind else None
    rules = [profile.base] if kind is None else [profile.base, kind.base]
    days = [_own_start(holding, rule, profile, ()).day for rule in rules]
    return max(day for day in days if day is not None)


def _from_cases(holding: Holding, profile: Profile, rule: BaseRule, note: tuple[Reason, ...]) -> _Started:
    cases = holding.cases
    closed = [c.closed_on for c in cases if c.closed_on is not None]
    if not cases:
        return _Started(None, State.UNSET, (*note, Reason(say.NO_CASE, (), rule.article)))
    if len(closed) < len(cases):
        return _Started(None, State.WAITING_FOR_CASE, (*note, Reason(say.FROM_CLOSING, (), rule.article)))
    last, own = max(closed), own_day(holding, profile)
    says = (*note, Reason(say.CLOSED, (last,), rule.article))
    if own > last:
        return _Started(own, State.RUNNING, (*says, _after_closing(holding, last, own, profile)))
    return _Started(last, State.RUNNING, says)


def _after_closing(holding: Holding, closed_on: date, own: date, profile: Profile) -> Reason:
    """Why a record counts from its own day: it was made after the closing, or only stored then."""
    moments = [one for one in (holding.recorded_at, holding.activity_ended_at) if one is not None]
    made_then = any(local_day(moment, profile.zone) > closed_on for moment in moments)
    return Reason(say.RECORDED_AFTER_CLOSING if made_then else say.STORED_AFTER_CLOSING, (own,))


def _term(
    retention_class: RetentionClass,
    kind: TermKind,
    start: _Started,
    cases: Sequence[Term],
    reasons: tuple[Reason, ...],
) -> Term:
    """The term of a class that the base rule, a person or a circumstance gives."""
    if retention_class is RetentionClass.PERMANENT:
        return Term(State.PERMANENT, retention_class, kind, None, reasons, retention_class)
    if retention_class is RetentionClass.CASE_LIFETIME:
        if not cases:
            told = any(reason.says is say.NO_CASE for reason in reasons)
            lacking = reasons if told else (*reasons, Reason(say.NO_CASE))
            return Term(State.UNSET, retention_class, kind, None, lacking, retention_class)
        file = longest_of(cases)
        return Term(file.state, file.retention_class, kind, file.last_day, reasons, retention_class)
    if start.day is None:
        return Term(start.state, retention_class, kind, None, reasons, retention_class)
    end, why = _end(start.day, retention_class)
    return Term(State.RUNNING, retention_class, kind, end, (*reasons, why), retention_class)


@lru_cache(maxsize=8192)  # as last_day
def _end(start: date, retention_class: RetentionClass) -> tuple[date, Reason]:
    end = last_day(start, retention_class)
    return end, Reason(say.ENDS, (retention_class.label, start, end), "Civil Code 202")


def _base(
    rule: BaseRule,
    start: _Started,
    cases: Sequence[Term],
    assigned: Sequence[Assigned],
    *,
    of_its_kind: bool = False,
) -> Term:
    """The term of a base rule. `of_its_kind`: the rule for the record's kind gives a figure."""
    if rule.retention_class is None:
        cited = any(a.citation.strip() for a in assigned)
        why = say.OF_ITS_KIND if of_its_kind else say.NO_FIGURE if cited else say.NO_CLASS
        reasons = (Reason(why, (), rule.article), *start.reasons)
        # Once another rule or a person gives a class, this one has nothing left to say: no end, outlasted by any.
        return Term(State.RUNNING if of_its_kind or cited else State.UNSET, None, rule.kind, None, reasons)
    says = Reason(say.BASE[rule.kind], (rule.retention_class.label,), rule.article)
    return _term(rule.retention_class, rule.kind, start, cases, (says, *start.reasons))


def _assigned(assigned: Sequence[Assigned], rule: BaseRule, start: _Started, cases: Sequence[Term]) -> list[Term]:
    return [_term(a.retention_class, rule.kind, start, cases, (_raised(a),)) for a in assigned]


def _raised(given: Assigned) -> Reason:
    return Reason(say.ASSIGNED, (given.retention_class.label, given.by, given.why), given.citation)


def _circumstances(identifiers: Sequence[str], profile: Profile, start: _Started, cases: Sequence[Term]) -> list[Term]:
    terms = []
    for identifier in identifiers:
        known = profile.circumstance(identifier)
        if known is None:
            unknown = Reason(say.UNKNOWN_CIRCUMSTANCE, (identifier, profile.id, profile.version))
            terms.append(Term(State.UNSET, None, profile.base.kind, None, (unknown,)))
            continue
        says = Reason(say.CIRCUMSTANCE, (known.text, known.raises_to.label), known.article)
        discs = (Reason(say.DISCS, (known.disc_copies,), known.article),) if known.disc_copies else ()
        terms.append(_term(known.raises_to, profile.base.kind, start, cases, (says, *discs)))
    return terms


def _floor(floor: Floor, holding: Holding, profile: Profile, cases: Sequence[Term]) -> list[Term]:
    """What an earlier profile gave: its end, and classes that still wait for theirs."""
    terms = []
    kind = profile.base.kind
    if floor.last_day is not None:
        text = say.FLOOR_BY_CASE if floor.case else say.FLOOR
        kept = (Reason(text, (floor.profile, floor.last_day, floor.case)),)
        of = floor.retention_class
        given = None if of is RetentionClass.CASE_LIFETIME else of  # its file has said until when
        terms.append(Term(State.RUNNING, of, kind, floor.last_day, kept, given, floor.case, floor.profile))
    closing = _from_cases(holding, profile, profile.base, ())
    for one in floor.pending:
        text = say.FLOOR_CLASS_BY_CASE if one.case else say.FLOOR_CLASS
        says = (Reason(text, (one.profile, one.retention_class.label, one.case)),)
        term = _term(one.retention_class, kind, closing, cases, says)
        terms.append(msgspec.structs.replace(term, case=one.case, profile=one.profile))
    return terms


def extension_term(extension: Extension, retention_class: RetentionClass | None) -> Term:
    """After an extension the record is reviewed once more; it stays of the class that it had."""
    says = (Reason(say.EXTENDED, (extension.until, extension.by, extension.why)),)
    return Term(State.RUNNING, retention_class, TermKind.FIXED, extension.until, says)


def case_terms(holding: Holding, profile: Profile) -> list[Term]:
    """The terms that the record's cases give it."""
    if not holding.cases:
        return []
    own = own_day(holding, profile)
    return [_case_term(case, holding, own, profile) for case in holding.cases]


def _case_term(case: CaseClaim, holding: Holding, own: date, profile: Profile) -> Term:
    """How long a case keeps the record: while it is open, and then as long as its file, from the closing or, where that
    came first, from the record's own day. A record has not lain there before it existed."""
    kind = profile.base.kind if profile.case is None else profile.case.kind
    article = "" if profile.case is None else profile.case.article
    lifetime = RetentionClass.CASE_LIFETIME
    if case.closed_on is None:
        says = Reason(say.OPEN, (case.number,), article)
        return Term(State.WAITING_FOR_CASE, lifetime, kind, None, (says,), case=case.number)
    if case.keep is RetentionClass.PERMANENT:
        says = Reason(say.FILE, (case.number, case.closed_on, case.keep.label), article)
        return Term(State.PERMANENT, case.keep, kind, None, (says,), case=case.number)
    if case.keep is None or case.keep is lifetime:  # "as long as itself" is no term
        says = Reason(say.NO_TERM, (case.number, case.closed_on), article)
        return Term(State.UNSET, lifetime, kind, None, (says,), case=case.number)
    reasons = [Reason(say.FILE, (case.number, case.closed_on, case.keep.label), article)]
    late = own > case.closed_on
    if late:
        reasons.append(_after_closing(holding, case.closed_on, own, profile))
    end, why = _end(max(case.closed_on, own), case.keep)
    return Term(State.RUNNING, lifetime, kind, end, (*reasons, why), case=case.number, from_own_day=late)
