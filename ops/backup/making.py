"""Letting the key and the configuration leave the vault: the journal says so first; nobody else can read the file."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from labels.recovery import draw_sheet
from ops.backup.belongings import belongings
from ops.backup.package import Package, about, pack
from ops.backup.sealing import seal
from ops.config import FILE, read_config
from ops.stores import own_places
from vault import acts
from vault.authority import Action, require
from vault.errors import BadInput
from vault.outputs import partial_name, publish_file, reading_from, refuse_existing, sync, writing_to
from vault.store import Vault
from vault.text import Text
from vault.typedkey import TypedKey


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was written, and what is in it by place; of a sheet nothing."""

    file: Path
    sha256: str
    files: Sequence[str] = ()


def back_up(vault: Vault, to: Path, recipients: Sequence[str]) -> Made:
    """Write what no store has into a new file; into a folder under a name of its own.

    BadInput: the name is taken, or lies on a store or in the vault; as `belongings` where something cannot be read.
    """
    require(vault, Action.BACKUP_MAKE)
    setting, now = vault.setting, vault.now()
    files = belongings(setting.home)
    data = pack(Package(about(setting.vault_id, setting.office, now), files))
    if recipients:
        data = seal(data, recipients)
    if to.is_dir():
        ending = "tar.age" if recipients else "tar"
        to = to / f"strongroom-{setting.vault_id}-{now:%Y%m%dT%H%M%SZ}.{ending}"
    _require_elsewhere(setting.home, to)
    return Made(to, _give_out(vault, to, data, "file", recipients), tuple(files))


def print_sheet(vault: Vault, to: Path) -> Made:
    """Draw the recovery sheet (PDF). BadInput as `back_up`; FontsMissing."""
    require(vault, Action.BACKUP_MAKE)
    setting = vault.setting
    typed = TypedKey(setting.vault_id, setting.signer.private_key.private_bytes_raw())
    configuration = setting.home / FILE
    with reading_from(configuration):
        text = configuration.read_text(encoding="utf-8")
    sealed = any(store.recipients for store in read_config(setting.home).store)
    pdf = draw_sheet(typed, setting.office, text, vault.now(), vault.profile.zone, sealed=sealed)
    _require_elsewhere(setting.home, to)
    return Made(to, _give_out(vault, to, pdf, "sheet", ()))


def _require_elsewhere(home: Path, target: Path) -> None:
    """On a store whoever has the disk would have the key; in the vault's folder it is lost with it."""
    place = Path(os.path.realpath(target))
    for own in (home, *own_places(home)):
        if place.is_relative_to(os.path.realpath(own)):
            raise BadInput(
                Text(
                    en=f"{target} lies in the vault itself, or on a store of it.",
                    zh=f"{target} 位于档案库文件夹内或其存储上。",
                ),
                hint=Text(
                    en="Name a place that is not lost with this machine, and that others cannot read.",
                    zh="请指定不会随本机一同丢失、他人无法读取的位置。",
                ),
            )


def _give_out(
    vault: Vault, target: Path, data: bytes, form: Literal["file", "sheet"], recipients: Sequence[str]
) -> str:
    """Write it for its owner's eyes alone, durably; it gets its name once the journal has it. Its SHA-256."""
    refuse_existing(target, len(data))
    partial, digest = partial_name(target), sha256(data).hexdigest()
    act = acts.BackupMade(
        at=vault.now(), by=vault.setting.person, form=form, sha256=digest, recipients=tuple(recipients)
    )
    try:
        with writing_to(target):
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as stream:
                stream.write(data)
            sync(partial)
        vault.commit(lambda _: [act])
        publish_file(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return digest
