"""What a disc can prove of itself: the entries about its records, each with its place in the signed journal.

They lie where every export has them (vault/proving.py): journal/key.txt, journal/<record>.<place>.json and .tlog-proof.
The key is the disc's own word, and worth as much as whoever compared it with another: the vault's, or a label's.
"""

import re
from dataclasses import dataclass

from media.contents import Disc
from media.volume import read_whole
from vault.errors import BlobMissing, JournalBroken, Refused
from vault.note import Checkpoint, Verifier
from vault.proof import check_proof
from vault.text import Text

FOLDER = "journal"
_ENTRY = re.compile(r"(.+)\.([0-9]+)\.json")


@dataclass(frozen=True, slots=True)
class Testimony:
    """One entry as it stands in the journal, and the proof that it does; nothing of it is checked yet."""

    record: str
    seq: int
    entry: bytes
    proof: bytes


def key_of(disc: Disc) -> Verifier:
    """The key that the disc says its proofs are to be checked with. JournalBroken where it has none that is good."""
    try:
        return Verifier.parse(read_whole(disc.volume, f"{FOLDER}/key.txt").decode("utf-8", "replace").strip())
    except BlobMissing as error:
        raise _unproven(disc) from error


def entries_on(disc: Disc) -> list[tuple[str, int]]:
    """The record and the place in the journal of every entry on the disc, ascending; nothing is read of them yet."""
    found = (re.fullmatch(_ENTRY, name) for name in disc.volume.names(FOLDER))
    return sorted((one[1], int(one[2])) for one in found if one is not None)


def testimony(disc: Disc, record: str, seq: int) -> Testimony:
    """One of them. Its proof is empty where the disc has none."""
    name = f"{FOLDER}/{record}.{seq}"
    entry = read_whole(disc.volume, f"{name}.json")
    try:
        proof = read_whole(disc.volume, f"{name}.tlog-proof")
    except BlobMissing:
        proof = b""
    return Testimony(record, seq, entry, proof)


def require_of(disc: Disc, verifier: Verifier) -> Checkpoint:
    """The signed checkpoint under which the disc was made, by the first of its proofs.

    Refused where another key signed it: it is another vault's disc, whatever it says. JournalBroken where nothing on it
    proves anything.
    """
    own = key_of(disc)
    if own != verifier:
        raise Refused(
            Text(
                en=f"Disc {disc.name} was signed by {own.vkey}, which is not this vault's key.",
                zh=f"光盘 {disc.name} 由 {own.vkey} 签名，不是本档案库的密钥。",
            ),
            Text(
                en="It is another vault's disc: use it there, or begin anew from it: strongroom rebuild --from-discs",
                zh="这是另一档案库的光盘：请在原库中使用，或用 strongroom rebuild --from-discs 由它重建。",
            ),
        )
    entries = entries_on(disc)
    if not entries:
        raise _unproven(disc)
    first = testimony(disc, *entries[0])
    return check_proof(first.proof, first.entry, verifier.vkey)


def _unproven(disc: Disc) -> JournalBroken:
    return JournalBroken(
        Text(
            en=f"Disc {disc.name} carries nothing that proves whose it is ({FOLDER}/ is empty or damaged).",
            zh=f"光盘 {disc.name} 上没有可证明其来源的内容（{FOLDER}/ 为空或已损坏）。",
        ),
        Text(en="Try the other copy of the disc.", zh="请改用该光盘的另一份。"),
    )
