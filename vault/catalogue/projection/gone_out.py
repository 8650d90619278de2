"""What left the vault."""

from sqlalchemy import Connection, insert

from vault import acts
from vault.catalogue import schema
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import serial_of, spell_json, spell_time
from vault.profile import Profile


def _register_viewing(connection: Connection, profile: Profile, act: acts.RecordViewed) -> None:
    connection.execute(
        insert(schema.viewing),
        {
            "record_id": serial_of(act.record),
            "at": spell_time(act.at),
            "by": act.by,
            "how": act.how,
            "approved_by": spell_json(act.approved_by),
            "why": act.why,
        },
    )


CHANGES: Changes = {
    acts.RecordViewed: _register_viewing,
}
