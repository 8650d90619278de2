"""Reading everything again: copies of objects, those verified longest ago first, and the journal of every store.

A scrub may be stopped at any time and by a budget of bytes or time; since it takes the oldest first, the next one
goes on where it was. What it finds damaged it heals from a copy it has proven, and sets the bad one aside. A store
that cannot answer is counted as skipped, never as damaged. A scrub that checked nothing has failed.
"""

import hashlib
import mmap
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import local

from sqlalchemy import select, update

from vault import acts, journalcheck
from vault.catalogue import schema
from vault.catalogue.rows import spell_time
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.healing import Damage, heal
from vault.ports import ReadsMedium, Store
from vault.store import Vault

BLOCK = 4 << 20  # bytes a worker reads at a time
_AT_ONCE = 256  # copies between two notes of how far the scrub has come


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """When to stop early: after so many bytes, or so many seconds. None: not at all."""

    bytes: int | None = None
    seconds: float | None = None


@dataclass(slots=True)
class Report:
    """What one scrub of one store came to. Copies and journal files are counted alike; `bytes` were read."""

    store: str
    checked: int = 0
    failed: int = 0
    healed: int = 0
    skipped: int = 0
    bytes: int = 0
    complete: bool = True
    damages: list[Damage] = field(default_factory=list)  # that no other store could heal
    unavailable: StoreUnavailable | None = None

    @property
    def passed(self) -> bool:
        """Something was checked, and nothing is left damaged or untold."""
        return self.checked > 0 and self.failed == self.healed and self.skipped == 0


@dataclass(frozen=True, slots=True)
class _Copy:
    object_id: int
    digest: Digest
    size: int
    owed: bool


Progress = Callable[[int], object]


def scrub(vault: Vault, names: Sequence[str], budget: Budget, workers: int, progress: Progress) -> list[Report]:
    """Check the named stores' copies and every store's journal. Reports in the order of the names."""
    stopwatch = time.monotonic()
    reports = {name: Report(name) for name in names}
    _scrub_journal(vault, reports)
    for name in names:
        spent = Budget(
            bytes=None if budget.bytes is None else budget.bytes - sum(r.bytes for r in reports.values()),
            seconds=None if budget.seconds is None else budget.seconds - (time.monotonic() - stopwatch),
        )
        _scrub_copies(vault, reports[name], spent, workers, progress)
    now, by = vault.now(), vault.setting.person
    done: list[acts.AnyAct] = [
        acts.Scrubbed(
            at=now,
            by=by,
            store=r.store,
            checked=r.checked,
            failed=r.failed,
            healed=r.healed,
            skipped=r.skipped,
            bytes=r.bytes,
        )
        for r in reports.values()
    ]
    vault.commit(lambda _: done)
    return list(reports.values())


def _scrub_copies(vault: Vault, report: Report, budget: Budget, workers: int, progress: Progress) -> None:
    began = spell_time(vault.setting.clock())
    stopwatch = time.monotonic()
    store = vault.stores[report.store]
    with ThreadPoolExecutor(workers) as pool:
        for copies in _oldest(vault, report.store, began):
            answers = list(pool.map(lambda copy: _check(store, copy, progress), copies))
            _settle(vault, report, copies, answers)
            if report.unavailable is not None:
                report.complete = False
                return
            over_bytes = budget.bytes is not None and report.bytes >= budget.bytes
            over_time = budget.seconds is not None and time.monotonic() - stopwatch >= budget.seconds
            if over_bytes or over_time:
                report.complete = False
                return


def _oldest(vault: Vault, store: str, began: str) -> Iterator[list[_Copy]]:
    """Copies not verified since `began`, oldest first, a handful at a time; each is asked for once."""
    copy, object_ = schema.copy.c, schema.object_.c
    store_id = select(schema.store.c.id).where(schema.store.c.name == store).scalar_subquery()
    last: tuple[str, int] | None = None
    while True:
        page = (
            select(copy.object_id, copy.verified_at, copy.state, object_.sha256, object_.size)
            .join(schema.object_, object_.id == copy.object_id)
            .where(copy.store_id == store_id, copy.verified_at <= began)
        )
        if last is not None:
            page = page.where(
                (copy.verified_at > last[0]) | ((copy.verified_at == last[0]) & (copy.object_id > last[1]))
            )
        with vault.database.reading() as connection:
            rows = connection.execute(page.order_by(copy.verified_at, copy.object_id).limit(_AT_ONCE)).all()
        if not rows:
            return
        yield [_Copy(r.object_id, Digest(r.sha256), r.size, r.state == "owed") for r in rows]
        last = (rows[-1].verified_at, rows[-1].object_id)


