"""Stores reached over a network by named files: what S3, SMB, SFTP and other places have in common.

A kind of place offers a few verbs on whole files (`Files`, each in a file of its own); objects, journal and marker
are the same for all of them, and lie as they do on a disk: objects/ab/cd/<sha256>, journal/, strongroom.json,
README.txt, and damaged/ for copies set aside. An arrival is gathered on this machine, in memory or, when it is large,
in an unnamed file: only its digest says where it goes, and a place that checks digests can then be told it beforehand.
Many small ones cross at the same time, since each costs the place a few round trips.
"""

import errno
import hashlib
import io
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from backends.files import Bytes, Files
from backends.gathering import Gathering
from backends.marker import require_ours
from backends.oserrors import store_error
from backends.perprocess import PerProcess
from vault.digest import Digest
from vault.errors import BlobMissing, JournalBroken, Refused, StrongroomError
from vault.layout import MARKER
from vault.ports import BlobInfo, Capacity, Incoming, Landed
from vault.text import Text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from vault.permits import DeletionPermit

_BEFORE_THE_MARKER = {"README.txt", "probe"}  # what a beginning that was cut short leaves
_OBJECT = re.compile("objects/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{64})")
_AT_ONCE = 16  # files that cross at the same time
_WORTH_ASKING = 8 << 20  # bytes from which on a place is asked first whether it has room for them
_Seen = TypeVar("_Seen")
_One = TypeVar("_One")


