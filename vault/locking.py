"""How long copies are to be locked where a store can lock them: pure functions that follow the retention decision.

- An object is locked until the longest term of the records that hold it is over: up to the first instant of the day
  after its last day, in the office's zone.
- A hold is a legal hold there, beside the date: it has no end of its own, and releasing it leaves the date.
- Where no end is known (permanent, a case that is open, something a person must set, quarantine), a legal hold stands
  too. But the credentials that placed it can lift it, so a date runs ahead of today as well and is renewed in time. It
  runs ahead less than the shortest class, so that what gets an end later is hardly ever locked past it.
- An end farther away than any class reaches comes from a wrong clock or fact. A lock that nobody can take back must not
  follow it: it counts as not known.
- While expiry is paused, no lock runs out: the date runs ahead of today there, too.

Nothing here shortens: a later date in the bucket stays. What has come to its end needs no lock any more.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from vault.ports import Lock, LockMode
from vault.retention import Decision, State
from vault.terms import day_after, local_day

AHEAD = timedelta(days=180)  # how far the date of what has no end runs ahead: 6 months have 181 days at least
RENEWED = timedelta(days=90)  # it is renewed once less than that is left
FARTHEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Claim:
    """What records ask of the lock of their objects: none from `day` on (None: no such day is known); a legal hold."""

    day: date | None
    held: bool


def claim(decision: Decision) -> Claim:
    """The claim of one record. Whatever keeps it from being reviewed on a day that can be named holds its objects."""
    ends = decision.last_day is not None and decision.state is not State.QUARANTINED
    day = day_after(decision.last_day) if ends and decision.last_day is not None else None
    return Claim(day, decision.expires_on is None)


UNCLAIMED = Claim(None, True)  # an object that is no record's file: a list of files, which every rebuild reads


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lock as it should be: a date no earlier than `least` (None: none is needed), set to `until` where it is."""

    least: datetime | None
    until: datetime | None
    held: bool


def wanted(claimed: Claim, zone: ZoneInfo, now: datetime, *, paused: bool = False) -> Wanted:
    """The lock that follows from what all records of an object ask for."""
    end = _instant(claimed.day, zone, now)
    if end is None:
        return Wanted(now + RENEWED, now + AHEAD, held=True)
    if paused:
        return Wanted(max(end, now + RENEWED), max(end, now + AHEAD), claimed.held)
    if end <= now:
        return Wanted(None, None, claimed.held)
    return Wanted(end, end, claimed.held)


def _instant(day: date | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    if day is None or day > local_day(now + FARTHEST, zone):
        return None
    return datetime.combine(day, time(), zone).astimezone(UTC)


class Verdict(StrEnum):
    """What a comparison of vault and bucket says of one copy."""

    AS_WANTED = "as-wanted"
    LONGER = "longer"
    TOO_SHORT = "too-short"
    NOT_LOCKED = "not-locked"
    MISSING = "missing"  # the store answered that it has no such copy
    CANNOT_TELL = "cannot-tell"


def judge(lock: Lock, should: Wanted, mode: LockMode, now: datetime) -> Verdict:
    """The lock of a copy against the one it should have."""
    until = lock.until if lock.until is not None and lock.until > now else None
    if (should.held and not lock.held) or not _lasts(lock, should, mode):
        return Verdict.TOO_SHORT if until is not None or lock.held else Verdict.NOT_LOCKED
    if (lock.held and not should.held) or (until is not None and (should.until is None or until > should.until)):
        return Verdict.LONGER
    return Verdict.AS_WANTED


def _lasts(lock: Lock, should: Wanted, mode: LockMode) -> bool:
    """Whether its date is late enough, in that mode or a firmer one."""
    if should.least is None:
        return True
    return lock.until is not None and lock.until >= should.least and lock.mode in (LockMode.COMPLIANCE, mode)


@dataclass(frozen=True, slots=True)
class Change:
    """What a store is to be told; None: that is as it should be."""

    until: datetime | None
    held: bool | None


def change(lock: Lock, should: Wanted, mode: LockMode, *, own_hold: bool) -> Change:
    """From the lock that a copy has to the one it should have. A legal hold is lifted only where it is the vault's own:
    others may have placed one for reasons of theirs."""
    until = None if _lasts(lock, should, mode) else should.until
    if should.held and not lock.held:
        return Change(until, held=True)
    return Change(until, held=False if lock.held and not should.held and own_hold else None)


def renewal(lock: Lock, should: Wanted) -> datetime | None:
    """When that lock is due again though nothing changes: only where its date runs ahead of today."""
    if should.least == should.until or lock.until is None:
        return None
    return lock.until - RENEWED
