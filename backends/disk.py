"""A store on a mounted file system: a local disk, a removable disk, a NAS share the machine has mounted.

What lies there is readable with `find` and `sha256sum` alone: objects/ab/cd/<sha256>, journal/, strongroom.json and
README.txt. Beside them: tmp/ (arrivals, swept) and damaged/ (copies set aside). The marker strongroom.json is asked
for before every write and before "absent" is believed: an unmounted share must not fill the root disk, nor look like
a loss. Whether the file system keeps what it was told is backends/durable.py's.
"""

import errno
import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from backends import durable
from backends.arrivals import Arrival, Desk
from backends.marker import require_ours
from backends.oserrors import store_error
from backends.reading import MediumFile, StoreFile
from vault.digest import Digest
from vault.errors import BlobMissing, JournalBroken, Refused, StrongroomError
from vault.layout import MARKER
from vault.ports import BlobInfo, Capacity, Incoming, Landed, MediumReader
from vault.text import Text

if TYPE_CHECKING:  # who only reads needs no permit, and not the rules behind it
    from vault.permits import DeletionPermit

_BEFORE_THE_MARKER = {
    "README.txt",
    "tmp",
    "probe",
    "lost+found",
}  # what a crash in the beginning leaves, or a file system
_OBJECT_NAME = re.compile(r"[0-9a-f]{64}")
_FOLDER_NAME = re.compile(r"[0-9a-f]{2}")
_Seen = TypeVar("_Seen")


