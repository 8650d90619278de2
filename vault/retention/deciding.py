"""Until when a record is kept, and why: one pure function, `decide`, over what is known of it.

The rules of this file:

- The longest wins, among the profile's base rule, that of the record's kind, classes that a person assigned,
  circumstances, cases, and what was given before (its floor). Ends are compared as dates. Nothing here can
  shorten a term: more rules make an end later or take it away.
- What was told once stays: where a fact is put right, or a case closed anew, the end that a record had is its floor.
- A case closed before its record was made counts for that record from the record's own day: no term is over before
  what it keeps existed.
- A hold holds, however many others are released. An open case holds, a reopened one again. A record in quarantine
  does not expire: what is missing may be what would lengthen its term.
- Where an end cannot be known (no class given, a closed case whose file has no term, a circumstance that the profile
  does not know), there is none until a person says so. "Cannot tell" is never "over".
- The end of a term is never a destruction: it is the first day on which a person may, or is to, review the record.

`expiry` is what the rules say without a clock: its `expires_on` is what the catalogue indexes. `decide` is that and
the clock: due, or paused where the clock or the catalogue is not trusted yet. A pause moves no date, so pausing a
vault touches no record. Both give every reason with its article; texts are put together only when they are read,
because a million records are decided for each one that is explained.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

import msgspec

from vault.profile import Profile, TermKind
from vault.records import Standing
from vault.retention import wording as say
from vault.retention.holding import Floor, Holding, Pending
from vault.retention.rules import Reason, State, Term, case_terms, extension_term, given_terms, longest_of
from vault.terms import RetentionClass, day_after, file_terms, in_words, local_day
from vault.text import Text


class Decision(msgspec.Struct, frozen=True, gc=False):  # made for each of a million records: see Reason
    """What governs a record and where it stands.

    `last_day` is the last day of the longest term, in the office's calendar; None while that cannot be known.
    `expires_on` is the first day of review: the day after, or None while anything prevents it (a hold, say, leaves
    `last_day` standing). `kind` is None where there is no end. `reasons` are in the order in which they weigh in.
    `of_file`: for how long the files of its cases are kept, where that is settled.
    """

    state: State
    retention_class: RetentionClass | None
    kind: TermKind | None
    last_day: date | None
    expires_on: date | None
    reasons: tuple[Reason, ...]
    of_file: tuple[RetentionClass, ...] = ()

    @property
    def kept(self) -> Text | None:
        """The class in words, with the term of the case's file; None where there is no class."""
        return in_words(self.retention_class, self.of_file) if self.retention_class is not None else None


def decide(holding: Holding, profile: Profile, now: datetime) -> Decision:
    """Until when the record is kept, whether that is over at `now`, and why. ValueError for a time without a zone."""
    today = _today(now, profile.zone)
    decision = expiry(holding, profile)
    if decision.expires_on is None:
        return decision
    if holding.expiry_paused is not None:
        return _turned(decision, State.PAUSED, Reason(holding.expiry_paused))
    if decision.expires_on <= today:
        return _turned(decision, State.DUE, Reason(say.OVER, (today,)))
    return decision


_today = lru_cache(maxsize=8)(local_day)  # a million records are decided at one moment


def _turned(d: Decision, state: State, why: Reason) -> Decision:
    return msgspec.structs.replace(d, state=state, reasons=(*d.reasons, why))


def due_on(decision: Decision, day: date) -> bool:
    """Whether the record is up for review on that day of the office's calendar, as far as is known now."""
    return (
        decision.expires_on is not None and decision.expires_on <= day and decision.state in (State.RUNNING, State.DUE)
    )


def expiry(holding: Holding, profile: Profile) -> Decision:
    """The decision as far as it needs no clock: never due, never paused. Changes only when holding or profile do."""
    terms = _terms(holding, profile)
    longest = terms[0]
    reasons = [Reason(say.NAME_ALONE, (holding.case_name,))] if holding.case_name and not holding.cases else []
    reasons += longest.reasons
    if len(terms) > 1:
        reasons += [reason for term in terms[1:] for reason in term.reasons]
        longest = longest_of(terms)
        reasons.append(_weighed(longest))
    state = longest.state
    if holding.holds:
        state = State.HELD
        zone = profile.zone
        reasons += [Reason(say.HELD, (h.id, h.why, h.authority, local_day(h.placed_at, zone))) for h in holding.holds]
    if holding.standing is Standing.QUARANTINED:
        state = State.QUARANTINED
        reasons.append(Reason(say.QUARANTINED))
    of_file = file_terms([(case.closed_on, case.keep) for case in holding.cases]) if holding.cases else ()
    if longest.last_day is None:
        return Decision(state, longest.retention_class, None, None, None, tuple(reasons), of_file)
    review = None
    if state is State.RUNNING:
        review, why = _review(longest.kind, longest.last_day, profile.base.article)
        reasons.append(why)
    return Decision(state, longest.retention_class, longest.kind, longest.last_day, review, tuple(reasons), of_file)


def _terms(holding: Holding, profile: Profile) -> list[Term]:
    cases = case_terms(holding, profile)
    terms = given_terms(holding, profile, cases)
    if holding.extensions:
        of = longest_of([*terms, *cases]).retention_class
        terms += [extension_term(e, of) for e in holding.extensions]
    return terms + cases


@lru_cache(maxsize=8192)  # as vault.terms.last_day
def _review(kind: TermKind, last_day: date, article: str) -> tuple[date, Reason]:
    review = day_after(last_day)
    return review, Reason(say.REVIEW[kind], (review,), article)


