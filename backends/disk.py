"""A store on a mounted file system: a local disk, a removable disk, a NAS share the machine has mounted.

What lies there is readable with `find` and `sha256sum` alone: objects/ab/cd/<sha256>, journal/, strongroom.json and
README.txt. Beside them: tmp/ (arrivals, swept) and damaged/ (copies set aside). The marker strongroom.json is asked
for before every write and before "absent" is believed: an unmounted share must not fill the root disk, nor look like
a loss.
"""

import errno
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from backends import durable
from backends.arrivals import Arrival, Desk
from backends.oserrors import store_error
from backends.reading import MediumFile, StoreFile
from vault.digest import Digest
from vault.errors import BlobMissing, JournalBroken, Refused, StoreNotMounted, StrongroomError
from vault.permits import DeletionPermit
from vault.ports import BlobInfo, Capacity, Incoming, Landed, MediumReader
from vault.text import Text

MARKER = "strongroom.json"
_OURS = {MARKER, "README.txt", "journal", "objects", "tmp", "damaged", "lost+found"}
_OBJECT_NAME = re.compile(r"[0-9a-f]{64}")


class DiskStore:
    """One folder that holds copies and the journal of the vault `vault_id`."""

    def __init__(self, name: str, root: Path, vault_id: str) -> None:
        self.name = name
        self.root = root
        self._vault_id = vault_id
        self._desk: Desk | None = None
        self._syncer: durable.Syncer | None = None

    # reading

    def stat(self, digest: Digest) -> BlobInfo:
        with self._saying(digest):
            return BlobInfo(digest, os.stat(self._object(digest)).st_size)

    @contextmanager
    def open(self, digest: Digest, start: int = 0) -> Iterator[BinaryIO]:
        with self._saying(digest):
            stream = StoreFile(self._object(digest), self._say)
        with stream:
            stream.seek(start)
            yield cast(BinaryIO, stream)

    def open_medium(self, digest: Digest) -> AbstractContextManager[MediumReader]:
        with self._saying(digest):
            return MediumFile(self._object(digest), self._say)

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        self._require_marker()
        start = after.hex if after else ""
        objects = self.root / "objects"
        for outer in self._names(objects):
            if outer < start[:2]:
                continue
            for inner in self._names(objects / outer):
                if outer + inner < start[:4]:
                    continue
                for name in self._names(objects / outer / inner):
                    if name > start and _OBJECT_NAME.fullmatch(name) and name.startswith(outer + inner):
                        yield self.stat(Digest.parse(name))

    def _names(self, folder: Path) -> Sequence[str]:
        """A folder's names, sorted; none for a stray file or a folder that is not there (the store itself is)."""
        try:
            return sorted(os.listdir(folder))
        except NotADirectoryError:
            return []
        except FileNotFoundError:
            self._require_marker()
            return []
        except OSError as error:
            raise self._say(error) from error

    # writing

    def begin(self, size: int) -> Incoming:
        desk = self._open_desk()
        with self._saying(None):
            return desk.arrival(size, self._say)

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        self._require_marker()
        mine = [(cast(Arrival, arrival), digest) for arrival, digest in arrivals]
        with self._saying(None):
            got = durable.publish(
                self._sync(),
                [(arrival.path, self._object(digest)) for arrival, digest in mine],
                unsynced=[arrival.path for arrival, _ in mine if arrival.unsynced],
            )
            return [
                Landed.NEW if new else self._met(arrival, digest)
                for new, (arrival, digest) in zip(got, mine, strict=True)
            ]

    def _met(self, arrival: Arrival, digest: Digest) -> Landed:
        """The name was taken: believe the copy there only after reading it."""
        path = self._object(digest)
        with open(path, "rb", buffering=0) as stream:
            good = hashlib.file_digest(stream, "sha256").digest() == digest.raw
        if good:
            arrival.abandon()
            return Landed.ALREADY_HERE
        self.set_aside(digest)
        durable.publish(self._sync(), [(arrival.path, path)], unsynced=[])
        return Landed.REPLACED_DAMAGED

    def set_aside(self, digest: Digest) -> str:
        path = self._object(digest)
        with self._saying(digest):
            os.stat(path)
            number = 1
            place = f"damaged/{digest.hex}"
            while not durable.publish(self._sync(), [(path, str(self.root / place))], unsynced=[])[0]:
                number += 1
                place = f"damaged/{digest.hex}.{number}"
            durable.sync_path(os.path.dirname(path))
            return place

    def delete(self, digest: Digest, permit: DeletionPermit) -> None:
        if permit.digest != digest:
            raise Refused(
                Text(
                    en=f"The permit is for {permit.digest}, not for {digest}.",
                    zh=f"许可针对 {permit.digest}，不是 {digest}。",
                )
            )
        self._require_marker()
        with self._saying(None):
            try:
                os.unlink(self._object(digest))
            except FileNotFoundError:
                return
            durable.sync_path(os.path.dirname(self._object(digest)))

    # the shelf

    def read_file(self, path: str) -> bytes:
        with self._saying(path):
            return (self.root / path).read_bytes()

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        desk = self._found() if any(path == MARKER for path, _ in files) else self._open_desk()
        with self._saying(None):
            try:
                durable.create_same_or_fail(
                    self._sync(), desk.folder, [(str(self.root / path), data) for path, data in files]
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
            durable.replace(self._sync(), desk.folder, str(self.root / path), data)

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
        for name in self._names(self.root / folder):
            path = f"{folder}/{name}"
            if (self.root / path).is_dir():
                yield from self.list_files(path)
            else:
                yield path

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
        if self._desk is None:
            with self._saying(None):
                self._desk = Desk(self.root / "tmp")
        return self._desk

    def _sync(self) -> durable.Syncer:
        if self._syncer is None:
            self._syncer = durable.Syncer.on(self.root)
        return self._syncer

    def _found(self) -> Desk:
        """Begin a store in a new or empty folder; anything strange there belongs to somebody."""
        with self._saying(None):
            self.root.mkdir(exist_ok=True)
            durable.sync_path(str(self.root.parent))
            strangers = sorted(set(os.listdir(self.root)) - _OURS)
        if strangers:
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
            marker = msgspec.json.decode((self.root / MARKER).read_bytes())
        except FileNotFoundError:
            raise StoreNotMounted(
                Text(
                    en=f"Store {self.name}: {self.root} has no {MARKER}: not mounted, or not a store.",
                    zh=f"存储 {self.name}：{self.root} 中没有 {MARKER}：未挂载，或不是存储。",
                )
            ) from None
        except ValueError:
            return  # the marker is damaged, but here: fsck reports it
        except OSError as error:
            raise self._say(error) from error
        if not isinstance(marker, dict) or marker.get("vault") != self._vault_id:
            raise StoreNotMounted(
                Text(
                    en=f"Store {self.name}: {self.root} belongs to another vault.",
                    zh=f"存储 {self.name}：{self.root} 属于另一个档案库。",
                )
            )

    # errors

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
