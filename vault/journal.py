"""The journal: acts become entries in the catalogue's outbox, and from there a signed log on every store.

    append    inside the transaction that also changes the catalogue: an entry and its consequences are one commit
    publish   entry bundles, hash tiles, then the signed checkpoint, on every store; only then is a success reported

A crash in between leaves entries in the outbox; the next publication finishes them with the very same bytes, since
tiles and signatures follow from the entries alone. A store that was away is brought up to date from the others.
Nothing is signed on the word of a catalogue that has rotted: what it remembers of the tree must lead to the root that
was signed last, and the entries it repeats must be those of the tree.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress

from sqlalchemy import Connection, delete, func, insert, select, update

from vault import acts, note, tlog
from vault.absences import Absences
from vault.catalogue import schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.database import Catalogue
from vault.errors import BlobMissing, CatalogueBroken, JournalBroken, StoreUnavailable
from vault.ports import Shelf, Store
from vault.text import Text
from vault.toofew import too_few
from vault.turns import taking

FOLDER = "journal"
CHECKPOINT = f"{FOLDER}/checkpoint"
Enough = Callable[[Collection[str]], bool]
_AT_ONCE = 2_048  # entries published under one checkpoint: bounds memory, not the journal


class Journal:
    """Appends to and publishes the journal of one vault; publications take turns."""

    def __init__(self, database: Catalogue, signer: note.Signer) -> None:
        self._database = database
        self._signer = signer

    def append(self, connection: Connection, entries: Sequence[acts.AnyAct]) -> int:
        """Put acts into the outbox, in order; returns the place of the first. Durable when the caller commits."""
        start: int = connection.execute(select(func.coalesce(func.max(schema.journal.c.seq) + 1, 0))).scalar_one()
        rows = [{"seq": start + n, "entry": acts.encode(act)} for n, act in enumerate(entries)]
        insert_rows(connection, schema.outbox, rows)
        return start

    def still(self) -> AbstractContextManager[None]:
        """While this is held nobody publishes: all stores that are here show the same checkpoint."""
        return taking(self._database.turns, "publish")

    def publish(self, stores: Sequence[Store], enough: Enough, absences: Absences) -> None:
        """Bring every store up to the last entry. StoreUnavailable if those that have it in the end are not enough.

        Stores that took no writes a moment ago are left out where the others suffice.
        """
        with self.still():
            while self._publish_some(stores, enough, absences):
                pass

    def _publish_some(self, stores: Sequence[Store], enough: Enough, absences: Absences) -> bool:
        """One checkpoint's worth; whether there may be more."""
        here = [store for store in stores if absences.lately_shut(store.name) is None]
        stores = here if enough([store.name for store in here]) else stores
        with self._database.reading() as connection:
            edge = read_edge(connection)
            start = edge.size - edge.size % tlog.TILE_WIDTH
            rows = connection.execute(
                select(schema.outbox).where(schema.outbox.c.seq >= start).order_by(schema.outbox.c.seq).limit(_AT_ONCE)
            ).all()
            sizes = {
                row.name: row.journal_size
                for row in connection.execute(select(schema.store.c.name, schema.store.c.journal_size))
            }
        _require_continuous(edge, start, [(row.seq, row.entry) for row in rows])
        entries = [row.entry for row in rows]
        fresh = entries[edge.size - start :]
        behind = [store for store in stores if sizes.get(store.name, 0) != edge.size]
        if not fresh and not behind:
            return False
        growth = tlog.grow(edge, [tlog.leaf_hash(entry) for entry in fresh])
        files = [(f"{FOLDER}/{path}", data) for path, data in (*tlog.bundle_files(start, entries), *growth.files)]
        signed = note.sign_checkpoint(self._signer.name, growth.edge.size, growth.root, self._signer)
        reached, failures = self._deliver(stores, behind, edge.size, files, signed, absences)
        if not enough([store.name for store in reached]):
            raise too_few(failures)
        self._remember(growth.edge, [store.name for store in reached])
        for folder in tlog.superseded_folders(edge.size, growth.edge.size):
            for store in reached:
                with suppress(StoreUnavailable):  # all is published; a leftover does no harm
                    store.remove_files(list(store.list_files(f"{FOLDER}/{folder}")))
        return bool(fresh)

    def _deliver(
        self,
        stores: Sequence[Store],
        behind: Sequence[Store],
        size: int,
        files: Sequence[tuple[str, bytes]],
        signed: bytes,
        absences: Absences,
    ) -> tuple[list[Store], dict[str, StoreUnavailable]]:
        reached: list[Store] = []
        failures: dict[str, StoreUnavailable] = {}
        for store in sorted(stores, key=lambda store: store in behind):  # those that can lend tiles come first
            lenders = [other for other in reached if other not in behind]
            try:
                if store in behind:
                    _require_lender(store, lenders)
                with absences.writing(store.name):
                    if store in behind:
                        _catch_up(store, lenders[0])
                    self._create(store, files, size)
                    store.replace_file(CHECKPOINT, signed)
            except StoreUnavailable as error:
                failures[store.name] = error
            else:
                reached.append(store)
        return reached, failures

    def _create(self, store: Store, files: Sequence[tuple[str, bytes]], size: int) -> None:
        """Create the files that growing from `size` takes.

        Another file may lie there already: left by a publication that died, whose outbox was lost with the catalogue.
        No checkpoint was ever signed over it, so it gives way. If one was, there are two histories: JournalBroken.
        """
        try:
            store.create_files(files)
        except JournalBroken:
            with suppress(BlobMissing):  # not even a first one was signed here
                if read_checkpoint(store, self._signer.verifier).size > size:
                    raise
            for path, data in files:
                store.replace_file(path, data)

    def _remember(self, edge: tlog.Edge, names: Sequence[str]) -> None:
        with self._database.writing() as connection:
            remember_edge(connection, edge)
            connection.execute(
                delete(schema.outbox).where(schema.outbox.c.seq < edge.size - edge.size % tlog.TILE_WIDTH)
            )
            connection.execute(
                update(schema.store).where(schema.store.c.name.in_(names)).values(journal_size=edge.size)
            )


