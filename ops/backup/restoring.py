"""Bringing key and configuration back into an empty folder: all of them, or nothing.

What is written lies in a folder of its own until all of it is there and has been found good; strongroom.toml gets its
place last, since without it there is no vault. A restore that was killed is finished by asking for the same again.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ops.backup.belongings import ELSEWHERE, HOME
from ops.backup.package import Package
from ops.config import FILE, read_config
from ops.keys import FILE as KEY
from ops.keys import keep_key, read_key, signer_of
from ops.stores import open_stores
from ops.wiring import journal_name
from vault.errors import BlobMissing, IntegrityBroken, JournalBroken, NewerFormat, Refused, StoreUnavailable
from vault.layout import MARKER, read_marker
from vault.note import Signer
from vault.outputs import sync, writing_to
from vault.ports import Store
from vault.text import Text
from vault.typedkey import TypedKey

_PARTIAL = ".strongroom-restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """Where files are now. `elsewhere`: those that lay outside the vault's folder, and where."""

    files: Sequence[Path]
    elsewhere: Mapping[Path, Path]


def restore(package: Package, target: Path) -> Restored:
    """Put a backup's files into an empty folder, or one that is made. Refused: something is there; the backup is not
    of the vault whose stores are. IntegrityBroken: its parts do not belong together; BadInput as read_config.
    """
    _require_free(target)
    with _made(target):
        partial = target / _PARTIAL
        try:
            with writing_to(target):
                shutil.rmtree(partial, ignore_errors=True)
                for path, data in package.files.items():
                    _write(partial / path, data)
            _require_good(package, partial / HOME)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    with writing_to(target):
        _move(package, partial, target)
    places = {target.joinpath(*_landing(path)): path for path in package.files}
    outside = {at: Path(path.removeprefix(ELSEWHERE)) for at, path in places.items() if _is_outside(path)}
    return Restored(sorted(places), outside)


def restore_key(typed: TypedKey, target: Path) -> Path:
    """Put a key that was typed into a folder that is empty, or has the strongroom.toml of that vault and no key."""
    config = read_config(target) if (target / FILE).exists() else None
    if config is None:
        _require_free(target)
    elif config.vault.id != typed.vault_id:
        raise _another_vault(config.vault.id, typed.vault_id)
    if (target / KEY).exists():
        raise _taken(target, Text(en="has a key already", zh="已有密钥"))
    signer = signer_of(journal_name(typed.vault_id), typed.key)
    if config is not None:
        _require_own_stores(open_stores(target, config), typed.vault_id, signer)
    with _made(target), writing_to(target):
        keep_key(target, signer)
    return target / KEY


def _require_free(target: Path) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise _taken(target, Text(en="is no folder", zh="不是文件夹"))
    names = set(os.listdir(target))
    if FILE in names:
        raise _taken(target, Text(en="is a vault already", zh="已经是档案库"))
    if names and _PARTIAL not in names:
        raise _taken(target, Text(en=f"is not empty (it has {min(names)!r})", zh=f"不是空的（其中有 {min(names)!r}）"))


@contextmanager
def _made(target: Path) -> Iterator[None]:
    """A folder that is there; one that was not is gone again where the work in it fails."""
    new = not target.exists()
    with writing_to(target):
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if new:
            with suppress(OSError):
                target.rmdir()
        raise


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _require_good(package: Package, home: Path) -> None:
    """What would not be a vault is not put in a vault's place."""
    config = read_config(home)
    if config.vault.id != package.about.vault:
        raise _mixed(Text(en="its strongroom.toml is another vault's", zh="其中的 strongroom.toml 属于另一档案库"))
    signer = read_key(home, journal_name(config.vault.id))
    _require_own_stores(open_stores(home, config), config.vault.id, signer)


def _require_own_stores(stores: Sequence[Store], vault_id: str, signer: Signer) -> None:
    """Refused where the disk that is mounted in a store's place is another vault's, or was signed by another key. What
    does not answer says nothing."""
    for store in stores:
        try:
            marker = read_marker(store.read_file(MARKER), store.name)
        except (StoreUnavailable, BlobMissing, JournalBroken, NewerFormat):
            continue
        finally:
            store.close()
        if marker.vault != vault_id:
            raise _another_vault(marker.vault, vault_id)
        if marker.journal_key != signer.verifier.vkey:
            raise _mixed(
                Text(
                    en=f"its key is not the one that signed the journal on {store.name}",
                    zh=f"其中的密钥不是存储 {store.name} 上日志的签名密钥",
                )
            )


def _move(package: Package, partial: Path, target: Path) -> None:
    """Each file to its place, the configuration last; what an interrupted restore has moved already is replaced."""
    folders = {target}
    for path in sorted(package.files, key=lambda path: path == f"{HOME}/{FILE}"):
        place = target.joinpath(*_landing(path))
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(partial / path, place)
        folders |= {one for one in place.parents if one.is_relative_to(target)}
    for folder in folders:
        sync(folder)
    shutil.rmtree(partial)


def _landing(path: str) -> Sequence[str]:
    """From a place in a backup to one in the folder."""
    parts = PurePosixPath(path).parts
    return parts if _is_outside(path) else parts[1:]


def _is_outside(path: str) -> bool:
    return path.startswith(f"{ELSEWHERE}/")


def _taken(target: Path, why: Text) -> Refused:
    return Refused(
        Text(en=f"{target} {why.en}.", zh=f"{target} {why.zh}。"),
        hint=Text(
            en="Name an empty folder, or one that does not exist. Nothing was changed.",
            zh="请指定空文件夹或尚不存在的文件夹。未作任何改动。",
        ),
    )


def _another_vault(there: str, wanted: str) -> Refused:
    return Refused(
        Text(
            en=f"Vault {there} is there, and this is of vault {wanted}.", zh=f"该处是档案库 {there}，而此为 {wanted}。"
        ),
        hint=Text(
            en="Take that vault's own, or mount the right disks. Nothing was changed.",
            zh="请使用该库自己的备份，或挂载正确的磁盘。未作任何改动。",
        ),
    )


def _mixed(why: Text) -> IntegrityBroken:
    return IntegrityBroken(
        Text(en=f"What is to be brought back does not fit together: {why.en}.", zh=f"要恢复的内容互不相符：{why.zh}。"),
        hint=Text(en="Nothing was changed. Take another backup.", zh="未作任何改动。请改用另一份备份。"),
    )
