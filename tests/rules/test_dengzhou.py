"""邓州市财政局行政执法音像记录管理制度, article by article."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.rules.conftest import BEGAN, Media, Office
from tests.rules.staffed import SECTION, Staffed
from vault import acts, corrections
from vault.announcing import announce
from vault.casecheck import check_case
from vault.catalogue.announced import open_activities
from vault.completeness import Demand
from vault.deadlines import Timeliness
from vault.disposal import appraisal
from vault.errors import Refused
from vault.explaining import explain_interruption, explain_late, explain_missing, review
from vault.facts import Facts
from vault.profile import Method, Role
from vault.records import Standing
from vault.retention import State
from vault.viewing import Purpose


@pytest.fixture
def bureau(office: Callable[[str], Office]) -> Office:
    return office("dengzhou")


@pytest.fixture
def staff(bureau: Office) -> Staffed:
    """The same, with everybody enrolled under their own name."""
    return Staffed.of(bureau)


def test_article_7_the_words_are_at_hand(bureau: Office) -> None:
    said = bureau.profile.announcement
    assert said is not None
    assert "我们是邓州市财政局执法人员×××" in said.words.zh
    assert said.words.zh.endswith("本次执法全程录音录像。")


def test_article_9_a_recording_is_due_24_hours_after_the_activity(bureau: Office) -> None:
    within = bureau.profile.intake.stored_within
    assert within is not None
    assert (within.hours, within.same_day, within.counted_from) == (24, False, "activity_ended_at")
    assert (within.exceptions, within.article) == ((), "9")


def test_article_10_without_its_section_a_record_waits(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, party="李伟")
    assert (record.standing, bureau.missing(record)) == (Standing.QUARANTINED, ("section",))
    assert bureau.on(date(2031, 1, 1)).due() == []  # however long: nothing expires that is not complete
    assert bureau.complete(record, section="会计科").standing is Standing.KEPT


def test_article_11_a_year_and_then_a_review(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, media.photo, section="会计科")
    decision = bureau.explain(record)
    assert (decision.state, decision.last_day) == (State.RUNNING, date(2028, 8, 31))
    assert bureau.on(date(2028, 8, 31)).due() == []
    assert bureau.on(date(2028, 9, 1)).due() == [record.number]
    assert "应当审查；未经审查不得销毁" in "".join(reason.text.zh for reason in bureau.explain(record).reasons)
    assert bureau.record(record.number).files == record.files  # years later it is still there, until people decide


def test_article_12_what_may_be_disputed_is_kept_long_term_on_two_discs(bureau: Office, media: Media) -> None:
    happened = [("objection", media.video), ("obstruction", media.photo), ("major-or-sensitive", media.audio)]
    records = {circumstance: bureau.take(path, section="会计科") for circumstance, path in happened}
    for circumstance, record in records.items():
        corrections.flag(bureau.vault, record.number, (circumstance,), "当事人声明")
    assert bureau.on(date(2031, 8, 31)).due() == []
    for number, record in enumerate(records.values(), 1):
        decision = bureau.explain(record)
        assert decision.state is State.PERMANENT
        assert "应刻录光盘份数：2。" in "".join(reason.text.zh for reason in decision.reasons)
        assert f"12({number})" in {reason.article for reason in decision.reasons}


def test_article_12_the_label_says_five_things(bureau: Office, media: Media) -> None:
    text = bureau.disc_label(bureau.take(media.video, section="会计科"), "李伟代理记账案现场检查")
    for name in ("制作单位", "制作人", "制作时间", "执法活动或者案件名称", "标号"):
        assert name in text
    for value in ("邓州市财政局", "王芳", "李伟代理记账案现场检查", "2026-0001"):
        assert value in text


def test_article_13_the_supervising_leader_agrees_before_anybody_sees(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, section="会计科")
    assert [approver.role for approver in bureau.profile.approvers] == [Role.SUPERVISING_LEADER]
    for approved_by, why in (((), "案件审理"), (("赵局长",), " ")):
        with pytest.raises(Refused) as caught:
            bureau.view(record, *approved_by, why=why)
        assert caught.value.exit_code == 4
    bureau.view(record, "赵局长")


def test_article_16_four_causes_a_reason_and_the_principal_leader(bureau: Office) -> None:
    (rule,) = bureau.profile.explanations
    assert [cause.article for cause in rule.causes] == ["16(1)", "16(2)", "16(3)", "16(4)"]
    assert (rule.written, rule.states, rule.reviewer) == ("always", ("cause", "basis"), Role.PRINCIPAL_LEADER)
    assert (rule.prompt, rule.hours, rule.filed_with_record) == (True, None, True)  # 及时: no figure is invented


def test_article_17_nobody_alters_and_nothing_goes_onto_the_internet(bureau: Office) -> None:
    release = bureau.profile.release
    assert release is not None
    assert (release.outside, release.internet) == ("approved", "never")
    assert [rule.article for rule in bureau.profile.forbidden] == [f"17({n})" for n in range(1, 7)]


def test_the_annex_keeps_four_ways_of_recording_apart(bureau: Office) -> None:
    listed = bureau.profile.recordings
    assert listed is not None
    assert [item.article for item in listed.items] == [f"annex {n}" for n in range(1, 10)]
    methods = {int(item.article.split()[1]): item.method for item in listed.items}
    assert methods[1] is Method.AUDIO
    assert methods[4] is methods[6] is Method.PHOTO_AND_VIDEO
    assert methods[7] is Method.WHOLE_HEARING
    assert Counter(methods.values())[Method.PHOTO_OR_VIDEO] == 5
    assert [item.whole for item in listed.items] == [True, *[False] * 5, True, False, False]
    assert listed.items[0].recorder is not None
    assert listed.items[0].recorder.zh == "值班人员"


# the whole way, with everybody under their own name

CASE = "邓财监〔2027〕12号"


def test_article_9_what_comes_late_is_taken_in_marked_and_explained(staff: Staffed, media: Media) -> None:
    staff.office.clock.advance(days=1)
    ended = BEGAN + timedelta(hours=2)
    in_time = staff.office.take(media.photo, section=SECTION, activity_ended_at=ended + timedelta(hours=6))
    late = staff.office.take(media.video, section=SECTION, activity_ended_at=ended)
    (row,) = staff.register("late")
    assert (row["record"], row["late_by"], row["why"]) == (late.number, 5 * 3600, None)
    with staff.as_(Role.OFFICER) as vault:
        explain_late(vault, [late.number], "采集站故障")
    (row,) = staff.register("late")
    assert (row["timeliness"].zh, row["why"]) == ("逾期，已说明", "采集站故障")
    assert {entry["record"] for entry in staff.register("intake")} == {in_time.number, late.number}


def test_article_9_what_has_not_come_is_seen_before_and_after_its_deadline(staff: Staffed, media: Media) -> None:
    ended = BEGAN + timedelta(hours=2)
    announce(staff.vault, Facts(section=SECTION, activity_ended_at=ended))
    with staff.vault.database.reading() as connection:
        (activity,) = open_activities(connection, staff.office.profile)
    assert activity.due.standing(ended + timedelta(hours=24)) is Timeliness.UPCOMING
    assert activity.due.standing(ended + timedelta(hours=24, seconds=1)) is Timeliness.MISSED
    staff.office.take(media.video, section=SECTION, activity_ended_at=ended)
    with staff.vault.database.reading() as connection:
        assert list(open_activities(connection, staff.office.profile)) == []


def test_article_11_after_a_year_what_has_no_value_is_cleared_and_the_rest_stays(staff: Staffed, media: Media) -> None:
    worthless = [staff.office.take(path, section=SECTION) for path in (media.video, media.photo)]
    of_value = staff.office.take(media.audio, section=SECTION)
    staff.office.on(date(2028, 9, 1))
    number = staff.dispose(*worthless)
    staff.assert_ended(worthless, number)
    assert staff.approvers_of(number) == [Role.SUPERVISING_LEADER]
    assert staff.office.due() == [of_value.number]  # nothing goes that nobody decided on


def test_article_12_what_is_kept_long_term_gets_on_no_list(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, section=SECTION)
    with staff.as_(Role.OFFICER) as vault:
        corrections.flag(vault, record.number, ("objection",), "当事人声明")
    staff.office.on(date(2031, 9, 1))
    appraised = [acts.Appraisal(record=record.number, fate="dispose", why="保存期满")]
    with pytest.raises(Refused, match="not due"):
        appraisal.require_appraisable(staff.vault, appraised, "")


def test_article_13_consent_and_register_come_before_the_viewing(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, section=SECTION)
    assert staff.view(record) == [Role.SUPERVISING_LEADER]
    (row,) = staff.register("viewing")
    assert (row["record"], row["why"]) == (record.number, "案件审理")
    assert (row["by"].zh, row["approved_by"].zh) == ("张伟（执法人员）", "赵刚（主管领导）")


def test_article_16_what_was_not_recorded_is_explained_and_reviewed(staff: Staffed) -> None:
    with staff.as_(Role.OFFICER) as vault:
        said = Facts(case_number=CASE, matter="听证", recorded_at=BEGAN)
        filed = explain_missing(vault, said, "weather", "暴雨停电", "第十六条第（二）项")
    assert hearing(staff) is Demand.AWAITING_REVIEW
    for role in (Role.SECTION_HEAD, Role.SUPERVISING_LEADER, Role.CUSTODIAN):
        with staff.as_(role) as vault, pytest.raises(Refused):
            review(vault, filed.explanation, "同意")
    with staff.as_(Role.PRINCIPAL_LEADER) as vault:
        review(vault, filed.explanation, "同意")
    assert hearing(staff) is Demand.EXPLAINED


def test_article_16_an_interruption_waits_for_the_principal_leader_too(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, media.resumed, section=SECTION, case_number=CASE, matter="听证")
    assert hearing(staff) is Demand.LACKING  # a hearing is recorded whole
    with staff.as_(Role.OFFICER) as vault:
        filed = explain_interruption(vault, record.number, [], "obstructed", "当事人阻拦", "第十六条第（三）项")
    with staff.as_(Role.PRINCIPAL_LEADER) as vault:
        review(vault, filed.explanation, "同意")
    assert hearing(staff) is Demand.PRESENT


def hearing(staff: Staffed) -> Demand:
    with staff.vault.database.reading() as connection:
        (found,) = check_case(connection, staff.office.profile, CASE, (), staff.vault.now()).found
    return found.standing


def test_article_17_what_leaves_the_office_was_released_by_the_supervising_leader(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, section=SECTION)
    assert staff.view(record, Purpose.RELEASE, Role.CUSTODIAN) == [Role.SUPERVISING_LEADER]


def test_the_annex_tells_what_a_case_lacks(staff: Staffed, media: Media) -> None:
    corrections.open_case(staff.vault, CASE, "宏运商贸会计信息质量检查", date(2027, 8, 30), "立案")
    facts = {"section": SECTION, "case_number": CASE}
    staff.office.take(media.photo, matter="抽样取证", **facts)  # photos and video are demanded
    staff.office.take(media.video, matter="电话举报", **facts)  # audio is
    staff.office.take(media.audio, matter="线索核查", **facts)  # photos or video are
    rows = staff.register("completeness")
    assert {(row["matter"].zh, row["found"].zh) for row in rows} == {
        ("抽样取证", "缺失"),
        ("电话举报", "缺失"),
        ("线索核查", "缺失"),
    }
    lacked = {  # the very same files would be the very same record
        "抽样取证": (media.video, media.photo),
        "电话举报": (media.audio, media.photo),
        "线索核查": (media.photo, media.resumed),
    }
    for matter, paths in lacked.items():
        staff.office.take(*paths, matter=matter, **facts)
    assert {row["found"].zh for row in staff.register("completeness")} == {"齐全"}
