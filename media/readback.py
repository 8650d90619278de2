"""Reading an image back with another program than the one that wrote it, file by file against the digests of intake.

libarchive reads the image as a Linux machine would (ISO 9660 with Rock Ridge). It has no UDF, and opens what it does
not understand as an empty archive without an error: so the format's name is looked at and the files are counted.
A flipped byte only shows in a digest. media/sevenzip.py reads the other two trees.
"""

import errno
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vault.digest import Digest, Hasher
from vault.errors import ImageBroken, StoreUnavailable
from vault.outputs import Progress
from vault.text import Text, counted

Entry = tuple[str, int, Digest]
"""Path, bytes and SHA-256 of a file."""

_CANNOT_TELL = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESTALE, errno.ETIMEDOUT})


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What was checked: files, and their bytes. All of them agreed; a difference raises."""

    checked: int
    bytes: int


def compare(image: Path, expected: Iterable[Entry], found: Iterable[Entry]) -> ReadBack:
    """That the image carries exactly these files. ImageBroken: a file is missing, differs or is one too many."""
    wanted = {path: (size, digest) for path, size, digest in expected}
    done = ReadBack(0, 0)
    for path, size, digest in found:
        if path not in wanted:
            raise broken(image, Text(en=f"{path!r} is not in its manifest", zh=f"{path!r} 不在清单内"))
        if wanted.pop(path) != (size, digest):
            raise broken(image, Text(en=f"{path!r} differs from its manifest", zh=f"{path!r} 与清单不一致"))
        done = ReadBack(done.checked + 1, done.bytes + size)
    if wanted:
        first = next(iter(wanted))
        raise broken(
            image,
            Text(
                en=f"{counted(len(wanted), 'file is', 'files are')} missing, {first!r} first",
                zh=f"缺少 {len(wanted)} 个文件，如 {first!r}",
            ),
        )
    if not done.checked:
        raise broken(image, Text(en="it carries no files", zh="其中没有文件"))
    return done


def libarchive_files(image: Path, progress: Progress = int) -> Iterator[Entry]:
    """Every file, as libarchive finds it in the Rock Ridge tree.

    ImageBroken: it is no whole ISO 9660 image. StoreUnavailable: the disk did not answer.
    """
    import libarchive
    from libarchive.exception import ArchiveError

    try:
        with libarchive.file_reader(str(image)) as archive:
            for entry in archive:
                name = archive.format_name
                if not name.startswith(b"ISO9660"):
                    raise broken(image, Text(en="it is no ISO 9660 image", zh="不是 ISO 9660 映像"))
                if entry.isdir:
                    continue
                path = entry.pathname
                if not entry.isreg or entry.islnk:
                    raise broken(image, Text(en=f"{path!r} is no regular file", zh=f"{path!r} 不是普通文件"))
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
        raise broken(image, why) from error


def broken(image: Path, why: Text) -> ImageBroken:
    """That the image is not what was laid out."""
    return ImageBroken(Text(en=f"The image {image} is damaged: {why.en}.", zh=f"映像 {image} 已损坏：{why.zh}。"))
