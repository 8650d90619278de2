"""Discs as they are burnt, for tests: a bag with a block list in an image, and error correction after it.

What is damaged is decided here, too: by the geometry of a DVD where it matters.
"""

import hashlib
import io
import json
import math
import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

from media.blocks import BLOCK_LIST, find_list
from media.image import build_image
from media.salvage.copies import Copy
from ops.samples import BEIJING
from vault.bag import BagInfo, BagLayout, lay_bag
from vault.facts import Facts
from vault.records import Record, RecordFile, Standing
from vault.verified import OpenObject

SECTOR = 2_048
BLOCK = 32_768
MADE = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)
TAKEN = datetime(2026, 3, 1, 1, 2, 4, tzinfo=UTC)  # ISO 9660 keeps whole seconds
VAULT = "609e4c8f7e33b27f"


@dataclass(frozen=True)
class Disc:
    """What was burnt. `iso`: bytes before error correction; `listed`: where the block list lies, in bytes; `files`: the
    SHA-256 of what lies on it.
    """

    path: Path
    iso: int
    listed: int
    files: Mapping[str, str]
    sha256: str

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()

    @property
    def sectors(self) -> int:
        return self.path.stat().st_size // SECTOR


def make_disc(
    path: Path,
    contents: Mapping[str, bytes | Path],
    sectors: int,
    volume: str = "2026-0001-1",
    generation: int = 1,
    vault: str = VAULT,
) -> Disc:
    """A disc of a medium with so many sectors (of 2,048 bytes; a multiple of 255)."""
    said = {"format": "strongroom-disc 1", "vault": vault, "volume": volume, "generation": generation}
    disc_json = json.dumps({**said, "made_at": MADE.isoformat()}, indent=1).encode()
    layout = _lay(contents, volume, {"disc.json": disc_json, "journal/proof": b"proof\n"})
    build_image(path, layout, _opener(contents), volume, MADE)
    iso = path.stat().st_size
    with path.open("rb") as file:
        listed = find_list(file.fileno())
    assert listed is not None
    correct(path, sectors)
    files = {name: digest.hex for name, _, digest in layout.expected()}
    files[BLOCK_LIST] = _listed(path, listed.start, listed.size)
    return Disc(path, iso, listed.start, files, sha256_of(path))


def correct(image: Path, sectors: int) -> None:
    """Error correction up to the end of the medium: a size of one's own is for dvdisaster a matter of debugging."""
    command = ["dvdisaster", "--debug", "-n", str(sectors), "-i", str(image), "-mRS03", "-c", "-x", "1"]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    assert image.stat().st_size == sectors * SECTOR


def sha256_of(path: Path, size: int | None = None) -> str:
    """Of a file, or of its first bytes."""
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        left = path.stat().st_size if size is None else size
        while left:
            data = file.read(min(left, 1 << 22))
            hasher.update(data)
            left -= len(data)
    return hasher.hexdigest()


def _listed(path: Path, at: int, size: int) -> str:
    with path.open("rb") as file:
        file.seek(at)
        return hashlib.sha256(file.read(size)).hexdigest()


def _lay(contents: Mapping[str, bytes | Path], volume: str, extra: Mapping[str, bytes]) -> BagLayout:
    files = tuple(
        RecordFile(sha256=hashlib.sha256(data).hexdigest(), size=len(data), name=name, modified_at=TAKEN)
        if isinstance(data, bytes)
        else RecordFile(sha256=sha256_of(data), size=data.stat().st_size, name=name, modified_at=TAKEN)
        for name, data in contents.items()
    )
    record = Record(
        number="2026-0000001",
        facts=Facts(case_name="邓州市宏运商贸有限公司会计信息质量检查案"),
        origins={},
        files=files,
        stored_at=MADE,
        stored_by="张敏",
        standing=Standing.KEPT,
    )
    return lay_bag([record], BagInfo("邓州市财政局", date(2026, 11, 21), volume, BEIJING), extra)


def _opener(contents: Mapping[str, bytes | Path]) -> OpenObject:
    @contextmanager
    def opened(file: RecordFile) -> Iterator[BinaryIO]:
        data = contents[file.name]
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
            yield stream

    return opened


# damage


def ring(sectors: int, start: float, share: float) -> set[int]:
    """Where the dye has faded, or a finger lay: one stretch of the spiral."""
    return set(range(int(sectors * start), int(sectors * (start + share))))


def scratch(sectors: int, angle: float) -> set[int]:
    """From the hub to the rim: once in a revolution, and each time the whole error correction block of 16 sectors that
    it crosses cannot be read. Radius of the data 24 to 58 mm, track pitch 0.74 µm, 2,295,104 sectors (ECMA-349).
    """
    inner, pitch = 24.0, 0.00074
    square = (58.0**2 - inner**2) / 2_295_104  # mm² that a sector takes, over pi
    lost: set[int] = set()
    turn = 0
    while True:
        radius = inner + (turn + angle) * pitch
        sector = int((radius**2 - inner**2) / square)
        if sector >= sectors:
            return lost
        lost |= set(range(sector // 16 * 16, min(sector // 16 * 16 + 16, sectors)))
        turn += 1


def scattered(sectors: int, share: float, seed: int, spared: set[int] | None = None) -> set[int]:
    """Single sectors, at random, others than `spared`."""
    left = [sector for sector in range(sectors) if not spared or sector not in spared]
    return set(random.Random(seed).sample(left, int(sectors * share)))


def spoil(disc: Disc, path: Path, lost: Sequence[int] | set[int]) -> Path:
    """A copy of which these sectors could not be read: zeros stand there."""
    data = bytearray(disc.data)
    for sector in lost:
        data[sector * SECTOR : (sector + 1) * SECTOR] = bytes(SECTOR)
    path.write_bytes(data)
    return path


def flip(disc: Disc, path: Path, flipped: Sequence[int] | set[int], seed: int) -> Path:
    """A copy with one bit flipped in each of these sectors, and nothing that says so."""
    data, dice = bytearray(disc.data), random.Random(seed)
    for sector in flipped:
        data[sector * SECTOR + dice.randrange(SECTOR)] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    return path


class Unreadable(Copy):
    """A disc in a drive that cannot read these sectors, and says so."""

    def __init__(self, path: str, name: str, lost: set[int]) -> None:
        super().__init__(path)
        self.path = name
        self._lost = lost

    def read(self, at: int, length: int) -> bytes | None:
        if any(sector in self._lost for sector in range(at // SECTOR, math.ceil((at + length) / SECTOR))):
            return None
        return super().read(at, length)


def random_files(seed: int, mebibytes: int) -> dict[str, bytes | Path]:
    """Recordings of an office, large and small."""
    dice = random.Random(seed)
    small = {f"询问笔录_{n:03}.txt": dice.randbytes(dice.randrange(200, 9_000)) for n in range(40)}
    rest = (mebibytes << 20) - sum(map(len, small.values()))
    return {**small, **{f"执法现场录像_{n}_{'长' * 60}.mp4": dice.randbytes(rest // 6) for n in range(6)}}
