"""Which of the vault's stores lock. What is locked on them, and until when, is vault/locksync.py's."""

from vault.catalogue import lockers
from vault.ports import Locking
from vault.store import Vault


def locking_stores(vault: Vault) -> dict[str, Locking]:
    """The stores that lock, by name."""
    return {name: store for name, store in vault.stores.items() if isinstance(store, Locking)}


def enrol(vault: Vault) -> None:
    """Let the catalogue know which stores lock: of a new one every lock is due from then on."""
    names = locking_stores(vault).keys()
    with vault.database.reading() as connection:
        if not lockers.differ(connection, names):
            return
    from vault.catalogue import locks  # for the day when a store begins to lock: no command needs it otherwise

    with vault.database.writing() as connection:
        locks.enrol(connection, names)
