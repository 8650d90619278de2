"""Making damaged or missing copies good again from a copy that is read and proven on the way.

The order is: enter the damage into the journal; bring another store's copy (vault/carrying.py); the store sets the bad
one aside when the new one meets it; enter the healing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from vault import acts
from vault.carrying import Carried, Errand, carry, handfuls
from vault.catalogue import dooming
from vault.digest import Digest
from vault.errors import DiscWanted, StoreUnavailable
from vault.store import Vault


@dataclass(frozen=True, slots=True)
class Damage:
    """A copy that is not good. `owed`: it was never here; `known`: its damage is in the journal already.

    `silent`, once healing was tried: stores that did not answer, so that a good copy, or room for one, may be there.
    `refusal`: why the store itself did not take the copy that another one has. `disc`: that a disc has it, and which.
    """

    store: str
    digest: Digest
    size: int
    state: Literal["absent", "corrupt", "owed", "known"]
    found: str = ""  # the hash of what was there
    silent: tuple[str, ...] = ()
    refusal: StoreUnavailable | None = None
    disc: DiscWanted | None = None

    @property
    def may_be_had(self) -> bool:
        """Whether there may be a good copy, or room for one, that could not be asked for just then."""
        return bool(self.silent) or self.disc is not None


def heal(vault: Vault, damages: Sequence[Damage]) -> list[Damage]:
    """Heal what can be healed, each from any other store; returns what could not be. Journalled before and after.

    StoreUnavailable where the journal cannot be written; nothing has been healed then that it does not carry.
    """
    by, now = vault.setting.person, vault.now()
    found: list[acts.AnyAct] = [
        acts.CopyDamaged(at=now, by=by, store=d.store, sha256=d.digest.hex, state=d.state, found=d.found)
        for d in damages
        if d.state in ("absent", "corrupt")
    ]
    if found:
        vault.commit(lambda _: found, happened_already=True)
    with vault.shared_intake():
        return _heal_known(vault, damages)


def _heal_known(vault: Vault, damages: Sequence[Damage]) -> list[Damage]:
    """What was destroyed in the meantime is damaged no more, and nobody brings it back."""
    hopeless: list[Damage] = []
    with vault.database.reading() as connection:
        known = {digest for digest in {damage.digest for damage in damages} if dooming.is_known(connection, digest)}
    damages = [damage for damage in damages if damage.digest in known]
    for name, mine in groupby(sorted(damages, key=lambda damage: damage.store), lambda damage: damage.store):
        waiting = list(mine)
        if vault.is_read_only(name):
            hopeless += waiting
            continue
        for handful in handfuls(Errand(damage.digest, damage.size) for damage in waiting):
            these, waiting = waiting[: len(handful)], waiting[len(handful) :]
            carried = carry(vault, name, handful)
            happened = list(_healed(vault, name, these, carried))
            if happened:
                vault.commit(lambda _, these=happened: these, happened_already=True)  # type: ignore[misc]  # bound now
            hopeless += [
                replace(damage, silent=one.silent, refusal=one.refusal, disc=one.disc)
                for damage, one in zip(these, carried, strict=True)
                if not one.source
            ]
    return hopeless


def _healed(vault: Vault, name: str, damages: Sequence[Damage], carried: Sequence[Carried]) -> Iterator[acts.AnyAct]:
    by, now = vault.setting.person, vault.now()
    made: list[str] = []
    for damage, one in zip(damages, carried, strict=True):
        if not one.source:
            continue
        if damage.state == "owed":
            made.append(damage.digest.hex)
        else:
            yield acts.CopyHealed(at=now, by=by, store=name, sha256=damage.digest.hex, source=one.source)
    if made:
        yield acts.CopiesMade(at=now, by=by, store=name, sha256=tuple(made))
