"""What placement needs to know of objects, read for some hundreds at a time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from vault.catalogue import schema
from vault.catalogue.bulk import select_in
from vault.catalogue.copies import states_of, store_ids
from vault.catalogue.rows import read_time
from vault.placement import Subject

DIGESTS = select(schema.object_.c.id, schema.object_.c.sha256, schema.object_.c.size)
_HOLDERS = select(
    schema.record_file.c.object_id,
    schema.record.c.id,
    schema.record.c.stored_at,
    schema.record.c.confidentiality,
    schema.record.c.case_number,
    schema.record.c.retention_class,
).join(schema.record, schema.record.c.id == schema.record_file.c.record_id)
_CLAIMS = select(schema.also_claimed.c.record_id, schema.also_claimed.c.case_number)


def holders_of(connection: Connection, objects: Sequence[int]) -> dict[int, list[Any]]:
    """Records that hold each object, each with its further cases."""
    rows = list(select_in(connection, _HOLDERS, schema.record_file.c.object_id, objects))
    claims: dict[int, list[str]] = {}
    for serial, case in select_in(connection, _CLAIMS, schema.also_claimed.c.record_id, list({row[1] for row in rows})):
        claims.setdefault(serial, []).append(case)
    holders: dict[int, list[Any]] = {}
    for row in rows:
        holders.setdefault(row[0], []).append((*row, claims.get(row[1], ())))
    return holders


def copies_of(connection: Connection, objects: Sequence[int]) -> dict[int, dict[str, str]]:
    """Each object's copies: store -> state."""
    names = {store_id: name for name, store_id in store_ids(connection).items()}
    copies: dict[int, dict[str, str]] = {}
    for store_id, state, object_id in states_of(connection, objects):
        copies.setdefault(object_id, {})[names[store_id]] = state
    return copies


def subject_of(row: Any, held: frozenset[str], digest: bytes) -> Subject:
    _, _, stored_at, confidentiality, case_number, retention_class, also = row
    return Subject(
        stored_at=read_time(stored_at),
        confidentiality=confidentiality or "",
        cases=(*filter(None, [case_number]), *also),
        retention_class=retention_class,
        key=digest,
        held=held,
    )
