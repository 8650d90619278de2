"""Where every file of a set lies: on which discs, under which path, in which pieces.

A name is given out once for all discs of the set, whichever of them carries the file, so that a person who copies the
discs into one folder has the record as it was. A piece is called `<file>.part-001-of-003`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from media.planning import Plan
from vault.bagfile import BagFile, Part, Words, as_they_are
from vault.digest import Hasher
from vault.discs.model import DiscSet, volume_id
from vault.outputs import Progress
from vault.records import Record, RecordFile
from vault.safenames import FolderNames
from vault.verified import BLOCK, OpenObject, VerifiedStream

_SUFFIX = len(".part-001-of-003")

Parts = Mapping[str, tuple[Part, ...]]
"""The pieces of each cut object, by its SHA-256, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """One disc of a set, and what it says of itself. `error_correction`: "" where the image will have none."""

    set: DiscSet
    number: int  # from 1
    vault: str  # the vault's id
    medium: str  # of media/mediums.py
    zone: tzinfo  # in which a person reads its times
    generation: int = 1
    error_correction: str = "dvdisaster RS03"
    words: Words = as_they_are

    @property
    def volume(self) -> str:
        return volume_id(self.set.number, self.number)


@dataclass(frozen=True, slots=True)
class Lying:
    """A whole file, or a piece of one, on a disc of the set. Discs and pieces count from 1."""

    disc: int
    piece: int
    entry: BagFile


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file of a record: its path once it is whole, and its pieces in their order."""

    file: RecordFile
    path: str
    pieces: tuple[Lying, ...]

    @property
    def is_cut(self) -> bool:
        return len(self.pieces) > 1

    def on(self, disc: int) -> tuple[Lying, ...]:
        return tuple(piece for piece in self.pieces if piece.disc == disc)


@dataclass(frozen=True, slots=True)
class PlacedRecord:
    """A record with all its files, wherever in the set they lie."""

    record: Record
    files: tuple[PlacedFile, ...]

    def on(self, disc: int) -> tuple[BagFile, ...]:
        return tuple(piece.entry for file in self.files for piece in file.on(disc))


def place_all(planned: Plan, records: Sequence[Record], parts: Parts) -> tuple[PlacedRecord, ...]:
    """The places of all files of a plan; `records` are those that it was made for, in the same order."""
    discs: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for number, disc in enumerate(planned.discs, 1):
        for piece in disc.pieces:
            discs.setdefault((piece.record, piece.position), []).append((piece.start, number))
    folders = FolderNames()
    placed = []
    for record in records:
        folder, names = f"data/{folders.claim(record.number)}", FolderNames()
        files = [
            _placed(file, folder, names, [number for _, number in sorted(discs[record.number, position])], parts)
            for position, file in enumerate(record.files)
        ]
        placed.append(PlacedRecord(record, tuple(files)))
    return tuple(placed)


def _placed(file: RecordFile, folder: str, names: FolderNames, discs: Sequence[int], parts: Parts) -> PlacedFile:
    if len(discs) == 1:
        path = f"{folder}/{names.claim(file.name)}"
        return PlacedFile(file, path, (Lying(discs[0], 1, BagFile(path, file)),))
    name = names.claim(file.name, room=_SUFFIX)
    pieces = []
    for n, (disc, part) in enumerate(zip(discs, parts[file.sha256], strict=True), 1):
        path = f"{folder}/{names.claim(f'{name}.part-{n:03}-of-{len(discs):03}')}"
        pieces.append(Lying(disc, n, BagFile(path, file, part)))
    return PlacedFile(file, f"{folder}/{name}", tuple(pieces))


def digest_parts(
    planned: Plan, records: Sequence[Record], open_object: OpenObject, progress: Progress = int
) -> dict[str, tuple[Part, ...]]:
    """Digests of the pieces of every cut file: each object is read once, from start to end, and proven whole.

    BlobCorrupt for an object that does not hash to its name; what the store raises comes through.
    """
    files = {(record.number, n): file for record in records for n, file in enumerate(record.files)}
    sizes: dict[str, dict[int, int]] = {}
    cut: dict[str, RecordFile] = {}
    for disc in planned.discs:
        for piece in disc.pieces:
            if piece.is_part:
                file = files[piece.record, piece.position]
                cut[file.sha256] = file
                sizes.setdefault(file.sha256, {})[piece.start] = piece.size
    return {
        sha256: tuple(_digested(file, sorted(sizes[sha256].items()), open_object, progress))
        for sha256, file in cut.items()
    }


def _digested(
    file: RecordFile, pieces: Sequence[tuple[int, int]], open_object: OpenObject, progress: Progress
) -> list[Part]:
    parts = []
    with VerifiedStream(file, open_object) as stream:
        for start, size in pieces:
            hasher, left = Hasher(), size
            while left:
                block = stream.read(min(BLOCK, left))
                hasher.update(block)
                left -= len(block)
                progress(len(block))
            parts.append(Part(start, size, hasher.digest()))
    return parts
