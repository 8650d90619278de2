"""Many rows at once, for the way in: where thousands of small files come, the catalogue is most of the work.

SQLAlchemy binds and checks every value of every row anew; here a statement is compiled once for a table, and rows go
to the driver as they are. For that, values must be what the driver takes: text, numbers, bytes or None.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Select, Table, bindparam, insert

Rows = Sequence[Mapping[str, Any]]


def insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows; a column that a row lacks becomes NULL. No rows at all is fine."""
    if not rows:
        return
    columns = tuple(sorted(set().union(*rows)))
    statement, order = _compiled(table, columns, connection.dialect)
    if order is None:  # the driver takes names
        connection.exec_driver_sql(statement, [{name: row.get(name) for name in columns} for row in rows])
    else:
        connection.exec_driver_sql(statement, [tuple([row.get(name) for name in order]) for row in rows])


@lru_cache(maxsize=64)
def _compiled(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    order = tuple(compiled.positiontup) if compiled.positiontup is not None else None
    return compiled.string, order


_AT_ONCE = 500  # values in one statement: every database takes so many


def select_in(
    connection: Connection, query: Select[Any], column: Column[Any], values: Sequence[Any]
) -> Iterator[Sequence[Any]]:
    """The rows of a query whose column has one of the values. The query is a constant: it is compiled once."""
    for start in range(0, len(values), _AT_ONCE):
        part = values[start : start + _AT_ONCE]
        statement = _compiled_in(query, column, len(part), connection.dialect)
        yield from connection.exec_driver_sql(statement, tuple(part))


@lru_cache(maxsize=16)
def _compiled_in(query: Select[Any], column: Column[Any], count: int, dialect: Dialect) -> str:
    places: list[Any] = [bindparam(f"value_{n}") for n in range(count)]
    return query.where(column.in_(places)).compile(dialect=dialect).string
