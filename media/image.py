"""A disc's image as a file: built (media/authoring.py), measured; all of it or nothing.

An image gets its name only when it is complete and on the disk. Its SHA-256 is taken from what the disk gives back.
What it carries is for other programs to say (media/checking.py).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from media.authoring import author
from media.blocks import BlockHashes
from media.target import Target
from vault.bag import BagLayout
from vault.digest import Digest, Hasher
from vault.errors import BadInput
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
) -> int:
    """Write the image of the layout as `target`, which must not exist: its size in bytes.

    `when` (UTC) dates the volume and the tag files. Its blocks are listed in it, so that media/checking.py can tell
    whether the disk has what was written.
    BadInput: the target exists, or the volume name has more than 16 characters or others than A-Z, 0-9, _ and -.
    BlobCorrupt: an object does not hash to its name. TargetProblem: no room, or the disk failed. What the store
    raises comes through. In every case nothing is left. Holds a few MiB of an object at a time.
    """
    if not _VOLUME_ID.fullmatch(volume_id):
        raise BadInput(Text(en=f"Not a name for a disc: {volume_id!r}", zh=f"不能用作光盘卷标：{volume_id!r}"))
    refuse_existing(target, layout.size)

    def build(partial: Path) -> None:
        with BlockHashes() as hashes, Target(partial, target, hashes.saw) as file:
            listed = author(file, layout, open_object, volume_id, when, hashes, progress)
            file.to_disk()
            with writing_to(target):
                hashes.write_list(file.fileno(), listed)
            file.to_disk()

    _write(target, build)
    return target.stat().st_size


def _write(target: Path, fill: Callable[[Path], None]) -> None:
    """All of it under its name, or nothing."""
    partial = partial_name(target)
    try:
        fill(partial)
        publish_file(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def measure(image: Path, progress: Progress = int) -> ImageInfo:
    """Size and digest of an image, as the disk gives it back."""
    return measured(image, image, progress=progress)[1]


def measured(path: Path, target: Path, first: int = 0, progress: Progress = int) -> tuple[ImageInfo, ImageInfo]:
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
