"""Reading everything again: copies of objects, those verified longest ago first, and marker and journal of every store.

A scrub may be stopped at any time and by a budget of bytes or time; since it takes the oldest first, the next one
goes on where it was. What it finds damaged it heals from a copy it has proven, and sets the bad one aside. A store
that cannot answer is counted as skipped, never as damaged. A scrub that checked nothing has failed.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import case, select, update

from vault import acts, layout
from vault.authority import Action, require
from vault.catalogue import schema
from vault.catalogue.rows import spell_time
from vault.digest import Digest
from vault.errors import BlobMissing, StoreUnavailable
from vault.healing import Damage, heal
from vault.membership import set_standing
from vault.mending import Looked, mend
from vault.ports import BlobInfo, Store
from vault.readback import Progress
from vault.readers import Answer, Readers
from vault.store import Vault

_SUSPICIOUS = 10  # bad copies in one scrub that make a store suspected
_AT_ONCE = 256  # copies between two notes of how far the scrub has come …
_BYTES_AT_ONCE = 2 << 30  # … or so many bytes: as much as an interruption makes it read again, for four readers
_READERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """When to stop early: after so many bytes, or so many seconds. None: not at all. Stores get equal shares."""

    bytes: int | None = None
    seconds: float | None = None


@dataclass(slots=True)
class Report:
    """What one scrub of one store came to. Copies and the store's other files are counted alike; `bytes` of copies."""

    store: str
    checked: int = 0
    failed: int = 0
    owed: int = 0  # of these, never here before
    healed: int = 0
    skipped: int = 0
    bytes: int = 0
    complete: bool = True
    damages: list[Damage] = field(default_factory=list)  # copies that could not be healed
    lost: list[str] = field(default_factory=list)  # files of journal and marker that could not be mended
    unavailable: StoreUnavailable | None = None
    suspected: bool = False  # it loses so much that it is given nothing new from now on

    @property
    def suspicious(self) -> bool:
        """So many copies were bad that it is the store that is: more than one in a hundred, and not just a few."""
        bad = self.failed - self.owed
        return bad >= _SUSPICIOUS and bad * 100 > self.checked

    @property
    def passed(self) -> bool:
        """Something was checked, and nothing is left damaged or untold."""
        return self.checked > 0 and self.failed == self.healed and self.skipped == 0 and self.unavailable is None

    def note(self, looked: Looked) -> None:
        """Count a file of the store's that is no copy."""
        self.checked += looked.state != "unknown"
        self.skipped += looked.state == "unknown"
        self.failed += looked.state in ("mended", "damaged")
        self.healed += looked.state == "mended"
        if looked.state == "damaged":
            self.lost.append(looked.path)
        self.unavailable = self.unavailable or looked.error


@dataclass(frozen=True, slots=True)
class _Copy:
    object_id: int
    digest: Digest
    size: int
    owed: bool


def scrub(
    vault: Vault,
    names: Sequence[str],
    budget: Budget,
    readers: Readers,
    progress: Progress,
    since: Mapping[str, datetime] | None = None,
) -> list[Report]:
    """Check the named stores' copies and every store's journal. Reports in the order of the names.

    `since`: only copies that were not read since then, by store.
    """
    require(vault, Action.COPIES_SCRUB)
    vault.now()  # a clock that contradicts the journal stops the scrub before it has changed anything
    for name in names:
        vault.absences.forget(name)  # whoever asks may just have brought it back
    stopwatch = time.monotonic()
    reports = {name: Report(name) for name in names}
    _scrub_shelves(vault, reports)
    for place, name in enumerate(names):
        left = len(names) - place
        share = Budget(
            bytes=None if budget.bytes is None else (budget.bytes - sum(r.bytes for r in reports.values())) // left,
            seconds=None if budget.seconds is None else (budget.seconds - (time.monotonic() - stopwatch)) / left,
        )
        _scrub_copies(vault, reports[name], share, readers, progress, since[name] if since is not None else None)
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
    _enter(vault, reports, done)
    for report in reports.values():
        if report.suspicious:
            report.suspected = True
            with suppress(StoreUnavailable):  # it is recorded, and reaches the stores later
                why = f"{report.failed} of {report.checked} copies were bad"
                set_standing(vault, report.store, "suspected", why)
    return list(reports.values())


