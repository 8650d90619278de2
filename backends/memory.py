"""A store in memory: the contract at its plainest, and a quick stand-in where a test is not about disks."""

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from vault.digest import Block, Digest
from vault.errors import BlobMissing, JournalBroken, StoreUnavailable
from vault.ports import BlobInfo, Incoming, Landed
from vault.text import Text

if TYPE_CHECKING:  # who only reads needs no permit, and not the rules behind it
    from vault.permits import DeletionPermit

_Key = TypeVar("_Key", Digest, str)


class MemoryStore:
    """Objects and journal files in dictionaries. What it holds is gone with the process.

    `away` makes it a store that does not answer, as long as it is set.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.away = False
        self.objects: dict[Digest, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.damaged: dict[str, bytes] = {}
        self._lock = threading.RLock()

    # objects

    def stat(self, digest: Digest) -> BlobInfo:
        return BlobInfo(digest, len(self._get(self.objects, digest)))

    @contextmanager
    def open(self, digest: Digest, start: int = 0) -> Iterator[BinaryIO]:
        with io.BytesIO(self._get(self.objects, digest)) as stream:
            stream.seek(start)
            yield stream

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        with self._answering():
            here = sorted((digest, len(data)) for digest, data in self.objects.items())
        for digest, size in here:
            if after is None or digest > after:
                yield BlobInfo(digest, size)

    def begin(self, size: int) -> Incoming:
        with self._answering():
            return _Arrival()

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        with self._answering():
            return [self._put(cast(_Arrival, arrival), digest) for arrival, digest in arrivals]

    def _put(self, arrival: "_Arrival", digest: Digest) -> Landed:
        before = self.objects.get(digest)
        if before is not None and Digest.of(before) == digest:
            return Landed.ALREADY_HERE
        if before is not None:
            self.set_aside(digest)
        self.objects[digest] = bytes(arrival.data)
        return Landed.NEW if before is None else Landed.REPLACED_DAMAGED

    def set_aside(self, digest: Digest) -> str:
        with self._answering():
            data = self._get(self.objects, digest)
            place = f"damaged/{digest}.{len(self.damaged) + 1}"
            self.damaged[place] = data
            del self.objects[digest]
            return place

    def delete(self, digest: Digest, permit: "DeletionPermit") -> None:
        permit.require(digest)
        with self._answering():
            self.objects.pop(digest, None)

    # the shelf

    def read_file(self, path: str) -> bytes:
        return self._get(self.files, path)

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        with self._answering():
            for path, data in files:
                if self.files.setdefault(path, data) != data:
                    raise JournalBroken(
                        Text(
                            en=f"Store {self.name}: {path} exists with other contents.",
                            zh=f"存储 {self.name}：{path} 已存在且内容不同。",
                        )
                    )

    def replace_file(self, path: str, data: bytes) -> None:
        with self._answering():
            self.files[path] = data

    def remove_files(self, paths: Sequence[str]) -> None:
        with self._answering():
            for path in paths:
                self.files.pop(path, None)
                self.damaged.pop(path, None)

    def list_files(self, folder: str) -> Iterator[str]:
        with self._answering():
            here = sorted(path for path in (*self.files, *self.damaged) if path.startswith(f"{folder}/"))
        yield from here

    def close(self) -> None:
        """Nothing to let go of."""

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """One at a time, and only while the store is to be reached."""
        with self._lock:
            if self.away:
                raise StoreUnavailable(Text(en=f"Store {self.name} is away.", zh=f"存储 {self.name} 无法访问。"))
            yield

    def _get(self, among: dict[_Key, bytes], wanted: _Key) -> bytes:
        with self._answering():
            try:
                return among[wanted]
            except KeyError:
                raise BlobMissing(
                    Text(en=f"Store {self.name} does not have {wanted}.", zh=f"存储 {self.name} 中没有 {wanted}。")
                ) from None


class _Arrival:
    """Bytes that nobody else sees."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, block: Block) -> None:
        self.data += block

    def finish(self) -> None:
        """Nothing is buffered."""

    def abandon(self) -> None:
        """Nothing is kept elsewhere."""
