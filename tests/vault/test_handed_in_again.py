"""A recording that is handed in again, for another case or with other facts: nothing of that is lost on the way."""

from datetime import date

from tests.vault.disposal_scene import CONTENTS, CUSTODIAN, NAMES, ONE, OPERATOR, Office, assert_rebuilt_alike, there
from tests.vault.scene import assert_sound, entries_so_far, journal_acts, noise, take_in
from vault import acts
from vault.catalogue import queries
from vault.catalogue.holdings import holding_of
from vault.catalogue.rows import serial_of
from vault.corrections import close_case, correct, open_case, reopen_case
from vault.digest import Digest
from vault.facts import Facts
from vault.intake.filing import Filed, Ready, file_records
from vault.records import RecordFile
from vault.retention import Decision, State, expiry
from vault.store import Vault
from vault.terms import RetentionClass

FIRST, OTHER = "邓财监〔2026〕12号", "邓财采〔2026〕3号"


def hand_in(vault: Vault, data: bytes, **said: str) -> Filed:
    """The same file once more, with what is said of it now."""
    file = RecordFile(sha256=Digest.of(data).hex, size=len(data), name="再次.mp4")
    facts = Facts(**said)  # type: ignore[arg-type]
    ready = Ready(files=(file,), stores=tuple(vault.stores), facts=facts, origins=dict.fromkeys(said, "sheet"))
    (filed,) = file_records(vault, [ready], None)
    return filed


def decided(vault: Vault, number: str) -> Decision:
    with vault.database.reading() as connection:
        return expiry(holding_of(connection, serial_of(number)), vault.profile)


def facts_of(vault: Vault, number: str) -> Facts:
    with vault.database.reading() as connection:
        return queries.get_record(connection, number).facts


def test_a_listed_record_that_is_handed_in_for_an_open_case_is_spared(office: Office) -> None:
    """Once the record was destroyed with the old list, though the case was open."""
    with office.by(CUSTODIAN) as vault:
        correct(vault, ONE, Facts(case_number=FIRST), "补录")
        open_case(vault, FIRST, "", date(2026, 1, 5), "")
        close_case(vault, FIRST, date(2026, 1, 6), RetentionClass.SIX_MONTHS, "")
    number = office.agreed(ONE)
    with office.by(CUSTODIAN) as vault:
        before = facts_of(vault, ONE)
        open_case(vault, OTHER, "政府采购案", vault.now().date(), "")
        filed = hand_in(vault, CONTENTS[0], case_number=OTHER, party="另案人")
        assert filed.number == ONE
        assert facts_of(vault, ONE) == before
        told = [note.en for note in filed.notes]
        assert told[0].startswith(f"filed to case {OTHER}, too, beside case {FIRST}")
        assert "stays as it is: party" in told[1]
        assert told[2] == (
            f"it is on list {number} of records to be destroyed (agreed); it is spared now, and to be appraised anew"
        )
        assert decided(vault, ONE).state is State.WAITING_FOR_CASE
        again = hand_in(vault, CONTENTS[0], case_number=OTHER)
        assert not any("filed to case" in note.en for note in again.notes)
        assert not any("stays as it is" in note.en for note in again.notes)
    ran = office.run(number)
    assert (ran.begun, set(ran.spared)) == (0, {ONE})
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[0]) == set(NAMES)
        assert_rebuilt_alike(vault)
        assert_sound(vault)


def test_a_listed_record_of_which_something_else_is_said_is_spared(office: Office) -> None:
    number = office.agreed(ONE)
    with office.by(CUSTODIAN) as vault:
        hand_in(vault, CONTENTS[0], party="另案人")
    ran = office.run(number)
    assert (
        "Handed in again since it was listed, with other facts, and to be appraised anew: party." in ran.spared[ONE].en
    )
    assert "列入清册后又再次送来，所述信息不同，须重新鉴定：当事人。" in ran.spared[ONE].zh


def test_a_listed_record_that_is_handed_in_with_the_same_facts_is_told_of_and_goes(office: Office) -> None:
    number = office.agreed(ONE)
    with office.by(CUSTODIAN) as vault:
        filed = hand_in(vault, CONTENTS[0], party=facts_of(vault, ONE).party)
        assert [note.en for note in filed.notes] == [f"it is on list {number} of records to be destroyed (agreed)"]
        assert [note.zh for note in filed.notes] == [f"该记录已列入拟销毁清册 {number}（待销毁）"]
    assert office.run(number).begun == 1


def test_what_was_appraised_anew_after_it_was_handed_in_goes(office: Office) -> None:
    number = office.listed(ONE)
    with office.by(CUSTODIAN) as vault:
        hand_in(vault, CONTENTS[0], party="另案人")
    office.appraise(number, ONE)
    office.submit(number)
    office.approve(number)
    office.supervise(number, "chenjing")
    office.supervise(number, "zhaoxd")
    office.clock.advance(days=7)
    assert office.run(number).begun == 1


def test_of_several_cases_the_longest_wins_and_an_open_one_suspends(vault: Vault) -> None:
    (number,) = take_in(vault, [noise(2_000, 77)])
    correct(vault, number, Facts(case_number=FIRST), "补录")
    today = vault.now().date()
    open_case(vault, FIRST, "", today, "")
    close_case(vault, FIRST, today, RetentionClass.SIX_MONTHS, "")
    hand_in(vault, noise(2_000, 77), case_number=OTHER)
    assert decided(vault, number).state is State.WAITING_FOR_CASE  # nobody has filed it
    open_case(vault, OTHER, "", today, "")
    close_case(vault, OTHER, today, RetentionClass.TWENTY_FOUR_MONTHS, "")
    assert decided(vault, number).last_day == date(today.year + 2, today.month, today.day)
    reopen_case(vault, OTHER, "复议")
    assert decided(vault, number).state is State.WAITING_FOR_CASE
    close_case(vault, OTHER, today, RetentionClass.SIX_MONTHS, "")
    assert decided(vault, number).last_day == date(today.year + 2, today.month, today.day)  # what was told stays
    correct(vault, number, Facts(case_number=OTHER), "更正")
    with vault.database.reading() as connection:
        assert [one.number for one in holding_of(connection, serial_of(number)).cases] == [OTHER]
    assert_rebuilt_alike(vault)
    assert_sound(vault)


def test_who_handed_it_in_and_what_was_said_then_is_in_the_journal(vault: Vault) -> None:
    take_in(vault, [noise(2_000, 77)])
    since = entries_so_far(vault)
    hand_in(vault, noise(2_000, 77), party="另案人", content="询问笔录")
    seen, added = journal_acts(vault, since)
    assert isinstance(seen, acts.RecordSeenAgain)
    assert (seen.by, seen.at, seen.otherwise) == (vault.setting.person, vault.now(), Facts(party="另案人"))
    assert isinstance(added, acts.RecordCorrected)
    assert added.facts == Facts(content="询问笔录")
