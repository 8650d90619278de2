"""Late, interrupted and missing recordings in a vault: what is announced, explained, reviewed and listed."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from tests.vault.recorded import interrupted, record, review_as
from tests.vault.scene import assert_sound, export, rows_of
from vault import announcing, corrections, explaining
from vault.adoption import adopt
from vault.casecheck import check_case
from vault.catalogue import announced, explained, timeliness
from vault.catalogue.arrears import arrears
from vault.catalogue.rows import serial_of
from vault.completeness import Demand
from vault.errors import BadInput, Refused
from vault.facts import Facts
from vault.profile import Profile, load_profile
from vault.rebuild import rebuild
from vault.store import Vault

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
CASE = "邓财监〔2026〕12号"
VISIT = Facts(case_number=CASE, section="监督检查科", matter="现场检查", activity_ended_at=NOW)
LATE = Facts(section="监督检查科", activity_ended_at=NOW - timedelta(hours=25))


@contextmanager
def reading(vault: Vault) -> Iterator[Connection]:
    with vault.database.reading() as connection:
        yield connection


def numbers(vault: Vault) -> list[str]:
    """The announced activities that are open."""
    with reading(vault) as connection:
        return [one.number for one in announced.open_activities(connection, vault.profile)]


def lateness(vault: Vault, number: str) -> str | None:
    with reading(vault) as connection:
        return timeliness.judged(connection, serial_of(number)).lateness


# late


def test_late_is_taken_in_marked_explained_and_stays_late(vault: Vault) -> None:
    number = record(vault, LATE)
    assert lateness(vault, number) == "late"
    explaining.explain_late(vault, [number], "设备送修")
    assert lateness(vault, number) == "explained"
    corrections.correct(vault, number, Facts(activity_ended_at=LATE.activity_ended_at), "核对")
    assert lateness(vault, number) == "explained"  # said once more, it is not forgotten
    with reading(vault) as connection:
        assert timeliness.counted(connection) == {"late": 0, "explained": 1, "unclear": 0}
        assert [why.why for why in timeliness.explanations(connection, serial_of(number))] == ["设备送修"]


def doubted(vault: Vault, *but: timeliness.Lateness) -> list[str]:
    with reading(vault) as connection:
        return [one.number for one, _ in timeliness.recorded_ahead(connection, but)]


@pytest.mark.parametrize("fact", ["recorded_at", "recorded_until"])
def test_a_recording_from_the_future_is_taken_in_doubted_and_gains_no_time(vault: Vault, fact: str) -> None:
    """By the camera's clock it was made four days after it was stored."""
    number = record(vault, Facts(section="监督检查科", **{fact: NOW + timedelta(days=4)}))
    sound = record(
        vault, Facts(section="监督检查科", recorded_at=NOW, recorded_until=NOW, activity_ended_at=NOW), seed=1
    )
    assert doubted(vault) == [number]
    with reading(vault) as connection:
        assert timeliness.judged(connection, serial_of(number)) == timeliness.Judged(None, "unclear")
        assert arrears(connection, NOW).ahead == 1
    assert doubted(vault, "unclear") == []
    corrections.correct(vault, sound, Facts(recorded_until=NOW + timedelta(seconds=1)), "误")
    assert doubted(vault) == [number, sound]
    corrections.correct(vault, number, Facts(**{fact: NOW - timedelta(days=4)}), "校时")
    assert doubted(vault) == [sound]


def test_an_end_that_somebody_gave_decides_whatever_the_camera_says(vault: Vault) -> None:
    number = record(vault, Facts(recorded_at=NOW + timedelta(days=4), activity_ended_at=LATE.activity_ended_at))
    assert lateness(vault, number) == "late"
    assert doubted(vault, "late") == []
    assert doubted(vault) == [number]


def test_facts_that_come_later_decide_what_was_unclear(vault: Vault) -> None:
    number = record(vault, Facts(section="监督检查科", recorded_at=NOW - timedelta(hours=30)))
    assert lateness(vault, number) == "unclear"
    corrections.correct(vault, number, Facts(party="王芳"), "补录")
    assert lateness(vault, number) == "unclear"
    corrections.correct(vault, number, Facts(activity_ended_at=NOW - timedelta(hours=20)), "补录")
    assert lateness(vault, number) is None


