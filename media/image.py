"""A disc's image: ISO 9660 with Rock Ridge and Joliet, and UDF 2.60 over the same bytes (a bridge disc), by pycdlib.

- The same bag, volume name and moment give the same bytes (media/pinned.py).
- Rock Ridge 1.09: with 1.12 libarchive returns every file as 0 bytes, and says nothing.
- A failure anywhere throws pycdlib's object and the partial file away: it has no way back from a half-added file.
- An image gets its name only when it is complete and on the disk; its SHA-256 is taken from what the disk gives back.

The second image of a set is a copy of the first (`copy_image`), hashed on the way in and compared with the digest of
the first: the register promises two identical discs under one digest, a copy touches the stores once instead of
twice, and read_back() then checks every file of either copy against the digests of intake, so that an error of the
first authoring cannot hide in both.
"""

import hashlib
import io
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from media.isonames import Names, name_all
from media.pinned import Clock, pinned
from vault.bag import BagLayout
from vault.digest import Block, Digest, Hasher
from vault.errors import BadInput, ImageBroken, StrongroomError
from vault.outputs import Progress, partial_name, publish_file, reading_from, refuse_existing, writing_to
from vault.records import RecordFile
from vault.text import Text
from vault.verified import BLOCK, OpenObject, VerifiedStream

_VOLUME_ID = re.compile(r"[A-Z0-9_-]{1,16}")  # Joliet has room for 16 characters of UTF-16


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """A finished image: size in bytes, and its SHA-256 as read back from the disk."""

    size: int
    sha256: Digest


def build_image(
    target: Path,
    layout: BagLayout,
    open_object: OpenObject,
    volume_id: str,
    when: datetime,
    progress: Progress = int,
) -> ImageInfo:
    """Write the image of the bag as `target`, which must not exist. `when` (UTC) dates the volume and the tag files.

    BadInput: the target exists, or the volume name has more than 16 characters or others than A-Z, 0-9, _ and -.
    BlobCorrupt: an object does not hash to its name. TargetProblem: no room, or the disk failed. What the store
    raises comes through. In every case nothing is left. Holds 1 MiB of an object at a time.
    """
    if not _VOLUME_ID.fullmatch(volume_id):
        raise BadInput(Text(en=f"Not a name for a disc: {volume_id!r}", zh=f"不能用作光盘卷标：{volume_id!r}"))
    refuse_existing(target, layout.size)

    def author(file: "_Target") -> None:
        seed = hashlib.sha256(b"".join(layout.tags.values())).digest()
        with pinned(when, seed) as clock:
            _author(file, layout, open_object, volume_id, when, clock, progress)

    return _written(target, author)


def copy_image(source: Path, target: Path, info: ImageInfo, progress: Progress = int) -> ImageInfo:
    """Write `target`, which must not exist, as the second copy of the image `source`.

    ImageBroken where either does not have the digest that `info` says; nothing is left then.
    """
    refuse_existing(target, info.size)

    def copy(file: "_Target") -> None:
        hasher = Hasher()
        with reading_from(source), source.open("rb", buffering=0) as original:
            while block := original.read(BLOCK):
                hasher.update(block)
                file.write(block)
                progress(len(block))
        _same(source, info.sha256, hasher.digest())

    return _written(target, copy, info)


