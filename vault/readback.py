"""Copies read back whole and hashed, from the medium itself where a store can: the proof that they are good."""

import hashlib
import mmap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local

from vault.digest import Block, Digest
from vault.layout import stranger
from vault.ports import MediumReader, ReadsMedium, Store
from vault.store import Vault

BLOCK = 4 << 20  # bytes that are read at a time

Progress = Callable[[int], object]


class _Own(local):
    """What a worker has to itself: two buffers, and a thread that fills one while the worker hashes the other."""

    def __init__(self) -> None:
        # page-aligned, as reading past the cache demands
        self.buffers = [memoryview(mmap.mmap(-1, BLOCK)) for _ in range(2)]
        self.ahead = ThreadPoolExecutor(1)


_own = _Own()


def read_back(vault: Vault, name: str, digest: Digest, progress: Progress = int) -> Digest:
    """`hash_copy` of a copy on one of the vault's stores. StoreNotMounted, too, where what was read there is not this
    vault's: on somebody else's disk there is no copy of ours, whatever it hashes to.
    """
    store = vault.stores[name]
    found = hash_copy(store, digest, progress)
    if (foreign := stranger(store, vault.setting.vault_id)) is not None:
        raise foreign
    return found


def hash_copy(store: Store, digest: Digest, progress: Progress = int) -> Digest:
    """The SHA-256 of what the store has under the address, read from the medium itself where the store can."""
    hasher = hashlib.sha256()

    def take(block: Block) -> None:
        hasher.update(block)
        progress(len(block))

    if isinstance(store, ReadsMedium):
        with store.open_medium(digest) as medium:
            _read_ahead(medium, take)
    else:
        with store.open(digest) as stream:
            while block := stream.read(BLOCK):
                take(block)
    return Digest(hasher.digest())


def _read_ahead(medium: MediumReader, take: Callable[[Block], None]) -> None:
    """Read to the end: while a block is taken the next one is on its way, so that the disk does not wait."""
    now, following = _own.buffers
    count = medium.readinto(now)
    while count:
        ahead = _own.ahead.submit(medium.readinto, following) if count == BLOCK else None  # not for the many small
        try:
            take(now[:count])
        finally:
            count = ahead.result() if ahead is not None else medium.readinto(following)
        now, following = following, now
