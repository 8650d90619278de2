"""How acts change the catalogue: the one place where its rows are written, live and in a rebuild alike.

`project` takes acts in journal order inside one transaction. Because a rebuild calls the same function over the
same entries, the catalogue that a vault works with is the one its journal yields.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from vault import acts
from vault.catalogue import schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.inforce import in_force
from vault.catalogue.projection import (
    approvals,
    discs,
    disposal,
    gone_out,
    imagefiles,
    people,
    places,
    recordings,
    safekeeping,
    said,
    succession,
    vaultwide,
)
from vault.catalogue.projection.adopting import adopt
from vault.catalogue.projection.change import Changes
from vault.catalogue.projection.filing import FileLister, store_records
from vault.catalogue.rows import serial_of, spell_time
from vault.profile import Profile

__all__ = ["FileLister", "project"]

_CHANGES: Changes = {
    **approvals.CHANGES,
    **people.CHANGES,
    **places.CHANGES,
    **said.CHANGES,
    **recordings.CHANGES,
    **discs.CHANGES,
    **imagefiles.CHANGES,
    **disposal.CHANGES,
    **gone_out.CHANGES,
    **safekeeping.CHANGES,
    **vaultwide.CHANGES,
    **succession.CHANGES,
}


def project(
    connection: Connection,
    entries: Sequence[tuple[int, acts.AnyAct]],
    files_of: FileLister,
) -> None:
    """Apply acts, each with its place in the journal, to the catalogue. `files_of` gives a record's files, wherever
    their list is. What decides is the profile that the journal has adopted."""
    _index(connection, entries)
    stored: list[acts.RecordStored] = []
    profile: Profile | None = None  # asked for once: it stays until an act adopts another
    for _, entered in entries:
        act = succession.as_it_was(entered)
        if isinstance(act, acts.RecordStored):
            stored.append(act)  # many at once: see store_records
            continue
        if stored:
            profile = profile or in_force(connection)
            store_records(connection, profile, stored, files_of)
            stored = []
        if isinstance(act, acts.VaultCreated | acts.ProfileAdopted):
            adopt(connection, act.profile, act.at)
            profile = None
        elif change := _CHANGES.get(type(act)):
            profile = profile or in_force(connection)
            change(connection, profile, act)
    if stored:
        store_records(connection, profile or in_force(connection), stored, files_of)
    said.note_corrections(connection, entries)
    succession.note_taken_over(connection, entries)


def _index(connection: Connection, entries: Sequence[tuple[int, acts.AnyAct]]) -> None:
    rows = []
    for seq, act in entries:
        number = getattr(act, "record", None)
        rows.append(
            {
                "seq": seq,
                "act": act.__struct_config__.tag,
                "at": spell_time(act.at),
                "by": act.by,
                "record_id": serial_of(number) if number else None,
            }
        )
    insert_rows(connection, schema.journal, rows)
