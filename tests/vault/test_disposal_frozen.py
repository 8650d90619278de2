"""A list says of each record what was agreed to, whatever is said of the record afterwards; what changed stays."""

from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest

from tests.vault.disposal_scene import (
    CONTENTS,
    CUSTODIAN,
    NAMES,
    ONE,
    OPERATOR,
    TWO,
    Office,
    assert_rebuilt_alike,
    there,
)
from tests.vault.scene import assert_sound, entries_so_far, journal_acts, noise, rows_of, take_in
from vault import acts
from vault.approvals import digest_of
from vault.catalogue import queries
from vault.catalogue.holdings import holding_of
from vault.catalogue.rows import serial_of
from vault.claims import withdraw_claim
from vault.corrections import close_case, correct, open_case, raise_class, reopen_case
from vault.disposal import appraisal
from vault.disposal.frozen import as_listed, changed
from vault.disposal.register import RegisterRow, register_rows
from vault.disposal.rules import State
from vault.facts import FACTS, Facts, Kind
from vault.intake.filing import Ready, file_records
from vault.registers.disposal import register_of
from vault.registers.model import Scope
from vault.registers.period import Period
from vault.store import Vault
from vault.terms import RetentionClass, local_day


def lines_of(office: Office, number: str) -> dict[str, RegisterRow]:
    with office.by(OPERATOR) as vault, vault.database.reading() as connection:
        return {row.record: row for row in register_rows(connection, number, vault.profile)}


def scope_of(vault: Vault, number: str) -> Scope:
    now = vault.now()
    return Scope(
        office="某局",
        zone=vault.profile.zone,
        period=Period(None, now.date()),
        drawn_at=now,
        entries=1,
        disposal=number,
    )


def digest_now(office: Office, number: str) -> str:
    with office.by(OPERATOR) as vault:
        return office.digest(vault, number)


def years_go_by(office: Office) -> None:
    """Two, not without an act in between: a clock that leaps is not believed."""
    for number in range(4):
        with office.by(CUSTODIAN) as vault:
            take_in(vault, [noise(100, 900 + number)])
        office.clock.advance(days=200)


CORRECTIONS: dict[str, tuple[Callable[[Vault], object], str, str]] = {
    "case name": (lambda v: correct(v, TWO, Facts(case_name="另一案件"), "更正"), "case name", "案件名称"),
    "section": (lambda v: correct(v, TWO, Facts(section="办公室"), "更正"), "section", "科室"),
    "people": (lambda v: correct(v, TWO, Facts(officers=("王芳",)), "更正"), "officers", "执法人员"),
    "class": (
        lambda v: raise_class(v, TWO, RetentionClass.TWENTY_FOUR_MONTHS, "典型", ""),
        "class (1 year → 24 months)",
        "保管期限（1年→24个月）",
    ),
}


@pytest.mark.parametrize("what", sorted(CORRECTIONS))
def test_a_record_that_is_not_what_was_agreed_to_is_spared_and_due_anew(office: Office, what: str) -> None:
    """Every term is over, with the correction and without it: that is not what spares it."""
    change, en, zh = CORRECTIONS[what]
    years_go_by(office)
    number = office.agreed(ONE, TWO)
    before, digest = lines_of(office, number), digest_now(office, number)
    with office.by(CUSTODIAN) as vault:
        change(vault)
    ran = office.run(number)
    assert (ran.begun, set(ran.spared), ran.state) == (1, {TWO}, State.CLOSED)
    assert en in ran.spared[TWO].en
    assert "appraised anew" in ran.spared[TWO].en
    assert zh in ran.spared[TWO].zh
    assert "重新鉴定" in ran.spared[TWO].zh
    assert (office.standing(number).count("spared"), office.standing(number).count("destroyed")) == (1, 1)
    after = lines_of(office, number)
    assert (after[TWO].outcome, after[TWO].outcome_why) == ("spared", ran.spared[TWO])
    said = [(row.title, row.section, row.case_number, row.recorded_on, row.retention_class) for row in before.values()]
    assert [(r.title, r.section, r.case_number, r.recorded_on, r.retention_class) for r in after.values()] == said
    assert digest_now(office, number) == digest
    with office.by(CUSTODIAN) as vault:
        assert TWO in set(appraisal.all_due(vault, ()))
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
        assert_rebuilt_alike(vault)
        assert_sound(vault)
    assert digest_now(office, number) == digest
    assert lines_of(office, number) == after


