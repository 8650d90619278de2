"""The kinds of store, in one table. A kind is added here and nowhere else; `strongroom.toml` names it by its key."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vault.bandwidth import Bandwidth
from vault.errors import BadInput, BadSecret
from vault.ports import LockMode, Store
from vault.text import Text

if TYPE_CHECKING:
    from backends.files import Files
    from backends.generic import FsspecFiles
    from backends.nas import Share
    from backends.probe import Place
    from backends.retrying import RetryingFiles
    from backends.s3 import S3Files
    from backends.sftp import SftpTree
    from backends.smb import SmbTree
    from backends.trees import TreeFiles

_IDENTITY = "age_identity"  # the key in a secret that opens what is sealed
_RETRIES = 3  # where a store behind a network does not say


@dataclass(frozen=True, slots=True)
class Secret:
    """What a store's server asks for, by name, as a file of its own says it. Its values are never shown."""

    file: Path | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> str:
        """BadSecret names the file and the key that is missing in it."""
        if name in self.values:
            return self.values[name]
        if self.file is None:
            raise BadSecret(
                Text(
                    en=f"The store needs a secret file with {name!r}.",
                    zh=f"该存储需要一个含 {name!r} 的密钥文件。",
                ),
                hint=Text(
                    en='Name it in strongroom.toml, below the store: secret = "FILE"',
                    zh='请在 strongroom.toml 的该存储下写明：secret = "文件"',
                ),
            )
        raise BadSecret(Text(en=f"{self.file}: {name} is missing.", zh=f"{self.file}：缺少 {name}。"))

    def get(self, name: str) -> str | None:
        return self.values.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a store is opened with. `scratch` is a folder of this machine for bytes on their way.

    `recipients`: public keys (age1…) for which all that goes there is sealed; the secret then has `age_identity`.
    `lock`: the mode in which it locks copies, for the kinds that can. `retries`: how often the place is asked again;
    None: as is best. `bandwidth`: bytes a second; None: all there is. `moving`: that for moving copies.
    """

    name: str
    location: str
    vault_id: str
    secret: Secret = Secret()
    scratch: Path | None = None
    recipients: tuple[str, ...] = ()
    lock: LockMode | None = None
    retries: int | None = None
    bandwidth: int | None = None
    moving: Bandwidth | None = None
    read_only: bool = False

    def line(self, files: "Files") -> "RetryingFiles":
        """The place's files over a line that is not used up, and that may break."""
        from backends.retrying import RetryingFiles
        from backends.throttled import ThrottledFiles

        for bandwidth in (self.moving, Bandwidth(self.bandwidth) if self.bandwidth is not None else None):
            if bandwidth is not None:
                files = ThrottledFiles(files, bandwidth)
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

    def require_keys(self) -> None:
        """BadInput or BadSecret where what is sealed there could not be read again."""
        if self.recipients:
            from backends.sealed import Keys

            Keys(self.recipients, self.secret[_IDENTITY].split())

    def sealed(self, files: "Files") -> "Files":
        """The place's files, sealed if they are to be."""
        if not self.recipients:
            return files
        from backends.sealed import SealedFiles

        return SealedFiles(files, self.recipients, self.secret[_IDENTITY].split(), self.scratch)


@dataclass(frozen=True, slots=True)
class StoreKind:
    """How a store of this kind is opened, how its place is probed, and what its location looks like.

    Opening asks nothing of the store: it may be away. A probe is of the place itself, unsealed. `is_folder`: the
    location is a folder of this machine, which the configuration may give relative to the vault's own, and which no
    intake takes in; `may_hang`: nobody looks there who has not asked whether it answers (answering.py); `locks`: it can
    keep copies from being deleted (the role `Locking`), and does where the configuration says so; `asks`: the keys that
    its secret may have, None where they are another program's. Libraries are imported when a store of the kind is
    opened, not before: most commands of most offices need none.
    """

    label: Text
    open: Callable[[Opening], Store]
    place: Callable[[Opening], "Place"]
    asks: tuple[str, ...] | None
    is_folder: bool = False
    may_hang: bool = False
    locks: bool = False


def open_store(kind: StoreKind, at: Opening) -> Store:
    """A store of that kind, and only to be read if that is said."""
    store = kind.open(at)
    if not at.read_only:
        return store
    from backends.readonly import ReadOnlyStore

    return ReadOnlyStore(store)


def _disk(at: Opening) -> Store:
    from backends.disk import DiskStore

    _require_open(at)
    return DiskStore(at.name, Path(at.location), at.vault_id)


def _require_open(at: Opening) -> None:
    at.require_no_line()
    if at.recipients:
        raise BadInput(
            Text(
                en=f"Store {at.name}: a disk is not sealed by this program; use the disk's own encryption.",
                zh=f"存储 {at.name}：本程序不加密磁盘存储，请使用磁盘自身的加密。",
            ),
            hint=Text(
                en='One that leaves the house as a third copy can be sealed as kind = "fsspec", location = '
                f'"file://{at.location}".',
                zh=f'须带离本单位作为第三份副本的磁盘，可用 kind = "fsspec"、location = "file://{at.location}" 加密。',
            ),
        )


def _disk_place(at: Opening) -> "Place":
    from backends.probe_places import FolderPlace

    return FolderPlace(Path(at.location))


