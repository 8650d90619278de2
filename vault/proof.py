"""Proofs that an entry is in the journal and that a journal continues an older one, and the file that carries one.

The rules of this file:

- Making a proof trusts the store's tiles; nothing made here counts before it is verified against a signed root.
- An inclusion proof does not bind the size of the tree (93 of 200 wrong sizes were accepted in a trial), so size and
  root come from one signed checkpoint: `check_proof` is the way for everyone outside the vault.
- Parsing is strict: one proof has one spelling, and every changed bit is rejected. `extra` data is carried, never
  believed: nothing signs it.

Standards: RFC 6962 sections 2.1.1 and 2.1.2 (making), RFC 9162 sections 2.1.3.2 and 2.1.4.2 (verifying),
c2sp.org/tlog-proof (the file, `.tlog-proof`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vault.errors import JournalBroken
from vault.note import Checkpoint, Verifier, decimal, decode64, encode64, open_checkpoint
from vault.text import Text
from vault.tlog import EMPTY_ROOT, HASH_BYTES, TileReader, Tiles, leaf_hash, node_hash

HEADER = "c2sp.org/tlog-proof@v1"
ASK_AGAIN = Text(
    en="Get the proof again with: strongroom prove",
    zh="请用 strongroom prove 重新取得证明。",
)


def _split(count: int) -> int:
    """The largest power of two below `count`: where RFC 6962 divides a tree."""
    return 1 << (count - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, read_tile: TileReader) -> list[bytes]:
    """The siblings from the leaf up, RFC 6962 section 2.1.1. Not verified: check it against the signed root."""
    if not 0 <= index < size:
        raise ValueError(f"a journal of {size} entries has no entry {index}")
    tiles = Tiles(size, read_tile)
    start, end = 0, size
    path: list[bytes] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(tiles.root(middle, end))
            end = middle
        else:
            path.append(tiles.root(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old_size: int, new_size: int, read_tile: TileReader) -> list[bytes]:
    """That the new tree begins with the old one, RFC 6962 section 2.1.2. Empty from size 0. Not verified either."""
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a journal does not grow from {old_size} to {new_size} entries")
    tiles = Tiles(new_size, read_tile)
    start, end = 0, new_size
    path: list[bytes] = []
    while old_size and old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(tiles.root(middle, end))
            end = middle
        else:
            path.append(tiles.root(start, middle))
            start = middle
    if start:
        path.append(tiles.root(start, end))
    return path[::-1]


def _climb(index: int, last: int, path: Sequence[bytes], *hashes: bytes) -> tuple[bytes, ...] | None:
    """Fold a path into hashes as RFC 9162 does; the first of two stays as it is where only the new tree has a right
    side. None if the path is longer or shorter than the tree is high.
    """
    folded = list(hashes)
    for sibling in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            folded = [node_hash(sibling, one) for one in folded]
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            folded[-1] = node_hash(folded[-1], sibling)
        index, last = index >> 1, last >> 1
    return tuple(folded) if last == 0 else None


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2; JournalBroken unless it holds. It does not bind the size: take size and root from one
    signed checkpoint, never from the proof's bearer.
    """
    right_lengths = all(len(one) == HASH_BYTES for one in (leaf, root, *proof))
    if not (right_lengths and 0 <= index < size and _climb(index, size - 1, proof, leaf) == (root,)):
        raise JournalBroken(
            Text(
                en=f"The proof does not show entry {index} in the journal of {size} entries.",
                zh=f"该证明不能证实序号为 {index} 的条目在共 {size} 条的日志中。",
            ),
            ASK_AGAIN,
        )


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 section 2.1.4.2; JournalBroken unless the new tree begins with the old one."""
    good = all(len(one) == HASH_BYTES for one in (old_root, new_root, *proof)) and 0 <= old_size <= new_size
    if good and old_size == 0:
        good = not proof and old_root == EMPTY_ROOT and (new_size > 0 or new_root == EMPTY_ROOT)
    elif good and old_size == new_size:
        good = not proof and old_root == new_root
    elif good:
        # An old tree that is one perfect subtree is itself the first hash; the proof leaves it out.
        path = [old_root, *proof] if old_size & old_size - 1 == 0 else list(proof)
        shift = (old_size ^ old_size - 1).bit_length() - 1  # trailing zero bits: levels that the old tree fills
        climbed = _climb(old_size - 1 >> shift, new_size - 1 >> shift, path[1:], *path[:1] * 2) if proof else None
        good = climbed == (old_root, new_root)
    if not good:
        raise JournalBroken(
            Text(
                en=f"The journal of {new_size} entries does not continue the one of {old_size}: history was changed.",
                zh=f"共 {new_size} 条的日志不是 {old_size} 条时日志的延续：历史已被改动。",
            )
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What a .tlog-proof says: the entry's index, its inclusion proof, the checkpoint as it was signed."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""


def format_proof(index: int, hashes: Sequence[bytes], checkpoint_note: bytes, extra: bytes = b"") -> bytes:
    """The bytes of a .tlog-proof, c2sp.org/tlog-proof. The checkpoint goes in verbatim."""
    lines = [HEADER]
    if extra:
        lines.append("extra " + encode64(extra))
    lines.append(f"index {index}")
    lines += [encode64(one) for one in hashes]
    return "\n".join(lines).encode() + b"\n\n" + checkpoint_note


def parse_proof(data: bytes) -> Proof:
    """Take a .tlog-proof apart; JournalBroken if it is not spelled exactly so. Nothing is verified here."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
        if not blank or lines.pop(0) != HEADER:
            raise ValueError("not a proof")
        extra = decode64(lines.pop(0).removeprefix("extra ")) if lines[0].startswith("extra ") else b""
        index_line = lines.pop(0)
        if not index_line.startswith("index "):
            raise ValueError("no index")
        index = decimal(index_line.removeprefix("index "))
        hashes = tuple(decode64(line) for line in lines)
        if any(len(one) != HASH_BYTES for one in hashes):
            raise ValueError("a hash of the wrong length")
    except (ValueError, IndexError) as error:
        raise JournalBroken(
            Text(
                en="This is not a proof in the form c2sp.org/tlog-proof@v1.",
                zh="这不是 c2sp.org/tlog-proof@v1 格式的证明。",
            ),
            ASK_AGAIN,
        ) from error
    return Proof(index, hashes, checkpoint, extra)


def check_proof(proof_bytes: bytes, entry_bytes: bytes, vkey: str) -> Checkpoint:
    """Verify that the journal with this verifier key holds the entry; returns the signed checkpoint that says so.

    JournalBroken if anything is wrong: form, signature, origin, or the path from the entry to the signed root.
    BadInput if the key itself cannot be read.
    """
    verifier = Verifier.parse(vkey)
    proof = parse_proof(proof_bytes)
    checkpoint = open_checkpoint(proof.checkpoint, verifier)
    verify_inclusion(leaf_hash(entry_bytes), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint
