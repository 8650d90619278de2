"""Records of another vault: each entry of its journal has here the effect that it had there."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from vault import acts
from vault.catalogue import schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.projection.change import Changes
from vault.catalogue.projection.vaultwide import pause_expiry
from vault.catalogue.rows import serial_of, spell_time
from vault.catalogue.succession import FIRST_SERIAL, FIRST_SET, PREDECESSOR
from vault.catalogue.upserts import upsert
from vault.profile import Profile


def as_it_was(act: acts.AnyAct) -> acts.AnyAct:
    """An act that was taken over unfolded: what happened, when, and by whom; but the objects where they are now."""
    if not isinstance(act, acts.EntryTakenOver):
        return act
    if isinstance(act.entry, acts.RecordStored):
        return msgspec.structs.replace(act.entry, stores=act.stores)
    return act.entry


def note_taken_over(connection: Connection, entries: Sequence[tuple[int, acts.AnyAct]]) -> None:
    """Where they stood before, and what they said."""
    taken = [(seq, act) for seq, act in entries if isinstance(act, acts.EntryTakenOver)]
    insert_rows(
        connection,
        schema.taken_over,
        (
            {
                "seq": seq,
                "record_id": serial_of(act.record),
                "was": act.seq,
                "act": act.entry.__struct_config__.tag,
                "at": spell_time(act.entry.at),
                "by": act.entry.by,
            }
            for seq, act in taken
        ),
    )


def _succeed(connection: Connection, profile: Profile, act: acts.VaultSucceeded) -> None:
    pause_expiry(connection, profile, act)
    said = upsert(schema.meta)
    connection.execute(
        said.on_conflict_do_update(index_elements=["key"], set_={"value": said.excluded.value}),
        [
            {"key": FIRST_SERIAL, "value": str(act.first)},
            {"key": FIRST_SET, "value": act.first_set},
            {"key": PREDECESSOR, "value": act.journal_key},
        ],
    )


CHANGES: Changes = {acts.VaultSucceeded: _succeed}
