"""Disposal, the whole way: exactly what was agreed ends, everywhere, and everything else stays."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ops.samples import BEIJING
from ops.wiring import Working, open_vault
from tests.faults.judge import judge
from tests.faults.scene import REPOSITORY
from tests.vault.disposal_scene import (
    CONTENTS,
    CUSTODIAN,
    FOUR,
    LEADER,
    NAMES,
    ONE,
    OPERATOR,
    OTHER_CUSTODIAN,
    SUPERVISORS,
    THREE,
    TWO,
    Office,
    assert_rebuilt_alike,
    there,
)
from tests.vault.scene import (
    assert_sound,
    rows_of,
    scrubbed,
    take_in,
)
from vault import acts
from vault.catalogue import disposals, queries
from vault.catalogue.waiting import waiting
from vault.corrections import close_case, correct, flag, open_case, place_hold, raise_class, release_hold, reopen_case
from vault.disposal import agreeing
from vault.disposal.register import certificate, register_rows
from vault.disposal.rules import State
from vault.errors import BadInput, Refused
from vault.facts import Facts
from vault.records import Standing
from vault.retention import State as Term
from vault.store import Vault
from vault.terms import RetentionClass, local_day


def test_who_is_named_in_a_record_neither_approves_its_end_nor_supervises_it(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        correct(vault, TWO, Facts(officers=("王建军", "陈静")), "补录")
    number = office.listed(ONE, TWO)
    office.submit(number)
    with pytest.raises(Refused, match=f"record {TWO} is about what 王建军 did"):
        office.approve(number)
    office.appraise(number, TWO, fate="keep")
    office.submit(number)
    office.approve(number)
    assert [office.supervise(number, login) for login in SUPERVISORS] == [1, 2]


def test_the_whole_way(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    ran = office.run(number)
    assert (ran.begun, ran.copies, ran.state) == (2, 3, State.CLOSED)  # what the fourth record holds stays
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[0]) == set(NAMES)
        assert there(vault, CONTENTS[1]) == set()
        assert there(vault, CONTENTS[2]) == there(vault, CONTENTS[3]) == set(NAMES)
        assert_sound(vault)
        scrubbed(vault)
        with vault.database.reading() as connection:
            found = {record.number for record in queries.find(connection, queries.Wanted())}
            assert found == {THREE, FOUR}
            assert not list(queries.find(connection, queries.Wanted(words=["2026-0000002"])))
            gone = queries.get_record(connection, TWO)
            assert (gone.standing, gone.files, gone.facts.party) == (Standing.DESTROYED, (), "")
            assert [
                (row.place, row.record, row.files, row.outcome)
                for row in register_rows(connection, number, vault.profile)
            ] == [
                (1, ONE, 1, "destroyed"),
                (2, TWO, 1, "destroyed"),
            ]
            done = certificate(connection, number)
            assert done.approval is not None
            assert [one.by for one in done.approval.consents] == [LEADER]
            assert done.approval.used_at is not None
            assert [one.by for one in done.supervisors] == list(SUPERVISORS)
            assert done.closed_at is not None
        assert_rebuilt_alike(vault)
        assert_sound(vault)
        for name in NAMES:  # and so it is for whoever has nothing of Strongroom
            checked = [sys.executable, "docs/verify_store.py", str(office.home / name), vault.verifier.vkey]
            assert subprocess.run(checked, cwd=REPOSITORY, capture_output=True, check=False).returncode == 0
            assert not judge({name: office.home / name}, vault.verifier.vkey, []).unnamed


# who agrees, and to what


def test_nobody_signs_what_they_had_a_part_in(office: Office) -> None:
    number = office.listed(ONE, by=CUSTODIAN)
    with pytest.raises(Refused):
        office.supervise(number, SUPERVISORS[0])  # nothing is approved
    office.submit(number, by=OTHER_CUSTODIAN)
    for login in (CUSTODIAN, OTHER_CUSTODIAN, OPERATOR, SUPERVISORS[0]):
        with pytest.raises(Refused):
            office.approve(number, by=login)
    office.approve(number)
    office.supervise(number, SUPERVISORS[0])
    for login in (SUPERVISORS[0], LEADER, CUSTODIAN, OTHER_CUSTODIAN, OPERATOR):
        with pytest.raises(Refused):
            office.supervise(number, login)
    with pytest.raises(Refused):
        office.run(number)
    office.supervise(number, SUPERVISORS[1])
    with pytest.raises(Refused):
        office.run(number)  # the grace period
    office.clock.advance(days=7, seconds=-1)
    with pytest.raises(Refused):
        office.run(number)
    office.clock.advance(seconds=1)
    assert office.run(number).state is State.CLOSED


def test_what_order_and_time_forbid_is_in_the_journal(office: Office) -> None:
    number = office.listed(ONE)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("order", lambda: office.approve(number)),
        ("order", lambda: office.supervise(number, SUPERVISORS[0])),
        ("", lambda: office.submit(number)),
        ("order", lambda: office.run(number)),
        ("changed", lambda: office.approve(number, sha256="0" * 64)),
        ("", lambda: office.approve(number)),
        ("order", lambda: office.approve(number)),
        ("", lambda: office.supervise(number, SUPERVISORS[0])),
        ("twice", lambda: office.supervise(number, SUPERVISORS[0])),
        ("", lambda: office.supervise(number, SUPERVISORS[1])),
        ("too-early", lambda: office.run(number)),
    ]
    for bar, step in steps:
        if not bar:
            step()
            continue
        with pytest.raises(Refused) as caught:
            step()
        assert caught.value.exit_code == 4
    with office.by(OPERATOR) as vault:
        found = rows_of(vault, "SELECT why, about FROM refusal ORDER BY id")
    assert found == [(f'["{bar}"]', number) for bar, _ in steps if bar]


def test_a_signature_is_ones_own(office: Office) -> None:
    number = office.listed(ONE)
    office.submit(number)
    as_leader = Working(person=LEADER, via="root", clock=office.clock)
    with open_vault(office.home, as_leader) as vault, pytest.raises(Refused, match="in the name of"):
        agreeing.approve(vault, number, office.digest(vault, number))


@pytest.mark.parametrize("signed", range(4))
def test_a_change_of_the_list_takes_back_what_was_agreed(office: Office, signed: int) -> None:
    number = office.listed(ONE, TWO)
    with office.by(LEADER) as vault:
        before = office.digest(vault, number)
    steps: list[Callable[[], object]] = [
        lambda: office.submit(number),
        lambda: office.approve(number),
        lambda: office.supervise(number, SUPERVISORS[0]),
        lambda: office.supervise(number, SUPERVISORS[1]),
    ]
    for step in steps[: signed + 1]:
        step()
    office.appraise(number, THREE, by=OTHER_CUSTODIAN)
    standing = office.standing(number)
    assert standing.disposal.state is State.APPRAISING
    assert (standing.disposal.approval, standing.disposal.signatures) == (None, ())
    office.submit(number)
    with pytest.raises(Refused, match="digest"):
        office.approve(number, sha256=before)
    office.approve(number)
    with pytest.raises(Refused):
        office.run(number)


def test_an_approval_ends_and_is_used_once(office: Office) -> None:
    number = office.listed(ONE)
    office.submit(number)
    office.approve(number)
    office.supervise(number, SUPERVISORS[0])
    office.clock.advance(days=90, seconds=1)
    with pytest.raises(Refused, match="ended"):
        office.supervise(number, SUPERVISORS[1])
    office.submit(number)
    office.approve(number)
    assert office.standing(number).disposal.signatures == ()
    for login in SUPERVISORS:
        office.supervise(number, login)
    office.clock.advance(days=90, seconds=1)
    with pytest.raises(Refused, match="ended"):
        office.run(number)
    office.submit(number)
    office.approve(number)
    for login in SUPERVISORS:
        office.supervise(number, login)
    office.clock.advance(days=7)
    assert office.run(number).begun == 1
    assert office.run(number).begun == 0
    for again in (
        lambda: office.supervise(number, OPERATOR),
        lambda: office.approve(number),
        lambda: office.stop(number),
    ):
        with pytest.raises(Refused):
            again()


def test_what_is_stopped_is_not_run_and_its_records_are_free(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    office.stop(number, by=SUPERVISORS[0])
    with pytest.raises(Refused):
        office.run(number)
    again = office.agreed(ONE)
    assert office.run(again).begun == 1


def test_only_what_is_due_gets_on_a_list_and_only_on_one(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        place_hold(vault, ONE, "线索核查", "县监委")
        take_in(vault, [CONTENTS[5]])
    with pytest.raises(Refused, match="not due"):
        office.listed(ONE)
    with pytest.raises(Refused, match="not due"):
        office.listed("2027-0000005")
    with pytest.raises(BadInput):
        office.listed("2026-0000099")
    number = office.listed()
    assert {line.record for line in lines_of(office, number)} == {TWO, THREE, FOUR}
    with pytest.raises(Refused, match=number):
        office.listed(TWO)


def lines_of(office: Office, number: str) -> list[acts.Appraisal]:
    with office.by(OPERATOR) as vault, vault.database.reading() as connection:
        return [
            acts.Appraisal(record=one.record, fate=one.fate, why=one.why, until=one.until)  # type: ignore[arg-type]
            for one in disposals.appraisals(connection, number)
        ]


def test_a_list_of_which_every_record_is_kept_is_finished(office: Office) -> None:
    """It was being appraised for ever: there was nothing to submit."""
    number = office.listed(ONE, TWO)
    office.submit(number)
    office.appraise(number, ONE, fate="extend", until=date(2029, 12, 31))
    assert office.standing(number).disposal.state is State.APPRAISING
    office.appraise(number, TWO, fate="keep")
    standing = office.standing(number)
    assert (standing.disposal.state, standing.disposal.approval) == (State.KEPT, None)
    assert standing.ended_at is not None
    with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
        assert disposals.numbers(connection, everything=False) == []
        assert disposals.numbers(connection, everything=True) == [number]
        assert waiting(connection, vault.now(), vault.profile.zone).disposals == {}
        assert certificate(connection, number).nothing
    for step in (office.submit, office.stop, office.run):
        with pytest.raises(Refused, match="every record of it is kept: nothing is to be destroyed") as refused:
            step(number)
        assert "均予保存，没有拟销毁的记录，无需报批" in refused.value.what.zh
    for record, fate in ((THREE, "dispose"), (ONE, "keep")):  # it stays finished
        with pytest.raises(Refused, match="every record of it is kept") as refused:
            office.appraise(number, record, fate=fate)
        assert refused.value.hint is not None
        assert "strongroom disposal review RECORD" in refused.value.hint.en
    assert office.standing(number).disposal.state is State.KEPT
    assert office.listed(THREE, FOUR) != number
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)
        assert_sound(vault)


def test_nothing_is_extended_beyond_thirty_years(office: Office) -> None:
    """国家档案局令第8号 7: 永久, 30年, 10年. A day in the year 9999 is no appraisal."""
    number = office.listed(ONE)
    today = local_day(office.clock(), BEIJING)
    last = today.replace(year=today.year + 30)
    for until in (last + timedelta(days=1), date.max):
        with pytest.raises(BadInput, match=f"{until} is more than thirty years away") as refused:
            office.appraise(number, ONE, fate="extend", until=until)
        assert "更久的应定为长期保存" in refused.value.what.zh
        with pytest.raises(BadInput, match="kept permanently"):
            office.listed(TWO, fate="extend", until=until)
    office.appraise(number, ONE, fate="extend", until=last)


def test_what_is_extended_or_kept_is_so_at_once_and_stays_so(office: Office) -> None:
    number = office.listed(ONE, TWO, THREE)
    office.appraise(number, TWO, fate="extend", until=date(2029, 12, 31))
    office.appraise(number, THREE, fate="keep")
    office.stop(number)
    with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
        decisions = {
            record: queries.explain(connection, record, vault.profile, vault.now()) for record in (ONE, TWO, THREE)
        }
    assert decisions[ONE].state is Term.DUE
    assert (decisions[TWO].state, decisions[TWO].last_day) == (Term.RUNNING, date(2029, 12, 31))
    assert decisions[THREE].state is Term.PERMANENT
    with pytest.raises(Refused):
        office.listed(TWO)
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


# what happens in between


CHANGES: dict[str, Callable[[Vault], object]] = {
    "hold": lambda vault: place_hold(vault, TWO, "线索核查", "县监委"),
    "class": lambda vault: raise_class(vault, TWO, RetentionClass.PERMANENT, "典型案例", ""),
    "circumstance": lambda vault: flag(vault, TWO, ("objection",), "当事人异议"),
}


MOMENTS = [("hold", after) for after in ("listed", "submitted", "approved", "signed", "agreed")]


@pytest.mark.parametrize(("change", "after"), [*MOMENTS, ("class", "agreed"), ("circumstance", "agreed")])
def test_what_must_stay_is_taken_out_whenever_it_is_said(office: Office, change: str, after: str) -> None:
    number = office.listed(ONE, TWO)
    steps: dict[str, Callable[[], object]] = {
        "listed": lambda: None,
        "submitted": lambda: office.submit(number),
        "approved": lambda: office.approve(number),
        "signed": lambda: office.supervise(number, SUPERVISORS[0]),
        "agreed": lambda: office.supervise(number, SUPERVISORS[1]),
    }
    for name, step in steps.items():
        step()
        if name == after:
            with office.by(CUSTODIAN) as vault:
                CHANGES[change](vault)
    office.clock.advance(days=7)
    ran = office.run(number)
    assert (ran.begun, set(ran.spared), ran.state) == (1, {TWO}, State.CLOSED)
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
        assert_sound(vault)
        with vault.database.reading() as connection:
            rows = {row.record: row for row in register_rows(connection, number, vault.profile)}
        assert (rows[TWO].outcome, rows[ONE].outcome) == ("spared", "destroyed")
        assert rows[TWO].outcome_why
        assert_rebuilt_alike(vault)


def test_a_reopened_case_keeps_its_records(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        _, record = take_in(vault, [CONTENTS[5]], [CONTENTS[6]])
        with vault.database.reading() as connection:
            case = queries.get_record(connection, record).facts.case_number
        assert case
        open_case(vault, case, "占道经营案", date(2027, 12, 1), "")
        close_case(vault, case, date(2027, 12, 2), RetentionClass.SIX_MONTHS, "")
    office.clock.advance(days=380)
    number = office.agreed(record)
    with office.by(CUSTODIAN) as vault:
        reopen_case(vault, case, "复议")
    ran = office.run(number)
    assert (ran.begun, set(ran.spared)) == (0, {record})
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[6]) == set(NAMES)
        assert_sound(vault)


def test_a_released_hold_brings_a_record_back_on_no_list_that_spared_it(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    with office.by(CUSTODIAN) as vault:
        placed = place_hold(vault, TWO, "线索核查", "县监委")
    office.run(number)
    with office.by(LEADER) as vault:
        release_hold(vault, placed, "核查结束")
    assert (office.run(number).begun, office.run(number).state) == (0, State.CLOSED)
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
    assert office.run(office.agreed(TWO)).begun == 1
