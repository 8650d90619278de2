"""Which discs carry which records: a pure function of the records' files, the medium, and what is left free on it.

    plan(records, medium, spare) -> Plan

Rules, the first the strongest: a file lies whole on one disc where a disc can hold it, since whoever opens a disc in
thirty years wants to play what is on it; the files of one record lie on one disc where they fit there; discs are few.
A disc has no more files than a small machine can lay out, however small they are.
A file that no disc can hold is cut on 32 KiB boundaries, which are those of a DVD's error correction and of the block
digests, and its pieces are joined by putting them one after the other. Every disc is planned as a bag of its own.

What is left free carries error correction: it fills the medium, so the share of data decides how much damage can be
undone. A fifth of the medium free undoes a ring of damage of about that size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import msgspec

from media.mediums import SECTOR, Medium
from vault.errors import BadInput
from vault.records import Record
from vault.text import Text

CUT = 32 << 10  # bytes; a file is cut at multiples of it
# Bytes, as measured on images (tests/media/test_planning.py holds them to that)
_EACH_DISC = 1 << 20  # volume descriptors, README, index.html, salvage.py
_EACH_FOLDER = 8_700  # in three trees
_EACH_RECORD = 3_500  # its entries in lists, and proofs of two or three entries of the journal
_EACH_FILE = 3_400  # its entries in three trees, its lines in manifests and lists
_EACH_BYTE_OF_NAME = 14  # in all of these
_FACTS_SAID = 5  # times: in records.json and index.html; in 清单.csv once a file
_LINE = 65  # in the list of blocks, for each CUT
_LONGEST_NAMES = 64 << 10  # what is allowed for the names and facts of a file that fills a disc
_MOST_FILES = 50_000  # on one disc: making its image takes 8 KB of memory for each


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a record on a disc, or a part of one. `position`: which of the record's files, from 0; bytes."""

    record: str
    position: int
    start: int
    size: int
    whole: int  # bytes of the whole file

    @property
    def is_part(self) -> bool:
        return self.size < self.whole


@dataclass(slots=True)
class PlannedDisc:
    """One disc of the set: what lies on it, and how many bytes that takes with all that a file system adds."""

    room: int
    pieces: list[Piece] = field(default_factory=list)
    taken: int = _EACH_DISC
    _folders: dict[str, int] = field(default_factory=dict)

    def takes(self, load: "_Load") -> bool:
        return self._with(load) <= self.room and len(self.pieces) + len(load.pieces) <= _MOST_FILES

    def add(self, load: "_Load") -> None:
        self.taken = self._with(load)
        self.pieces += load.pieces
        self._folders |= load.folders

    def _with(self, load: "_Load") -> int:
        """Bytes, with that on it, too; folders that are there count once."""
        new = sum(size for folder, size in load.folders.items() if folder not in self._folders)
        return self.taken + load.size + _listed(new)

    @property
    def records(self) -> tuple[str, ...]:
        """Numbers, each once."""
        return tuple(dict.fromkeys(piece.record for piece in self.pieces))


@dataclass(frozen=True, slots=True)
class _Load:
    """What lies on one disc together: bytes of the files, and of the folders that they lie in, a record's too."""

    pieces: Sequence[Piece]
    size: int
    folders: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """The discs of a set, in the order of their records."""

    medium: Medium
    spare: int  # bytes of each that stay free for error correction
    discs: tuple[PlannedDisc, ...]


def plan(records: Sequence[Record], medium: Medium, spare: int = 20) -> Plan:
    """Discs for these records. `spare`: hundredths of the medium that stay free for error correction.

    BadInput where that leaves no room to speak of, or there is nothing to put on a disc.
    """
    room = medium.size * (100 - spare) // 100
    longest = _longest_piece(room)
    if not 0 <= spare < 100 or longest < CUT:
        raise BadInput(
            Text(
                en=f"With {spare} % left free nothing fits on {medium.label.en}.",
                zh=f"预留 {spare}% 后，{medium.label.zh} 已无可用空间。",
            )
        )
    discs: list[PlannedDisc] = []
    loose: list[_Load] = []
    for record in records:
        files = [Piece(record.number, n, 0, file.size, file.size) for n, file in enumerate(record.files)]
        if PlannedDisc(room).takes(whole := _load(record, files)):
            loose.append(whole)
            continue
        for piece in files:
            if piece.size <= longest:
                loose.append(_load(record, [piece]))
                continue
            *full, rest = _cut(piece, longest)
            for part in full:
                discs.append(PlannedDisc(room))
                discs[-1].add(_load(record, [part]))
            loose.append(_load(record, [rest]))
    if not loose:
        raise BadInput(Text(en="There is nothing to put on a disc.", zh="没有可刻录的内容。"))
    _pack(discs, loose, room)
    place = {record.number: n for n, record in enumerate(records)}
    for disc in discs:
        disc.pieces.sort(key=lambda piece: (place[piece.record], piece.position, piece.start))
    discs.sort(key=lambda disc: _order(disc, place))
    return Plan(medium, medium.size - room, tuple(discs))


def _order(disc: PlannedDisc, place: Mapping[str, int]) -> tuple[int, int, int]:
    """Pieces of a cut file lie on discs in their order, whatever small files lie beside them."""
    first = next((piece for piece in disc.pieces if piece.is_part), disc.pieces[0])
    return place[first.record], first.position, first.start


def _pack(discs: list[PlannedDisc], loose: Sequence[_Load], room: int) -> None:
    """Each on the first disc that has room for it, the largest first: at most 11/9 of the fewest discs possible, and
    one more (Johnson, 1973)."""
    for load in sorted(loose, key=lambda load: -load.size):
        disc = next((disc for disc in discs if disc.takes(load)), None)
        if disc is None:
            disc = PlannedDisc(room)
            discs.append(disc)
        disc.add(load)


def _cut(piece: Piece, longest: int) -> list[Piece]:
    return [
        Piece(piece.record, piece.position, start, min(longest, piece.size - start), piece.whole)
        for start in range(0, piece.size, longest)
    ]


def _longest_piece(room: int) -> int:
    """Bytes of one file that fill a disc."""
    return (room - _EACH_DISC - _LONGEST_NAMES) * CUT // (CUT + _LINE) // CUT * CUT


def _load(record: Record, pieces: Sequence[Piece]) -> _Load:
    facts = len(msgspec.json.encode(record.facts))
    size, folders = 0, {record.number: _EACH_FOLDER + _EACH_RECORD + _FACTS_SAID * facts}
    for piece in pieces:
        name = record.files[piece.position].name
        said = _EACH_FILE + facts + _EACH_BYTE_OF_NAME * len(name.encode())
        size += _listed(-(-piece.size // SECTOR) * SECTOR + said)
        for folder in PurePosixPath(name).parents[:-1]:
            folders[f"{record.number}/{folder}"] = _EACH_FOLDER + _EACH_BYTE_OF_NAME * len(folder.name.encode())
    return _Load(pieces, size, folders)


def _listed(size: int) -> int:
    """Bytes, with their lines in the list of blocks."""
    return size + -(-size * _LINE // CUT)
