"""Collectors' archives: their members become items, streamed in the archive's order and never written by name.

What is a container: a file whose name ends like one (.zip .tar .tar.gz .tgz .tar.bz2 .tbz .tbz2 .tar.xz .txz
.tar.zst .tzst .7z .iso) and whose first bytes agree. The ending alone decides whether it is opened, so a .docx or .jar
(ZIP inside) stays the document that it is, and an archive without such an ending is kept whole; the bytes then
decide which of the formats it is read as, and a file that ends like an archive and is none is refused, not kept as if
it had been looked into. An archive inside an archive is an ordinary file.

- Only regular members are taken. Links, devices and fifos are Rejected, each by name. Folders are nothing to keep.
- A member's name is provenance. `../` and absolute names are kept as they are and lead nowhere.
- Refusal is loud and final: an archive that is encrypted, cut off, damaged or over a budget raises from wherever it
  was noticed, and again from the iterator. What its earlier members were is then the caller's to judge.
- ISO 9660 images carry no checksums, nor does a plain tar: what a flipped bit did to one before it came here, nobody
  can tell. A disc image with UDF alone is refused; where both are present the ISO 9660 side is read.
- A ZIP without the "extended timestamp" field says local time; it is read in this machine's zone.
- One member at a time: it must be read to its end before the next is asked for. Memory is libarchive's window.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vault.errors import ContainerRefused, SourceChanged, StrongroomError
from vault.intake.items import Container, Fingerprint, Rejected, changed, empty, moment_of, open_source, unreadable
from vault.intake.names import Name, name_in_archive, shown
from vault.records import MOST_FILES
from vault.text import Text

if TYPE_CHECKING:
    from vault.intake.archive_reader import Archive, Format, Header

ENDINGS = (
    *(".zip", ".7z", ".iso", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2"),
    *(".tar.xz", ".txz", ".tar.zst", ".tzst"),
)


@dataclass(frozen=True, slots=True)
class Budgets:
    """How much one archive may ask of us before it is taken for a trap."""

    total_bytes: int = 1 << 40  # of all members together, unpacked
    members: int = 200_000  # entries of any kind
    files: int = MOST_FILES  # they make one record
    ratio: int = 200  # unpacked bytes for each byte of the archive; recordings hardly shrink, deflate ends at 1,032
    ratio_from: int = 64 << 20  # unpacked bytes from which the ratio counts: small texts may shrink more
    name_bytes: int = 1_024
    depth: int = 32  # folders in a member's name


def is_container_name(name: str) -> bool:
    """Whether a file of this name is to be opened as an archive."""
    return name.casefold().endswith(ENDINGS)


def members(container: Container, budgets: Budgets | None = None) -> Iterator["MemberItem | Rejected"]:
    """The members, in the archive's order. ContainerRefused, SourceChanged or SourceUnreadable end it, never silence.

    Asking for the next one before an item was read to its end is a RuntimeError. Close the iterator if you leave early.
    """
    reading = _Reading(container, budgets or Budgets())
    try:
        yield from reading.members()
    finally:
        reading.close()


@dataclass(frozen=True, slots=True)
class MemberItem:
    """A regular member of an archive. It can be opened once, while it is the latest one that was handed out."""

    name: str
    raw_name: str
    container: str
    size: int
    modified_at: datetime | None
    path: str
    folder: str
    where: str
    sidecars: tuple[Path, ...]
    _reading: "_Reading" = field(repr=False, compare=False)
    _number: int

    @property
    def direct(self) -> bool:
        return False

    @property
    def fingerprint(self) -> None:
        return None

    @contextmanager
    def open(self) -> Iterator["_MemberStream"]:
        """ContainerRefused where the member is encrypted. RuntimeError out of turn."""
        self._reading.start(self._number)
        yield _MemberStream(self, self._reading)


class _MemberStream:
    __slots__ = ("_item", "_read", "_reading")

    def __init__(self, item: MemberItem, reading: "_Reading") -> None:
        self._item = item
        self._reading = reading
        self._read = 0

    def readinto(self, buffer: memoryview) -> int:
        if not buffer.nbytes:
            raise ValueError("an empty buffer cannot tell data from the end")
        count = self._reading.read(self._item._number, buffer)
        self._read += count
        if not count and self._read != self._item.size:
            raise self._reading.refuse(
                Text(
                    en=f"{self._item.where} holds {self._read:,} bytes where the archive says {self._item.size:,}.",
                    zh=f"{self._item.where} 实有 {self._read:,} 字节，与压缩包所记 {self._item.size:,} 字节不符。",
                )
            )
        return count

    def fileno(self) -> None:
        return None


class _Reading:
    """One pass over one archive: where it stands, what it has cost so far, why it was given up."""

    def __init__(self, container: Container, budgets: Budgets) -> None:
        self._container = container
        self._budgets = budgets
        self._where = container.where
        self._failure: StrongroomError | None = None
        self._number = 0
        self._files = 0
        self._opened = self._finished = True
        self._unpacked = self._declared = 0
        self._archive: Archive | None = None
        self._descriptor = open_source(container.path)
        self._before = Fingerprint.of(os.fstat(self._descriptor))

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()
            self._archive = None
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def members(self) -> Iterator[MemberItem | Rejected]:
        from vault.intake.archive_reader import Archive, ArchiveTrouble

        format_ = self._kind()
        anything = False
        try:
            self._archive = Archive(self._descriptor, format_)
            while (header := self._archive.next()) is not None:
                self._number += 1
                found = self._member(header)
                if found is not None:
                    anything = True
                    self._opened = self._finished = isinstance(found, Rejected)
                    yield found
                    self._turn_over()
        except ArchiveTrouble as error:
            raise self._trouble(error) from error
        if Fingerprint.of(os.fstat(self._descriptor)) != self._before:
            raise changed(self._where)
        if not anything:
            raise self.refuse(
                Text(en=f"{self._where} holds no files.", zh=f"{self._where} 中没有任何文件。"),
            )

    def _turn_over(self) -> None:
        if self._failure is not None:
            raise self._failure
        if not self._finished:
            raise RuntimeError("the member handed out last was not read to its end")

    def start(self, number: int) -> None:
        if self._failure is not None:
            raise self._failure
        if number != self._number or self._opened or self._archive is None:
            raise RuntimeError("a member can be opened once, before the next one is asked for")
        self._opened = True

    def read(self, number: int, buffer: memoryview) -> int:
        from vault.intake.archive_reader import ArchiveTrouble

        if self._failure is not None:
            raise self._failure
        if self._archive is None or number != self._number:
            raise RuntimeError("this member is over")
        if self._finished:
            return 0
        try:
            count = self._archive.readinto(buffer)
        except ArchiveTrouble as error:
            raise self._trouble(error) from error
        self._unpacked += count
        self._finished = count == 0
        budgets = self._budgets
        self._within("total_bytes", self._unpacked, budgets.total_bytes)
        if self._unpacked > budgets.ratio_from:
            self._within("ratio", -(-self._unpacked // self._container.size), budgets.ratio)
        return count

    def _member(self, header: "Header") -> MemberItem | Rejected | None:
        self._within("members", self._number, self._budgets.members)
        self._within("name_bytes", len(header.name), self._budgets.name_bytes)
        self._within("depth", header.name.count(b"/"), self._budgets.depth)
        if header.kind == stat.S_IFDIR:
            return None
        name = name_in_archive(header.name)
        where = f"{self._where}: {shown(name.text)}"
        if header.encrypted:
            raise self.refuse(_encrypted(where))
        self._declared += header.size or 0
        self._within("total_bytes", self._declared, self._budgets.total_bytes)
        if header.hardlink or header.kind not in (stat.S_IFREG, 0):
            return Rejected(where, ContainerRefused(_no_file(where, header)))
        if header.size is None:  # found with Rock Ridge 1.12: libarchive then gives every file as one without bytes
            raise self.refuse(
                Text(
                    en=f"{where}: its length cannot be told. If this is a disc image, mount it and take the folder in.",
                    zh=f"{where}：无法确定长度。如为光盘映像，请挂载后将文件夹入库。",
                )
            )
        if header.size == 0:
            return Rejected(where, empty(where))
        return self._item(name, header, header.size, where)

    def _item(self, name: Name, header: "Header", size: int, where: str) -> MemberItem:
        self._files += 1
        self._within("files", self._files, self._budgets.files)
        path = f"{self._container.path}/{name.text}"
        return MemberItem(
            name=name.text,
            raw_name=name.raw,
            container=self._container.name,
            size=size,
            modified_at=None if header.modified is None else moment_of(header.modified),
            path=path,
            folder=path.rpartition("/")[0],
            where=where,
            sidecars=self._container.sidecars,
            _reading=self,
            _number=self._number,
        )

    def _within(self, limit: str, value: int, most: int) -> None:
        if value > most:
            called = _LIMITS[limit]
            raise self.refuse(
                Text(
                    en=f"{self._where} is over the limit of {most:,} {called.en}.",
                    zh=f"{self._where} 超过限额：{called.zh}最多 {most:,}。",
                )
            )

    def refuse(self, why: Text) -> ContainerRefused:
        """Give the archive up for good."""
        refused = ContainerRefused(
            why,
            Text(
                en="The archive was left as it is. If it is genuine, unpack it elsewhere and take the folder in.",
                zh="压缩包保持原样。如确认无误，请在别处解压后将文件夹入库。",
            ),
        )
        self._failure = refused
        return refused

    def _trouble(self, error: Exception) -> ContainerRefused | SourceChanged:
        """An archive that is still being copied looks damaged: first see whether it stood still."""
        if self._failure is None and Fingerprint.of(os.fstat(self._descriptor)) != self._before:
            failure = changed(self._where)
            self._failure = failure
            return failure
        said = str(error)
        if "ncrypted" in said or "assphrase" in said:
            return self.refuse(_encrypted(self._where))
        return self.refuse(
            Text(
                en=f"{self._where} is damaged or cut off ({shown(said)}).",
                zh=f"{self._where} 已损坏或不完整（{shown(said)}）。",
            )
        )

    def _kind(self) -> "Format":
        try:
            head = os.pread(self._descriptor, 512, 0)
            volume = os.pread(self._descriptor, 2048, 32_768)
        except OSError as error:
            raise unreadable(self._where, error) from error
        kind = kind_of(head, volume)
        if kind is None and volume[1:6] in (b"BEA01", b"NSR02", b"NSR03"):
            raise self.refuse(
                Text(
                    en=f"{self._where} is a disc image with UDF alone, which cannot be looked into here; mount it.",
                    zh=f"{self._where} 是仅含 UDF 的光盘映像，无法直接读取；请挂载后入库。",
                )
            )
        if kind is None:
            raise self.refuse(
                Text(
                    en=f"{self._where} is named like an archive and is none.",
                    zh=f"{self._where} 的名称像压缩包，但内容不是。",
                )
            )
        if volume_bytes(volume) > self._before.size and kind == "ISO 9660":
            raise self.refuse(
                Text(
                    en=f"{self._where} is cut off: the image says {volume_bytes(volume):,} bytes.",
                    zh=f"{self._where} 不完整：映像记载应有 {volume_bytes(volume):,} 字节。",
                )
            )
        return kind


def kind_of(head: bytes, volume: bytes) -> "Format | None":
    """The format that a file's first 512 bytes and its 17th sector (2,048 bytes from 32,768) are of."""
    from vault.intake.archive_reader import Format

    for magic, kind in (
        (b"PK\x03\x04", Format.ZIP),  # APPNOTE 4.3.7
        (b"PK\x05\x06", Format.ZIP),  # 4.3.16: an empty one
        (b"7z\xbc\xaf\x27\x1c", Format.SEVEN_ZIP),
        (b"\x1f\x8b\x08", Format.TAR_GZIP),  # RFC 1952
        (b"BZh", Format.TAR_BZIP2),
        (b"\xfd7zXZ\x00", Format.TAR_XZ),
        (b"\x28\xb5\x2f\xfd", Format.TAR_ZSTD),  # RFC 8878 3.1.1
    ):
        if head.startswith(magic):
            return kind
    if volume[1:6] == b"CD001":  # ECMA-119 8.1.2
        return Format.ISO
    return Format.TAR if _is_tar(head) else None


