"""The whole archive examined by a checker that believes nobody: not the catalogue, not the journal, not the stores.

It reads every object on every store and hashes it, proves every file of every journal against the signature, replays
the proven journal into a scratch catalogue and compares that with the one in use, row by row, and asks every store
for every object that a record names. It changes nothing. What it finds are findings, each of a kind; what it could
not look at it counts as skipped; having checked nothing is a finding too. Nothing that it finds keeps it from going on.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from vault import cataloguecheck, journalcheck, layout
from vault.catalogue import schema
from vault.catalogue.beside import Beside
from vault.catalogue.database import Database
from vault.catalogue.dooming import is_doomed
from vault.digest import Digest
from vault.errors import BlobMissing, CatalogueBroken, IntegrityBroken, JournalBroken, StoreForeign, StoreUnavailable
from vault.journal import CHECKPOINT
from vault.ports import BlobInfo, Store
from vault.readback import Progress, hash_copy
from vault.replay import Replay
from vault.scratch import scratch
from vault.store import Vault
from vault.text import Text

Kind = Literal[
    "object",
    "missing",
    "journal",
    "catalogue",
    "marker",
    "readme",
    "orphan",
    "doomed",
    "owed",
    "behind",
    "pending",
    "foreign",
    "unavailable",
]
UNTOLD: frozenset[Kind] = frozenset({"foreign", "unavailable"})  # faults that say nothing of what is kept
FAULTS: frozenset[Kind] = UNTOLD | {"object", "missing", "journal", "catalogue", "marker"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; no fault is what is on its way or harmless (FAULTS has the others)."""

    kind: Kind
    store: str
    what: str
    text: Text


