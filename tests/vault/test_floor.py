"""Whose word a floor is: the profile under which it was given, and the case whose file gave it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest

from tests.vault.disposal_scene import assert_rebuilt_alike
from tests.vault.scene import facts, take_in
from vault import adoption, corrections
from vault.catalogue import queries, tally
from vault.errors import Refused
from vault.facts import Facts
from vault.profile import Profile, load_profile
from vault.records import Record, Standing
from vault.retention import CaseClaim, Extension, Floor, Holding, Pending, State, expiry, floor, shortens, undercut
from vault.store import Vault
from vault.terms import RetentionClass

DENGZHOU, WUGANG, XINZHOU = (load_profile(name) for name in ("dengzhou", "wugang", "xinzhou"))
AT = datetime(2026, 3, 1, 1, tzinfo=UTC)
PLAIN = Holding(stored_at=AT, recorded_at=AT)
CASE = CaseClaim("1号", date(2026, 3, 1), date(2026, 6, 30), RetentionClass.PERMANENT)
WHY = "局务会议纪要"


def reasons(holding: Holding, profile: object = XINZHOU) -> str:
    return " ".join(reason.text.en for reason in expiry(holding, profile).reasons)  # type: ignore[arg-type]


def test_a_floor_names_the_profile_that_gave_it_however_many_came_since() -> None:
    """It named the one in force when the next was adopted."""
    first = replace(PLAIN, floor=floor(PLAIN, WUGANG))
    second = replace(PLAIN, floor=floor(first, DENGZHOU))
    assert (
        second.floor
        == first.floor
        == Floor(profile="wugang 1", last_day=date(2028, 3, 1), retention_class=RetentionClass.TWENTY_FOUR_MONTHS)
    )
    assert "Under wugang 1 it was kept until 2028-03-01" in reasons(second)
    shorter_first = replace(PLAIN, floor=floor(replace(PLAIN, floor=floor(PLAIN, DENGZHOU)), WUGANG))
    assert "Under wugang 1 it was kept until 2028-03-01" in reasons(shorter_first)


def test_what_waits_for_its_end_names_the_profile_that_gave_it() -> None:
    flagged = replace(PLAIN, circumstances=("objection",))
    first = replace(PLAIN, floor=floor(flagged, DENGZHOU))
    again = floor(first, WUGANG)
    assert again is not None
    permanent = Pending(profile="dengzhou 1", retention_class=RetentionClass.PERMANENT)
    assert permanent in again.pending
    assert "Under dengzhou 1 its class was: permanent" in reasons(replace(PLAIN, floor=again))


def test_what_a_case_gave_names_the_case() -> None:
    """It said that the record's class had been permanent."""
    kept = undercut(replace(PLAIN, cases=(CASE,)), PLAIN, DENGZHOU)
    assert kept == Floor(pending=(Pending(profile="dengzhou 1", case="1号", retention_class=RetentionClass.PERMANENT),))
    assert "By the file of case 1号, under dengzhou 1, its class was: permanent" in reasons(replace(PLAIN, floor=kept))
    timed = replace(CASE, keep=RetentionClass.TWENTY_FOUR_MONTHS)
    ended = undercut(replace(PLAIN, cases=(timed,)), PLAIN, DENGZHOU)
    assert ended is not None
    assert (ended.case, ended.last_day) == ("1号", date(2028, 6, 30))
    told = replace(PLAIN, floor=ended)
    assert "By the file of case 1号, under dengzhou 1, it was kept until 2028-06-30" in reasons(told)
    assert floor(told, XINZHOU) == ended  # and so through another profile


def test_where_only_a_floor_or_an_extension_rules_the_class_is_named() -> None:
    timed = replace(CASE, keep=RetentionClass.TWENTY_FOUR_MONTHS)
    alone = replace(PLAIN, floor=undercut(replace(PLAIN, cases=(timed,)), PLAIN, DENGZHOU))
    decision = expiry(alone, DENGZHOU)
    assert (decision.state, decision.retention_class) == (State.RUNNING, RetentionClass.CASE_LIFETIME)
    kept = replace(PLAIN, floor=floor(PLAIN, WUGANG), extensions=(Extension(date(2030, 1, 1), "复查", "王芳"),))
    decision = expiry(kept, DENGZHOU)
    assert (decision.last_day, decision.retention_class) == (date(2030, 1, 1), RetentionClass.TWENTY_FOUR_MONTHS)


def test_records_under_a_floor_are_counted_by_its_class(vault: Vault) -> None:
    number = take_in(vault, [b"one"], [b"two"])[1]
    case = facts(1).case_number
    corrections.open_case(vault, case, "", date(2026, 11, 1), "")
    corrections.close_case(vault, case, date(2026, 11, 20), RetentionClass.TWENTY_FOUR_MONTHS, "")
    corrections.correct(vault, number, Facts(), "误归", ["case_number", "case_name"])
    with vault.database.reading() as connection:
        counted = tally.counts(connection, date(2026, 11, 21))
    assert {one.retention_class for one in counted} == {RetentionClass.ONE_YEAR, RetentionClass.CASE_LIFETIME}


# several corrections, one after the other


CLOSED = CaseClaim("2号", date(2026, 1, 5), date(2026, 1, 20), RetentionClass.SIX_MONTHS)
EVIDENCE = ("penalty-evidence", "coercion-evidence")
STEPS: dict[str, Mapping[str, Any]] = {
    "into an open case": {"cases": (CaseClaim("3号", date(2026, 2, 1)),)},
    "into a closed case": {"cases": (CLOSED,)},
    "out of its case": {"cases": ()},
    "of no kind": {"kind": ""},
    **{f"as {kind}": {"kind": kind} for kind in ("routine-patrol", *EVIDENCE)},
}


