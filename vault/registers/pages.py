"""Reading a table by time, a page at a time, each page going on in the index where the one before ended."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, RowMapping, Select

from vault.errors import CatalogueBroken
from vault.text import Text

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


@contextmanager
def understood(table: str, key: object) -> Iterator[None]:
    """Around the reading of a row: CatalogueBroken where its values are none that this program writes."""
    try:
        yield
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise CatalogueBroken(
            Text(en=f"Row {key} of {table} is damaged ({error}).", zh=f"{table} 表第 {key} 行已损坏（{error}）。")
        ) from error
