"""Proofs for records: each entry that speaks of one, with its place in the signed journal; no vault needed.

A disc may have tens of thousands of records, stored and printed one after another: of each store the checkpoint is read
once, and bundles and tiles are kept a while for the entries that lie beside.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from vault import acts, note, tlog
from vault.batches import batched
from vault.catalogue import queries
from vault.errors import CatalogueBroken, IntegrityBroken, StoreUnavailable
from vault.journal import CHECKPOINT, FOLDER, read_bundle
from vault.packed import Packed
from vault.ports import Store
from vault.proof import format_proof, inclusion_proof, verify_inclusion
from vault.prooflines import LINES, ProvenEntry, encode_line, proofs_path
from vault.store import Vault
from vault.text import Text

_AT_ONCE = 500  # records asked for in one query
_KEPT = 64  # bundles of some 100 KB, and tiles of 8 KiB, a store


def prove(vault: Vault, numbers: Sequence[str], signed: bytes = b"") -> Iterator[ProvenEntry]:
    """Proofs of every entry about the records, in their order, from the first store that can give a record's; each is
    checked first. `signed`: a checkpoint under which to prove what was entered by then, always by the same bytes;
    empty: the newest. BadInput where there is no such record.
    """
    sources = [_Source(store, vault.verifier, signed) for store in vault.stores.values()]
    for some in batched(numbers, _AT_ONCE):
        with vault.database.reading() as connection:
            happened = queries.entries_about(connection, some)
        for number, wanted in happened.items():
            yield from _from_any(sources, number, wanted)


def proof_files(vault: Vault, numbers: Sequence[str], signed: bytes = b"") -> Packed:
    """What goes beside records that leave the vault: their entries with proofs (vault/prooflines.py), and the key they
    verify with. `signed`: as of which checkpoint; empty: now."""
    files = Packed({"journal/key.txt": vault.verifier.vkey.encode() + b"\n"})
    lines = (encode_line(one) for one in prove(vault, numbers, signed))
    for number, some in enumerate(batched(lines, LINES), start=1):
        files.put(proofs_path(number), b"".join(some))
    return files


def _from_any(sources: list["_Source"], number: str, wanted: Iterable[tuple[int, str]]) -> list[ProvenEntry]:
    """A source that fails is asked last from then on."""
    failures: list[IntegrityBroken | StoreUnavailable] = []
    for source in list(sources):
        try:
            return [source.prove(number, seq, act) for seq, act in wanted if source.speaks_of(seq)]
        except (IntegrityBroken, StoreUnavailable) as error:
            failures.append(error)
            sources.append(sources.pop(0))
    raise failures[0]


class _Source:
    """One store's journal, as its checkpoint was when it was first asked; proofs are under that, or an earlier one."""

    def __init__(self, store: Store, verifier: note.Verifier, signed: bytes) -> None:
        self._store = store
        self._verifier = verifier
        self._signed = signed
        self._under = note.open_checkpoint(signed, verifier) if signed else None
        self._newest = lru_cache(1)(self._read_checkpoint)
        self._bundle = lru_cache(_KEPT)(self._read_bundle)
        self._file = lru_cache(_KEPT)(lambda path: store.read_file(f"{FOLDER}/{path}"))

    def speaks_of(self, seq: int) -> bool:
        """Whether the entry was there by the checkpoint that was asked for."""
        return self._under is None or seq < self._under.size

    def prove(self, number: str, seq: int, act: str) -> ProvenEntry:
        """The entry at a place. CatalogueBroken where it is not about the record."""
        newest, checkpoint = self._newest()
        size, under = checkpoint.size, self._under or checkpoint
        if max(seq + 1, under.size) > size:
            raise StoreUnavailable(
                Text(
                    en=f"The journal on {self._store.name} ends at {size} entries; it lags behind.",
                    zh=f"存储 {self._store.name} 上的日志只有 {size} 条，尚未补齐。",
                )
            )
        index, place = divmod(seq, tlog.TILE_WIDTH)
        entry = self._bundle(index, min(tlog.TILE_WIDTH, size - index * tlog.TILE_WIDTH))[place]
        hashes = inclusion_proof(seq, under.size, self._file)
        verify_inclusion(tlog.leaf_hash(entry), seq, under.size, hashes, under.root)
        if getattr(acts.decode(entry), "record", None) != number:
            raise CatalogueBroken(
                Text(en=f"Entry {seq} is not about record {number}.", zh=f"第 {seq} 条日志与记录 {number} 无关。")
            )
        return ProvenEntry(number, seq, act, entry, format_proof(seq, hashes, self._signed or newest))

    def _read_checkpoint(self) -> tuple[bytes, note.Checkpoint]:
        signed = self._store.read_file(CHECKPOINT)
        return signed, note.open_checkpoint(signed, self._verifier)

    def _read_bundle(self, index: int, width: int) -> Sequence[bytes]:
        return read_bundle(self._store, index, width)