def walked(holding: Holding, steps: Sequence[str]) -> Holding:
    """What a record is after these corrections, those left out that are refused."""
    for step in steps:
        after = replace(holding, **STEPS[step])
        if holding.kind and after.kind != holding.kind and shortens(holding, after.kind, XINZHOU):
            continue
        holding = replace(after, floor=undercut(holding, after, XINZHOU))
    return holding


@pytest.mark.parametrize("kind", [*EVIDENCE, "routine-patrol"])
def test_no_walk_over_several_corrections_shortens_what_a_kind_gives(kind: str) -> None:
    """Filed into a new open case, evidence became a patrol, since neither had an end; out of the case again it had."""
    for steps in product(STEPS, repeat=4):
        record = walked(replace(PLAIN, kind=kind), steps)
        decision = expiry(record, XINZHOU)
        if kind in EVIDENCE and not record.cases:
            assert decision.state is State.UNSET, steps
        first = date(2026, 7, 20) if kind in EVIDENCE else date(2026, 8, 31)
        assert decision.last_day is None or decision.last_day >= first, steps


def test_evidence_does_not_become_a_patrol_by_way_of_an_open_case(vault: Vault) -> None:
    adoption.adopt(vault, XINZHOU, WHY)
    number = taken(vault, Facts(kind="penalty-evidence", recorded_at=AT, section="监督科", cause="占道")).number
    corrections.open_case(vault, "新案9", "", date(2026, 11, 1), "")
    corrections.correct(vault, number, Facts(case_number="新案9"), "")
    with pytest.raises(Refused, match="kept shorter than as evidence of a penalty under general") as refused:
        corrections.correct(vault, number, Facts(kind="routine-patrol"), "")
    assert "的类别由“行政处罚一般程序案件的证据”改为“日常巡查”会缩短" in refused.value.what.zh  # not penalty-evidence
    corrections.correct(vault, number, Facts(), "误填", ["kind"])
    corrections.correct(vault, number, Facts(kind="routine-patrol"), "")
    corrections.correct(vault, number, Facts(), "误归", ["case_number"])
    state, said = told(vault, number)
    assert state is State.UNSET
    assert "Under xinzhou 1 its class was: as long as the case file" in said
    assert_rebuilt_alike(vault)


# words that another profile does not know


def taken(vault: Vault, said: Facts) -> Record:
    (number,) = take_in(vault, [b"one"])
    record = corrections.correct(vault, number, said, "补录")
    assert record.standing is Standing.KEPT
    return record


def told(vault: Vault, number: str) -> tuple[State, str]:
    with vault.database.reading() as connection:
        decision = queries.explain(connection, number, vault.profile, vault.now())
    return decision.state, " ".join(reason.text.en for reason in decision.reasons)


def test_a_kind_that_the_new_profile_does_not_know_can_be_taken_back(vault: Vault) -> None:
    """To say that it was of none was refused: the record had no end for ever."""
    adoption.adopt(vault, XINZHOU, WHY)
    number = taken(vault, Facts(kind="routine-patrol", recorded_at=AT)).number
    adoption.adopt(vault, DENGZHOU, WHY)
    state, said = told(vault, number)
    assert (state, "strongroom complete NUMBER --kind" in said) == (State.UNSET, True)
    corrections.correct(vault, number, Facts(), "新制度无此类别", ["kind"])
    state, said = told(vault, number)
    assert state is State.RUNNING
    assert "Under xinzhou 1 it was kept until" in said  # and nothing is shorter by it


def test_a_class_that_is_shorter_changes_nothing_and_what_stands_is_told(vault: Vault) -> None:
    (number,) = take_in(vault, [b"one"])
    stands = corrections.raise_class(vault, number, RetentionClass.SIX_MONTHS, "参照", "豫档〔2020〕5号")
    assert (stands.retention_class, stands.last_day) == (RetentionClass.ONE_YEAR, date(2027, 11, 21))
    longer = corrections.raise_class(vault, number, RetentionClass.TWENTY_FOUR_MONTHS, "参照", "豫档〔2020〕5号")
    assert longer.retention_class is RetentionClass.TWENTY_FOUR_MONTHS


@pytest.mark.parametrize("rule", [XINZHOU, load_profile("jiangyuan")], ids=lambda profile: profile.id)
def test_what_follows_a_file_kept_for_good_stays_so(rule: Profile) -> None:
    """Its floor said "as long as the case file", and forgot what the file's class had been."""
    follows = next(kind.id for kind in rule.kinds if kind.base.retention_class is RetentionClass.CASE_LIFETIME)
    before = replace(PLAIN, kind=follows, cases=(CASE,))
    shorter = replace(CASE, keep=RetentionClass.SIX_MONTHS)
    others = [replace(shorter, number="2号"), replace(CASE, closed_on=None), shorter]
    for cases in ((one,) for one in others):
        after = replace(before, cases=cases)
        kept = replace(after, floor=undercut(before, after, rule))
        closed = replace(kept, cases=(shorter,))
        again = replace(closed, floor=undercut(kept, closed, rule))
        assert expiry(again, rule).state is State.PERMANENT
        assert f"By the file of case 1号, under {rule.id} 1, its class was: permanent" in reasons(again, rule)
