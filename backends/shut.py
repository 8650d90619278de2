"""In the place of a store that cannot even be opened, since its secret or its location is no good: it never answers.

So what does not need it goes on, and what does is told why. That it locks stays known: else every lock would be due
anew once it is back.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from vault.digest import Digest
from vault.errors import BadLocation, BadSecret, StoreNoAccess
from vault.ports import BlobInfo, Incoming, Landed, Lock, LockMode, Store

if TYPE_CHECKING:  # who only reads needs no permit, and not the rules behind it
    from vault.permits import DeletionPermit


def shut_store(name: str, why: BadSecret | BadLocation, lock: LockMode | None) -> Store:
    """One that answers every call with `why`."""
    return ShutStore(name, why) if lock is None else ShutLockingStore(name, why, lock)


class ShutStore:
    """See `Store`."""

    def __init__(self, name: str, why: BadSecret | BadLocation) -> None:
        self.name = name
        self.why = why

    def stat(self, digest: Digest) -> BlobInfo:
        raise self._again()

    def open(self, digest: Digest, start: int = 0) -> AbstractContextManager[BinaryIO]:
        raise self._again()

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        raise self._again()

    def begin(self, size: int) -> Incoming:
        raise self._again()

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        raise self._again()

    def set_aside(self, digest: Digest) -> str:
        raise self._again()

    def delete(self, digest: Digest, permit: "DeletionPermit") -> None:
        raise self._again()

    def read_file(self, path: str) -> bytes:
        raise self._again()

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        raise self._again()

    def replace_file(self, path: str, data: bytes) -> None:
        raise self._again()

    def remove_files(self, paths: Sequence[str]) -> None:
        raise self._again()

    def list_files(self, folder: str) -> Iterator[str]:
        raise self._again()

    def close(self) -> None:
        """There is nothing to let go of."""

    def _again(self) -> StoreNoAccess:
        """Each time one of its own: an error keeps the stack of where it was raised."""
        return StoreNoAccess(self.why.what, self.why.hint)


class ShutLockingStore(ShutStore):
    """See `Locking`."""

    def __init__(self, name: str, why: BadSecret | BadLocation, lock_mode: LockMode) -> None:
        super().__init__(name, why)
        self.lock_mode = lock_mode

    def lock_of(self, digest: Digest) -> Lock:
        raise self._again()

    def lock(self, digest: Digest, until: datetime | None, held: bool | None) -> Lock:
        raise self._again()
