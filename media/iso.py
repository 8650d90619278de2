"""Finding one file in an ISO 9660 image by its Rock Ridge name, reading no more of it than the folders on the way.

pycdlib reads all three trees of an image before it says anything of one file, and nothing at all where one folder of
them is unreadable. A disc in a drive is slow, may hold a hundred thousand files, and may be scratched: here each folder
is read when something in it is asked for, and what cannot be read is that folder alone.

Only what media/image.py writes is understood: the tree of the primary volume descriptor with Rock Ridge names, files of
several extents lying one behind the other. Anything else is ImageBroken, never a guess.

Standards: ECMA-119 (ISO 9660) 8.4, 9.1; SUSP 1.12 (CE, ST); RRIP 1.12 4.1.4 (NM).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from vault.errors import BlobMissing, ImageBroken
from vault.text import Text

SECTOR = 2_048  # bytes
_DESCRIPTOR = 16  # sector
_FOLDERS_KEPT = 16  # of a disc; a folder of 20,000 files takes 5 MB
_FOLDER_LIMIT = 256 << 20  # bytes; a folder that claims more is none
_IS_FOLDER, _GOES_ON = 0x02, 0x80  # ECMA-119, 9.1.6

OTHER_COPY = Text(
    en="Insert the other copy of the disc, or merge both: strongroom disc salvage",
    zh="请放入该光盘的另一份，或用 strongroom disc salvage 合并两份。",
)

ReadAt = Callable[[int, int], bytes]
"""The bytes from an offset on, as many as asked for; fewer at the end of the image alone."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where something lies in the image; both in bytes."""

    start: int
    size: int
    is_folder: bool


class IsoTree:
    """The folders of one image. What `read_at` raises comes through. May be used from several threads."""

    def __init__(self, read_at: ReadAt) -> None:
        self._read_at = read_at
        self._folders: OrderedDict[Extent, Mapping[str, Extent]] = OrderedDict()
        descriptor = read_at(_DESCRIPTOR * SECTOR, SECTOR)
        if descriptor[:7] != b"\x01CD001\x01":
            raise _broken(Text(en="it is no ISO 9660 image", zh="不是 ISO 9660 映像"))
        self.volume_id = descriptor[40:72].decode("ascii", "replace").rstrip()
        self._root = _extent(descriptor[156:190])

    def find(self, path: str) -> Extent:
        """Where a file lies. BlobMissing where the image has none of that name."""
        found = self._walk(path)
        if found.is_folder:
            raise _absent(path)
        return found

    def names(self, path: str) -> list[str]:
        """The names of what lies in a folder, ascending; none where there is no such folder."""
        try:
            found = self._walk(path)
        except BlobMissing:
            return []
        return sorted(self._folder(found)) if found.is_folder else []

    def _walk(self, path: str) -> Extent:
        here = self._root
        for name in path.split("/"):
            inside = self._folder(here) if here.is_folder else {}
            if name not in inside:
                raise _absent(path)
            here = inside[name]
        return here

    def _folder(self, extent: Extent) -> Mapping[str, Extent]:
        known = self._folders.get(extent)
        if known is None:
            if extent.size > _FOLDER_LIMIT:
                raise _broken(Text(en="a folder is impossibly large", zh="目录大小不合理"))
            known = dict(self._entries(self._read_at(extent.start, extent.size)))
            self._folders[extent] = known
            while len(self._folders) > _FOLDERS_KEPT:
                self._folders.popitem(last=False)
        return known

    def _entries(self, data: bytes) -> Iterator[tuple[str, Extent]]:
        """Names and extents, those of a file's pieces joined."""
        begun: Extent | None = None
        for record in _records(data):
            if record[32] == 1 and record[33:34] in (b"\0", b"\1"):
                continue  # the folder itself, and the one above
            extent = _extent(record)
            if begun is not None:
                if begun.start + begun.size != extent.start:
                    raise _broken(Text(en="a file lies in several places", zh="文件分散在多处"))
                extent = replace(begun, size=begun.size + extent.size)
            begun = extent if record[25] & _GOES_ON else None
            if begun is None:
                yield self._name(record), extent

    def _name(self, record: bytes) -> str:
        """The name in NM entries, wherever they go on; the plain ISO name where there are none."""
        plain = record[33 : 33 + record[32]]
        area = record[33 + record[32] + (1 - record[32] % 2) :]
        name = b""
        for _ in range(16):  # continuations; a name needs one
            area, more = self._system_use(area)
            name += more
            if not area:
                break
        return (name or plain).decode("utf-8", "replace")

    def _system_use(self, area: bytes) -> tuple[bytes, bytes]:
        """The area in which the entries go on, and what of the name is in this one."""
        goes_on, name = b"", b""
        while len(area) >= 4 and 4 <= area[2] <= len(area):
            entry, area = area[: area[2]], area[area[2] :]
            if entry[:2] == b"NM":
                name += entry[5:]
            elif entry[:2] == b"CE" and len(entry) >= 28:
                block, offset, size = (int.from_bytes(entry[at : at + 4], "little") for at in (4, 12, 20))
                goes_on = self._read_at(block * SECTOR + offset, min(size, SECTOR))
            elif entry[:2] == b"ST":
                break
        return goes_on, name


def _records(data: bytes) -> Iterator[bytes]:
    """Directory records, ECMA-119 6.8.1: none reaches over the end of a sector, and zeros fill what is left of it."""
    at = 0
    while at < len(data):
        length = data[at]
        if length == 0:
            at += SECTOR - at % SECTOR
            continue
        record = data[at : at + length]
        if length < 34 or len(record) < length or 33 + record[32] > length:
            raise _broken(Text(en="a folder cannot be read", zh="目录无法解析"))
        yield record
        at += length


def _extent(record: bytes) -> Extent:
    """ECMA-119 9.1.3, 9.1.4: the numbers stand in both orders; the first is little-endian."""
    start, size = (int.from_bytes(record[at : at + 4], "little") for at in (2, 10))
    return Extent(start * SECTOR, size, bool(record[25] & _IS_FOLDER))


def _absent(path: str) -> BlobMissing:
    return BlobMissing(Text(en=f"{path!r} is not on the disc.", zh=f"光盘上没有 {path!r}。"))


def _broken(why: Text) -> ImageBroken:
    return ImageBroken(Text(en=f"The disc is damaged: {why.en}.", zh=f"光盘已损坏：{why.zh}。"), OTHER_COPY)
