"""Running numbers of what is entered one by one and never taken back: holds, explanations, approvals, activities."""

from sqlalchemy import Connection, Table, func, literal_column, select


def next_number(connection: Connection, table: Table, letter: str) -> str:
    """The number after the last row's, such as H00042: by the key of the table, so that nobody counts its rows."""
    last: int = connection.execute(select(func.max(literal_column("rowid"))).select_from(table)).scalar() or 0
    return f"{letter}{last + 1:05d}"
