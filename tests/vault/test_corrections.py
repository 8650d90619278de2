"""What is said of records later: nothing is lost, no term is shortened, and two people at once both count."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.wiring import Working, open_vault
from tests.vault.disposal_scene import CUSTODIAN, LEADER, Office
from tests.vault.scene import assert_sound, land, rows_of
from vault import acts, corrections
from vault.adoption import adopt
from vault.catalogue import queries
from vault.digest import Digest
from vault.enrolling import enrol
from vault.errors import BadInput, Refused
from vault.facts import Facts
from vault.intake.filing import Ready, file_records
from vault.journal import read_bundle
from vault.people import Role
from vault.profile import load_profile
from vault.rebuild import rebuild
from vault.records import Record, RecordFile, Standing
from vault.retention import Decision, State
from vault.store import Vault
from vault.terms import RetentionClass

CASE = "邓财会〔2026〕3号"


def file_one(vault: Vault, content: str, facts: Facts) -> str:
    data = content.encode()
    for store in vault.stores.values():
        land(store, data)
    file = RecordFile(sha256=Digest.of(data).hex, size=len(data), name=f"{content}.mp4")
    (filed,) = file_records(vault, [Ready(files=(file,), stores=tuple(vault.stores), facts=facts)], None)
    return filed.number


@pytest.fixture
def number(vault: Vault) -> str:
    """A record in quarantine: nobody has said its section."""
    return file_one(vault, "录像", Facts(party="王芳"))


def record(vault: Vault, number: str) -> Record:
    with vault.database.reading() as connection:
        return queries.get_record(connection, number)


def decision(vault: Vault, number: str) -> Decision:
    with vault.database.reading() as connection:
        return queries.explain(connection, number, vault.profile, vault.now())


def found(vault: Vault, *words: str) -> list[str]:
    with vault.database.reading() as connection:
        return [one.number for one in queries.find(connection, queries.Wanted(words=words))]


# Facts


def test_a_record_leaves_quarantine_when_nothing_is_missing(vault: Vault, number: str) -> None:
    assert corrections.correct(vault, number, Facts(place="值班室"), "").standing is Standing.QUARANTINED
    done = corrections.correct(vault, number, Facts(section="会计科"), "科室补录")
    assert done.standing is Standing.KEPT
    assert (done.facts.section, done.facts.place, done.facts.party) == ("会计科", "值班室", "王芳")
    assert done.origins == {"section": "correction", "place": "correction"}
    assert_sound(vault)


def test_a_corrected_fact_is_found_under_its_new_words_and_no_longer_under_the_old(vault: Vault, number: str) -> None:
    assert found(vault, "王芳") == [number]
    corrections.correct(vault, number, Facts(party="汪芳"), "姓名有误")
    assert (found(vault, "王芳"), found(vault, "汪芳")) == ([], [number])
    assert_sound(vault)


def test_two_corrections_at_once_both_count(home: Path, vault: Vault, clock: Any) -> None:
    """Once each judged by what it had read before the other: complete, and in quarantine for ever."""
    for attempt in range(5):
        number = file_one(vault, f"录像{attempt}", Facts())
        text = [Facts(section="会计科"), Facts(place="值班室"), Facts(party="王芳")]

        def correct(facts: Facts, number: str = number) -> None:
            with open_vault(home, Working(person="张敏", clock=clock)) as own:
                corrections.correct(own, number, facts, "")

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(correct, text))
        done = record(vault, number)
        assert (done.facts.section, done.facts.place, done.facts.party) == ("会计科", "值班室", "王芳")
        assert done.standing is Standing.KEPT
    assert_sound(vault)


def test_a_correction_of_what_is_not_there(vault: Vault, number: str) -> None:
    with pytest.raises(BadInput, match="There is no record 2026-0000099"):
        corrections.correct(vault, "2026-0000099", Facts(section="会计科"), "")
    with pytest.raises(BadInput, match="knows no circumstance '好奇'") as refused:
        corrections.correct(vault, number, Facts(circumstances=("好奇",)), "")
    assert "逃避、拒绝、阻碍执行公务" in refused.value.hint.zh
    assert "objection: the party objects" in refused.value.hint.en
    assert record(vault, number).facts == Facts(party="王芳")


def test_a_recording_does_not_end_before_it_began(vault: Vault, number: str) -> None:
    began = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    corrections.correct(vault, number, Facts(recorded_at=began), "")
    with pytest.raises(
        BadInput, match="recorded at 2026-03-01 09:30:00 is later than recorded until 2026-03-01 09:29:59"
    ):
        corrections.correct(vault, number, Facts(recorded_until=began - timedelta(seconds=1)), "")
    corrections.correct(vault, number, Facts(recorded_until=began, activity_ended_at=began - timedelta(hours=1)), "")
    assert record(vault, number).facts.recorded_until == began


# Circumstances and classes


def test_circumstances_are_added_and_never_dropped(vault: Vault, number: str) -> None:
    corrections.correct(vault, number, Facts(section="会计科"), "")
    assert decision(vault, number).retention_class is RetentionClass.ONE_YEAR
    corrections.flag(vault, number, ("objection",), "现场提出")
    corrections.flag(vault, number, ("obstruction", "objection"), "再次")
    corrections.correct(vault, number, Facts(circumstances=("major-or-sensitive",)), "一并")
    assert record(vault, number).facts.circumstances == ("objection", "obstruction", "major-or-sensitive")
    assert decision(vault, number).retention_class is RetentionClass.PERMANENT
    assert_sound(vault)


def test_a_class_can_lengthen_a_term_and_not_shorten_it(vault: Vault, number: str) -> None:
    corrections.correct(vault, number, Facts(section="会计科"), "")
    year = decision(vault, number).expires_on
    corrections.raise_class(vault, number, RetentionClass.SIX_MONTHS, "不重要", "")
    assert decision(vault, number).expires_on == year
    corrections.raise_class(vault, number, RetentionClass.TWENTY_FOUR_MONTHS, "重大", "第十二条")
    longer = decision(vault, number).expires_on
    assert year is not None
    assert longer is not None
    assert longer > year
    with pytest.raises(BadInput):
        corrections.raise_class(vault, "2026-0000099", RetentionClass.PERMANENT, "重大", "")
    assert_sound(vault)


# Holds


def test_a_hold_stops_disposal_until_the_last_is_lifted(vault: Vault, number: str) -> None:
    corrections.correct(vault, number, Facts(section="会计科"), "")
    first = corrections.place_hold(vault, number, "调卷", "邓州市人民法院")
    second = corrections.place_hold(vault, number, "审计", "审计局")
    assert (first, second) == ("H00001", "H00002")
    corrections.release_hold(vault, first, "退卷")
    assert decision(vault, number).expires_on is None
    corrections.release_hold(vault, second, "审计结束")
    assert decision(vault, number).expires_on is not None
    with pytest.raises(Refused, match="released already"):
        corrections.release_hold(vault, first, "再退")
    with pytest.raises(BadInput, match="There is no hold H00009"):
        corrections.release_hold(vault, "H00009", "退卷")
    assert_sound(vault)


def at_once(home: Path, clock: Any, act: Callable[[Vault], object], times: int) -> list[object]:
    """From that many programs at the same time; what each returned, or the rule that refused it."""

    def one(_n: int) -> object:
        with open_vault(home, Working(person="张敏", clock=clock)) as own:
            try:
                return act(own)
            except Refused as error:
                return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_holds_placed_at_once_get_numbers_of_their_own(home: Path, vault: Vault, number: str, clock: Any) -> None:
    """Once two got one number, and the second died of a broken catalogue."""
    placed = at_once(home, clock, lambda own: corrections.place_hold(own, number, "调卷", "法院"), 6)
    assert sorted(map(str, placed)) == [f"H{n:05}" for n in range(1, 7)]
    lifted = at_once(home, clock, lambda own: corrections.release_hold(own, "H00003", "退卷"), 3)
    assert sorted(type(one).__name__ for one in lifted) == ["NoneType", "Refused", "Refused"]
    assert_sound(vault)


# Cases


def test_a_case_holds_its_records_while_it_is_open_and_ends_with_its_file(vault: Vault) -> None:
    number = file_one(vault, "询问", Facts(section="会计科", case_number=CASE))
    assert decision(vault, number).expires_on is None  # nobody has filed the case: not to know is not an end
    corrections.open_case(vault, CASE, "惠民财务案", date(2026, 11, 1), "立案")
    assert decision(vault, number).expires_on is None
    corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.TWENTY_FOUR_MONTHS, "结案")
    assert decision(vault, number).expires_on == date(2028, 11, 22)  # it was stored after the closing
    corrections.reopen_case(vault, CASE, "复议")
    assert decision(vault, number).expires_on is None
    with vault.database.reading() as connection:
        filed = corrections.case_as_filed(connection, CASE)
    assert filed is not None
    assert (filed.name, filed.opened_on, filed.closed_on) == ("惠民财务案", date(2026, 11, 1), None)
    assert_sound(vault)


@pytest.mark.parametrize("keep", [RetentionClass.SIX_MONTHS, RetentionClass.TWENTY_FOUR_MONTHS])
def test_a_case_that_is_closed_anew_shortens_nothing(vault: Vault, clock: Any, keep: RetentionClass) -> None:
    number = file_one(vault, "询问", Facts(section="会计科", case_number=CASE))
    corrections.open_case(vault, CASE, "惠民财务案", date(2026, 11, 1), "立案")
    corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.TWENTY_FOUR_MONTHS, "结案")
    corrections.reopen_case(vault, CASE, "复议")
    clock.advance(days=1)
    corrections.close_case(vault, CASE, date(2026, 11, 22), keep, "结案")
    later = keep is RetentionClass.TWENTY_FOUR_MONTHS
    assert decision(vault, number).last_day == date(2028, 11, 22 if later else 21)  # it was stored on the 21st
    assert ("此后的更正" in "".join(one.text.zh for one in decision(vault, number).reasons)) or later
    before = rows_of(vault, "SELECT floor, expires_on FROM record")
    rebuild(vault, None)
    assert rows_of(vault, "SELECT floor, expires_on FROM record") == before


def test_a_case_that_was_kept_for_ever_and_is_closed_anew_keeps_its_records_for_ever(vault: Vault) -> None:
    number = file_one(vault, "询问", Facts(section="会计科", case_number=CASE))
    corrections.open_case(vault, CASE, "惠民财务案", date(2026, 11, 1), "立案")
    corrections.close_case(vault, CASE, date(2026, 11, 19), RetentionClass.PERMANENT, "结案")
    corrections.reopen_case(vault, CASE, "复议")
    assert decision(vault, number).state is State.PERMANENT
    corrections.close_case(vault, CASE, date(2026, 11, 21), RetentionClass.SIX_MONTHS, "结案")
    assert decision(vault, number).state is State.PERMANENT
    assert "此后的更正" in "".join(one.text.zh for one in decision(vault, number).reasons)
    before = rows_of(vault, "SELECT floor, expires_on FROM record")
    rebuild(vault, None)
    assert rows_of(vault, "SELECT floor, expires_on FROM record") == before


def test_who_may_not_close_a_case_takes_nothing_out_of_one(office: Office) -> None:
    with office.by(LEADER) as vault:
        enrol(vault, "chenxiao", "陈晓", [Role.OFFICER], "监督科")
    with office.by("chenxiao") as vault:
        number = file_one(vault, "询问", Facts(section="监督科"))
        corrections.correct(vault, number, Facts(case_number=CASE), "补录")
        with pytest.raises(Refused, match="close a case"):
            corrections.correct(vault, number, Facts(case_number="另案"), "误填")
        assert rows_of(vault, "SELECT why, about FROM refusal ORDER BY id DESC LIMIT 1") == [('["role"]', number)]
        corrections.correct(vault, number, Facts(case_number=CASE, place="人民路"), "补录")
    with office.by(CUSTODIAN) as vault:
        assert corrections.correct(vault, number, Facts(case_number="另案"), "误填").facts.case_number == "另案"


def test_a_fact_that_was_entered_wrongly_is_emptied(vault: Vault, clock: Any) -> None:
    number = file_one(vault, "询问", Facts(section="会计科", party="王芳", officers=("李娜",), place="人民路"))
    corrections.correct(vault, number, Facts(place="中心大街"), "张冠李戴", ["party", "officers", "cause"])
    now = record(vault, number)
    assert now.facts == Facts(section="会计科", place="中心大街")
    assert now.origins == {"place": "correction"}
    assert (found(vault, "王芳"), found(vault, "李娜"), found(vault, "中心大街")) == ([], [], [number])
    (store, *_) = vault.stores.values()
    with vault.database.reading() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
    act = acts.decode(read_bundle(store, 0, count)[-1])
    assert isinstance(act, acts.RecordCorrected)
    assert (act.by, act.emptied, act.why) == ("李建国", ("party", "officers"), "张冠李戴")
    rebuild(vault, None)
    assert record(vault, number).facts == Facts(section="会计科", place="中心大街")
    assert found(vault, "王芳") == []
    with pytest.raises(BadInput, match="no such fact"):
        corrections.correct(vault, number, Facts(), "", ["party"])


def test_what_a_profile_requires_and_a_circumstance_cannot_be_emptied(vault: Vault) -> None:
    number = file_one(vault, "询问", Facts(section="会计科", circumstances=("objection",)))
    with pytest.raises(Refused, match=r"section is required \(Article 10\)") as required:
        corrections.correct(vault, number, Facts(place="人民路"), "", ["section"])
    assert required.value.hint.zh == f"请改填正确内容：strongroom complete {number} --section …"
    with pytest.raises(Refused, match="a circumstance stays"):
        corrections.correct(vault, number, Facts(), "", ["circumstances"])
    assert record(vault, number).facts == Facts(section="会计科", circumstances=("objection",))


def test_who_may_not_close_a_case_empties_no_case_number(office: Office) -> None:
    with office.by(LEADER) as vault:
        enrol(vault, "chenxiao", "陈晓", [Role.OFFICER], "监督科")
    with office.by("chenxiao") as vault:
        number = file_one(vault, "询问", Facts(section="监督科", case_number=CASE))
        with pytest.raises(Refused, match="close a case"):
            corrections.correct(vault, number, Facts(), "误填", ["case_number"])
    with office.by(CUSTODIAN) as vault:
        assert corrections.correct(vault, number, Facts(), "误填", ["case_number"]).facts.case_number == ""


@pytest.mark.parametrize("first", [Facts(recorded_at=datetime(2027, 3, 1, 1, tzinfo=UTC)), Facts(case_number=CASE)])
def test_no_fact_that_is_emptied_shortens_a_term(vault: Vault, first: Facts) -> None:
    corrections.open_case(vault, CASE, "", date(2026, 11, 1), "立案")
    corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.TWENTY_FOUR_MONTHS, "结案")
    number = file_one(vault, "询问", Facts(section="会计科").over(first))
    end = decision(vault, number).last_day
    assert end is not None
    corrections.correct(vault, number, Facts(), "误填", list(first.known()))
    assert decision(vault, number).last_day == end


def test_what_is_changed_meanwhile_is_judged_as_it_then_is(office: Office) -> None:
    """Between the look at the record and the change somebody else gave it a case: it is not taken out unseen."""
    with office.by(LEADER) as vault:
        enrol(vault, "chenxiao", "陈晓", [Role.OFFICER], "监督科")
    with office.by("chenxiao") as vault, office.by(CUSTODIAN) as other:
        number = file_one(vault, "询问", Facts(section="监督科"))
        commit = vault.commit

        def after_somebody_else(*args: Any, **more: Any) -> Any:
            vault.commit = commit  # type: ignore[method-assign]
            corrections.correct(other, number, Facts(case_number=CASE), "补录")
            return commit(*args, **more)

        vault.commit = after_somebody_else  # type: ignore[method-assign]
        with pytest.raises(Refused, match="close a case"):
            corrections.correct(vault, number, Facts(case_number="另案"), "误填")
        with vault.database.reading() as connection:
            assert queries.get_record(connection, number).facts.case_number == CASE


def test_what_a_case_promised_holds_while_another_profile_cannot_tell_the_term(vault: Vault) -> None:
    """Adopted in between, the other profile knew no end; the day of the case went with the case's number."""
    number = file_one(
        vault, "询问", Facts(section="会计科", case_number=CASE, recorded_at=datetime(2026, 11, 20, tzinfo=UTC))
    )
    corrections.open_case(vault, CASE, "", date(2026, 11, 1), "立案")
    corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.TWENTY_FOUR_MONTHS, "结案")
    end = decision(vault, number).last_day
    assert end is not None
    adopt(vault, load_profile("chanhe"), "换制度")
    assert decision(vault, number).last_day is None
    corrections.correct(vault, number, Facts(case_number="另案"), "并案")
    corrections.raise_class(vault, number, RetentionClass.SIX_MONTHS, "定级", "第一条")
    corrections.open_case(vault, "另案", "", date(2026, 11, 1), "立案")
    corrections.close_case(vault, "另案", date(2026, 11, 20), RetentionClass.SIX_MONTHS, "结案")
    assert decision(vault, number).last_day == end


