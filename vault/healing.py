"""Making damaged or missing copies good again from a copy that is read and proven on the way.

The order is: enter the damage into the journal; read another store's copy whole into an arrival on the damaged store,
hashing; set the bad copy aside (the store does, when the arrival meets it); enter the healing. A source that does not
hash to its name heals nothing.
"""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Literal

from vault import acts
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.ports import Incoming, Store
from vault.store import Vault

BLOCK = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """A copy that is not good. `owed`: it was never here (a new store, or one that was away during an intake).

    `silent`, once healing was tried: stores that did not answer, so that a good copy, or room for one, may be there.
    """

    store: str
    digest: Digest
    size: int
    state: Literal["absent", "corrupt", "owed"]
    found: str = ""  # the hash of what was there
    silent: tuple[str, ...] = ()


def heal(vault: Vault, damages: Sequence[Damage]) -> list[Damage]:
    """Heal what can be healed, each from any other store; returns what could not be. Journalled before and after.

    StoreUnavailable where the journal cannot be written; nothing has been healed then that it does not carry.
    """
    by, now = vault.setting.person, vault.now()
    found: list[acts.AnyAct] = [
        acts.CopyDamaged(at=now, by=by, store=d.store, sha256=d.digest.hex, state=d.state, found=d.found)
        for d in damages
        if d.state != "owed"
    ]
    if found:
        vault.commit(lambda _: found, happened_already=True)
    healed: list[acts.AnyAct] = []
    hopeless: list[Damage] = []
    for damage in damages:
        source = _restore(vault, damage)
        if isinstance(source, Damage):
            hopeless.append(source)
        else:
            sha256 = damage.digest.hex
            healed.append(acts.CopyHealed(at=vault.now(), by=by, store=damage.store, sha256=sha256, source=source))
    if healed:
        vault.commit(lambda _: healed, happened_already=True)
    return hopeless


def _restore(vault: Vault, damage: Damage) -> str | Damage:
    """Write the copy anew; the name of the store it came from, or why it could not be done."""
    if vault.is_read_only(damage.store):
        return damage
    target = vault.stores[damage.store]
    silent: list[str] = []
    for source in vault.stores.values():
        if source is target:
            continue
        try:
            lent = _bring(source, damage, target)
        except StoreUnavailable:
            return replace(damage, silent=(*silent, target.name))  # nowhere to put it: no other source can help
        if lent == "good":
            return source.name
        if lent == "silent":
            silent.append(source.name)
    return replace(damage, silent=tuple(silent))


Lent = Literal["good", "none", "silent"]


def _bring(source: Store, damage: Damage, target: Store) -> Lent:
    """Bring one store's copy to another. StoreUnavailable is about the target alone."""
    arrival = target.begin(damage.size)
    try:
        lent = _proven_copy(source, damage.digest, arrival)
        if lent == "good":
            arrival.finish()
            target.put([(arrival, damage.digest)])
        return lent
    finally:
        arrival.abandon()  # harmless after `put`


def _proven_copy(source: Store, digest: Digest, arrival: Incoming) -> Lent:
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
            if not block:
                return "good" if hasher.digest() == digest.raw else "none"
            hasher.update(block)
            arrival.write(block)
