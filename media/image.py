"""A disc's image as a file: built (media/authoring.py), copied, measured; all of it or nothing.

An image gets its name only when it is complete and on the disk. Its blocks and its SHA-256 are taken from what the disk
gives back.

The second image of a set is a copy of the first (`copy_image`), hashed on the way in and compared with the digest of
the first: the register promises two identical discs under one digest, and the stores are read once instead of twice.
What the image carries is for other programs to say (media/checking.py).
"""

import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from media.authoring import author
from media.blocks import write_list
from vault.bag import BagLayout
from vault.digest import Block, Digest, Hasher
from vault.errors import BadInput, ImageBroken
from vault.outputs import Progress, partial_name, publish_file, reading_from, refuse_existing, writing_to
from vault.text import Text
from vault.verified import BLOCK, OpenObject

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

    def build(file: "_Target") -> None:
        listed = author(file, layout, open_object, volume_id, when, progress)
        file.to_disk()
        with writing_to(target):
            write_list(file.fileno(), listed)

    return _written(target, build)


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


class _Target(io.FileIO):
    """The image being written. Its failures are TargetProblem, so that they are not taken for those of a store."""

    def __init__(self, partial: Path, target: Path) -> None:
        self._target = target
        with writing_to(target):
            super().__init__(partial, "xb+")

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
        _, info = measured(partial, target, 0)
        if expected is not None:
            _same(target, expected.sha256, info.sha256)
        publish_file(partial, target)
        return info
    finally:
        partial.unlink(missing_ok=True)


def measured(path: Path, target: Path, first: int, progress: Progress = int) -> tuple[ImageInfo, ImageInfo]:
    """Size and digest of the first so many bytes of a file, and of all of it. `target`: the name it will have."""
    hasher, size = Hasher(), 0
    part: ImageInfo | None = None
    with reading_from(target), path.open("rb", buffering=0) as file:
        while block := file.read(min(BLOCK, first - size) if size < first else BLOCK):
            hasher.update(block)
            size += len(block)
            progress(len(block))
            if size == first:
                part = ImageInfo(size, hasher.digest())
    whole = ImageInfo(size, hasher.digest())
    return part or whole, whole


def _same(image: Path, expected: Digest, found: Digest) -> None:
    if found != expected:
        raise ImageBroken(
            Text(
                en=f"{image} is not the image that was built: SHA-256 {found} instead of {expected}.",
                zh=f"{image} 与制作时的映像不一致：SHA-256 为 {found}，应为 {expected}。",
            )
        )
