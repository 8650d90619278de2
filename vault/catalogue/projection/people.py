"""People, and what somebody was refused."""

from sqlalchemy import Connection, delete, insert, select, update

from vault import acts
from vault.catalogue import schema
from vault.catalogue.named import keep_called
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import spell_json, spell_time
from vault.profile import Profile


def _set_person(connection: Connection, profile: Profile, act: acts.PersonEnrolled | acts.PersonChanged) -> None:
    mine = schema.person.c.login == act.login
    before = connection.execute(select(schema.person.c.name).where(mine)).scalar_one_or_none()
    if before not in (None, act.name):
        keep_called(connection, act.login, before, act.at)
    connection.execute(delete(schema.person).where(mine))
    row = {"login": act.login, "name": act.name, "roles": spell_json(sorted(act.roles)), "section": act.section}
    connection.execute(insert(schema.person), row)


def _let_person_go(connection: Connection, profile: Profile, act: acts.PersonLeft) -> None:
    gone = update(schema.person).where(schema.person.c.login == act.login)
    connection.execute(gone.values(left_at=spell_time(act.at)))


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
