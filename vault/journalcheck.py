"""Checking the journal on all stores against its signature, file by file, so that a good copy of each can be told.

The signed root authenticates the right edge, each tile the tiles below it, each tile of level 0 a bundle of entries.
Going down that way, every file of every store is right or not by itself: damage in different files of different
stores leaves one whole journal between them, and nothing is ever healed from a file that is not proven.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product

from vault import note, tlog
from vault.errors import BlobMissing, IntegrityBroken, JournalBroken, StoreUnavailable
from vault.journal import CHECKPOINT, FOLDER
from vault.ports import Shelf, Store
from vault.text import Text

_WIDTH = re.compile("[1-9][0-9]{0,2}")
Proves = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class JournalFile:
    """One file of the journal: its proven bytes (None: no store has them) and the stores whose file is not those."""

    path: str
    good: bytes | None
    damaged: tuple[str, ...]
    unknown: tuple[str, ...]  # stores that could not tell
    behind: tuple[str, ...] = ()  # stores that need not have it yet: their own checkpoint is an older one
    entries: range = range(0)  # the places of the entries in it, if it is a bundle of them


@dataclass(frozen=True, slots=True)
class Agreed:
    """The checkpoint that counts: the largest with a good signature, and each store's own where it has one."""

    checkpoint: note.Checkpoint
    signed: bytes
    of_store: Mapping[str, note.Checkpoint]
    unknown: tuple[str, ...]


def agree(stores: Sequence[Store], verifier: note.Verifier) -> Agreed:
    """Read every store's checkpoint. JournalBroken if none has a good one; StoreUnavailable if none answers."""
    found: dict[str, tuple[note.Checkpoint, bytes]] = {}
    unknown: list[str] = []
    problems: list[IntegrityBroken | StoreUnavailable] = []
    for store in stores:
        try:
            signed = store.read_file(CHECKPOINT)
            found[store.name] = (note.open_checkpoint(signed, verifier), signed)
        except StoreUnavailable as error:
            unknown.append(store.name)
            problems.append(error)
        except IntegrityBroken as error:
            problems.insert(0, error)
    if not found:
        raise problems[0]
    checkpoint, signed = max(found.values(), key=lambda pair: pair[0].size)
    return Agreed(checkpoint, signed, {name: pair[0] for name, pair in found.items()}, tuple(unknown))


def check_journal(stores: Sequence[Store], agreed: Agreed) -> Iterator[JournalFile]:
    """Every file that the agreed checkpoint stands on, checked on every store; tiles from above, then bundles.

    A store that lags behind lacks files that are newer than its own checkpoint: healing brings it up to date.
    """
    desk = _Desk(stores, agreed)
    yield desk.checkpoint()
    size = agreed.checkpoint.size
    edge: list[bytes | None] = []
    for file, tile in _edge(desk, size, agreed.checkpoint.root):
        if file is not None:
            yield file
            yield from _narrower(desk, file, tlog.first_hashes)
        edge.append(tile)
    for level in range(len(edge) - 1, -1, -1):
        yield from _below(desk, size, level, edge)


