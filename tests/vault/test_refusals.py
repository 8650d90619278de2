"""What a rule forbids in the middle of an act is in the journal before it is said, as what the door itself refuses."""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.vault.disposal_scene import CONTENTS, CUSTODIAN, LEADER, ONE, OPERATOR, TWO, WHY, Office
from tests.vault.scene import rows_of, take_in
from vault import acts
from vault.clock import Running
from vault.corrections import correct, flag, place_hold, raise_class
from vault.disposal import appraisal
from vault.errors import Refused
from vault.facts import Facts
from vault.profile import load_profile
from vault.rebuild import rebuild
from vault.rights import Bar, Barred, Reason
from vault.terms import RetentionClass
from vault.text import Text


@contextmanager
def refused(office: Office, action: str, about: str, bar: str) -> Iterator[None]:
    """Exit 4, and one entry that says so."""
    with office.by(OPERATOR) as vault:
        before = rows_of(vault, "SELECT count(*) FROM refusal")[0][0]
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.exit_code == 4
    with office.by(OPERATOR) as vault:
        found = rows_of(vault, "SELECT action, about, why FROM refusal ORDER BY id")
    assert found[before:] == [(action, about, f'["{bar}"]')]


def rebuilt(office: Office) -> None:
    with office.by(OPERATOR) as vault:
        rebuild(vault, None)


def unconfirmed(office: Office) -> None:
    office.machine = lambda: Running("另一次启动", 60.0)


PAUSES: dict[str, Callable[[Office], None]] = {"a rebuild": rebuilt, "a clock that nobody confirms": unconfirmed}


@pytest.mark.parametrize("pause", PAUSES)
def test_while_expiry_is_paused(office: Office, pause: str) -> None:
    number = office.agreed(TWO)
    draft = office.listed(ONE)
    PAUSES[pause](office)
    with refused(office, "disposal.run", number, "paused"):
        office.run(number)
    with refused(office, "disposal.appraise", "", "paused"):
        office.listed()
    with refused(office, "disposal.appraise", draft, "paused"):
        office.appraise(draft, "2026-0000003")
    with refused(office, "disposal.appraise", draft, "paused"), office.by(CUSTODIAN) as vault:
        said = [acts.Appraisal(record="2026-0000003", fate="dispose", why=WHY)]
        appraisal.require_appraisable(vault, said, draft)


def test_a_record_that_is_not_due_or_on_another_list(office: Office) -> None:
    number, draft = office.agreed(TWO), office.listed(ONE)
    with office.by(CUSTODIAN) as vault:
        (fresh,) = take_in(vault, [CONTENTS[5]])
    with refused(office, "disposal.appraise", draft, "not-due"):
        office.appraise(draft, fresh)
    with refused(office, "disposal.appraise", draft, "listed"):
        office.appraise(draft, TWO)
    office.run(number)
    with refused(office, "disposal.appraise", draft, "destroyed"):
        office.appraise(draft, TWO)
    with refused(office, "hold.place", TWO, "destroyed"), office.by(CUSTODIAN) as vault:
        place_hold(vault, TWO, "太晚", "县监委")
    with refused(office, "class.raise", TWO, "destroyed"), office.by(CUSTODIAN) as vault:
        raise_class(vault, TWO, RetentionClass.PERMANENT, "典型案例", "")
    with refused(office, "facts.correct", TWO, "destroyed"), office.by(CUSTODIAN) as vault:
        correct(vault, TWO, Facts(section="办公室"), "更正")


def test_what_would_shorten_a_term_or_lack_a_fact(office: Office) -> None:
    office.adopt(load_profile("xinzhou"))
    with office.by(CUSTODIAN) as vault:
        (record,) = take_in(vault, [CONTENTS[5]])
    with office.by(LEADER) as vault:
        raise_class(vault, record, RetentionClass.ONE_YEAR, "典型案例", "第9条")
    with office.by(CUSTODIAN) as vault:
        correct(vault, record, Facts(kind="penalty-evidence"), "更正")
    with refused(office, "facts.correct", record, "shorter"), office.by(CUSTODIAN) as vault:
        correct(vault, record, Facts(kind="routine-patrol"), "更正")
    with office.by(CUSTODIAN) as vault:
        correct(vault, record, Facts(section="办公室"), "补录")
    with refused(office, "facts.correct", record, "required"), office.by(CUSTODIAN) as vault:
        correct(vault, record, Facts(), "清空", ["section"])


def test_a_circumstance_that_would_be_emptied(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        flag(vault, ONE, ("objection",), "当事人异议")
    with refused(office, "facts.correct", ONE, "shorter"), office.by(CUSTODIAN) as vault:
        correct(vault, ONE, Facts(), "清空", ["circumstances"])


def test_what_is_barred_comes_whole_from_another_process() -> None:
    barred = Barred(Reason(Bar.PAUSED, Text(en="waits", zh="暂停")))
    again = pickle.loads(pickle.dumps(barred))
    assert (again.reason, again.what, again.exit_code) == (barred.reason, barred.what, 4)
