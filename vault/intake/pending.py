"""Activities on their way: which of their files have landed, and the batches in which files are handed to porters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from vault.intake.activities import Activity
from vault.intake.bringing import Answer, Arrived, Failed, Load, Unpacked
from vault.intake.items import FileItem, Rejected

FILES = 256  # in one batch
BYTES = 64 << 20  # in one batch; a larger file is a batch of its own
ALONE = 4 << 20  # files at least this large do not wait for company


@dataclass(slots=True)
class Pending:
    """An activity, where it lands, and what has arrived of it. `waiting`: for so many files, or for one archive."""

    activity: Activity
    stores: tuple[str, ...]
    waiting: int
    arrived: dict[int, Arrived] = field(default_factory=dict)
    refused: list[Rejected] = field(default_factory=list)
    failed: Failed | None = None

    def fail(self, failed: Failed) -> None:
        """Remember the first trouble: one file that cannot come in keeps its activity from being filed."""
        self.failed = self.failed or failed


class Part(msgspec.Struct, frozen=True, gc=False):
    """One file of an activity, the `place`th."""

    pending: Pending
    place: int
    item: FileItem


class Batch(msgspec.Struct, frozen=True):
    """Files that land together; or one archive, whose members do."""

    stores: tuple[str, ...]
    parts: list[Part] = []
    archive: Pending | None = None

    @property
    def load(self) -> Load:
        """What a porter is handed of it."""
        if self.archive is not None:
            return Load(self.stores, archive=self.archive.activity.container)
        return Load(self.stores, [part.item for part in self.parts])

    def landed(self, answer: Answer) -> Iterator[Pending]:
        """Note what became of it; the activities that are now complete."""
        if isinstance(answer, Unpacked):
            assert self.archive is not None
            self.archive.arrived = dict(enumerate(answer.arrived))
            self.archive.refused = answer.refused
            if answer.failed is not None:
                self.archive.fail(answer.failed)
            yield self.archive
            return
        for part, one in zip(self.parts, answer, strict=True):
            pending = part.pending
            if isinstance(one, Failed):
                pending.fail(one)
            else:
                pending.arrived[part.place] = one
            pending.waiting -= 1
            if not pending.waiting:
                yield pending


def batches(coming: Iterable[Pending]) -> Iterator[Batch]:
    """Small files in the company of others that go to the same stores, large ones and archives alone."""
    waiting: dict[tuple[str, ...], list[Part]] = {}
    sizes: dict[tuple[str, ...], int] = {}
    for pending in coming:
        stores = pending.stores
        if pending.activity.container is not None:
            yield Batch(stores, archive=pending)
            continue
        for place, item in enumerate(pending.activity.items):
            if item.size >= ALONE:
                yield Batch(stores, [Part(pending, place, item)])
                continue
            parts = waiting.setdefault(stores, [])
            parts.append(Part(pending, place, item))
            sizes[stores] = sizes.get(stores, 0) + item.size
            if len(parts) >= FILES or sizes[stores] >= BYTES:
                del sizes[stores]
                yield Batch(stores, waiting.pop(stores))
    for stores, parts in waiting.items():
        yield Batch(stores, parts)
