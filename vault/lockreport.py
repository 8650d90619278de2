"""Vault and store side by side: of every copy on the stores that lock, the lock it should have and the one it has.

Nothing is believed that is noted here: each copy is asked for. What has less than it should is due from then on, so
that the next sync corrects it. A copy that is owed or damaged is not looked at, and counted as such; scrub brings it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from vault.catalogue import locks
from vault.catalogue.holdings import pause
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.lockasking import Asking
from vault.lockers import locking_stores
from vault.locking import Verdict, Wanted, judge, wanted
from vault.ports import Lock, Locking
from vault.store import Vault

TOO_LITTLE = (Verdict.TOO_SHORT, Verdict.NOT_LOCKED)


@dataclass(frozen=True, slots=True)
class Compared:
    """One copy. `record`: one of its `records`, empty where it is none's file but a list of files. `lock`: as asked."""

    store: str
    digest: Digest
    record: str
    records: int
    should: Wanted
    lock: Lock | None
    verdict: Verdict
    error: StoreUnavailable | BlobMissing | None = None


@dataclass(slots=True)
class Count:
    """Copies by verdict, and those that were not looked at."""

    verdicts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    skipped: int = 0

    @property
    def looked(self) -> int:
        return sum(self.verdicts.values())

    @property
    def too_little(self) -> int:
        return sum(self.verdicts[verdict] for verdict in (*TOO_LITTLE, Verdict.MISSING))


def report(vault: Vault, count: Count, progress: Callable[[int], object]) -> Iterator[Compared]:
    """Every copy on every store that locks, store by store. `progress` is told of copies."""
    for name, store in locking_stores(vault).items():
        with Asking(vault.stores[name]) as asking:
            for page in _pages(vault, name):
                good = [one for one in page if one.good]
                count.skipped += len(page) - len(good)
                compared = _compare(vault, name, store, good, asking)
                for one in compared:
                    count.verdicts[one.verdict] += 1
                _make_due(vault, [at for at, one in zip(good, compared, strict=True) if one.verdict in TOO_LITTLE])
                yield from compared
                progress(len(page))


def _pages(vault: Vault, name: str) -> Iterator[Sequence[locks.Kept]]:
    after = 0
    while True:
        with vault.database.reading() as connection:
            page = locks.copies(connection, name, after)
        if not page:
            return
        yield page
        after = page[-1].object_id


def _compare(
    vault: Vault, name: str, store: Locking, copies: Sequence[locks.Kept], asking: Asking
) -> Sequence[Compared]:
    answers = asking.of_each(copies, lambda one: store.lock_of(one.digest))
    now = vault.now()
    with vault.database.reading() as connection:
        claims = locks.claims(connection, [one.object_id for one in copies])
        paused = pause(connection) is not None
    compared = []
    for one, answer in answers.items():
        claimed = claims[one.object_id]
        should = wanted(claimed.claim, vault.profile.zone, now, paused=paused)
        lock, error = (answer, None) if isinstance(answer, Lock) else (None, answer)
        if lock is not None:
            verdict = judge(lock, should, store.lock_mode, now)
        else:
            verdict = Verdict.MISSING if isinstance(error, BlobMissing) else Verdict.CANNOT_TELL
        compared.append(Compared(name, one.digest, claimed.record, claimed.records, should, lock, verdict, error))
    return compared


def _make_due(vault: Vault, copies: Sequence[locks.Kept]) -> None:
    if copies:
        with vault.database.writing() as connection:
            locks.look_again(connection, [one.object_id for one in copies])
