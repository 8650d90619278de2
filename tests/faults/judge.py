"""The judge of crashes: told only where the stores are, which key signs, and what was acknowledged.

It shares no code with the program it judges: what lies on a store is read as docs/format.md and the standards say
(RFC 6962 section 2.1, c2sp.org/tlog-tiles, c2sp.org/tlog-checkpoint, c2sp.org/signed-note, RFC 8032), with the standard
library and an Ed25519. It changes nothing and believes nothing; of every store it demands:

- each file below objects/ lies where its name says and hashes to its name: nothing is half visible;
- the checkpoint carries a good signature, its root is that of the entries, and all its tiles follow from them;
- each object that a record.stored entry names is on every store that the entry names, unless a later
  destruction.begun entry of that very store's journal names it too: then it counts as one that no entry names;
- each acknowledged file is named by the record.stored entry of its record, and lies on every store;
- the stores tell one history: the shorter journal is the beginning of the longer.

    python -m tests.faults.judge VKEY ACKNOWLEDGED.jsonl NAME=STORE ...
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256  # hashes in a full tile, entries in a full bundle


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at and what is wrong. `unnamed`: objects that no entry names, "store:digest"; no fault."""

    faults: tuple[str, ...]
    objects: int
    entries: int
    acknowledged: int
    unnamed: frozenset[str]

    @property
    def passed(self) -> bool:
        return not self.faults


class Broken(Exception):
    """A journal that cannot be believed; the rest of that store's journal is not looked at."""


def judge(
    stores: Mapping[str, Path], vkey: str, acknowledged: Iterable[Mapping[str, Any]], at_least: int = 0
) -> Verdict:
    """Judge the stores of one vault. `acknowledged`: objects that `ingest --json` printed; `at_least`: the number of
    entries that every journal had before, which it may not lose."""
    faults: list[str] = []
    histories: dict[str, list[bytes]] = {}
    held = {name: set(_objects(name, root / "objects", faults)) for name, root in stores.items()}
    for name, root in stores.items():
        try:
            histories[name] = _history(root / "journal", vkey)
        except Broken as error:
            faults.append(f"{name}: {error}")
            continue
        if len(histories[name]) < at_least:
            faults.append(f"{name}: the journal has {len(histories[name])} entries, it had {at_least}")
    faults += _one_history(histories)
    named: dict[str, set[str]] = {}
    records: dict[str, dict[str, set[str]]] = {}
    begun = {name: _begun(entries) for name, entries in histories.items()}
    for name, entries in histories.items():
        records[name] = {}
        for place, act in _acts(name, entries, faults):
            listed = _objects_named(act, stores, name, faults)
            records[name].setdefault(act["record"], set()).update(_staying(listed, begun[name], place))
            for store in act["stores"]:
                objects = _staying(listed, begun.get(store, {}), place)
                named.setdefault(store, set()).update(objects)
                faults += [
                    f"{name}: record {act['record']} names {digest}, which is not on {store}"
                    for digest in sorted(objects - held.get(store, set()))
                ]
    told = 0
    for line in acknowledged:
        told += "record" in line
        faults += _acknowledged(line, held, records)
    if not stores:
        faults.append("no store was looked at")
    every = set[str]().union(*named.values()) if named else set[str]()
    return Verdict(
        faults=tuple(dict.fromkeys(faults)),
        objects=sum(len(digests) for digests in held.values()),
        entries=max((len(entries) for entries in histories.values()), default=0),
        acknowledged=told,
        unnamed=frozenset(f"{name}:{digest}" for name, digests in held.items() for digest in digests - every),
    )


