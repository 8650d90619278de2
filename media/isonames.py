"""One file, three names: an image carries three directory trees over the same bytes, each with its own limits.

Rock Ridge (Linux) and UDF (Windows, macOS) carry the bag's own names, which vault/safenames.py has made to fit both.
Joliet is for old readers: the standard allows 64 characters, pycdlib 64 bytes of UTF-8, so long names are cut there.
Plain ISO 9660 is for none of them: an ASCII likeness of the name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from vault.safenames import split_extension

_JOLIET_LIMIT = 64  # bytes of UTF-8
_ISO_LIMIT = 30  # characters
_NOT_JOLIET = re.compile(r"[*/:;?\\]")  # Joliet Specification, 1995: "allowed character set"
_NOT_ISO = re.compile(r"[^A-Z0-9_]")


@dataclass(frozen=True, slots=True)
class Names:
    """Where one file or folder stands in each tree; absolute paths."""

    path: str  # in Rock Ridge and UDF
    iso: str
    joliet: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[1]


def name_all(paths: Iterable[str]) -> tuple[list[Names], dict[str, Names]]:
    """Names of all folders, each after the one that holds it, and of all files by their paths in the bag."""
    trees = _Trees()
    files: dict[str, Names] = {}
    for path in paths:
        *folders, name = path.split("/")
        holder = _ROOT
        for folder in folders:
            holder = trees.folder(holder, folder)
        files[path] = trees.place(holder, name)
    return list(trees.folders.values()), files


_ROOT = Names("", "", "")


class _Trees:
    def __init__(self) -> None:
        self.folders: dict[str, Names] = {}
        self._given: dict[str, _Given] = {}

    def folder(self, holder: Names, name: str) -> Names:
        path = f"{holder.path}/{name}"
        if path not in self.folders:
            self.folders[path] = self.place(holder, name)
        return self.folders[path]

    def place(self, holder: Names, name: str) -> Names:
        given = self._given.setdefault(holder.path, _Given(_Short(_ISO_LIMIT, "_"), _Short(_JOLIET_LIMIT, "~")))
        return Names(
            path=f"{holder.path}/{name}",
            iso=f"{holder.iso}/{given.iso.claim(_ascii(name))}",
            joliet=f"{holder.joliet}/{given.joliet.claim(_NOT_JOLIET.sub('_', name))}",
        )


class _Short:
    """Names of one folder in one tree, cut to `limit` bytes and unlike one another even without regard to case."""

    def __init__(self, limit: int, mark: str) -> None:
        self._limit = limit
        self._mark = mark
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}  # where to go on counting the names that are alike once they are cut

    def claim(self, name: str) -> str:
        stem, extension = split_extension(name)
        alike = self._cut(stem, extension).casefold()
        number = self._next.get(alike, 1)
        while True:
            short = self._cut(stem, extension if number == 1 else f"{self._mark}{number:05}{extension}")
            number += 1
            if short.casefold() not in self._taken:
                self._taken.add(short.casefold())
                self._next[alike] = number
                return short

    def _cut(self, stem: str, tail: str) -> str:
        return stem.encode()[: self._limit - len(tail)].decode(errors="ignore") + tail


@dataclass(frozen=True, slots=True)
class _Given:
    iso: _Short
    joliet: _Short


def _ascii(name: str) -> str:
    stem, extension = split_extension(name.upper())
    extension = _NOT_ISO.sub("", extension)[:8]
    return _NOT_ISO.sub("_", stem) + ("." + extension if extension else "")
