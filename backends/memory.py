"""A store in memory: the contract at its plainest, and a quick stand-in where a test is not about disks."""

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

from vault.digest import Block, Digest
from vault.errors import BlobMissing, JournalBroken, Refused
from vault.permits import DeletionPermit
from vault.ports import BlobInfo, Incoming, Landed
from vault.text import Text


class MemoryStore:
    """Objects and journal files in dictionaries. What it holds is gone with the process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.objects: dict[Digest, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.damaged: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def stat(self, digest: Digest) -> BlobInfo:
        return BlobInfo(digest, len(self._object(digest)))

    @contextmanager
    def open(self, digest: Digest, start: int = 0) -> Iterator[BinaryIO]:
        with io.BytesIO(self._object(digest)) as stream:
            stream.seek(start)
            yield stream

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        for digest in sorted(self.objects):
            if after is None or digest > after:
                yield self.stat(digest)

    def begin(self, size: int) -> Incoming:
        return _Arrival()

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        with self._lock:
            return [self._put(cast(_Arrival, arrival), digest) for arrival, digest in arrivals]

    def _put(self, arrival: "_Arrival", digest: Digest) -> Landed:
        data = bytes(arrival.data)
        before = self.objects.get(digest)
        if before is not None and Digest.of(before) == digest:
            return Landed.ALREADY_HERE
        if before is not None:
            self.set_aside(digest)
        self.objects[digest] = data
        return Landed.NEW if before is None else Landed.REPLACED_DAMAGED

    def set_aside(self, digest: Digest) -> str:
        place = f"damaged/{digest}"
        self.damaged[place] = self._object(digest)
        del self.objects[digest]
        return place

    def delete(self, digest: Digest, permit: DeletionPermit) -> None:
        if permit.digest != digest:
            raise Refused(Text(en="The permit is for another object.", zh="许可针对另一对象。"))
        self.objects.pop(digest, None)

    def read_file(self, path: str) -> bytes:
        try:
            return self.files[path]
        except KeyError:
            raise self._missing(path) from None

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        for path, data in files:
            if self.files.setdefault(path, data) != data:
                raise JournalBroken(Text(en=f"{path} exists with other contents.", zh=f"{path} 已存在且内容不同。"))

    def replace_file(self, path: str, data: bytes) -> None:
        self.files[path] = data

    def remove_files(self, paths: Sequence[str]) -> None:
        for path in paths:
            self.files.pop(path, None)

    def list_files(self, folder: str) -> Iterator[str]:
        yield from sorted(path for path in self.files if path.startswith(folder + "/"))

    def close(self) -> None:
        """Nothing to let go of."""

    def _object(self, digest: Digest) -> bytes:
        try:
            return self.objects[digest]
        except KeyError:
            raise self._missing(digest) from None

    def _missing(self, wanted: object) -> BlobMissing:
        return BlobMissing(Text(en=f"Store {self.name} does not have {wanted}.", zh=f"{self.name} 中没有 {wanted}。"))


class _Arrival:
    """Bytes that nobody else sees."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, block: Block) -> None:
        self.data += block

    def finish(self) -> None:
        """Nothing is buffered."""

    def abandon(self) -> None:
        self.data = bytearray()
