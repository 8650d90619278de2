"""Check proofs without a vault: that the journal whose verifier key is KEY holds these very entries.

python3 verify_proof.py ENTRY.json PROOF.tlog-proof KEY      as `strongroom prove` writes them
python3 verify_proof.py journal/proofs-0001.jsonl KEY        as they lie on discs and in bags: every line

Python 3.11 and the package `cryptography` are needed. KEY comes from somebody you trust, not from the bearer of the
proof. Exit code: 0 proven, 3 not proven.
"""

import json
import sys
from base64 import b64decode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WRONG = (ValueError, IndexError, KeyError, TypeError, AttributeError, InvalidSignature)  # whatever can be amiss in it


@lru_cache(maxsize=1)  # all lines of a disc have the same
def signed_tree(checkpoint: str, key: str) -> tuple[int, bytes]:
    """Number of entries and root, once the signature is verified: c2sp.org/signed-note and tlog-checkpoint."""
    text, _, signatures = checkpoint.rpartition("\n\n")
    name, _, coded = key.split("+", 2)
    public, start = b64decode(coded, validate=True), f"— {name} "
    made = [b64decode(line.removeprefix(start)) for line in signatures.splitlines() if line.startswith(start)]
    ours = [one[4:] for one in made if one[:4] == sha256(name.encode() + b"\n" + public).digest()[:4]]
    if public[:1] != b"\x01" or not ours:
        raise ValueError("the checkpoint has no signature by this key")
    for signature in ours:
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature, f"{text}\n".encode())
    origin, size, root = text.split("\n")[:3]
    if origin != name:
        raise ValueError("the checkpoint belongs to another journal")
    return int(size), b64decode(root)


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to, RFC 9162 section 2.1.3.2."""
    last, node = size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if index & 1 or index == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return node


def prove(entry: bytes, proof: str, key: str) -> tuple[int, int]:
    """Where the entry stands, of how many. ValueError, IndexError or InvalidSignature where nothing is proven."""
    head, _, checkpoint = proof.partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith("extra ")]
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index "):
        raise ValueError("this is no c2sp.org/tlog-proof@v1")
    index, path = int(lines[1].removeprefix("index ")), [b64decode(line, validate=True) for line in lines[2:]]
    size, root = signed_tree(checkpoint, key)
    if not 0 <= index < size or climb(sha256(b"\x00" + entry).digest(), index, size, path) != root:
        raise ValueError("the entry is not in the signed journal at that place")
    return index, size


def prove_line(line: bytes, key: str) -> None:
    """A line's entry is proven, and it is the one that the line says."""
    said = json.loads(line)
    index, _ = prove(said["entry"].encode(), said["proof"], key)
    entry = json.loads(said["entry"])
    if (index, entry.get("record") or entry["entry"]["record"]) != (said["seq"], said["record"]):
        raise ValueError("the proven entry is another than the line says")


def all_lines(path: Path, key: str) -> int:
    """Exit code; says which lines are not proven."""
    good, bad = 0, 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                prove_line(line, key)
                good += 1
            except WRONG as error:
                bad += 1
                print(f"NOT proven: line {number}: {type(error).__name__} {error}")
    print(f"proven: {good} of {good + bad} lines in {key.split('+')[0]}")
    return 0 if good and not bad else 3


def one_entry(entry: Path, proof: Path, key: str) -> int:
    """Exit code."""
    try:
        index, size = prove(entry.read_bytes(), proof.read_text(encoding="utf-8"), key)
    except WRONG as error:
        print(f"NOT proven: {type(error).__name__} {error}")
        return 3
    print(f"proven: entry {index} of {size} in {key.split('+')[0]}")
    return 0


if __name__ == "__main__":
    *files, key = sys.argv[1:] or [""]
    if len(files) not in (1, 2):
        sys.exit(__doc__)
    sys.exit(all_lines(Path(files[0]), key) if len(files) == 1 else one_entry(Path(files[0]), Path(files[1]), key))
