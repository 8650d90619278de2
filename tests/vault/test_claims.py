"""Records of several cases: found under each of them; and a claim that was made in error, taken back."""

from datetime import date

import pytest

from tests.vault.disposal_scene import CUSTODIAN, LEADER, Office, assert_rebuilt_alike
from tests.vault.scene import assert_sound
from tests.vault.test_corrections import file_one
from tests.vault.test_handed_in_again import decided, hand_in
from tests.vault.test_registers import drawn
from vault.catalogue import queries
from vault.catalogue.holdings import holding_of, records_of_case
from vault.catalogue.rows import serial_of
from vault.claims import withdraw_claim
from vault.corrections import close_case, correct, open_case, place_hold
from vault.enrolling import enrol
from vault.errors import BadInput, Refused
from vault.facts import Facts
from vault.people import Role
from vault.retention import State
from vault.store import Vault
from vault.terms import RetentionClass

FIRST, OTHER, THIRD = "邓财监〔2026〕12号", "邓财采〔2026〕3号", "邓财会〔2026〕5号"
SAID = Facts(section="会计科", case_number=FIRST)


@pytest.fixture
def number(vault: Vault) -> str:
    """A record of a case that was closed, handed in once more for another that is open."""
    number, today = file_one(vault, "询问", SAID), vault.now().date()
    open_case(vault, FIRST, "", today, "")
    close_case(vault, FIRST, today, RetentionClass.SIX_MONTHS, "")
    open_case(vault, OTHER, "", today, "")
    hand_in(vault, "询问".encode(), case_number=OTHER)
    return number


def found(vault: Vault, case: str) -> list[str]:
    with vault.database.reading() as connection:
        return [one.number for one in queries.find(connection, queries.Wanted(facts={"case_number": case}))]


def cases(vault: Vault, number: str) -> list[str]:
    with vault.database.reading() as connection:
        return [case.number for case in holding_of(connection, serial_of(number)).cases]


def test_a_record_is_found_under_each_of_its_cases(vault: Vault, number: str) -> None:
    assert found(vault, FIRST) == found(vault, OTHER) == [number]
    correct(vault, number, Facts(case_number=THIRD), "更正")
    assert not found(vault, FIRST)
    assert found(vault, THIRD) == found(vault, OTHER) == [number]
    with vault.database.reading() as connection:
        assert queries.numbers_of(connection, records_of_case(connection, OTHER)) == [number]
    assert_rebuilt_alike(vault)


def test_a_claim_in_error_is_taken_back(vault: Vault, number: str) -> None:
    before = decided(vault, number)
    assert before.state is State.WAITING_FOR_CASE
    stands = withdraw_claim(vault, number, "邓财采[2026]3号", "误归")
    assert (stands.state, stands.last_day) == (State.RUNNING, date(2027, 11, 21))
    assert cases(vault, number) == [FIRST]
    assert not found(vault, OTHER)
    with vault.database.reading() as connection:
        last = queries.history(connection, number)[-1]
        assert (last.act, last.facts, last.why) == ("claim.withdrawn", ("case_number",), "误归")
    hand_in(vault, "询问".encode(), case_number=OTHER)
    assert cases(vault, number) == [FIRST, OTHER]
    assert_rebuilt_alike(vault)
    assert_sound(vault)


def test_the_end_that_a_claim_gave_stays_when_it_is_taken_back(vault: Vault, number: str) -> None:
    close_case(vault, OTHER, vault.now().date(), RetentionClass.TWENTY_FOUR_MONTHS, "")
    told = decided(vault, number).last_day
    assert withdraw_claim(vault, number, OTHER, "误归").last_day == told
    assert_rebuilt_alike(vault)


def test_what_is_permanent_by_a_claim_stays_so(vault: Vault, number: str) -> None:
    close_case(vault, OTHER, vault.now().date(), RetentionClass.PERMANENT, "")
    assert withdraw_claim(vault, number, OTHER, "误归").state is State.PERMANENT


@pytest.mark.parametrize(
    ("case", "says"), [(FIRST, "is record {}'s own case"), (THIRD, "Case {case} does not claim record {}.")]
)
def test_what_is_no_further_claim_is_not_taken_back(vault: Vault, number: str, case: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        withdraw_claim(vault, number, case, "误归")
    assert says.format(number, case=case) in refused.value.what.en


def test_who_may_not_close_a_case_takes_no_open_one_off_a_record(office: Office) -> None:
    today = date(2026, 11, 20)
    with office.by(LEADER) as vault:
        enrol(vault, "chenxiao", "陈晓", [Role.OFFICER], "会计科")
    with office.by(CUSTODIAN) as vault:
        for case in (FIRST, OTHER):
            open_case(vault, case, "", today, "")
        close_case(vault, FIRST, today, RetentionClass.SIX_MONTHS, "")
    with office.by("chenxiao") as vault:
        number = file_one(vault, "询问", SAID)
        hand_in(vault, "询问".encode(), case_number=OTHER)
        with pytest.raises(Refused, match="close a case"):
            withdraw_claim(vault, number, OTHER, "误归")
        assert cases(vault, number) == [FIRST, OTHER]
    with office.by(CUSTODIAN) as vault:
        assert withdraw_claim(vault, number, OTHER, "误归").state is State.RUNNING
    with office.by("chenxiao") as vault:  # what shortens nothing wants no more than the right to put facts right
        hand_in(vault, "询问".encode(), case_number=OTHER)
        hand_in(vault, "询问".encode(), case_number=THIRD)
        withdraw_claim(vault, number, THIRD, "误归")
        assert cases(vault, number) == [FIRST, OTHER]


@pytest.mark.parametrize("kind", ["intake", "holds", "completeness"])
def test_registers_name_all_cases_of_a_record_as_they_were_opened(vault: Vault, kind: str) -> None:
    today = vault.now().date()
    open_case(vault, OTHER, "", today, "")
    number = file_one(vault, "询问", Facts(section="会计科", case_number=FIRST, recorded_at=vault.now()))
    hand_in(vault, "询问".encode(), case_number="邓财采(2026)3号")
    place_hold(vault, number, "复议", "法制科")
    assert {row["case_number"] for row in drawn(vault, kind) if "sum" not in row} == (
        {FIRST, OTHER} if kind == "completeness" else {f"{FIRST}、{OTHER}"}
    )
