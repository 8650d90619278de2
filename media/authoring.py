"""What writes an image, by pycdlib: ISO 9660 with Rock Ridge and Joliet, and UDF 1.02 over the same bytes.

- The same layout, volume name and moment give the same bytes (media/pinned.py).
- Rock Ridge 1.09: with 1.12 libarchive returns every file as 0 bytes, and says nothing.
- blocks-sha256.txt (media/blocks.py) is written as zeros, in the place and of the size that pycdlib gives it.
- A failure anywhere throws pycdlib's object away: it has no way back from a half-added file.
"""

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from media.blocks import BLOCK_LIST, BlockHashes, BlockList, list_size
from media.isonames import Names, name_all
from media.mediums import SECTOR
from media.pinned import Clock, pinned
from media.sharing import Sharing
from media.target import Target
from vault.bag import BagLayout
from vault.bagfile import BagFile
from vault.errors import StrongroomError
from vault.outputs import Progress
from vault.packed import Packed
from vault.text import Text
from vault.verified import BLOCK, OpenObject, VerifiedStream


def author(
    file: Target,
    layout: BagLayout,
    open_object: OpenObject,
    volume_id: str,
    when: datetime,
    hashes: BlockHashes,
    progress: Progress,
) -> BlockList:
    """Write the image of the layout into `file`, and say where the block list has to go.

    `hashes` is told of the image first, since what it sees of the writing means nothing without.
    BlobCorrupt: an object does not hash to its name. What `file` and the store raise comes through.
    """
    seed = hashlib.sha256()
    for path in layout.tags:
        seed.update(layout.tags[path])
    with _uncollected(), pinned(when, seed.digest()) as clock:
        return _author(file, layout, open_object, volume_id, when, hashes, clock, progress)


@contextmanager
def _uncollected() -> Iterator[None]:
    """What pycdlib makes, millions of objects for a full disc, lives to the end: looking for what does not took a fifth
    of the time. All of it goes when it is looked for again."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _author(
    file: Target,
    layout: BagLayout,
    open_object: OpenObject,
    volume_id: str,
    when: datetime,
    hashes: BlockHashes,
    clock: Clock,
    progress: Progress,
) -> BlockList:
    import pycdlib
    from pycdlib.pycdlibexception import PyCdlibException

    folders, names = names_of(layout)
    image: Any = pycdlib.PyCdlib()
    payload: list[_Payload] = []
    sharing = Sharing()
    try:
        image.new(**_FORMAT, vol_ident=volume_id)
        for folder in folders:
            image.add_directory(**_places(folder), file_mode=0o040555)
        sharing.thin_folders(image)
        for path in layout.tags:
            tag, size = _Tag(layout.tags, path), layout.tags.size(path)
            image.add_fp(tag, size, **_places(names[path]), file_mode=0o100444)
        # In the order of their names: pycdlib recounts a folder from where it inserts, and 20,000 files took 25 s.
        for entry in sorted(layout.payload, key=lambda entry: names[entry.path].iso):
            clock.set(entry.file.modified_at or when)
            payload.append(_Payload(entry, open_object, progress))
            image.add_fp(payload[-1], entry.size, **_places(names.pop(entry.path)), file_mode=0o100444)
            sharing.thin(image.inodes[-1], clock.time())
        clock.set(when)
        listed = _keep_place(image, names[BLOCK_LIST])
        hashes.begin(listed, _first_file(image, layout, names))
        image.write_fp(file, blocksize=BLOCK)
        return listed
    except PyCdlibException as error:
        what = Text(en=f"The image cannot be laid out: {error}", zh=f"无法编排光盘映像：{error}")
        raise StrongroomError(what) from error
    finally:
        for each in payload:
            each.close()
        with suppress(PyCdlibException):  # it has nothing to close where `new` failed
            image.close()


def names_of(layout: BagLayout) -> tuple[list[Names], dict[str, Names]]:
    """Names of all folders and files of the layout's image, the block list's included."""
    return name_all([*layout.tags, BLOCK_LIST, *(entry.path for entry in layout.payload)])


def _first_file(image: Any, layout: BagLayout, names: Mapping[str, Names]) -> int:
    """Where the first file begins: pycdlib puts those of the root before all others, and every folder before them."""
    top = [path for path in layout.tags if layout.tags.size(path) and "/" not in path]
    starts: list[int] = [image.get_file_byte_extents(udf_path=names[path].path)[0][0] for path in top]
    return min(starts)


def _keep_place(image: Any, names: Names) -> BlockList:
    """Zeros for the block list. Its size follows from the image's, and that from its: they grow until both agree."""
    image.add_fp(_Zeros(), 1, **_places(names), file_mode=0o100444)
    image.force_consistency()
    rest = image.pvd.space_size - 1  # sectors
    image.rm_file(**_places(names))
    size = 0
    while (larger := list_size((rest + -(-size // SECTOR)) * SECTOR)) != size:
        size = larger
    image.add_fp(_Zeros(), size, **_places(names), file_mode=0o100444)
    ((start, _),) = image.get_file_byte_extents(udf_path=names.path)
    return BlockList(image.pvd.space_size * SECTOR, start, size)


_FORMAT = {
    "interchange_level": 4,
    "rock_ridge": "1.09",
    "joliet": 3,
    "udf": "2.60",  # as pycdlib calls it; what it writes is 1.02 (NSR02), by its own descriptors
    "app_ident_str": "STRONGROOM",
}


def _places(names: Names) -> dict[str, str]:
    return {"iso_path": names.iso, "rr_name": names.name, "joliet_path": names.joliet, "udf_path": names.path}


class _Zeros:
    """What keeps a place, as pycdlib reads it."""

    mode = "rb"  # pycdlib looks at it

    def seek(self, offset: int) -> None:
        """Every place looks the same."""

    def read(self, count: int) -> bytes:
        return bytes(count)


class _Tag:
    """A tag file as pycdlib reads it, in memory only while it does."""

    __slots__ = ("_left", "_path", "_tags")

    mode = "rb"  # pycdlib looks at it

    def __init__(self, tags: Packed, path: str) -> None:
        self._tags = tags
        self._path = path
        self._left = memoryview(b"")

    def seek(self, offset: int) -> None:
        self._left = memoryview(self._tags[self._path])[offset:]

    def read(self, count: int) -> bytes:
        block, self._left = bytes(self._left[:count]), self._left[count:] or memoryview(b"")
        return block


class _Payload:
    """A payload file as pycdlib reads it: `seek(0)`, then blocks up to the length it was told."""

    __slots__ = ("_entry", "_open_object", "_progress", "_stream")

    mode = "rb"  # pycdlib looks at it

    def __init__(self, entry: BagFile, open_object: OpenObject, progress: Progress) -> None:
        self._entry = entry
        self._open_object = open_object
        self._progress = progress
        self._stream: VerifiedStream | None = None
        if entry.size == 0:  # pycdlib will not ask for its bytes
            self.seek(0)
            self.read(0)

    def seek(self, offset: int) -> None:
        if offset:
            raise ValueError("a payload file is read from its beginning")
        self.close()
        self._stream = VerifiedStream(self._entry.file, self._open_object, self._entry.part)

    def read(self, count: int) -> bytes:
        if self._stream is None:
            raise ValueError("read before seek")
        block = self._stream.read(count)
        self._progress(len(block))
        if self._stream.is_over:  # pycdlib keeps what it has read from to the end
            self.close()
        return block

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
