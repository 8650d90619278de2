"""The whole archive examined by a checker that believes nobody: not the catalogue, not the journal, not the stores.

It reads every object on every store and hashes it, proves every file of every journal against the signature, replays
the proven journal into a scratch catalogue and compares that with the one in use, row by row, and asks every store
for every object that a record names. It changes nothing. What it finds are findings, each of a kind; what it could
not look at it counts as skipped; having checked nothing is a finding too.
"""

import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, select

from vault import journalcheck, layout
from vault.catalogue import schema
from vault.catalogue.compare import compare, structure_faults
from vault.catalogue.database import Database
from vault.digest import Digest
from vault.errors import BlobMissing, IntegrityBroken, JournalBroken, StoreUnavailable, StrongroomError
from vault.ports import BlobInfo, Store
from vault.rebuild import fill, remove_database
from vault.scrub import hash_copy
from vault.store import Vault
from vault.text import Text

Kind = Literal["object", "missing", "journal", "catalogue", "marker", "orphan", "unavailable"]
FAULTS: frozenset[Kind] = frozenset({"object", "missing", "journal", "catalogue", "marker", "unavailable"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. Orphans are told but are no faults."""

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


def fsck(vault: Vault, count: Count, progress: Callable[[int], object] = int) -> Iterator[Finding]:
    """Examine everything; findings as they come, `count` filled in meanwhile."""
    for finding in _examine(vault, count, progress):
        count.note(finding)
        yield finding


def _examine(vault: Vault, count: Count, progress: Callable[[int], object]) -> Iterator[Finding]:
    for store in vault.stores.values():
        yield from _examine_marker(vault, store)
    try:
        agreed = yield from _examine_journals(vault, count)
    except StoreUnavailable as error:
        yield _unavailable("", error, count)
        return
    except IntegrityBroken as error:
        yield Finding("journal", "", "journal/checkpoint", error.what)
        return
    with tempfile.TemporaryDirectory(dir=vault.setting.home, prefix="fsck-") as folder:
        scratch = Database(Path(folder) / "catalogue.db")
        scratch.create()
        lender = next((s for s in vault.stores.values() if agreed.of_store.get(s.name) == agreed.checkpoint), None)
        if lender is None:
            return
        try:
            fill(vault, scratch, lender, agreed.checkpoint.size)
        except IntegrityBroken as error:
            yield Finding("journal", lender.name, "journal", error.what)  # damaged tiles were told of above
            return
        count.entries = agreed.checkpoint.size
        yield from _examine_catalogue(vault, scratch, count)
        with scratch.reading() as connection:
            for store in vault.stores.values():
                yield from _examine_objects(store, connection, count, progress)
        scratch.close()
        remove_database(scratch.path)


def _examine_marker(vault: Vault, store: Store) -> Iterator[Finding]:
    try:
        marker = layout.read_marker(store.read_file(layout.MARKER), store.name)
        readme = store.read_file(layout.README)
    except StoreUnavailable:
        return  # told once, when its journal is asked for
    except StrongroomError as error:
        yield Finding("marker", store.name, layout.MARKER, error.what)
        return
    if marker != layout.marker_of(vault.setting.vault_id, vault.setting.office, vault.verifier.vkey):
        text = Text(en=f"{store.name}: strongroom.json was changed.", zh=f"{store.name}：strongroom.json 被改动。")
        yield Finding("marker", store.name, layout.MARKER, text)
    if readme != layout.README_TEXT.encode():
        text = Text(en=f"{store.name}: README.txt was changed.", zh=f"{store.name}：README.txt 被改动。")
        yield Finding("marker", store.name, layout.README, text)


def _examine_journals(vault: Vault, count: Count) -> Generator[Finding, None, journalcheck.Agreed]:
    stores = list(vault.stores.values())
    with vault.journal.still():
        agreed = journalcheck.agree(stores, vault.verifier)
    for name in agreed.unknown:
        text = Text(en=f"Store {name} did not answer.", zh=f"存储 {name} 没有应答。")
        count.skipped += 1
        yield Finding("unavailable", name, "journal", text)
    try:
        journalcheck.require_one_history(agreed, stores)
    except JournalBroken as error:
        yield Finding("journal", "", "journal/checkpoint", error.what)
    for file in journalcheck.check_journal(stores, agreed):
        count.journal_files += len(stores) - len(file.unknown)
        for name in file.damaged:
            text = Text(
                en=f"{name}: {file.path} is not what the signed journal says.",
                zh=f"{name}：{file.path} 与签名日志不符。",
            )
            yield Finding("journal", name, file.path, text)
    return agreed


def _examine_catalogue(vault: Vault, scratch: Database, count: Count) -> Iterator[Finding]:
    path = vault.database.path
    try:
        with vault.database.reading() as used:
            faults = structure_faults(used)
    except StrongroomError as error:
        faults = [error.what.en]
    for fault in faults:
        yield Finding("catalogue", "", path.name, Text(en=f"Catalogue: {fault}", zh=f"目录库：{fault}"))
    with scratch.reading() as connection:
        for found in compare(connection, path):
            if isinstance(found, int):
                count.rows += found
                continue
            side = Text(
                en="does not follow from the journal" if found.in_use else "is missing from the catalogue",
                zh="在日志中没有依据" if found.in_use else "目录库中缺失",
            )
            what = found.fault or found.row
            text = Text(en=f"Catalogue, {found.table}: {what} {side.en}", zh=f"目录库 {found.table}：{what} {side.zh}")
            yield Finding("catalogue", "", found.table, text)


def _examine_objects(
    store: Store, connection: Connection, count: Count, progress: Callable[[int], object]
) -> Iterator[Finding]:
    """Walk the store and the journal's objects side by side, both in ascending order."""
    object_ = schema.object_.c
    wanted = connection.execute(
        select(object_.sha256, object_.size).order_by(object_.sha256).execution_options(yield_per=1000)
    )
    try:
        held = store.list()
        here = next(held, None)
        for row in wanted:
            digest = Digest(row.sha256)
            while here is not None and here.digest < digest:
                yield from _examine_one(store, here, None, count, progress)
                here = next(held, None)
            if here is not None and here.digest == digest:
                yield from _examine_one(store, here, row.size, count, progress)
                here = next(held, None)
            else:
                yield from _missing(store, digest, count)
        while here is not None:
            yield from _examine_one(store, here, None, count, progress)
            here = next(held, None)
    except StoreUnavailable as error:
        yield _unavailable(store.name, error, count)


def _examine_one(
    store: Store, info: BlobInfo, size: int | None, count: Count, progress: Callable[[int], object]
) -> Iterator[Finding]:
    """Hash one object; `size` is what the journal says, None where no entry names it."""
    count.objects += 1
    count.bytes += info.size
    found = hash_copy(store, info.digest, progress)
    if found != info.digest:
        text = Text(
            en=f"{store.name}: object {info.digest} hashes to {found}.",
            zh=f"{store.name}：对象 {info.digest} 的实际 SHA-256 为 {found}。",
        )
        yield Finding("object", store.name, info.digest.hex, text)
    elif size is None:
        text = Text(
            en=f"{store.name}: object {info.digest} ({info.size} bytes) belongs to no record.",
            zh=f"{store.name}：对象 {info.digest}（{info.size} 字节）不属于任何记录。",
        )
        yield Finding("orphan", store.name, info.digest.hex, text)


def _missing(store: Store, digest: Digest, count: Count) -> Iterator[Finding]:
    try:
        store.stat(digest)  # asked by name too: a listing can be behind
    except BlobMissing:
        text = Text(en=f"{store.name}: object {digest} is missing.", zh=f"{store.name}：缺少对象 {digest}。")
        yield Finding("missing", store.name, digest.hex, text)
    else:
        count.skipped += 1


def _unavailable(name: str, error: StoreUnavailable, count: Count) -> Finding:
    count.skipped += 1
    return Finding("unavailable", name, "", error.what)
