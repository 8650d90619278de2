"""忻州市财政局行政执法全过程记录制度, article by article."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.rules.conftest import Media, Office
from tests.rules.staffed import Staffed
from vault import corrections
from vault.errors import BadInput, Refused
from vault.explaining import explain_late
from vault.people import Role
from vault.profile import Medium
from vault.records import Standing
from vault.retention import State
from vault.terms import RetentionClass
from vault.viewing import Purpose, request_viewing

CASE = "忻财罚〔2026〕3号"
PATROL = {"section": "监督科", "device_number": "DSJ-0001", "officers": ("王芳",), "kind": "routine-patrol"}
EVIDENCE = PATROL | {"kind": "penalty-evidence", "party": "李伟", "cause": "代理记账", "case_number": CASE}


@pytest.fixture
def bureau(office: Callable[[str], Office]) -> Office:
    return office("xinzhou")


@pytest.fixture
def staff(bureau: Office) -> Staffed:
    """The same, with everybody enrolled under their own name."""
    return Staffed.of(bureau)


def test_article_11_after_each_days_work(bureau: Office) -> None:
    within = bureau.profile.intake.stored_within
    assert within is not None
    assert (within.same_day, within.counted_from) == (True, "recorded_at")
    assert within.choice is not None  # 及时: the article gives no hour


def test_article_12_a_patrol_six_months_at_least(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **PATROL)
    assert bureau.on(date(2028, 2, 29)).due() == []  # from 31 August to the last of February
    assert bureau.on(date(2028, 3, 1)).due() == [record.number]
    assert "也可以继续保存" in "".join(reason.text.zh for reason in bureau.explain(record).reasons)


def test_article_12_evidence_as_long_as_the_file(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **EVIDENCE)
    assert bureau.on(date(2031, 1, 1)).explain(record).state is State.WAITING_FOR_CASE
    bureau.close_case(CASE, date(2027, 9, 1), date(2028, 6, 30), RetentionClass.TWENTY_FOUR_MONTHS)
    assert bureau.explain(record).last_day == date(2030, 6, 30)
    assert bureau.due() == [record.number]


def test_article_12_evidence_of_after_the_closing_is_not_over_before_it_was_made(bureau: Office, media: Media) -> None:
    bureau.close_case(CASE, date(2027, 2, 1), date(2027, 3, 1), RetentionClass.SIX_MONTHS)
    record = bureau.take(media.video, **EVIDENCE)  # of 31 August: the file's six months are over the day after
    assert bureau.on(date(2028, 2, 29)).due() == []
    assert bureau.on(date(2028, 3, 1)).due() == [record.number]
    assert "形成于结案之后：自其本身之日2027-08-31起算" in "".join(r.text.zh for r in bureau.explain(record).reasons)


def test_article_12_what_is_neither_has_no_end_until_somebody_says(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **PATROL | {"kind": "", "party": "李伟", "cause": "咨询"})
    assert record.standing is Standing.KEPT
    assert bureau.on(date(2031, 1, 1)).explain(record).state is State.UNSET
    bureau.complete(record, kind="routine-patrol")
    assert bureau.due() == [record.number]


def test_article_12_evidence_does_not_become_a_patrol(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **EVIDENCE)
    bureau.close_case(CASE, date(2027, 8, 1), date(2027, 8, 31), RetentionClass.SIX_MONTHS)
    unfiled = bureau.take(media.audio, **EVIDENCE | {"case_number": ""})
    for one in (record, unfiled):  # also while its case keeps it as long: that may be put right
        with pytest.raises(Refused, match="would be kept shorter than as evidence of a penalty"):
            bureau.complete(one, kind="routine-patrol")
    decision = bureau.explain(unfiled)
    assert decision.state is State.UNSET
    assert "".join(reason.text.zh for reason in decision.reasons).count("尚未归入任何案件") == 1
    with pytest.raises(BadInput, match="knows no kind of record 'evidence'"):
        bureau.complete(unfiled, kind="evidence")


def test_article_13_long_term_on_disc_or_removable_media(bureau: Office, media: Media) -> None:
    happened = {
        "objection": [media.video],
        "obstruction": [media.photo],
        "mass-or-sudden-incident": [media.audio],
        "important": [media.video, media.photo],
    }
    records = {circumstance: bureau.take(*paths, **PATROL) for circumstance, paths in happened.items()}
    for circumstance, record in records.items():
        corrections.flag(bureau.vault, record.number, (circumstance,), "现场情况")
    assert bureau.on(date(2031, 1, 1)).due() == []
    for circumstance, record in records.items():
        assert bureau.explain(record).state is State.PERMANENT
        known = bureau.profile.circumstance(circumstance)
        assert known is not None
        assert (known.media, known.disc_copies) == ((Medium.DISC, Medium.REMOVABLE), 0)  # no number is given


def test_article_15_courts_get_it_from_the_office_alone_and_a_copy_stays(bureau: Office) -> None:
    release = bureau.profile.release
    assert release is not None
    assert (release.by_the_office_alone, release.copy_kept) == (True, True)
    assert [to.zh for to in release.to] == ["行政复议部门", "人民法院"]


def test_article_16_approved_by_nobody_named_so_nobody_may(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, **PATROL)
    with pytest.raises(Refused, match="names nobody who may approve viewing"):
        bureau.view(record, "赵局长")


def test_article_17_six_facts_and_four_of_a_patrol(bureau: Office, media: Media) -> None:
    record = bureau.take(media.video, kind="penalty-evidence")
    assert bureau.missing(record) == ("section", "device_number", "officers", "party", "cause")
    patrol = bureau.take(media.photo, kind="routine-patrol")
    assert bureau.missing(patrol) == ("section", "device_number", "officers")


def test_article_18_the_key_stages_and_the_documents_at_least(bureau: Office) -> None:
    (rule,) = bureau.profile.explanations
    assert rule.instead is not None
    assert "重要环节" in rule.instead.zh


def test_articles_22_and_23_checks_with_a_ledger_and_reports(bureau: Office) -> None:
    duties = {one.id: (one.duty, one.ledger) for one in bureau.profile.supervision}
    assert duties["playback"] == ("playback", True)
    assert duties["spot-check"] == ("inspection", True)
    assert duties["report"] == ("report", False)


# the whole way, with everybody under their own name


def test_article_11_what_comes_the_next_day_is_late_and_explained(staff: Staffed, media: Media) -> None:
    today = staff.office.take(media.photo, **PATROL)
    staff.office.clock.advance(hours=10)  # half past two in the night
    late = staff.office.take(media.video, **PATROL)
    with staff.as_(Role.OFFICER) as vault:
        explain_late(vault, [late.number], "夜间巡查")
    (row,) = staff.register("late")
    assert (row["record"], row["why"], timedelta(seconds=row["late_by"]) < timedelta(hours=3)) == (
        *(late.number, "夜间巡查", True),
    )
    assert today.number in {entry["record"] for entry in staff.register("intake")}


def test_article_12_a_patrol_is_cleared_after_six_months_and_evidence_with_its_file(
    staff: Staffed, media: Media
) -> None:
    patrol = staff.office.take(media.video, **PATROL)
    evidence = staff.office.take(media.photo, **EVIDENCE)
    corrections.open_case(staff.vault, CASE, "代理记账案", date(2027, 9, 1), "立案")
    staff.office.on(date(2028, 3, 1))
    assert staff.office.due() == [patrol.number]
    number = staff.dispose(patrol)
    staff.assert_ended([patrol], number)
    assert staff.approvers_of(number) == [Role.SUPERVISING_LEADER]
    staff.office.on(date(2028, 3, 31))
    corrections.close_case(staff.vault, CASE, date(2028, 3, 31), RetentionClass.ONE_YEAR, "结案")
    assert staff.office.on(date(2029, 3, 31)).due() == []
    staff.office.on(date(2029, 4, 1))
    staff.assert_ended([evidence], staff.dispose(evidence))


def test_article_13_a_sudden_incident_is_never_due(staff: Staffed, media: Media) -> None:
    record = staff.office.take(media.video, **PATROL)
    with staff.as_(Role.OFFICER) as vault:
        corrections.flag(vault, record.number, ("mass-or-sudden-incident",), "突发事件")
    assert staff.office.on(date(2035, 1, 1)).due() == []


def test_articles_15_and_16_nothing_is_seen_or_given_out_until_the_office_names_who_approves(
    staff: Staffed, media: Media
) -> None:
    patrol, evidence = staff.office.take(media.video, **PATROL), staff.office.take(media.photo, **EVIDENCE)
    for record, purpose, why in (
        (patrol, Purpose.VIEW, "approve viewing"),
        (patrol, Purpose.RELEASE, "approve a release"),
        (evidence, Purpose.RELEASE, "approve viewing"),
    ):
        with staff.as_(Role.CUSTODIAN) as vault, pytest.raises(Refused, match=why):
            request_viewing(vault, [record.number], purpose, "案件审理")
