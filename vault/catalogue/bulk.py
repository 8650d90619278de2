"""Many rows at once, for the way in: where thousands of small files come, the catalogue is most of the work.

SQLAlchemy binds and checks every value of every row anew; here a statement is compiled once for a table, and rows go
to the driver as they are. For that, values must be what the driver takes: text, numbers, bytes or None.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Select, Table, bindparam, insert


def insert_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows; a column that a row lacks becomes NULL. No rows at all is fine.

    Many rows go into one statement, which costs much less than as many statements.
    """
    coming = iter(rows)
    at_once = _AT_ONCE // len(table.columns)
    while part := list(islice(coming, at_once)):
        used = set().union(*part)
        columns = [column.name for column in table.columns if column.name in used]  # the order of SQLAlchemy's INSERT
        head, values = _compiled(table, tuple(columns), connection.dialect)
        statement = head + ", ".join([values] * len(part))
        connection.exec_driver_sql(statement, tuple([row.get(name) for row in part for name in columns]))


@lru_cache(maxsize=64)
def _compiled(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, str]:
    """INSERT INTO … VALUES, and one row's (?, ?, …)."""
    head, found, values = insert(table).compile(dialect=dialect, column_keys=columns).string.partition(" VALUES ")
    return head + found, values


_AT_ONCE = 2_000  # values in one statement: SQLite takes 32,766, PostgreSQL 65,535


def select_in(connection: Connection, query: Select[Any], column: Column[Any], values: Sequence[Any]) -> Iterator[Any]:
    """The rows of a query whose column has one of the values. The query is a constant: it is compiled once."""
    if not values:
        return
    head, value = _compiled_in(query, column, connection.dialect)
    for start in range(0, len(values), _AT_ONCE):
        part = values[start : start + _AT_ONCE]
        yield from connection.exec_driver_sql(f"{head}{', '.join([value] * len(part))})", tuple(part))


@lru_cache(maxsize=64)
def _compiled_in(query: Select[Any], column: Column[Any], dialect: Dialect) -> tuple[str, str]:
    """The query up to the list of values, which ends it, and one value in it: ?, or %s with its type."""
    asked = query.where(column.in_([bindparam("value")])).compile(dialect=dialect)
    head, _, value = asked.string.rpartition("(")
    if asked.positiontup != ["value"] or not value.endswith(")"):
        raise ValueError("the list of values must end the query")
    return f"{head}(", value.removesuffix(")")