def test_who_was_late_once_stays_late_whatever_is_corrected(vault: Vault) -> None:
    """By the end of the activity, by an exception that is claimed, step by step: nobody wipes their own lateness."""
    number = record(vault, LATE)
    with reading(vault) as connection:
        first = timeliness.judged(connection, serial_of(number))
    corrections.correct(vault, number, Facts(activity_ended_at=NOW - timedelta(hours=24, minutes=30)), "核对")
    corrections.correct(vault, number, Facts(activity_ended_at=NOW - timedelta(hours=1)), "更正时间")
    with reading(vault) as connection:
        assert timeliness.judged(connection, serial_of(number)) == first
        assert timeliness.counted(connection) == {"late": 1, "explained": 0, "unclear": 0}
        assert [one.number for one, _ in timeliness.listed(connection, "late")] == [number]
        (partly, wholly) = timeliness.corrections(connection, serial_of(number))
    assert (partly.was.activity_ended_at, partly.store_by) == (LATE.activity_ended_at, first.store_by)
    assert (wholly.becomes.activity_ended_at, wholly.why) == (NOW - timedelta(hours=1), "更正时间")
    told = wholly.told(vault.profile)
    assert "activity ended at: 2026-11-20 09:00:00 → 2026-11-21 08:30:00" in told.en
    assert "执法活动结束时间：2026-11-20 09:00:00→2026-11-21 08:30:00" in told.zh
    explaining.explain_late(vault, [number], "设备送修")
    corrections.correct(vault, number, Facts(activity_ended_at=NOW - timedelta(minutes=1)), "再次更正")
    assert lateness(vault, number) == "explained"
    before = export(vault)
    rebuild(vault, None)
    assert {table: export(vault)[table] for table in ("record", "late_corrected")} == {
        table: before[table] for table in ("record", "late_corrected")
    }


def test_the_correction_that_made_a_record_late_is_told_with_the_others(vault: Vault) -> None:
    """A slip of the pen, put right at once: it stays late, and whoever reads the register sees why."""
    in_time = NOW - timedelta(hours=1)
    number = record(vault, Facts(section="稽查科", activity_ended_at=in_time))
    corrections.correct(vault, number, Facts(activity_ended_at=NOW - timedelta(days=3)), "笔误")
    corrections.correct(vault, number, Facts(activity_ended_at=in_time), "改回")
    assert lateness(vault, number) == "late"
    with reading(vault) as connection:
        slip, mended = timeliness.corrections(connection, serial_of(number))
    assert (slip.was.activity_ended_at, slip.why, mended.becomes.activity_ended_at) == (in_time, "笔误", in_time)


def test_a_correction_can_make_a_record_later(vault: Vault) -> None:
    number = record(vault, LATE)
    corrections.correct(vault, number, Facts(activity_ended_at=NOW - timedelta(hours=50)), "核对")
    with reading(vault) as connection:
        assert timeliness.judged(connection, serial_of(number)).store_by == NOW - timedelta(hours=26)
    explaining.explain_late(vault, [number], "设备送修")
    corrections.correct(vault, number, Facts(activity_ended_at=NOW - timedelta(hours=60)), "核对")
    with reading(vault) as connection:
        judged = timeliness.judged(connection, serial_of(number))
    assert (judged.store_by, judged.lateness) == (NOW - timedelta(hours=36), "explained")


def test_what_is_not_late_needs_no_explanation_and_none_is_changed(vault: Vault) -> None:
    late, in_time = record(vault, LATE), record(vault, VISIT, seed=1)
    with pytest.raises(BadInput, match="is not late"):
        explaining.explain_late(vault, [late, in_time], "设备送修")
    assert lateness(vault, late) == "late"


# announced


def test_an_activity_waits_for_its_record(vault: Vault, clock: Any) -> None:
    number = announcing.announce(vault, VISIT)
    assert numbers(vault) == [number] == ["T00001"]
    clock.advance(hours=24, seconds=1)
    with reading(vault) as connection:
        assert (arrears(connection, clock()).announced, arrears(connection, clock()).missed) == (1, 1)
        assert arrears(connection, clock() - timedelta(seconds=1)).missed == 0
    came = record(vault, VISIT)
    assert numbers(vault) == []
    assert rows_of(vault, "SELECT closed_by FROM activity") == [(came,)]
    assert lateness(vault, came) == "late"


