"""Who reads copies back: threads of this process or, where the office has them, workers on other machines.

Reading is all that is handed out. It changes nothing, so that no harm comes of what is read twice, or read once more
by a worker that was given up for dead. What follows from it (the journal, the catalogue, healing) whoever asked does.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.ports import BlobInfo, Store
from vault.readback import Progress, hash_copy

Answer = Digest | BlobMissing | StoreUnavailable  # the hash of what is there; not there; cannot tell


class Readers(Protocol):
    """Those who read for one scrub."""

    @property
    def breadth(self) -> int:
        """How many copies they read at a time when they begin."""
        ...

    def read(self, store: Store, copies: Sequence[BlobInfo], progress: Progress) -> list[Answer]:
        """What came of each. StoreUnavailable where nobody is left to read; what was read before may be asked anew."""
        ...


class Threads:
    """Of this process."""

    def __init__(self, count: int) -> None:
        self.breadth = count

    def read(self, store: Store, copies: Sequence[BlobInfo], progress: Progress) -> list[Answer]:
        with ThreadPoolExecutor(self.breadth) as pool:
            return list(pool.map(lambda copy: read_one(store, copy.digest, progress), copies))


def read_one(store: Store, digest: Digest, progress: Progress = int) -> Answer:
    """The hash of a copy, read whole."""
    try:
        return hash_copy(store, digest, progress)
    except (BlobMissing, StoreUnavailable) as error:
        return error
