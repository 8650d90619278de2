"""The workers' side of an intake: a batch of files, or an archive's members, become objects and descriptions.

What a file says of itself is read from the copy that was just stored, so the facts are those of the very bytes kept.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import local

from vault.errors import ContainerRefused, SourceProblem, StrongroomError
from vault.intake.activities import Activity
from vault.intake.containers import members
from vault.intake.items import Item, Rejected, announce
from vault.intake.landing import Brought, Failed, Quay, new_buffer
from vault.intake.media_facts import Ask, MediaFacts, MediaReader, sniff
from vault.records import RecordFile
from vault.store import Vault
from vault.text import Text

FILES = 256  # in one batch
BYTES = 64 << 20  # in one batch; a larger file is a batch of its own
ALONE = 4 << 20  # files at least this large do not wait for company


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is stored and described."""

    item: Item
    file: RecordFile
    stores: tuple[str, ...]
    damaged_on: tuple[str, ...]
    notes: tuple[Text, ...]


@dataclass(slots=True)
class Pending:
    """An activity, and how much of it has arrived. `waiting` is the filing thread's, the rest its workers'."""

    activity: Activity
    waiting: int
    arrived: dict[int, Arrived] = field(default_factory=dict)
    refused: list[Rejected] = field(default_factory=list)
    error: StrongroomError | None = None
    failed_at: str = ""

    def fail(self, error: StrongroomError, where: str) -> None:
        """Remember the first trouble: one file that cannot come in keeps its activity from being filed."""
        if self.error is None:
            self.error, self.failed_at = error, where


Part = tuple[Pending, int, Item]


class Bringer:
    """What workers share: the quay, the reader of media, and each worker's own buffer."""

    def __init__(self, vault: Vault, quay: Quay, media: MediaReader, now: datetime) -> None:
        self._vault = vault
        self._quay = quay
        self._media = media
        self._now = now
        self._own = local()

    def files(self, parts: Sequence[Part]) -> list[Pending]:
        """Land a batch of files; returns the activities they belong to, once for each file."""
        if len(parts) > 1:
            for _, _, item in parts:
                announce(item.path)
        landed = self._quay.land((item for _, _, item in parts), self._buffer())
        told: list[Pending] = []
        for (pending, place, _), one in zip(parts, landed, strict=True):
            self._note(pending, place, one)
            told.append(pending)
        return told

    def container(self, pending: Pending) -> list[Pending]:
        """Land an archive's members as they stream past, batch by batch; all of them make one activity."""
        container = pending.activity.container
        assert container is not None
        stream = members(container)
        count = 0
        try:
            while batch := self._quay.land(_some(stream, pending.refused), self._buffer()):
                for one in batch:
                    self._note(pending, count, one)
                    count += 1
        except SourceProblem as error:
            pending.fail(error, container.where)
        finally:
            if isinstance(stream, Generator):
                stream.close()
        if not count and pending.error is None:
            pending.fail(_nothing_in(container.where), container.where)
        pending.waiting = 1
        return [pending]

    def _note(self, pending: Pending, place: int, landed: Brought | Failed) -> None:
        if isinstance(landed, Failed):
            pending.fail(landed.error, landed.item.where)
            return
        pending.arrived[place] = self._described(landed)

    def _described(self, brought: Brought) -> Arrived:
        item = brought.item
        media = self._media_facts(brought)
        file = RecordFile(
            sha256=brought.digest.hex,
            size=brought.size,
            name=item.name,
            raw_name=item.raw_name,
            sm3=brought.sm3,
            container=item.container,
            modified_at=item.modified_at,
            media_type=media.media_type,
            recorded_at=media.recorded_at,
            duration_ms=media.duration_ms,
            device_model=media.device_model,
        )
        return Arrived(item, file, brought.stores, brought.damaged_on, media.notes)

    def _media_facts(self, brought: Brought) -> MediaFacts:
        kind = sniff(brought.head)
        if kind.ask is Ask.NOBODY:
            return MediaFacts(kind.media_type)
        with self._vault.open_object(brought.digest) as stream:  # of any store: one may just have gone
            return self._media.what_the_media_says(stream, self._vault.profile.zone, self._now)

    def _buffer(self) -> memoryview:
        if not hasattr(self._own, "block"):
            self._own.block = new_buffer()
        buffer: memoryview = self._own.block
        return buffer


def _some(stream: Iterator[Item | Rejected], refused: list[Rejected]) -> Iterator[Item]:
    """The next batch of members; asks for one only when the one before has been read."""
    count = size = 0
    for found in stream:
        if isinstance(found, Rejected):
            refused.append(found)
            continue
        yield found
        count += 1
        size += found.size or ALONE
        if count >= FILES or size >= BYTES:
            return


def batches(parts: Iterable[Part | Pending]) -> Iterator[list[Part] | Pending]:
    """Small files in company, large ones and archives alone."""
    batch: list[Part] = []
    size = 0
    for part in parts:
        if isinstance(part, Pending):
            yield part
            continue
        item = part[2]
        if (item.size or 0) >= ALONE:
            yield [part]
            continue
        batch.append(part)
        size += item.size or 0
        if len(batch) >= FILES or size >= BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _nothing_in(where: str) -> ContainerRefused:
    return ContainerRefused(Text(en=f"{where} has no file that could be kept.", zh=f"{where} 中没有可入库的文件。"))
