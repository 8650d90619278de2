"""Locks brought to where retention is: what is due on the stores that lock is looked at, entered, locked and read back.

What is to be locked is in the journal before a store is told; what then is so, the store alone knows, so it is asked
each time. A lock that could not be set stays due, as does one whose work was interrupted. Page by page, and one page at
a time for all who work on this vault: else somebody who still has yesterday's claims could lift the hold that another
has just placed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vault import acts
from vault.catalogue import locks
from vault.catalogue.holdings import pause
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.lockasking import Asking
from vault.lockers import locking_stores
from vault.locking import Change, Wanted, change, renewal, wanted
from vault.ports import Lock, Locking
from vault.store import Vault
from vault.turns import taking

TURNS = "locks"  # whose turn it is
_AS_IT_IS = Change(None, None)


@dataclass(slots=True)
class Synced:
    """What a sync of one store came to, in copies: looked at, told to be locked otherwise, absent there, still due."""

    store: str
    looked: int = 0
    changed: int = 0
    missing: int = 0
    left: int = 0
    trouble: StoreUnavailable | None = None


def sync(vault: Vault, progress: Callable[[int], object]) -> list[Synced]:
    """Bring every lock that is due to where it should be. `progress` is told of copies looked at.

    StoreUnavailable: the journal cannot be written. A store that does not answer is told in its report.
    """
    return [_sync_store(vault, name, store, progress) for name, store in locking_stores(vault).items()]


def _sync_store(vault: Vault, name: str, store: Locking, progress: Callable[[int], object]) -> Synced:
    report = Synced(name)
    after: locks.Due | None = None
    with Asking(vault.stores[name]) as asking:
        while asking.gone is None:
            with taking(vault.database.turns, TURNS):
                page = _take(vault, name, after)
                if not page.copies:
                    break
                _sync_page(vault, store, page, asking, report)
            progress(len(page.copies))
            after = page.copies[-1]
        report.trouble = asking.gone or asking.trouble
    return report


@dataclass(frozen=True, slots=True)
class _Page:
    """Copies of a store whose locks are due, and what these should be."""

    store: str
    copies: Sequence[locks.Due]
    should: Mapping[int, Wanted]


def _take(vault: Vault, name: str, after: locks.Due | None) -> _Page:
    now = vault.now()
    with vault.database.writing() as connection:
        copies = locks.take(connection, name, now, after)
        claims = locks.claims(connection, [one.object_id for one in copies])
        paused = pause(connection) is not None
    should = {at: wanted(of.claim, vault.profile.zone, now, paused=paused) for at, of in claims.items()}
    return _Page(name, copies, should)


def _sync_page(vault: Vault, store: Locking, page: _Page, asking: Asking, report: Synced) -> None:
    found = asking.of_each(page.copies, lambda one: store.lock_of(one.digest))
    changes: dict[locks.Due, Change] = {}
    for one, lock in found.items():
        if isinstance(lock, Lock):
            to_do = change(lock, page.should[one.object_id], store.lock_mode, own_hold=one.held)
            if to_do != _AS_IT_IS:
                changes[one] = to_do
    _enter(vault, page.store, changes)
    done = asking.of_each(list(changes), lambda one: store.lock(one.digest, changes[one].until, changes[one].held))
    _note(vault, page, found | done, report)
    report.changed += sum(isinstance(answer, Lock) for answer in done.values())


def _enter(vault: Vault, name: str, changes: Mapping[locks.Due, Change]) -> None:
    """What is about to be done; an entry for each kind of change."""
    now, by = vault.now(), vault.setting.person
    alike: dict[Change, list[Digest]] = {}
    for one, to_do in changes.items():
        alike.setdefault(to_do, []).append(one.digest)
    entries = [
        acts.ObjectsLocked(
            at=now, by=by, store=name, until=to_do.until, held=to_do.held, objects=tuple([one.hex for one in digests])
        )
        for to_do, digests in alike.items()
    ]
    if entries:
        vault.commit(lambda _: entries)


def _note(
    vault: Vault, page: _Page, answers: Mapping[locks.Due, Lock | BlobMissing | StoreUnavailable], report: Synced
) -> None:
    looks = {
        one.object_id: renewal(lock, page.should[one.object_id])
        for one, lock in answers.items()
        if isinstance(lock, Lock)
    }
    left = [one.object_id for one in page.copies if one.object_id not in looks]
    with vault.database.writing() as connection:
        locks.give_back(connection, page.store, looks, left)
    report.looked += len(looks)
    missing = sum(isinstance(answer, BlobMissing) for answer in answers.values())
    report.missing += missing
    report.left += len(left) - missing