def test_a_case_that_was_closed_anew_begins_its_term_anew(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        _, record = take_in(vault, [CONTENTS[5]], [CONTENTS[6]])
        with vault.database.reading() as connection:
            case = queries.get_record(connection, record).facts.case_number
        open_case(vault, case, "占道经营案", date(2027, 12, 1), "")
        close_case(vault, case, date(2027, 12, 2), RetentionClass.SIX_MONTHS, "")
    years_go_by(office)
    number = office.agreed(record)
    with office.by(CUSTODIAN) as vault:
        closed_anew(vault, case)
    ran = office.run(number)
    assert list(ran.spared) == [record]
    assert ran.spared[record].en.startswith("From 2030-08-21 it is to be reviewed")


def closed_anew(vault: Vault, case: str) -> None:
    reopen_case(vault, case, "复议")
    close_case(vault, case, local_day(vault.now(), vault.profile.zone), RetentionClass.SIX_MONTHS, "")


def closed(vault: Vault, case: str) -> None:
    open_case(vault, case, "占道经营案", date(2027, 12, 1), "")
    close_case(vault, case, date(2027, 12, 2), RetentionClass.SIX_MONTHS, "")


def claimed_by(vault: Vault, record: str, case: str) -> None:
    """It is handed in again for that case."""
    with vault.database.reading() as connection:
        held = queries.get_record(connection, record)
    ready = Ready(files=held.files, stores=tuple(vault.stores), facts=Facts(case_number=case))
    (filed,) = file_records(vault, [ready], None)
    assert (filed.number, filed.new) == (record, False)


SECOND = "邓城管罚字〔2026〕第9999号"


@pytest.mark.parametrize("change", ["the second case closed anew", "its claim taken back", "a third claim"])
def test_every_case_of_a_record_is_on_the_list_and_a_change_of_any_spares_it(office: Office, change: str) -> None:
    with office.by(CUSTODIAN) as vault:
        _, record = take_in(vault, [CONTENTS[5]], [CONTENTS[6]])
        with vault.database.reading() as connection:
            case = queries.get_record(connection, record).facts.case_number
        closed(vault, case)
        closed(vault, SECOND)
        closed(vault, "另案3号")
        claimed_by(vault, record, SECOND)
    years_go_by(office)
    number = office.agreed(record)
    listed = lines_of(office, number)[record]
    assert [(one.number, str(one.closed_on), str(one.keep)) for one in listed.cases] == [
        (case, "2027-12-02", "6-months"),
        (SECOND, "2027-12-02", "6-months"),
    ]
    with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
        paper = register_of(connection, scope_of(vault, number))
        cells = [str(cell) for row in paper.rows for cell in row.cells]
        assert f"{case}、{SECOND}" in cells
    with office.by(CUSTODIAN) as vault:
        if change == "its claim taken back":
            withdraw_claim(vault, record, SECOND, "误归")
        elif change == "a third claim":
            claimed_by(vault, record, "另案3号")
        else:
            closed_anew(vault, SECOND)
    why = office.run(number).spared[record]
    if change != "the second case closed anew":  # its term begins anew: it is not due
        assert "appraised anew" in why.en
        assert "重新鉴定" in why.zh
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_what_was_put_right_before_the_list_was_submitted_is_listed_anew(office: Office) -> None:
    """To appraise it again on the same list is enough; the digest is another, and the record goes."""
    number = office.listed(ONE, TWO)
    before = digest_now(office, number)
    with office.by(CUSTODIAN) as vault:
        correct(vault, TWO, Facts(case_name="另一案件"), "更正")
    assert digest_now(office, number) == before
    office.appraise(number, TWO)
    assert digest_now(office, number) != before
    assert lines_of(office, number)[TWO].title == "另一案件"
    office.submit(number)
    office.approve(number)
    for login in ("chenjing", "zhaoxd"):
        office.supervise(number, login)
    office.clock.advance(days=7)
    assert office.run(number).begun == 2


def test_the_journal_has_what_was_said_and_the_digest_of_the_list_is_over_it(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        since = entries_so_far(vault)
    number = office.listed(TWO)
    with office.by(OPERATOR) as vault:
        (act,) = (one for one in journal_acts(vault, since) if isinstance(one, acts.RecordsAppraised))
        (listed,) = act.appraised
        with vault.database.reading() as connection:
            assert listed.said.facts == queries.facts_of(connection, serial_of(TWO))
    assert listed.said.retention_class is RetentionClass.ONE_YEAR
    line = {"bytes": 2_001, "files": 1, "record": TWO, "said": digest_of(listed.said), "why": listed.why}
    assert digest_now(office, number) == digest_of({"disposal": number, "records": [line]})


def test_of_a_destroyed_record_the_list_keeps_only_its_line(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        correct(vault, TWO, Facts(party="李伟", case_name="某案"), "补录")
    number = office.agreed(TWO)
    digest = digest_now(office, number)
    office.run(number)
    with office.by(OPERATOR) as vault:
        ((kept,),) = rows_of(vault, "SELECT said FROM appraised")
    assert "李伟" not in str(kept)
    assert "某案" in str(kept)
    assert digest_now(office, number) == digest


def test_every_fact_the_class_and_the_case_are_compared(office: Office) -> None:
    with office.by(OPERATOR) as vault, vault.database.reading() as connection:
        said = as_listed(
            queries.facts_of(connection, serial_of(TWO)), holding_of(connection, serial_of(TWO)), vault.profile
        )
    assert changed(said, said) is None
    at = office.clock.now - timedelta(days=900)
    for fact in FACTS:
        value = at if fact.kind is Kind.TIME else "另" if fact.kind is Kind.TEXT else ("另",)
        why = changed(said, msgspec.structs.replace(said, facts=Facts(**{fact.name: value}).over(said.facts)))
        assert why is not None
        assert fact.label.en in why.en
        assert fact.label.zh in why.zh
    case = acts.ListedCase(number="甲字1号", closed_on=date(2026, 1, 1), keep=RetentionClass.ONE_YEAR)
    with_case = msgspec.structs.replace(said, cases=(case,))
    for was, change in (
        (said, {"retention_class": None}),
        (said, {"cases": (case,)}),
        (with_case, {"cases": ()}),
        (with_case, {"cases": (msgspec.structs.replace(case, closed_on=date(2026, 1, 2)),)}),
        (with_case, {"cases": (msgspec.structs.replace(case, keep=RetentionClass.SIX_MONTHS),)}),
        (with_case, {"cases": (case, msgspec.structs.replace(case, number="乙字2号"))}),
    ):
        assert changed(was, msgspec.structs.replace(was, **change)) is not None
    spelt = msgspec.structs.replace(case, number="甲字１号")
    assert changed(with_case, msgspec.structs.replace(with_case, cases=(spelt,))) is None
