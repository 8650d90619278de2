"""Copies brought to a store, a handful at a time: read from any other store or disc, proven on the way, made objects.

A source that does not hash to its name lends nothing. Small objects cross together, since each costs a store on a
network a few round trips.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.ports import Incoming, Lender, Store
from vault.store import Vault

BLOCK = 1 << 20  # bytes
_TOGETHER = 64  # objects in a handful …
_BYTES = 64 << 20  # … or so many bytes


@dataclass(frozen=True, slots=True)
class Errand:
    """An object that a store is to have; `size` in bytes."""

    digest: Digest
    size: int


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of it. `source`: the store or disc that lent it, empty where none could.

    `silent`: stores that did not answer, so that a good copy, or room for one, may be there.
    """

    source: str = ""
    silent: tuple[str, ...] = ()


def handfuls(errands: Iterable[Errand]) -> Iterator[list[Errand]]:
    """Errands that cross together."""
    some: list[Errand] = []
    size = 0
    for errand in errands:
        some.append(errand)
        size += errand.size
        if len(some) >= _TOGETHER or size >= _BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def carry(vault: Vault, name: str, errands: Sequence[Errand]) -> list[Carried]:
    """Bring a handful of objects to a store; durable on return. Stores that were silent a moment ago lend nothing."""
    target = vault.stores[name]
    carried: list[Carried] = []
    arrived: list[tuple[Incoming, Digest]] = []
    try:
        for errand in errands:
            carried.append(_lend(vault, target, errand, arrived))
        if arrived:
            target.put(arrived)
    except StoreUnavailable:  # nowhere to put it: no other source can help
        return [Carried(silent=(name,))] * len(errands)
    finally:
        for arrival, _ in arrived:
            arrival.abandon()  # harmless after `put`
    return carried


def _lend(vault: Vault, target: Store, errand: Errand, arrived: list[tuple[Incoming, Digest]]) -> Carried:
    """One object into an arrival. StoreUnavailable is about the target alone."""
    silent: list[str] = []
    for source in _sources(vault, target, silent):
        arrival = target.begin(errand.size)
        try:
            lent = _proven_copy(source, errand.digest, arrival)
            if lent == "good":
                arrival.finish()
        except BaseException:
            arrival.abandon()
            raise
        if lent == "good":
            arrived.append((arrival, errand.digest))
            return Carried(source.name, tuple(silent))
        arrival.abandon()
        if lent == "silent":
            silent.append(source.name)
            if store := vault.stores.get(source.name):  # all of it, or this one object? If all, nobody need wait for it
                vault.absences.silent(store)
    return Carried(silent=tuple(silent))


def _sources(vault: Vault, target: Store, silent: list[str]) -> Iterator[Lender]:
    """The other stores, but those that were silent a moment ago, which are noted; then discs."""
    for store in vault.stores.values():
        if store is target:
            continue
        if vault.absences.lately_silent(store.name) is not None:
            silent.append(store.name)
            continue
        yield store
    yield from vault.lenders


def _proven_copy(source: Lender, digest: Digest, arrival: Incoming) -> Literal["good", "none", "silent"]:
    """Copy while hashing; only "good" was proven."""
    hasher = hashlib.sha256()
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(source.open(digest))
        except BlobMissing:
            return "none"
        except StoreUnavailable:
            return "silent"
        while True:
            try:
                block = stream.read(BLOCK)
            except StoreUnavailable:
                return "silent"
            except BlobMissing:  # of an object that is cut, a piece
                return "none"
            if not block:
                return "good" if hasher.digest() == digest.raw else "none"
            hasher.update(block)
            arrival.write(block)