class DiskStore:
    """One folder that holds copies and the journal of the vault `vault_id`."""

    def __init__(self, name: str, root: Path, vault_id: str) -> None:
        self.name = name
        self.root = root
        self._vault_id = vault_id
        self._desk: Desk | None = None
        self._opening = threading.Lock()

    # reading

    def stat(self, digest: Digest) -> BlobInfo:
        return BlobInfo(digest, self._look(digest, lambda: os.stat(self._object(digest)).st_size))

    @contextmanager
    def open(self, digest: Digest, start: int = 0) -> Iterator[BinaryIO]:
        with self._look(digest, lambda: StoreFile(self._object(digest), self._say, start)) as stream:
            yield cast(BinaryIO, stream)

    def open_medium(self, digest: Digest) -> AbstractContextManager[MediumReader]:
        return self._look(digest, lambda: MediumFile(self._object(digest), self._say))

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        self._require_marker()
        start = after.hex if after else ""
        for outer in self._folders("objects", start[:2]):
            for inner in self._folders(f"objects/{outer}", start[2:4] if outer == start[:2] else ""):
                for name, _ in self._entries(f"objects/{outer}/{inner}"):
                    if name <= start or not _OBJECT_NAME.fullmatch(name) or not name.startswith(outer + inner):
                        continue
                    try:
                        info = self.stat(Digest.parse(name))
                    except BlobMissing:
                        continue  # moved or deleted since the folder was read
                    yield info

    def _folders(self, folder: str, start: str) -> Iterator[str]:
        """Names of two digits, from `start` on. A file that has such a name is an error: what it hides is not known."""
        return (name for name, _ in self._entries(folder) if _FOLDER_NAME.fullmatch(name) and name >= start)

    def _entries(self, folder: str) -> Sequence[tuple[str, bool]]:
        """What is in a folder and whether it is one itself, in the order of paths; nothing if it does not exist."""

        def look() -> Sequence[tuple[str, bool]]:
            with os.scandir(self.root / folder) as entries:
                return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]

        try:
            found = self._look(folder, look)
        except BlobMissing:
            return []
        return sorted(found, key=lambda entry: f"{entry[0]}/" if entry[1] else entry[0])

    # writing

    def begin(self, size: int) -> Incoming:
        # The desk is a folder on the store itself: should the store go away, so does the desk, and nothing is
        # written beneath the mount point. The marker is read when the desk is opened and at every put.
        desk = self._desk
        if desk is None or not desk.mine:
            desk = self._open_desk()
        with self._saying(None):
            try:
                return desk.arrival(size, self._say)
            except FileNotFoundError:  # the store went away, or somebody cleared tmp/
                return self._open_desk().arrival(size, self._say)

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        desk = self._open_desk()
        mine = [(cast(Arrival, arrival), digest) for arrival, digest in arrivals]
        if any(arrival.writing for arrival, _ in mine):
            raise ValueError("put before finish")
        with self._saying(None):
            got = durable.publish(
                desk.syncer,
                [(arrival.path, self._object(digest)) for arrival, digest in mine],
                unsynced=[arrival.path for arrival, _ in mine if arrival.unsynced],
            )
            return [
                Landed.NEW if new else self._met(desk, arrival, digest)
                for new, (arrival, digest) in zip(got, mine, strict=True)
            ]

    def _met(self, desk: Desk, arrival: Arrival, digest: Digest) -> Landed:
        """The name was taken: believe the copy there only after reading it.

        Only one at a time replaces: of two who found it bad, the second would set aside the first one's good copy.
        """
        path = self._object(digest)
        if _hashes_to(path, digest):
            arrival.abandon()
            return Landed.ALREADY_HERE
        landed = Landed.NEW
        with desk.alone():
            while not _hashes_to(path, digest):
                with suppress(BlobMissing):  # deleted meanwhile
                    self.set_aside(digest)
                    landed = Landed.REPLACED_DAMAGED
                if durable.publish(desk.syncer, [(arrival.path, path)], unsynced=[])[0]:
                    return landed
        arrival.abandon()
        return Landed.ALREADY_HERE if landed is Landed.NEW else landed

    def set_aside(self, digest: Digest) -> str:
        desk = self._open_desk()
        path = self._object(digest)
        with self._saying(digest):
            os.stat(path)
            number = 1
            place = f"damaged/{digest.hex}"
            while not durable.publish(desk.syncer, [(path, str(self.root / place))], unsynced=[])[0]:
                number += 1
                place = f"damaged/{digest.hex}.{number}"
            durable.sync_path(os.path.dirname(path))
            return place

    def delete(self, digest: Digest, permit: "DeletionPermit") -> None:
        permit.require(digest)
        self._require_marker()
        path = self._object(digest)
        try:
            with self._saying(digest):
                with suppress(FileNotFoundError):  # but its removal may still have to be made durable
                    os.unlink(path)
                durable.sync_path(os.path.dirname(path))
        except BlobMissing:
            return  # not even the folder is there

    # the shelf

    def read_file(self, path: str) -> bytes:
        if path != MARKER:
            self._require_marker()  # another vault's journal is not this vault's journal broken
        return self._look(path, lambda: (self.root / path).read_bytes())

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        desk = self._found() if any(path == MARKER for path, _ in files) else self._open_desk()
        with self._saying(None):
            try:
                durable.create_same_or_fail(
                    desk.syncer, desk.folder, [(f"{self.root}/{path}", data) for path, data in files]
                )
            except FileExistsError as error:
                raise JournalBroken(
                    Text(
                        en=f"Store {self.name}: {error.filename} exists with other contents.",
                        zh=f"存储 {self.name}：{error.filename} 已存在且内容不同。",
                    )
                ) from error

    def replace_file(self, path: str, data: bytes) -> None:
        desk = self._open_desk()
        with self._saying(None):
            durable.replace(desk.syncer, desk.folder, f"{self.root}/{path}", data)

    def remove_files(self, paths: Sequence[str]) -> None:
        self._require_marker()
        with self._saying(None):
            for path in paths:
                try:
                    os.unlink(self.root / path)
                    os.rmdir((self.root / path).parent)  # the folder of partial tiles, once it is empty
                except OSError as error:
                    if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST):
                        raise

    def list_files(self, folder: str) -> Iterator[str]:
        self._require_marker()
        yield from self._files_below(folder)

    def _files_below(self, folder: str) -> Iterator[str]:
        for name, is_folder in self._entries(folder):
            if is_folder:
                yield from self._files_below(f"{folder}/{name}")
            else:
                yield f"{folder}/{name}"

    def date_of_a_file(self) -> datetime:
        """When a file that is made now was made, by the clock of whoever keeps the file system."""
        desk = self._open_desk()
        with self._saying(None):
            arrival = desk.arrival(0, self._say)
            try:
                return datetime.fromtimestamp(os.stat(arrival.path).st_mtime, UTC)
            finally:
                arrival.abandon()

    # the room

    def capacity(self) -> Capacity:
        self._require_marker()
        with self._saying(None):
            room = os.statvfs(self.root)
            return Capacity(total=room.f_blocks * room.f_frsize, free=room.f_bavail * room.f_frsize)

    def close(self) -> None:
        """Remove this process's temporary folder; one that is never closed is swept by the next process."""
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    def _object(self, digest: Digest) -> str:
        name = digest.hex
        return f"{self.root}/objects/{name[:2]}/{name[2:4]}/{name}"

    def _open_desk(self) -> Desk:
        self._require_marker()
        return self._desk_here()

    def _desk_here(self) -> Desk:
        with self._opening, self._saying(None):  # workers begin side by side
            desk = self._desk if self._desk is not None and self._desk.mine else Desk(self.root)
            desk.settle()
            self._desk = desk  # only now: `begin` takes what it finds here, and a desk without a folder is at /
            return desk

    def _found(self) -> Desk:
        """Begin a store in a new or empty folder; anything strange there belongs to somebody."""
        with self._saying(None):
            self.root.mkdir(exist_ok=True)
            durable.sync_above(self.root)
            here = set(os.listdir(self.root))
        if MARKER in here:
            return self._open_desk()
        if strangers := sorted(here - _BEFORE_THE_MARKER):
            raise Refused(
                Text(
                    en=f"Store {self.name}: {self.root} is not empty (it has {strangers[0]!r}).",
                    zh=f"存储 {self.name}：{self.root} 不是空文件夹（含 {strangers[0]!r}）。",
                ),
                hint=Text(en="Give it an empty folder of its own.", zh="请为该存储指定一个专用的空文件夹。"),
            )
        return self._desk_here()

    def _require_marker(self) -> None:
        try:
            require_ours(self.name, str(self.root), self._vault_id, (self.root / MARKER).read_bytes)
        except OSError as error:
            raise self._say(error) from error

    # errors

    def _look(self, wanted: object, look: Callable[[], _Seen]) -> _Seen:
        """What is seen; BlobMissing only if the store is here and a second look finds nothing either.

        The first may have fallen between an unmounting and a mounting, or on a name that was just being replaced:
        some network file systems know neither the old nor the new one then.
        """
        try:
            return look()
        except FileNotFoundError:
            self._require_marker()
        except OSError as error:
            raise self._say(error) from error
        with self._saying(wanted):
            return look()

    def _say(self, error: OSError) -> StrongroomError:
        return store_error(self.name, error)

    @contextmanager
    def _saying(self, wanted: object) -> Iterator[None]:
        """Turn OSError into the vault's words; "no such file" is BlobMissing only if the store itself is there."""
        try:
            yield
        except FileNotFoundError as error:
            self._require_marker()
            if wanted is None:
                raise self._say(error) from error
            raise BlobMissing(
                Text(en=f"Store {self.name} does not have {wanted}.", zh=f"存储 {self.name} 中没有 {wanted}。")
            ) from error
        except OSError as error:
            raise self._say(error) from error


def _hashes_to(path: str, digest: Digest) -> bool:
    """Whether the copy is good; one that has just been moved away is not."""
    try:
        with open(path, "rb", buffering=0) as stream:
            return hashlib.file_digest(stream, "sha256").digest() == digest.raw
    except FileNotFoundError:
        return False