def volume_bytes(volume: bytes) -> int:
    """Size of an ISO 9660 volume in bytes, by its primary descriptor (ECMA-119 8.4.8 and 8.4.12); 0 if it is none."""
    if len(volume) < 130 or volume[0] != 1:
        return 0
    return int.from_bytes(volume[80:84], "little") * int.from_bytes(volume[128:130], "little")


def _is_tar(head: bytes) -> bool:
    """Whether the block's checksum is right (POSIX ustar: its own eight bytes count as spaces)."""
    written = head[148:156].strip(b" \0")
    if len(head) != 512 or not written.isdigit():
        return False
    try:
        return int(written, 8) == sum(head) - sum(head[148:156]) + 8 * 0x20
    except ValueError:
        return False


_LIMITS = {
    "total_bytes": Text(en="bytes unpacked", zh="解压后字节数"),
    "members": Text(en="members", zh="成员数"),
    "files": Text(en="files in one record", zh="单条记录文件数"),
    "ratio": Text(en="unpacked bytes for each byte (an archive bomb looks like this)", zh="解压倍数（疑似压缩炸弹）"),
    "name_bytes": Text(en="bytes in a member's name", zh="成员名称字节数"),
    "depth": Text(en="folders in a member's name", zh="成员名称中的文件夹层数"),
}


def _encrypted(where: str) -> Text:
    return Text(en=f"{where} is encrypted.", zh=f"{where} 已加密。")


def _no_file(where: str, header: "Header") -> Text:
    if header.hardlink:
        return Text(en=f"{where} is a hard link to another member.", zh=f"{where} 是指向其他成员的硬链接。")
    if header.kind == stat.S_IFLNK:
        return Text(en=f"{where} is a symbolic link.", zh=f"{where} 是符号链接。")
    return Text(en=f"{where} is a device, fifo or socket.", zh=f"{where} 是设备、管道或套接字。")
