"""Until when a record is kept, and why: one pure function, `decide`, over what is known of it.

The rules of this file:

- The longest wins, among the profile's base rule, classes that a person assigned, circumstances and cases. Ends are
  compared as dates. Nothing here can shorten a term: more rules make an end later or take it away.
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
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from vault.profile import BaseRule, Profile, Start, TermKind
from vault.records import Standing
from vault.terms import RetentionClass, day_after, last_day, local_day
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


@dataclass(frozen=True, slots=True)
class Assigned:
    """A class that a person gave a record. `citation`: the rule it follows; needed where the profile gives no class."""

    retention_class: RetentionClass
    why: str
    by: str
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason, with a name under it, why a record may not be disposed of. Released ones are not passed in."""

    id: str
    why: str
    authority: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class CaseClaim:
    """A case that a record belongs to, as it stands. Reopened: `closed_on` is None again. `keep`: class of its file."""

    number: str
    opened_on: date | None = None
    closed_on: date | None = None
    keep: RetentionClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """All that the decision depends on, apart from the profile and the clock. Moments carry a zone."""

    stored_at: datetime
    recorded_at: datetime | None = None
    activity_ended_at: datetime | None = None
    standing: Standing = Standing.KEPT
    circumstances: tuple[str, ...] = ()  # identifiers from the profile
    assigned: tuple[Assigned, ...] = ()
    holds: tuple[Hold, ...] = ()
    cases: tuple[CaseClaim, ...] = ()
    expiry_paused: Text | None = None  # why, while it is


AFTER_REBUILD = Text(
    en="The catalogue was rebuilt; expiry waits until a manager has checked it and releases it.",
    zh="目录库已重建，待管理人员核对并放行后恢复到期计算。",
)


class Reason(NamedTuple):  # made five times a decision, at half the cost of a frozen dataclass
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


class Decision(NamedTuple):  # for the same reason
    """What governs a record and where it stands.

    `last_day` is the last day of the longest term, in the office's calendar; None while that cannot be known.
    `expires_on` is the first day of review: the day after, or None while anything prevents it (a hold, say, leaves
    `last_day` standing). `kind` is None where there is no end. `reasons` are in the order in which they weigh in.
    """

    state: State
    retention_class: RetentionClass | None
    kind: TermKind | None
    last_day: date | None
    expires_on: date | None
    reasons: tuple[Reason, ...]


def decide(holding: Holding, profile: Profile, now: datetime) -> Decision:
    """Until when the record is kept, whether that is over at `now`, and why. ValueError for a time without a zone."""
    today = _today(now, profile.zone)
    decision = expiry(holding, profile)
    if decision.expires_on is None:
        return decision
    if holding.expiry_paused is not None:
        return _turned(decision, State.PAUSED, Reason(holding.expiry_paused))
    if decision.expires_on <= today:
        return _turned(decision, State.DUE, Reason(_OVER, (today,)))
    return decision


_today = lru_cache(maxsize=8)(local_day)  # a million records are decided at one moment


def _turned(d: Decision, state: State, why: Reason) -> Decision:
    return Decision(state, d.retention_class, d.kind, d.last_day, d.expires_on, (*d.reasons, why))


def due_on(decision: Decision, day: date) -> bool:
    """Whether the record is up for review on that day of the office's calendar, as far as is known now."""
    return (
        decision.expires_on is not None and decision.expires_on <= day and decision.state in (State.RUNNING, State.DUE)
    )


def expiry(holding: Holding, profile: Profile) -> Decision:
    """The decision as far as it needs no clock: never due, never paused. Changes only when holding or profile do."""
    cases = [_case(c, profile) for c in holding.cases]
    start = _start(holding, profile)
    terms = [_base(profile.base, start, cases, holding.assigned)]
    if holding.assigned:
        terms += _assigned(holding.assigned, profile.base, start, cases)
    if holding.circumstances:
        terms += _circumstances(holding.circumstances, profile, start, cases)
    terms += cases
    longest = terms[0]
    reasons = list(longest.reasons)
    if len(terms) > 1:
        reasons += [reason for term in terms[1:] for reason in term.reasons]
        longest = _longest(terms)
        reasons.append(_weighed(longest))
    state = longest.state
    if holding.holds:
        state = State.HELD
        zone = profile.zone
        reasons += [Reason(_HELD, (h.id, h.why, h.authority, local_day(h.placed_at, zone))) for h in holding.holds]
    if holding.standing is Standing.QUARANTINED:
        state = State.QUARANTINED
        reasons.append(Reason(_QUARANTINED))
    if longest.last_day is None:
        return Decision(state, longest.retention_class, None, None, None, tuple(reasons))
    review = None
    if state is State.RUNNING:
        review = day_after(longest.last_day)
        reasons.append(Reason(_REVIEW[longest.kind], (review,), profile.base.article))
    return Decision(state, longest.retention_class, longest.kind, longest.last_day, review, tuple(reasons))