ANSWERS = {
    "the same activity": (VISIT, True),
    "told by the recording's own time": (Facts(case_number=CASE, recorded_at=NOW - timedelta(hours=2)), True),
    "another case": (Facts(case_number="邓财监〔2026〕13号", activity_ended_at=NOW), False),
    "no case": (Facts(section="监督检查科", activity_ended_at=NOW), False),
    "another day": (Facts(case_number=CASE, activity_ended_at=NOW - timedelta(days=1)), False),
    "the day in Dengzhou, not UTC's": (Facts(case_number=CASE, recorded_at=NOW - timedelta(hours=9)), True),
    "another matter": (Facts(case_number=CASE, matter="听证", activity_ended_at=NOW), False),
    "one of two matters": (Facts(case_number=CASE, matter="抽样取证、现场检查", activity_ended_at=NOW), True),
    "no time": (Facts(case_number=CASE), False),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_which_record_is_of_which_activity(vault: Vault, what: str) -> None:
    facts, is_its = ANSWERS[what]
    number = announcing.announce(vault, VISIT)
    record(vault, facts)
    assert (number not in numbers(vault)) is is_its


def test_an_activity_without_a_case_is_known_by_its_section(vault: Vault) -> None:
    announcing.announce(vault, Facts(section="会计科", activity_ended_at=NOW))
    record(vault, Facts(section="监督检查科", activity_ended_at=NOW))
    assert len(numbers(vault)) == 1
    record(vault, Facts(section="会计科", case_number="某案", activity_ended_at=NOW), seed=1)
    assert numbers(vault) == []


def test_one_record_answers_one_of_two_activities_of_a_day(vault: Vault) -> None:
    """To close both would hide that the second never came."""
    later = NOW + timedelta(hours=3)
    announcing.announce(vault, VISIT)
    announcing.announce(vault, Facts(case_number=CASE, activity_ended_at=later))
    record(vault, Facts(case_number=CASE, activity_ended_at=later))  # the very one
    assert numbers(vault) == ["T00001"]
    announcing.announce(vault, Facts(case_number=CASE, activity_ended_at=later))
    record(vault, Facts(case_number=CASE, recorded_at=NOW), seed=1)  # either: the first to end
    assert numbers(vault) == ["T00003"]


def test_a_record_that_gains_its_case_answers_then(vault: Vault) -> None:
    announcing.announce(vault, VISIT)
    number = record(vault, Facts(section="会计科", activity_ended_at=NOW))
    assert len(numbers(vault)) == 1
    corrections.correct(vault, number, Facts(case_number=CASE), "补录")
    assert numbers(vault) == []


def test_more_is_said_of_an_activity_and_it_is_closed(vault: Vault) -> None:
    number = announcing.announce(vault, VISIT)
    announcing.amend(vault, number, Facts(party="王芳"))
    with reading(vault) as connection:
        assert announced.facts_of_activity(connection, number) == Facts(party="王芳").over(VISIT)
    announcing.close(vault, number, "检查取消")
    for act in (
        lambda: announcing.close(vault, number, "再次"),
        lambda: announcing.amend(vault, number, VISIT),
        lambda: announcing.close(vault, "T00009", "没有"),
    ):
        with pytest.raises(BadInput, match="No announced activity"):
            act()


def test_another_profile_moves_what_is_to_come_and_judges_nothing_that_lies_here(vault: Vault) -> None:
    announcing.announce(vault, VISIT)
    yesterday = Facts(section="监督检查科", activity_ended_at=NOW - timedelta(hours=12))
    number = record(vault, yesterday)
    adopt(vault, load_profile("wugang"), "机构改革")
    assert rows_of(vault, "SELECT due_by FROM activity") == [("2026-11-21T15:59:59Z",)]  # the same day, in Beijing
    assert lateness(vault, number) is None
    corrections.correct(vault, number, Facts(party="王芳"), "补录")
    assert lateness(vault, number) is None  # of the same day it would have been late
    assert lateness(vault, record(vault, yesterday, seed=1)) == "late"
    before = export(vault)
    rebuild(vault, None)
    assert [export(vault)[table] for table in ("record", "activity")] == [before["record"], before["activity"]]


@pytest.mark.parametrize("facts", [Facts(section="会计科"), Facts(activity_ended_at=NOW)])
def test_an_activity_that_nothing_could_answer_is_refused(vault: Vault, facts: Facts) -> None:
    with pytest.raises(BadInput, match="needs its end"):
        announcing.announce(vault, facts)


def test_an_exception_that_the_profile_does_not_grant_is_refused(vault: Vault) -> None:
    with pytest.raises(BadInput, match="no exception 'remote'"):
        announcing.announce(vault, Facts(section="会计科", activity_ended_at=NOW, exceptions=("remote",)))


# interrupted


def gaps(vault: Vault, number: str) -> list[tuple[str, bool]]:
    """The explanation of each gap, and whether it is settled."""
    with reading(vault) as connection:
        return [(g.explanation, g.settled) for g in explained.interruptions_of(connection, serial_of(number))]


def test_a_gap_is_found_explained_and_reviewed_by_somebody_else(vault: Vault) -> None:
    number = record(vault, VISIT, interrupted(NOW))
    assert gaps(vault, number) == [("", False)]
    filed = explaining.explain_interruption(vault, number, [], "weather", "暴雨", "红色预警")
    assert (filed.explanation, filed.reviewer) == ("E00001", "principal-leader")
    assert gaps(vault, number) == [("E00001", False)]
    with pytest.raises(Refused, match="somebody else"):
        explaining.review(vault, "E00001", "")
    review_as(vault, "王局长", "E00001")
    assert gaps(vault, number) == [("E00001", True)]
    with pytest.raises(Refused, match="王局长 has reviewed"):
        review_as(vault, "赵局长", "E00001")
    with pytest.raises(BadInput, match="no explanation"):
        review_as(vault, "赵局长", "E00002")


def test_one_gap_of_two_is_explained(vault: Vault) -> None:
    segments = [("video/mp4", NOW + timedelta(minutes=30 * n), 600) for n in range(3)]
    number = record(vault, VISIT, segments)
    explaining.explain_interruption(vault, number, [2], "weather", "暴雨", "红色预警")
    assert [name for name, _ in gaps(vault, number)] == ["", "E00001"]
    with reading(vault) as connection:
        assert len(list(explained.unexplained(connection))) == 1
    with pytest.raises(BadInput, match="no gap 3; 2 were found"):
        explaining.explain_interruption(vault, number, [3], "weather", "暴雨", "红色预警")


def test_where_no_gap_was_found_there_is_none_to_explain(vault: Vault) -> None:
    """It was filed all the same; what was not recorded to its end is an explanation of its own."""
    number = record(vault, VISIT, [("video/mp4", NOW, 600)])
    assert gaps(vault, number) == []
    with pytest.raises(BadInput, match=f"{number} has no gap .* none was found") as refused:
        explaining.explain_interruption(vault, number, [], "weather", "暴雨", "红色预警")
    assert "interruption missing" in refused.value.hint.en
    with reading(vault) as connection:
        assert list(explained.explanations_of_record(connection, serial_of(number))) == []
    explaining.explain_missing(vault, VISIT, "weather", "暴雨", "红色预警")


def test_the_cause_is_of_the_profile_and_the_basis_is_stated(vault: Vault) -> None:
    number = record(vault, VISIT, interrupted(NOW))
    with pytest.raises(BadInput, match="no cause '没电'") as refused:
        explaining.explain_interruption(vault, number, [], "没电", "没电", "无")
    assert "16(2)" in refused.value.hint.en
    with pytest.raises(BadInput, match="wants the basis"):
        explaining.explain_interruption(vault, number, [], "weather", "暴雨", " ")
    assert gaps(vault, number) == [("", False)]


# not made at all


def standing(vault: Vault, *named: str) -> list[tuple[str, Demand]]:
    with reading(vault) as connection:
        checked = check_case(connection, vault.profile, CASE, named, vault.now())
    return [(one.item.zh, one.standing) for one in checked.found]


def test_a_recording_that_was_not_made_is_filed_alone_and_found_with_its_case(vault: Vault) -> None:
    number = announcing.announce(vault, VISIT)
    assert standing(vault) == [("现场检查", Demand.EXPECTED)]
    filed = explaining.explain_missing(vault, Facts(), "weather", "暴雨", "红色预警", number)
    assert filed.facts == VISIT
    assert numbers(vault) == []
    assert standing(vault) == [("现场检查", Demand.AWAITING_REVIEW)]
    review_as(vault, "王局长", filed.explanation)
    assert standing(vault) == [("现场检查", Demand.EXPLAINED)]
    with reading(vault) as connection:
        (told,) = explained.missing_of_case(connection, CASE)
        assert (told.reviewed_by, told.record) == ("王局长", "")


def test_a_missing_recording_is_somebodys(vault: Vault) -> None:
    with pytest.raises(BadInput, match="which case or section"):
        explaining.explain_missing(vault, Facts(party="王芳"), "weather", "暴雨", "红色预警")
    with pytest.raises(BadInput, match="No announced activity"):
        explaining.explain_missing(vault, VISIT, "weather", "暴雨", "红色预警", "T00001")


# the case


def test_a_case_lacks_what_nobody_recorded_until_it_is_there(vault: Vault) -> None:
    sampling = Facts(case_number=CASE, section="监督检查科", matter="抽样取证", activity_ended_at=NOW)
    record(vault, sampling, [("image/jpeg", NOW, 0)])
    assert standing(vault) == [("抽样取证", Demand.LACKING)]
    assert standing(vault, "听证") == [("抽样取证", Demand.LACKING), ("听证", Demand.LACKING)]
    record(vault, sampling, [("video/mp4", NOW, 60)], seed=1)
    assert standing(vault) == [("抽样取证", Demand.PRESENT)]


def test_a_hearing_is_whole_once_its_gap_is_explained_and_reviewed(vault: Vault) -> None:
    hearing = Facts(case_number=CASE, section="监督检查科", matter="听证", activity_ended_at=NOW)
    number = record(vault, hearing, interrupted(NOW))
    assert standing(vault) == [("听证", Demand.LACKING)]
    filed = explaining.explain_interruption(vault, number, [1], "obstructed", "当事人抢夺设备", "现场笔录")
    assert standing(vault) == [("听证", Demand.LACKING)]
    review_as(vault, "王局长", filed.explanation)
    assert standing(vault) == [("听证", Demand.PRESENT)]


def test_a_missed_activity_is_lacking(vault: Vault, clock: Any) -> None:
    announcing.announce(vault, VISIT)
    clock.advance(days=2)
    assert standing(vault) == [("现场检查", Demand.LACKING)]


# all of it


@contextmanager
def asked(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """What the program asks of the database meanwhile."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        heard.append((statement, values))

    event.listen(connection, "before_cursor_execute", hear)
    yield heard
    event.remove(connection, "before_cursor_execute", hear)


LISTINGS: dict[str, Callable[[Connection, Profile], object]] = {
    "late records": lambda c, _: list(timeliness.listed(c, "late")),
    "figures": lambda c, _: arrears(c, NOW),
    "open activities": lambda c, p: list(announced.open_activities(c, p)),
    "a case's activities": lambda c, p: list(announced.open_activities(c, p, CASE)),
    "activities of a record": lambda c, p: announced.close_answered(c, p, [("2026-0000001", VISIT, NOW)]),
    "gaps to explain": lambda c, _: list(explained.unexplained(c)),
    "recorded from the future": lambda c, _: list(timeliness.recorded_ahead(c)),
    "how many of those": lambda c, _: timeliness.count_ahead(c),
    "a record's gaps": lambda c, _: explained.interruptions_of(c, 1),
    "explanations to review": lambda c, _: list(explained.to_review(c)),
    "a record's explanations": lambda c, _: explained.explanations_of_record(c, 1),
    "a case": lambda c, p: check_case(c, p, CASE, (), NOW),
}


@pytest.mark.sqlite("it reads the plans of SQLite's planner")
@pytest.mark.parametrize("what", LISTINGS)
def test_a_listing_reads_an_index_of_what_it_lists(vault: Vault, what: str) -> None:
    """Not the table: that may have millions of rows."""
    announcing.announce(vault, Facts(case_number="他案", activity_ended_at=NOW))
    corrections.open_case(vault, CASE, "检查案", NOW.date(), "立案")
    with reading(vault) as connection:
        with asked(connection) as statements:
            LISTINGS[what](connection, vault.profile)
        assert statements
        for statement, values in statements:
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
                assert not re.match("SCAN (?!.*INDEX)", str(row[3])), f"{row[3]}: {statement}"


def test_all_of_it_follows_from_the_journal(vault: Vault) -> None:
    number = record(vault, LATE, interrupted(NOW - timedelta(days=2)))
    announcing.announce(vault, VISIT)
    announcing.announce(vault, VISIT)
    record(vault, VISIT, seed=1)
    explaining.explain_late(vault, [number], "设备送修")
    filed = explaining.explain_interruption(vault, number, [1], "weather", "暴雨", "红色预警")
    review_as(vault, "王局长", filed.explanation)
    explaining.explain_missing(vault, Facts(case_number=CASE, matter="听证"), "weather", "暴雨", "红色预警")
    assert_sound(vault)
    before = export(vault)
    rebuild(vault, None)
    after = export(vault)
    for table in ("record", "late_explained", "activity", "interruption", "explanation"):
        assert before[table] == after[table]
        assert before[table]
