"""Running numbers of what is entered one by one and never taken back. Each sort has a letter of its own: a number alone
says what it is of."""

from enum import StrEnum, unique

from sqlalchemy import Column, Connection, Integer, cast, func, select


@unique
class Letter(StrEnum):
    """What a number begins with."""

    APPROVAL = "A"
    EXPLANATION = "E"
    HOLD = "H"
    ACTIVITY = "T"  # announced: its recordings are to come


def next_number(connection: Connection, column: Column[str], letter: Letter) -> str:
    """The number after the highest, such as H00042. Not after their count: of a vault that this one goes on for, some
    may be lost."""
    last: int = connection.execute(select(func.max(cast(func.substr(column, len(letter) + 1), Integer)))).scalar() or 0
    return f"{letter}{last + 1:05d}"
