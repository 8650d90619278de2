"""Making damaged or missing copies good again from a copy that is read and proven on the way.

The order is: read the good copy whole into an arrival on the store to be healed, hashing; enter the damage into the
journal; set the bad copy aside (the store does, when the arrival meets it); enter the healing. A source that does not
hash to its name heals nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vault import acts
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.ports import Incoming, Store
from vault.store import Vault

BLOCK = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """A copy that is not good. `owed`: it was never here (a new store, or one that was away during an intake)."""

    store: str
    digest: Digest
    size: int
    state: Literal["absent", "corrupt", "owed"]
    found: str = ""  # the hash of what was there


def heal(vault: Vault, damages: Sequence[Damage]) -> list[Damage]:
    """Heal what can be healed, each from any other store; returns what could not be. Journalled before and after."""
    by, now = vault.setting.person, vault.now()
    found: list[acts.AnyAct] = [
        acts.CopyDamaged(at=now, by=by, store=d.store, sha256=d.digest.hex, state=d.state, found=d.found)
        for d in damages
        if d.state != "owed"
    ]
    if found:
        vault.commit(lambda _: found)
    healed: list[acts.AnyAct] = []
    hopeless: list[Damage] = []
    for damage in damages:
        source = _restore(vault, damage)
        if source is None:
            hopeless.append(damage)
        else:
            sha256 = damage.digest.hex
            healed.append(acts.CopyHealed(at=vault.now(), by=by, store=damage.store, sha256=sha256, source=source))
    if healed:
        vault.commit(lambda _: healed)
    return hopeless


def _restore(vault: Vault, damage: Damage) -> str | None:
    """Write the copy anew; the name of the store it came from, None if no store has a good one."""
    target = vault.stores[damage.store]
    for source in vault.stores.values():
        if source is target:
            continue
        arrival = target.begin(damage.size)
        try:
            good = _proven_copy(source, damage.digest, arrival)
        except (BlobMissing, StoreUnavailable):
            good = False  # this store cannot help now; another one may
        if good:
            arrival.finish()
            target.put([(arrival, damage.digest)])
            return source.name
        arrival.abandon()
    return None


def _proven_copy(source: Store, digest: Digest, arrival: Incoming) -> bool:
    hasher = hashlib.sha256()
    with source.open(digest) as stream:
        while block := stream.read(BLOCK):
            hasher.update(block)
            arrival.write(block)
    return hasher.digest() == digest.raw
