"""What intake is given: items to read, containers to look into, and what is not taken and why. The one shape.

Rules for every source of items:
- The source is only read. Regular files are opened without following links, without waiting and, where the
  system permits it (our own file, or root), without touching their access time.
- A read that ends well has read what it set out to read: `readinto` says 0 only after the file was found unchanged.
- Everything met is answered for: an Item, a Container, a Rejected (it should have come in and cannot) or a Skipped
  (it is no evidence, and says why). Nothing is passed over in silence.
"""

import os
import stat
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol, Self

import msgspec

from vault.causes import cause
from vault.errors import SourceChanged, SourceUnreadable, StrongroomError
from vault.intake.names import shown
from vault.text import Text


class Stream(Protocol):
    """The bytes of one item, in order, once."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill `buffer` from its start; how many bytes, 0 only at a good end.

        SourceChanged: it was altered meanwhile. SourceUnreadable: the system cannot read it. ContainerRefused: the
        archive it comes from is broken, encrypted or over a budget. After any of them what was read is worthless.
        """
        ...

    def fileno(self) -> int | None:
        """A descriptor to give the kernel advice on (posix_fadvise), None where there is none."""
        ...


class Fingerprint(NamedTuple):
    """What tells that a regular file is still the one seen. `size` in bytes, times in nanoseconds since 1970."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Fingerprint":
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class Item(Protocol):
    """One file to take in."""

    @property
    def name(self) -> str:
        """Below the folder that was named, with `/`; the file's own name where the file itself was named; in an
        archive the member's path as given. Provenance: never opened, never joined to a path.
        """
        ...

    @property
    def raw_name(self) -> str:
        """Hexadecimal bytes of `name` where they are not UTF-8, else empty."""
        ...

    @property
    def container(self) -> str:
        """Name of the archive it is in, empty for a file of its own."""
        ...

    @property
    def size(self) -> int | None:
        """Bytes; None where only reading will tell."""
        ...

    @property
    def modified_at(self) -> datetime | None:
        """UTC, whole seconds; None where the source does not say."""
        ...

    @property
    def path(self) -> str:
        """The whole path, an archive's own path leading for its members: what sheets are matched against."""
        ...

    @property
    def folder(self) -> str:
        """The whole path of the folder it lies in: files of one folder can form one record. Contiguous in a walk."""
        ...

    @property
    def direct(self) -> bool:
        """Whether it was named itself, not found in a folder or an archive."""
        ...

    @property
    def sidecars(self) -> tuple[Path, ...]:
        """Files of facts that speak of it, the most particular first (see sidecars.py)."""
        ...

    @property
    def where(self) -> str:
        """The path as a person would say it, safe to print."""
        ...

    @property
    def fingerprint(self) -> Fingerprint | None:
        """To recognise a regular file when an interrupted intake resumes; None for an archive's members."""
        ...

    def open(self) -> AbstractContextManager[Stream]:
        """Start reading. Errors as `Stream.readinto`."""
        ...


@dataclass(frozen=True, slots=True)
class Container:
    """An archive whose members are to be taken in one by one: see containers.members."""

    path: str
    name: str
    raw_name: str
    folder: str
    direct: bool
    size: int  # bytes
    sidecars: tuple[Path, ...] = ()

    @property
    def where(self) -> str:
        return shown(self.path)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that was to come in and cannot."""

    where: str
    error: StrongroomError


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is no evidence and was left where it is."""

    where: str
    reason: Text


class FileItem(msgspec.Struct, frozen=True, gc=False):  # a struct: it travels to a porter
    """A regular file on a file system, as it was when it was found."""

    path: str  # absolute; bytes that are not UTF-8 as surrogates (PEP 383), so that it can be opened
    name: str
    raw_name: str
    folder: str
    direct: bool
    fingerprint: Fingerprint
    sidecars: tuple[Path, ...] = ()

    @property
    def container(self) -> str:
        return ""

    @property
    def size(self) -> int:
        return self.fingerprint.size

    @property
    def modified_at(self) -> datetime | None:
        return moment_of(self.fingerprint.mtime_ns // 1_000_000_000)

    @property
    def where(self) -> str:
        return shown(self.path)

    def open(self) -> "FileStream":
        """SourceChanged if it is no longer the file that was found, SourceUnreadable if it cannot be opened."""
        descriptor, status = _opened(self.path)
        if Fingerprint.of(status) != self.fingerprint:
            os.close(descriptor)
            raise changed(self.where)
        return FileStream(descriptor, self.fingerprint, self.path)


class FileStream:
    """Reads a regular file to its end and makes sure that it stood still meanwhile."""

    __slots__ = ("_before", "_descriptor", "_left", "_path")

    def __init__(self, descriptor: int, before: Fingerprint, path: str) -> None:
        self._descriptor = descriptor
        self._before = before
        self._path = path
        self._left = before.size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        os.close(self._descriptor)

    def announce(self) -> None:
        """Have the kernel begin to read it."""
        if hasattr(os, "posix_fadvise"):
            with suppress(OSError):  # it was advice
                os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_WILLNEED)

    def readinto(self, buffer: memoryview) -> int:
        if not buffer.nbytes:
            raise ValueError("an empty buffer cannot tell data from the end")
        try:
            if self._left:
                count = os.readv(self._descriptor, [buffer])
                self._left -= count
                if count and self._left >= 0:
                    return count
            elif Fingerprint.of(os.fstat(self._descriptor)) == self._before:
                return 0
        except OSError as error:
            raise unreadable(shown(self._path), error) from error
        raise changed(shown(self._path))

    def fileno(self) -> int:
        return self._descriptor


_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def open_source(path: str) -> int:
    """A descriptor on a regular file; never on a link, and never waiting for a fifo's other end. SourceUnreadable."""
    return _opened(path)[0]


def _opened(path: str) -> tuple[int, os.stat_result]:
    try:
        try:
            descriptor = os.open(path, _READ_FLAGS | os.O_NOATIME)
        except PermissionError:  # open(2): O_NOATIME is for the owner; others must do without
            descriptor = os.open(path, _READ_FLAGS)
    except OSError as error:
        raise unreadable(shown(path), error) from error
    try:
        status = os.fstat(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise unreadable(shown(path), error) from error
    if stat.S_ISREG(status.st_mode):
        return descriptor, status
    os.close(descriptor)
    raise SourceUnreadable(Text(en=f"{shown(path)} is no regular file.", zh=f"{shown(path)} 不是普通文件。"))


def moment_of(seconds: int) -> datetime | None:
    """Seconds since 1970 as UTC; None where no calendar holds them."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def changed(where: str) -> SourceChanged:
    return SourceChanged(Text(en=f"{where} changed while it was read.", zh=f"{where} 在读取过程中发生了变化。"))


def empty(where: str) -> SourceUnreadable:
    return SourceUnreadable(
        Text(
            en=f"{where} is empty (0 bytes): there is nothing to keep.",
            zh=f"{where} 是空文件（0 字节），没有可保存的内容。",
        ),
        Text(
            en="If it should hold a recording, look at the device: the recording may have failed.",
            zh="如果其中应有录像，请检查设备：录制可能失败。",
        ),
    )


def unreadable(where: str, error: OSError) -> SourceUnreadable:
    """Why the system would not read it, in both languages."""
    why = cause(error)
    return SourceUnreadable(Text(en=f"{where} cannot be read: {why.en}.", zh=f"{where} 无法读取：{why.zh}。"))
