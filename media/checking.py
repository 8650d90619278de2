"""Whether an image carries what was laid out, before it may be burnt: asked of readers that had no part in writing it.

The block list is checked against the whole image, then every file in each of the three trees: Rock Ridge by libarchive,
UDF and Joliet by 7z, each against the digests that intake took. Error correction behind the image disturbs nobody.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from media.authoring import names_of
from media.blocks import BLOCK_LIST, check_list, find_list
from media.readback import Entry, broken, compare, libarchive_files
from media.sevenzip import sevenzip_files
from vault.bag import BagLayout
from vault.outputs import Progress, reading_from
from vault.text import Text

PASSES = 4  # how often the image is read; for whoever shows progress
READERS = ("libarchive", "7z")


@dataclass(frozen=True, slots=True)
class Checked:
    """What agreed: so many files of so many bytes, in every tree."""

    files: int
    bytes: int
    readers: tuple[str, ...] = READERS


def check_image(image: Path, layout: BagLayout, progress: Progress = int) -> Checked:
    """Compare the image with the layout, by its blocks and by every reader.

    ImageBroken: a block, a name, a size or a digest differs, or a file is missing or one too many. SourceUnreadable:
    the image is not there or may not be read. StoreUnavailable: the disk did not answer. StrongroomError: no 7z.
    """
    expected = [*layout.expected(), _block_list(image, progress)]
    _, names = names_of(layout)
    joliet = [(names[path].joliet.removeprefix("/"), size, digest) for path, size, digest in expected]
    done = compare(image, expected, libarchive_files(image, progress))
    compare(image, expected, sevenzip_files(image, "Udf", progress))
    compare(image, joliet, sevenzip_files(image, "Iso", progress))
    return Checked(done.checked, done.bytes)


def _block_list(image: Path, progress: Progress) -> Entry:
    """The list as a file, once every block agrees with it."""
    with reading_from(image), image.open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        listed = find_list(file.fileno())
        if listed is None:
            raise broken(image, Text(en=f"{BLOCK_LIST} is not to be found", zh=f"找不到 {BLOCK_LIST}"))
        digest = check_list(file.fileno(), listed, progress)
    if digest is None:
        raise broken(image, Text(en=f"a block differs from {BLOCK_LIST}", zh=f"有数据块与 {BLOCK_LIST} 不一致"))
    return BLOCK_LIST, listed.size, digest
