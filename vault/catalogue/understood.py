"""Rows that have rotted: a broken catalogue, and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from vault.errors import CatalogueBroken
from vault.text import Text


@contextmanager
def understood(table: str, key: object) -> Iterator[None]:
    """Around the reading of a row: CatalogueBroken where its values are none that this program writes."""
    try:
        yield
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise CatalogueBroken(
            Text(en=f"Row {key} of {table} is damaged ({error}).", zh=f"{table} 表第 {key} 行已损坏（{error}）。")
        ) from error
