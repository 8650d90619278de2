"""The door through which every step of a disposal goes: who takes it has the role for it, and it is its turn.

Order and time are judged inside the transaction that enters the step; what is refused is in the journal first.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from vault import acts
from vault.actions import Action
from vault.authority import Bar, Reason, Ruling, refuse, require
from vault.batches import batched
from vault.catalogue import disposals, people, schema
from vault.catalogue.named import ever_named, names_of, namesakes_since
from vault.catalogue.queries import PAGE
from vault.catalogue.rows import read_time, serial_of
from vault.disposal import rules
from vault.disposal.rules import ACTIONS, Disposal, Step
from vault.people import Person
from vault.spellings import spelled
from vault.store import Vault
from vault.text import Text

Entries = Callable[[Connection, Disposal], Sequence[acts.AnyAct]]
Against = Callable[[Connection, Disposal], Iterable[Reason]]


def take(
    vault: Vault, number: str, step: Step, now: datetime, entries: Entries, against: Against = lambda _, __: ()
) -> Sequence[acts.AnyAct]:
    """Enter a step of a disposal. Refused, and journalled, where whoever is at work may not take it now; `against`:
    what else stands in the way."""
    require(vault, ACTIONS[step], about=number)
    ruling = Ruling()

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        nonlocal ruling
        disposal = disposals.get(connection, number)
        ruling = ruled(connection, vault, disposal, step, now)
        if ruling.allowed:
            ruling = Ruling(tuple(against(connection, disposal)))
        return entries(connection, disposal) if ruling.allowed else []

    entered = vault.commit(draft)
    if not ruling.allowed:
        refuse(vault, ACTIONS[step], ruling, number)
    return entered


def look(vault: Vault, number: str, step: Step, now: datetime) -> Disposal:
    """A disposal of which whoever is at work may take that step now. Refused, and journalled, where not."""
    require(vault, ACTIONS[step], about=number)
    with vault.database.reading() as connection:
        disposal = disposals.get(connection, number)
        ruling = ruled(connection, vault, disposal, step, now)
    if not ruling.allowed:
        refuse(vault, ACTIONS[step], ruling, number)
    return disposal


def ruled(connection: Connection, vault: Vault, disposal: Disposal, step: Step, now: datetime) -> Ruling:
    """Whether whoever is at work may take that step, as far as order, time and their other parts in it go."""
    by, row = vault.setting.person, schema.disposal.c
    opened = connection.execute(select(row.opened_at).where(row.number == disposal.number)).scalar_one()
    namesakes = namesakes_since(connection, by, read_time(opened))
    return rules.ruling(disposal, step, by, now, vault.profile.zone, namesakes=namesakes)


def own_doings(connection: Connection, vault: Vault, disposal: Disposal, action: Action) -> Iterable[Reason]:
    """A reason where a record of the list names, or ever named, whoever is at work as an officer or its recorder."""
    person = people.at_work(connection, vault.setting.person)
    if person is None:
        return
    mine = names_of(connection, person)
    for lines in batched(disposals.lines(connection, disposal.number), PAGE):
        ending = {serial_of(line.record): line.record for line in lines}
        for serial, names in ever_named(connection, list(ending)).items():
            if names & mine:
                yield rules.own_doings(disposal, ending[serial], _as_named(person, names & mine), action)
                return


def _as_named(person: Person, names: Collection[str]) -> Text:
    """What somebody is called; with the name that the record has for them, where they have another one now."""
    if spelled([person.name]) & set(names):
        return Text(en=person.called, zh=person.called)
    then = "、".join(sorted(names))
    return Text(en=f"{person.called} (named there as {then})", zh=f"{person.called}（其中记为{then}）")


def in_anothers_name(vault: Vault) -> Iterable[Reason]:
    """A reason where somebody acts in another's name: a signature is one's own."""
    if vault.setting.via:
        yield Reason(
            Bar.IN_PERSON,
            Text(
                en=f"{vault.setting.via} acts in the name of {vault.setting.person}; this has to be signed in person.",
                zh=f"{vault.setting.via} 正以 {vault.setting.person} 的名义操作；此项须由本人办理。",
            ),
            Text(en="They log in themselves.", zh="请由本人登录后办理。"),
        )