def _author(
    file: "_Target",
    layout: BagLayout,
    open_object: OpenObject,
    volume_id: str,
    when: datetime,
    clock: Clock,
    progress: Progress,
) -> None:
    import pycdlib
    from pycdlib.pycdlibexception import PyCdlibException

    folders, names = name_all([*layout.tags, *(entry.path for entry in layout.payload)])
    image: Any = pycdlib.PyCdlib()
    payload: list[_Payload] = []
    try:
        image.new(**_FORMAT, vol_ident=volume_id)
        for folder in folders:
            image.add_directory(**_places(folder), file_mode=0o040555)
        for path, data in layout.tags.items():
            image.add_fp(io.BytesIO(data), len(data), **_places(names[path]), file_mode=0o100444)
        # In the order of their names: pycdlib recounts a folder from where it inserts, and 20,000 files took 25 s.
        for entry in sorted(layout.payload, key=lambda entry: names[entry.path].iso):
            clock.set(entry.file.modified_at or when)
            payload.append(_Payload(entry.file, open_object, progress))
            image.add_fp(payload[-1], entry.file.size, **_places(names[entry.path]), file_mode=0o100444)
        clock.set(when)
        image.write_fp(file, blocksize=BLOCK)
    except PyCdlibException as error:
        what = Text(en=f"The image cannot be laid out: {error}", zh=f"无法编排光盘映像：{error}")
        raise StrongroomError(what) from error
    finally:
        for each in payload:
            each.close()
        with suppress(PyCdlibException):  # it has nothing to close where `new` failed
            image.close()


_FORMAT = {
    "interchange_level": 4,
    "rock_ridge": "1.09",
    "joliet": 3,
    "udf": "2.60",
    "app_ident_str": "STRONGROOM",
}


def _places(names: Names) -> dict[str, str]:
    return {"iso_path": names.iso, "rr_name": names.name, "joliet_path": names.joliet, "udf_path": names.path}


class _Payload:
    """A payload file as pycdlib reads it: `seek(0)`, then blocks up to the length it was told."""

    __slots__ = ("_file", "_open_object", "_progress", "_stream")

    mode = "rb"  # pycdlib looks at it

    def __init__(self, file: RecordFile, open_object: OpenObject, progress: Progress) -> None:
        self._file = file
        self._open_object = open_object
        self._progress = progress
        self._stream: VerifiedStream | None = None
        if file.size == 0:  # pycdlib will not ask for its bytes
            self.seek(0)
            self.read(0)

    def seek(self, offset: int) -> None:
        if offset:
            raise ValueError("a payload file is read from its beginning")
        self.close()
        self._stream = VerifiedStream(self._file, self._open_object)

    def read(self, count: int) -> bytes:
        if self._stream is None:
            raise ValueError("read before seek")
        block = self._stream.read(count)
        self._progress(len(block))
        return block

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class _Target(io.FileIO):
    """The image being written. Its failures are TargetProblem, so that they are not taken for those of a store."""

    def __init__(self, partial: Path, target: Path) -> None:
        self._target = target
        with writing_to(target):
            super().__init__(partial, "xb")

    def write(self, data: Block) -> int:  # type: ignore[override]  # only whole bytes objects are written here
        """All of it: pycdlib does not look at what a write returns."""
        with writing_to(self._target):
            left = memoryview(data)
            while left:
                left = left[super().write(left) :]
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        with writing_to(self._target):
            return super().seek(offset, whence)

    def to_disk(self) -> None:
        """Durable, and dropped from memory, so that reading it again reads the disk."""
        with writing_to(self._target):
            os.fsync(self.fileno())
            os.posix_fadvise(self.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _written(target: Path, fill: Callable[[_Target], None], expected: ImageInfo | None = None) -> ImageInfo:
    partial = partial_name(target)
    try:
        with _Target(partial, target) as file:
            fill(file)
            file.to_disk()
        info = _measured(partial, target)
        if expected is not None:
            _same(target, expected.sha256, info.sha256)
        publish_file(partial, target)
        return info
    finally:
        partial.unlink(missing_ok=True)


def _measured(partial: Path, target: Path) -> ImageInfo:
    hasher, size = Hasher(), 0
    with reading_from(target), partial.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            hasher.update(block)
            size += len(block)
    return ImageInfo(size, hasher.digest())


def _same(image: Path, expected: Digest, found: Digest) -> None:
    if found != expected:
        raise ImageBroken(
            Text(
                en=f"{image} is not the image that was built: SHA-256 {found} instead of {expected}.",
                zh=f"{image} 与制作时的映像不一致：SHA-256 为 {found}，应为 {expected}。",
            )
        )
