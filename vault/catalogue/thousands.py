"""Records by the thousand of their numbers, so that a vault of a million can be walked without being loaded.

A thousand is what the numbers in it begin with, all but their last three digits: 2026-0000 for 2026-0000042.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from vault.catalogue import schema

LAST = 3  # digits that count within a thousand

_number = schema.record.c.number


def thousands(connection: Connection) -> Sequence[str]:
    """Those in which there are records, ascending; from the index of numbers alone."""
    start = func.substr(_number, 1, func.length(_number) - LAST)
    return sorted(connection.execute(select(start).distinct()).scalars())


def numbers_in(connection: Connection, thousand: str) -> Sequence[str]:
    """The numbers of a thousand's records, ascending; none where there is no such thousand."""
    whole = len(thousand) + LAST
    within = _number.between(thousand + "0" * LAST, thousand + "9" * LAST) & (func.length(_number) == whole)
    return connection.execute(select(_number).where(within).order_by(_number)).scalars().all()
