"""瀍河回族区审计局行政执法音像记录管理制度（试行）, article by article."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.rules.conftest import Media, Office
from tests.rules.staffed import SECTION, Staffed
from vault import corrections
from vault.catalogue.explained import explanations_of_record
from vault.catalogue.rows import serial_of
from vault.enrolling import enrol
from vault.errors import BadInput, Refused
from vault.explaining import explain_interruption, explain_late
from vault.profile import Role, Secret, StatementField
from vault.records import Standing
from vault.retention import State
from vault.terms import RetentionClass
from vault.viewing import Purpose, approve_viewing, request_viewing

FACTS = {"case_name": "某街道办预算执行审计", "party": "某街道办事处", "recorder": "李娜", "place": "启明西路"}


@pytest.fixture
def bureau(office: Callable[[str], Office]) -> Office:
    return office("chanhe")


@pytest.fixture
def staff(bureau: Office) -> Staffed:
    """The same, with everybody enrolled under their own name."""
    return Staffed.of(bureau)


def test_article_10_an_interruption_is_explained_aloud_and_in_writing_if_it_cannot_go_on(bureau: Office) -> None:
    interrupted, instead = bureau.profile.explanations
    assert (interrupted.voice_note, interrupted.written) == (True, "if-it-cannot-go-on")
    assert {cause.id for cause in interrupted.causes} >= {"device-fault", "power", "storage", "weather", "obstructed"}
    assert (instead.article, instead.covers) == ("4", ("not-recorded",))


def test_article_11_a_video_has_five_facts(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video)
    # When it was recorded the video says itself; when it was stored, the journal.
    assert record.facts.recorded_at is not None
    assert bureau.missing(record) == ("case_name", "party", "recorder", "place")
    assert record.standing is Standing.QUARANTINED
    assert bureau.complete(record, **FACTS).standing is Standing.KEPT


def test_article_11_a_photo_has_time_place_and_content(bureau: Office, media: Media) -> None:
    record = bureau.take(media.photo)
    assert bureau.missing(record) == ("place", "content")
    assert bureau.complete(record, place="启明西路", content="会计账簿首页").standing is Standing.KEPT


def test_article_11_photos_and_audio_together_have_the_facts_of_both(bureau: Office, media: Media) -> None:
    record = bureau.take(media.photo, media.audio, **FACTS)
    assert bureau.missing(record) == ("content",)


def test_article_11_stored_within_24_hours_of_the_recording(bureau: Office) -> None:
    within = bureau.profile.intake.stored_within
    assert within is not None
    assert (within.hours, within.counted_from, within.article) == (24, "recorded_until", "11")


def test_article_12_nothing_goes_out_without_approval(bureau: Office) -> None:
    release = bureau.profile.release
    assert release is not None
    assert (release.outside, release.internet) == ("approved", "approved")
    assert all(approver.choice for approver in release.approvers)  # the article names nobody


def test_article_13_an_evidence_disc_has_a_statement(bureau: Office) -> None:
    disc = bureau.profile.evidence_disc
    assert disc is not None
    fields = [rule.statement_field for rule in disc.statement]
    assert fields == [StatementField.EXTRACTOR, StatementField.EXTRACTED_AT]


def test_article_14_the_head_of_the_cases_section_agrees(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **FACTS)
    viewing = bureau.profile.viewing
    assert viewing is not None
    assert ([a.role for a in viewing.approvers], viewing.of_case, viewing.borrowing) == (
        [Role.SECTION_HEAD],
        True,
        True,
    )
    with pytest.raises(Refused, match="head of the section that handles the case"):
        bureau.view(record)
    bureau.view(record, "孙科长")


def test_article_15_no_figure_no_end_until_a_class_is_set_and_cited(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **FACTS)
    assert bureau.on(date(2031, 1, 1)).explain(record).state is State.UNSET
    corrections.raise_class(bureau.vault, record.number, RetentionClass.TWENTY_FOUR_MONTHS, "局务会", "")
    assert bureau.explain(record).state is State.UNSET  # without the rule that gives it, a class is only an opinion
    corrections.raise_class(bureau.vault, record.number, RetentionClass.TWENTY_FOUR_MONTHS, "局务会", "豫档〔2020〕5号")
    decision = bureau.explain(record)
    assert (decision.state, decision.last_day) == (State.DUE, date(2029, 8, 31))
    assert "豫档〔2020〕5号" in {reason.article for reason in decision.reasons}


def test_article_16_secrets_serve_no_other_end(bureau: Office) -> None:
    classified = bureau.profile.classified
    assert classified is not None
    assert classified.enforcement_only
    assert set(classified.of) == {Secret.STATE, Secret.TRADE, Secret.PERSONAL}


def test_no_circumstance_is_known_here(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **FACTS)
    with pytest.raises(BadInput, match="knows no circumstance 'objection'"):
        corrections.flag(bureau.vault, record.number, ("objection",), "当事人声明")


# the whole way, with everybody under their own name


def test_article_10_what_stopped_says_why_from_the_articles_own_causes(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, media.resumed, **FACTS)
    with staff.as_(Role.OFFICER) as vault:
        with pytest.raises(BadInput, match="knows no cause 'privacy'"):
            explain_interruption(vault, record.number, [], "privacy", "涉密", "")
        explain_interruption(vault, record.number, [], "power", "电量不足", "")
    with staff.vault.database.reading() as connection:
        (explained,) = explanations_of_record(connection, serial_of(record.number))
    assert (explained.cause, explained.settled) == ("power", True)  # the article asks nobody to review it


def test_article_11_a_day_later_it_is_late_by_the_medias_own_time(staff: Staffed, media: Media) -> None:
    staff.office.clock.advance(days=1)
    record = staff.office.take(media.video, **FACTS)
    (row,) = staff.register("late")
    assert row["record"] == record.number
    assert timedelta(hours=6, minutes=59) < timedelta(seconds=row["late_by"]) <= timedelta(hours=7)
    with staff.as_(Role.OFFICER) as vault:
        explain_late(vault, [record.number], "出差在途")
    assert staff.register("late")[0]["why"] == "出差在途"


def test_article_12_what_leaves_the_office_was_approved(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, **FACTS)
    assert staff.view(record, Purpose.RELEASE, Role.LEGAL_OFFICE) == [Role.PRINCIPAL_LEADER]


def test_article_14_the_head_of_that_section_and_of_no_other(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, section=SECTION, **FACTS)
    with staff.as_(Role.PRINCIPAL_LEADER) as vault:
        enrol(vault, "qianjin", "钱进", [Role.SECTION_HEAD], "办公室")
    request = request_viewing(staff.vault, [record.number], Purpose.VIEW, "复核")
    with staff.as_("qianjin") as vault, pytest.raises(Refused, match="its head agrees, not 钱进"):
        approve_viewing(vault, request)
    assert staff.view(record) == [Role.SECTION_HEAD]
    (row,) = staff.register("viewing")
    assert (row["by"].zh, row["approved_by"].zh) == ("张伟（执法人员）", "孙丽（科室负责人）")


def test_article_15_nothing_ends_before_a_class_is_cited_and_then_only_lawfully(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, **FACTS)
    never = staff.office.take(media.audio, **FACTS)
    with staff.as_(Role.SECTION_HEAD) as vault:
        corrections.raise_class(vault, record.number, RetentionClass.ONE_YEAR, "局务会", "豫档〔2020〕5号")
    staff.office.on(date(2031, 9, 1))
    assert staff.office.due() == [record.number]
    number = staff.dispose(record)
    staff.assert_ended([record], number)
    assert staff.approvers_of(number) == [Role.PRINCIPAL_LEADER]
    assert staff.office.explain(never).state is State.UNSET
