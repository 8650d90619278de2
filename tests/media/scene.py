"""Records of an office, their objects in memory, and the discs that are made of them."""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from media.layout import lay_disc
from media.mediums import Medium
from media.placing import Disc, digest_parts
from media.planning import Piece, Plan, PlannedDisc
from vault.bag import BagLayout
from vault.bagfolder import write_bag
from vault.discs.model import DiscSet
from vault.facts import Facts
from vault.records import Record, RecordFile, Standing
from vault.text import Text

NOW = datetime(2026, 7, 14, 7, 4, 5, tzinfo=UTC)
TAKEN = datetime(2026, 3, 1, 1, 2, 3, tzinfo=UTC)
SMALL = Medium("试", Text(en="try", zh="试"), 1_056)  # 2 MiB, of which a plan keeps one for a disc's own needs
PROOFS = {
    "journal/key.txt": b"strongroom/0123456789abcdef+6ae62e6f+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n",
    "journal/proofs-0001.jsonl": b'{"record":"2026-0000001","seq":7,"act":"record.stored"}\n',
}


def one_disc(records: Sequence[Record], medium: Medium) -> Plan:
    """Everything whole on a single disc, however much that is."""
    disc = PlannedDisc(medium.size)
    for record in records:
        disc.pieces += [Piece(record.number, n, 0, file.size, file.size) for n, file in enumerate(record.files)]
    return Plan(medium, 0, (disc,))


class Shelf:
    """Objects in memory, opened as a store would."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def file(self, name: str, data: bytes, modified_at: datetime = TAKEN) -> RecordFile:
        sha256 = hashlib.sha256(data).hexdigest()
        self.objects[sha256] = data
        return RecordFile(sha256=sha256, size=len(data), name=name, modified_at=modified_at)

    @contextmanager
    def open(self, file: RecordFile) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.objects[file.sha256])


def record(number: int, *files: RecordFile, facts: Facts | None = None) -> Record:
    return Record(
        number=f"2026-{number:07}",
        facts=facts or Facts(case_name="邓州市某公司违规收费案", party="王芳", section="会计科", recorded_at=TAKEN),
        origins={"case_name": "option"},
        files=files,
        stored_at=NOW,
        stored_by="李强",
        standing=Standing.KEPT,
    )


def disc(number: int = 1, discs: int = 1) -> Disc:
    of = DiscSet(
        number="2026-0001",
        records=("2026-0000001",),
        unit="邓州市财政局",
        producer="张建国",
        produced_at=NOW,
        activity="邓州市某公司违规收费案",
        discs=discs,
    )
    return Disc(set=of, number=number, vault="0123456789abcdef", medium="dvd+r", zone=ZoneInfo("Asia/Shanghai"))


def laid(
    planned: Plan, records: Sequence[Record], shelf: Shelf, extra: Mapping[str, bytes] = PROOFS
) -> list[BagLayout]:
    """The layouts of all discs of a plan."""
    parts = digest_parts(planned, records, shelf.open)
    count = len(planned.discs)
    return [lay_disc(disc(n, count), planned, records, parts, extra) for n in range(1, count + 1)]


def written(layout: BagLayout, shelf: Shelf, folder: Path) -> Path:
    """The disc's content as a folder."""
    write_bag(folder, layout, shelf.open)
    return folder
