"""How acts change the catalogue: the one place where its rows are written, live and in a rebuild alike.

`project` takes acts in journal order inside one transaction. Because a rebuild calls the same function over the
same entries, the catalogue that a vault works with is the one its journal yields.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from vault import acts
from vault.catalogue import schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.projection import gone_out, places, said, vaultwide
from vault.catalogue.projection.change import Changes
from vault.catalogue.projection.filing import FileLister, store_records
from vault.catalogue.rows import serial_of, spell_time
from vault.profile import Profile

__all__ = ["FileLister", "project"]

_CHANGES: Changes = {
    **places.CHANGES,
    **said.CHANGES,
    **gone_out.CHANGES,
    **vaultwide.CHANGES,
}


def project(
    connection: Connection,
    profile: Profile,
    entries: Sequence[tuple[int, acts.AnyAct]],
    files_of: FileLister,
) -> None:
    """Apply acts, each with its place in the journal, to the catalogue. `files_of` gives a record's files, wherever
    their list is."""
    _index(connection, entries)
    stored: list[acts.RecordStored] = []
    for _, act in entries:
        if isinstance(act, acts.RecordStored):
            stored.append(act)  # many at once: see store_records
            continue
        if stored:
            store_records(connection, profile, stored, files_of)
            stored = []
        change = _CHANGES.get(type(act))
        if change is not None:
            change(connection, profile, act)
    if stored:
        store_records(connection, profile, stored, files_of)


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
