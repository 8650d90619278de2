"""What the vault asks of a store. The contract is here; tests/contract.py holds every store to it.

A store is dumb: it keeps bytes under the address it is told and gives them back. Hashing, healing, choosing and
remembering are the vault's. Three answers are kept apart everywhere: BlobMissing (the store answered: it does not
have it), BlobCorrupt (never raised by a store: it cannot know; the vault finds it by hashing), StoreUnavailable
(the store could not answer). What only some stores can do is a role of its own below, never a flag.

Paths and digests that come in here are already valid. All methods may be called from several threads.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import BinaryIO, Protocol, runtime_checkable

from vault.digest import Block, Digest
from vault.permits import DeletionPermit


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """One copy as the store sees it; `size` in bytes."""

    digest: Digest
    size: int


class Lender(Protocol):
    """Whoever can be asked for an object by its name: a store, a disc, or a shelf that says which disc is wanted."""

    @property
    def name(self) -> str:
        """The name the configuration, or a disc's label, gives it; stands in entries, metrics and messages."""
        ...

    def open(self, digest: Digest, start: int = 0) -> AbstractContextManager[BinaryIO]:
        """The bytes from `start` to the end, as a stream. Not verified: the caller hashes. Errors as `stat`."""
        ...


class BlobReader(Lender, Protocol):
    """Where objects can be read: a store, or a disc."""

    def stat(self, digest: Digest) -> BlobInfo:
        """Whether the object is here and how large. BlobMissing: certainly absent. StoreUnavailable: cannot tell."""
        ...

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        """Every object in ascending order, from just after `after`. Never ends early without raising."""
        ...


class Incoming(Protocol):
    """Bytes on their way into one store. No reader sees them until `BlobStore.put`; lost if the process dies."""

    def write(self, block: Block) -> None:
        """Append the whole block. StoreFull, StoreReadOnly or StoreUnavailable: the arrival is then worthless."""
        ...

    def finish(self) -> None:
        """All bytes are written. Raises as `write`; afterwards only `put` or `abandon` may follow."""
        ...

    def abandon(self) -> None:
        """Forget it. Never raises, may be repeated, harmless after `put`."""
        ...


class Landed(Enum):
    """How an arrival became an object."""

    NEW = auto()
    ALREADY_HERE = auto()  # the copy here was read and hashes to its address
    REPLACED_DAMAGED = auto()  # the copy here did not: it was set aside and this one took its place


class BlobStore(BlobReader, Protocol):
    """Where objects can be kept."""

    def begin(self, size: int) -> Incoming:
        """Open an arrival of about `size` bytes. StoreFull before a byte is written if it certainly cannot fit."""
        ...

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        """Make arrivals objects: durable and visible on return, in the order given.

        The caller has hashed what it wrote. Each object is all or nothing; a crash part-way leaves some of them
        whole objects and the rest invisible. Repeating it is harmless. An existing copy is never overwritten: it is
        read, and kept if good, set aside if not. When this raises, nothing may be reported as stored; arrivals that
        are not yet objects can be abandoned.
        """
        ...

    def set_aside(self, digest: Digest) -> str:
        """Move a damaged copy out of the objects, bytes untouched, for a person to look at; returns where it went.

        BlobMissing if there is none.
        """
        ...

    def delete(self, digest: Digest, permit: DeletionPermit) -> None:
        """Remove the copy, durably. Deleting what is absent is harmless. The permit must be for this digest."""
        ...


@runtime_checkable
class Shelf(Protocol):
    """A store that carries the journal: small named files beside the objects. Paths are relative, with `/`."""

    def read_file(self, path: str) -> bytes:
        """The whole file (at most 32 MiB). BlobMissing or StoreUnavailable as for objects."""
        ...

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Create all, durable on return. One that exists with the same bytes is fine; with others: JournalBroken.

        The marker (vault/layout.py) among them begins a store: Refused where something else lies there.
        """
        ...

    def replace_file(self, path: str, data: bytes) -> None:
        """Atomically put `data` in the file's place, durable on return."""
        ...

    def remove_files(self, paths: Sequence[str]) -> None:
        """Remove superseded files; absent ones are fine. Needs not be durable: a leftover does no harm."""
        ...

    def list_files(self, folder: str) -> Iterator[str]:
        """Paths of all files below a folder, ascending; none where the folder does not exist."""
        ...


class Store(BlobStore, Shelf, Protocol):
    """A store that keeps objects and carries the journal: any one of them suffices to rebuild the catalogue."""

    def close(self) -> None:
        """Let go of connections, threads and temporary files. Arrivals are lost; the next call begins anew."""
        ...


class MediumReader(Protocol):
    """A stream that reads the medium and not the machine's memory of it. Buffers are page-aligned, in whole pages."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer; fewer bytes only at the end, 0 past it. StoreUnavailable where the medium fails."""
        ...


@runtime_checkable
class ReadsMedium(Protocol):
    """A store that can read past the operating system's cache, so that a check sees what would survive a restart."""

    def open_medium(self, digest: Digest) -> AbstractContextManager[MediumReader]:
        """The object's bytes from the medium. Errors as `stat`."""
        ...


@dataclass(frozen=True, slots=True)
class Capacity:
    """Bytes that the store has in all, and those still free to this vault."""

    total: int
    free: int


@runtime_checkable
class Measured(Protocol):
    """A store that knows how full it is."""

    def capacity(self) -> Capacity:
        """StoreUnavailable where it cannot be asked."""
        ...


@runtime_checkable
class KeepsVersions(Protocol):
    """A store whose place may keep what was removed or replaced, beneath, until that is removed too."""

    def versions_of(self, digest: Digest) -> int:
        """How many versions of the object there are, hidden ones and marks of deletion included. Errors as `list`."""
        ...


@runtime_checkable
class TellsTime(Protocol):
    """A store with a clock of its own, another machine's: a witness of what time it is (vault/clock.py)."""

    def time(self) -> datetime:
        """Its time now, UTC. StoreUnavailable where it cannot be asked, or does not say."""
        ...


class LockMode(StrEnum):
    """How firm a date is: COMPLIANCE nobody can take away, GOVERNANCE only who has the server's privilege for it."""

    COMPLIANCE = "compliance"
    GOVERNANCE = "governance"


@dataclass(frozen=True, slots=True)
class Lock:
    """What keeps a copy from being deleted: a date (UTC) and its mode, both None where it has none; a legal hold."""

    until: datetime | None
    mode: LockMode | None
    held: bool


@runtime_checkable
class Locking(Protocol):
    """A store that keeps a copy from being deleted by anybody, its own credentials included, until a date (WORM)."""

    @property
    def lock_mode(self) -> LockMode:
        """The mode in which it locks."""
        ...

    def lock_of(self, digest: Digest) -> Lock:
        """The lock of the copy that readers get. Errors as `stat`."""
        ...

    def lock(self, digest: Digest, until: datetime | None, held: bool | None) -> Lock:
        """Lock that copy at least until then, and place or lift its legal hold; what it has now, as read back.

        None: leave that as it is. A later date stays, and so does a firmer mode. StoreUnavailable where the store did
        not do it. While either is in force `delete` is Refused, and nothing is removed.
        """
        ...
