"""Two catalogues in one connection: a scratch one, replayed from the journal, and the one in use.

Nothing of the one in use changes meanwhile: it is seen as it was when the two were put together. How that is had, and
what of a comparison only a database itself can do, each kind of database says in a subclass of its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only one of the two catalogues has; `fault` instead where a table cannot be read at all."""

    table: str
    row: str
    in_use: bool  # the row is in the catalogue in use, and does not follow from the journal
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Beside(ABC):
    """`replayed` and `used` are the SQL names of the two, before the dot of a table."""

    connection: Connection
    replayed: str
    used: str

    structure: ClassVar[dict[str, str]]  # what it is made of: table -> query, with {place}
    misdated: ClassVar[str]  # query: copies verified when they cannot be, by store; with {used}, {replayed} and :latest

    def rows(self, query: str, **values: Any) -> Sequence[Any]:
        """What a question that names `used` or `replayed` comes to."""
        with self.attempt():
            return self.connection.execute(text(query), values).all()

    @abstractmethod
    def attempt(self) -> AbstractContextManager[object]:
        """Within it a question may fail, and others can be asked afterwards."""

    @abstractmethod
    def compare_words(self) -> Iterator[Difference | int]:
        """What leads from words to records, against the texts; how many words were looked at."""
