"""libarchive, narrowed to what intake may use of it: the next header, its facts, its bytes. Private to containers.py.

Why not libarchive-c's own reader (5.3): it logs what libarchive calls a warning and goes on, and a wrong checksum
inside a ZIP or 7z *is* such a warning (-20 from archive_read_data, which its `get_blocks` then takes for a length).
Here every answer but success is looked at. The library's loading is still libarchive-c's.

What was found by experiment with libarchive 3.6.2, and is held by the tests:
- Only one format and the compressions it needs are switched on, so nothing is read as what it is not (a UDF image
  opens as an empty tar otherwise).
- gzip's checksum is not verified by libarchive: of 300 flipped bits 248 came through unnoticed. Python's gzip does.
- A tar ends quietly where the file was cut between two members; what tells is the block of zeros that ends a tar
  (POSIX pax, "End-of-archive indicator"), so one must have been seen. Reading goes on behind it to the end of the
  file: that verifies the compression's checksums, and finds archives that were appended.
- Names are converted to the locale's character set, and lost where it is not UTF-8: each call runs under C.UTF-8,
  for its own thread only (uselocale(3)).
"""

import ctypes
import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, BinaryIO, Final

from vault.errors import StrongroomError
from vault.text import Text


class Format(StrEnum):
    """What can be opened: archive formats, a tar by what it is compressed with."""

    ZIP = "ZIP"
    SEVEN_ZIP = "7z"
    ISO = "ISO 9660"
    TAR = "tar"
    TAR_GZIP = "tar.gz"
    TAR_BZIP2 = "tar.bz2"
    TAR_XZ = "tar.xz"
    TAR_ZSTD = "tar.zst"


class ArchiveTrouble(Exception):
    """What libarchive (or gzip) says is wrong, in its words."""


@dataclass(frozen=True, slots=True)
class Header:
    """One member as the archive lists it."""

    name: bytes
    size: int | None  # bytes
    modified: int | None  # seconds since 1970
    kind: int  # stat.S_IFMT of its mode; 0 where the archive gives none
    hardlink: bool
    encrypted: bool


_OK, _EOF, _WARN = 0, 1, -20
_BLOCK = 256 * 1024  # bytes read from the file at a time
_TAR_BLOCK = 512
# Warnings that leave content and size untouched. Every other warning is a refusal.
_HARMLESS = (b"athname", b"inkname", b"attribute", b"ACL", b"Uname", b"Gname")
_FILTERS: Final = {Format.TAR_BZIP2: "bzip2", Format.TAR_XZ: "xz", Format.TAR_ZSTD: "zstd"}
_FORMATS: Final = {Format.ZIP: "zip_seekable", Format.SEVEN_ZIP: "7zip", Format.ISO: "iso9660"}
_READ = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p))