SAID: list[tuple[Facts, Facts]] = [
    (Facts(recorded_at=datetime(2027, 3, 1, 1, tzinfo=UTC)), Facts(recorded_at=datetime(2026, 3, 1, 1, tzinfo=UTC))),
    (Facts(case_number=CASE), Facts(case_number="邓财会〔2026〕4号")),
]


@pytest.mark.parametrize(("first", "then"), SAID)
def test_no_fact_that_is_put_right_shortens_a_term(vault: Vault, first: Facts, then: Facts) -> None:
    terms = ((CASE, RetentionClass.TWENTY_FOUR_MONTHS), ("邓财会〔2026〕4号", RetentionClass.SIX_MONTHS))
    for case, keep in terms:
        corrections.open_case(vault, case, "", date(2026, 11, 1), "立案")
        corrections.close_case(vault, case, date(2026, 11, 20), keep, "结案")
    number = file_one(vault, "询问", Facts(section="会计科").over(first))
    end = decision(vault, number).last_day
    assert end is not None
    corrections.correct(vault, number, then, "更正")
    assert decision(vault, number).last_day == end


def test_what_cannot_be_done_with_a_case(vault: Vault) -> None:
    with pytest.raises(BadInput, match="There is no case"):
        corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.ONE_YEAR, "")
    corrections.open_case(vault, CASE, "案", date(2026, 11, 10), "")
    with pytest.raises(Refused, match="open already"):
        corrections.open_case(vault, CASE, "案", date(2026, 11, 10), "")
    with pytest.raises(BadInput, match="a term of its own"):
        corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.CASE_LIFETIME, "")
    with pytest.raises(BadInput, match="was opened on 2026-11-10, after 2026-11-09"):
        corrections.close_case(vault, CASE, date(2026, 11, 9), RetentionClass.ONE_YEAR, "")
    with pytest.raises(BadInput, match="There is no case"):
        corrections.reopen_case(vault, "没有的案", "复议")
    with pytest.raises(Refused, match="open already"):
        corrections.reopen_case(vault, CASE, "复议")
    with pytest.raises(BadInput, match="in advance: 2026-11-22 is after today, 2026-11-21") as caught:
        corrections.close_case(vault, CASE, date(2026, 11, 22), RetentionClass.ONE_YEAR, "")
    assert "不能提前结案" in caught.value.what.zh
    corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.ONE_YEAR, "")
    with pytest.raises(Refused, match="was closed on 2026-11-20") as reopened:
        corrections.open_case(vault, CASE, "案", date(2026, 11, 21), "")
    assert "case reopen" in reopened.value.hint.en
    with pytest.raises(Refused, match="closed already"):
        corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.ONE_YEAR, "")


