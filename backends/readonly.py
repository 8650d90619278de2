"""A store that is only read: an old share that is to be kept as it is, or a medium that takes no writes.

Every write ends here, before anything goes out. Which further roles it has is the inner store's to say.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO

from vault.digest import Digest
from vault.errors import StoreReadOnly
from vault.ports import BlobInfo, Incoming, Landed, Measured, ReadsMedium, Store
from vault.text import Text

if TYPE_CHECKING:  # who only reads needs no permit, and not the rules behind it
    from vault.permits import DeletionPermit


class ReadOnlyStore:
    """See `Store`; whatever would change it is StoreReadOnly."""

    def __init__(self, inner: Store) -> None:
        self.name = inner.name
        self._inner = inner
        if isinstance(inner, Measured):
            self.capacity = inner.capacity
        if isinstance(inner, ReadsMedium):
            self.open_medium = inner.open_medium

    # reading

    def stat(self, digest: Digest) -> BlobInfo:
        return self._inner.stat(digest)

    def open(self, digest: Digest, start: int = 0) -> AbstractContextManager[BinaryIO]:
        return self._inner.open(digest, start)

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        return self._inner.list(after)

    def read_file(self, path: str) -> bytes:
        return self._inner.read_file(path)

    def list_files(self, folder: str) -> Iterator[str]:
        return self._inner.list_files(folder)

    def close(self) -> None:
        self._inner.close()

    # writing

    def begin(self, size: int) -> Incoming:
        raise self._refusal()

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        raise self._refusal()

    def set_aside(self, digest: Digest) -> str:
        raise self._refusal()

    def delete(self, digest: Digest, permit: "DeletionPermit") -> None:
        raise self._refusal()

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        raise self._refusal()

    def replace_file(self, path: str, data: bytes) -> None:
        raise self._refusal()

    def remove_files(self, paths: Sequence[str]) -> None:
        raise self._refusal()

    def _refusal(self) -> StoreReadOnly:
        return StoreReadOnly(
            Text(en=f"Store {self.name} is read-only.", zh=f"存储 {self.name} 为只读。"),
            hint=Text(
                en="strongroom.toml says so: read_only = true, below the store. Take that line out to write there.",
                zh="strongroom.toml 在该存储下写明了 read_only = true；如需写入，请删去这一行。",
            ),
        )
