"""Comparing the catalogue in use with one replayed from the journal, row by row, inside the database.

Left out is what the journal does not know. Of that, SQLite's own check (`structure_faults`) guards the state of copies
and the intakes, which lie in a table and once more in an index; vault/cataloguecheck.py looks at the rest.
"""

import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DatabaseError

from vault.catalogue import schema
from vault.catalogue.beside import Beside, Difference

_TABLES: dict[str, tuple[str, ...]] = {
    str(table.name): tuple(str(column.name) for column in table.columns)  # SQLAlchemy's own kind of str is no JSON
    for table in (
        schema.meta,
        schema.adopted,
        schema.journal,
        schema.outbox,
        schema.tally,
        schema.object_,
        schema.record_file,
        schema.case_file,
        schema.also_claimed,
        schema.assigned,
        schema.corrected,
        schema.hold,
        schema.viewing,
        schema.disc_set,
        schema.disc,
        schema.disc_copy,
        schema.disc_record,
        schema.disc_event,
        schema.disc_file,
        schema.disc_spoiled,
        schema.disc_demand,
        schema.disposal,
        schema.disposal_signature,
        schema.carried_out,
        schema.appraised,
        schema.extension,
        schema.doomed,
        schema.doomed_copy,
        schema.destroyed_copies,
        schema.staying_object,
        schema.disc_task,
        schema.store_proven,
        schema.person,
        schema.once_called,
        schema.once_named,
        schema.refusal,
        schema.approval,
        schema.consent,
        schema.late_corrected,
        schema.late_explained,
        schema.activity,
        schema.interruption,
        schema.explanation,
        schema.taken_over,
        schema.growth,
        schema.volume,
        schema.finding,
        schema.record_text,
    )
} | {
    "store": tuple(str(column.name) for column in schema.store.columns if column.name not in ("journal_size", "locks")),
    "record": tuple(str(column.name) for column in schema.record.columns if column.name != "place_on"),
    "copy": ("store_id", "object_id"),
    "alembic_version": ("version_num",),
}

_NOT_PLANS = {"copy": "state NOT IN ('owed', 'removing')"}  # the others follow from the journal


def compare(pair: Beside) -> Iterator[Difference | int]:
    """Differences of the scratch catalogue and the one in use; after each table the number of rows compared."""
    for table, query in (_queries() | pair.structure).items():
        try:
            yield from _compare_table(pair, table, query)
        except (DatabaseError, UnicodeDecodeError) as error:
            yield Difference(table, "", in_use=True, fault=_said(error))
    try:
        yield from pair.compare_words()
    except (DatabaseError, sqlite3.DatabaseError, UnicodeDecodeError) as error:
        yield Difference("record_text", "", in_use=True, fault=_said(error))


def _queries() -> dict[str, str]:
    queries = {}
    for table, columns in _TABLES.items():
        listed = ", ".join(f'"{column}"' for column in columns)
        queries[table] = f'SELECT {listed} FROM {{place}}."{table}" WHERE {_NOT_PLANS.get(table, "true")}'
    return queries


def _said(error: DatabaseError | sqlite3.DatabaseError | UnicodeDecodeError) -> str:
    return str(error.orig if isinstance(error, DatabaseError) else error)


def _compare_table(pair: Beside, table: str, query: str) -> Iterator[Difference | int]:
    replayed, used = query.format(place=pair.replayed), query.format(place=pair.used)
    for first, second, in_use in ((replayed, used, False), (used, replayed, True)):
        for row in pair.rows(f"{first} EXCEPT {second} LIMIT 100"):
            yield Difference(table, ", ".join(str(value) for value in row)[:300], in_use)
    counted, counted_in_use = (
        int(pair.rows(f"SELECT count(*) FROM ({one}) AS counted")[0][0]) for one in (replayed, used)
    )
    doubled = counted_in_use - counted
    if doubled > 0:
        yield Difference(table, f"{doubled} rows more than the journal yields", in_use=True)
    yield counted
