"""Whether a store is there, what room it has, and whether it is whole at a glance: what status, probe and metrics ask.

Cheaply, of every kind, whatever it holds. That a glance finds nothing wrong proves little; scrub and fsck tell.
"""

import random
from contextlib import suppress

from vault import tlog
from vault.catalogue.spotchecks import spots, still_good
from vault.errors import BlobCorrupt, BlobMissing, IntegrityBroken, StoreUnavailable
from vault.journal import FOLDER, read_checkpoint
from vault.layout import MARKER, stranger
from vault.ports import Capacity, Measured, Store
from vault.store import Vault
from vault.text import Text


def look_at(store: Store) -> Capacity | None:
    """Its room, None where it has no word for that. StoreUnavailable where it does not answer."""
    if isinstance(store, Measured):
        return store.capacity()
    with suppress(BlobMissing):  # it answered; that its marker is gone is for fsck
        store.read_file(MARKER)
    return None


def flaw(vault: Vault, name: str) -> IntegrityBroken | StoreUnavailable | None:
    """What is wrong with a store at a glance."""
    try:
        require_whole(vault, name)
    except (IntegrityBroken, StoreUnavailable) as error:
        return error
    return None


def require_whole(vault: Vault, name: str) -> None:
    """That a store's journal can be read with what we have, and a few of its copies are where they belong.

    BlobMissing, JournalBroken or BlobCorrupt where that is not so; StoreUnavailable where it cannot be told.
    """
    store = vault.stores[name]
    if (foreign := stranger(store, vault.setting.vault_id)) is not None:
        raise foreign
    if read_checkpoint(store, vault.verifier).size >= tlog.TILE_WIDTH:
        store.read_file(f"{FOLDER}/{tlog.tile_path(0, 0)}")  # the oldest, which may be sealed for earlier keys
    with vault.database.reading() as connection:
        looked_for = spots(connection, name, random.random())
    missing, changed = [], []
    for spot in looked_for:
        try:
            if store.stat(spot.digest).size != spot.size:
                changed.append(spot)
        except BlobMissing:
            missing.append(spot)
    if missing or changed:
        with vault.database.reading() as connection:
            missing, changed = (still_good(connection, name, found) for found in (missing, changed))
    if missing:
        raise BlobMissing(_not_there(name, len(missing), len(looked_for)), _IN_PLACE)
    if changed:
        raise BlobCorrupt(_changed(name, len(changed), len(looked_for)))


def _not_there(name: str, count: int, of: int) -> Text:
    return Text(
        en=f"Store {name}: {count} of {of} copies that were looked for are not there.",
        zh=f"存储 {name}：抽查 {of} 个副本，缺失 {count} 个。",
    )


def _changed(name: str, count: int, of: int) -> Text:
    return Text(
        en=f"Store {name}: {count} of {of} copies that were looked for have another size.",
        zh=f"存储 {name}：抽查 {of} 个副本，{count} 个大小不符。",
    )


_IN_PLACE = Text(
    en="If its objects were moved, or a part of it is not mounted, put that right. Otherwise bring them from the other "
    "stores: strongroom scrub",
    zh="如对象文件被移走或部分内容未挂载，请先恢复原状；否则请从其他存储补齐：strongroom scrub",
)
