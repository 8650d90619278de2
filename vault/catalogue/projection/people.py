"""People, and what somebody was refused."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from vault import acts
from vault.actions import Action
from vault.catalogue import schema
from vault.catalogue.named import keep_called
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import spell_json, spell_time
from vault.people import Person
from vault.profile import Profile
from vault.rights import may


def _set_person(connection: Connection, profile: Profile, act: acts.PersonEnrolled | acts.PersonChanged) -> None:
    mine = schema.person.c.login == act.login
    before = connection.execute(select(schema.person).where(mine)).first()
    former = before.name if before is not None else act.name
    if former != act.name:
        keep_called(connection, act.login, former, act.at)
    connection.execute(delete(schema.person).where(mine))
    row = {"login": act.login, "name": act.name, "roles": spell_json(sorted(act.roles)), "section": act.section}
    stays = before is not None and (before.name, before.roles, before.left_at) == (act.name, row["roles"], None)
    row["since"] = before.since if before is not None and stays else spell_time(act.at)
    connection.execute(insert(schema.person), row)
    person = Person(act.login, act.name, frozenset(act.roles), act.section)
    if former != act.name or not may(person, Action.DISPOSAL_SUPERVISE).allowed:
        _void_signatures(connection, act.login, act.at)


def _let_person_go(connection: Connection, profile: Profile, act: acts.PersonLeft) -> None:
    gone = update(schema.person).where(schema.person.c.login == act.login)
    connection.execute(gone.values(left_at=spell_time(act.at)))
    _void_signatures(connection, act.login, act.at)


def _void_signatures(connection: Connection, login: str, at: datetime) -> None:
    """Whoever is no supervisor of destruction any more, or goes by another name, has signed no list that is open: the
    role may be given back, and the login to somebody else, and neither is the hand that signed."""
    signature, disposal = schema.disposal_signature.c, schema.disposal.c
    open_ = select(disposal.number).where(disposal.ended_at.is_(None))
    theirs = (signature.by == login) & signature.lost_at.is_(None) & signature.disposal.in_(open_)
    connection.execute(update(schema.disposal_signature).where(theirs).values(lost_at=spell_time(at)))


def _note_refusal(connection: Connection, profile: Profile, act: acts.ActionRefused) -> None:
    connection.execute(
        insert(schema.refusal),
        {
            "at": spell_time(act.at),
            "by": act.by,
            "via": act.via,
            "action": act.action,
            "about": act.about,
            "why": spell_json(act.why),
        },
    )


CHANGES: Changes = {
    acts.PersonEnrolled: _set_person,
    acts.PersonChanged: _set_person,
    acts.PersonLeft: _let_person_go,
    acts.ActionRefused: _note_refusal,
}
