"""What not everybody may put right who may put facts right: what decides about the record, or about themselves."""

from collections.abc import Iterator

from vault.actions import Action
from vault.facts import Facts
from vault.people import Person
from vault.records import Record
from vault.rights import Bar, Reason, Ruling, entitled, may
from vault.text import Text


def barred(person: Person | None, record: Record, after: Facts) -> tuple[Action, Ruling]:
    """Whether whoever is at work may put a record's facts right so, and by which right. None: nobody is enrolled."""
    before = record.facts
    if person is not None and any(person.name in gone for gone in _names_gone(before, after)):
        return Action.FACTS_CORRECT, Ruling((_own_name(person, record.number),))
    if before.case_number and after.case_number != before.case_number:
        return Action.CASE_CLOSE, may(person, Action.CASE_CLOSE)  # out of its case: the same for the record
    return Action.FACTS_CORRECT, Ruling()


def _names_gone(before: Facts, after: Facts) -> Iterator[frozenset[str]]:
    yield frozenset(before.officers) - frozenset(after.officers)
    yield frozenset({before.recorder} - {after.recorder, ""})


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
