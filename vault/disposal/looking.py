"""Whether a destruction may go on: every attached store has to answer and take deletions, and no lock may stand."""

from collections.abc import MutableMapping, Sequence
from datetime import datetime, tzinfo

from vault.catalogue import dooming
from vault.catalogue.copies import store_ids
from vault.digest import Digest
from vault.errors import BlobMissing, StoreReadOnly, StoreUnavailable
from vault.moments import local
from vault.ports import Locking
from vault.store import Vault
from vault.text import Text


def not_ready(vault: Vault) -> dict[str, StoreUnavailable]:
    """Attached stores that do not answer, take no deletions, or are not in the configuration."""
    failures = vault.away()
    with vault.database.reading() as connection:
        attached = store_ids(connection)
    for name in attached:
        if name not in vault.stores:
            failures[name] = StoreUnavailable(
                Text(
                    en=f"Store {name} is attached and not in the configuration.",
                    zh=f"存储 {name} 已接入，但配置中没有。",
                )
            )
        elif vault.is_read_only(name):
            failures[name] = StoreReadOnly(
                Text(
                    en=f"Store {name} is read-only: nothing can be destroyed there.",
                    zh=f"存储 {name} 只读，无法销毁其上的副本。",
                )
            )
    return failures


def locked(
    vault: Vault, serial: int, ending: Sequence[int], silent: MutableMapping[str, StoreUnavailable]
) -> Text | None:
    """Why a record waits: a copy that goes with it is locked, or a store, then among the `silent`, could not tell."""
    with vault.database.reading() as connection:
        digests = list(dooming.only_theirs(connection, serial, ending))
    for name, store in vault.stores.items():
        if not isinstance(store, Locking):
            continue
        try:
            for digest in digests:
                if (why := _lock_on(store, name, digest, vault.setting.clock(), vault.profile.zone)) is not None:
                    return why
        except StoreUnavailable as error:
            silent[name] = error
            return error.what
    return None


def _lock_on(store: Locking, name: str, digest: Digest, now: datetime, zone: tzinfo) -> Text | None:
    try:
        lock = store.lock_of(digest)
    except BlobMissing:
        return None
    if lock.held:
        return Text(en=f"a legal hold stands on {name}", zh=f"存储 {name} 上处于依法保留状态")
    if lock.until is not None and lock.until > now:
        until = local(lock.until, zone)
        return Text(en=f"locked on {name} until {until}", zh=f"在存储 {name} 上锁定至 {until}")
    return None
