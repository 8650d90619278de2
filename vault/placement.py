"""Where copies belong: a pure function of what is known of an object, of the stores, of the policy, and of the day.

    place(subject, sites, policy, now) -> Placement

Rules, the first the strongest: no store holds what it is not cleared for; a store that is being emptied is given
nothing and keeps nothing; one that is closed (full, away) is given nothing new, and a suspected one only where the
minimum cannot be had otherwise; copies are counted by failure domain, since what fails together is one copy; the
minimum outweighs the tiers; where an object lies already outweighs an even spread, unless a spread is asked for.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum, StrEnum, auto

from vault.casenumbers import same_case
from vault.text import Text


class Tier(StrEnum):
    """How soon a copy is at hand, and what it costs to keep."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"
    OFFLINE = "offline"


AT_INTAKE = frozenset({Tier.HOT, Tier.WARM})  # tiers that an intake waits for; the others are brought later


class Doors(Enum):
    """Whether a store takes copies."""

    OPEN = auto()
    SUSPECTED = auto()  # nothing new unless the minimum cannot be had without it; what it has may stay
    CLOSED = auto()  # nothing new: full, or away; what it has may stay
    EMPTYING = auto()  # nothing new, and what it has is to go elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What an operator says of a store. `domain`: what fails together; empty: the store by itself.

    `cleared`: the confidentialities (密级) that it may hold. Where no store has any, none is asked for.
    `limit`: bytes that its copies may take; 0: as many as fit.
    """

    name: str
    tier: Tier = Tier.HOT
    domain: str = ""
    cleared: frozenset[str] = frozenset()
    limit: int = 0
    doors: Doors = Doors.OPEN

    @property
    def fails_with(self) -> str:
        return self.domain or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRule:
    """From an age on, the tiers in which copies lie; for some retention classes, or (none named) for all."""

    from_days: int
    tiers: tuple[Tier, ...]
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Stores on which the records of a case, or of a confidentiality, always have a copy."""

    stores: tuple[str, ...]
    case: str = ""
    confidentiality: str = ""

    def concerns(self, subject: "Subject") -> bool:
        by_case = not self.case or any(same_case(self.case, one) for one in subject.cases)
        return by_case and (not self.confidentiality or self.confidentiality == subject.confidentiality)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How many copies, counted by failure domain, and where.

    `minimum`: durable before a success is reported, and never gone below. `wanted`: in the end; 0: every store.
    """

    minimum: int
    wanted: int = 0
    ages: tuple[AgeRule, ...] = ()
    pins: tuple[Pin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What placement needs to know of an object and a record that holds it. `held`: stores that have it.

    `key` spreads objects evenly over stores that are equally good.
    """

    stored_at: datetime
    confidentiality: str = ""
    retention_class: str = ""
    cases: tuple[str, ...] = ()  # by their numbers
    key: bytes = b""
    held: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Placement:
    """`stores` in the order of choice; `lacking`: failure domains short of the minimum; `until`: the day (UTC) on which
    an age rule changes it."""

    stores: tuple[str, ...]
    lacking: int = 0
    until: date | None = None


def place(subject: Subject, sites: Sequence[Site], policy: Policy, now: datetime, *, settled: bool = True) -> Placement:
    """Where copies belong. `settled`: stores that hold one already come first; else all are chosen afresh."""
    rule, until = _rule(subject, policy, now)
    able = [site for site in sites if _may_take(site, subject, sites)]
    pinned = {name for pin in policy.pins if pin.concerns(subject) for name in pin.stores}
    tiers = rule.tiers if rule is not None else ()
    chosen = [site for site in able if site.name in pinned]
    fitting = [site for site in able if (not tiers or site.tier in tiers) and site not in chosen]
    if not policy.wanted:
        chosen += fitting
    else:
        _choose(chosen, fitting, tiers, max(policy.wanted, policy.minimum), subject, settled)
    if len(domains(chosen)) < policy.minimum:  # better in another tier than nowhere
        others = [site for site in able if site not in chosen]
        _choose(chosen, others, (), policy.minimum, subject, settled)
    if len(domains(chosen)) < policy.minimum:  # better on a store that may lose it than once too few
        suspected = [site for site in sites if site.doors is Doors.SUSPECTED and _is_cleared(site, subject, sites)]
        _choose(chosen, [site for site in suspected if site not in chosen], (), policy.minimum, subject, settled)
    lacking = max(0, policy.minimum - len(domains(chosen)))
    return Placement(tuple(site.name for site in chosen), lacking, until)


