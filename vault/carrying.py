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
from vault.errors import BlobMissing, StoreFull, StoreUnavailable
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

    `silent`: stores that did not answer, so that a good copy, or room for one, may be there. `refusal`: why the store
    that was to have it did not take it.
    """

    source: str = ""
    silent: tuple[str, ...] = ()
    refusal: StoreUnavailable | None = None


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
    """Bring a handful of objects to a store; durable on return. Where room is short, those that fit are brought.

    Stores that were silent a moment ago lend nothing.
    """
    try:
        return _carry_together(vault, name, errands)
    except StoreUnavailable as error:  # nowhere to put it: no other source can help
        if len(errands) == 1 or not isinstance(error, StoreFull):
            return [_refused(name, error)] * len(errands)
    carried: list[Carried] = []
    for errand in errands:  # together they were too much; one after the other, until there is no more room
        full = bool(carried) and carried[-1].refusal is not None
        carried += carried[-1:] if full else carry(vault, name, [errand])
    return carried


def _carry_together(vault: Vault, name: str, errands: Sequence[Errand]) -> list[Carried]:
    """StoreUnavailable is about the target, StoreFull about all that arrived; some may be objects then."""
    target = vault.stores[name]
    carried: list[Carried] = []
    arrived: list[tuple[Incoming, Digest]] = []
    full: Carried | None = None
    too_large = 0
    try:
        for errand in errands:
            if full is not None and errand.size >= too_large:
                carried.append(full)
                continue
            try:
                carried.append(_lend(vault, target, errand, arrived))
            except StoreFull as error:
                full, too_large = _refused(name, error), errand.size
                carried.append(full)
        if arrived:
            target.put(arrived)
    finally:
        for arrival, _ in arrived:
            arrival.abandon()  # harmless after `put`
    return carried


def _refused(name: str, error: StoreUnavailable) -> Carried:
    return Carried(silent=(name,), refusal=error)


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
