"""The kinds of store, in one table. A kind is added here and nowhere else; `strongroom.toml` names it by its key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vault.errors import BadInput
from vault.ports import Store
from vault.text import Text

if TYPE_CHECKING:
    from backends.remote import Files
    from backends.retrying import RetryingFiles
    from backends.trees import TreeFiles

_RETRIES = 3  # where a store behind a network does not say


@dataclass(frozen=True, slots=True)
class Secret:
    """What a store's server asks for, by name, as a file of its own says it. Its values are never shown."""

    file: Path | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> str:
        """BadInput names the file and the key that is missing in it."""
        if name in self.values:
            return self.values[name]
        if self.file is None:
            raise BadInput(
                Text(
                    en=f"The store needs a secret file with {name!r}.",
                    zh=f"该存储需要一个含 {name!r} 的密钥文件。",
                ),
                hint=Text(
                    en='Name it in strongroom.toml, below the store: secret = "FILE"',
                    zh='请在 strongroom.toml 的该存储下写明：secret = "文件"',
                ),
            )
        raise BadInput(Text(en=f"{self.file}: {name} is missing.", zh=f"{self.file}：缺少 {name}。"))

    def get(self, name: str) -> str | None:
        return self.values.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a store is opened with. `scratch` is a folder of this machine for bytes on their way.

    `recipients`: public keys (age1…) for which all that goes there is sealed; the secret then has `age_identity`.
    `retries`: how often the place is asked again; None: as is best. `bandwidth`: bytes a second; None: all there is.
    """

    name: str
    location: str
    vault_id: str
    secret: Secret = Secret()
    scratch: Path | None = None
    recipients: tuple[str, ...] = ()
    retries: int | None = None
    bandwidth: int | None = None
    read_only: bool = False

    def line(self, files: "Files") -> "RetryingFiles":
        """The place's files over a line that is not used up, and that may break."""
        from backends.retrying import RetryingFiles
        from backends.throttled import Bandwidth, ThrottledFiles

        if self.bandwidth is not None:
            files = ThrottledFiles(files, Bandwidth(self.bandwidth))
        return RetryingFiles(files, _RETRIES if self.retries is None else self.retries)

    def require_no_line(self) -> None:
        """BadInput where something is said of a line, and the store is a folder of this machine."""
        for key, value in (("retries", self.retries), ("bandwidth", self.bandwidth)):
            if value is not None:
                raise BadInput(
                    Text(
                        en=f"strongroom.toml: store {self.name}: {key}: for stores behind a network, not for a folder.",
                        zh=f"strongroom.toml：存储 {self.name}：{key}：仅用于网络存储，文件夹不适用。",
                    ),
                    hint=Text(en="Take that line out.", zh="请删去这一行。"),
                )

    def sealed(self, files: "Files") -> "Files":
        """The place's files, sealed if they are to be."""
        if not self.recipients:
            return files
        from backends.sealed import SealedFiles

        return SealedFiles(files, self.recipients, self.secret["age_identity"].split(), self.scratch)


@dataclass(frozen=True, slots=True)
class StoreKind:
    """How a store of this kind is opened, and what its location looks like.

    Opening asks nothing of the store: it may be away. `is_folder`: the location is a folder of this machine, which
    the configuration may give relative to the vault's own, and which no intake takes in. Libraries are imported when
    a store of the kind is opened, not before: most commands of most offices need none.
    """

    label: Text
    open: Callable[[Opening], Store]
    is_folder: bool = False


def open_store(kind: StoreKind, at: Opening) -> Store:
    """A store of that kind, and only to be read if that is said."""
    store = kind.open(at)
    if not at.read_only:
        return store
    from backends.readonly import ReadOnlyStore

    return ReadOnlyStore(store)


def _disk(at: Opening) -> Store:
    from backends.disk import DiskStore

    at.require_no_line()
    if at.recipients:
        raise BadInput(
            Text(
                en=f"Store {at.name}: a disk is not sealed by this program; use the disk's own encryption.",
                zh=f"存储 {at.name}：本程序不加密磁盘存储，请使用磁盘自身的加密。",
            )
        )
    return DiskStore(at.name, Path(at.location), at.vault_id)


def _s3(at: Opening) -> Store:
    from backends.s3 import PART, SMALL_PART, S3Files

    part = PART if at.bandwidth is None else SMALL_PART  # a part goes out at once, and others want the line too
    return _remote(at, S3Files(at.location, at.secret["access_key"], at.secret["secret_key"], part))


def _smb(at: Opening) -> Store:
    from backends.smb import SmbTree
    from backends.trees import TreeFiles

    return _measured(at, TreeFiles(SmbTree(at.location, at.secret["password"])))


def _sftp(at: Opening) -> Store:
    from backends.sftp import SftpTree
    from backends.trees import TreeFiles

    key = at.secret.get("private_key")
    if key is not None and at.secret.file is not None:
        key = str(at.secret.file.parent / key)
    return _measured(at, TreeFiles(SftpTree(at.location, at.secret["host_key"], key, at.secret.get("password"))))


def _fsspec(at: Opening) -> Store:
    from backends.generic import FsspecFiles

    options = {name: value for name, value in at.secret.values.items() if name != "age_identity"}
    return _remote(at, FsspecFiles(at.location, options))


def _remote(at: Opening, files: "Files") -> Store:
    from backends.remote import RemoteStore

    return RemoteStore(at.name, at.sealed(at.line(files)), at.vault_id, at.location, at.scratch)


def _measured(at: Opening, files: "TreeFiles") -> Store:
    from backends.remote import MeasuredRemoteStore

    line = at.line(files)
    return MeasuredRemoteStore(
        at.name, at.sealed(line), at.vault_id, at.location, at.scratch, room=lambda: line.ask(files.room)
    )


STORES: Mapping[str, StoreKind] = {
    "disk": StoreKind(
        Text(en="folder on a disk, or on a mounted share", zh="磁盘或已挂载共享上的文件夹"), _disk, is_folder=True
    ),
    "s3": StoreKind(Text(en="S3 bucket: https://HOST/BUCKET[/FOLDER]", zh="S3 存储桶：https://主机/桶[/文件夹]"), _s3),
    "smb": StoreKind(
        Text(en="Windows share: smb://USER@HOST/SHARE[/FOLDER]", zh="Windows 共享：smb://用户@主机/共享[/文件夹]"), _smb
    ),
    "sftp": StoreKind(
        Text(en="SFTP server: sftp://USER@HOST/FOLDER", zh="SFTP 服务器：sftp://用户@主机/文件夹"), _sftp
    ),
    "fsspec": StoreKind(Text(en="any other URL that fsspec opens", zh="fsspec 可打开的其他 URL"), _fsspec),
}