@dataclass(slots=True)
class Count:
    """How many of each were looked at."""

    objects: int = 0
    bytes: int = 0
    journal_files: int = 0
    entries: int = 0
    rows: int = 0
    skipped: int = 0
    faults: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Everything was looked at, there was something, and nothing is wrong."""
        return self.faults == 0 and self.skipped == 0 and self.entries > 0

    def note(self, finding: Finding) -> None:
        self.kinds[finding.kind] = self.kinds.get(finding.kind, 0) + 1
        self.faults += finding.kind in FAULTS


def fsck(vault: Vault, count: Count, progress: Progress = int) -> Iterator[Finding]:
    """Examine everything; findings as they come, `count` filled in meanwhile. The vault needs not be open."""
    for finding in _examine(vault, count, progress):
        count.note(finding)
        yield finding


def _examine(vault: Vault, count: Count, progress: Progress) -> Iterator[Finding]:
    for store in vault.stores.values():
        yield from _examine_marker(vault, store)
    with scratch(vault.setting.home) as folder, ExitStack() as stack:
        replayed = yield from _examine_journal(vault, folder, stack, count)
        connection = stack.enter_context(replayed.reading()) if replayed is not None else None
        for store in vault.stores.values():
            yield from _examine_objects(store, connection, count, progress)


def _examine_marker(vault: Vault, store: Store) -> Iterator[Finding]:
    for flaw in layout.examine(store, vault.marker):
        if isinstance(flaw.why, StoreForeign) and flaw.path == layout.MARKER:
            yield Finding("foreign", store.name, flaw.path, flaw.why.what)
        elif not isinstance(flaw.why, StoreUnavailable):  # that is told when the store is asked for its journal
            yield Finding("readme" if flaw.path == layout.README else "marker", store.name, flaw.path, flaw.why.what)


def _examine_journal(
    vault: Vault, folder: Path, stack: ExitStack, count: Count
) -> Generator[Finding, None, Database | None]:
    """Journals and catalogue; a scratch one that has now every object that the journal names, None if it has not."""
    with ExitStack() as meanwhile:
        used: Beside | None = None
        broken: CatalogueBroken | None = None
        try:
            with vault.journal.still():
                agreed = journalcheck.agree(list(vault.stores.values()), vault.verifier)
                scratch = stack.enter_context(vault.database.scratch(folder))
                try:
                    used = meanwhile.enter_context(vault.database.beside(scratch))
                except CatalogueBroken as error:
                    broken = error
        except StoreUnavailable as error:
            yield _unavailable("", "journal", error, count)
            return None
        except IntegrityBroken as error:
            yield Finding("journal", "", CHECKPOINT, error.what)
            return None
        if broken is not None:
            yield Finding("catalogue", "", vault.database.short_name, broken.what)
        keep = cataloguecheck.first_kept(used) if used is not None else None
        replay = Replay(list(vault.stores.values()), scratch, agreed, keep)
        yield from _prove_journals(vault, agreed, replay, count)
        if not replay.whole:
            text = Text(
                en="Entries are damaged on every store; catalogue and missing objects could not be examined.",
                zh="部分日志条目在所有存储上均已损坏；无法检查目录库和缺失对象。",
            )
            count.skipped += 1
            yield Finding("journal", "", "journal/tile/entries", text)
            return None
        try:
            replay.finish()
        except (IntegrityBroken, StoreUnavailable) as error:
            yield Finding("journal", "", "journal", error.what)
            return None
        count.entries = agreed.checkpoint.size
        if used is not None:
            yield from _examine_catalogue(vault, used, replay, agreed, count)
        return scratch


def _prove_journals(vault: Vault, agreed: journalcheck.Agreed, replay: Replay, count: Count) -> Iterator[Finding]:
    stores = list(vault.stores.values())
    try:
        journalcheck.require_one_history(agreed, stores)
    except JournalBroken as error:
        yield Finding("journal", "", CHECKPOINT, error.what)
    size = agreed.checkpoint.size
    for name, own in agreed.of_store.items():
        if own.size < size:
            text = Text(
                en=f"{name}: its journal ends at entry {own.size} of {size}; scrub brings the rest.",
                zh=f"{name}：日志只到第 {own.size} 条，共 {size} 条；scrub 会补齐。",
            )
            yield Finding("behind", name, CHECKPOINT, text)
    silent: set[str] = set()
    for file in journalcheck.check_journal(stores, agreed):
        count.journal_files += len(stores) - len(file.unknown)
        for name in file.damaged:
            text = Text(
                en=f"{name}: {file.path} is not what the signed journal says.",
                zh=f"{name}：{file.path} 与签名日志不符。",
            )
            yield Finding("journal", name, file.path, text)
        for name in set(file.unknown) - silent:
            silent.add(name)
            count.skipped += 1
            text = Text(en=f"Store {name} did not answer.", zh=f"存储 {name} 没有应答。")
            yield Finding("unavailable", name, file.path, text)
        replay.take(file)


def _examine_catalogue(
    vault: Vault, used: Beside, replay: Replay, agreed: journalcheck.Agreed, count: Count
) -> Iterator[Finding]:
    yield from _owed(used)
    for found in cataloguecheck.check(used, vault.database, replay, agreed, vault.setting.clock()):
        if isinstance(found, cataloguecheck.Fault):
            where = Text(en=f"Catalogue, {found.table}", zh=f"目录库 {found.table}")
            text = Text(en=f"{where.en}: {found.text.en}", zh=f"{where.zh}：{found.text.zh}")
            yield Finding("catalogue", "", found.table or vault.database.short_name, text)
            continue
        count.rows += found.rows
        if found.pending:
            text = Text(
                en=f"{found.pending} entries are not yet on any store; the next command that writes publishes them.",
                zh=f"有 {found.pending} 条日志尚未发布到存储，下一个写入命令会发布。",
            )
            yield Finding("pending", "", "outbox", text)


def _owed(used: Beside) -> Iterator[Finding]:
    """Copies that are still to come, as the catalogue in use plans them."""
    with suppress(DatabaseError):  # a catalogue that cannot be read is told by `check`
        for name, owed in used.rows(
            f"SELECT name, count(*) FROM {used.used}.copy JOIN {used.used}.store ON id = store_id "
            "WHERE state = 'owed' GROUP BY name ORDER BY name"
        ):
            text = Text(
                en=f"{name}: {owed} copies are owed to it; `strongroom repair` brings them.",
                zh=f"{name}：尚欠 {owed} 个副本；请运行 strongroom repair 补齐。",
            )
            yield Finding("owed", name, "objects", text)


def _examine_objects(store: Store, journal: Connection | None, count: Count, progress: Progress) -> Iterator[Finding]:
    """Walk the store and the journal's objects side by side, both in ascending order.

    Where the journal could not be replayed (None), copies are hashed all the same; which should be there is not known.
    """
    wanted = _wanted(journal, store.name)
    want = next(wanted, None)
    try:
        for here in store.list():
            while want is not None and want.digest < here.digest:
                yield from _missing(store, want, count)
                want = next(wanted, None)
            known = want is not None and want.digest == here.digest
            yield from _examine_one(store, here, want if known else None, journal, count, progress)
            if known:
                want = next(wanted, None)
        while want is not None:
            yield from _missing(store, want, count)
            want = next(wanted, None)
    except StoreUnavailable as error:
        yield _unavailable(store.name, "", error, count)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An object of a record. `here`: by the journal the store has it; else it may have it or not."""

    digest: Digest
    here: bool


