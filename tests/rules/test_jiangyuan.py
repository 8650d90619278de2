"""江源区文广旅局执法音像记录及设备日常管理制度, article by article."""

import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.rules.conftest import BEGAN, Media, Office
from tests.rules.staffed import SECTION, Staffed
from vault import corrections
from vault.casecheck import check_case
from vault.completeness import Demand
from vault.errors import Refused
from vault.explaining import explain_interruption, explain_missing
from vault.facts import Facts
from vault.profile import Method, Role, StatementField
from vault.records import Standing
from vault.retention import State
from vault.terms import RetentionClass
from vault.viewing import Purpose

CASE = "江文罚〔2026〕7号"


@pytest.fixture
def bureau(office: Callable[[str], Office]) -> Office:
    return office("jiangyuan")


@pytest.fixture
def staff(bureau: Office) -> Staffed:
    """The same, with everybody enrolled under their own name."""
    return Staffed.of(bureau)


def test_article_6_six_activities_are_recorded_from_beginning_to_end(bureau: Office) -> None:
    listed = bureau.profile.recordings
    assert listed is not None
    assert [item.article for item in listed.items] == [f"6({n})" for n in range(1, 7)]
    assert {(item.method, item.whole) for item in listed.items} == {(Method.VIDEO, True)}


def test_articles_7_and_11_what_was_not_recorded_and_what_was_interrupted(bureau: Office) -> None:
    exempt, interrupted = bureau.profile.explanations
    assert (exempt.article, exempt.covers, exempt.states) == ("7", ("not-recorded",), ("cause", "basis"))
    assert [cause.article for cause in exempt.causes] == ["7(1)", "7(2)", "7(3)"]
    assert (exempt.reported_to, exempt.reported_at_once) == (Role.SUPERVISING_LEADER, False)
    assert (interrupted.article, interrupted.voice_note) == ("11", True)
    assert (interrupted.reported_to, interrupted.reported_at_once) == (Role.SECTION_HEAD, True)
    assert "premises-changed" in {cause.id for cause in interrupted.causes}


def test_article_13_the_same_day_or_24_hours_after_return(bureau: Office) -> None:
    within = bureau.profile.intake.stored_within
    assert within is not None
    assert (within.same_day, within.hours, within.choice) == (True, None, None)
    assert [(e.id, e.hours, e.counted_from) for e in within.exceptions] == [
        ("continuous", 24, "returned_at"),
        ("off-site", 24, "returned_at"),
        ("remote", 24, "returned_at"),
    ]


def test_article_14_a_year_at_least(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, recorder="张伟")
    decision = bureau.on(date(2028, 9, 1)).explain(record)
    assert (decision.state, decision.last_day) == (State.DUE, date(2028, 8, 31))
    assert "也可以继续保存" in decision.reasons[-2].text.zh


def test_article_14_evidence_is_kept_as_long_as_the_file(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, recorder="张伟", kind="evidence", case_number=CASE)
    assert bureau.on(date(2031, 1, 1)).explain(record).state is State.WAITING_FOR_CASE
    bureau.close_case(CASE, date(2027, 9, 1), date(2028, 6, 30), RetentionClass.TWENTY_FOUR_MONTHS)
    assert bureau.explain(record).last_day == date(2030, 6, 30)
    corrections.reopen_case(bureau.vault, CASE, "重新启动")  # a reopened case suspends it
    assert bureau.explain(record).state is State.WAITING_FOR_CASE


def test_article_14_a_short_file_does_not_undercut_the_year(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, recorder="张伟", kind="evidence", case_number=CASE)
    bureau.close_case(CASE, date(2027, 8, 1), date(2027, 8, 31), RetentionClass.SIX_MONTHS)
    assert bureau.explain(record).last_day == date(2028, 8, 31)


def test_article_15_the_maker_is_known_and_the_statement_says_three_things(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video)
    assert (record.standing, bureau.missing(record)) == (Standing.QUARANTINED, ("recorder",))
    disc = bureau.profile.evidence_disc
    assert disc is not None
    assert disc.into_case_file
    assert [rule.statement_field for rule in disc.statement] == [
        StatementField.MAKER,
        StatementField.EXTRACTOR,
        StatementField.EXTRACTED_AT,
    ]


def test_articles_16_and_17_legal_office_then_supervising_leader(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, recorder="张伟")
    viewing = bureau.profile.viewing
    assert viewing is not None
    assert [a.role for a in viewing.approvers] == [Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER]
    assert (viewing.registrar, viewing.register_first) == (Role.CUSTODIAN, True)
    for approved_by in ((), ("周主任",), ("周主任", "周主任")):
        with pytest.raises(Refused):
            bureau.view(record, *approved_by)
    bureau.view(record, "周主任", "赵局长")


def test_article_18_evidence_goes_out_without_further_approval_and_nothing_else(bureau: Office) -> None:
    release = bureau.profile.release
    assert release is not None
    assert (release.outside, release.except_evidence) == ("approved", True)


# the whole way, with everybody under their own name