class _Library:
    """The functions used, with their types. Looked up anew: libarchive-c's own carry its error handling."""

    def __init__(self) -> None:
        try:
            from libarchive import ffi
        except (ImportError, OSError, AttributeError, TypeError) as error:  # so it fails where there is no library
            raise StrongroomError(
                Text(en="The library libarchive is not installed.", zh="未安装 libarchive 库。"),
                Text(en="Install it (Debian: libarchive13).", zh="请安装（Debian 软件包 libarchive13）。"),
            ) from error
        self._handle = ffi.libarchive
        pointer, number, count = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
        self.new = self._function("read_new", pointer)
        self.free = self._function("read_free", number, pointer)
        self.option = self._function("read_set_options", number, pointer, ctypes.c_char_p)
        self.open_fd = self._function("read_open_fd", number, pointer, number, count)
        self.open = self._function("read_open", number, pointer, pointer, pointer, _READ, pointer)
        self.next = self._function("read_next_header", number, pointer, ctypes.POINTER(pointer))
        self.data = self._function("read_data", ctypes.c_ssize_t, pointer, pointer, count)
        self.skip = self._function("read_data_skip", number, pointer)
        self.error = self._function("error_string", ctypes.c_char_p, pointer)
        self.position = self._function("filter_bytes", ctypes.c_int64, pointer, number)
        self.name = self._function("entry_pathname", ctypes.c_char_p, pointer)
        self.hardlink = self._function("entry_hardlink", ctypes.c_char_p, pointer)
        self.filetype = self._function("entry_filetype", ctypes.c_uint, pointer)
        self.size = self._function("entry_size", ctypes.c_int64, pointer)
        self.size_is_set = self._function("entry_size_is_set", number, pointer)
        self.mtime = self._function("entry_mtime", ctypes.c_int64, pointer)
        self.mtime_is_set = self._function("entry_mtime_is_set", number, pointer)
        self.encrypted = self._function("entry_is_encrypted", number, pointer)

    def _function(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        function: Any = self._handle[f"archive_{name}"]
        function.restype, function.argtypes = result, arguments
        return function  # type: ignore[no-any-return]

    def support(self, archive: int, what: str) -> None:
        """Switch on one format or filter. A warning means that an outside program would be run for it: refused."""
        if self._function(f"read_support_{what}", ctypes.c_int, ctypes.c_void_p)(archive) != _OK:
            raise ArchiveTrouble(f"this libarchive cannot read {what}")


@cache
def _library() -> _Library:
    return _Library()


def require_library() -> None:
    """StrongroomError where libarchive is not installed."""
    _library()


class Archive:
    """One archive being read from its first member to its last, by one thread."""

    def __init__(self, descriptor: int, format_: Format) -> None:
        """Read from `descriptor`, which stays the caller's. ArchiveTrouble if it is not what `format_` says."""
        self._lib = _library()
        self._format = format_
        self._member_end = 0
        self._failure: BaseException | None = None
        self._begun = False
        self._gzip: gzip.GzipFile | None = None
        self._raw: BinaryIO | None = None
        self._archive = self._lib.new()
        try:
            self._prepare(descriptor)
        except BaseException:
            self.close()
            raise

    def _prepare(self, descriptor: int) -> None:
        lib = self._lib
        if self._format in _FORMATS:
            lib.support(self._archive, f"format_{_FORMATS[self._format]}")
        else:
            lib.support(self._archive, "format_tar")
            self._check(lib.option(self._archive, b"tar:read_concatenated_archives"))
        if self._format in _FILTERS:
            lib.support(self._archive, f"filter_{_FILTERS[self._format]}")
        with _utf8_names():
            if self._format is Format.TAR_GZIP:
                self._raw = os.fdopen(os.dup(descriptor), "rb")
                self._gzip = gzip.GzipFile(fileobj=self._raw, mode="rb")
                self._buffer = ctypes.create_string_buffer(_BLOCK)
                self._callback = _READ(self._from_gzip)
                self._check(lib.open(self._archive, None, None, self._callback, None))
            else:
                self._check(lib.open_fd(self._archive, descriptor, _BLOCK))

    def _from_gzip(self, _archive: int, _context: int, out: Any) -> int:
        """libarchive asks for bytes. An exception cannot cross the C code: it is kept, and -1 makes libarchive stop."""
        try:
            count = self._gzip.readinto(self._buffer) if self._gzip else -1
        except BaseException as error:  # noqa: BLE001 - raised again in _raise, once C code is left
            self._failure = error
            return -1
        out[0] = ctypes.addressof(self._buffer)
        return count

    def next(self) -> Header | None:
        """The next member, None at the end. What was not read of the one before is passed over."""
        lib, entry = self._lib, ctypes.c_void_p()
        with _utf8_names():
            if self._begun:
                self._check(lib.skip(self._archive))
                self._member_end = lib.position(self._archive, 0)
            self._begun = True
            answer = lib.next(self._archive, ctypes.byref(entry))
            if answer == _EOF:
                self._check_end()
                return None
            self._check(answer, header=True)
            name = lib.name(entry)
            hardlink = lib.hardlink(entry) is not None
        if name is None:
            raise ArchiveTrouble("a member without a readable name")
        return Header(
            name=name,
            size=lib.size(entry) if lib.size_is_set(entry) else None,
            modified=lib.mtime(entry) if lib.mtime_is_set(entry) else None,
            kind=stat.S_IFMT(lib.filetype(entry)),
            hardlink=hardlink,
            encrypted=bool(lib.encrypted(entry)),
        )

    def readinto(self, buffer: memoryview) -> int:
        """Bytes of the present member; 0 at its end, when its checksum (if the format has one) was right."""
        count: int = self._lib.data(self._archive, (ctypes.c_char * buffer.nbytes).from_buffer(buffer), buffer.nbytes)
        if count < 0:
            self._check(count)
        return count

    def close(self) -> None:
        if self._archive:
            self._lib.free(self._archive)
            self._archive = None
        for file in (self._gzip, self._raw):
            if file is not None:
                file.close()

    def _check(self, answer: int, *, header: bool = False) -> None:
        if answer >= _OK:
            return
        said: bytes = self._lib.error(self._archive) or b""
        if answer == _WARN and header and any(word in said for word in _HARMLESS):
            return
        self._raise()
        raise ArchiveTrouble(said.decode(errors="backslashreplace") or "it ends too early")

    def _raise(self) -> None:
        """What went wrong in the callback, if anything did."""
        if isinstance(self._failure, (OSError, EOFError, zlib.error)):  # gzip.BadGzipFile is an OSError
            raise ArchiveTrouble(str(self._failure)) from self._failure
        if self._failure is not None:
            raise self._failure

    def _check_end(self) -> None:
        self._raise()
        if self._format in _FORMATS:
            return
        if self._lib.position(self._archive, 0) - self._member_end < _TAR_BLOCK:
            raise ArchiveTrouble("the block that ends a tar is missing: it was cut off")


_LC_CTYPE_MASK: Final = 1  # glibc and musl


@cache
def _utf8_locale() -> tuple[Any, int | None]:
    libc = ctypes.CDLL(None)
    libc.newlocale.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    libc.newlocale.restype = ctypes.c_void_p
    libc.uselocale.argtypes = (ctypes.c_void_p,)
    libc.uselocale.restype = ctypes.c_void_p
    for name in (b"C.UTF-8", b"zh_CN.UTF-8", b"en_US.UTF-8"):
        made: int | None = libc.newlocale(_LC_CTYPE_MASK, name, None)
        if made:
            return libc, made
    return libc, None


@contextmanager
def _utf8_names() -> Iterator[None]:
    libc, utf8 = _utf8_locale()
    before = libc.uselocale(utf8) if utf8 else None
    try:
        yield
    finally:
        if before:
            libc.uselocale(before)