class _Term(NamedTuple):
    """What one rule says. `state` is RUNNING where it has an end, otherwise why it has none."""

    state: State
    retention_class: RetentionClass | None
    kind: TermKind
    last_day: date | None
    reasons: tuple[Reason, ...]


class _Started(NamedTuple):
    """From which day terms count. No day: `state` says what they wait for."""

    day: date | None
    state: State
    reasons: tuple[Reason, ...]


_WEIGHT = {State.RUNNING: 0, State.UNSET: 1, State.WAITING_FOR_CASE: 2, State.PERMANENT: 3}


def _longest(terms: Sequence[_Term]) -> _Term:
    """No end outlasts every end; of equal ends, one that demands a review comes before one that allows it."""
    return max(terms, key=lambda t: (_WEIGHT[t.state], t.last_day or date.min, t.kind is TermKind.FIXED))


def _start(holding: Holding, profile: Profile) -> _Started:
    rule = profile.base
    note = () if rule.start_note is None else (Reason(rule.start_note.text, (), rule.article),)
    if rule.start is Start.CASE_CLOSED:
        return _from_cases(holding.cases, rule, note)
    zone = profile.zone
    stored = local_day(holding.stored_at, zone)
    if rule.start is Start.STORED:
        return _Started(stored, State.RUNNING, (*note, Reason(_STORED, (stored,), rule.article)))
    if rule.start is Start.ACTIVITY_ENDED:
        if holding.activity_ended_at is not None:
            ended = local_day(holding.activity_ended_at, zone)
            return _Started(ended, State.RUNNING, (*note, Reason(_ENDED, (ended,), rule.article)))
        note = (*note, Reason(_END_NOT_KNOWN, (), rule.article))
    if holding.recorded_at is None:
        return _Started(stored, State.RUNNING, (*note, Reason(_NOT_KNOWN, (stored,), rule.article)))
    recorded = local_day(holding.recorded_at, zone)
    if rule.start is Start.RECORDED:
        return _Started(recorded, State.RUNNING, (*note, Reason(_RECORDED, (recorded,), rule.article)))
    later = max(recorded, stored)
    return _Started(later, State.RUNNING, (*note, Reason(_LATER, (recorded, stored, later), rule.article)))


def _from_cases(cases: Sequence[CaseClaim], rule: BaseRule, note: tuple[Reason, ...]) -> _Started:
    closed = [c.closed_on for c in cases if c.closed_on is not None]
    if not cases:
        return _Started(None, State.UNSET, (*note, Reason(_NO_CASE, (), rule.article)))
    if len(closed) < len(cases):
        return _Started(None, State.WAITING_FOR_CASE, (*note, Reason(_FROM_CLOSING, (), rule.article)))
    return _Started(max(closed), State.RUNNING, (*note, Reason(_CLOSED, (max(closed),), rule.article)))


def _term(
    retention_class: RetentionClass,
    kind: TermKind,
    start: _Started,
    cases: Sequence[_Term],
    reasons: tuple[Reason, ...],
) -> _Term:
    """The term of a class that the base rule, a person or a circumstance gives."""
    if retention_class is RetentionClass.PERMANENT:
        return _Term(State.PERMANENT, retention_class, kind, None, reasons)
    if retention_class is RetentionClass.CASE_LIFETIME:
        if not cases:
            return _Term(State.UNSET, retention_class, kind, None, (*reasons, Reason(_NO_CASE)))
        file = _longest(cases)
        return _Term(file.state, file.retention_class, kind, file.last_day, reasons)
    if start.day is None:
        return _Term(start.state, retention_class, kind, None, reasons)
    end = last_day(start.day, retention_class)
    return _Term(State.RUNNING, retention_class, kind, end, (*reasons, _ends(retention_class, start.day, end)))


