"""Check a proof without a vault: python3 verify_proof.py ENTRY.json PROOF.tlog-proof KEY

That the journal whose verifier key is KEY holds this very entry (`strongroom prove` writes both files). Python 3.11 and
the package `cryptography` are needed. KEY comes from somebody you trust, not from the bearer of the proof.
Exit code: 0 proven, 3 not proven.
"""

import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


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


def main(entry: Path, proof: Path, key: str) -> str:
    head, _, checkpoint = proof.read_text(encoding="utf-8").partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith("extra ")]
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index "):
        raise ValueError("this is no c2sp.org/tlog-proof@v1")
    index, path = int(lines[1].removeprefix("index ")), [b64decode(line, validate=True) for line in lines[2:]]
    size, root = signed_tree(checkpoint, key)
    if not 0 <= index < size or climb(sha256(b"\x00" + entry.read_bytes()).digest(), index, size, path) != root:
        raise ValueError("the entry is not in the signed journal at that place")
    return f"proven: entry {index} of {size} in {key.split('+')[0]}"


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        print(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
    except (ValueError, IndexError, InvalidSignature) as error:
        print(f"NOT proven: {type(error).__name__} {error}")
        sys.exit(3)
