"""A copy of a catalogue's schema beside it, before its tables are changed, so that the program before this one can go
on with it: whatever that program made is copied under the names that it gave, not what this one would make.
"""

from sqlalchemy import Connection

_TABLES = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s ORDER BY 1"
_DEFAULTS = """
    SELECT t.relname, a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d
    JOIN pg_catalog.pg_class AS t ON t.oid = d.adrelid
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE t.relnamespace = CAST(%s AS regnamespace)
"""
_CONSTRAINTS = """
    SELECT t.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_catalog.pg_constraint AS c
    JOIN pg_catalog.pg_class AS t ON t.oid = c.conrelid
    WHERE t.relnamespace = CAST(%s AS regnamespace) AND c.contype IN ('p', 'u', 'c', 'f')
    ORDER BY c.contype = 'f', c.conname
"""
_INDEXES = """
    SELECT replace(indexdef, ' ON ' || schemaname || '.', ' ON ') FROM pg_catalog.pg_indexes
    WHERE schemaname = %s AND indexname NOT IN (
        SELECT conname FROM pg_catalog.pg_constraint WHERE connamespace = CAST(schemaname AS regnamespace)
    )
"""


def fill_copy(connection: Connection, schema: str, kept: str) -> None:
    """Copy all tables of a schema, in which the connection is, into one that has none yet, and that it is in then."""
    tables = [name for (name,) in connection.exec_driver_sql(_TABLES, (schema,))]
    # Names within the schema that one is in are told without it: these statements mean the copy once one is there.
    afterwards = [f'ALTER TABLE "{t}" ALTER "{c}" SET DEFAULT {to}' for t, c, to in _of(connection, _DEFAULTS, schema)]
    afterwards += [f'ALTER TABLE "{t}" ADD CONSTRAINT "{n}" {s}' for t, n, s in _of(connection, _CONSTRAINTS, schema)]
    afterwards += [statement for (statement,) in _of(connection, _INDEXES, schema)]
    connection.exec_driver_sql(f"SET LOCAL search_path TO {kept}")
    for table in tables:
        connection.exec_driver_sql(f'CREATE TABLE "{table}" (LIKE {schema}."{table}")')
        connection.exec_driver_sql(f'INSERT INTO "{table}" SELECT * FROM {schema}."{table}"')
    for statement in afterwards:
        connection.exec_driver_sql(statement.replace("%", "%%"))


def _of(connection: Connection, query: str, schema: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(query, (schema,))]
