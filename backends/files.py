"""Named files at a place that is reached over a network: the few verbs that each kind of place offers.

Stores, sealing, retrying and throttling are written against these alone.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, Protocol


class Content(Protocol):
    """A whole file that is to be sent, as often as it takes."""

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> bytes: ...

    def open(self) -> AbstractContextManager[BinaryIO]:
        """From its beginning; one at a time."""
        ...


class Files(Protocol):
    """Named files at a place; paths are relative, with `/`. May be called from several threads.

    What goes wrong is an OSError: FileNotFoundError where the place answered that it has no such file, PermissionError,
    ENOSPC or EDQUOT where it says so, ConnectionError, TimeoutError or another one where it could not tell.
    """

    def size(self, path: str) -> int:
        """Bytes of a file."""
        ...

    def open(self, path: str, start: int) -> AbstractContextManager[BinaryIO]:
        """The bytes from `start` on; none where that is the end or past it."""
        ...

    def create(self, path: str, content: Content) -> bool:
        """A new file, whole and durable on return; False, and nothing changed, where there is one of that name."""
        ...

    def replace(self, path: str, data: bytes) -> None:
        """Put a file in the place of another, or of none: readers meet the old or the new, whole."""
        ...

    def move(self, path: str, to: str) -> bool:
        """Give a file another name, durably; False, and nothing changed, where that is taken."""
        ...

    def remove(self, path: str) -> None:
        """Durably. FileNotFoundError is fine, but not needed."""
        ...

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        """Every file below a folder ("" is the whole place) that comes after that path, with its size.

        Objects ascending, other files in any order. Nothing where there is no such folder. Never ends early without
        raising.
        """
        ...

    def close(self) -> None: ...


class Bytes:
    """A small content."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)
        self.sha256 = hashlib.sha256(data).digest()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.data)
