"""Objects given back to the stores by somebody outside of them: by a disc, when copies are missing or damaged.

Every copy of each object is read first, since a disc is fetched for what nobody knows to be damaged, too. The rest is
healing as always (vault/healing.py): journalled, hashed on the way, and what was destroyed lawfully does not come back.
"""

from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import select

from vault.authority import Action, require
from vault.catalogue import schema
from vault.catalogue.copies import ABSENT
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.healing import Damage, heal
from vault.ports import BlobReader
from vault.readback import Progress, read_back
from vault.store import Vault

_AT_ONCE = 64  # objects


@dataclass(slots=True)
class Returned:
    """What came of it. `checked`: copies that were read; `unknown`: objects not in the catalogue, or no more."""

    checked: int = 0
    healed: int = 0
    unknown: int = 0
    hopeless: list[Damage] = field(default_factory=list)
    unavailable: dict[str, StoreUnavailable] = field(default_factory=dict)


def give_back(vault: Vault, lender: BlobReader, progress: Progress) -> Returned:
    """Heal every copy of the lender's objects that is missing, damaged or owed."""
    require(vault, Action.COPIES_SCRUB)
    vault.now()  # a clock that contradicts the journal stops it before anything is changed
    returned = Returned()
    objects = lender.list()
    while batch := [info.digest for info in islice(objects, _AT_ONCE)]:
        damages = _damages(vault, batch, returned, progress)
        hopeless = _healed_from(vault, damages, lender) if damages else []
        returned.healed += len(damages) - len(hopeless)
        for damage in hopeless:
            if damage.refusal is None:
                returned.hopeless.append(damage)
            else:
                returned.unavailable.setdefault(damage.store, damage.refusal)
    return returned


def _healed_from(vault: Vault, damages: list[Damage], lender: BlobReader) -> list[Damage]:
    """What could not be healed, though this one was asked as well."""
    before = vault.lenders
    vault.lenders = (*before, lender)
    try:
        return heal(vault, damages)
    finally:
        vault.lenders = before


def _damages(vault: Vault, digests: list[Digest], returned: Returned, progress: Progress) -> list[Damage]:
    copy, object_, store = schema.copy.c, schema.object_.c, schema.store.c
    query = (
        select(store.name, object_.sha256, object_.size, copy.state)
        .join(schema.object_, object_.id == copy.object_id)
        .join(schema.store, store.id == copy.store_id)
        .where(object_.sha256.in_([digest.raw for digest in digests]), copy.state.not_in(("removing", "leaving")))
    )
    with vault.database.reading() as connection:
        rows = connection.execute(query).all()
    returned.unknown += len(digests) - len({row.sha256 for row in rows})
    damages: list[Damage] = []
    for row in rows:
        if row.name not in vault.writable:
            continue
        digest = Digest(row.sha256)
        if row.state != "good":
            damages.append(Damage(row.name, digest, row.size, "owed" if row.state in ABSENT else "known"))
            continue
        try:
            found = read_back(vault, row.name, digest, progress)
            returned.checked += 1
        except BlobMissing:
            damages.append(Damage(row.name, digest, row.size, "absent"))
        except StoreUnavailable as error:
            returned.unavailable[row.name] = error
        else:
            if found != digest:
                damages.append(Damage(row.name, digest, row.size, "corrupt", found.hex))
    return damages
