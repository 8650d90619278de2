"""Whether a store is there, and what room it has: what status and metrics ask, cheaply, of every kind."""

from contextlib import suppress

from vault.errors import BlobMissing
from vault.layout import MARKER
from vault.ports import Capacity, Measured, Store


def look_at(store: Store) -> Capacity | None:
    """Its room, None where it has no word for that. StoreUnavailable where it does not answer."""
    if isinstance(store, Measured):
        return store.capacity()
    with suppress(BlobMissing):  # it answered; that its marker is gone is for fsck
        store.read_file(MARKER)
    return None
