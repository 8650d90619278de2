"""The mathematics of the journal: RFC 6962 hashing cut into C2SP tlog-tiles. No file, clock or key is touched here.

The rules of this file:

- A tile holds 256 hashes. Level 0 holds the leaf hashes; level L + 1 holds the root of each full tile of level L.
  Only the last tile of a level can be partial, so the partial tiles together (the `Edge`, below 8 KiB a level) are all
  that growing needs: N more entries cost O(N), however large the journal is.
- Paths are relative to the journal's folder and use `/`. A file's bytes are determined by its path and the entries,
  so creating one again is harmless.
- Whoever reads trusts nothing: tiles come from stores, and count only once they lead to a signed root (note.py).
  Proofs are made from tiles in proof.py.

Standards: RFC 6962 section 2.1, c2sp.org/tlog-tiles.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Protocol, Self

from vault.digest import Block
from vault.errors import BlobMissing, CatalogueBroken, JournalBroken
from vault.text import Text

HASH_BYTES = 32
TILE_WIDTH = 256
TILE_BYTES = TILE_WIDTH * HASH_BYTES
EMPTY_ROOT = sha256(b"").digest()

File = tuple[str, bytes]  # a path below the journal's folder, and the bytes to create there


def leaf_hash(entry: Block) -> bytes:
    """The hash of one entry: SHA-256(0x00 || entry), RFC 6962 section 2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees: SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return sha256(b"\x01" + left + right).digest()


@lru_cache(maxsize=256)  # proofs of entries that lie side by side have nearly all subtrees in common
def tile_root(hashes: bytes) -> bytes:
    """The root over 2**k concatenated hashes."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            sha256(b"\x01" + hashes[at : at + 2 * HASH_BYTES]).digest() for at in range(0, len(hashes), 2 * HASH_BYTES)
        )
    return hashes


def _path(folder: str, index: int, width: int) -> str:
    if index < 0 or not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"no tile has index {index} and width {width}")
    number = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        number = f"x{index % 1000:03d}/{number}"
    return f"tile/{folder}/{number}" + ("" if width == TILE_WIDTH else f".p/{width}")


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Where a tile lies: `tile/0/x001/x234/067`, with `.p/8` after it when it holds 8 hashes of 256."""
    if not 0 <= level <= 63:
        raise ValueError(f"no tile has level {level}")
    return _path(str(level), index, width)


def bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """Where the entries beneath tile `index` of level 0 lie."""
    return _path("entries", index, width)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """1 to 256 entries, each behind its length in bytes as a big-endian uint16."""
    if not 1 <= len(entries) <= TILE_WIDTH or any(len(entry) > 0xFFFF for entry in entries):
        raise ValueError("a bundle holds 1 to 256 entries of at most 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """Exactly `width` entries; JournalBroken if the bytes are any more or less than that."""
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            break
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(entries) != width:
        raise _damaged_bundle(len(entries), width)
    return entries


def first_entries(bundle: bytes, count: int) -> bytes:
    """The bundle of the first `count` entries of one. JournalBroken if it has not so many."""
    end = 0
    for place in range(count):
        end += 2 + int.from_bytes(bundle[end : end + 2], "big")
        if end > len(bundle):
            raise _damaged_bundle(place, count)
    return bundle[:end]


def first_hashes(tile: bytes, count: int) -> bytes:
    """The partial tile of the first `count` hashes of one."""
    return tile[: count * HASH_BYTES]


def _damaged_bundle(good: int, width: int) -> JournalBroken:
    return JournalBroken(
        Text(
            en=f"A bundle of journal entries is damaged after entry {good} of {width}.",
            zh=f"日志条目包已损坏：{width} 条中第 {good} 条之后无法读取。",
        )
    )


@dataclass(frozen=True, slots=True)
class Tile:
    """Up to 256 consecutive hashes of one level, concatenated."""

    level: int
    index: int
    hashes: bytes

    @property
    def path(self) -> str:
        return tile_path(self.level, self.index, len(self.hashes) // HASH_BYTES)


def _level_count(size: int) -> int:
    """How many levels of tiles a tree of `size` entries has."""
    return (size.bit_length() + 7) // 8


def _edge_widths(size: int) -> list[int]:
    """The number of hashes in the partial tile of each level; 0 where the level has none."""
    return [size >> 8 * level & 0xFF for level in range(_level_count(size))]


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree of `size` entries: for each level the hashes of its partial tile, possibly none.

    `Edge()` is the empty tree. Also the way to recompute a root from a stream of entries in O(log n) memory: append
    the leaf hashes of one bundle after another and ask for `root()`.
    """

    size: int = 0
    levels: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if [len(hashes) for hashes in self.levels] != [width * HASH_BYTES for width in _edge_widths(self.size)]:
            raise ValueError(f"these are not the partial tiles of a tree of {self.size} entries")

    def append(self, leaf_hashes: Iterable[bytes]) -> tuple[Self, list[Tile]]:
        """The edge after more leaves, and the full tiles they completed, lowest level first."""
        coming = _joined(leaf_hashes)
        size = self.size + len(coming) // HASH_BYTES
        levels: list[bytes] = []
        completed: list[Tile] = []
        for level in range(_level_count(size)):
            hashes = (self.levels[level] if level < len(self.levels) else b"") + coming
            first = self.size >> 8 * (level + 1)
            full = [
                Tile(level, first + at // TILE_BYTES, hashes[at : at + TILE_BYTES])
                for at in range(0, len(hashes) - TILE_BYTES + 1, TILE_BYTES)
            ]
            completed += full
            coming = b"".join(tile_root(tile.hashes) for tile in full)
            levels.append(hashes[len(full) * TILE_BYTES :])
        return type(self)(size, tuple(levels)), completed

    def root(self) -> bytes:
        """The root of the whole tree, RFC 6962 section 2.1; the empty tree's is SHA-256 of nothing."""
        root = b""
        for hashes in self.levels:
            end = len(hashes)
            for bit in range(8):
                if end & HASH_BYTES << bit:
                    subtree = tile_root(hashes[end - (HASH_BYTES << bit) : end])
                    root = node_hash(subtree, root) if root else subtree
                    end -= HASH_BYTES << bit
        return root or EMPTY_ROOT

    def partial_tiles(self) -> list[Tile]:
        """The partial tiles that a checkpoint of this size needs, lowest level first."""
        return [Tile(level, self.size >> 8 * (level + 1), held) for level, held in enumerate(self.levels) if held]

    def to_bytes(self) -> bytes:
        """The size as a big-endian uint64, then the hashes of each level: a few KiB, for a database row."""
        return self.size.to_bytes(8, "big") + b"".join(self.levels)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Back from `to_bytes`. CatalogueBroken for a wrong length; a changed hash shows only in `root()`."""
        size = int.from_bytes(data[:8], "big")
        levels: list[bytes] = []
        at = 8
        for width in _edge_widths(size):
            levels.append(data[at : at + width * HASH_BYTES])
            at += width * HASH_BYTES
        if len(data) != at:
            raise CatalogueBroken(
                Text(
                    en=f"The catalogue's edge of the journal has {len(data)} bytes instead of {at}.",
                    zh=f"目录库中保存的日志边缘为 {len(data)} 字节，应为 {at} 字节。",
                )
            )
        return cls(size, tuple(levels))

    @classmethod
    def from_tiles(cls, size: int, read_tile: "TileReader") -> Self:
        """Read from the few partial tiles on a store. Not verified: compare `root()` with the signed checkpoint."""
        tiles = Tiles(size, read_tile)
        widths = enumerate(_edge_widths(size))
        return cls(size, tuple(tiles.read(level, size >> 8 * (level + 1)) if width else b"" for level, width in widths))


def _joined(hashes: Iterable[bytes]) -> bytes:
    given = list(hashes)
    if any(len(one) != HASH_BYTES for one in given):
        raise ValueError("a leaf hash has 32 bytes")
    return b"".join(given)


@dataclass(frozen=True, slots=True)
class Growth:
    """What growing takes: the new edge, its root to be signed, and the tiles to create before the checkpoint is."""

    edge: Edge
    files: tuple[File, ...]
    root: bytes


def grow(edge: Edge, leaf_hashes: Iterable[bytes]) -> Growth:
    """Append leaves: the full tiles completed by them and the partial tiles of the new size.

    A partial tile that the growth leaves as it was (a higher level's) is not named again. Entries: `bundle_files`.
    """
    grown, completed = edge.append(leaf_hashes)
    published = {tile.path for tile in edge.partial_tiles()}
    files = [(tile.path, tile.hashes) for tile in (*completed, *grown.partial_tiles())]
    return Growth(grown, tuple(file for file in files if file[0] not in published), grown.root())


def bundle_files(start: int, entries: Iterable[bytes]) -> Iterator[File]:
    """The bundles of the entries from index `start` on, which begins a bundle: for growth from `size`, that is
    `size // 256 * 256`. One bundle in memory at a time; the last one may be partial.
    """
    if start % TILE_WIDTH:
        raise ValueError(f"no bundle begins at entry {start}")
    index = start // TILE_WIDTH
    held: list[bytes] = []
    for entry in entries:
        held.append(entry)
        if len(held) == TILE_WIDTH:
            yield bundle_path(index), encode_bundle(held)
            index, held = index + 1, []
    if held:
        yield bundle_path(index, len(held)), encode_bundle(held)


def _partial_paths(size: int) -> list[str]:
    paths = [tile_path(n, size >> 8 * (n + 1), width) for n, width in enumerate(_edge_widths(size)) if width]
    return [bundle_path(size // TILE_WIDTH, size % TILE_WIDTH), *paths] if size % TILE_WIDTH else paths


def superseded_folders(old_size: int, new_size: int) -> list[str]:
    """The `.p` folders of the old size whose full tile or bundle the new size has: all in them may be removed.

    c2sp.org/tlog-tiles lets a log remove a partial tile only once the full one is there.
    """
    folders = {path.rpartition("/")[0] for path in _partial_paths(new_size)}
    return [f for f in (path.rpartition("/")[0] for path in _partial_paths(old_size)) if f not in folders]


class TileReader(Protocol):
    """Reads one file below the journal's folder: a store's `read_file`, or a disc's."""

    def __call__(self, path: str, /) -> bytes:
        """The whole file. BlobMissing: certainly absent. StoreUnavailable: cannot tell."""
        ...


class Tiles:
    """The tiles of a tree of one size as a store has them. Their lengths are checked, their hashes are not."""

    __slots__ = ("_read", "_seen", "_size")

    def __init__(self, size: int, read_tile: TileReader) -> None:
        self._size = size
        self._read = read_tile
        self._seen: dict[tuple[int, int], bytes] = {}

    def read(self, level: int, index: int) -> bytes:
        """The hashes of one tile, as many as this size has there; nothing is kept in memory."""
        width = min(TILE_WIDTH, (self._size >> 8 * level) - index * TILE_WIDTH)
        try:
            return self._checked(level, index, width, width)
        except BlobMissing:
            # The journal grew meanwhile and the partial tile was removed; its hashes begin each wider one.
            for wider in (TILE_WIDTH, *range(width + 1, TILE_WIDTH)) if width < TILE_WIDTH else ():
                try:
                    return self._checked(level, index, wider, width)
                except BlobMissing:
                    continue
            raise

    def _checked(self, level: int, index: int, stored: int, wanted: int) -> bytes:
        path = tile_path(level, index, stored)
        data = self._read(path)
        if len(data) != stored * HASH_BYTES:
            raise JournalBroken(
                Text(
                    en=f"Journal tile {path} has {len(data)} bytes instead of {stored * HASH_BYTES}.",
                    zh=f"日志哈希块 {path} 为 {len(data)} 字节，应为 {stored * HASH_BYTES} 字节。",
                )
            )
        return data[: wanted * HASH_BYTES]

    def _perfect(self, height: int, index: int) -> bytes:
        """The root of the `index`-th subtree of 2**height leaves."""
        level, inner = divmod(height, 8)
        tile, first = divmod(index << inner, TILE_WIDTH)
        if (level, tile) not in self._seen:
            self._seen[level, tile] = self.read(level, tile)
        return tile_root(self._seen[level, tile][first * HASH_BYTES : (first + (1 << inner)) * HASH_BYTES])

    def root(self, start: int, end: int) -> bytes:
        """The root over leaves start to end, a part that RFC 6962's splitting cuts out. Tiles read here are kept."""
        root = b""
        for height in range((end - start).bit_length()):
            if end - start & 1 << height:
                end -= 1 << height
                subtree = self._perfect(height, end >> height)
                root = node_hash(subtree, root) if root else subtree
        return root


def root_from_tiles(size: int, read_tile: TileReader) -> bytes:
    """The root that a store's tiles of level 0 lead to, every tile above checked against those below.

    Reads each tile once, in bounded memory. JournalBroken names the first tile that disagrees; the root still has to
    be compared with the signed one, and the entries with level 0.
    """
    tiles = Tiles(size, read_tile)
    edge = Edge()
    for index in range(-(-size // TILE_WIDTH)):
        data = tiles.read(0, index)
        edge, completed = edge.append(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))
        _compare(completed, tiles)
    _compare(edge.partial_tiles(), tiles)
    return edge.root()


def _compare(computed: Iterable[Tile], tiles: Tiles) -> None:
    for tile in computed:
        if tile.level and tiles.read(tile.level, tile.index) != tile.hashes:
            raise JournalBroken(
                Text(
                    en=f"Journal tile {tile.path} disagrees with the tiles below it.",
                    zh=f"日志哈希块 {tile.path} 与其下层不符。",
                )
            )