def test_a_reopened_case_is_not_closed_as_if_it_had_never_been_reopened(vault: Vault, clock: Any) -> None:
    """Closed anew on the day of its first closing, its records were due at once."""
    corrections.open_case(vault, CASE, "案", date(2026, 11, 10), "")
    corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.ONE_YEAR, "")
    clock.advance(days=391)
    corrections.reopen_case(vault, CASE, "申诉")
    with pytest.raises(BadInput, match="was reopened on 2027-12-17, after 2026-11-20") as caught:
        corrections.close_case(vault, CASE, date(2026, 11, 20), RetentionClass.ONE_YEAR, "")
    assert "恢复办理" in caught.value.what.zh
    corrections.close_case(vault, CASE, date(2027, 12, 17), RetentionClass.ONE_YEAR, "")
    assert_sound(vault)


def test_a_case_opened_at_once_is_opened_once(home: Path, vault: Vault, clock: Any) -> None:
    opened = at_once(home, clock, lambda own: corrections.open_case(own, CASE, "案", date(2026, 11, 1), ""), 4)
    assert sorted(type(one).__name__ for one in opened) == ["NoneType", "Refused", "Refused", "Refused"]
    with vault.database.reading() as connection:
        filed = connection.exec_driver_sql("SELECT count(*) FROM journal WHERE act = 'case.filed'").scalar_one()
    assert filed == 1
    assert_sound(vault)


def test_every_correction_says_who_when_and_why(vault: Vault, number: str, clock: Any) -> None:
    corrections.correct(vault, number, Facts(section="会计科"), "科室补录")
    (store, *_) = vault.stores.values()
    with vault.database.reading() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
    last = acts.decode(read_bundle(store, 0, count)[-1])
    assert last == acts.RecordCorrected(
        at=clock(), by="李建国", record=number, facts=Facts(section="会计科"), standing=Standing.KEPT, why="科室补录"
    )
    assert last.at == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
