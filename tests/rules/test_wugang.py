"""舞钢市商务局音像记录管理调阅制度, article by article."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.rules.conftest import BEGAN, Media, Office
from tests.rules.staffed import Staffed
from vault import corrections
from vault.catalogue.explained import explanations_of_record, interruptions_of
from vault.catalogue.rows import serial_of
from vault.errors import Refused
from vault.explaining import explain_interruption, review
from vault.profile import DeviceDuty, Role
from vault.records import Standing
from vault.retention import State
from vault.viewing import Purpose, request_viewing

FACTS = {"recorder": "刘洋", "handed_over_at": BEGAN, "content": "成品油市场检查"}


@pytest.fixture
def bureau(office: Callable[[str], Office]) -> Office:
    return office("wugang")


@pytest.fixture
def staff(bureau: Office) -> Staffed:
    """The same, with everybody enrolled under their own name."""
    return Staffed.of(bureau)


def test_article_4_who_used_it_when_it_was_handed_over_and_what_is_on_it(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video)
    assert (record.standing, bureau.missing(record)) == (
        Standing.QUARANTINED,
        ("recorder", "handed_over_at", "content"),
    )
    assert bureau.complete(record, **FACTS).standing is Standing.KEPT
    (ledger,) = [rule for rule in bureau.profile.devices if rule.duty is DeviceDuty.LEDGER]
    assert [item.zh for item in ledger.items] == ["使用人员", "交接时间", "记录内容"]


def test_article_12_four_causes_and_the_principal_leader(bureau: Office) -> None:
    (rule,) = bureau.profile.explanations
    assert [cause.article for cause in rule.causes] == ["12(1)", "12(2)", "12(3)", "12(4)"]
    assert (rule.states, rule.reviewer, rule.filed_with_record) == (("cause", "basis"), Role.PRINCIPAL_LEADER, True)


def test_article_13_after_each_activity_or_24_hours_after_return(bureau: Office) -> None:
    within = bureau.profile.intake.stored_within
    assert within is not None
    assert within.choice is not None  # the article gives no time: the office's choice is said to be one
    assert [e.id for e in within.exceptions] == ["remote", "on-water", "off-site", "continuous"]
    assert {e.hours for e in within.exceptions} == {24}


def test_article_15_twenty_four_months_and_then_a_review(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **FACTS)
    assert bureau.on(date(2029, 8, 31)).due() == []
    assert bureau.on(date(2029, 9, 1)).due() == [record.number]
    assert "应当审查" in "".join(reason.text.zh for reason in bureau.explain(record).reasons)


def test_article_16_what_may_be_disputed_is_kept_long_term_on_two_discs(bureau: Office, media: Media) -> None:
    happened = [("objection", media.video), ("obstruction", media.photo), ("major-or-sensitive", media.audio)]
    records = {circumstance: bureau.take(path, **FACTS) for circumstance, path in happened}
    for circumstance, record in records.items():
        corrections.flag(bureau.vault, record.number, (circumstance,), "当事人声明")
    assert bureau.on(date(2031, 8, 31)).due() == []
    for number, record in enumerate(records.values(), 1):
        decision = bureau.explain(record)
        assert decision.state is State.PERMANENT
        assert "应刻录光盘份数：2。" in "".join(reason.text.zh for reason in decision.reasons)
        assert f"16({number})" in {reason.article for reason in decision.reasons}


def test_article_16_the_label_says_five_things(bureau: Office, media: Media) -> None:
    text = bureau.disc_label(bureau.take(media.video, **FACTS), "成品油市场检查")
    for words in ("制作单位", "制作人", "制作时间", "执法活动或者案件名称", "标号", "舞钢市商务局", "成品油市场检查"):
        assert words in text


def test_article_17_one_review_a_year_at_least(bureau: Office) -> None:
    inspection, review = bureau.profile.supervision
    assert (inspection.times_a_year, review.times_a_year) == (None, 1)  # 不定期 is no number
    assert review.by is not None
    assert review.by.zh == "政策法规和行政审批股"


def test_article_18_nothing_is_given_out(bureau: Office) -> None:
    release = bureau.profile.release
    assert release is not None
    assert (release.outside, release.internet) == ("never", "never")


def test_no_article_names_who_may_let_others_see_so_nobody_may(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **FACTS)
    with pytest.raises(Refused, match="names nobody who may approve viewing"):
        bureau.view(record, "赵局长")


# the whole way, with everybody under their own name


def test_article_12_what_stopped_is_reviewed_by_the_principal_leader_and_filed(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, media.resumed, **FACTS)
    serial = serial_of(record.number)
    with staff.vault.database.reading() as connection:
        assert len(interruptions_of(connection, serial)) == 1
    with staff.as_(Role.OFFICER) as vault:
        filed = explain_interruption(vault, record.number, [], "device-power-storage", "存储空间不足", "第十二条（一）")
        with pytest.raises(Refused):
            review(vault, filed.explanation, "同意")
    with staff.as_(Role.PRINCIPAL_LEADER) as vault:
        review(vault, filed.explanation, "同意")
    with staff.vault.database.reading() as connection:
        (explained,) = explanations_of_record(connection, serial)
    assert (explained.reviewed_by, explained.settled) == ("wangjun", True)


def test_article_13_on_the_water_24_hours_after_return(staff: Staffed, media: Media) -> None:
    staff.office.clock.advance(days=2)
    said = FACTS | {"activity_ended_at": BEGAN + timedelta(hours=2)}
    late = staff.office.take(media.video, **said)
    staff.office.take(media.photo, exceptions=("on-water",), returned_at=BEGAN + timedelta(days=2), **said)
    assert [row["record"] for row in staff.register("late")] == [late.number]


def test_article_15_after_24_months_it_is_cleared_by_the_whole_way(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, media.photo, **FACTS)
    staff.office.on(date(2029, 9, 1))
    number = staff.dispose(record)
    staff.assert_ended([record], number)
    assert staff.approvers_of(number) == [Role.PRINCIPAL_LEADER]


def test_article_16_what_may_be_disputed_is_never_due(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, **FACTS)
    with staff.as_(Role.OFFICER) as vault:
        corrections.flag(vault, record.number, ("obstruction",), "阻碍执法")
    assert staff.office.on(date(2035, 1, 1)).due() == []


def test_article_18_nobody_may_see_it_and_nothing_is_given_out_until_the_office_says_who(
    staff: Staffed, media: Media
) -> None:
    record = staff.office.take(media.video, **FACTS)
    for purpose, why in ((Purpose.VIEW, "names nobody who may approve viewing"), (Purpose.RELEASE, "Article 18")):
        with staff.as_(Role.CUSTODIAN) as vault, pytest.raises(Refused, match=why):
            request_viewing(vault, [record.number], purpose, "案件审理")
    assert staff.register("viewing") == []