def floor(holding: Holding, profile: Profile) -> Floor | None:
    """What must stay of the profile's word when another is adopted. Extensions and cases are left out: they hold
    under every one, but for cases closed before the record's own day, which is the profile's word."""
    cases = case_terms(holding, profile)
    terms = given_terms(holding, profile, cases)
    dated = [term for term in terms if _dated(term)]
    dated += [term for term in cases if term.last_day is not None and term.from_own_day]
    pending = _waiting(terms, profile)
    if dated:
        return _floored(Floor(pending=pending), longest_of(dated), profile)
    return Floor(pending=pending) if pending else None


def _dated(term: Term) -> bool:
    return term.last_day is not None and term.given is not RetentionClass.CASE_LIFETIME


def _waiting(terms: Sequence[Term], profile: Profile) -> tuple[Pending, ...]:
    """Classes that have no end yet, or that of a case's file, which may still become later."""
    waiting = (term for term in terms if term.given is not None and not _dated(term))
    return tuple(dict.fromkeys(_pending(term, profile) for term in waiting))


def shortens(holding: Holding, kind: str, profile: Profile) -> bool:
    """Whether a record would be kept shorter as one of that kind: as it stands, or as the two kinds have it by
    themselves, since a case that holds it today may be put right tomorrow. What an earlier profile's kind gave is the
    record's floor: one that this profile does not know has no more to say."""
    if profile.kind(holding.kind) is None:
        return False
    alone = Holding(
        stored_at=holding.stored_at,
        recorded_at=holding.recorded_at,
        activity_ended_at=holding.activity_ended_at,
        kind=holding.kind,
    )
    return any(
        _lasting(expiry(replace(one, kind=kind), profile)) < _lasting(expiry(one, profile)) for one in (holding, alone)
    )


def lets_go(before: Holding, after: Holding, profile: Profile) -> bool:
    """Whether a record would be kept shorter so, though what was told of its end stays: an end comes in sight that a
    case, say, had kept away."""
    after = replace(after, floor=undercut(before, after, profile))
    return _lasting(expiry(after, profile)) < _lasting(expiry(before, profile))


def _lasting(decision: Decision) -> tuple[bool, bool, date]:
    """Sorts decisions by how long they keep."""
    permanent = decision.retention_class is RetentionClass.PERMANENT
    return permanent, decision.last_day is None, decision.last_day or date.min


def unsettled(holding: Holding, profile: Profile) -> bool:
    """Whether a person has still to say how long it is kept, or would have to but for a case that is open."""
    kept = replace(holding, standing=Standing.KEPT, holds=())
    return any(expiry(one, profile).state is State.UNSET for one in (kept, replace(kept, cases=())))


def undercut(before: Holding, after: Holding, profile: Profile) -> Floor | None:
    """The floor of a record of which something else is said from now on: the end that was told, where it would become
    earlier, or is taken away for the time being; what was permanent stays so, and what its kind made follow a case. As
    it was where nothing is to be kept."""
    after = replace(after, floor=_with_former_kind(before, after, profile))
    was, will_be = longest_of(_terms(before, profile)), longest_of(_terms(after, profile))
    permanent = RetentionClass.PERMANENT
    known = after.floor or Floor()
    if was.retention_class is permanent:
        if will_be.retention_class is permanent:
            return after.floor
        kept = _pending(_by_itself(_terms(before, profile)), profile)
        return msgspec.structs.replace(known, pending=(*known.pending, kept))
    later = will_be.last_day
    if was.last_day is None:
        promised = _promised(after, profile)
        was, later = _promised(before, profile) or was, later or (promised.last_day if promised else None)
    if was.last_day is None or (later is not None and later >= was.last_day):
        return after.floor
    return _floored(known, was, profile)


def _by_itself(terms: Sequence[Term]) -> Term:
    """The permanent one that does not merely follow its case: the case's own, where a kind has it from there."""
    permanent = [term for term in terms if term.retention_class is RetentionClass.PERMANENT]
    return next(term for term in permanent if term.given is not RetentionClass.CASE_LIFETIME)


def _with_former_kind(before: Holding, after: Holding, profile: Profile) -> Floor | None:
    """The floor with what the kind that it had gave without a day of its own."""
    if before.kind == after.kind:
        return after.floor
    had, has = (_waiting(given_terms(one, profile, case_terms(one, profile)), profile) for one in (before, after))
    gone = tuple(one for one in had if one not in has)
    floor = after.floor or Floor()
    return msgspec.structs.replace(floor, pending=(*floor.pending, *gone)) if gone else after.floor


def _promised(holding: Holding, profile: Profile) -> Term | None:
    """What keeps a record longest in any case, while something of it is still to be settled."""
    cases = case_terms(holding, profile)
    dated = [term for term in (*given_terms(holding, profile, cases), *cases) if term.last_day is not None]
    return longest_of(dated) if dated else None


def _floored(floor: Floor, term: Term, profile: Profile) -> Floor:
    """With that term as the end that was told."""
    return msgspec.structs.replace(
        floor,
        profile=_under(term, profile),
        case=term.case,
        last_day=term.last_day,
        retention_class=term.retention_class,
    )


def _pending(term: Term, profile: Profile) -> Pending:
    assert term.retention_class is not None
    return Pending(profile=_under(term, profile), case=term.case, retention_class=term.given or term.retention_class)


def _under(term: Term, profile: Profile) -> str:
    """The profile under which it was said, as floors name one."""
    return term.profile or f"{profile.id} {profile.version}"


def _weighed(longest: Term) -> Reason:
    if longest.state is State.RUNNING:
        return Reason(say.LONGEST, (longest.last_day,))
    return Reason(say.ENDLESS[longest.state])
