"""The vault as a file system for programs that speak fsspec: `strongroom://2026-0000042/现场录像.mp4`. Read-only.

- A record is a folder under its number; its files lie in it as they lay at their source, under safe names. Records are
  listed by the thousand (2026-0000xxx), so that no listing grows with the vault; a path may begin with the number.
- Looking at names, sizes and digests is as `find` and `show` are. Opening a file is viewing: it takes the consent and
  the reason that `get` takes (`approved_by`, `why`; or `request`), and is in the journal before the first byte leaves.
- What a read gives was proven against the journal (vault/proven.py).
- OSErrors are only what is certain: FileNotFoundError, PermissionError (a rule forbids it), EROFS. fsspec takes many an
  OSError for "not there"; damage and stores that do not answer therefore stay the vault's own errors.
"""

import errno
import io
import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.spec import AbstractFileSystem
from fsspec.utils import isfilelike

from backends.perprocess import PerProcess
from ops.language import said, t
from ops.listing import Found, Info, Listing, whole_path
from vault.errors import Refused
from vault.outputs import partial_name
from vault.ports import Store
from vault.proven import ProvenReader, from_a_good_copy
from vault.records import RecordFile
from vault.verified import VerifiedStream
from vault.viewing import Grounds, register_viewing


class StrongroomFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec publishes no types
    """See above. `vault`: its folder (else STRONGROOM_VAULT, else this folder); `by`: who is at work (else the login).

    `approved_by`: whoever agreed to the viewing, one name or several; `why`: the reason. Both go into the journal with
    every file that is opened. `request` instead, where people are enrolled: the viewing that was approved, which one
    opening uses up. The vault is opened at the first use, in each process, and closed by `close` or at the end.
    """

    protocol = "strongroom"
    root_marker = ""

    def __init__(
        self,
        vault: str | os.PathLike[str] = "",
        by: str = "",
        why: str = "",
        approved_by: str | Sequence[str] = (),
        request: str = "",
        **options: Any,
    ) -> None:
        super().__init__(vault=vault, by=by, why=why, approved_by=approved_by, request=request, **options)
        home = Path(vault or os.environ.get("STRONGROOM_VAULT", ".")).absolute()
        names = (approved_by,) if isinstance(approved_by, str) else tuple(approved_by)
        self._grounds = Grounds(names, why, request)
        self._opened = PerProcess(lambda: Listing(home, by))
        weakref.finalize(self, _close, self._opened)

    def close(self) -> None:
        """Let the vault go: `rebuild` waits for nobody then. The next use opens it again."""
        _close(self._opened)

    # paths

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        stripped = super()._strip_protocol(path)
        return stripped if isinstance(stripped, list) else whole_path(stripped.lstrip("/"))

    # looking

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        found = self._at(self._strip_protocol(path))
        listed = [found.info] if found.inside is None else found.inside()
        return listed if detail else [info["name"] for info in listed]

    def info(self, path: str, **_: Any) -> Info:
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
        return self._file(self._strip_protocol(path))[1].sha256

    ukey = checksum

    def _at(self, path: str) -> Found:
        return self._opened.get().at(path)

    def _file(self, path: str) -> tuple[str, RecordFile]:
        """The record's number and the file."""
        found = self._at(path)
        if found.file is None:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        return found.number, found.file

    # opening

    def _open(self, path: str, mode: str = "rb", **_: Any) -> io.BufferedReader:
        if mode != "rb":
            self._refuse(path)
        file, stores = self._registered(path)
        return _ProvenFile(self, ProvenReader(file, stores), path)

    def _registered(self, path: str) -> tuple[RecordFile, Sequence[Store]]:
        """The file, now that its opening is in the journal, and where it can be read."""
        number, file = self._file(path)
        vault = self._opened.get().vault
        try:
            register_viewing(vault, [number], "open", self._grounds, file)
        except Refused as error:
            hint = t(
                "Storage options: approved_by=…, why=…; or request=…",
                "请在 storage_options 中给出 approved_by=…、why=…，或 request=…",
            )
            raise PermissionError(errno.EACCES, f"{said(error.what)} {hint}", path) from error
        return file, tuple(vault.stores.values())

    def get_file(
        self, rpath: str, lpath: Any = None, callback: Any = DEFAULT_CALLBACK, outfile: Any = None, **options: Any
    ) -> None:
        """Into a file of this machine: read once, proven, and whole under its name or not there at all."""
        if outfile is not None or isfilelike(lpath) or self.isdir(rpath):
            super().get_file(rpath, lpath, callback, outfile, **options)
            return
        file, stores = self._registered(self._strip_protocol(rpath))
        target = Path(lpath)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = partial_name(target)
        callback.set_size(file.size)

        def copy(stream: VerifiedStream) -> None:
            with open(partial, "wb") as out:
                while block := stream.read():
                    out.write(block)
                    callback.absolute_update(out.tell())

        try:
            from_a_good_copy(file, stores, copy)
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


def _close(opened: PerProcess[Listing]) -> None:
    listing = opened.drop()
    if listing is not None:
        listing.close()


class _ProvenFile(io.BufferedReader):
    """As fsspec's own files it says its size and its path; it keeps the file system, and so the vault, open."""

    def __init__(self, fs: StrongroomFileSystem, raw: ProvenReader, path: str) -> None:
        super().__init__(raw, 1 << 16)
        self.fs = fs
        self.size = raw.size
        self.path = path
