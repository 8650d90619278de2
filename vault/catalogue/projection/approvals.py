"""Approvals: what was asked for, who agreed or did not, what was used."""

from sqlalchemy import Connection, func, insert, select, update

from vault import acts
from vault.actions import Action
from vault.catalogue import schema
from vault.catalogue.projection.change import Changes
from vault.catalogue.projection.signing import name_of, signed_as
from vault.catalogue.rows import spell_json, spell_time
from vault.profile import Profile

_ASKING = {
    Action.VIEWING_APPROVE.value: Action.VIEWING_REQUEST,
    Action.DISPOSAL_APPROVE.value: Action.DISPOSAL_APPRAISE,
}  # what is to be agreed to -> what asking for it is


def _ask(connection: Connection, profile: Profile, act: acts.ApprovalAsked) -> None:
    asking = signed_as(connection, act.by, _ASKING[act.action])
    connection.execute(
        insert(schema.approval),
        {
            "number": act.request,
            "action": act.action,
            "sha256": act.sha256,
            "asked_by": act.by,
            **{f"asked_{key}": value for key, value in asking.items()},
            "asked_at": spell_time(act.at),
            "until": spell_time(act.until),
            "needs": spell_json(act.needs),
            "why": act.why,
            "about": spell_json(act.about),
            "purpose": act.purpose,
        },
    )


def _give(connection: Connection, profile: Profile, act: acts.ApprovalGiven) -> None:
    approval_id = _id(connection, act.request)
    consent = schema.consent
    before = select(func.count()).select_from(consent).where(consent.c.approval_id == approval_id)
    row = {"approval_id": approval_id, "position": connection.execute(before).scalar_one()}
    given = {"by": act.by, "name": name_of(connection, act.by), "role": act.role.value, "at": spell_time(act.at)}
    connection.execute(insert(consent), row | given)


def _decline(connection: Connection, profile: Profile, act: acts.ApprovalDeclined) -> None:
    declined = update(schema.approval).where(schema.approval.c.id == _id(connection, act.request))
    connection.execute(declined.values(declined_by=act.by, declined_why=act.why))


def _use(connection: Connection, profile: Profile, act: acts.ApprovalUsed) -> None:
    used = update(schema.approval).where(schema.approval.c.id == _id(connection, act.request))
    connection.execute(used.values(used_at=spell_time(act.at)))


def _id(connection: Connection, number: str) -> int:
    found: int = connection.execute(select(schema.approval.c.id).where(schema.approval.c.number == number)).scalar_one()
    return found


CHANGES: Changes = {
    acts.ApprovalAsked: _ask,
    acts.ApprovalGiven: _give,
    acts.ApprovalDeclined: _decline,
    acts.ApprovalUsed: _use,
}
