"""What a disc can prove of itself: the entries about its records, each with its place in the signed journal.

They lie where every export has them: journal/key.txt, and lines in journal/proofs-0001.jsonl and so on
(vault/prooflines.py). The key is the disc's own word, and worth as much as whoever compared it with another: the
vault's, or a label's.

Of a line that cannot be read nobody knows which record it is about. Lines about one record follow one another, so it is
one that has no other line, and then nothing proves it, or that of the line before or after: these are doubtful.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from media.contents import Disc
from media.volume import read_whole
from vault.errors import BlobMissing, JournalBroken, Refused
from vault.note import Checkpoint, Verifier
from vault.proof import check_proof
from vault.prooflines import ProvenEntry, decode_line
from vault.text import Text

FOLDER = "journal"
_LINES = re.compile(r"proofs-[0-9]+\.jsonl")


@dataclass(slots=True)
class Passage:
    """Lines about one record, one behind another in one file. `doubtful`: there may have been more of them."""

    record: str
    path: str
    start: int  # bytes
    size: int
    doubtful: bool


def key_of(disc: Disc) -> Verifier:
    """The key that the disc says its proofs are to be checked with. JournalBroken where it has none that is good."""
    try:
        return Verifier.parse(read_whole(disc.volume, f"{FOLDER}/key.txt").decode("utf-8", "replace").strip())
    except BlobMissing as error:
        raise _unproven(disc) from error


def passages(disc: Disc) -> Iterator[Passage]:
    """All lines of the disc; those of one record may lie in two files. Holds one file at a time."""
    last: Passage | None = None
    damaged = False
    for path in (f"{FOLDER}/{name}" for name in disc.volume.names(FOLDER) if re.fullmatch(_LINES, name)):
        start = 0
        for line in read_whole(disc.volume, path).splitlines(keepends=True):
            found = decode_line(line)
            if found is None:
                damaged = True
            elif last is not None and not damaged and (last.record, last.path) == (found.record, path):
                last.size += len(line)
            else:
                if last is not None:
                    last.doubtful |= damaged
                    yield last
                last, damaged = Passage(found.record, path, start, len(line), damaged), False
            start += len(line)
    if last is not None:
        last.doubtful |= damaged
        yield last


def testimony(disc: Disc, passage: Passage) -> Iterator[ProvenEntry]:
    """Its entries and their proofs, nothing of which is checked yet; one that proves nothing where it is doubtful."""
    with disc.volume.open(passage.path, passage.start) as stream:
        lines = stream.read(passage.size).splitlines(keepends=True)
    yield from (found for line in lines if (found := decode_line(line)) is not None)
    if passage.doubtful:
        yield ProvenEntry(passage.record, -1, "", b"", b"")


def entries_on(disc: Disc) -> Iterator[ProvenEntry]:
    """Every entry on the disc, in the order of its lines."""
    for passage in passages(disc):
        yield from testimony(disc, passage)


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
    first = next(entries_on(disc), None)
    if first is None:
        raise _unproven(disc)
    return check_proof(first.proof, first.entry, verifier.vkey)


def _unproven(disc: Disc) -> JournalBroken:
    return JournalBroken(
        Text(
            en=f"Disc {disc.name} carries nothing that proves whose it is ({FOLDER}/ is empty or damaged).",
            zh=f"光盘 {disc.name} 上没有可证明其来源的内容（{FOLDER}/ 为空或已损坏）。",
        ),
        Text(en="Try the other copy of the disc.", zh="请改用该光盘的另一份。"),
    )
