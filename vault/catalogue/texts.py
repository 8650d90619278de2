"""The texts of records, and finding records by them: on SQLite its full-text index, on PostgreSQL postgresql/grams.py.

What is found is the same: vault/catalogue/search.py says what a word is, tests/vault/test_search.py what it finds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, bindparam, literal_column, select, text

from vault.catalogue import schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.search import phrase

Looked = Sequence[tuple[str | None, str]]  # fact, or None for any of them, and words in it; all must be there


class Texts(Protocol):
    """What is searched of each record, by its serial."""

    def put(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Texts of new records: `rowid`, and by name what `searchable` and `spaced` give."""
        ...

    def change(self, connection: Connection, serial: int, texts: Mapping[str, str]) -> None:
        """Other texts in the place of some of a record's; empty ones where there are none any more."""
        ...

    def forget(self, connection: Connection, serials: Sequence[int]) -> None:
        """Some hundreds of records are found by no word any more."""
        ...

    def found(self, looked: Looked) -> tuple[Select[Any], ColumnElement[int]]:
        """The serials of records with such words, as a query and its column, which where and order go on with."""
        ...


def texts_of(connection: Connection) -> Texts:
    """Those of the database at the other end."""
    if connection.dialect.name == "sqlite":
        return _FTS5
    from vault.catalogue.postgresql.grams import GRAMS

    return GRAMS


class _Fts5:
    """A table of SQLite's that is its own index; it yields serials in order, and stops when a page is full."""

    def put(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        insert_rows(connection, schema.record_text, rows)

    def change(self, connection: Connection, serial: int, texts: Mapping[str, str]) -> None:
        assignments = ", ".join(f"{name} = :{name}" for name in texts)
        changed = text(f"UPDATE record_text SET {assignments} WHERE rowid = :rowid")
        connection.execute(changed, {**{name: said or None for name, said in texts.items()}, "rowid": serial})

    def forget(self, connection: Connection, serials: Sequence[int]) -> None:
        connection.execute(_FORGET, {"serials": serials})

    def found(self, looked: Looked) -> tuple[Select[Any], ColumnElement[int]]:
        match = " AND ".join(f"{fact} : {phrase(words)}" if fact else f"{phrase(words)}" for fact, words in looked)
        rowid: ColumnElement[int] = literal_column("record_text.rowid")
        found = text("record_text MATCH :match").bindparams(match=match)
        return select(rowid).select_from(text("record_text")).where(found), rowid


_FORGET = text("DELETE FROM record_text WHERE rowid IN :serials").bindparams(bindparam("serials", expanding=True))
_FTS5 = _Fts5()
