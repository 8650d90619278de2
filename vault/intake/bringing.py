"""A porter's work: a batch of files, or an archive's members, become objects and descriptions.

What a file says of itself is read from the copy that was just stored, so the facts are those of the very bytes kept.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from vault.errors import ContainerRefused, SourceProblem
from vault.intake.containers import members
from vault.intake.items import Container, FileItem, FileStream, Item, Rejected
from vault.intake.landing import Brought, Quay, new_buffer
from vault.intake.media_facts import Ask, MediaFacts, MediaReader, sniff
from vault.records import RecordFile
from vault.store import Vault
from vault.text import Text

_MEMBERS = 256  # of an archive that are landed together
_BYTES = 64 << 20  # or so many bytes


class Arrived(msgspec.Struct, frozen=True, gc=False):
    """A file that is stored and described."""

    where: str
    file: RecordFile
    stores: tuple[str, ...]
    damaged_on: tuple[str, ...]
    notes: tuple[Text, ...]


class Failed(msgspec.Struct, frozen=True):
    """A file, or an archive, that could not come in; nothing of it is filed."""

    where: str
    error: SourceProblem


class Unpacked(msgspec.Struct, frozen=True):
    """What became of an archive. `failed`: the first trouble, for which it is not taken in, whatever has arrived."""

    arrived: list[Arrived]
    refused: list[Rejected]
    failed: Failed | None


class Load(msgspec.Struct, frozen=True):
    """What a porter is handed: files that land together, or an archive, and the stores on which they are to land."""

    stores: tuple[str, ...]
    items: Sequence[FileItem] = ()
    archive: Container | None = None


Answer = list[Arrived | Failed] | Unpacked


class Bringer:
    """The quay, the reader of media and the buffer of one porter."""

    def __init__(self, vault: Vault, quay: Quay, media: MediaReader, now: datetime) -> None:
        self._vault = vault
        self._quay = quay
        self._media = media
        self._now = now
        self._buffer = new_buffer()

    def bring(self, load: Load) -> Answer:
        """Land files in company, or an archive's members as they stream past. StoreUnavailable: too few stores."""
        if load.archive is not None:
            return self._archive(load.archive, load.stores)
        return self._files(load.items, load.stores)

    def _files(self, items: Sequence[FileItem], stores: Sequence[str]) -> list[Arrived | Failed]:
        ahead = [_Ahead(item) for item in items]
        try:
            landed = self._quay.land(ahead, stores, self._buffer)
        finally:
            for one in ahead:
                one.close()
        return [self._told(item, one) for item, one in zip(items, landed, strict=True)]

    def _archive(self, container: Container, stores: Sequence[str]) -> Unpacked:
        unpacked = Unpacked([], [], None)
        stream = members(container)
        failed: Failed | None = None
        try:
            while True:
                batch: list[Item] = []
                landed = self._quay.land(_some(stream, batch, unpacked.refused), stores, self._buffer)
                if not batch:
                    break
                for item, one in zip(batch, landed, strict=True):
                    told = self._told(item, one)
                    if isinstance(told, Failed):
                        failed = failed or told
                    else:
                        unpacked.arrived.append(told)
        except SourceProblem as error:
            failed = failed or Failed(container.where, error)
        finally:
            if isinstance(stream, Generator):
                stream.close()
        if not unpacked.arrived and failed is None:
            failed = Failed(container.where, _nothing_in(container.where))
        return msgspec.structs.replace(unpacked, failed=failed)

    def _told(self, item: Item, landed: Brought | SourceProblem) -> Arrived | Failed:
        if isinstance(landed, SourceProblem):
            return Failed(item.where, landed)
        media = self._media_facts(landed)
        file = RecordFile(
            sha256=landed.digest.hex,
            size=landed.size,
            name=item.name,
            raw_name=item.raw_name,
            sm3=landed.sm3,
            container=item.container,
            modified_at=item.modified_at,
            media_type=media.media_type,
            recorded_at=media.recorded_at,
            duration_ms=media.duration_ms,
            device_model=media.device_model,
            sound=media.sound,
        )
        return Arrived(item.where, file, landed.stores, landed.damaged_on, media.notes)

    def _media_facts(self, brought: Brought) -> MediaFacts:
        kind = sniff(brought.head)
        if kind.ask is Ask.NOBODY:
            return MediaFacts(kind.media_type)
        with self._vault.open_object(brought.digest) as stream:  # of any store: one may just have gone
            return self._media.what_the_media_says(stream, self._vault.profile.zone, self._now)


class _Ahead:
    """A file opened before its turn and announced to the kernel, so that many small ones are read at once."""

    __slots__ = ("_item", "_stream", "size")

    def __init__(self, item: FileItem) -> None:
        self.size = item.size
        self._item = item
        self._stream: FileStream | None = None
        with suppress(SourceProblem):  # said when it is its turn
            self._stream = item.open()
            self._stream.announce()

    def open(self) -> FileStream:
        stream, self._stream = self._stream, None
        return stream if stream is not None else self._item.open()

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


def _some(stream: Iterator[Item | Rejected], batch: list[Item], refused: list[Rejected]) -> Iterator[Item]:
    """The next members, noted in `batch`; asks for one only when the one before has been read."""
    size = 0
    for found in stream:
        if isinstance(found, Rejected):
            refused.append(found)
            continue
        batch.append(found)
        yield found
        size += found.size or 0
        if len(batch) >= _MEMBERS or size >= _BYTES:
            return


def _nothing_in(where: str) -> ContainerRefused:
    return ContainerRefused(Text(en=f"{where} has no file that could be kept.", zh=f"{where} 中没有可入库的文件。"))
