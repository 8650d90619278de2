"""Puts on the store what a vault of catalogue.py's refers to: `drilled.py STORE COUNT`, so that a drill can read it.

The object of record N is the text of N: its SHA-256 is the one that catalogue.py has entered.
"""

import sys
from pathlib import Path

from backends.disk import DiskStore
from vault.digest import Digest
from vault.layout import MARKER, read_marker

BATCH = 1_000


def land(root: Path, count: int) -> None:
    """All of them, in batches."""
    store = DiskStore("a", root, read_marker((root / MARKER).read_bytes(), "a").vault)
    for first in range(1, count + 1, BATCH):
        arrivals = []
        for serial in range(first, min(first + BATCH, count + 1)):
            data = str(serial).encode()
            arrival = store.begin(len(data))
            arrival.write(data)
            arrival.finish()
            arrivals.append((arrival, Digest.of(data)))
        store.put(arrivals)
    store.close()


if __name__ == "__main__":
    land(Path(sys.argv[1]), int(sys.argv[2]))