def _ends(retention_class: RetentionClass, start: date, end: date) -> Reason:
    return Reason(_ENDS, (retention_class.label, start, end), "Civil Code 202")


def _base(rule: BaseRule, start: _Started, cases: Sequence[_Term], assigned: Sequence[Assigned]) -> _Term:
    if rule.retention_class is None:
        cited = any(a.citation.strip() for a in assigned)
        reasons = (Reason(_NO_FIGURE if cited else _NO_CLASS, (), rule.article), *start.reasons)
        # Once a class is set with its citation, this rule has nothing left to say: no end, outlasted by any.
        return _Term(State.RUNNING if cited else State.UNSET, None, rule.kind, None, reasons)
    says = Reason(_BASE[rule.kind], (rule.retention_class.label,), rule.article)
    return _term(rule.retention_class, rule.kind, start, cases, (says, *start.reasons))


def _assigned(assigned: Sequence[Assigned], rule: BaseRule, start: _Started, cases: Sequence[_Term]) -> list[_Term]:
    return [_term(a.retention_class, rule.kind, start, cases, (_raised(a),)) for a in assigned]


def _raised(given: Assigned) -> Reason:
    return Reason(_ASSIGNED, (given.retention_class.label, given.by, given.why), given.citation)


def _circumstances(
    identifiers: Sequence[str], profile: Profile, start: _Started, cases: Sequence[_Term]
) -> list[_Term]:
    terms = []
    for identifier in identifiers:
        known = profile.circumstance(identifier)
        if known is None:
            unknown = Reason(_UNKNOWN_CIRCUMSTANCE, (identifier, profile.id, profile.version))
            terms.append(_Term(State.UNSET, None, profile.base.kind, None, (unknown,)))
            continue
        says = Reason(_CIRCUMSTANCE, (known.text, known.raises_to.label), known.article)
        discs = (Reason(_DISCS, (known.disc_copies,), known.article),) if known.disc_copies else ()
        terms.append(_term(known.raises_to, profile.base.kind, start, cases, (says, *discs)))
    return terms


def _case(case: CaseClaim, profile: Profile) -> _Term:
    """How long a case keeps the record: while it is open, and then as long as its file."""
    kind = profile.base.kind if profile.case is None else profile.case.kind
    article = "" if profile.case is None else profile.case.article
    lifetime = RetentionClass.CASE_LIFETIME
    if case.closed_on is None:
        return _Term(State.WAITING_FOR_CASE, lifetime, kind, None, (Reason(_OPEN, (case.number,), article),))
    if case.keep is RetentionClass.PERMANENT:
        says = Reason(_FILE, (case.number, case.closed_on, case.keep.label), article)
        return _Term(State.PERMANENT, case.keep, kind, None, (says,))
    if case.keep is None or case.keep is lifetime:  # "as long as itself" is no term
        return _Term(State.UNSET, lifetime, kind, None, (Reason(_NO_TERM, (case.number, case.closed_on), article),))
    end = last_day(case.closed_on, case.keep)
    says = Reason(_FILE, (case.number, case.closed_on, case.keep.label), article)
    return _Term(State.RUNNING, lifetime, kind, end, (says, _ends(case.keep, case.closed_on, end)))


def _weighed(longest: _Term) -> Reason:
    if longest.state is State.RUNNING:
        return Reason(_LONGEST, (longest.last_day,))
    return Reason(_ENDLESS[longest.state])


# What the reasons say. {0}, {1} … are the values in the order of the call.

