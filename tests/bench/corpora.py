"""What is taken in: V, large videos; P, photos and short clips; S, small files; G and T, a GiB and many small files
for stores on servers; L, one file larger than ISO 9660's 4 GiB. Incompressible, the same every time.

Bytes are AES-128-CTR key stream, which the processor makes faster than a disk takes it; each corpus has a key of its
own, so no two files of any corpus are alike and no contender gains by compressing or deduplicating. Run as a program
(`corpora.py FOLDER NAME COUNT SIZE`), because the harness that measures memory must itself stay small.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = 250  # files in one folder
BLOCK = 4 << 20  # bytes made and written at a time


@dataclass(frozen=True, slots=True)
class Corpus:
    """`count` files of `size` bytes each."""

    name: str
    count: int
    size: int

    @property
    def bytes(self) -> int:
        return self.count * self.size

    def __str__(self) -> str:
        size = f"{self.size >> 20} MiB" if self.size >= 1 << 20 else f"{self.size >> 10} KiB"
        return f"{self.name} = {self.count:,} × {size}"


FULL = (
    *(Corpus("V", 8, 512 << 20), Corpus("P", 5_000, 300 << 10), Corpus("S", 20_000, 4 << 10)),
    *(Corpus("G", 2, 512 << 20), Corpus("T", 5_000, 20 << 10), Corpus("L", 1, 6 << 30)),
)
QUICK = (
    *(Corpus("V", 2, 5 << 20), Corpus("P", 6, 300 << 10), Corpus("S", 12, 4 << 10)),
    *(Corpus("G", 2, 20 << 20), Corpus("T", 12, 20 << 10), Corpus("L", 1, 6 << 20)),
)


def make(folder: Path, corpus: Corpus) -> None:
    """Write the corpus below `folder`, which must not exist, and have it on the medium."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = hashlib.sha256(f"strongroom bench {corpus}".encode()).digest()[:16]
    stream = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    zeros = memoryview(bytes(BLOCK))
    made = bytearray(BLOCK + 15)  # update_into asks for room for a block more
    unfinished = folder.with_name(folder.name + ".unfinished")
    for n in range(corpus.count):
        path = unfinished / f"{n // FOLDER:03}" / f"{corpus.name}-{n:05}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb", buffering=0) as file:
            left = corpus.size
            while left:
                count = stream.update_into(zeros[: min(left, BLOCK)], made)
                left -= file.write(memoryview(made)[:count])
            if corpus.size >= BLOCK:
                os.fsync(file.fileno())
    os.sync()
    unfinished.rename(folder)


def files_below(*roots: Path) -> Iterator[str]:
    """Files, and all files below folders, in a fixed order; one folder's names are in memory at a time."""
    for root in roots:
        if root.is_file():
            yield str(root)
        for folder, folders, names in os.walk(root):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names))


if __name__ == "__main__":
    make(Path(sys.argv[1]), Corpus(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
