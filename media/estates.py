"""Records as a pile of discs has them: what vault/succession.py takes over.

A record may lie on several discs: on both copies, on a later generation with more entries about it, spread over a set.
All that any of them says of it goes together; what of that is true, the proofs decide.
"""

from collections.abc import Iterator, Sequence

import msgspec

from media.contents import Disc
from media.testimony import Passage, entries_on, key_of, passages, testimony
from media.volume import read_whole
from vault.errors import BlobMissing, ImageBroken, JournalBroken, Refused
from vault.filelist import encode_file_list
from vault.note import Verifier, open_checkpoint
from vault.proof import parse_proof
from vault.records import RecordFile
from vault.succession import Estate, Predecessor, Witness
from vault.text import Text

RECORDS = "records.json"


class _Described(msgspec.Struct, frozen=True):
    number: str
    files: tuple[dict[str, object], ...]


class _Records(msgspec.Struct, frozen=True):
    records: tuple[_Described, ...]


def predecessor(discs: Sequence[Disc], key: Verifier | None) -> Predecessor:
    """Whose discs these are. `key`: what the proofs are to be checked with; None: what the discs say themselves.

    Refused where they are of several vaults or of another than the key's. JournalBroken where none of them has a
    checkpoint that the key has signed.
    """
    keys = {disc.name: key_of(disc) for disc in discs}
    expected = key or next(iter(keys.values()))
    for disc in discs:
        if keys[disc.name] != expected or disc.contents.vault != discs[0].contents.vault:
            raise Refused(
                Text(
                    en=f"Disc {disc.name} is signed by {keys[disc.name].vkey}, not by {expected.vkey}.",
                    zh=f"光盘 {disc.name} 由 {keys[disc.name].vkey} 签名，而不是 {expected.vkey}。",
                ),
                Text(
                    en="Give the discs of one vault, and its own key. Nothing was changed.",
                    zh="请只使用同一档案库的光盘及其密钥。未作任何改动。",
                ),
            )
    signed = [note for disc in discs for note in _checkpoints(disc, expected)]
    if not signed:
        raise JournalBroken(
            Text(en="None of these discs carries a proof that is good.", zh="这些光盘上没有任何有效的证明。")
        )
    return Predecessor(discs[0].contents.vault, expected, max(signed)[1])


def require_legible(disc: Disc) -> None:
    """ImageBroken or JournalBroken where what the disc says of its records, or the key, cannot be read."""
    _described(disc)
    key_of(disc)
    entries_on(disc)


def _checkpoints(disc: Disc, verifier: Verifier) -> Iterator[tuple[int, bytes]]:
    """The checkpoint under which the disc was made, with its size: all proofs of a disc have the same."""
    for one in entries_on(disc):
        try:
            note = parse_proof(one.proof).checkpoint
            yield open_checkpoint(note, verifier).size, note
        except JournalBroken:
            continue
        return


def estates(discs: Sequence[Disc]) -> Iterator[Estate]:
    """Every record that the discs speak of, ascending. Holds where each lies, and one record at a time."""
    where: dict[str, list[tuple[Disc, Passage]]] = {}
    for disc in discs:
        for record in _described(disc):
            where.setdefault(record.number, [])
        for passage in passages(disc):
            where.setdefault(passage.record, []).append((disc, passage))
    for number in sorted(where):
        found = [one for disc, passage in where[number] for one in testimony(disc, passage)]
        witnesses = tuple(Witness(one.seq, one.entry, one.proof) for one in found)
        listed = any(b'"file_list"' in one.entry for one in found)
        yield Estate(number, witnesses, _listing(discs, number) if listed else b"")


def _listing(discs: Sequence[Disc], number: str) -> bytes:
    """The object that lists a record's files, put together again from the discs of its set in their order. It is the
    right one only if it hashes to what the record's entry says.
    """
    by_place = {(disc.contents.disc_set, disc.contents.disc): disc for disc in discs}
    files: list[RecordFile] = []
    for _, disc in sorted(by_place.items(), key=lambda item: item[0]):
        for record in _described(disc):
            if record.number == number:
                files += [_file(said) for said in record.files if _begins_here(said)]
    return encode_file_list(files)


def _begins_here(said: dict[str, object]) -> bool:
    """Of a file that is cut, each disc that has a piece speaks."""
    part = said.get("part")
    return not isinstance(part, dict) or part.get("start") == 0


def _file(said: dict[str, object]) -> RecordFile:
    return msgspec.convert({name: value for name, value in said.items() if name not in ("path", "part")}, RecordFile)


def _described(disc: Disc) -> Sequence[_Described]:
    try:
        return msgspec.json.decode(read_whole(disc.volume, RECORDS), type=_Records).records
    except (BlobMissing, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImageBroken(
            Text(
                en=f"{RECORDS} on disc {disc.name} is missing or damaged.",
                zh=f"光盘 {disc.name} 上的 {RECORDS} 缺失或已损坏。",
            ),
            Text(en="Use the other copy of the disc.", zh="请改用该光盘的另一份。"),
        ) from error
