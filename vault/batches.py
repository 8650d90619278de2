"""Many things, some at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of up to `size` items (itertools.batched comes with Python 3.12)."""
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
