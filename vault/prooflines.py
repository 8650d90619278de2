"""Lines of proofs: what lies in journal/proofs-0001.jsonl and so on beside records that left the vault.

One line an entry: {"record":…,"seq":…,"act":…,"entry":…,"proof":…}. `entry` is the entry's text, so that a person can
read it; as UTF-8 it is byte for byte what the journal's leaf is the hash of, since an entry is JSON text and a JSON
string gives back the very text that was put into it. `proof` is a c2sp.org/tlog-proof. Lines about one record follow
one another.
"""

from dataclasses import dataclass

import msgspec

LINES = 1_000  # in one file: some 2 MB, which any editor opens


class _Line(msgspec.Struct, frozen=True):
    record: str
    seq: int
    act: str
    entry: str
    proof: str


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """One entry, exactly as it stands in the journal, and the proof (c2sp.org/tlog-proof) that it does."""

    record: str
    seq: int
    act: str
    entry: bytes
    proof: bytes


def proofs_path(number: int) -> str:
    """Where the lines lie, from 1."""
    return f"journal/proofs-{number:04}.jsonl"


def encode_line(one: ProvenEntry) -> bytes:
    """With the newline that ends it."""
    return msgspec.json.encode(_Line(one.record, one.seq, one.act, one.entry.decode(), one.proof.decode())) + b"\n"


def decode_line(line: bytes) -> ProvenEntry | None:
    """None where it is no such line. Nothing is proven yet."""
    try:
        said = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return ProvenEntry(said.record, said.seq, said.act, said.entry.encode(), said.proof.encode())
