"""Proof: after destruction every store is asked once more for every object, and what they said is signed.

Absent is an answer, and only it counts: asked twice, since a gateway that is failing over denies what it has; with
every version that a bucket keeps beneath; and with damaged copies that were set aside. Where something is left, the
journal says so, and it is destroyed anew. A store that could not tell leaves the disposal open.
"""

import hashlib
from collections.abc import Iterator, Sequence

from vault import acts
from vault.catalogue import disposals, dooming
from vault.catalogue.copies import store_ids
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.ports import KeepsVersions, Store
from vault.store import Vault

ASIDE = "damaged"  # where stores lay copies that failed a check (docs/format.md)


def prove(vault: Vault, number: str) -> dict[str, StoreUnavailable]:
    """Ask every attached store; stores that could not tell. Entered: the proof, or what is left and where.

    Busy while an intake is at work: what has just arrived is in no record yet.
    """
    with vault.no_intake():
        with vault.database.reading() as connection:
            names = list(store_ids(connection))
            if disposals.standing(connection, number).proven_at is not None:
                return {}
        failures: dict[str, StoreUnavailable] = {}
        left: dict[str, list[Digest]] = {name: [] for name in names}
        absent = dict.fromkeys(names, 0)
        hasher, objects, returned = hashlib.sha256(), 0, 0
        for page in _pages(vault, number):
            ours = [digest for digest, known in page if not known]
            returned += len(page) - len(ours)
            objects += len(page)
            for digest, _ in page:
                hasher.update(digest.raw)
            for name in names:
                try:
                    here = _still_here(vault.stores[name], ours) if name not in failures else []
                except StoreUnavailable as error:
                    failures[name] = error
                    continue
                left[name] += here
                absent[name] += len(ours) - len(here)
        now, by = vault.now(), vault.setting.person
        found: list[acts.AnyAct] = [
            acts.CopiesLeft(at=now, by=by, disposal=number, store=name, sha256=tuple(one.hex for one in part))
            for name, here in left.items()
            for part in _parts(here)
        ]
        if not found and not failures:
            asked = tuple(acts.Asked(store=name, absent=count) for name, count in absent.items())
            found.append(
                acts.DestructionProven(
                    at=now,
                    by=by,
                    disposal=number,
                    sha256=hasher.hexdigest(),
                    objects=objects,
                    asked=asked,
                    returned=returned,
                )
            )
        vault.commit(lambda _: found, happened_already=True)
        return failures


def _pages(vault: Vault, number: str) -> Iterator[list[tuple[Digest, bool]]]:
    """All objects of a disposal, ascending, each with whether it is a later record's by now."""
    after: Digest | None = None
    while True:
        with vault.database.reading() as connection:
            page = dooming.destroyed(connection, number, after)
            known = [(digest, dooming.is_known(connection, digest)) for digest in page]
        if not page:
            return
        yield known
        after = page[-1]


def _parts(digests: Sequence[Digest]) -> Iterator[Sequence[Digest]]:
    return (digests[start : start + dooming.PAGE] for start in range(0, len(digests), dooming.PAGE))


def _still_here(store: Store, digests: Sequence[Digest]) -> list[Digest]:
    """Those of which the store has anything. StoreUnavailable: it cannot tell."""
    set_aside = aside(store, digests)
    return [digest for digest in digests if digest in set_aside or not _is_absent(store, digest)]


def _is_absent(store: Store, digest: Digest) -> bool:
    for _ in range(2):
        try:
            store.stat(digest)
        except BlobMissing:
            continue
        return False
    return not isinstance(store, KeepsVersions) or store.versions_of(digest) == 0


def aside(store: Store, digests: Sequence[Digest]) -> dict[Digest, list[str]]:
    """Damaged copies of these objects that the store has set aside, as paths."""
    wanted = {digest.hex: digest for digest in digests}
    found: dict[Digest, list[str]] = {}
    for path in store.list_files(ASIDE):
        name = path.rpartition("/")[2].partition(".")[0]
        if name in wanted:
            found.setdefault(wanted[name], []).append(path)
    return found
