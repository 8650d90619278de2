"""Replaying the journal into an empty catalogue, from files as they are proven: one pass over what all stores have.

Entries come from `journalcheck.check_journal`, so each has been shown to stand under the signed root, whichever store
its good copy was on; at the end the root is computed once more from the entries alone. rebuild makes the catalogue
anew this way, fsck a scratch one to compare with.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import update

from vault import acts, tlog
from vault.catalogue import schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.database import Database
from vault.catalogue.projection import project
from vault.errors import JournalBroken
from vault.filelist import files_of
from vault.journal import remember_edge
from vault.journalcheck import Agreed, JournalFile
from vault.ports import BlobReader
from vault.records import RecordFile
from vault.text import Text

_AT_ONCE = 4  # bundles of 256 entries in one transaction
_KEPT_AT_MOST = 16 * tlog.TILE_WIDTH  # entries; twice what an outbox repeats of the published journal after a crash


class Replay:
    """One replay. `take` every file of the journal in the order of `check_journal`, then `finish`.

    `lenders`: where lists of files are read that are too long for an entry. Entries from place `keep` on go into the
    outbox too, as they lie in that of a catalogue at work; without it, those of the bundle that is not yet full.
    """

    def __init__(
        self, lenders: Sequence[BlobReader], database: Database, agreed: Agreed, keep: int | None = None
    ) -> None:
        self._lenders = lenders
        self._database = database
        self._checkpoint = agreed.checkpoint
        self._edge = tlog.Edge()
        self._waiting: list[bytes] = []
        self._kept: list[dict[str, Any]] = []
        size = agreed.checkpoint.size
        self._keep = size - size % tlog.TILE_WIDTH if keep is None else max(keep, size - _KEPT_AT_MOST)
        self.whole = True  # no bundle was missing so far

    def take(self, file: JournalFile) -> None:
        """Apply the entries of a bundle; other files pass. After a bundle of which no good copy is left, none."""
        self.whole = self.whole and not (file.entries and file.good is None)
        if not (self.whole and file.entries):
            return
        entries = bundle_entries(file)
        self._edge, _ = self._edge.append(tlog.leaf_hash(entry) for entry in entries)
        self._kept += [
            {"seq": seq, "entry": entry} for seq, entry in zip(file.entries, entries, strict=True) if seq >= self._keep
        ]
        self._waiting += entries
        if len(self._waiting) >= _AT_ONCE * tlog.TILE_WIDTH:
            self._apply()

    def finish(self) -> None:
        """Apply the rest, and note where the journal goes on. JournalBroken if it is not what was signed."""
        self._apply()
        if self._edge.size != self._checkpoint.size or self._edge.root() != self._checkpoint.root:
            raise JournalBroken(
                Text(
                    en=f"The {self._edge.size} entries found do not lead to the signed root.",
                    zh=f"所读到的 {self._edge.size} 条日志与签名的根哈希不符。",
                )
            )
        self._note_end()

    def go_on(self, pending: Sequence[bytes]) -> None:
        """Apply entries that are still in the outbox of the catalogue in use: no store has them yet."""
        first = self._edge.size
        numbered = [(first + n, acts.decode(entry)) for n, entry in enumerate(pending)]
        if numbered:
            with self._database.writing() as connection:
                project(connection, numbered, self._files_of)
                rows = [{"seq": seq, "entry": entry} for seq, entry in enumerate(pending, first)]
                insert_rows(connection, schema.outbox, rows)

    def _apply(self) -> None:
        first = self._edge.size - len(self._waiting)
        entries = [(first + n, acts.decode(entry)) for n, entry in enumerate(self._waiting)]
        self._waiting = []
        if entries:
            with self._database.writing() as connection:
                project(connection, entries, self._files_of)

    def _files_of(self, act: acts.RecordStored) -> Sequence[RecordFile]:
        return files_of(act, self._lenders)

    def _note_end(self) -> None:
        with self._database.writing() as connection:
            remember_edge(connection, self._edge)
            insert_rows(connection, schema.outbox, self._kept)
            connection.execute(update(schema.store).values(journal_size=0))


def bundle_entries(file: JournalFile) -> list[bytes]:
    """The entries of a proven bundle."""
    assert file.good is not None
    return tlog.decode_bundle(file.good, len(file.entries))


def proven_acts(files: Iterable[JournalFile]) -> Iterator[acts.AnyAct]:
    """Every act of a journal. JournalBroken where a bundle has no good copy anywhere."""
    for file in files:
        if not file.entries:
            continue
        if file.good is None:
            raise JournalBroken(
                Text(en=f"No store has a good {file.path}.", zh=f"没有任何存储拥有完好的 {file.path}。")
            )
        for entry in bundle_entries(file):
            yield acts.decode(entry)
