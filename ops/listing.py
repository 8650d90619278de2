"""What lies at a path of the vault: thousands of records, records, and the files in them (ops/filesystem.py)."""

import errno
import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ops.wiring import at_work, open_vault
from vault.authority import Action, require
from vault.catalogue.queries import kept_record
from vault.catalogue.thousands import LAST, numbers_in, thousands
from vault.errors import BadInput
from vault.records import RecordFile
from vault.recordtree import Folder, tree_of

_REST = "x" * LAST  # what stands for the last digits in the name of a thousand
_NUMBER = re.compile(rf"(\d{{4}}-\d+)\d{{{LAST}}}")
_THOUSAND = re.compile(rf"(\d{{4}}-\d+){_REST}")
_RECORDS_HELD = 8  # whose folders are remembered: a record's files do not change

Info = dict[str, Any]


class Found(NamedTuple):
    """What lies at a path, as fsspec says it. `inside`: of a folder; `file` and the record's `number`: of a file."""

    info: Info
    inside: Callable[[], list[Info]] | None = None
    file: RecordFile | None = None
    number: str = ""


def whole_path(path: str) -> str:
    """The one path of what is meant: a number brings its thousand with it."""
    found = _NUMBER.fullmatch(path.partition("/")[0])
    return f"{found[1]}{_REST}/{path}" if found else path


class Listing:
    """The vault in one process, open until `close`, and the folders of the records that were asked for last."""

    def __init__(self, home: Path, person: str) -> None:
        self._opened = ExitStack()
        self.vault = self._opened.enter_context(open_vault(home, at_work(home, person)))
        require(self.vault, Action.FACTS_READ)
        self._tree = lru_cache(_RECORDS_HELD)(self._read_tree)
        _KEPT.append(self)

    def at(self, path: str) -> Found:
        """FileNotFoundError where there is nothing of that name; what keeps the vault from telling comes through."""
        thousand, _, rest = path.partition("/")
        number, _, inner = rest.partition("/")
        if not thousand:
            return Found(_folder(""), self._thousands)
        start = _THOUSAND.fullmatch(thousand)
        if start is None or (number and number[:-LAST] != start[1]):
            raise no_such(path)
        if number:
            return self._within(number, path, inner)
        with self.vault.database.reading() as connection:
            numbers = numbers_in(connection, start[1])
        if not numbers:
            raise no_such(path)
        return Found(_folder(thousand), lambda: [_folder(f"{thousand}/{one}") for one in numbers])

    def close(self) -> None:
        _KEPT.remove(self)
        self._opened.close()

    def _thousands(self) -> list[Info]:
        with self.vault.database.reading() as connection:
            return [_folder(start + _REST) for start in thousands(connection)]

    def _within(self, number: str, path: str, inner: str) -> Found:
        *folders, last = inner.split("/")
        try:
            folder = self._tree(number)
            for name in folders:
                folder = folder.folders[name]
        except (BadInput, KeyError) as error:
            raise no_such(path) from error
        if last in folder.files:
            return Found(_described(path, folder.files[last]), None, folder.files[last], number)
        if last and last not in folder.folders:
            raise no_such(path)
        return Found(_folder(path), lambda: _inside(folder.folders[last] if last else folder, path))

    def _read_tree(self, number: str) -> Folder:
        with self.vault.database.reading() as connection:
            return tree_of(kept_record(connection, number))


# After a fork the child must not close what is its parent's, and what nobody keeps is closed by Python.
_KEPT: list[Listing] = []


def _inside(folder: Folder, path: str) -> list[Info]:
    files = [_described(f"{path}/{name}", file) for name, file in folder.files.items()]
    return [*(_folder(f"{path}/{name}") for name in folder.folders), *files]


def _folder(path: str) -> Info:
    return {"name": path, "size": 0, "type": "directory"}


def _described(path: str, file: RecordFile) -> Info:
    return {
        "name": path,
        "size": file.size,
        "type": "file",
        "sha256": file.sha256,
        "media_type": file.media_type,
        "mtime": file.modified_at.timestamp() if file.modified_at else None,
        "recorded_at": file.recorded_at,
        "original_name": file.name,
    }


def no_such(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
