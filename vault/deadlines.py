"""By when a recording must be stored, and whether it was: one pure function, `deadline`, over what is known of it.

The rules of this file:

- Hours run from the moment itself (Civil Code 201, second paragraph), and their last moment still counts (1259: 以内
  includes the number). The same day lasts until 24:00 on the office's calendar (203).
- Whoever claims an exception that the profile grants (remote, off-site, on water, continuous) counts from the return.
- Where the moment to count from is not known, those around it are: nobody returns before the activity has ended, and
  no activity ends before its recording. What was stored by the earliest possible deadline is surely in time, what was
  stored after the latest possible one surely late; between the two it is *unclear* until a person says more.
- What is stored was recorded before: a recording whose time says otherwise comes from a clock that was ahead, and its
  deadline does not count from that time.
- Late is never refused. It is marked, wants an explanation, and stays late when it has one.

A stored record needs no clock for this, so the catalogue keeps the answer beside it; an announced activity does.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vault.facts import FACT, Facts
from vault.moments import local
from vault.profile import Profile, StoredWithin
from vault.retention import Reason
from vault.terms import day_after, local_day
from vault.text import Text

# Moments in the order in which they come to pass: none is earlier than those before it.
_ORDER = ("recorded_at", "recorded_until", "activity_ended_at", "returned_at")
_RECORDED = _ORDER[:2]  # an activity may well go on after the first of its recordings is stored
DECISIVE = frozenset({*_ORDER, "exceptions"})  # facts on which a deadline depends


class Timeliness(StrEnum):
    """What became of a deadline."""

    IN_TIME = "in-time"  # 按时
    LATE = "late"  # 逾期入库
    UNCLEAR = "unclear"  # 待查明: what is known does not tell
    UPCOMING = "upcoming"  # 待入库: announced, and there is time
    MISSED = "missed"  # 逾期未入库: announced, and there is none left


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last second in which storing is in time, UTC: no earlier than `earliest`, no later than `latest`.

    The two are equal where the very moment is known from which the rule counts; None where nothing bounds that side.
    """

    ruled: bool
    earliest: datetime | None
    latest: datetime | None
    reasons: tuple[Reason, ...]

    @property
    def by(self) -> datetime | None:
        """The moment to tell people."""
        return self.latest or self.earliest

    def judge(self, stored_at: datetime) -> Timeliness | None:
        """What a record is that was stored then. None: there is no rule that it could keep or break."""
        if not self.ruled:
            return None
        if self.earliest is not None and stored_at <= self.earliest:
            return Timeliness.IN_TIME
        if self.latest is not None and stored_at > self.latest:
            return Timeliness.LATE
        return Timeliness.UNCLEAR

    def standing(self, now: datetime) -> Timeliness | None:
        """What an announced activity is of which nothing is stored at `now`. ValueError for a time without a zone."""
        judged = self.judge(now)
        return _NOT_STORED.get(judged, judged) if judged is not None else None


_NOT_STORED = {Timeliness.IN_TIME: Timeliness.UPCOMING, Timeliness.LATE: Timeliness.MISSED}


def ahead(facts: Facts, stored_at: datetime) -> tuple[str, ...]:
    """The facts by which a recording was made after it was stored: whatever clock they are from was ahead."""
    return tuple(name for name in _RECORDED if (moment := getattr(facts, name)) is not None and moment > stored_at)


def deadline(facts: Facts, profile: Profile, stored_at: datetime | None = None) -> Deadline:
    """By when the recordings of an activity must be stored, and why. `stored_at`: when they were; None: they are still
    to come. ValueError for a time without a zone."""
    rule = profile.intake.stored_within
    if rule is None:
        return Deadline(False, None, None, (Reason(_NO_FIGURE),))
    term, reasons = _term(facts, rule)
    known = {name: moment for name in _ORDER if (moment := getattr(facts, name)) is not None}
    for name in ahead(facts, stored_at) if stored_at is not None else ():
        del known[name]
        reasons = (*reasons, Reason(_AHEAD, (FACT[name].label,)))
    if _returned_too_early(known):
        del known["returned_at"]
        reasons = (*reasons, Reason(_CONTRADICTS))
    before, after = _around(known, term.counted_from)
    zone = profile.zone
    earliest = _end(term, known[before], zone) if before else None
    latest = _end(term, known[after], zone) if after else None
    return Deadline(True, earliest, latest, (*reasons, *_why(term, before, after, earliest, latest, zone)))


class _Term(NamedTuple):
    """So many hours after a fact's moment; without hours, until that day ends."""

    hours: int | None
    counted_from: str
    article: str