def _wanted(journal: Connection | None, store: str) -> Iterator[_Wanted]:
    if journal is None:
        return
    object_, copy = schema.object_.c, schema.copy.c
    store_id = select(schema.store.c.id).where(schema.store.c.name == store).scalar_subquery()
    here = (copy.object_id == object_.id) & (copy.store_id == store_id)
    rows = (
        select(object_.sha256, copy.state)
        .select_from(schema.object_)
        .outerjoin(schema.copy, here)
        .order_by(object_.sha256)
    )
    with journal.execute(rows.execution_options(yield_per=1000)) as found:  # a store that is lost ends this early
        for row in found:
            yield _Wanted(Digest(row.sha256), row.state not in (None, "removing"))


def _examine_one(
    store: Store, info: BlobInfo, wanted: _Wanted | None, journal: Connection | None, count: Count, progress: Progress
) -> Iterator[Finding]:
    """Hash one object. A store that cannot read this one may well have the others."""
    try:
        found = hash_copy(store, info.digest, progress)
    except BlobMissing:
        if wanted is not None:
            yield from _missing(store, wanted, count)
        return
    except StoreUnavailable as error:
        yield _unavailable(store.name, info.digest.hex, error, count)
        return
    count.objects += 1
    count.bytes += info.size
    if found != info.digest:
        text = Text(
            en=f"{store.name}: object {info.digest} hashes to {found}.",
            zh=f"{store.name}：对象 {info.digest} 的实际 SHA-256 为 {found}。",
        )
        yield Finding("object", store.name, info.digest.hex, text)
    elif wanted is None and journal is not None:
        yield _nobodys(store, info, journal)


def _nobodys(store: Store, info: BlobInfo, journal: Connection) -> Finding:
    """An object that no record names: left behind, or on its lawful way out."""
    if is_doomed(journal, store.name, info.digest):
        text = Text(
            en=f"{store.name}: object {info.digest} is to be destroyed; `strongroom disposal run` goes on with it.",
            zh=f"{store.name}：对象 {info.digest} 正在依规销毁；strongroom disposal run 会继续。",
        )
        return Finding("doomed", store.name, info.digest.hex, text)
    text = Text(
        en=f"{store.name}: object {info.digest} ({info.size} bytes) belongs to no record.",
        zh=f"{store.name}：对象 {info.digest}（{info.size} 字节）不属于任何记录。",
    )
    return Finding("orphan", store.name, info.digest.hex, text)


def _missing(store: Store, want: _Wanted, count: Count) -> Iterator[Finding]:
    if not want.here:
        return
    try:
        store.stat(want.digest)  # asked by name too: a listing can be behind
    except BlobMissing:
        text = Text(en=f"{store.name}: object {want.digest} is missing.", zh=f"{store.name}：缺少对象 {want.digest}。")
        yield Finding("missing", store.name, want.digest.hex, text)
    else:
        count.skipped += 1


def _unavailable(name: str, what: str, error: StoreUnavailable, count: Count) -> Finding:
    count.skipped += 1
    return Finding("unavailable", name, what, error.what)
