"""Files that were cut over several discs: their pieces by join.txt, and joining them from what the discs became.

A piece counts if its SHA-256 is the list's, wherever it comes from; a file is given out if its own is, too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from media.salvage.copies import sha256_of
from media.salvage.refusals import SalvageRefused

JOIN_LIST = "join.txt"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Piece(NamedTuple):
    """A line of join.txt. `whole`: the SHA-256 of the file; `number`: which piece, from 1, `of` how many; `volume`: on
    which disc."""

    whole: str
    number: int
    of: int
    volume: str
    digest: str
    path: str
    target: str


class Joined(NamedTuple):
    """`whole`: paths of the files that are back; `lost`: of those that are not, with the discs of what is missing."""

    whole: list[str]
    lost: list[tuple[str, list[str]]]


def listed(text: bytes) -> list[Piece]:
    """The pieces that a join.txt names; lines that are damaged are left out."""
    made = []
    for line in text.decode("utf-8", "replace").splitlines():
        fields = line.split("\t")
        if len(fields) != 7 or not (fields[1].isdigit() and fields[2].isdigit()):
            continue
        piece = Piece(fields[0], int(fields[1]), int(fields[2]), *fields[3:])
        if _DIGEST.fullmatch(piece.whole) and _DIGEST.fullmatch(piece.digest) and piece.number <= piece.of:
            made.append(piece)
    return made


def files_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """The files that all pieces of are known, each as its pieces in their order."""
    files: dict[tuple[str, str], dict[int, Piece]] = {}
    for piece in pieces:
        files.setdefault((piece.target, piece.whole), {})[piece.number] = piece
    known = [[found[number] for number in sorted(found)] for found in files.values()]
    return [found for found in known if [piece.number for piece in found] == [*range(1, found[0].of + 1)]]


def join_folders(folders: Sequence[Path], target: Path, tick: Callable[[int], object] = int) -> Joined:
    """Join what was cut from folders that are discs, or were extracted from them. Nothing is overwritten.

    SalvageRefused: no folder has a list of pieces, or a file is there already, or an image was given.
    """
    image = next((folder for folder in folders if folder.exists() and not folder.is_dir()), None)
    if image is not None:
        raise SalvageRefused(
            f"{image} is no folder, and folders are joined. Take its files out first: "
            f"python3 salvage.py {image} --to NEW.iso --extract FOLDER. Then give each disc's FOLDER to --join.",
            f"{image} 不是文件夹，合并须用文件夹。请先取出其中的文件：python3 salvage.py {image} --to 新映像.iso "
            "--extract 文件夹，再将各盘的文件夹交给 --join。",
        )
    files = files_of(piece for folder in folders for piece in _listed_in(folder))
    if not files:
        raise SalvageRefused(
            f"Nothing to join: no {JOIN_LIST} in {', '.join(map(str, folders))}.",
            f"没有可合并的文件：{'、'.join(map(str, folders))} 中没有 {JOIN_LIST}。",
        )
    joined = Joined([], [])
    for pieces in files:
        path = pieces[0].target
        out = target / path
        if out.exists():
            raise SalvageRefused(f"{out} exists already.", f"{out} 已存在。")
        lacking = _join(pieces, folders, out, tick)
        if lacking is None:
            joined.whole.append(path)
        else:
            joined.lost.append((path, lacking))
    return joined


def _listed_in(folder: Path) -> list[Piece]:
    try:
        found = listed((folder / JOIN_LIST).read_bytes())
    except OSError:
        return []
    return [piece for piece in found if _stays_inside(piece.path) and _stays_inside(piece.target)]


def _stays_inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in re.split(r"[/\\]", path) and ":" not in path.partition("/")[0]


def _join(
    pieces: Sequence[Piece], folders: Sequence[Path], out: Path, tick: Callable[[int], object]
) -> list[str] | None:
    """None once it is whole, else the discs of the pieces that are missing or damaged."""
    partial = out.with_name(f"{out.name}.partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        with partial.open("wb") as file:
            lacking = [
                piece.volume
                for piece in pieces
                if not any(_append(file, folder / piece.path, piece.digest, tick) for folder in folders)
            ]
        if lacking or sha256_of(partial) != pieces[0].whole:
            return lacking
        partial.rename(out)
    finally:
        partial.unlink(missing_ok=True)
    return None


def _append(out: BinaryIO, source: Path, digest: str, tick: Callable[[int], object]) -> bool:
    """Whether the piece was there and right; otherwise nothing was appended."""
    start, found = out.tell(), hashlib.sha256()
    for data in _blocks(source):
        found.update(data)
        out.write(data)
        tick(len(data))
    if found.hexdigest() == digest:
        return True
    out.seek(start)
    out.truncate()
    return False


def _blocks(path: Path) -> Iterator[bytes]:
    """As far as they can be read."""
    try:
        with path.open("rb") as file:
            while True:
                data = file.read(1 << 20)
                if not data:
                    return
                yield data
    except OSError:
        return