def _edge(desk: "_Desk", size: int, root: bytes) -> Iterator[tuple[JournalFile | None, bytes | None]]:
    """The partial tiles: together they must give the root, so candidates of all levels are tried together."""
    widths = [size >> 8 * level & 0xFF for level in range((size.bit_length() + 7) // 8)]
    paths = [tlog.tile_path(n, size >> 8 * (n + 1), width) if width else "" for n, width in enumerate(widths)]
    choices = [desk.candidates(path) if path else [b""] for path in paths]
    right: Sequence[bytes] | None = None
    for combination in product(*choices):
        try:
            if tlog.Edge(size, combination).root() == root:
                right = combination
                break
        except ValueError:
            continue  # a tile of a wrong length
    for level, path in enumerate(paths):
        tile = right[level] if right is not None else None
        yield (desk.judged(path, tile, size) if path else None), tile


def _below(desk: "_Desk", size: int, level: int, edge: Sequence[bytes | None]) -> Iterator[JournalFile]:
    """All full tiles whose root stands in the level above, and under level 0 the bundles."""
    full = size >> 8 * (level + 1)
    parents = _Parents(desk, size, level + 1, edge)
    for index in range(full):
        path = tlog.tile_path(level, index)
        tile = desk.matching(path, _proven_by(parents.hash_of(index)))
        since = (index + 1) << 8 * (level + 1)
        yield desk.judged(path, tile, since)
        if level == 0:
            yield _bundle(desk, index, tlog.TILE_WIDTH, tile, since)
    if level == 0 and size % tlog.TILE_WIDTH:
        last = _bundle(desk, full, size % tlog.TILE_WIDTH, edge[0], size)
        yield last
        yield from _narrower(desk, last, tlog.first_entries)


def _narrower(desk: "_Desk", partial: JournalFile, first: Callable[[bytes, int], bytes]) -> Iterator[JournalFile]:
    """The narrower files beside a partial one, on which older checkpoints stand: each is how that one begins.

    How many there are is a matter of how often the journal was published: only damaged ones are told of.
    """
    folder, _, width = partial.path.removeprefix(f"{FOLDER}/").rpartition("/")
    if partial.good is not None:
        for narrower in desk.widths_in(folder):
            if narrower < int(width):
                found = desk.if_there(f"{folder}/{narrower}", first(partial.good, narrower))
                if found.damaged:
                    yield found


def _proven_by(root: bytes | None) -> Proves:
    """Whether bytes are the full tile under this root. The length counts: half as many inner hashes have one root."""
    return lambda data: root is not None and len(data) == tlog.TILE_BYTES and tlog.tile_root(data) == root


def _bundle(desk: "_Desk", index: int, width: int, tile: bytes | None, since: int) -> JournalFile:
    path = tlog.bundle_path(index, width)
    good = desk.matching(path, lambda data: tile is not None and _leaves(data, width) == tile)
    start = index * tlog.TILE_WIDTH
    return replace(desk.judged(path, good, since), entries=range(start, start + width))


def _leaves(data: bytes, width: int) -> bytes | None:
    try:
        return b"".join(tlog.leaf_hash(entry) for entry in tlog.decode_bundle(data, width))
    except JournalBroken:
        return None


class _Parents:
    """The hashes of one level, tile by tile, each authenticated when it was met; keeps one tile."""

    def __init__(self, desk: "_Desk", size: int, level: int, edge: Sequence[bytes | None]) -> None:
        self._desk = desk
        self._size = size
        self._level = level
        self._edge = edge
        self._held: tuple[int, bytes | None] = (-1, None)

    def hash_of(self, index: int) -> bytes | None:
        number, place = divmod(index, tlog.TILE_WIDTH)
        if self._held[0] != number:
            self._held = (number, self._tile(number))
        tile = self._held[1]
        return tile[place * tlog.HASH_BYTES : (place + 1) * tlog.HASH_BYTES] if tile is not None else None

    def _tile(self, number: int) -> bytes | None:
        if number == self._size >> 8 * (self._level + 1):
            return self._edge[self._level] if self._level < len(self._edge) else None
        above = _Parents(self._desk, self._size, self._level + 1, self._edge).hash_of(number)
        path = tlog.tile_path(self._level, number)
        return self._desk.matching(path, _proven_by(above))


class _Desk:
    """One file at a time from all stores."""

    def __init__(self, stores: Sequence[Store], agreed: Agreed) -> None:
        self._stores = stores
        self._agreed = agreed
        self._path = ""
        self._found: dict[str, bytes | None] = {}
        self._unknown: list[str] = []

    def checkpoint(self) -> JournalFile:
        agreed = self._agreed
        answered = [store.name for store in self._stores if store.name not in agreed.unknown]
        other = [name for name in answered if agreed.of_store.get(name) != agreed.checkpoint]
        behind = tuple(name for name in other if self._reaches(name) < agreed.checkpoint.size)
        damaged = tuple(name for name in other if name not in behind)
        return JournalFile(CHECKPOINT, agreed.signed, damaged, agreed.unknown, behind)

    def _reaches(self, name: str) -> int:
        """How far a store's own journal goes; where that cannot be told it should have all."""
        own = self._agreed.of_store.get(name)
        return (own or self._agreed.checkpoint).size

    def candidates(self, path: str) -> list[bytes]:
        self._lay_out(path)
        return list(dict.fromkeys(data for data in self._found.values() if data is not None))

    def matching(self, path: str, proves: Proves) -> bytes | None:
        return next((data for data in self.candidates(path) if proves(data)), None)

    def judged(self, path: str, good: bytes | None, since: int) -> JournalFile:
        """`since`: of how many entries the tree is that first has this file."""
        self._lay_out(path)
        behind = tuple(name for name, data in self._found.items() if data is None and self._reaches(name) < since)
        damaged = tuple(
            name for name, data in self._found.items() if name not in behind and (data is None or data != good)
        )
        return JournalFile(f"{FOLDER}/{path}", good, damaged, tuple(self._unknown), behind)

    def widths_in(self, folder: str) -> list[int]:
        """Of the partial files that any store has there."""
        names: set[str] = set()
        for store in self._stores:
            with suppress(StoreUnavailable):  # it is told of with the file that counts
                names |= {path.rpartition("/")[2] for path in store.list_files(f"{FOLDER}/{folder}")}
        return sorted(int(name) for name in names if _WIDTH.fullmatch(name))

    def if_there(self, path: str, good: bytes) -> JournalFile:
        """Of a file that no store needs to have."""
        self._lay_out(path)
        damaged = tuple(name for name, data in self._found.items() if data not in (None, good))
        return JournalFile(f"{FOLDER}/{path}", good, damaged, tuple(self._unknown))

    def _lay_out(self, path: str) -> None:
        if path == self._path:
            return
        self._path, self._found, self._unknown = path, {}, []
        for store in self._stores:
            try:
                self._found[store.name] = _read(store, path)
            except StoreUnavailable:
                self._unknown.append(store.name)


def _read(store: Shelf, path: str) -> bytes | None:
    """A store's file; where a partial tile gave way to the full one meanwhile, what it would hold."""
    try:
        return store.read_file(f"{FOLDER}/{path}")
    except BlobMissing:
        whole, _, width = path.partition(".p/")
        if not width:
            return None
    try:
        full = store.read_file(f"{FOLDER}/{whole}")
    except BlobMissing:
        return None
    try:
        return (tlog.first_entries if "entries" in path else tlog.first_hashes)(full, int(width))
    except JournalBroken:
        return None


def require_one_history(agreed: Agreed, stores: Sequence[Store]) -> None:
    """JournalBroken if two signed checkpoints cannot be of one journal: somebody has signed two histories.

    The older tree must be the beginning of the newer one, shown from proven tiles alone: a damaged tile is no crime.
    """
    older = {name: found for name, found in agreed.of_store.items() if found != agreed.checkpoint}
    edges = {name: _edge_paths(found.size, agreed.checkpoint.size) for name, found in older.items()}
    wanted = {path for paths in edges.values() for path, _ in paths}
    proven = {f.path: f.good for f in check_journal(stores, agreed) if f.path in wanted} if older else {}
    for name, found in older.items():
        tiles = [(proven.get(path) if path else b"", width) for path, width in edges[name]]
        levels = tuple(tile[: width * tlog.HASH_BYTES] for tile, width in tiles if tile is not None)
        if len(levels) == len(tiles) and tlog.Edge(found.size, levels).root() != found.root:
            raise JournalBroken(
                Text(
                    en=f"The journal on {name} and the newest one are two different histories.",
                    zh=f"存储 {name} 上的日志与最新的日志互相矛盾，不是同一份日志。",
                ),
                hint=Text(
                    en="One went on while the other was away. Decide which counts; on the other store move the folder "
                    "journal/ aside and keep it. Then run: strongroom rebuild, strongroom scrub.",
                    zh="其中一份在另一存储离线时继续写入。请确定以哪份为准，将另一存储上的 journal/ 文件夹移开保存，"
                    "然后依次运行 strongroom rebuild、strongroom scrub。",
                ),
            )


def _edge_paths(size: int, grown: int) -> list[tuple[str, int]]:
    """For each level, the file of the grown tree that begins with the smaller tree's partial tile, and its width."""
    paths: list[tuple[str, int]] = []
    for level in range((size.bit_length() + 7) // 8):
        index, width = size >> 8 * (level + 1), size >> 8 * level & 0xFF
        there = min(tlog.TILE_WIDTH, (grown >> 8 * level) - index * tlog.TILE_WIDTH)
        paths.append((f"{FOLDER}/{tlog.tile_path(level, index, there)}" if width else "", width))
    return paths


def broken_journal(files: Sequence[JournalFile]) -> JournalBroken:
    """The error for files of which no store has proven bytes."""
    return JournalBroken(
        Text(
            en=f"{len(files)} files of the journal are damaged on every store, first of all {files[0].path}.",
            zh=f"日志有 {len(files)} 个文件在所有存储上均已损坏，首个为 {files[0].path}。",
        )
    )
