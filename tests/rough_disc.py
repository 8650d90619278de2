"""A disc with scratches: one file behind FUSE in which sectors cannot be read, cannot be written, or take their time.

Run as a program it serves a folder with the file `disc` in it, over which tests.discs lays a loop device. Its extended
attributes are switches: see `Rough`.
"""

import errno
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mfusepy import FUSE, FuseOSError, Operations

SECTOR = 2_048


class Scratched(Operations):  # type: ignore[misc]  # mfusepy publishes no types for it
    """The file system. Reads fail where they touch a bad sector; a shaky one comes at the second try."""

    use_ns = True

    def __init__(self, size: int) -> None:
        self.data = bytearray(size)
        self.bad: set[int] = set()
        self.shaky: set[int] = set()
        self.broken_from = sys.maxsize
        self.pause = 0.0

    def setxattr(self, path: str, name: str, value: bytes, options: int, position: int = 0) -> int:
        said = json.loads(value)
        match name:
            case "user.bad":
                self.bad = set(said)
            case "user.shaky":
                self.shaky = set(said)
            case "user.broken":
                self.broken_from = said * SECTOR
            case "user.pause":
                self.pause = said
        return 0

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
        return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": len(self.data)}

    def open(self, path: str, flags: int) -> int:
        return 1

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        time.sleep(self.pause)
        touched = set(range(offset // SECTOR, -(-(offset + size) // SECTOR)))
        shaken = touched & self.shaky
        self.shaky -= shaken
        if touched & self.bad or shaken:
            raise FuseOSError(errno.EIO)
        return bytes(self.data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        time.sleep(self.pause)
        if offset + len(data) > self.broken_from:
            raise FuseOSError(errno.EIO)
        self.data[offset : offset + len(data)] = data
        return len(data)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Rough:
    """The served file, and what can be done to its sectors."""

    file: Path
    server: "subprocess.Popen[bytes]"

    def scratch(self, *sectors: int) -> None:
        """These cannot be read any more."""
        self._switch("bad", sectors)

    def shake(self, *sectors: int) -> None:
        """The next reading of each fails, and the one after it does not."""
        self._switch("shaky", sectors)

    def break_from(self, sector: int) -> None:
        """From there on nothing can be written."""
        self._switch("broken", sector)

    def slow_down(self, seconds: float) -> None:
        """For each read and each write."""
        self._switch("pause", seconds)

    def _switch(self, name: str, value: object) -> None:
        os.setxattr(self.file, f"user.{name}", json.dumps(value).encode())


@contextmanager
def rough_disc(root: Path, sectors: int) -> Iterator[Rough]:
    """Serve it at `root`, a folder to be made, until the end."""
    root.mkdir()
    with subprocess.Popen([sys.executable, __file__, str(root), str(sectors * SECTOR)]) as server:
        try:
            while not os.path.ismount(root):
                assert server.poll() is None, "the file system could not be mounted"
                time.sleep(0.01)
            yield Rough(root / "disc", server)
        finally:
            subprocess.run(["fusermount3", "-u", "-z", str(root)], check=True)
            server.kill()


if __name__ == "__main__":
    FUSE(
        Scratched(int(sys.argv[2])),
        sys.argv[1],
        foreground=True,
        nothreads=True,
        direct_io=True,
        attr_timeout=0,
        entry_timeout=0,
    )
