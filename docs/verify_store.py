"""Check one store of a vault without Strongroom: python3 verify_store.py STORE [KEY]

Hashes every object, computes the journal's root from its entries, compares it with the checkpoint, and looks for all
that records name. Python 3.11 does; with the package `cryptography` the signature is checked, too. KEY is the journal's
verifier key as you noted it elsewhere: the one that lies on the store shows only that the store agrees with itself.
Exit code: 0 good, 3 broken or missing, 5 something could not be checked.
"""

import json
import sys
from base64 import b64decode
from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path


def bundle_path(index: int) -> str:
    path = f"{index % 1000:03d}"
    while index := index // 1000:
        path = f"x{index % 1000:03d}/{path}"  # 1234067 is x001/x234/067
    return f"journal/tile/entries/{path}"


def entries(store: Path, size: int) -> Iterator[bytes]:
    """The first `size` entries: each behind its length as a big-endian uint16."""
    for index in range(-(-size // 256)):
        width = min(256, size - index * 256)  # c2sp.org/tlog-tiles
        bundle = store / bundle_path(index)
        if width < 256 and not bundle.exists():
            bundle = store / f"{bundle_path(index)}.p/{width}"
        data, at = bundle.read_bytes(), 0
        for _ in range(width):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            yield data[at + 2 : end]
            at = end


def root_of(leaves: Iterator[bytes]) -> bytes:
    """The root of the Merkle tree over the entries, RFC 6962 section 2.1."""
    subtrees: list[tuple[int, bytes]] = []  # perfect ones, the largest first: (height, root)
    for entry in leaves:
        height, node = 0, sha256(b"\x00" + entry).digest()
        while subtrees and subtrees[-1][0] == height:
            height, node = height + 1, sha256(b"\x01" + subtrees.pop()[1] + node).digest()
        subtrees.append((height, node))
    root = subtrees.pop()[1] if subtrees else sha256(b"").digest()
    while subtrees:
        root = sha256(b"\x01" + subtrees.pop()[1] + root).digest()
    return root


def is_signed(text: bytes, signatures: str, key: str) -> bool:
    """Whether this key signed the checkpoint: c2sp.org/signed-note, Ed25519. ImportError without cryptography."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    name, _, coded = key.split("+", 2)
    public, start = b64decode(coded), f"— {name} "
    try:
        made = [b64decode(line.removeprefix(start)) for line in signatures.splitlines() if line.startswith(start)]
        ours = [one[4:] for one in made if one[:4] == sha256(name.encode() + b"\n" + public).digest()[:4]]
        for signature in ours:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature, text)
    except (InvalidSignature, ValueError):  # ValueError: it is no base64
        return False
    return bool(ours) and text.startswith(f"{name}\n".encode())


def check(store: Path, key: str) -> Iterator[tuple[str, str]]:
    good: set[str] = set()
    for path in sorted(path for path in (store / "objects").rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            found = file_digest(stream, "sha256").hexdigest()
        if path.parts[-3:] == (found[:2], found[2:4], found):
            good.add(found)
        else:
            yield "fault", f"{path} hashes to {found}"
    text, _, signatures = (store / "journal/checkpoint").read_text(encoding="utf-8").rpartition("\n\n")
    size, root = int(text.split("\n")[1]), b64decode(text.split("\n")[2])
    try:
        if not is_signed(f"{text}\n".encode(), signatures, key):
            yield "fault", f"the checkpoint is not signed by {key}"
    except ImportError:
        yield "unchecked", "the checkpoint's signature: the Python package cryptography is not installed"
    if root_of(entries(store, size)) != root:
        yield "fault", "the journal's entries do not lead to the root in the checkpoint"
        return
    doomed = enumerate(json.loads(entry).get("doomed", ()) for entry in entries(store, size))
    destroyed = {digest: place for place, some in doomed for one in some for digest in one["objects"]}  # lawfully
    for place, act in enumerate(map(json.loads, entries(store, size))):
        files = act.pop("files", [])
        yield f"#{place}", json.dumps(act, ensure_ascii=False)
        if listed := act.get("file_list", {}).get("sha256"):
            path = store / "objects" / listed[:2] / listed[2:4] / listed
            files = json.loads(path.read_bytes()) if listed in good else [{"sha256": listed, "name": "(their list)"}]
        for file in files:
            yield "file", f"{file['sha256']} {json.dumps(file['name'], ensure_ascii=False)}"
            if file["sha256"] not in good and destroyed.get(file["sha256"], -1) < place:
                yield "fault", f"object {file['sha256']} is missing or damaged here"
    yield "checked", f"{len(good)} good objects, {size} entries, key {key}"


def main(store: Path, *key: str) -> int:
    worst = 0
    try:
        marker = json.loads((store / "strongroom.json").read_bytes())
        for kind, words in check(store, *(key or [marker["journal_key"]])):
            worst = 3 if kind == "fault" else worst or 5 * (kind == "unchecked")
            print(f"{kind}: {words}")
    except (OSError, ValueError, LookupError) as error:
        here = isinstance(error, FileNotFoundError) and (store / "strongroom.json").exists()
        broken = here or not isinstance(error, OSError)  # only a store that is there can lack something
        print(f"{'fault' if broken else 'unchecked'}: {type(error).__name__} {error}")
        return 3 if broken else worst or 5
    return worst


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]) if len(sys.argv) in (2, 3) and sys.argv[1][0] != "-" else __doc__)