def remember_edge(connection: Connection, edge: tlog.Edge) -> None:
    """Note the right edge of the tree that the stores have, with its root behind it."""
    connection.execute(delete(schema.published))
    connection.execute(insert(schema.published), {"id": 1, "edge": edge.to_bytes() + edge.root()})


def read_edge(connection: Connection) -> tlog.Edge:
    """The right edge of the published tree. CatalogueBroken if it does not lead to the root noted with it."""
    return parse_edge(connection.execute(select(schema.published.c.edge)).scalar())


def parse_edge(noted: object) -> tlog.Edge:
    """What `remember_edge` noted; the empty tree where nothing was. CatalogueBroken as `read_edge`."""
    if noted is None:
        return tlog.Edge()
    edge = tlog.Edge.from_bytes(noted[: -tlog.HASH_BYTES]) if isinstance(noted, bytes) else tlog.Edge()
    if not isinstance(noted, bytes) or edge.root() != noted[-tlog.HASH_BYTES :]:
        raise CatalogueBroken(
            Text(
                en="What the catalogue remembers of the journal is damaged; nothing was signed.",
                zh="目录库所记的日志边缘已损坏；未签署任何内容。",
            )
        )
    return edge


def _require_continuous(edge: tlog.Edge, start: int, rows: Sequence[tuple[int, bytes]]) -> None:
    """CatalogueBroken unless the outbox goes on where the tree ends, and repeats its last entries as they are."""
    known = rows[: edge.size - start]
    leaves = b"".join(tlog.leaf_hash(entry) for _, entry in known)
    numbered = [seq for seq, _ in rows] == list(range(start, start + len(rows)))
    if not numbered or leaves != (edge.levels[0] if edge.levels else b""):
        raise CatalogueBroken(
            Text(
                en="The catalogue's outbox does not continue the journal; nothing was signed.",
                zh="目录库待发日志与已发布的日志不衔接；未签署任何内容。",
            )
        )


def read_checkpoint(store: Shelf, verifier: note.Verifier) -> note.Checkpoint:
    """A store's checkpoint, its signature verified. JournalBroken, BlobMissing or StoreUnavailable."""
    return note.open_checkpoint(store.read_file(CHECKPOINT), verifier)


def read_bundle(store: Shelf, index: int, width: int) -> Sequence[bytes]:
    """The first `width` entries of a bundle: from the partial one of that width, or else from the full one."""
    try:
        return tlog.decode_bundle(store.read_file(f"{FOLDER}/{tlog.bundle_path(index, width)}"), width)
    except BlobMissing:
        if width == tlog.TILE_WIDTH:
            raise  # the journal has not grown past it meanwhile: it is gone
        return tlog.decode_bundle(store.read_file(f"{FOLDER}/{tlog.bundle_path(index)}"))[:width]


def require_not_behind(store: Store, verifier: note.Verifier, connection: Connection) -> None:
    """CatalogueBroken if a store's journal has entries that this catalogue has not (it was put back from a backup)."""
    published = read_checkpoint(store, verifier).size
    known: int = connection.execute(select(func.coalesce(func.max(schema.journal.c.seq) + 1, 0))).scalar_one()
    if published > known:
        raise CatalogueBroken(
            Text(
                en=f"The journal on {store.name} has {published} entries, the catalogue only {known}.",
                zh=f"存储 {store.name} 上的日志有 {published} 条，目录库只有 {known} 条。",
            )
        )


def _require_lender(store: Store, lenders: Sequence[Store]) -> None:
    if not lenders:
        raise StoreUnavailable(
            Text(
                en=f"Store {store.name} lacks journal entries and no other store can lend them now.",
                zh=f"存储 {store.name} 缺少日志条目，目前没有其他存储可供补齐。",
            )
        )


def _catch_up(store: Store, lender: Store) -> None:
    """Copy the full tiles and bundles onto a store that lacks them."""
    have = set(store.list_files(FOLDER))
    for path in lender.list_files(FOLDER):
        if path not in have and path != CHECKPOINT:
            store.create_files([(path, lender.read_file(path))])