def _enter(vault: Vault, reports: dict[str, Report], happened: Sequence[acts.AnyAct]) -> None:
    """Enter what was done. With too few stores it waits in the outbox, and every report says so."""
    try:
        for start in range(0, len(happened), _AT_ONCE):
            part = happened[start : start + _AT_ONCE]
            vault.commit(lambda _, part=part: part, happened_already=True)  # type: ignore[misc]  # bound now, called now
    except StoreUnavailable as error:
        for report in reports.values():
            report.unavailable = report.unavailable or error


def _scrub_shelves(vault: Vault, reports: dict[str, Report]) -> None:
    mended: list[tuple[str, str]] = []
    for looked in mend(vault, list(reports)):
        reports[looked.store].note(looked)
        if looked.state == "mended":
            mended.append((looked.store, looked.path))
    now, by = vault.now(), vault.setting.person
    _enter(vault, reports, [acts.JournalHealed(at=now, by=by, store=name, path=path) for name, path in mended])


def _scrub_copies(
    vault: Vault, report: Report, budget: Budget, readers: Readers, progress: Progress, since: datetime | None
) -> None:
    began = vault.setting.clock()
    stopwatch = time.monotonic()
    store = vault.stores[report.store]
    _forget_the_future(vault, report.store, began)
    done: set[int] = set()  # in the scrub's first second: what was verified then is not older than the scrub
    waiting = (copy for copy in _oldest(vault, report.store, since or began) if copy.object_id not in done)
    times = max(1, readers.breadth // _READERS)
    while True:
        most = times * _BYTES_AT_ONCE
        left = most if budget.bytes is None else min(most, budget.bytes - report.bytes)
        copies = _handful(waiting, left, times * _AT_ONCE)
        if not copies:
            return
        over_time = budget.seconds is not None and time.monotonic() - stopwatch >= budget.seconds
        if left <= 0 or over_time:
            report.complete = False
            return
        try:
            answers = _check_all(vault, store, copies, readers, progress)
        except StoreUnavailable as error:  # nobody reads any more
            report.complete, report.unavailable = False, report.unavailable or error
            return
        if vault.is_read_only(report.store):  # what is owed to it is not brought, and no damage
            known = [n for n, a in enumerate(answers) if not (isinstance(a, Damage) and a.state == "owed")]
            copies, answers = [copies[n] for n in known], [answers[n] for n in known]
        if vault.setting.clock() <= began:
            done.update(copy.object_id for copy in copies)
        if not _settle(vault, report, copies, answers):
            report.complete = False
            return


def _handful(waiting: Iterator[_Copy], size: int, most: int) -> list[_Copy]:
    """The next copies, one at least, about `size` bytes of them."""
    copies: list[_Copy] = []
    for copy in waiting:
        copies.append(copy)
        size -= copy.size
        if size <= 0 or len(copies) >= most:
            break
    return copies


def _forget_the_future(vault: Vault, store: str, now: datetime) -> None:
    """A time that has not come yet is no time of checking: such a copy would not be read again until then."""
    copy = schema.copy.c
    with vault.database.writing() as connection:
        store_id = select(schema.store.c.id).where(schema.store.c.name == store).scalar_subquery()
        connection.execute(
            update(schema.copy)
            .where(copy.store_id == store_id, copy.verified_at > spell_time(now + timedelta(days=1)))
            .values(verified_at="")
        )


def _oldest(vault: Vault, store: str, since: datetime) -> Iterator[_Copy]:
    """Copies not verified since then, oldest first."""
    copy, object_ = schema.copy.c, schema.object_.c
    store_id = select(schema.store.c.id).where(schema.store.c.name == store).scalar_subquery()
    last: tuple[str, int] | None = None
    while True:
        page = (
            select(copy.object_id, copy.verified_at, copy.state, object_.sha256, object_.size)
            .join(schema.object_, object_.id == copy.object_id)
            .where(copy.store_id == store_id, copy.verified_at <= spell_time(since), copy.state != "removing")
        )
        if last is not None:
            page = page.where(
                (copy.verified_at > last[0]) | ((copy.verified_at == last[0]) & (copy.object_id > last[1]))
            )
        with vault.database.reading() as connection:
            rows = connection.execute(page.order_by(copy.verified_at, copy.object_id).limit(_AT_ONCE)).all()
        if not rows:
            return
        for row in rows:
            yield _Copy(row.object_id, Digest(row.sha256), row.size, row.state == "owed")
        last = (rows[-1].verified_at, rows[-1].object_id)


def _check_all(
    vault: Vault, store: Store, copies: Sequence[_Copy], readers: Readers, progress: Progress
) -> list[Damage | StoreUnavailable | None]:
    """Read these copies. Where the place is another vault's, before or afterwards, what lies there tells nothing."""
    stranger = layout.stranger(store, vault.setting.vault_id)
    if stranger is None:
        read = readers.read(store, [BlobInfo(copy.digest, copy.size) for copy in copies], progress)
        answers = [_judged(store, copy, answer) for copy, answer in zip(copies, read, strict=True)]
        stranger = layout.stranger(store, vault.setting.vault_id)
    return answers if stranger is None else [stranger] * len(copies)


def _judged(store: Store, copy: _Copy, answer: Answer) -> Damage | StoreUnavailable | None:
    """None if the copy is good. Cannot-tell stays what it is."""
    if isinstance(answer, BlobMissing):
        return Damage(store.name, copy.digest, copy.size, "owed" if copy.owed else "absent")
    if isinstance(answer, StoreUnavailable):
        return answer
    if answer == copy.digest:
        return None
    return Damage(store.name, copy.digest, copy.size, "corrupt", answer.hex)


def _settle(
    vault: Vault,
    report: Report,
    copies: Sequence[_Copy],
    answers: Sequence[Damage | StoreUnavailable | None],
) -> bool:
    """Note the good, heal the bad, count the rest; whether to go on."""
    good = [copy for copy, answer in zip(copies, answers, strict=True) if answer is None]
    damages = [answer for answer in answers if isinstance(answer, Damage)]
    untold = [answer for answer in answers if isinstance(answer, StoreUnavailable)]
    report.checked += len(copies) - len(untold)
    report.skipped += len(untold)
    report.bytes += sum(copy.size for copy in good) + sum(d.size for d in damages if d.state == "corrupt")
    report.failed += len(damages)
    report.owed += sum(damage.state == "owed" for damage in damages)
    _note_verified(vault, report.store, good)
    found = tuple(copy.digest.hex for copy in good if copy.owed)
    try:
        if found:
            act = acts.CopiesMade(at=vault.now(), by=vault.setting.person, store=report.store, sha256=found)
            vault.commit(lambda _: [act], happened_already=True)
        hopeless = heal(vault, damages) if damages else []
    except StoreUnavailable as error:
        report.damages += damages
        report.unavailable = report.unavailable or error
        return False
    report.healed += len(damages) - len(hopeless)
    report.damages += hopeless
    if untold:
        report.unavailable = report.unavailable or untold[0]
    return not untold or _answers(vault.stores[report.store])


def _answers(store: Store) -> bool:
    """Whether the store is there at all: one with a bad sector has other copies to be read."""
    try:
        store.read_file(layout.README)
    except BlobMissing:
        return True
    except StoreUnavailable:
        return False
    return True


def _note_verified(vault: Vault, store: str, good: Sequence[_Copy]) -> None:
    if not good:
        return
    copy = schema.copy.c
    now = spell_time(vault.setting.clock())
    with vault.database.writing() as connection:
        store_id = connection.execute(select(schema.store.c.id).where(schema.store.c.name == store)).scalar_one()
        connection.execute(
            update(schema.copy)
            .where(copy.store_id == store_id, copy.object_id.in_([one.object_id for one in good if not one.owed]))
            .values(state=case((copy.state == "damaged", "good"), else_=copy.state), verified_at=now)
        )