def _share(at: Opening) -> "Share":
    from backends.answering import watch
    from backends.nas import Share

    scratch = at.scratch or Path(tempfile.gettempdir())
    return Share(at.name, Path(at.location), watch(Path(at.location), scratch / f"{at.name}.asking"))


def _nas(at: Opening) -> Store:
    from backends.nas import NasStore

    _require_open(at)
    return NasStore(at.name, _share(at), at.vault_id)


def _nas_place(at: Opening) -> "Place":
    from backends.nas import NasPlace

    return NasPlace(_share(at))


def _s3_files(at: Opening) -> "S3Files":
    from backends.s3 import PART, SMALL_PART, S3Files

    part = PART if at.bandwidth is None else SMALL_PART  # a part goes out at once, and others want the line too
    return S3Files(at.location, at.secret["access_key"], at.secret["secret_key"], part)


def _s3(at: Opening) -> Store:
    files = _s3_files(at)
    sealed = at.sealed(at.line(files))
    if at.lock is None:
        from backends.bucket import BucketStore

        return BucketStore(at.name, sealed, at.vault_id, at.location, at.scratch, bucket=files)
    from backends.s3lock import LockingRemoteStore, S3Locks

    locks = S3Locks(files, at.lock)
    return LockingRemoteStore(at.name, sealed, at.vault_id, at.location, at.scratch, locks=locks)


def _s3_place(at: Opening) -> "Place":
    from backends.probe_s3 import S3Place

    return S3Place(lambda: _s3_files(at))


def _smb_tree(at: Opening) -> "SmbTree":
    from backends.smb import SmbTree

    return SmbTree(at.location, at.secret["password"])


def _smb(at: Opening) -> Store:
    from backends.trees import TreeFiles

    return _measured(at, TreeFiles(_smb_tree(at)))


def _smb_place(at: Opening) -> "Place":
    from backends.probe_places import TreePlace

    return TreePlace(at.location, lambda: _smb_tree(at), "SMB2 FLUSH")


def _sftp_tree(at: Opening) -> "SftpTree":
    from backends.sftp import SftpTree

    key = at.secret.get("private_key")
    if key is not None and at.secret.file is not None:
        key = str(at.secret.file.parent / key)
    return SftpTree(at.location, at.secret["host_key"], key, at.secret.get("password"))


def _sftp(at: Opening) -> Store:
    from backends.trees import TreeFiles

    return _measured(at, TreeFiles(_sftp_tree(at)))


def _sftp_place(at: Opening) -> "Place":
    from backends.probe_places import TreePlace

    return TreePlace(at.location, lambda: _sftp_tree(at), "fsync@openssh.com")


def _fsspec_files(at: Opening) -> "FsspecFiles":
    from backends.generic import FsspecFiles

    return FsspecFiles(at.location, {name: value for name, value in at.secret.values.items() if name != _IDENTITY})


def _fsspec(at: Opening) -> Store:
    from backends.remote import RemoteStore

    return RemoteStore(at.name, at.sealed(at.line(_fsspec_files(at))), at.vault_id, at.location, at.scratch)


def _fsspec_place(at: Opening) -> "Place":
    from backends.probe_places import GenericPlace

    return GenericPlace(lambda: _fsspec_files(at))


def _measured(at: Opening, files: "TreeFiles") -> Store:
    from backends.remote import MeasuredRemoteStore

    line = at.line(files)
    return MeasuredRemoteStore(
        at.name,
        at.sealed(line),
        at.vault_id,
        at.location,
        at.scratch,
        time=files.time,
        room=lambda: line.ask(files.room),
    )


STORES: Mapping[str, StoreKind] = {
    "disk": StoreKind(
        Text(en="folder on a disk", zh="磁盘上的文件夹"),
        _disk,
        _disk_place,
        is_folder=True,
        asks=(_IDENTITY,),  # of who would seal it: he is told what to do instead
    ),
    "nas": StoreKind(
        Text(en="folder on a share that this machine has mounted", zh="本机已挂载的网络共享上的文件夹"),
        _nas,
        _nas_place,
        is_folder=True,
        may_hang=True,
        asks=(_IDENTITY,),
    ),
    "s3": StoreKind(
        Text(en="S3 bucket: https://HOST/BUCKET[/FOLDER]", zh="S3 存储桶：https://主机/桶[/文件夹]"),
        _s3,
        _s3_place,
        locks=True,
        asks=("access_key", "secret_key", _IDENTITY),
    ),
    "smb": StoreKind(
        Text(en="Windows share: smb://USER@HOST/SHARE[/FOLDER]", zh="Windows 共享：smb://用户@主机/共享[/文件夹]"),
        _smb,
        _smb_place,
        asks=("password", _IDENTITY),
    ),
    "sftp": StoreKind(
        Text(en="SFTP server: sftp://USER@HOST/FOLDER", zh="SFTP 服务器：sftp://用户@主机/文件夹"),
        _sftp,
        _sftp_place,
        asks=("private_key", "password", "host_key", _IDENTITY),
    ),
    "fsspec": StoreKind(
        Text(en="any other URL that fsspec opens", zh="fsspec 可打开的其他 URL"),
        _fsspec,
        _fsspec_place,
        asks=None,
    ),
}
