"""Copies brought to a store, a handful at a time: read from any other store or disc, proven on the way, made objects.

A source that does not hash to its name lends nothing. Small objects cross together, since each costs a store on a
network a few round trips.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from vault.digest import Digest
from vault.errors import BlobMissing, DiscWanted, StoreFull, StoreUnavailable
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
    that was to have it did not take it. `disc`: which one has it, where one has and is in no drive.
    """

    source: str = ""
    silent: tuple[str, ...] = ()
    refusal: StoreUnavailable | None = None
    disc: DiscWanted | None = None


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


class _Refusals:
    """What a store did not take. Where it had no room, nothing as large is offered to it again, and what is smaller is;
    where it had another reason, nothing is.
    """

    def __init__(self) -> None:
        self._last = Carried()
        self._from = math.inf  # bytes

    def of(self, errand: Errand) -> Carried | None:
        """None: it may be offered."""
        return self._last if errand.size >= self._from else None

    def note(self, name: str, errand: Errand, error: StoreUnavailable) -> Carried:
        self._last = _refused(name, error)
        self._from = errand.size if isinstance(error, StoreFull) else 0
        return self._last


def carry(vault: Vault, name: str, errands: Sequence[Errand]) -> list[Carried]:
    """Bring a handful of objects to a store; durable on return. Where room is short, those that fit are brought.

    Stores that were silent a moment ago lend nothing.
    """
    try:
        return _carry_together(vault, name, errands, _Refusals())
    except StoreUnavailable as error:  # nowhere to put it: no other source can help
        if len(errands) == 1 or not isinstance(error, StoreFull):
            return [_refused(name, error)] * len(errands)
    carried: list[Carried] = []
    refusals = _Refusals()
    for errand in errands:  # together they were too much; one after the other, and what has come is there
        became = refusals.of(errand)
        try:
            if became is None or _is_there(vault.stores[name], errand.digest):
                became = _carry_together(vault, name, [errand], refusals)[0]
        except StoreUnavailable as error:
            became = refusals.note(name, errand, error)
        carried.append(became)
    return carried


def _is_there(store: Store, digest: Digest) -> bool:
    try:
        store.stat(digest)
    except BlobMissing:
        return False
    return True


def _carry_together(vault: Vault, name: str, errands: Sequence[Errand], refusals: _Refusals) -> list[Carried]:
    """StoreUnavailable is about the target, StoreFull about all that arrived; some may be objects then."""
    target = vault.stores[name]
    carried: list[Carried] = []
    arrived: list[tuple[Incoming, Digest]] = []
    try:
        for errand in errands:
            try:
                carried.append(refusals.of(errand) or _lend(vault, target, errand, arrived))
            except StoreFull as error:
                carried.append(refusals.note(name, errand, error))
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
    disc: DiscWanted | None = None
    for source in _sources(vault, target, silent):
        arrival = target.begin(errand.size)
        try:
            lent = _proven_copy(source, errand.digest, arrival, vault.setting.pace.between(source.name, target.name))
            if lent == "good":
                arrival.finish()
        except BaseException:
            arrival.abandon()
            raise
        if lent == "good":
            arrived.append((arrival, errand.digest))
            return Carried(source.name, tuple(silent))
        arrival.abandon()
        if isinstance(lent, DiscWanted):
            disc = lent
        elif lent == "silent":
            silent.append(source.name)
            if store := vault.stores.get(source.name):  # all of it, or this one object? If all, nobody need wait for it
                vault.absences.silent(store)
    return Carried(silent=tuple(silent), disc=disc)


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


def _proven_copy(
    source: Lender, digest: Digest, arrival: Incoming, pace: Callable[[int], object]
) -> Literal["good", "none", "silent"] | DiscWanted:
    """Copy while hashing; only "good" was proven."""
    hasher = hashlib.sha256()
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(source.open(digest))
        except BlobMissing:
            return "none"
        except DiscWanted as error:
            return error
        except StoreUnavailable:
            return "silent"
        while True:
            try:
                block = stream.read(BLOCK)
            except DiscWanted as error:  # of an object that is cut, the next disc
                return error
            except StoreUnavailable:
                return "silent"
            except BlobMissing:  # of an object that is cut, a piece
                return "none"
            if not block:
                return "good" if hasher.digest() == digest.raw else "none"
            hasher.update(block)
            arrival.write(block)
            pace(len(block))
