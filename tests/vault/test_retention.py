"""Retention: the golden table read as data, and what must hold for every record under every profile."""

import calendar
import time
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.clock import judge
from vault.profile import Circumstance, Profile, Start, TermKind, load_profile, shipped_profiles
from vault.records import Standing
from vault.retention import (
    AFTER_REBUILD,
    Assigned,
    CaseClaim,
    Decision,
    Floor,
    Hold,
    Holding,
    Pending,
    State,
    decide,
    due_on,
    expiry,
    floor,
)
from vault.terms import RetentionClass, day_after, last_day, local_day

TABLE = tomllib.loads((Path(__file__).parent / "retention_cases.toml").read_text(encoding="utf-8"))
SUSPECT_CLOCK = judge(datetime(2031, 3, 3, tzinfo=UTC), [], UTC).paused
PAUSES = {"rebuild": AFTER_REBUILD, "clock": SUSPECT_CLOCK}
OFFICE = {
    "id": "an-office",
    "version": 1,
    "time_zone": "Asia/Shanghai",
    "office": {"zh": "某局", "en": "An office"},
    "regulation": {"zh": "音像记录管理制度", "en": "Rules on recordings"},
    "intake": {},
}


def profile(name: str) -> Profile:
    if name in shipped_profiles():
        return load_profile(name)
    return msgspec.convert(OFFICE | TABLE["profiles"][name], Profile)


PROFILES = {name: profile(name) for name in (*TABLE["profiles"], *shipped_profiles())}


def holding(row: dict[str, Any]) -> Holding:
    """A row of the table as what is known of a record. A key that is misspelt fails."""
    known = {"why", "profile", "recorded", "stored", "ended", "standing", "circumstances", "assigned", "holds", "cases"}
    assert set(row) <= known | {"kind", "floor", "paused", "now", "expect", "articles", "says"}
    return Holding(
        stored_at=row["stored"],
        recorded_at=row.get("recorded"),
        activity_ended_at=row.get("ended"),
        kind=row.get("kind", ""),
        floor=msgspec.convert(row["floor"], Floor) if "floor" in row else None,
        standing=Standing(row.get("standing", "kept")),
        circumstances=tuple(row.get("circumstances", ())),
        assigned=tuple(
            Assigned(RetentionClass(a["class"]), a["why"], a["by"], a.get("citation", ""))
            for a in row.get("assigned", ())
        ),
        holds=tuple(Hold(h["id"], h["why"], h["authority"], h["placed"]) for h in row.get("holds", ())),
        cases=tuple(
            CaseClaim(c["number"], c.get("opened"), c.get("closed"), RetentionClass(c["keep"]) if "keep" in c else None)
            for c in row.get("cases", ())
        ),
        expiry_paused=PAUSES[row["paused"]] if "paused" in row else None,
    )


def decided(row: dict[str, Any]) -> Decision:
    return decide(holding(row), PROFILES[row.get("profile", "dengzhou")], row.get("now", row["stored"]))


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_clock_that_was_ahead_shortens_no_term_and_is_told(name: str) -> None:
    stored_at = datetime(2026, 11, 21, tzinfo=UTC)
    right = Holding(stored_at=stored_at, recorded_at=stored_at, activity_ended_at=stored_at)
    for days in (1, 40, 4000):
        wrong = replace(right, recorded_at=stored_at + timedelta(days=days))
        told, before = expiry(wrong, PROFILES[name]), expiry(right, PROFILES[name])
        assert (told.state, told.retention_class) == (before.state, before.retention_class)
        assert (told.last_day or date.max) >= (before.last_day or date.max)
        if told.last_day != before.last_day:
            assert any("a clock was ahead" in reason.text.en for reason in told.reasons)


@pytest.mark.parametrize("row", TABLE["case"], ids=[c["why"] for c in TABLE["case"]])
def test_the_golden_table(row: dict[str, Any]) -> None:
    decision = decided(row)
    said = {
        "state": decision.state,
        "class": decision.retention_class,
        "kind": decision.kind,
        "last_day": decision.last_day,
        "expires_on": decision.expires_on,
    }
    assert {k: v for k, v in said.items() if v is not None} == row["expect"]
    assert set(row.get("articles", ())) <= {r.article for r in decision.reasons}
    texts = "\n".join(f"{r.text.zh}\n{r.text.en}" for r in decision.reasons)
    for words in row.get("says", ()):
        assert words in texts


def test_the_table_covers_every_state_class_start_and_kind() -> None:
    decisions = [decided(row) for row in TABLE["case"]]
    assert len(decisions) >= 60
    assert len({row["why"] for row in TABLE["case"]}) == len(decisions)
    assert {d.state for d in decisions} == set(State)
    assert {d.retention_class for d in decisions} == {*RetentionClass, None}
    assert {d.kind for d in decisions} == {*TermKind, None}
    assert {p.base.start for p in PROFILES.values()} == set(Start)


