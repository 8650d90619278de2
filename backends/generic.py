"""Any other place that fsspec reaches: WebDAV, Azure, Google, HDFS and what else has a file system there.

Location: an fsspec URL (webdav+https://…, abfs://…, gcs://…, hdfs://…), whose package must be installed. The secret is
a TOML file of that file system's own options.

fsspec promises neither that bytes are durable nor that a name is given once. So what was written is read back and
hashed before it counts, a name is asked for before it is taken, and one process at a time should write there. Copies
on such a store are good for a second or third place; the minimum should be met without it.
"""

import errno
import hashlib
import io
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, TypeVar, cast

import fsspec

from backends.files import Content
from backends.perprocess import PerProcess
from vault.errors import BadInput
from vault.text import Text

_TMP = "tmp"
_BLOCK = 4 << 20  # bytes
_T = TypeVar("_T")


class FsspecFiles:
    """See `Files` in files.py."""

    def __init__(self, location: str, options: Mapping[str, str]) -> None:
        try:
            fsspec.get_filesystem_class(fsspec.utils.get_protocol(location))
        except (ValueError, ImportError) as error:  # an unknown protocol, or its package is not installed
            raise BadInput(
                Text(
                    en=f"{location!r} cannot be opened: {error}.",
                    zh=f"{location!r} 无法打开：未知协议，或未安装相应的 Python 包（{error}）。",
                )
            ) from error
        fresh = {**options, "use_listings_cache": False, "skip_instance_cache": True}
        self._opened: PerProcess[tuple[Any, str]] = PerProcess(lambda: fsspec.core.url_to_fs(location, **fresh))
        self._naming = threading.Lock()

    def size(self, path: str) -> int:
        found = self._do(path, lambda fs, at: fs.info(at))
        if found["type"] != "file":
            raise FileNotFoundError(errno.ENOENT, "a folder", path)
        return int(found["size"])

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        size = self.size(path)
        file = self._do(path, lambda fs, at: fs.open(at, "rb", cache_type="readahead"))
        try:
            if start < size:
                self._do(path, lambda _fs, _at: file.seek(start))
                yield cast(BinaryIO, _Reading(file, lambda act: self._do(path, lambda _fs, _at: act())))
            else:
                yield io.BytesIO()
        finally:
            with suppress(OSError):
                self._do(path, lambda _fs, _at: file.close())

    def create(self, path: str, content: Content) -> bool:
        if self._is_there(path):
            return False
        temporary = f"{_TMP}/{secrets.token_hex(12)}"
        try:
            with content.open() as stream:
                self._do(temporary, lambda fs, at: self._write(fs, at, stream))
            if self._hash(temporary) != content.sha256:
                raise OSError(errno.EIO, "what was written reads back differently", path)
            with self._naming:
                if self._is_there(path):
                    return False
                self._rename(temporary, path)
                return True
        finally:
            with suppress(OSError):
                self.remove(temporary)

    def replace(self, path: str, data: bytes) -> None:
        """A rename, or on object stores a copy there: either makes the name whole at once."""
        temporary = f"{_TMP}/{secrets.token_hex(12)}"
        self._do(temporary, lambda fs, at: self._write(fs, at, io.BytesIO(data)))
        with self._naming:
            self._rename(temporary, path)

    def move(self, path: str, to: str) -> bool:
        self.size(path)
        with self._naming:
            if self._is_there(to):
                return False
            self._rename(path, to)
        return True

    def remove(self, path: str) -> None:
        self._do(path, lambda fs, at: fs.rm_file(at))

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        try:
            found = self._do(folder, lambda fs, at: fs.find(at, detail=True))
        except FileNotFoundError:
            return
        root = self._opened.get()[1].rstrip("/")
        for at, what in sorted(found.items()):
            path = at.removeprefix(f"{root}/").lstrip("/")
            if path > after and path.startswith(f"{folder}/" if folder else "") and not path.startswith(f"{_TMP}/"):
                yield path, int(what["size"])

    def close(self) -> None:
        self._opened.drop()

    def changed(self, path: str) -> float:
        """When it was last written by the place's own clock, in seconds since 1970. OSError where it does not say."""
        return float(self._do(path, lambda fs, at: fs.modified(at).timestamp()))

    def remove_folder(self, folder: str) -> None:
        """With all that is in it."""
        self._do(folder, lambda fs, at: fs.rm(at, recursive=True))

    def remove_empty_folder(self, folder: str) -> None:
        self._do(folder, lambda fs, at: fs.rmdir(at))

    def _write(self, fs: Any, at: str, stream: BinaryIO) -> None:
        fs.makedirs(at.rpartition("/")[0], exist_ok=True)
        with fs.open(at, "wb") as file:
            shutil.copyfileobj(stream, file, _BLOCK)

    def _rename(self, path: str, to: str) -> None:
        def go(fs: Any, at: str) -> None:
            target = self._at(to)
            fs.makedirs(target.rpartition("/")[0], exist_ok=True)
            fs.mv(at, target)

        self._do(path, go)

    def _is_there(self, path: str) -> bool:
        try:
            self.size(path)
        except FileNotFoundError:
            return False
        return True

    def _hash(self, path: str) -> bytes:
        hasher = hashlib.sha256()
        with self.open(path, 0) as stream:
            while block := stream.read(_BLOCK):
                hasher.update(block)
        return hasher.digest()

    def _at(self, path: str) -> str:
        root = self._opened.get()[1].rstrip("/")
        return f"{root}/{path}" if path else root

    def _do(self, path: str, act: Callable[[Any, str], _T]) -> _T:
        """Errors of that file system's own kinds as OSErrors."""
        try:
            return act(self._opened.get()[0], self._at(path))
        except OSError:
            raise
        except Exception as error:  # each file system has its own
            raise ConnectionError(errno.ECONNABORTED, f"{type(error).__name__}: {error}"[:200], path) from error


class _Reading(io.RawIOBase):
    """A file there, whose failures are OSErrors."""

    def __init__(self, file: Any, calling: Callable[[Callable[[], Any]], Any]) -> None:
        self._file = file
        self._calling = calling

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer) as view:
            data = self._calling(lambda: self._file.read(len(view)))
            view[: len(data)] = data
        return len(data)
