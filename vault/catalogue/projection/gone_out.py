"""What left the vault; who saw it and who had agreed, as what they were then."""

from sqlalchemy import Connection, insert, select

from vault import acts
from vault.actions import SEEING
from vault.catalogue import schema
from vault.catalogue.projection.change import Changes
from vault.catalogue.projection.signing import name_of, signed_as
from vault.catalogue.rows import serial_of, spell_json, spell_time
from vault.profile import Profile


def _register_viewing(connection: Connection, profile: Profile, act: acts.RecordViewed) -> None:
    connection.execute(
        insert(schema.viewing),
        {
            "record_id": serial_of(act.record),
            "at": spell_time(act.at),
            "by": act.by,
            **signed_as(connection, act.by, SEEING[act.how]),
            "how": act.how,
            "approved_by": spell_json(_agreed(connection, act)),
            "why": act.why,
            "request": act.request,
            "files": spell_json(act.files),
        },
    )


def _agreed(connection: Connection, act: acts.RecordViewed) -> list[dict[str, str]]:
    """Those who agreed: with a role where they did so under the request."""
    consents = _consents(connection, act.request) if act.request else {}
    return [consents.get(by) or {"by": by, "name": name_of(connection, by), "title": ""} for by in act.approved_by]


def _consents(connection: Connection, request: str) -> dict[str, dict[str, str]]:
    """By whom they are."""
    asked, consent = schema.approval.c, schema.consent.c
    given = (
        select(consent.by, consent.name, consent.role.label("title"))
        .join(schema.approval, asked.id == consent.approval_id)
        .where(asked.number == request)
    )
    return {row["by"]: dict(row) for row in connection.execute(given).mappings()}


CHANGES: Changes = {
    acts.RecordViewed: _register_viewing,
}
