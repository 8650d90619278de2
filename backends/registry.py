"""The kinds of store, in one table. A kind is added here and nowhere else; `strongroom.toml` names it by its key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from backends.disk import DiskStore
from vault.ports import Store
from vault.text import Text


@dataclass(frozen=True, slots=True)
class StoreKind:
    """How a store of this kind is opened: from its name, its location and the vault's id.

    Opening asks nothing of the store: it may be away. `is_folder`: the location is a folder of this machine, which
    the configuration may give relative to the vault's own, and which no intake takes in.
    """

    label: Text
    open: Callable[[str, str, str], Store]
    is_folder: bool = False


STORES: Mapping[str, StoreKind] = {
    "disk": StoreKind(
        Text(en="folder on a disk, or on a mounted share", zh="磁盘或已挂载共享上的文件夹"),
        lambda name, location, vault_id: DiskStore(name, Path(location), vault_id),
        is_folder=True,
    ),
}
