"""The lock that follows from retention: a table of cases, and what holds for all."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.locking import (
    AHEAD,
    FARTHEST,
    RENEWED,
    Change,
    Claim,
    Verdict,
    Wanted,
    change,
    claim,
    judge,
    renewal,
    wanted,
)
from vault.ports import Lock, LockMode
from vault.profile import load_profile
from vault.records import Standing
from vault.retention import AFTER_REBUILD, Assigned, CaseClaim, Hold, Holding, decide
from vault.terms import LABELS, RetentionClass, last_day

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
END = datetime(2027, 11, 21, 16, tzinfo=UTC)  # 2027-11-22 00:00 in Beijing
DAY = date(2027, 11, 22)
ROLLING = Wanted(NOW + RENEWED, NOW + AHEAD, held=True)
FIRM, SOFT = LockMode.COMPLIANCE, LockMode.GOVERNANCE
HOLD = Hold("H00001", "线索核查", "县监委", NOW)
PERMANENT = Assigned(RetentionClass.PERMANENT, "重大案件", "李建国")
CLOSED = CaseClaim("邓财监〔2026〕12号", date(2026, 1, 5), date(2026, 11, 21), RetentionClass.TWENTY_FOUR_MONTHS)

CLAIMS = {
    "within its term": ({}, Claim(DAY, held=False)),
    "on hold: the date stays": ({"holds": (HOLD,)}, Claim(DAY, held=True)),
    "its class was raised": (
        {"assigned": (Assigned(RetentionClass.TWENTY_FOUR_MONTHS, "申诉", "李建国"),)},
        Claim(date(2028, 11, 22), held=False),
    ),
    "permanent": ({"assigned": (PERMANENT,)}, Claim(None, held=True)),
    "permanent, and on hold": ({"assigned": (PERMANENT,), "holds": (HOLD,)}, Claim(None, held=True)),
    "its case is open": ({"cases": (CaseClaim("邓财监〔2026〕12号"),)}, Claim(None, held=True)),
    "its case is closed": ({"cases": (CLOSED,)}, Claim(date(2028, 11, 22), held=False)),
    "a circumstance that nobody knows": ({"circumstances": ("未知",)}, Claim(None, held=True)),
    "in quarantine": ({"standing": Standing.QUARANTINED}, Claim(None, held=True)),
    "in quarantine, and on hold": ({"standing": Standing.QUARANTINED, "holds": (HOLD,)}, Claim(None, held=True)),
    "expiry is paused": ({"expiry_paused": AFTER_REBUILD}, Claim(DAY, held=False)),
    "over": ({"stored_at": datetime(2020, 1, 1, tzinfo=UTC)}, Claim(date(2021, 1, 2), held=False)),
}


@pytest.mark.parametrize(("known", "asked"), CLAIMS.values(), ids=CLAIMS)
def test_what_a_record_asks_for(known: dict[str, object], asked: Claim) -> None:
    holding = Holding(**({"stored_at": NOW} | known))  # type: ignore[arg-type]
    assert claim(decide(holding, load_profile("dengzhou"), NOW)) == asked


WANTED = {
    "a day": (Claim(DAY, held=False), False, Wanted(END, END, held=False)),
    "a day and a hold": (Claim(DAY, held=True), False, Wanted(END, END, held=True)),
    "no day": (Claim(None, held=True), False, ROLLING),
    "a day too far to be true": (Claim(date(2099, 1, 1), held=False), False, ROLLING),
    "the last day of the calendar": (Claim(date.max, held=False), False, ROLLING),
    "a day that is over": (Claim(date(2026, 11, 21), held=False), False, Wanted(None, None, held=False)),
    "over, with a hold": (Claim(date(2026, 11, 21), held=True), False, Wanted(None, None, held=True)),
    "over, while expiry is paused": (
        Claim(date(2026, 11, 21), held=False),
        True,
        Wanted(NOW + RENEWED, NOW + AHEAD, held=False),
    ),
    "a day, while expiry is paused": (Claim(DAY, held=False), True, Wanted(END, END, held=False)),
}


@pytest.mark.parametrize(("asked", "paused", "should"), WANTED.values(), ids=WANTED)
def test_the_lock_that_follows(asked: Claim, paused: bool, should: Wanted) -> None:
    assert wanted(asked, ZONE, NOW, paused=paused) == should


def test_it_lasts_to_the_end_of_the_last_day_in_the_offices_zone() -> None:
    for zone, hour in (("Asia/Shanghai", 16), ("UTC", 0), ("America/New_York", 5)):
        should = wanted(Claim(date(2026, 12, 2), held=False), ZoneInfo(zone), NOW)
        assert should.until == datetime(2026, 12, 1 if hour == 16 else 2, hour, tzinfo=UTC)


def test_what_has_no_end_is_never_locked_past_the_shortest_term_that_it_can_get() -> None:
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(1461)]
    assert min(last_day(day, one) - day for day in days for one in LABELS if one.months) >= AHEAD
    assert RENEWED < AHEAD < FARTHEST


OPEN = Lock(None, None, held=False)
JUDGED = {
    "as it should be": (
        Lock(END, FIRM, held=False),
        Wanted(END, END, held=False),
        Verdict.AS_WANTED,
        Change(None, None),
    ),
    "never locked": (OPEN, Wanted(END, END, held=False), Verdict.NOT_LOCKED, Change(END, None)),
    "a day short": (
        Lock(END - timedelta(days=1), FIRM, held=False),
        Wanted(END, END, held=False),
        Verdict.TOO_SHORT,
        Change(END, None),
    ),
    "run out": (
        Lock(NOW - timedelta(days=1), FIRM, held=False),
        Wanted(END, END, held=False),
        Verdict.NOT_LOCKED,
        Change(END, None),
    ),
    "too soft": (Lock(END, SOFT, held=False), Wanted(END, END, held=False), Verdict.TOO_SHORT, Change(END, None)),
    "longer": (
        Lock(END + timedelta(days=1), FIRM, held=False),
        Wanted(END, END, held=False),
        Verdict.LONGER,
        Change(None, None),
    ),
    "no hold yet": (
        Lock(END, FIRM, held=False),
        Wanted(END, END, held=True),
        Verdict.TOO_SHORT,
        Change(None, held=True),
    ),
    "a hold that was released": (
        Lock(END, FIRM, held=True),
        Wanted(END, END, held=False),
        Verdict.LONGER,
        Change(None, held=False),
    ),
    "a hold alone, where a date is wanted": (
        Lock(None, None, held=True),
        ROLLING,
        Verdict.TOO_SHORT,
        Change(NOW + AHEAD, None),
    ),
    "rolling, with enough left": (
        Lock(NOW + RENEWED, FIRM, held=True),
        ROLLING,
        Verdict.AS_WANTED,
        Change(None, None),
    ),
    "rolling, to be renewed": (
        Lock(NOW + RENEWED - timedelta(seconds=1), FIRM, held=True),
        ROLLING,
        Verdict.TOO_SHORT,
        Change(NOW + AHEAD, None),
    ),
    "none is needed any more": (OPEN, Wanted(None, None, held=False), Verdict.AS_WANTED, Change(None, None)),
    "none is needed, and one runs": (
        Lock(END, FIRM, held=False),
        Wanted(None, None, held=False),
        Verdict.LONGER,
        Change(None, None),
    ),
    "none is needed, and one has run out": (
        Lock(NOW, SOFT, held=False),
        Wanted(None, None, held=False),
        Verdict.AS_WANTED,
        Change(None, None),
    ),
}


@pytest.mark.parametrize(("lock", "should", "verdict", "to_do"), JUDGED.values(), ids=JUDGED)
def test_what_is_against_what_should_be(lock: Lock, should: Wanted, verdict: Verdict, to_do: Change) -> None:
    assert judge(lock, should, FIRM, NOW) is verdict
    assert change(lock, should, FIRM, own_hold=True) == to_do


def test_firmer_than_configured_is_good() -> None:
    assert judge(Lock(END, FIRM, held=False), Wanted(END, END, held=False), SOFT, NOW) is Verdict.AS_WANTED


def test_a_hold_that_others_placed_is_not_lifted() -> None:
    held = Lock(END, FIRM, held=True)
    assert change(held, Wanted(END, END, held=False), FIRM, own_hold=False) == Change(None, None)
    later = END + timedelta(days=1)
    assert change(held, Wanted(later, later, held=False), FIRM, own_hold=False) == Change(later, None)


def test_only_a_date_that_runs_ahead_is_renewed() -> None:
    assert renewal(Lock(END, FIRM, held=False), Wanted(END, END, held=False)) is None
    assert renewal(OPEN, Wanted(None, None, held=False)) is None
    assert renewal(Lock(END, FIRM, held=True), ROLLING) == END - RENEWED


moments = st.datetimes(datetime(2026, 11, 2), datetime(2045, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
locks = st.builds(Lock, st.none() | moments, st.sampled_from([None, *LockMode]), st.booleans())
claims = st.builds(Claim, st.none() | st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.booleans())


@given(locks, claims, st.sampled_from(LockMode), st.booleans())
def test_no_change_shortens_and_every_change_suffices(lock: Lock, asked: Claim, mode: LockMode, paused: bool) -> None:
    should = wanted(asked, ZONE, NOW, paused=paused)
    told = change(lock, should, mode, own_hold=True)
    held = lock.held if told.held is None else told.held
    until = max(filter(None, (lock.until, told.until)), default=None)
    after = Lock(until, mode if told.until else lock.mode, held)
    assert judge(after, should, mode, NOW) in (Verdict.AS_WANTED, Verdict.LONGER)
    assert not (lock.held and not held and asked.held)
    if judge(lock, should, mode, NOW) is Verdict.AS_WANTED:
        assert told == Change(None, None)
