"""A file system in memory in which nothing lasts before it is synced: bytes by fsync of the file, names by fsync of
the folder, and a folder's own name by fsync of the one above it. ext4 is kinder and hides a sync that is missing.

Run as a program it serves a mount point. From the first `tell` on it keeps a diary: what its user says, and after
every call that changed something what a power cut at that moment would leave, in its two extremes: `late`, where
nothing reached the disk but what was synced, and `early`, where all names did by themselves and bytes did not.
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
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from mfusepy import FUSE, FuseOSError, Operations


class Node:
    """A file or a folder: as it is, and as it is on the disk."""

    def __init__(self, folder: bool) -> None:
        self.folder = folder
        self.names: dict[str, Node] = {}
        self.kept_names: dict[str, Node] = {}
        self.data = bytearray()
        self.kept_data = b""
        self.kept_hash = sha256().hexdigest()

    def sync(self) -> None:
        self.kept_names, self.kept_data = dict(self.names), bytes(self.data)
        self.kept_hash = sha256(self.kept_data).hexdigest()

    def lose(self) -> None:
        """The power was cut."""
        self.names, self.data = dict(self.kept_names), bytearray(self.kept_data)
        for node in self.names.values():
            node.lose()

    def left(self, early: bool, path: str = "") -> Iterator[tuple[str, str]]:
        """Paths of files and the hashes of their bytes, as a power cut would leave them."""
        for name, node in (self.names if early else self.kept_names).items():
            if node.folder:
                yield from node.left(early, f"{path}{name}/")
            else:
                yield path + name, node.kept_hash


_CHANGES = {"create", "write", "truncate", "fsync", "fsyncdir", "mkdir", "rmdir", "unlink", "rename", "link"}
_CALLS = _CHANGES | {"getattr", "readdir", "open", "read", "statfs"}


class LastingOnceSynced(Operations):  # type: ignore[misc]  # mfusepy publishes no types for it
    """The file system. Its extended attributes are switches: see `Mounted`."""

    use_ns = True

    def __init__(self) -> None:
        self.root = Node(folder=True)
        self.open_files: dict[int, Node] = {}
        self.handles = count(1)
        self.diary: list[Any] = []
        self.failing = 0
        self.hanging = False
        self.most = sys.maxsize

    def __getattribute__(self, name: str) -> Any:
        """Every call can be made to fail, and those that change something go into the diary."""
        method = super().__getattribute__(name)
        if name not in _CALLS:
            return method

        def call(*arguments: Any) -> Any:
            while self.hanging:
                time.sleep(60)
            if self.failing:
                raise FuseOSError(self.failing)
            answer = method(*arguments)
            if name in _CHANGES and self.diary:
                self.diary.append(
                    {"late": dict(self.root.left(early=False)), "early": dict(self.root.left(early=True))}
                )
            return answer

        return call

    def _node(self, path: str) -> Node:
        node = self.root
        for name in filter(None, path.split("/")):
            if name not in node.names:
                raise FuseOSError(errno.ENOENT)
            node = node.names[name]
        return node

    def _put(self, path: str, node: Node) -> None:
        self._node(os.path.dirname(path)).names[os.path.basename(path)] = node

    def _take(self, path: str) -> Node:
        self._node(path)
        return self._node(os.path.dirname(path)).names.pop(os.path.basename(path))

    def setxattr(self, path: str, name: str, value: bytes, options: int, position: int = 0) -> int:
        said = json.loads(value)
        match name:
            case "user.tell":
                self.diary.append(said)
            case "user.cut":
                self.root.lose()
            case "user.hang":
                self.hanging = said
            case "user.fail":
                self.failing = said
            case "user.short":
                self.most = said
            case "user.diary":
                Path(said).write_text(json.dumps(self.diary))
        return 0

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        node = self._node(path)
        kind = stat.S_IFDIR | 0o755 if node.folder else stat.S_IFREG | 0o440
        return {"st_mode": kind, "st_nlink": 1, "st_size": len(node.data)}

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *self._node(path).names]

    def create(self, path: str, mode: int, flags: int = 0) -> int:
        self._put(path, Node(folder=False))
        return self.open(path, flags)

    def open(self, path: str, flags: int) -> int:
        handle = next(self.handles)
        self.open_files[handle] = self._node(path)
        if flags & os.O_TRUNC:
            self.truncate(path, 0)
        return handle

    def release(self, path: str, fh: int) -> int:
        del self.open_files[fh]
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self.open_files[fh].data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        data = data[: self.most]
        self.open_files[fh].data[offset : offset + len(data)] = data
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        node = self._node(path)
        node.data = node.data[:length] + bytearray(max(0, length - len(node.data)))
        return 0

    def chmod(self, path: str, mode: int) -> int:
        return 0  # there is one user here, who may do everything

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self.open_files[fh].sync()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._node(path).sync()
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        self._put(path, Node(folder=True))
        return 0

    def unlink(self, path: str) -> int:
        self._take(path)
        return 0

    def rmdir(self, path: str) -> int:
        if self._node(path).names:
            raise FuseOSError(errno.ENOTEMPTY)
        self._take(path)
        return 0

    def link(self, target: str, source: str) -> int:
        self._put(target, self._node(source))
        return 0

    def rename(self, old: str, new: str) -> int:  # mfusepy does not pass on RENAME_NOREPLACE: it overwrites
        self._node(os.path.dirname(new))
        self._put(new, self._take(old))
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 1 << 20, "f_bfree": 1 << 19, "f_bavail": 1 << 19}


@dataclass(frozen=True, slots=True)
class Mounted:
    """The file system at work, and its switches."""

    root: Path
    server: "subprocess.Popen[bytes]"

    def tell(self, what: object) -> None:
        """Enter something into the diary."""
        self._switch("tell", what)

    def cut_power(self) -> None:
        """Everything that was not synced is gone; the machine is on again at once."""
        self._switch("cut", True)

    def fail(self, number: int) -> None:
        """From now on every call fails with this errno; 0: none."""
        self._switch("fail", number)

    def hang(self) -> None:
        """From now on no call comes back, until the server is killed: who makes one cannot even be killed."""
        self._switch("hang", True)

    def write_at_most(self, size: int) -> None:
        """From now on a write takes no more bytes than this at a time."""
        self._switch("short", size)

    def diary(self) -> list[Any]:
        """What was told and what a power cut would have left, in the order of time."""
        path = self.root.with_name("diary.json")
        self._switch("diary", str(path))
        diary: list[Any] = json.loads(path.read_text())
        return diary

    def _switch(self, name: str, value: object) -> None:
        os.setxattr(self.root, f"user.{name}", json.dumps(value).encode())


@contextmanager
def mounted(root: Path) -> Iterator[Mounted]:
    """Serve the file system at `root`, a folder to be made, until the end."""
    root.mkdir()
    with subprocess.Popen([sys.executable, __file__, str(root)]) as server:
        try:
            while not os.path.ismount(root):
                assert server.poll() is None, "the file system could not be mounted"
                time.sleep(0.01)
            yield Mounted(root, server)
        finally:
            subprocess.run(["fusermount3", "-u", "-z", str(root)], check=True)
            server.kill()


if __name__ == "__main__":
    FUSE(
        LastingOnceSynced(),
        sys.argv[1],
        foreground=True,
        nothreads=True,
        direct_io=True,
        attr_timeout=0,
        entry_timeout=0,
    )
