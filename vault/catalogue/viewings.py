"""What has left the vault under a request: each file that it names leaves once."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from vault.catalogue import queries, schema
from vault.catalogue.rows import read_list
from vault.records import Record

Served = frozenset[tuple[str, str]]  # a record's number, and the SHA-256 of a file of it


def files_of(records: Iterable[Record]) -> Served:
    """All that these records hold."""
    return frozenset((record.number, file.sha256) for record in records for file in record.files)


def served(connection: Connection, request: str) -> Served:
    """What was given out under a request."""
    viewing, record = schema.viewing, schema.record.c
    rows = connection.execute(
        select(record.number, viewing.c.files)
        .join(schema.record, record.id == viewing.c.record_id)
        .where(viewing.c.request == request)
        .order_by(viewing.c.id)
    ).all()
    some = {(row.number, sha256) for row in rows for sha256 in read_list(row.files)}
    whole = [row.number for row in rows if not read_list(row.files)]
    return files_of(queries.get_records(connection, whole)) | some