def _check(store: Store, copy: _Copy, progress: Progress) -> Damage | StoreUnavailable | None:
    """Read one copy whole; None if it is good. Cannot-tell comes back as what it is."""
    try:
        found = hash_copy(store, copy.digest, progress)
    except BlobMissing:
        return Damage(store.name, copy.digest, copy.size, "owed" if copy.owed else "absent")
    except StoreUnavailable as error:
        return error
    if found == copy.digest:
        return None
    return Damage(store.name, copy.digest, copy.size, "corrupt", found.hex)


_buffers = local()


def hash_copy(store: Store, digest: Digest, progress: Progress = int) -> Digest:
    """The SHA-256 of what the store has under the address, read from the medium itself where the store can."""
    if not hasattr(_buffers, "block"):
        _buffers.block = memoryview(mmap.mmap(-1, BLOCK))  # page-aligned, as reading past the cache demands
    buffer: memoryview = _buffers.block
    hasher = hashlib.sha256()
    if isinstance(store, ReadsMedium):
        with store.open_medium(digest) as medium:
            while count := medium.readinto(buffer):
                hasher.update(buffer[:count])
                progress(count)
    else:
        with store.open(digest) as stream:
            while block := stream.read(BLOCK):
                hasher.update(block)
                progress(len(block))
    return Digest(hasher.digest())


def _settle(
    vault: Vault, report: Report, copies: Sequence[_Copy], answers: Sequence[Damage | StoreUnavailable | None]
) -> None:
    """Note the good, heal the bad, count the rest."""
    good = [copy for copy, answer in zip(copies, answers, strict=True) if answer is None]
    damages = [answer for answer in answers if isinstance(answer, Damage)]
    untold = [answer for answer in answers if isinstance(answer, StoreUnavailable)]
    if good:
        _note_verified(vault, report.store, good)
    if damages:
        hopeless = heal(vault, damages)
        report.failed += len(damages)
        report.healed += len(damages) - len(hopeless)
        report.damages += hopeless
    report.checked += len(copies) - len(untold)
    report.skipped += len(untold)
    report.bytes += sum(copy.size for copy in good)
    if untold:
        report.unavailable = untold[0]


def _note_verified(vault: Vault, store: str, good: Sequence[_Copy]) -> None:
    copy = schema.copy.c
    now = spell_time(vault.setting.clock())
    with vault.database.writing() as connection:
        store_id = connection.execute(select(schema.store.c.id).where(schema.store.c.name == store)).scalar_one()
        connection.execute(
            update(schema.copy)
            .where(copy.store_id == store_id, copy.object_id.in_([one.object_id for one in good]))
            .values(state="good", verified_at=now)
        )


def _scrub_journal(vault: Vault, reports: dict[str, Report]) -> None:
    """Check the journal on all stores, since they prove one another; heal it on those that are to be scrubbed.

    The entries that say so follow at the end: the journal cannot be written while it is being put together.
    """
    stores = list(vault.stores.values())
    with vault.journal.still():
        agreed = journalcheck.agree(stores, vault.verifier)
    journalcheck.require_one_history(agreed, stores)
    hopeless: list[journalcheck.JournalFile] = []
    mended: list[tuple[str, str]] = []
    for file in journalcheck.check_journal(stores, agreed):
        for report in reports.values():
            report.checked += report.store not in file.unknown
            report.skipped += report.store in file.unknown
            report.failed += report.store in file.damaged
        if file.good is None:
            hopeless.append(file)
            continue
        for name in file.damaged:
            if name in reports:
                vault.stores[name].replace_file(file.path, file.good)
                reports[name].healed += 1
                mended.append((name, file.path))
    now, by = vault.now(), vault.setting.person
    for start in range(0, len(mended), _AT_ONCE):
        part = mended[start : start + _AT_ONCE]
        healed: list[acts.AnyAct] = [acts.JournalHealed(at=now, by=by, store=name, path=path) for name, path in part]
        vault.commit(lambda _, healed=healed: healed)  # type: ignore[misc]
    if hopeless:
        raise journalcheck.broken_journal(hopeless)
