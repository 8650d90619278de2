"""A folder for a check's own catalogue, thrown away at the end; what a killed one has left, the next clears away.

Several may be at work. Whoever is holds a lock with the others; who finds nobody there clears, before anybody begins.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "fsck-"


@contextmanager
def scratch(home: Path) -> Iterator[Path]:
    """A new folder in the vault's, which itself is what is locked: a check leaves nothing behind."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in home.glob(f"{PREFIX}*"):
                shutil.rmtree(left, ignore_errors=True)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        with tempfile.TemporaryDirectory(dir=home, prefix=PREFIX) as folder:
            yield Path(folder)
    finally:
        os.close(descriptor)
