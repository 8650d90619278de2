"""Reading an image back with another program than the one that wrote it, file by file against the digests of intake.

libarchive reads the image as a Linux machine would (ISO 9660 with Rock Ridge). It has no UDF, and opens what it does
not understand as an empty archive without an error: so the format's name is looked at and the files are counted.
A flipped byte only shows in a digest.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vault.bag import BagLayout
from vault.digest import Digest, Hasher
from vault.errors import ImageBroken, StoreUnavailable
from vault.outputs import Progress, reading_from
from vault.text import Text

_CANNOT_TELL = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESTALE, errno.ETIMEDOUT})


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What was checked: files, and their bytes. All of them agreed; a difference raises."""

    checked: int
    bytes: int


def read_back(image: Path, layout: BagLayout, progress: Progress = int) -> ReadBack:
    """Compare every file of the image with the layout: path, size, SHA-256, and that there are no others.

    ImageBroken: a file is missing, differs or is one too many, or the image is no whole ISO 9660 image.
    SourceUnreadable: the image is not there or may not be read. StoreUnavailable: the disk did not answer.
    """
    expected = {path: (size, digest) for path, size, digest in layout.expected()}
    with reading_from(image), image.open("rb"):
        pass
    done = ReadBack(0, 0)
    for path, size, digest in _files(image, progress):
        if path not in expected:
            raise _broken(image, Text(en=f"{path!r} is not in its manifest", zh=f"{path!r} 不在清单内"))
        if expected.pop(path) != (size, digest):
            raise _broken(image, Text(en=f"{path!r} differs from its manifest", zh=f"{path!r} 与清单不一致"))
        done = ReadBack(done.checked + 1, done.bytes + size)
    if expected:
        first = next(iter(expected))
        raise _broken(
            image,
            Text(
                en=f"{len(expected)} files are missing, {first!r} first",
                zh=f"缺少 {len(expected)} 个文件，如 {first!r}",
            ),
        )
    if not done.checked:
        raise _broken(image, Text(en="it carries no files", zh="其中没有文件"))
    return done


def _files(image: Path, progress: Progress) -> Iterator[tuple[str, int, Digest]]:
    """Path, size and digest of every file, as libarchive finds them."""
    import libarchive
    from libarchive.exception import ArchiveError

    try:
        with libarchive.file_reader(str(image)) as archive:
            for entry in archive:
                name = archive.format_name
                if not name.startswith(b"ISO9660"):
                    raise _broken(image, Text(en="it is no ISO 9660 image", zh="不是 ISO 9660 映像"))
                if entry.isdir:
                    continue
                path = entry.pathname
                if not entry.isreg or entry.islnk:
                    raise _broken(image, Text(en=f"{path!r} is no regular file", zh=f"{path!r} 不是普通文件"))
                hasher, size = Hasher(), 0
                for block in entry.get_blocks():
                    hasher.update(block)
                    size += len(block)
                    progress(len(block))
                yield path, size, hasher.digest()
    except ArchiveError as error:
        why = Text(en=f"it cannot be read to its end ({error.msg})", zh=f"无法完整读取（{error.msg}）")
        if error.errno in _CANNOT_TELL:
            raise StoreUnavailable(Text(en=f"{image}: {why.en}.", zh=f"{image}：{why.zh}。")) from error
        raise _broken(image, why) from error


def _broken(image: Path, why: Text) -> ImageBroken:
    return ImageBroken(Text(en=f"The image {image} is damaged: {why.en}.", zh=f"映像 {image} 已损坏：{why.zh}。"))
