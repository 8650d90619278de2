"""Doing what the plans say: bringing copies that are owed or damaged, and letting go of those that are to leave.

    bring    from any store that has a good one to the store that lacks it; durable, then journalled
    let_go   every copy that has to suffice is read once more, and only if those are the minimum is there a permit; then
             it is journalled, and then the copy is deleted

Both may be interrupted anywhere and asked for again: what is left to do is in the catalogue, by index. Only one process
moves at a time. Nothing is let go while an intake is at work, since that might just have found the copy there.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import select, text

from vault import acts
from vault.authority import Action, require
from vault.catalogue import copies, schema
from vault.digest import Digest
from vault.errors import BlobMissing, StoreFull, StoreUnavailable
from vault.healing import Damage, heal
from vault.permits import DeletionPermit, permit_for_surplus
from vault.ports import Locking
from vault.readback import Progress, read_back
from vault.scrub import Budget
from vault.store import Vault
from vault.text import Text
from vault.turns import taking

_AT_ONCE = 64  # copies between two looks at the budget, and as much as is brought or let go under one entry
_READERS = 4


@dataclass(slots=True)
class Moved:
    """What moving came to on one store. `kept`: copies that ought to leave and may not yet. `too_large`: bytes that it
    had no room for, so that nothing as large is tried again.
    """

    store: str
    brought: int = 0
    let_go: int = 0
    bytes: int = 0
    kept: int = 0
    too_large: float = math.inf
    complete: bool = True
    hopeless: list[Damage] = field(default_factory=list)
    unavailable: StoreUnavailable | None = None

    @property
    def nothing_to_do(self) -> bool:
        return self.passed and not (self.brought or self.let_go)

    @property
    def passed(self) -> bool:
        return not self.hopeless and not self.kept and self.complete and self.unavailable is None


@dataclass(frozen=True, slots=True)
class _Row:
    object_id: int
    digest: Digest
    size: int
    state: str


@contextmanager
def moving(vault: Vault, action: Action = Action.COPIES_MOVE) -> Iterator[None]:
    """Busy while another process moves copies. `action`: what they are moved, or destroyed, for."""
    require(vault, action)
    busy = Text(en="Copies are being moved.", zh="有副本迁移操作正在进行。")
    with taking(vault.database.turns, "moving", busy=busy):
        with suppress(StoreUnavailable):  # journals that stayed behind catch up though there is nothing to move
            vault.publish()
        with vault.setting.pace.in_force():
            yield


class Mover:
    """One run within a budget. `reports`: what it came to, for every store that was asked about."""

    def __init__(self, vault: Vault, budget: Budget, progress: Progress) -> None:
        self._vault = vault
        self._budget = budget
        self._progress = progress
        self._began = time.monotonic()
        self.reports: dict[str, Moved] = {}

    def bring(self, names: Sequence[str]) -> None:
        """What is owed to these stores, or damaged there."""
        for name in names:
            report = self._report(name)
            if not self._answers(report, ("owed", "damaged"), self._refused):
                continue
            for rows in self._pages(name, ("owed", "damaged"), fitting=True):
                damages = [
                    Damage(name, row.digest, row.size, "owed" if row.state == "owed" else "known") for row in rows
                ]
                try:
                    left = heal(self._vault, damages)
                except StoreUnavailable as error:
                    report.unavailable = report.unavailable or error
                    break
                refused = [damage for damage in left if damage.refusal is not None]
                report.hopeless += [damage for damage in left if damage.refusal is None]
                if refused and report.unavailable is None:
                    report.unavailable = _with_way_out(name, refused[0].refusal)
                report.brought += len(rows) - len(left)
                self._count(report, sum(row.size for row in rows) - sum(damage.size for damage in left))
                if any(not isinstance(damage.refusal, StoreFull) for damage in refused):
                    break
                report.too_large = min([report.too_large, *(damage.size for damage in refused)])

    def let_go(self, names: Sequence[str]) -> None:
        """What is to leave these stores. Busy while an intake is at work."""
        with self._vault.no_intake(), ThreadPoolExecutor(_READERS) as readers:
            for name in names:
                report = self._report(name)
                if not self._answers(report, ("leaving", "removing"), self._silent):
                    continue
                for rows in self._pages(name, ("leaving", "removing")):
                    try:
                        self._let_some_go(report, rows, readers)
                    except StoreUnavailable as error:
                        report.unavailable = error
                        break

    def _answers(self, report: Moved, states: Sequence[str], trouble: Callable[[str], StoreUnavailable | None]) -> bool:
        """Whether what is to be done on a store can be. It is asked only where there is something to do."""
        waits = next(self._pages(report.store, states), None) is not None
        error = trouble(report.store) if waits else None
        report.unavailable = report.unavailable or error
        return error is None

    def _refused(self, name: str) -> StoreUnavailable | None:
        """Why nothing can be brought to a store. One that the office keeps read-only is no trouble: nothing is."""
        store = self._vault.writable.get(name)
        return _with_way_out(name, self._vault.absences.shut(store)) if store is not None else None

    def _silent(self, name: str) -> StoreUnavailable | None:
        """Why nothing can leave a store. One that is full can be emptied."""
        return self._vault.absences.silent(self._vault.stores[name])

    def _let_some_go(self, report: Moved, rows: Sequence[_Row], readers: ThreadPoolExecutor) -> None:
        vault, name = self._vault, report.store
        permits = list(readers.map(lambda row: self._permit(row, name), rows))
        going = [(row, permit) for row, permit in zip(rows, permits, strict=True) if permit is not None]
        report.kept += len(rows) - len(going)
        named = tuple(row.digest.hex for row, _ in going if row.state == "leaving")
        if named:
            act = acts.CopiesRemoved(at=vault.now(), by=vault.setting.person, store=name, sha256=named)
            vault.commit(lambda _: [act])
        for row, permit in going:
            vault.stores[name].delete(row.digest, permit)
        with vault.database.writing() as connection:
            copies.forget(connection, copies.store_ids(connection)[name], [row.object_id for row, _ in going])
        report.let_go += len(going)
        self._count(report, sum(row.size for row, _ in going))

    def _permit(self, row: _Row, leaving: str) -> DeletionPermit | None:
        """None where those that would be left, read just now, are not enough; or while it is locked."""
        if self._is_locked(row.digest, leaving):
            return None
        proven: list[str] = []
        for name in self._elsewhere(row.object_id, leaving):
            try:
                if read_back(self._vault, name, row.digest, self._reading(name)) == row.digest:
                    proven.append(name)
            except BlobMissing:
                continue  # the next scrub tells; here it counts for nothing
            except StoreUnavailable:
                self._silent(name)  # all of it, or this one copy? If all, the others need not wait for it
                continue
            if self._vault.enough(proven):
                return permit_for_surplus(row.digest, leaving, proven, self._vault.enough)
        return None

    def _reading(self, name: str) -> Progress:
        pace = self._vault.setting.pace.between(name)

        def read(size: int) -> None:
            self._progress(size)
            pace(size)

        return read

    def _is_locked(self, digest: Digest, name: str) -> bool:
        store = self._vault.stores[name]
        if not isinstance(store, Locking):
            return False
        try:
            lock = store.lock_of(digest)
        except BlobMissing:
            return False
        return lock.held or (lock.until is not None and lock.until > self._vault.setting.clock())

    def _elsewhere(self, object_id: int, leaving: str) -> list[str]:
        """Stores that have a copy which stays."""
        copy, store = schema.copy.c, schema.store.c
        query = select(store.name).join(schema.copy, copy.store_id == store.id)
        query = query.where(copy.object_id == object_id, copy.state == "good", store.name != leaving)
        with self._vault.database.reading() as connection:
            names = connection.execute(query.order_by(store.id)).scalars().all()
        vault = self._vault
        return [name for name in names if name in vault.stores and vault.absences.lately_silent(name) is None]

    def _pages(self, name: str, states: Sequence[str], *, fitting: bool = False) -> Iterator[list[_Row]]:
        """What is to be done on a store, as far as the budget goes; `fitting`: but for what it had no room for."""
        copy, object_ = schema.copy.c, schema.object_.c
        store_id = select(schema.store.c.id).where(schema.store.c.name == name).scalar_subquery()
        for state in states:
            after = 0
            while True:
                page = (
                    select(copy.object_id, object_.sha256, object_.size)
                    .join(schema.object_, object_.id == copy.object_id)
                    .where(copy.store_id == store_id, copy.state == state, copy.object_id > after)
                    .where(text("copy.state != 'good'"))  # the partial index's own words, or SQLite will not use it
                    .order_by(copy.object_id)
                )
                if fitting and self.reports[name].too_large < math.inf:
                    page = page.where(object_.size < self.reports[name].too_large)
                with self._vault.database.reading() as connection:
                    rows = connection.execute(page.limit(_AT_ONCE)).all()
                if not rows:
                    break
                if self._spent:
                    self.reports[name].complete = False
                    return
                yield [_Row(row.object_id, Digest(row.sha256), row.size, state) for row in rows]
                after = rows[-1].object_id

    @property
    def _spent(self) -> bool:
        moved = sum(report.bytes for report in self.reports.values())
        over = self._budget.bytes is not None and moved >= self._budget.bytes
        return over or (self._budget.seconds is not None and time.monotonic() - self._began >= self._budget.seconds)

    def _report(self, name: str) -> Moved:
        return self.reports.setdefault(name, Moved(name))

    def _count(self, report: Moved, size: int) -> None:
        report.bytes += size
        self._progress(size)


def _with_way_out(name: str, error: StoreUnavailable | None) -> StoreUnavailable | None:
    """What can be done about copies that are owed to a store which is full."""
    if not isinstance(error, StoreFull):
        return error
    return StoreFull(
        error.what,
        hint=Text(
            en="Make room on it or enlarge it, then run this again: it goes on where it was. Or let it hold less: "
            f"`limit` in strongroom.toml, or: strongroom store drain {name}",
            zh="请为其腾出空间或扩容后重新运行，将从中断处继续；也可减少其存放量：在 strongroom.toml 中设置 limit，"
            f"或运行 strongroom store drain {name}",
        ),
    )
