"""邓州市财政局行政执法音像记录管理制度, article by article."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from tests.rules.conftest import Media, Office
from vault import corrections
from vault.errors import Refused
from vault.profile import Method, Role
from vault.records import Standing
from vault.retention import State


@pytest.fixture
def bureau(office: Callable[[str], Office]) -> Office:
    return office("dengzhou")


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