def test_the_explanation_of_a_plain_record_is_complete_and_in_order() -> None:
    decision = decided(TABLE["case"][0])
    assert [(r.article, r.text.zh) for r in decision.reasons] == [
        ("11", "制度规定的保存期限：1年，期满后审查。"),
        ("11", "第十一条未规定一年自何时起算，本局从录制时间与入库时间中较晚者起算"),
        ("11", "录制于2025-03-10，入库于2025-03-10：自较晚的2025-03-10起算。"),
        ("Civil Code 202", "自2025-03-10起1年：最后一日为2026-03-10，起算当日不计入。"),
        ("11", "自2026-03-11起应当审查；未经审查不得销毁。"),
    ]


def test_braces_in_what_people_write_are_only_text() -> None:
    hold = Hold("H-{0}", "{why} {{}}", "{1}", datetime(2025, 1, 1, tzinfo=UTC))
    decision = decide(replace(holding(TABLE["case"][0]), holds=(hold,)), PROFILES["dengzhou"], hold.placed_at)
    assert decision.reasons[-1].text.zh == "暂缓处置 H-{0}：{why} {{}}（{1}，自2025-01-01起）。"


def test_due_on_lists_by_date_without_a_clock_and_never_what_is_prevented() -> None:
    plain = holding(TABLE["case"][0])  # ends on 2026-03-10
    office = PROFILES["dengzhou"]
    now = datetime(2025, 6, 1, tzinfo=UTC)
    hold = Hold("H-1", "行政复议", "市人民政府", now)
    assert [due_on(decide(plain, office, now), date(2026, 3, d)) for d in (10, 11, 12)] == [False, True, True]
    for prevented in (
        replace(plain, holds=(hold,)),
        replace(plain, expiry_paused=SUSPECT_CLOCK),
        replace(plain, standing=Standing.QUARANTINED),
        replace(plain, circumstances=("objection",)),
        replace(plain, cases=(CaseClaim("豫邓财罚〔2025〕1号", now.date()),)),
    ):
        assert not due_on(decide(prevented, office, now), date.max)


@pytest.mark.parametrize("which", ["stored_at", "recorded_at", "now", "placed_at"])
def test_a_time_without_a_zone_is_refused(which: str) -> None:
    naive, aware = datetime(2025, 1, 1), datetime(2025, 1, 1, tzinfo=UTC)  # noqa: DTZ001 - the point of the test
    times = {"stored_at": aware, "recorded_at": aware, "now": aware, "placed_at": aware} | {which: naive}
    held = Holding(
        stored_at=times["stored_at"],
        recorded_at=times["recorded_at"],
        holds=(Hold("H-1", "信访", "信访局", times["placed_at"]),),
    )
    with pytest.raises(ValueError, match="without a zone"):
        decide(held, PROFILES["dengzhou"], times["now"])


# ---------------------------------------------------------------- terms


def test_classes_refuse_to_be_ordered() -> None:
    with pytest.raises(TypeError, match="compare the dates"):
        sorted(RetentionClass)
    with pytest.raises(TypeError, match="compare the dates"):
        max(RetentionClass.SIX_MONTHS, RetentionClass.TWENTY_FOUR_MONTHS)


@pytest.mark.parametrize("endless", [RetentionClass.CASE_LIFETIME, RetentionClass.PERMANENT])
def test_no_calendar_ends_a_class_without_a_term(endless: RetentionClass) -> None:
    with pytest.raises(ValueError, match="no term in months"):
        last_day(date(2025, 1, 1), endless)


terms = st.sampled_from([RetentionClass.SIX_MONTHS, RetentionClass.ONE_YEAR, RetentionClass.TWENTY_FOUR_MONTHS])


@given(st.dates(max_value=date(9990, 1, 1)), terms)
def test_the_last_day_is_the_corresponding_day_or_the_months_last(start: date, term: RetentionClass) -> None:
    end = last_day(start, term)
    assert term.months is not None
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == term.months
    assert end.day == min(start.day, calendar.monthrange(end.year, end.month)[1])


@given(st.dates(), st.dates(), terms)
def test_a_later_start_never_ends_earlier(one: date, other: date, term: RetentionClass) -> None:
    first, second = sorted((one, other))
    assert last_day(first, term) <= last_day(second, term)


@given(st.dates())
def test_longer_terms_end_later(start: date) -> None:
    ends = [last_day(start, RetentionClass(c)) for c in ("6-months", "1-year", "24-months")]
    assert all(a < b or b == date.max for a, b in pairwise(ends))
    assert ends[0] > start or ends[0] == date.max


# ---------------------------------------------------------------- what holds for every record

