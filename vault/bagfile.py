"""What a bag is made of: files of records, whole or in part, each with its place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from vault.digest import Digest
from vault.records import Record, RecordFile
from vault.text import Text

Words = Callable[[str, Sequence[str]], Text]
"""What a profile's identifiers under a fact of that name mean: vault.profile.known.in_words of a profile."""


def as_they_are(name: str, codes: Sequence[str]) -> Text:
    """The identifiers themselves."""
    return Text(en=", ".join(codes), zh="、".join(codes))


@dataclass(frozen=True, slots=True)
class BagInfo:
    """What bag-info.txt says (RFC 8493, 2.2.2). `zone`, `words`: the office's and its profile's, for the times and the
    identifiers in 清单.csv."""

    organization: str
    bagged_on: date
    identifier: str  # External-Identifier: a disc's number, a record's number
    zone: tzinfo
    description: str = ""
    group: str = ""  # Bag-Group-Identifier: the disc set, where the bag is one of several
    count: str = ""  # Bag-Count, such as "1 of 2"
    words: Words = as_they_are


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an object: `size` bytes from `start`, and what they hash to."""

    start: int
    size: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class BagFile:
    """One payload file: where it lies in the bag, and the object that it is, or is a part of."""

    path: str
    file: RecordFile
    part: Part | None = None

    @property
    def size(self) -> int:
        """Bytes that lie at the path."""
        return self.file.size if self.part is None else self.part.size

    @property
    def digest(self) -> Digest:
        """Of the bytes that lie at the path."""
        return self.file.digest if self.part is None else self.part.digest


@dataclass(frozen=True, slots=True)
class Placed:
    """A record, and those of its files that lie in the bag."""

    record: Record
    files: tuple[BagFile, ...]
