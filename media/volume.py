"""What lies in a place where discs can be: an image, a drive (a block device), a folder where one was put or mounted.

All three answer alike: a file's bytes from any place of it on, by its path in the bag, with nothing extracted. Nothing
is held open between two reads, so that a drive can be opened and a mount let go of whenever nobody reads.

Errors: BlobMissing where the disc certainly has no such file; ImageBroken where it is no image that can be understood;
StoreUnavailable where the medium, or the drive, does not give the bytes (EIO): that is neither absent nor corrupt.
"""

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from media.iso import SECTOR, IsoTree
from vault.causes import cause
from vault.errors import BlobMissing, StoreUnavailable
from vault.text import Text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_NOTHING_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENOMEDIUM, errno.ENXIO})
_LIMIT = 1 << 30  # bytes of a file that is read whole


class Volume(Protocol):
    """One disc, as it is found. `stamp`: differs from that of any other disc in the same place."""

    @property
    def stamp(self) -> bytes: ...

    def size(self, path: str) -> int:
        """Bytes of the file."""
        ...

    def open(self, path: str, start: int = 0) -> "Stretch":
        """Its bytes from `start` to the end; the caller closes it."""
        ...

    def names(self, folder: str) -> list[str]:
        """What lies in a folder, ascending; nothing where there is no such folder."""
        ...


def read_whole(volume: Volume, path: str) -> bytes:
    """A file that belongs into memory: disc.json, a proof."""
    with volume.open(path) as stream:
        return stream.read(min(stream.end - stream.at, _LIMIT))


def look(place: Path) -> Volume | None:
    """What lies there now. None: nothing (an empty drive, a folder where nothing is mounted, an image that is away)."""
    try:
        found = os.stat(place)
        if stat.S_ISDIR(found.st_mode):
            return Folder(place) if (place / "disc.json").is_file() else None
        return Image(place)
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            return None
        raise _unreadable(place, error) from error


class Folder:
    """A disc that is mounted, or was extracted."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.stamp = self._stamp()

    def size(self, path: str) -> int:
        with self.open(path) as stretch:
            return stretch.end

    def open(self, path: str, start: int = 0) -> "Stretch":
        with _saying(self._place):
            try:
                descriptor = os.open(self._place / path, os.O_RDONLY | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError) as error:
                self._require_same()
                raise BlobMissing(Text(en=f"{path!r} is not on the disc.", zh=f"光盘上没有 {path!r}。")) from error
            end = os.lseek(descriptor, 0, os.SEEK_END)
        return Stretch(self._place, descriptor, min(start, end), end)

    def names(self, folder: str) -> list[str]:
        with _saying(self._place):
            try:
                return sorted(os.listdir(self._place / folder))
            except (FileNotFoundError, NotADirectoryError):
                self._require_same()
                return []

    def _stamp(self) -> bytes:
        found = os.stat(self._place / "disc.json")
        return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns}".encode()

    def _require_same(self) -> None:
        """OSError where the disc is not there any more: what it has then nobody can tell."""
        if self._stamp() != self.stamp:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))


class Image:
    """An image in a file, or the disc in a drive."""

    def __init__(self, place: Path) -> None:
        """OSError where it cannot be opened; otherwise as above."""
        self._place = place
        os.close(os.open(place, os.O_RDONLY | os.O_CLOEXEC))
        self._tree = IsoTree(self._read_at)
        self.name = self._tree.volume_id
        self.stamp = hashlib.sha256(self._read_at(16 * SECTOR, SECTOR)).digest()  # its name, and when it was made

    def size(self, path: str) -> int:
        return self._tree.find(path).size

    def open(self, path: str, start: int = 0) -> "Stretch":
        extent = self._tree.find(path)
        return self._stretch(extent.start + min(start, extent.size), extent.start + extent.size)

    def names(self, folder: str) -> list[str]:
        return self._tree.names(folder)

    def _read_at(self, offset: int, size: int) -> bytes:
        with self._stretch(offset, offset + size) as stretch:
            return stretch.read(size)

    def _stretch(self, at: int, end: int) -> "Stretch":
        with _saying(self._place):
            return Stretch(self._place, os.open(self._place, os.O_RDONLY | os.O_CLOEXEC), at, end)


class Stretch(io.RawIOBase):
    """Bytes `at` … `end` of an open file, read where they are asked for. Ends early only where the file does."""

    def __init__(self, place: Path, descriptor: int, at: int, end: int) -> None:
        self._place = place
        self._descriptor = descriptor
        self.at = at
        self.end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")[: self.end - self.at]
        done = 0
        while done < len(view):  # a drive may give less than was asked for, and nothing only at its end
            with _saying(self._place):
                count = os.preadv(self._descriptor, [view[done:]], self.at)
            if not count:
                break
            self.at += count
            done += count
        return done

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


@contextmanager
def _saying(place: Path) -> Iterator[None]:
    """Whatever the operating system says against reading: cannot tell."""
    try:
        yield
    except OSError as error:
        raise _unreadable(place, error) from error


def _unreadable(place: Path, error: OSError) -> StoreUnavailable:
    why = cause(error)
    return StoreUnavailable(
        Text(en=f"The disc in {place} cannot be read: {why.en}.", zh=f"无法读取 {place} 中的光盘：{why.zh}。"),
        Text(
            en="Clean the disc, try another drive, or insert the other copy of it.",
            zh="请清洁盘面、换一台光驱，或放入同一光盘的另一份。",
        ),
    )
