"""Records of another vault: each entry of its journal has here the effect that it had there."""

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from vault import acts
from vault.catalogue import schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.projection.change import Changes
from vault.catalogue.projection.vaultwide import pause_expiry
from vault.catalogue.rows import serial_of
from vault.catalogue.succession import FIRST_SERIAL, PREDECESSOR
from vault.profile import Profile


def as_they_were(entries: Sequence[tuple[int, acts.AnyAct]]) -> Iterator[tuple[int, acts.AnyAct]]:
    """Acts with those that were taken over unfolded: what happened, when, and by whom; objects where they are now."""
    for seq, act in entries:
        if not isinstance(act, acts.EntryTakenOver):
            yield seq, act
        elif isinstance(act.entry, acts.RecordStored):
            yield seq, msgspec.structs.replace(act.entry, stores=act.stores)
        else:
            yield seq, act.entry


def note_taken_over(connection: Connection, entries: Sequence[tuple[int, acts.AnyAct]]) -> None:
    """Where they stood before."""
    taken = [(seq, act) for seq, act in entries if isinstance(act, acts.EntryTakenOver)]
    rows = ({"seq": seq, "record_id": serial_of(act.record), "was": act.seq} for seq, act in taken)
    insert_rows(connection, schema.taken_over, rows)


def _succeed(connection: Connection, profile: Profile, act: acts.VaultSucceeded) -> None:
    pause_expiry(connection, profile, act)
    said = insert(schema.meta)
    connection.execute(
        said.on_conflict_do_update(index_elements=["key"], set_={"value": said.excluded.value}),
        [{"key": FIRST_SERIAL, "value": str(act.first)}, {"key": PREDECESSOR, "value": act.journal_key}],
    )


CHANGES: Changes = {acts.VaultSucceeded: _succeed}
