"""What not everybody may put right who may put facts right: what decides about the record, or about themselves."""

from collections.abc import Iterator

from sqlalchemy import Connection

from vault.actions import Action
from vault.casenumbers import same_case
from vault.catalogue.holdings import holding_of
from vault.catalogue.inforce import in_force
from vault.catalogue.named import names_of
from vault.catalogue.rows import serial_of
from vault.facts import Facts
from vault.people import Person
from vault.records import Record, Standing
from vault.retention import unsettled
from vault.rights import Bar, Reason, Ruling, entitled, may
from vault.spellings import spelled
from vault.text import Text


def barred(connection: Connection, person: Person | None, record: Record, after: Facts) -> tuple[Action, Ruling]:
    """Whether whoever is at work may put a record's facts right so; if not, by which right. None: nobody is
    enrolled."""
    asked = _asked(connection, person, record, after)
    return next((one for one in asked if not one[1].allowed), (Action.FACTS_CORRECT, Ruling()))


def _asked(
    connection: Connection, person: Person | None, record: Record, after: Facts
) -> Iterator[tuple[Action, Ruling]]:
    before = record.facts
    if person is not None and names_of(connection, person) & _names_gone(before, after):
        yield Action.FACTS_CORRECT, Ruling((_own_name(person, record.number),))
    if before.case_number and not same_case(before.case_number, after.case_number):
        yield Action.CASE_CLOSE, may(person, Action.CASE_CLOSE)  # out of its case: the same for the record
    if after.kind and after.kind != before.kind:
        yield Action.CLASS_RAISE, settling(connection, person, record.number, record.standing)


def _names_gone(before: Facts, after: Facts) -> frozenset[str]:
    officers = spelled(before.officers) - spelled(after.officers)
    return officers | (spelled([before.recorder]) - spelled([after.recorder]))


def settling(connection: Connection, person: Person | None, number: str, standing: Standing) -> Ruling:
    """Whether whoever is at work may give a record a kind: where it says how long the record is kept, and nothing else
    has, they need the right to say that. In quarantine it is completed yet."""
    if standing is Standing.QUARANTINED:
        return Ruling()
    if not unsettled(holding_of(connection, serial_of(number)), in_force(connection)):
        return Ruling()
    ruling = may(person, Action.CLASS_RAISE)
    return ruling if ruling.allowed else Ruling((_not_theirs(person, number, ruling.reasons[0].bar),))


def _own_name(person: Person, number: str) -> Reason:
    who = entitled(Action.FACTS_CORRECT)
    return Reason(
        Bar.CONCERNED,
        Text(
            en=f"Record {number} names {person.called}: nobody takes their own name off a record.",
            zh=f"记录 {number} 载有 {person.called} 本人，任何人不得自行删去本人姓名。",
        ),
        Text(
            en=f"Where it is wrong, somebody else puts it right ({who.en}): strongroom person list",
            zh=f"确有错误的，请由他人更正（{who.zh}）：strongroom person list",
        ),
    )


def _not_theirs(person: Person | None, number: str, bar: Bar) -> Reason:
    who, called = entitled(Action.CLASS_RAISE), person.called if person is not None else ""
    return Reason(
        bar,
        Text(
            en=f"How long record {number} is kept is still to be settled, and {called} may not settle it by its kind.",
            zh=f"记录 {number} 的保存期限尚待确定，填写类别即确定其期限，{called} 无权办理。",
        ),
        Text(en=f"Who may: {who.en} (strongroom person list)", zh=f"可由{who.zh}办理（strongroom person list）"),
    )
