"""The catalogue made anew from the stores: from one store's journal, or checked against it.

`fill` replays a proven journal into an empty catalogue; `rebuild` puts the result in the place of the old one, which
is kept beside it; fsck fills a scratch catalogue and compares. After a rebuild nothing expires until a manager has
looked at it and releases it.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import insert, select, update

from vault import acts, journalcheck, tlog
from vault.catalogue import schema
from vault.catalogue.database import Database
from vault.catalogue.projection import project
from vault.errors import IntegrityBroken, StoreUnavailable
from vault.filelist import read_file_list
from vault.journal import FOLDER, read_bundle
from vault.outputs import sync
from vault.ports import Store
from vault.store import Vault
from vault.text import Text

Item = TypeVar("Item")

_AT_ONCE = 4  # bundles of 256 entries in one transaction


def fill(vault: Vault, database: Database, lender: Store, size: int) -> None:
    """Replay the first `size` entries of a store's journal, which has been proven, into an empty catalogue."""
    bundles = -(-size // tlog.TILE_WIDTH)
    for first in range(0, bundles, _AT_ONCE):
        entries: list[tuple[int, acts.AnyAct]] = []
        for index in range(first, min(first + _AT_ONCE, bundles)):
            start = index * tlog.TILE_WIDTH
            raw = read_bundle(lender, index, min(tlog.TILE_WIDTH, size - start))
            entries += [(start + n, acts.decode(entry)) for n, entry in enumerate(raw)]
        with database.writing() as connection:
            project(
                connection,
                vault.profile,
                entries,
                lambda act: act.files if act.file_list is None else read_file_list(act.file_list, vault.open_object),
            )
    edge = tlog.Edge.from_tiles(size, lambda path: lender.read_file(f"{FOLDER}/{path}"))
    tail = read_bundle(lender, size // tlog.TILE_WIDTH, size % tlog.TILE_WIDTH) if size % tlog.TILE_WIDTH else []
    with database.writing() as connection:
        connection.execute(insert(schema.published), {"id": 1, "edge": edge.to_bytes()})
        start = size - len(tail)
        if tail:
            connection.execute(
                insert(schema.outbox), [{"seq": start + n, "entry": entry} for n, entry in enumerate(tail)]
            )
        connection.execute(update(schema.store).values(journal_size=0))


def choose_lender(vault: Vault, name: str | None) -> tuple[Store, journalcheck.Agreed]:
    """A store whose journal is whole and newest, its every file proven; by name, or the first that is."""
    stores = [vault.stores[name]] if name else list(vault.stores.values())
    agreed = journalcheck.agree(stores, vault.verifier)
    bad: set[str] = set(agreed.unknown)
    hopeless: list[journalcheck.JournalFile] = []
    for file in journalcheck.check_journal(stores, agreed):
        bad.update(file.damaged, file.unknown)
        if file.good is None:
            hopeless.append(file)
    for store in stores:
        if store.name not in bad:
            return store, agreed
    if hopeless:
        raise journalcheck.broken_journal(hopeless)
    raise IntegrityBroken(
        Text(en="No store has the whole journal.", zh="没有任何存储拥有完整的日志。"),
        hint=Text(
            en="Run: strongroom scrub (it mends each store's journal from the others), then rebuild.",
            zh="请先运行 strongroom scrub（各存储的日志互相修复），再运行 rebuild。",
        ),
    )


def rebuild(vault: Vault, name: str | None) -> int:
    """Make the catalogue anew; returns the number of entries. The old file is kept as catalogue.db.before-rebuild."""
    lender, agreed = choose_lender(vault, name)
    scratch = vault.setting.home / "catalogue.rebuilding.db"
    remove_database(scratch)
    database = Database(scratch)
    database.create()
    size = agreed.checkpoint.size
    fill(vault, database, lender, size)
    for store in vault.stores.values():
        _note_copies(database, store)
    with database.writing() as connection:
        for store in vault.stores.values():
            known = agreed.of_store.get(store.name)
            connection.execute(
                update(schema.store)
                .where(schema.store.c.name == store.name)
                .values(journal_size=known.size if known else 0)
            )
    database.checkpoint()
    database.close()
    _exchange(vault.database.path, scratch)
    act = acts.CatalogueRebuilt(at=vault.now(), by=vault.setting.person, store=lender.name, entries=size)
    vault.commit(lambda _: [act])
    return size


def _note_copies(database: Database, store: Store) -> None:
    """What the store really has: good until a scrub has read it, owed where it is not there.

    Where the store cannot tell, the copies stay as the journal left them.
    """
    copy, object_ = schema.copy.c, schema.object_.c
    with suppress(StoreUnavailable), database.writing() as connection:
        store_id = connection.execute(select(schema.store.c.id).where(schema.store.c.name == store.name)).scalar()
        mine = update(schema.copy).where(copy.store_id == store_id)
        connection.execute(mine.values(state="owed", verified_at=""))
        for part in batched(store.list(), 500):
            here = select(object_.id).where(object_.sha256.in_([info.digest.raw for info in part]))
            connection.execute(mine.where(copy.object_id.in_(here)).values(state="good"))


def _exchange(current: Path, scratch: Path) -> None:
    """Put the new catalogue in the old one's place; the old one is kept beside it for a person to look at."""
    for suffix in ("", "-wal", "-shm"):
        old = current.with_name(current.name + suffix)
        if old.exists():
            os.replace(old, current.with_name(f"{current.name}.before-rebuild{suffix}"))
    os.replace(scratch, current)
    sync(current.parent)


def remove_database(path: Path) -> None:
    """Remove a scratch catalogue with all that SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of up to `size` items (itertools.batched comes with Python 3.12)."""
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
