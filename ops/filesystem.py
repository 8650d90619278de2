"""The vault as a file system for programs that speak fsspec: `strongroom://2026-0000042/现场录像.mp4`. Read-only.

- A record is a folder under its number; its files lie in it as they lay at their source, under safe names. Records are
  listed by the thousand (2026-0000xxx), so that no listing grows with the vault; a path may begin with the number.
- Looking at names, sizes and digests is free, as `find` and `show` are. Opening a file is viewing: it takes the consent
  and the reason that `get` takes (`approved_by`, `why`), and is in the journal before the first byte leaves.
- What a read gives was proven against the journal (vault/proven.py).
- OSErrors are only what is certain: FileNotFoundError, PermissionError (a rule forbids it), EROFS. fsspec takes many an
  OSError for "not there"; damage and stores that do not answer therefore stay the vault's own errors.
"""

import errno
import io
import os
import re
import weakref
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.spec import AbstractFileSystem
from fsspec.utils import isfilelike

from backends.perprocess import PerProcess
from ops.language import said, t
from ops.wiring import Working, open_vault, this_person
from vault.catalogue.queries import get_record
from vault.catalogue.thousands import LAST, numbers_in, thousands
from vault.errors import BadInput, Refused
from vault.outputs import partial_name
from vault.proven import ProvenReader, from_a_good_copy
from vault.records import RecordFile
from vault.recordtree import Folder, tree_of
from vault.store import Vault
from vault.verified import VerifiedStream
from vault.viewing import register_viewing

_REST = "x" * LAST  # what stands for the last digits in the name of a thousand
_NUMBER = re.compile(rf"(\d{{4}}-\d+)\d{{{LAST}}}")
_THOUSAND = re.compile(rf"(\d{{4}}-\d+){_REST}")
_RECORDS_HELD = 8  # whose folders are remembered: a record's files do not change
_Info = dict[str, Any]


class StrongroomFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec publishes no types
    """See above. `vault`: its folder (else STRONGROOM_VAULT, else this folder); `by`: who is at work (else the login).

    `approved_by`: whoever agreed to the viewing, one name or several; `why`: the reason. Both go into the journal with
    every file that is opened. The vault is opened at the first use, in each process, and closed by `close` or at the
    end.
    """

    protocol = "strongroom"
    root_marker = ""

    def __init__(
        self,
        vault: str | os.PathLike[str] = "",
        by: str = "",
        why: str = "",
        approved_by: str | Sequence[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(vault=vault, by=by, why=why, approved_by=approved_by, **options)
        self._home = Path(vault or os.environ.get("STRONGROOM_VAULT", ".")).absolute()
        self._person = by
        self._why = why
        self._approved_by = (approved_by,) if isinstance(approved_by, str) else tuple(approved_by)
        self._opened = PerProcess(lambda: _OpenVault(self._home, self._person))
        weakref.finalize(self, _close, self._opened)

    def close(self) -> None:
        """Let the vault go: `rebuild` waits for nobody then. The next use opens it again."""
        _close(self._opened)

    # paths

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        """The one path of what is meant: a number brings its thousand with it."""
        stripped = super()._strip_protocol(path)
        if isinstance(stripped, list):
            return stripped
        stripped = stripped.lstrip("/")
        found = _NUMBER.fullmatch(stripped.partition("/")[0])
        return f"{found[1]}{_REST}/{stripped}" if found else stripped

    # looking

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        found = self._at(self._strip_protocol(path))
        listed = [found.info] if found.inside is None else found.inside()
        return listed if detail else [info["name"] for info in listed]

    def info(self, path: str, **_: Any) -> _Info:
        """Of a file: size, sha256, media_type, when it was changed at its source (`mtime`, seconds since 1970) and
        recorded (`recorded_at`, UTC), None where that is not known, and the name it came under.
        """
        return self._at(self._strip_protocol(path)).info

    def exists(self, path: str, **_: Any) -> bool:
        """Unlike fsspec's own: a vault that cannot be asked is no answer."""
        try:
            self.info(path)
        except FileNotFoundError:
            return False
        return True

    def isdir(self, path: str) -> bool:
        return self.exists(path) and self.info(path)["type"] == "directory"

    def isfile(self, path: str) -> bool:
        return self.exists(path) and self.info(path)["type"] == "file"

    def checksum(self, path: str) -> str:
        """The SHA-256 in hexadecimal."""
        return self._file(self._strip_protocol(path)).file.sha256

    ukey = checksum

    def _at(self, path: str) -> "_Found":
        thousand, _, rest = path.partition("/")
        number, _, inner = rest.partition("/")
        vault = self._opened.get()
        if not thousand:
            return _Found(_folder(""), lambda: [_folder(start + _REST) for start in vault.thousands()])
        start = _THOUSAND.fullmatch(thousand)
        if start is None or (number and number[:-LAST] != start[1]):
            raise _no_such(path)
        if not number:
            numbers = vault.numbers(start[1])
            if not numbers:
                raise _no_such(path)
            return _Found(_folder(thousand), lambda: [_folder(f"{thousand}/{one}") for one in numbers])
        try:
            return _within(vault.folder(number), path, inner)
        except BadInput as error:
            raise _no_such(path) from error

    def _file(self, path: str) -> "_Opening":
        found = self._at(path)
        if found.file is None:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        return _Opening(path.split("/")[1], found.file)

    # opening

    def _open(self, path: str, mode: str = "rb", **_: Any) -> io.BufferedReader:
        if mode != "rb":
            self._refuse(path)
        opening = self._file(path)
        vault = self._register(opening)
        return _ProvenFile(ProvenReader(opening.file, tuple(vault.stores.values())), path)

    def _register(self, opening: "_Opening") -> Vault:
        vault = self._opened.get().vault
        try:
            register_viewing(vault, [opening.number], "open", self._approved_by, self._why)
        except Refused as error:
            hint = t("Storage options: approved_by=…, why=…", "请在 storage_options 中给出 approved_by=…、why=…")
            raise PermissionError(errno.EACCES, f"{said(error.what)} {hint}", opening.file.name) from error
        return vault

    def get_file(
        self, rpath: str, lpath: Any = None, callback: Any = DEFAULT_CALLBACK, outfile: Any = None, **options: Any
    ) -> None:
        """Into a file of this machine: read once, proven, and whole under its name or not there at all."""
        if outfile is not None or isfilelike(lpath) or self.isdir(rpath):
            super().get_file(rpath, lpath, callback, outfile, **options)
            return
        opening = self._file(self._strip_protocol(rpath))
        vault = self._register(opening)
        target = Path(lpath)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = partial_name(target)
        callback.set_size(opening.file.size)

        def copy(stream: VerifiedStream) -> None:
            with open(partial, "wb") as out:
                while block := stream.read():
                    out.write(block)
                    callback.absolute_update(out.tell())

        try:
            from_a_good_copy(opening.file, tuple(vault.stores.values()), copy)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    # what there is not

    def _refuse(self, *what: Any, **_: Any) -> NoReturn:
        path = what[0] if what and isinstance(what[0], str) else "strongroom://"
        words = t(
            "The vault is read-only here; records come in with: strongroom ingest",
            "此处只能读取；记录请用 strongroom ingest 入库",
        )
        raise OSError(errno.EROFS, words, path)

    mkdir = makedirs = rmdir = rm = rm_file = _rm = mv = cp_file = copy = _refuse
    touch = pipe = pipe_file = put = put_file = _refuse


class _OpenVault:
    """The vault in one process, and what is asked of its catalogue."""

    def __init__(self, home: Path, person: str) -> None:
        self._opened = ExitStack()
        self.vault = self._opened.enter_context(open_vault(home, Working(person=person or this_person())))
        self.folder = lru_cache(_RECORDS_HELD)(self._folder)
        _KEPT.append(self)

    def thousands(self) -> Sequence[str]:
        with self.vault.database.reading() as connection:
            return thousands(connection)

    def numbers(self, thousand: str) -> Sequence[str]:
        with self.vault.database.reading() as connection:
            return numbers_in(connection, thousand)

    def _folder(self, number: str) -> Folder:
        with self.vault.database.reading() as connection:
            return tree_of(get_record(connection, number))

    def close(self) -> None:
        _KEPT.remove(self)
        self._opened.close()


# After a fork the child must not close what is its parent's, and what nobody keeps is closed by Python.
_KEPT: list[_OpenVault] = []


def _close(opened: PerProcess[_OpenVault]) -> None:
    vault = opened.drop()
    if vault is not None:
        vault.close()


class _Found(NamedTuple):
    """What lies at a path. `inside`: of a folder; `file`: of a file."""

    info: _Info
    inside: Callable[[], list[_Info]] | None = None
    file: RecordFile | None = None


class _Opening(NamedTuple):
    """A file that is to be opened, and whose record's it is."""

    number: str
    file: RecordFile


class _ProvenFile(io.BufferedReader):
    """As fsspec's own files it says its size and its path."""

    def __init__(self, raw: ProvenReader, path: str) -> None:
        super().__init__(raw, 1 << 16)
        self.size = raw.size
        self.path = path


def _within(folder: Folder, path: str, inner: str) -> _Found:
    *folders, last = inner.split("/")
    try:
        for name in folders:
            folder = folder.folders[name]
    except KeyError:
        raise _no_such(path) from None
    if last in folder.files:
        return _Found(_described(path, folder.files[last]), None, folder.files[last])
    if last and last not in folder.folders:
        raise _no_such(path)
    return _Found(_folder(path), lambda: _inside(folder.folders[last] if last else folder, path))


def _inside(folder: Folder, path: str) -> list[_Info]:
    files = [_described(f"{path}/{name}", file) for name, file in folder.files.items()]
    return [*(_folder(f"{path}/{name}") for name in folder.folders), *files]


def _folder(path: str) -> _Info:
    return {"name": path, "size": 0, "type": "directory"}


def _described(path: str, file: RecordFile) -> _Info:
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


def _no_such(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
