"""A profile comes into force: every record is decided anew, and keeps at least the end it had."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from vault.catalogue import announced, demands, locks, schema, tally
from vault.catalogue.holdings import all_holdings, expiry_columns
from vault.catalogue.inforce import in_force_if_any, put_in_force
from vault.catalogue.rows import spell_json
from vault.profile import Profile
from vault.retention import floor

_RECKONED = update(schema.record).where(schema.record.c.id == bindparam("serial"))


def adopt(connection: Connection, profile: Profile, at: datetime) -> None:
    """The first profile, or one that takes another's place."""
    before = in_force_if_any(connection)
    put_in_force(connection, profile)
    if before is None:
        return
    for page in all_holdings(connection):
        floors = {serial: floor(holding, before) for serial, holding in page.items()}
        reckoned = {
            serial: expiry_columns(replace(holding, floor=floors[serial]), profile) for serial, holding in page.items()
        }
        tally.move(connection, reckoned)
        rows = [
            {"serial": serial, "floor": spell_json(kept) if (kept := floors[serial]) is not None else None, **columns}
            for serial, columns in reckoned.items()
        ]
        connection.execute(_RECKONED, rows)
        said = ((serial, holding.circumstances, at) for serial, holding in page.items())
        demands.raise_for(connection, profile, said)
    locks.look_again_at_all(connection)
    announced.reckon_again(connection, profile)