def _objects(name: str, folder: Path, faults: list[str]) -> Iterator[str]:
    """The digests of all good objects; whatever else lies there is a fault."""
    for path in sorted(folder.rglob("*")) if folder.exists() else []:
        if path.is_dir():
            continue
        digest = path.name
        place = path.relative_to(folder).as_posix()
        if not re.fullmatch("[0-9a-f]{64}", digest) or place != f"{digest[:2]}/{digest[2:4]}/{digest}":
            faults.append(f"{name}: objects/{place} is no object's place")
            continue
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != digest:
            faults.append(f"{name}: object {digest} of {path.stat().st_size} bytes hashes to {found}")
            continue
        yield digest


def _acknowledged(
    line: Mapping[str, Any], held: Mapping[str, set[str]], records: Mapping[str, Mapping[str, set[str]]]
) -> Iterator[str]:
    """What is wrong with one acknowledgement. Lines without a record promise nothing."""
    record, digest = line.get("record"), line.get("sha256")
    if record is None:
        return
    for name, here in held.items():
        if record not in records.get(name, {}):
            yield f"{name}: record {record} was acknowledged and no entry has it"
        elif digest is not None and digest not in records[name][record]:
            yield f"{name}: {digest} was acknowledged and record {record} does not name it"
        if digest is not None and digest not in here:
            yield f"{name}: {digest} was acknowledged and is not there whole"


def _begun(entries: Iterable[bytes]) -> dict[str, int]:
    """Objects that were to be destroyed, with the last entry that says so: what was stored before need not be there."""
    begun: dict[str, int] = {}
    for place, entry in enumerate(entries):
        if b'"destruction.begun"' in entry:
            for one in json.loads(entry)["doomed"]:
                begun |= dict.fromkeys(one["objects"], place)
    return begun


def _staying(objects: set[str], begun: Mapping[str, int], place: int) -> set[str]:
    """Those of an entry at this place that no later one dooms."""
    return {one for one in objects if begun.get(one, -1) < place}


def _acts(name: str, entries: Iterable[bytes], faults: list[str]) -> Iterator[tuple[int, Any]]:
    for place, entry in enumerate(entries):
        try:
            act = json.loads(entry)
        except ValueError:
            faults.append(f"{name}: entry {place} is not JSON")
            continue
        if act.get("act") == "record.stored":
            yield place, act


def _objects_named(act: Any, stores: Mapping[str, Path], name: str, faults: list[str]) -> set[str]:
    """The digests that an entry names; a list of files that lies in an object counts with the files in it."""
    listed = act.get("file_list")
    if listed is None:
        return {file["sha256"] for file in act.get("files", ())}
    digest = listed["sha256"]
    path = stores[name] / "objects" / digest[:2] / digest[2:4] / digest
    try:
        return {digest} | {file["sha256"] for file in json.loads(path.read_bytes())}
    except (OSError, ValueError) as error:
        faults.append(f"{name}: the list of files {digest} cannot be read: {error}")
        return {digest}


def _one_history(histories: Mapping[str, list[bytes]]) -> Iterator[str]:
    longest = max(histories.values(), key=len, default=[])
    for name, entries in histories.items():
        if entries != longest[: len(entries)]:
            yield f"{name}: the journal tells another history than the other store's"


# the journal