def test_article_7_what_need_not_be_recorded_says_why_and_on_what_basis(staff: Staffed) -> None:
    said = Facts(case_number=CASE, matter="日常执法检查", recorded_at=BEGAN)
    with staff.as_(Role.OFFICER) as vault:
        explain_missing(vault, said, "urgent", "突发险情", "第七条第（二）项")
    with staff.vault.database.reading() as connection:
        found = check_case(connection, staff.office.profile, CASE, (), staff.vault.now()).found
    assert [one.standing for one in found] == [Demand.EXPLAINED]


def test_article_11_a_change_of_premises_explains_a_gap(staff: Staffed, media: Media) -> None:
    facts = {"recorder": "张伟", "case_number": CASE, "matter": "日常执法检查"}
    record = staff.office.take(media.video, media.resumed, **facts)
    standings = []
    for explain in (False, True):
        if explain:
            with staff.as_(Role.OFFICER) as vault:
                explain_interruption(vault, record.number, [1], "premises-changed", "转往库房", "")
        with staff.vault.database.reading() as connection:
            (found,) = check_case(connection, staff.office.profile, CASE, (), staff.vault.now()).found
        standings.append(found.standing)
    assert standings == [Demand.LACKING, Demand.PRESENT]


def test_article_2_a_video_without_sound_is_no_synchronous_recording(
    staff: Staffed, media: Media, tmp_path: Path
) -> None:
    """对现场执法全过程同步录音录像: a silent video passed for one."""
    silent = tmp_path / "无声.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-i", media.video, "-an", "-c", "copy", silent], check=True)
    facts = {"recorder": "张伟", "matter": "日常执法检查"}
    staff.office.take(silent, case_number=CASE, **facts)
    staff.office.take(media.video, case_number=f"{CASE}续", **facts)
    standings = []
    for case in (CASE, f"{CASE}续"):
        with staff.vault.database.reading() as connection:
            (found,) = check_case(connection, staff.office.profile, case, (), staff.vault.now()).found
        standings.append((found.standing, found.silent, found.unheard))
    assert standings == [(Demand.LACKING, 1, 0), (Demand.PRESENT, 0, 0)]
    why = [row["why"] for row in staff.register("completeness")]
    assert [said.zh if said is not None else None for said in why] == ["录像无声音", None]


def test_article_13_who_was_far_away_has_24_hours_after_return(staff: Staffed, media: Media) -> None:
    staff.office.clock.advance(days=2)
    ended, returned = BEGAN + timedelta(hours=2), BEGAN + timedelta(days=2)
    said = {"recorder": "张伟", "section": SECTION, "activity_ended_at": ended}
    late = staff.office.take(media.video, **said)
    staff.office.take(media.photo, exceptions=("remote",), returned_at=returned, **said)
    open_ = staff.office.take(media.audio, exceptions=("remote",), **said)
    found = {row["record"]: row["timeliness"].zh for row in staff.register("late")}
    assert found == {late.number: "逾期", open_.number: "待查明"}  # of one nobody said when they returned


def test_article_14_evidence_ends_with_its_file_and_not_before(staff: Staffed, media: Media) -> None:
    evidence = staff.office.take(media.video, recorder="张伟", kind="evidence", case_number=CASE)
    ordinary = staff.office.take(media.photo, recorder="张伟")
    corrections.open_case(staff.vault, CASE, "", date(2027, 9, 1), "立案")
    staff.office.on(date(2027, 12, 31))
    corrections.close_case(staff.vault, CASE, date(2027, 12, 31), RetentionClass.TWENTY_FOUR_MONTHS, "结案")
    staff.office.on(date(2028, 9, 1))
    assert staff.office.due() == [ordinary.number]
    staff.assert_ended([ordinary], staff.dispose(ordinary))
    corrections.reopen_case(staff.vault, CASE, "重新启动")
    staff.office.on(date(2028, 10, 2))
    corrections.close_case(staff.vault, CASE, date(2028, 10, 2), RetentionClass.SIX_MONTHS, "结案")
    assert staff.office.on(date(2029, 12, 31)).due() == []  # a shorter file later does not shorten it
    assert staff.office.on(date(2030, 1, 1)).due() == [evidence.number]
    number = staff.dispose(evidence)
    staff.assert_ended([evidence], number)
    assert staff.approvers_of(number) == [Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER]


def test_articles_16_and_17_first_the_legal_office_then_the_leader_then_the_register(
    staff: Staffed, media: Media
) -> None:
    record = staff.office.take(media.video, recorder="张伟")
    assert staff.view(record) == [Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER]
    (row,) = staff.register("viewing")
    assert (row["by"].zh, row["approved_by"].zh) == ("张伟（执法人员）", "周明（法制机构）、赵刚（主管领导）")
    assert (row["why"], row["at"]) == ("案件审理", staff.vault.now())


def test_article_18_evidence_goes_out_as_it_is_viewed_and_all_else_by_leave(staff: Staffed, media: Media) -> None:
    evidence = staff.office.take(media.video, recorder="张伟", kind="evidence", case_number=CASE)
    ordinary = staff.office.take(media.photo, recorder="张伟")
    by = Role.CUSTODIAN
    assert staff.view(evidence, Purpose.RELEASE, by) == [Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER]
    assert staff.view(ordinary, Purpose.RELEASE, by) == [Role.SUPERVISING_LEADER]
