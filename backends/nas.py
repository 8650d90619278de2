"""A share that this machine has mounted (NFS, CIFS): the disk store, behind two questions.

Does it answer? A child asks (answering.py) before the first call of a process and again when ten seconds have passed,
so that `store status`, a scrape for metrics or an intake is told so instead of hanging on a server that is gone.
Is it mounted? Its path must lie on a mount other than the root file system's: an unmounted share is known before its
marker is looked for, also when the store is only about to be attached. Which mount that is, `store probe` tells.

What is not bounded: a server that stops answering in the middle of a call, or within those ten seconds, holds whoever
is in that call until it is back; with NFS `hard` that is meant, since nothing is lost meanwhile. Mount options: NFS
`hard,sync`; CIFS `cache=strict`.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from backends.answering import Watch
from backends.disk import DiskStore
from backends.mounts import Mount, is_elsewhere, share_of
from backends.probe_places import Folder, FolderPlace
from vault.digest import Digest
from vault.errors import StoreNotMounted, StoreUnavailable
from vault.ports import BlobInfo, Capacity, Incoming, Landed, MediumReader
from vault.promises import Finding
from vault.text import Text

if TYPE_CHECKING:  # who only reads needs no permit, and not the rules behind it
    from vault.permits import DeletionPermit

SERVED = frozenset({"nfs", "nfs4", "cifs", "smb3", "ceph"})  # types of mounts whose server dates new files


class Share:
    """A folder on a mounted share, and who watches it."""

    def __init__(self, name: str, root: Path, watch: Watch) -> None:
        self.root = root
        self._name = name
        self._watch = watch

    def require_here(self) -> Mount:
        """StoreUnavailable where it does not answer, StoreNotMounted where nothing is mounted."""
        try:
            self._watch.require()
        except TimeoutError as error:
            raise StoreUnavailable(
                Text(
                    en=f"Store {self._name}: {self.root} does not answer ({error.strerror}).",
                    zh=f"存储 {self._name}：{self.root} 没有应答（{error.strerror}）。",
                ),
                hint=Text(
                    en="Look after its server and the network, then try again. Nothing acknowledged is lost.",
                    zh="请检查其服务器和网络后重新运行。已确认入库的内容没有丢失。",
                ),
            ) from error
        mount = share_of(self.root)
        if mount is None:
            raise StoreNotMounted(
                Text(
                    en=f"Store {self._name}: nothing is mounted at {self.root}.",
                    zh=f"存储 {self._name}：{self.root} 处没有挂载任何内容。",
                )
            )
        return mount


class NasStore:
    """See vault/ports.py; `DiskStore` does the work."""

    def __init__(self, name: str, share: Share, vault_id: str) -> None:
        self.name = name
        self._share = share
        self._disk = DiskStore(name, share.root, vault_id)

    def _here(self) -> DiskStore:
        self._share.require_here()
        return self._disk

    def stat(self, digest: Digest) -> BlobInfo:
        return self._here().stat(digest)

    def open(self, digest: Digest, start: int = 0) -> AbstractContextManager[BinaryIO]:
        return self._here().open(digest, start)

    def open_medium(self, digest: Digest) -> AbstractContextManager[MediumReader]:
        return self._here().open_medium(digest)

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        yield from self._here().list(after)

    def begin(self, size: int) -> Incoming:
        return self._here().begin(size)

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        return self._here().put(arrivals)

    def set_aside(self, digest: Digest) -> str:
        return self._here().set_aside(digest)

    def delete(self, digest: Digest, permit: "DeletionPermit") -> None:
        self._here().delete(digest, permit)

    def read_file(self, path: str) -> bytes:
        return self._here().read_file(path)

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        self._here().create_files(files)

    def replace_file(self, path: str, data: bytes) -> None:
        self._here().replace_file(path, data)

    def remove_files(self, paths: Sequence[str]) -> None:
        self._here().remove_files(paths)

    def list_files(self, folder: str) -> Iterator[str]:
        yield from self._here().list_files(folder)

    def capacity(self) -> Capacity:
        return self._here().capacity()

    def time(self) -> datetime:
        """As the server dates a file. What is no share of a server's goes by this machine's clock, and says nothing."""
        mount = self._share.require_here()
        if mount.kind not in SERVED:
            raise StoreUnavailable(
                Text(
                    en=f"Store {self.name}: {mount.kind} has no clock of its own.",
                    zh=f"存储 {self.name}：{mount.kind} 没有自己的时钟。",
                )
            )
        return self._disk.date_of_a_file()

    def close(self) -> None:
        """What cannot be removed now is swept by the next process."""
        with suppress(StoreUnavailable):
            self._here().close()


class NasPlace(FolderPlace):
    """The folder on the share, as a probe meets it."""

    def __init__(self, share: Share) -> None:
        super().__init__(share.root)
        self._share = share

    def connect(self) -> Folder:
        self._share.require_here()
        return super().connect()

    def own(self, folder: str) -> Iterator[Finding]:
        mount = self._share.require_here()
        yield Finding(name="mounted", answer="yes", value=f"{mount.point} ({mount.kind}, {mount.source})")
        yield Finding(name="elsewhere", answer=is_elsewhere(mount), value=mount.source)
        yield from super().own(folder)
