"""Running numbers of what is entered one by one and never taken back: holds, explanations, approvals, activities."""

from sqlalchemy import Column, Connection, Integer, cast, func, select


def next_number(connection: Connection, column: Column[str], letter: str) -> str:
    """The number after the highest, such as H00042. Not after their count: of a vault that this one goes on for, some
    may be lost."""
    last: int = connection.execute(select(func.max(cast(func.substr(column, len(letter) + 1), Integer)))).scalar() or 0
    return f"{letter}{last + 1:05d}"
