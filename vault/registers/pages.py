"""Reading a table by time, a page at a time, each page going on in the index where the one before ended."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Select

PAGE = 200


def pages(
    connection: Connection, query: Select[Any], at: Column[Any], key: Column[Any], since: str = ""
) -> Iterator[Sequence[RowMapping]]:
    """The rows of a query from a moment on, in the order of (at, key), which an index has and the query selects."""
    page = query.where(at >= since)
    while True:
        rows = connection.execute(page.order_by(at, key).limit(PAGE)).mappings().all()
        yield rows
        if len(rows) < PAGE:
            return
        since, after = rows[-1][at], rows[-1][key]
        page = query.where(at >= since, (at > since) | (key > after))  # the first lets the index begin there