def _history(folder: Path, vkey: str) -> list[bytes]:
    """The entries that the checkpoint signs, all of them proven; no entries before the first checkpoint is there."""
    try:
        note = (folder / "checkpoint").read_bytes()
    except FileNotFoundError:
        return []
    size, root = _checkpoint(note, vkey)
    entries: list[bytes] = []
    for index in range(-(-size // WIDTH)):
        entries += _bundle(folder, index, min(WIDTH, size - index * WIDTH))
    leaves = [hashlib.sha256(b"\0" + entry).digest() for entry in entries]
    if _root(leaves) != root:
        raise Broken("the checkpoint's root is not that of the entries")
    _require_tiles(folder, leaves)
    return entries


def _checkpoint(note: bytes, vkey: str) -> tuple[int, bytes]:
    name, key_id, key = vkey.split("+", 2)
    key_bytes = base64.b64decode(key)
    if hashlib.sha256(name.encode() + b"\n" + key_bytes).hexdigest()[:8] != key_id:
        raise Broken("the verifier key's id is not that of the key")
    text, _, signatures = note.partition(b"\n\n")
    lines = text.split(b"\n")
    if len(lines) < 3 or lines[0] != name.encode():
        raise Broken("the checkpoint is not that of this journal")
    for line in signatures.split(b"\n"):
        dash, _, rest = line.decode(errors="replace").partition(" ")
        signer, _, made = rest.partition(" ")
        if dash == "—" and signer == name:
            raw = base64.b64decode(made)
            try:
                Ed25519PublicKey.from_public_bytes(key_bytes[1:]).verify(raw[4:], text + b"\n")
            except InvalidSignature as error:
                raise Broken("the checkpoint's signature is false") from error
            if raw[:4].hex() != key_id:
                raise Broken("the checkpoint's signature is by another key")
            return int(lines[1]), base64.b64decode(lines[2])
    raise Broken("the checkpoint is not signed by the journal's key")


def _path(folder: Path, kind: str, index: int, width: int) -> Path:
    """c2sp.org/tlog-tiles: the index in groups of three digits, all but the last behind an x; .p/W if partial."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return folder / "tile" / kind / ("/".join(groups) + ("" if width == WIDTH else f".p/{width}"))


def _read(folder: Path, kind: str, index: int, width: int) -> bytes:
    """A tile or bundle of that width, or the full one that has superseded it."""
    path = _path(folder, kind, index, width)
    try:
        return (path if path.exists() else _path(folder, kind, index, WIDTH)).read_bytes()
    except OSError as error:
        raise Broken(f"{path.relative_to(folder)} cannot be read: {error.strerror}") from error


def _bundle(folder: Path, index: int, width: int) -> list[bytes]:
    data = _read(folder, "entries", index, width)
    entries: list[bytes] = []
    while data and len(entries) < width:
        end = 2 + int.from_bytes(data[:2], "big")
        if len(data) < end:
            break
        entries.append(data[2:end])
        data = data[end:]
    if len(entries) != width:
        raise Broken(f"bundle {index} has {len(entries)} entries of {width}")
    return entries


def _root(hashes: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 over the hashes of the leaves."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    half = 1 << (len(hashes) - 1).bit_length() - 1  # the largest power of two below the number of leaves
    return hashlib.sha256(b"\1" + _root(hashes[:half]) + _root(hashes[half:])).digest()


def _require_tiles(folder: Path, hashes: list[bytes]) -> None:
    level = 0
    while hashes:
        for index in range(-(-len(hashes) // WIDTH)):
            part = hashes[index * WIDTH : (index + 1) * WIDTH]
            if _read(folder, str(level), index, len(part))[: 32 * len(part)] != b"".join(part):
                raise Broken(f"tile {index} of level {level} does not follow from the entries")
        full = len(hashes) // WIDTH
        hashes = [_root(hashes[index * WIDTH : (index + 1) * WIDTH]) for index in range(full)]
        level += 1


def read_acknowledged(data: bytes) -> list[dict[str, Any]]:
    """The whole lines of `ingest --json`; what stands after the last newline was never said."""
    return [json.loads(line) for line in data.split(b"\n")[:-1] if line]


def main(arguments: list[str]) -> int:
    vkey, acknowledged, *places = arguments
    stores = {name: Path(place) for name, _, place in (given.partition("=") for given in places)}
    verdict = judge(stores, vkey, read_acknowledged(Path(acknowledged).read_bytes()))
    for fault in verdict.faults:
        print(fault)
    print(
        f"{verdict.objects} objects, {verdict.entries} entries, {verdict.acknowledged} acknowledgements looked at: "
        f"{len(verdict.faults)} faults, {len(verdict.unnamed)} objects that no entry names"
    )
    return 0 if verdict.passed else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