def _term(facts: Facts, rule: StoredWithin) -> tuple[_Term, tuple[Reason, ...]]:
    """The rule for this activity: the longest exception that is granted of those claimed, otherwise the usual one."""
    granted = [one for one in rule.exceptions if one.id in facts.exceptions]
    if granted:
        later = max(granted, key=lambda one: one.hours)
        claimed = Reason(_EXCEPTED, (later.text,), later.article)
        return _Term(later.hours, later.counted_from, later.article), (claimed,)
    chosen = () if rule.choice is None else (Reason(rule.choice.text, (), rule.article),)
    return _Term(rule.hours, rule.counted_from, rule.article), chosen


def _returned_too_early(known: dict[str, datetime]) -> bool:
    """Who is said to have returned before the activity had ended has not said when."""
    returned, ended = known.get("returned_at"), known.get("activity_ended_at")
    return returned is not None and ended is not None and returned < ended


def _around(known: dict[str, datetime], wanted: str) -> tuple[str, str]:
    """The known moments next to the one that is counted from, before and after it; itself where it is known."""
    if wanted in known:
        return wanted, wanted
    place = _ORDER.index(wanted)
    before = next((name for name in reversed(_ORDER[:place]) if name in known), "")
    after = next((name for name in _ORDER[place:] if name in known), "")
    return before, after


def _end(term: _Term, start: datetime, zone: ZoneInfo) -> datetime:
    """The last second of the term that starts then; the calendar's last where it ends before the term does."""
    if start.tzinfo is None:
        raise ValueError("a time without a zone")
    try:
        if term.hours is not None:
            return start.astimezone(UTC) + timedelta(hours=term.hours)
        midnight = datetime.combine(day_after(local_day(start, zone)), time(), zone)
        return midnight.astimezone(UTC) - timedelta(seconds=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC, microsecond=0)


class _Local(NamedTuple):
    """A moment that is spelt on the office's clock once somebody reads the sentence."""

    moment: datetime
    zone: ZoneInfo

    def __format__(self, _spec: str) -> str:
        return local(self.moment, self.zone)


def _why(
    term: _Term, before: str, after: str, earliest: datetime | None, latest: datetime | None, zone: ZoneInfo
) -> tuple[Reason, ...]:
    wanted = FACT[term.counted_from].label
    says = _HOURS if term.hours is not None else _SAME_DAY
    stated = Reason(says, (term.hours, wanted), term.article)
    if earliest is not None and before == after:
        return stated, Reason(
            _BY, (_Local(earliest, zone),), "Civil Code 201" if term.hours is not None else "Civil Code 203"
        )
    reasons = [stated, Reason(_NOT_KNOWN, (wanted,))]
    if earliest is not None:
        reasons.append(Reason(_NOT_BEFORE, (FACT[before].label, _Local(earliest, zone))))
    if latest is not None:
        reasons.append(Reason(_NOT_AFTER, (FACT[after].label, _Local(latest, zone))))
    return tuple(reasons)


# What the reasons say. {0}, {1} … are the values in the order of the call.

_HOURS = Text(en="To be stored within {0} hours, counted from: {1}.", zh="应在{0}小时内存储，自{1}起算。")
_SAME_DAY = Text(en="To be stored by the end of the day of: {1}.", zh="应在{1}的当日24时前存储。")
_BY = Text(en="That is by {0}.", zh="即不迟于{0}。")
_EXCEPTED = Text(en="Claimed exception: {0}. It is counted from the return.", zh="主张延时情形：{0}，自返回单位起算。")
_NO_FIGURE = Text(
    en="The profile names no deadline: store it after the activity, without delay.",
    zh="制度配置未规定入库时限：执法活动结束后应及时存储。",
)
_CONTRADICTS = Text(
    en="The return that was given is before the end of the activity: it is not gone by.",
    zh="所填返回时间早于执法活动结束时间，不予采用。",
)
_AHEAD = Text(
    en="{0}: later than the recording was stored. A clock was ahead: it is not gone by.",
    zh="{0}晚于入库时间，系设备时钟超前所致，不予采用。",
)
_NOT_KNOWN = Text(
    en="Not known: {0}. Until somebody gives it, the moments around it bound the deadline.",
    zh="未填：{0}。补填之前，以其前后的时间推定时限范围。",
)
_NOT_BEFORE = Text(en="Counted from {0} it cannot end before {1}.", zh="按{0}推算，时限不早于{1}届满。")
_NOT_AFTER = Text(en="Counted from {0} it cannot end after {1}.", zh="按{0}推算，时限不晚于{1}届满。")
