"""What PostgreSQL has to be told differently from SQLite: SQLAlchemy's dialect for psycopg, with the catalogue's ways.

Integer           64 bits wide, as SQLite's are
String, Text      sort by their bytes, whatever the database's language: COLLATE "C"
BLOB              BYTEA
an id by itself   one more than the highest, as in SQLite and in every rebuild; a sequence would skip what failed
sqlite_where      an index is of the same rows here
sum               of whole numbers is a whole number
max               of yes and no is yes or no
    ON CONFLICT       of vault/catalogue/upserts.py: SQLAlchemy's for SQLite, whose columns are named
"""

from typing import Any

from sqlalchemy import Boolean, Column, Integer
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg

NAME = "postgresql+strongroom"

# Made before the tables, in their schema.
NEXT_ID = """
    CREATE FUNCTION next_id(of_table text) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE found bigint;
    BEGIN
        EXECUTE format('SELECT coalesce(max(id), 0) + 1 FROM %I', of_table) INTO found;
        RETURN found;
    END $$
"""


class _Types(PGTypeCompiler):
    def visit_INTEGER(self, type_: Any, **kw: Any) -> str:
        return "BIGINT"

    def visit_BLOB(self, type_: Any, **kw: Any) -> str:
        return "BYTEA"

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:
        return self.visit_TEXT(type_, **kw)

    def visit_TEXT(self, type_: Any, **kw: Any) -> str:
        return 'TEXT COLLATE "C"' if isinstance(kw.get("type_expression"), Column) else "TEXT"


class _Tables(PGDDLCompiler):
    def get_column_specification(self, column: Any, **kw: Any) -> str:
        spelled: str = super().get_column_specification(column, **kw)  # type: ignore[no-untyped-call]
        return spelled.replace(" SERIAL", f" BIGINT DEFAULT next_id('{column.table.name}')")

    def visit_create_index(self, create: Any, *how: Any, **kw: Any) -> Any:
        options = create.element.dialect_options
        options["postgresql"]["where"] = options["sqlite"]["where"]
        return super().visit_create_index(create, *how, **kw)  # type: ignore[no-untyped-call]


class _Statements(PGCompiler_psycopg):
    def visit_sum_func(self, fn: Any, **kw: Any) -> str:
        summed = f"sum{self.function_argspec(fn, **kw)}"
        return f"CAST({summed} AS BIGINT)" if isinstance(fn.type, Integer) else summed

    def visit_max_func(self, fn: Any, **kw: Any) -> str:
        (of,) = fn.clauses
        return f"{'bool_or' if isinstance(of.type, Boolean) else 'max'}{self.function_argspec(fn, **kw)}"

    def visit_on_conflict_do_nothing(self, on_conflict: Any, **kw: Any) -> Any:
        on_conflict.constraint_target = None  # SQLite's class knows none; PostgreSQL's compiler asks for it
        return super().visit_on_conflict_do_nothing(on_conflict, **kw)  # type: ignore[no-untyped-call]

    def visit_on_conflict_do_update(self, on_conflict: Any, **kw: Any) -> Any:
        on_conflict.constraint_target = None
        return super().visit_on_conflict_do_update(on_conflict, **kw)  # type: ignore[no-untyped-call]


class CatalogueDialect(PGDialect_psycopg):
    """Registered as NAME."""

    supports_statement_cache = True
    statement_compiler = _Statements
    ddl_compiler = _Tables
    type_compiler_cls = _Types
    # Values go without a cast, so that PostgreSQL's functions which take fewer bits take them, too.
    colspecs = PGDialect_psycopg.colspecs | {Integer: Integer}


registry.register(NAME.replace("+", "."), __name__, CatalogueDialect.__name__)
