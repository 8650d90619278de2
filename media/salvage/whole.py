"""Which files of a salvaged image are whole, and giving out those, and no others."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from media.salvage.copies import sha256_of
from media.salvage.joining import LOST, Joining
from media.salvage.layout import BLOCK
from media.salvage.tree import Entry, Read, entries

_MANIFESTS = ("manifest-sha256.txt", "tagmanifest-sha256.txt")
_LARGEST_MANIFEST = 1 << 28  # bytes of a manifest


class Files(NamedTuple):
    """`whole`: entries with their SHA-256. `lost`: paths, of what the manifests name and what folders show. `listed`:
    whether the manifests themselves are whole; if not, more may be lost than anybody can say."""

    whole: list[tuple[Entry, str]]
    lost: list[str]
    listed: bool


def sort_out(read: Read, joining: Joining, extract: Path | None, tick: Callable[[int], object]) -> Files:
    """Hash every file. Whole is what its manifest names with that SHA-256; where no manifest names it, or none is
    left, what lies in proven blocks alone.
    """
    found = {entry.path: entry for entry in entries(read)}
    wanted: dict[str, str] = {}
    for name in _MANIFESTS:
        if name in found:
            wanted.update(_manifest(b"".join(found[name].blocks(read))[:_LARGEST_MANIFEST]))
    whole, lost = [], [path for path in wanted if path not in found]
    for path, entry in found.items():
        digest = _digest(entry, read, tick)
        if digest == wanted[path] if path in wanted else _is_proven(entry, joining):
            whole.append((entry, digest))
            if extract is not None:
                _take_out(entry, read, digest, extract / path)
        else:
            lost.append(path)
    return Files(whole, lost, {entry.path for entry, _ in whole}.issuperset(_MANIFESTS))


def _digest(entry: Entry, read: Read, tick: Callable[[int], object]) -> str:
    hasher = hashlib.sha256()
    for data in entry.blocks(read):
        hasher.update(data)
        tick(len(data))
    return hasher.hexdigest()


def _take_out(entry: Entry, read: Read, digest: str, target: Path) -> None:
    """Write the file, all of it or nothing; FileExistsError where another one has its name."""
    if target.exists():
        if sha256_of(target) == digest:  # by the run before
            return
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{digest[:16]}.partial")  # a name may be as long as names can be
    try:
        with partial.open("wb") as out:
            for data in entry.blocks(read):
                out.write(data)
        os.utime(partial, (entry.modified, entry.modified))
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def _manifest(text: bytes) -> dict[str, str]:
    """Paths and digests (RFC 8493, 2.1.3); lines that are damaged are left out."""
    made = {}
    for line in text.decode("utf-8", "replace").splitlines():
        digest, _, path = line.partition("  ")
        if len(digest) == 64 and path:
            made[path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")] = digest
    return made


def _is_proven(entry: Entry, joining: Joining) -> bool:
    blocks = (n for at, size in entry.extents if size for n in range(at // BLOCK, (at + size - 1) // BLOCK + 1))
    return all(n < len(joining.origin) and joining.origin[n] != LOST for n in blocks)