def domains(sites: Collection[Site]) -> frozenset[str]:
    """What would have to fail before all of them have."""
    return frozenset(site.fails_with for site in sites)


def enough(names: Collection[str], sites: Mapping[str, Site], policy: Policy) -> bool:
    """Whether copies on these stores are the minimum."""
    return len(domains([sites[name] for name in names])) >= policy.minimum


def at_intake(placement: Placement, sites: Mapping[str, Site], policy: Policy) -> tuple[str, ...]:
    """Those stores for which an intake waits: the near tiers, and others only as far as the minimum needs them."""
    chosen = [sites[name] for name in placement.stores if sites[name].tier in AT_INTAKE]
    for name in placement.stores:
        if len(domains(chosen)) >= policy.minimum:
            break
        if sites[name] not in chosen:
            chosen.append(sites[name])
    return tuple(site.name for site in chosen)


def why_not(subject: Subject, site: Site, sites: Sequence[Site], policy: Policy, now: datetime) -> Text:
    """Why a store was not chosen."""
    if not _is_cleared(site, subject, sites):
        return _NOT_CLEARED
    if site.doors is Doors.EMPTYING:
        return _EMPTYING
    if site.doors is not Doors.OPEN and site.name not in subject.held:
        return _CLOSED
    rule, _ = _rule(subject, policy, now)
    if rule is not None and site.tier not in rule.tiers:
        return _OTHER_TIER
    return _ENOUGH


def _may_take(site: Site, subject: Subject, sites: Sequence[Site]) -> bool:
    there_already = site.doors in (Doors.CLOSED, Doors.SUSPECTED) and site.name in subject.held
    return (site.doors is Doors.OPEN or there_already) and _is_cleared(site, subject, sites)


def _is_cleared(site: Site, subject: Subject, sites: Sequence[Site]) -> bool:
    if not subject.confidentiality or subject.confidentiality in site.cleared:
        return True
    return not any(other.cleared for other in sites)


def _rule(subject: Subject, policy: Policy, now: datetime) -> tuple[AgeRule | None, date | None]:
    """The rule for its age, and the day on which the next one comes. One that names its class outweighs one for all."""
    mine = [rule for rule in policy.ages if subject.retention_class in rule.classes]
    rules = sorted(mine or [rule for rule in policy.ages if not rule.classes], key=lambda rule: rule.from_days)
    age = (now.astimezone(UTC).date() - subject.stored_at.astimezone(UTC).date()).days
    come = [rule for rule in rules if rule.from_days <= age]
    coming = [rule for rule in rules if rule.from_days > age]
    until = subject.stored_at.astimezone(UTC).date() + timedelta(days=coming[0].from_days) if coming else None
    return (come[-1] if come else None), until


def _choose(
    chosen: list[Site], others: Sequence[Site], tiers: Sequence[Tier], wanted: int, subject: Subject, settled: bool
) -> None:
    """Add the best of the others until they are enough, each a domain of its own: from the tiers in turn, where a rule
    names them; else from the nearest."""
    order = list(Tier)
    left = sorted(
        others,
        key=lambda site: (not (settled and site.name in subject.held), order.index(site.tier), -_lot(site, subject)),
    )
    while len(domains(chosen)) < wanted:
        used = domains(chosen)
        fresh = [site for site in left if site.fails_with not in used]
        if not fresh:
            return
        had = [site.tier for site in chosen]
        best = (
            min((site.tier for site in fresh), key=lambda tier: (had.count(tier), tiers.index(tier))) if tiers else None
        )
        chosen.append(next(site for site in fresh if best is None or site.tier is best))


def _lot(site: Site, subject: Subject) -> int:
    """Rendezvous hashing: a new store draws its share from all the others, and nothing else moves."""
    return int.from_bytes(hashlib.blake2b(subject.key + site.name.encode(), digest_size=8).digest())


_NOT_CLEARED = Text(en="not cleared for its confidentiality", zh="未获准存放该密级")
_EMPTYING = Text(en="being emptied", zh="正在清空")
_CLOSED = Text(en="takes nothing new (full or suspected)", zh="暂不接收新副本（已满或存疑）")
_OTHER_TIER = Text(en="its tier is not one for this age", zh="层级与保存时长不符")
_ENOUGH = Text(en="there are enough copies elsewhere", zh="其他存储上的副本已足够")