# All of the calendar, in several zones; and mostly the years in which records are.
moments = st.one_of(
    st.datetimes(min_value=datetime(2023, 12, 1), max_value=datetime(2026, 4, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-12)), ZoneInfo("Asia/Shanghai")])),
)
days = st.one_of(st.dates(date(2023, 12, 1), date(2026, 4, 1)), st.dates())
words = st.text(max_size=8)
classes = st.sampled_from(RetentionClass)
timed = st.sampled_from([RetentionClass(c) for c in ("6-months", "1-year", "24-months")])
assignments = st.builds(Assigned, classes, words, words, words)
hold_strategy = st.builds(Hold, words, words, words, moments)
claims = st.builds(CaseClaim, words, st.none() | days, st.none() | days, st.none() | classes)
waiting = st.builds(Pending, profile=words, case=words, retention_class=classes)
floors = st.builds(
    Floor, profile=words, case=words, last_day=st.none() | days, retention_class=timed, pending=st.tuples(waiting)
)
codes = st.sampled_from(["objection", "obstruction", "complaint", "case", "unheard-of"])


def several(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(one, max_size=3).map(tuple)


holdings = st.builds(
    Holding,
    stored_at=moments,
    recorded_at=st.none() | moments,
    activity_ended_at=st.none() | moments,
    kind=st.sampled_from(["", "routine-patrol", "penalty-evidence", "evidence", "unheard-of"]),
    floor=st.none() | floors,
    standing=st.sampled_from(Standing),
    circumstances=several(codes),
    assigned=several(assignments),
    holds=st.just(()) | several(hold_strategy),
    cases=several(claims),
    expiry_paused=st.none() | st.just(SUSPECT_CLOCK),
)
offices = st.sampled_from(sorted(PROFILES)).map(PROFILES.__getitem__)

ADDITIONS: dict[str, st.SearchStrategy[Any]] = {
    "holds": hold_strategy,
    "cases": claims,
    "circumstances": codes,
    "assigned": assignments,
}


@settings(max_examples=400, deadline=None)
@given(holdings, offices, moments)
def test_it_decides_whatever_comes_and_never_contradicts_itself(h: Holding, office: Profile, now: datetime) -> None:
    d = decide(h, office, now)
    assert d.reasons
    assert all(r.text.en and r.text.zh for r in d.reasons)
    today = local_day(now, office.zone)
    assert (d.expires_on is not None) == (d.state in {State.RUNNING, State.DUE, State.PAUSED})
    assert (d.kind is None) == (d.last_day is None)
    if d.expires_on is not None and d.last_day is not None:
        assert d.expires_on == day_after(d.last_day)
    if d.state is State.DUE:
        assert d.expires_on is not None
        assert d.expires_on <= today
        assert not h.holds
        assert h.expiry_paused is None
        assert h.standing is Standing.KEPT
        assert all(c.closed_on and c.keep for c in h.cases)
    if d.state is State.RUNNING:
        assert d.expires_on is not None
        assert today < d.expires_on
    assert due_on(d, today) == (d.state is State.DUE)


@settings(max_examples=400, deadline=None)
@given(holdings, offices, moments)
def test_the_clock_moves_no_date(h: Holding, office: Profile, now: datetime) -> None:
    still, d = expiry(h, office), decide(h, office, now)
    assert (still.retention_class, still.kind, still.last_day, still.expires_on) == (
        d.retention_class,
        d.kind,
        d.last_day,
        d.expires_on,
    )
    assert still == expiry(replace(h, expiry_paused=AFTER_REBUILD), office)
    assert still.state not in {State.DUE, State.PAUSED}


@settings(max_examples=800, deadline=None)
@given(holdings, offices, st.sampled_from(sorted(ADDITIONS)), st.data())
def test_adding_anything_never_makes_it_expire_earlier(
    h: Holding, office: Profile, what: str, data: st.DataObject
) -> None:
    added: dict[str, Any] = {what: (*getattr(h, what), data.draw(ADDITIONS[what]))}
    more = replace(h, **added)
    before, after = expiry(h, office), expiry(more, office)
    if before.last_day is not None:
        assert after.last_day is None or after.last_day >= before.last_day
    if before.expires_on is not None:
        assert after.expires_on is None or after.expires_on >= before.expires_on
    elif after.expires_on is not None:
        # Only where a person had to set something, and set it: the class with its citation, or the case.
        assert before.state is State.UNSET
        assert what in {"assigned", "cases"}


def months_after(day: date, months: int) -> date:
    """Civil Code 202 by hand, to check the program against."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@settings(max_examples=400, deadline=None)
@given(holdings, st.lists(offices, min_size=2, max_size=4), st.sampled_from(sorted(ADDITIONS)), st.data())
def test_no_profile_that_is_adopted_shortens_a_term(
    h: Holding, adopted: list[Profile], what: str, data: st.DataObject
) -> None:
    """However often, and whatever is said of the record in between."""
    for before, after in pairwise(adopted):
        old = expiry(h, before)
        h = replace(h, floor=floor(h, before))
        for more in (h, replace(h, **{what: (*getattr(h, what), data.draw(ADDITIONS[what]))})):
            new = expiry(more, after)
            if old.last_day is not None:
                assert new.last_day is None or new.last_day >= old.last_day
            if old.state is State.PERMANENT:
                assert new.last_day is None


recent = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - Beijing's wall clock, zone below


@given(recent, recent, several(timed), several(st.tuples(st.dates(date(2018, 1, 1), date(2032, 1, 1)), timed)))
def test_the_longest_by_hand(
    recorded: datetime,
    stored: datetime,
    given: tuple[RetentionClass, ...],
    closed: tuple[tuple[date, RetentionClass], ...],
) -> None:
    beijing = timezone(timedelta(hours=8))
    kept = Holding(
        recorded_at=recorded.replace(tzinfo=beijing),
        stored_at=stored.replace(tzinfo=beijing).astimezone(UTC),
        assigned=tuple(Assigned(c, "保存", "王芳") for c in given),
        cases=tuple(CaseClaim(f"{n}号", None, day, keep) for n, (day, keep) in enumerate(closed)),
    )
    start = max(recorded, stored).date()
    ends = [months_after(start, 12), *(months_after(start, int(c.months or 0)) for c in given)]
    ends += [months_after(max(day, start), int(keep.months or 0)) for day, keep in closed]
    assert expiry(kept, PROFILES["dengzhou"]).last_day == max(ends)


# Kept from review, in the order of how long: a later moment only ever leads from the first to the second.
AGES = {State.RUNNING: 0, State.DUE: 1}


@settings(max_examples=400, deadline=None)
@given(holdings, offices, moments, moments)
def test_time_only_brings_the_review_nearer(h: Holding, office: Profile, one: datetime, other: datetime) -> None:
    earlier, later = (decide(h, office, now) for now in sorted((one, other)))
    assert AGES.get(earlier.state, 0) <= AGES.get(later.state, 0)
    if earlier.state not in AGES:
        assert later == earlier  # no clock ends a hold, a case, a quarantine or a pause
    assert (later.last_day, later.expires_on, later.retention_class) == (
        earlier.last_day,
        earlier.expires_on,
        earlier.retention_class,
    )


@settings(max_examples=300, deadline=None)
@given(holdings, offices, st.data())
def test_a_further_rule_of_the_profile_never_makes_it_expire_earlier(
    h: Holding, office: Profile, data: st.DataObject
) -> None:
    """A circumstance that the profile comes to know; the record may bear its identifier already."""
    known = {one.id for one in office.circumstances}
    rule = Circumstance(
        id=data.draw(codes.filter(lambda code: code not in known)),
        raises_to=data.draw(classes),
        zh="新增情形",
        en="a further circumstance",
        article="99",
    )
    more = msgspec.structs.replace(office, circumstances=(*office.circumstances, rule))
    before, after = expiry(h, office), expiry(h, more)
    if before.last_day is not None:
        assert after.last_day is None or after.last_day >= before.last_day
    if before.expires_on is not None:
        assert after.expires_on is None or after.expires_on >= before.expires_on
    elif after.expires_on is not None:
        assert before.state is State.UNSET  # a circumstance that nobody knew the meaning of


@settings(max_examples=300, deadline=None)
@given(holdings, offices, st.randoms(use_true_random=False))
def test_order_changes_nothing(h: Holding, office: Profile, random: Any) -> None:
    def shuffled(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(values, len(values)))

    other = replace(
        h,
        circumstances=shuffled(h.circumstances),
        assigned=shuffled(h.assigned),
        holds=shuffled(h.holds),
        cases=shuffled(h.cases),
    )
    one, two = expiry(h, office), expiry(other, office)
    assert (one.state, one.last_day, one.kind, one.expires_on) == (two.state, two.last_day, two.kind, two.expires_on)
    assert Counter(one.reasons) == Counter(two.reasons)


def test_deciding_costs_microseconds() -> None:
    """At most 40 µs each; it takes about 7. Processor time, so a busy machine does not fail it, a slip does."""
    office = PROFILES["dengzhou"]
    first, now = datetime(2020, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)
    many = [
        Holding(stored_at=first + timedelta(hours=i + 5), recorded_at=first + timedelta(hours=i)) for i in range(20_000)
    ]
    began = time.process_time()
    due = sum(due_on(decide(h, office, now), now.date()) for h in many)
    assert time.process_time() - began < 0.8
    assert 0 < due < len(many)
