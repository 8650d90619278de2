"""Proofs for records: each entry that speaks of one, with its place in the signed journal; no vault needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vault import acts, note, tlog
from vault.catalogue import queries
from vault.errors import CatalogueBroken, IntegrityBroken, StoreUnavailable
from vault.journal import CHECKPOINT, FOLDER, read_bundle
from vault.ports import Store
from vault.proof import check_proof, format_proof, inclusion_proof
from vault.store import Vault
from vault.text import Text


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """One entry, exactly as it stands in the journal, and the proof (c2sp.org/tlog-proof) that it does."""

    seq: int
    act: str
    entry: bytes
    proof: bytes


def prove(vault: Vault, number: str, signed: bytes = b"") -> list[ProvenEntry]:
    """Proofs of every entry about a record, from the first store that can give them; each is checked first. `signed`:
    a checkpoint under which to prove what was entered by then, always by the same bytes; empty: the newest."""
    with vault.database.reading() as connection:
        queries.get_record(connection, number)
        happened = queries.history(connection, number)
    failures: list[IntegrityBroken | StoreUnavailable] = []
    for store in vault.stores.values():
        try:
            return list(_from(store, vault.verifier, number, [(one.seq, one.act) for one in happened], signed))
        except (IntegrityBroken, StoreUnavailable) as error:
            failures.append(error)
    raise failures[0]


def _from(
    store: Store, verifier: note.Verifier, number: str, wanted: Sequence[tuple[int, str]], signed: bytes
) -> Iterator[ProvenEntry]:
    newest = store.read_file(CHECKPOINT)
    size = note.open_checkpoint(newest, verifier).size
    then = note.open_checkpoint(signed, verifier).size if signed else size
    for seq, act in wanted:
        if signed and seq >= then:
            return
        if seq >= size or then > size:
            raise StoreUnavailable(
                Text(
                    en=f"The journal on {store.name} ends at {size} entries; it lags behind.",
                    zh=f"存储 {store.name} 上的日志只有 {size} 条，尚未补齐。",
                )
            )
        index, place = divmod(seq, tlog.TILE_WIDTH)
        entry = read_bundle(store, index, min(tlog.TILE_WIDTH, size - index * tlog.TILE_WIDTH))[place]
        hashes = inclusion_proof(seq, then, lambda path: store.read_file(f"{FOLDER}/{path}"))
        proof = format_proof(seq, hashes, signed or newest)
        check_proof(proof, entry, verifier.vkey)
        if getattr(acts.decode(entry), "record", None) != number:
            raise CatalogueBroken(
                Text(en=f"Entry {seq} is not about record {number}.", zh=f"第 {seq} 条日志与记录 {number} 无关。")
            )
        yield ProvenEntry(seq, act, entry, proof)


def proof_files(vault: Vault, numbers: Sequence[str], signed: bytes = b"") -> Mapping[str, bytes]:
    """What goes beside records that leave the vault: for each its entries and proofs, and the key they verify with.
    `signed`: as of which checkpoint; empty: now."""
    files: dict[str, bytes] = {"journal/key.txt": vault.verifier.vkey.encode() + b"\n"}
    for number in numbers:
        for one in prove(vault, number, signed):
            files[f"journal/{number}.{one.seq}.json"] = one.entry
            files[f"journal/{number}.{one.seq}.tlog-proof"] = one.proof
    return files
