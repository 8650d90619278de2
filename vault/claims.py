"""Taking back the claim of a further case on a record, which was handed in again for it in error.

The record's own case is a fact of it, and is put right as one (vault/corrections.py). What had been told of its end
while the case claimed it stays, as after any correction: the end is its floor. Where an end would be let in that the
case kept away, because it is open, that is for who may close the case.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from vault import acts
from vault.authority import Action, Ruling, refuse, require
from vault.casenumbers import same_case
from vault.catalogue import people, queries
from vault.catalogue.holdings import also_claiming, holding_of
from vault.catalogue.inforce import in_force
from vault.catalogue.rows import serial_of
from vault.errors import BadInput
from vault.records import Record
from vault.retention import Decision, expiry, lets_go
from vault.rights import may
from vault.store import Vault
from vault.text import Text


def withdraw_claim(vault: Vault, number: str, case: str, why: str) -> Decision:
    """The case claims the record no more; what governs it then. BadInput where it does not, or is the record's own."""
    require(vault, Action.FACTS_CORRECT, about=number)
    now, by, ruling = vault.now(), vault.setting.person, Ruling()

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        nonlocal ruling
        claim = _claim(connection, queries.kept_record(connection, number), case)
        before = holding_of(connection, serial_of(number))
        after = replace(before, cases=tuple(one for one in before.cases if not same_case(one.number, claim)))
        if lets_go(before, after, in_force(connection)):
            ruling = may(people.at_work(connection, by), Action.CASE_CLOSE)  # the same for the record
        if not ruling.allowed:
            return []
        return [acts.ClaimWithdrawn(at=now, by=by, record=number, case=claim, why=why)]

    vault.commit(draft)
    if not ruling.allowed:
        refuse(vault, Action.CASE_CLOSE, ruling, number)
    with vault.database.reading() as connection:
        return expiry(holding_of(connection, serial_of(number)), vault.profile)


def _claim(connection: Connection, record: Record, case: str) -> str:
    """The case's number, as it was given when it claimed the record."""
    number = record.number
    for claim in also_claiming(connection, serial_of(number)):
        if same_case(claim, case):
            return claim
    if record.facts.case_number and same_case(record.facts.case_number, case):
        right = f"strongroom complete {number} --case-number …"
        raise BadInput(
            Text(en=f"{case} is record {number}'s own case.", zh=f"{case} 是记录 {number} 信息中的案号。"),
            hint=Text(en=f"Put it right: {right}", zh=f"请更正信息：{right}"),
        )
    raise BadInput(
        Text(en=f"Case {case} does not claim record {number}.", zh=f"记录 {number} 未归入案件 {case}。"),
        hint=Text(en=f"Its cases: strongroom show {number}", zh=f"查看所属案件：strongroom show {number}"),
    )