class RemoteStore:
    """One place that holds copies and the journal of the vault `vault_id`. `scratch`: a folder for large arrivals."""

    def __init__(self, name: str, files: Files, vault_id: str, place: str, scratch: Path | None = None) -> None:
        self.name = name
        self.place = place
        self._files = files
        self._vault_id = vault_id
        self._scratch = scratch
        self._mending = threading.Lock()
        self._crossing = PerProcess(lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=name))

    # reading

    def stat(self, digest: Digest) -> BlobInfo:
        return BlobInfo(digest, self._look(digest, lambda: self._files.size(place_of(digest))))

    @contextmanager
    def open(self, digest: Digest, start: int = 0) -> Iterator[BinaryIO]:
        opened = ExitStack()
        stream = self._look(digest, lambda: opened.enter_context(self._files.open(place_of(digest), start)))
        try:
            yield cast(BinaryIO, _Said(stream, self._say))
        finally:
            with suppress(OSError):  # a line that broke has been said by the read
                opened.close()

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        self._require_marker()
        with self._saying():
            for path, size in self._files.walk("objects", place_of(after) if after else ""):
                found = _OBJECT.fullmatch(path)
                if found and found[3].startswith(found[1] + found[2]):
                    yield BlobInfo(Digest.parse(found[3]), size)
        self._require_marker()  # else it went away meanwhile, and folders that were not found say nothing

    # writing

    def begin(self, size: int) -> Incoming:
        return Gathering(self._scratch, self._say)

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        self._require_marker()
        mine = [(cast(Gathering, arrival), digest) for arrival, digest in arrivals]
        if any(not arrival.finished for arrival, _ in mine):
            raise ValueError("put before finish")
        by_digest: dict[Digest, list[Gathering]] = {}
        for arrival, digest in mine:
            by_digest.setdefault(digest, []).append(arrival)
        landed = dict(zip(by_digest, self._all(self._land, by_digest.items()), strict=True))
        return [landed[digest].pop(0) for _, digest in mine]

    def _land(self, arrived: tuple[Digest, Sequence["Gathering"]]) -> MutableSequence[Landed]:
        """Of equal arrivals the first is new, if any is."""
        digest, arrivals = arrived
        with self._saying():
            landed = [self._one(arrival, digest) for arrival in arrivals]
        for arrival in arrivals:
            arrival.abandon()
        return landed

    def _one(self, arrival: "Gathering", digest: Digest) -> Landed:
        path = place_of(digest)
        content = arrival.content(digest)
        if self._files.create(path, content):
            return Landed.NEW
        if self._hashes_to(path, digest):  # the name was taken: believe the copy there only after reading it
            return Landed.ALREADY_HERE
        landed = Landed.NEW
        with self._mending:  # of two who found it bad the second would set the first one's good copy aside
            while not self._hashes_to(path, digest):
                with suppress(BlobMissing):  # deleted meanwhile
                    self.set_aside(digest)
                    landed = Landed.REPLACED_DAMAGED
                if self._files.create(path, content):
                    return landed
        return Landed.ALREADY_HERE if landed is Landed.NEW else landed

    def _hashes_to(self, path: str, digest: Digest) -> bool:
        try:
            with self._files.open(path, 0) as stream:
                return hashlib.file_digest(stream, "sha256").digest() == digest.raw  # type: ignore[arg-type]
        except FileNotFoundError:
            return False

    def set_aside(self, digest: Digest) -> str:
        self._require_marker()
        number = 1
        place = f"damaged/{digest.hex}"
        while not self._moved(digest, place):
            number += 1
            place = f"damaged/{digest.hex}.{number}"
        return place

    def _moved(self, digest: Digest, place: str) -> bool:
        return self._look(digest, lambda: self._files.move(place_of(digest), place))

    def delete(self, digest: Digest, permit: "DeletionPermit") -> None:
        permit.require(digest)
        self._require_marker()  # what lies at another vault's place is not ours to delete
        self._remove(place_of(digest))

    # the shelf

    def read_file(self, path: str) -> bytes:
        if path != MARKER:
            self._require_marker()  # another vault's journal is not this vault's journal broken
        return self._look(path, lambda: self._read(path))

    def _read(self, path: str) -> bytes:
        with self._files.open(path, 0) as stream:
            return stream.read()

    def _read_or_again(self, path: str) -> bytes:
        """Where it was denied once: see `_look`."""
        with suppress(FileNotFoundError):
            return self._read(path)
        return self._read(path)

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        if any(path == MARKER for path, _ in files):
            self._require_new_or_ours()
        else:
            self._require_marker()
        self._all(self._create_same_or_fail, files)

    def _create_same_or_fail(self, file: tuple[str, bytes]) -> None:
        path, data = file
        with self._saying():
            if not self._files.create(path, Bytes(data)) and self._read_or_again(path) != data:
                raise JournalBroken(
                    Text(
                        en=f"Store {self.name}: {path} exists with other contents.",
                        zh=f"存储 {self.name}：{path} 已存在且内容不同。",
                    )
                )

    def replace_file(self, path: str, data: bytes) -> None:
        self._require_marker()
        with self._saying():
            self._files.replace(path, data)

    def remove_files(self, paths: Sequence[str]) -> None:
        self._require_marker()
        self._all(self._remove, paths)

    def _remove(self, path: str) -> None:
        with self._saying():
            try:
                self._files.remove(path)
            except FileNotFoundError:
                self._require_marker()

    def list_files(self, folder: str) -> Iterator[str]:
        self._require_marker()
        with self._saying():
            paths = sorted(path for path, _ in self._files.walk(folder, ""))
        self._require_marker()  # as for objects
        yield from paths

    def close(self) -> None:
        crossing = self._crossing.drop()
        if crossing is not None:
            crossing.shutdown()
        self._files.close()

    # the marker

    def _require_new_or_ours(self) -> None:
        """Begin a store at a new or empty place; anything strange there belongs to somebody."""
        with self._saying():
            for path, _ in self._files.walk("", ""):
                if path == MARKER:
                    return self._require_marker()
                if path.partition("/")[0] not in _BEFORE_THE_MARKER and not self._has_marker():
                    raise Refused(
                        Text(
                            en=f"Store {self.name}: {self.place} is not empty (it has {path!r}).",
                            zh=f"存储 {self.name}：{self.place} 不是空的（含 {path!r}）。",
                        ),
                        hint=Text(en="Give it an empty place of its own.", zh="请为该存储指定一个专用的空位置。"),
                    )
        return None

    def _has_marker(self) -> bool:
        try:
            self._files.size(MARKER)
        except FileNotFoundError:
            return False
        return True

    def _require_marker(self) -> None:
        with self._saying():
            require_ours(self.name, self.place, self._vault_id, lambda: self._read_or_again(MARKER))

    # many at once, and errors

    def _all(self, act: Callable[[_One], _Seen], many: Iterable[_One]) -> Sequence[_Seen]:
        """Do it to each, several at the same time. The first error is raised once all have ended."""
        crossing = self._crossing.get()
        futures = [crossing.submit(act, one) for one in many]
        errors = [error for future in futures if (error := future.exception()) is not None]
        if errors:
            raise errors[0]
        return [future.result() for future in futures]

    def _look(self, wanted: object, look: Callable[[], _Seen]) -> _Seen:
        """What is seen; BlobMissing only if the store is here and a second look finds nothing either.

        A gateway that is failing over can answer "no such key" of what it has.
        """
        with self._saying():
            with suppress(FileNotFoundError):
                return look()
            self._require_marker()
            try:
                return look()
            except FileNotFoundError as error:
                raise BlobMissing(
                    Text(en=f"Store {self.name} does not have {wanted}.", zh=f"存储 {self.name} 中没有 {wanted}。")
                ) from error

    def _say(self, error: OSError) -> StrongroomError:
        return store_error(self.name, error)

    @contextmanager
    def _saying(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._say(error) from error


class TimedRemoteStore(RemoteStore):
    """The same at a place that tells the `time`, in seconds since 1970 by its own clock."""

    def __init__(
        self,
        name: str,
        files: Files,
        vault_id: str,
        place: str,
        scratch: Path | None = None,
        *,
        time: Callable[[], float],
    ) -> None:
        super().__init__(name, files, vault_id, place, scratch)
        self._time = time

    def time(self) -> datetime:
        with self._saying():
            return datetime.fromtimestamp(self._time(), UTC)


class MeasuredRemoteStore(TimedRemoteStore):
    """The same at a place that also knows how much `room` it has."""

    def __init__(
        self,
        name: str,
        files: Files,
        vault_id: str,
        place: str,
        scratch: Path | None = None,
        *,
        time: Callable[[], float],
        room: Callable[[], Capacity],
    ) -> None:
        super().__init__(name, files, vault_id, place, scratch, time=time)
        self._room = room

    def begin(self, size: int) -> Incoming:
        """What cannot fit is not sent: the place would tell only when its last room is taken."""
        if size >= _WORTH_ASKING:
            with self._saying():
                if self._room().free < size:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().begin(size)

    def capacity(self) -> Capacity:
        self._require_marker()
        with self._saying():
            return self._room()


class _Said(io.RawIOBase):
    """A stream whose failures are said in the vault's words."""

    def __init__(self, stream: BinaryIO, say: Callable[[OSError], StrongroomError]) -> None:
        self._stream = stream
        self._say = say

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        try:
            return cast(int, self._stream.readinto(buffer))  # type: ignore[attr-defined]  # typeshed: BinaryIO lacks it
        except OSError as error:
            raise self._say(error) from error

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except OSError as error:
            raise self._say(error) from error


def place_of(digest: Digest) -> str:
    """Where an object lies."""
    name = digest.hex
    return f"objects/{name[:2]}/{name[2:4]}/{name}"