_BASE = {
    TermKind.FIXED: Text(en="The regulation's term: {0}, then reviewed.", zh="制度规定的保存期限：{0}，期满后审查。"),
    TermKind.MINIMUM: Text(en="The regulation's term: at least {0}.", zh="制度规定的最低保存期限：{0}。"),
}
_NO_CLASS = Text(
    en="The regulation gives no figure: set a class and cite the rule that it follows.",
    zh="制度未规定具体期限：请设定保存期限，并注明所依据的规定。",
)
_NO_FIGURE = Text(
    en="The regulation gives no figure; a class was set with its citation.",
    zh="制度未规定具体期限，已另行设定并注明依据。",
)
_LATER = Text(
    en="Recorded on {0}, stored on {1}: counted from {2}, the later.", zh="录制于{0}，入库于{1}：自较晚的{2}起算。"
)
_STORED = Text(en="Counted from {0}, when it was stored.", zh="自入库之日{0}起算。")
_RECORDED = Text(en="Counted from {0}, when it was recorded.", zh="自录制之日{0}起算。")
_ENDED = Text(en="Counted from {0}, when the activity ended.", zh="自执法活动结束之日{0}起算。")
_CLOSED = Text(en="Counted from {0}, when the last of its cases was closed.", zh="自所属案件全部结案之日{0}起算。")
_NOT_KNOWN = Text(
    en="When it was recorded is not known: counted from {0}, when it was stored.",
    zh="录制时间不明：自入库之日{0}起算。",
)
_END_NOT_KNOWN = Text(en="When the activity ended is not known.", zh="执法活动结束时间不明。")
_FROM_CLOSING = Text(
    en="Counted from the closing of its cases, which are not all closed.", zh="自案件结案起算，所属案件尚未全部结案。"
)
_NO_CASE = Text(
    en="Its term follows the case, and no case claims it: file it under a case.",
    zh="保存期限随案件而定，但尚未归入任何案件：请归入案件。",
)
_ENDS = Text(
    en="{0} from {1}: the last day is {2}; the first day is not counted.",
    zh="自{1}起{0}：最后一日为{2}，起算当日不计入。",
)
_ASSIGNED = Text(en="{1} assigned the class {0}: {2}", zh="{1}设定保存期限为{0}：{2}")
_CIRCUMSTANCE = Text(en="Circumstance: {0}. The class rises to: {1}.", zh="特殊情形：{0}。保存期限提升为：{1}。")
_DISCS = Text(en="Copies on disc to be made: {0}.", zh="应刻录光盘份数：{0}。")
_UNKNOWN_CIRCUMSTANCE = Text(
    en="The profile {1} (version {2}) knows no circumstance {0!r}: correct it, or say what it means.",
    zh="配置 {1}（第{2}版）中没有特殊情形 {0!r}：请更正或说明其含义。",
)
_OPEN = Text(
    en="Case {0} is open, was reopened, or nobody has filed it.", zh="案件{0}未结案，或已重新启动，或尚未登记。"
)
_FILE = Text(en="Case {0} was closed on {1}; its file is kept: {2}.", zh="案件{0}已于{1}结案，案卷保存期限：{2}。")
_NO_TERM = Text(
    en="Case {0} was closed on {1}, but how long its file is kept is not set: set the class of the case file.",
    zh="案件{0}已于{1}结案，但未设定案卷保存期限：请设定案卷的保存期限。",
)
_LONGEST = Text(en="The longest applies: until {0}.", zh="以最长者为准：至{0}。")
_ENDLESS = {
    State.PERMANENT: Text(en="The longest applies: permanent (长期保存).", zh="以最长者为准：长期保存。"),
    State.WAITING_FOR_CASE: Text(en="No end while a case is open.", zh="案件未全部结案，保存期限不届满。"),
    State.UNSET: Text(en="No end until what is missing is set.", zh="上述事项确定之前，保存期限不届满。"),
}
_HELD = Text(en="Hold {0}: {1} ({2}, since {3}).", zh="暂缓处置 {0}：{1}（{2}，自{3}起）。")
_QUARANTINED = Text(
    en="In quarantine: facts that the profile requires are missing. Complete them first.",
    zh="待补全：缺少制度要求的信息，请先补全。",
)
_REVIEW = {
    TermKind.FIXED: Text(
        en="From {0} it is to be reviewed; nothing is destroyed without that.", zh="自{0}起应当审查；未经审查不得销毁。"
    ),
    TermKind.MINIMUM: Text(
        en="From {0} it may be reviewed; it may also be kept longer.", zh="自{0}起可以审查，也可以继续保存。"
    ),
}
_OVER = Text(en="On {0} that day has come.", zh="至{0}，已到期待鉴定。")
