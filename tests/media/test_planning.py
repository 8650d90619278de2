"""What goes on which disc: nothing is lost, nothing lies there twice, and every disc has room for its image."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.image import build_image
from media.mediums import MEDIUMS, Medium
from media.planning import CUT, Piece, Plan, plan
from media.salvage import single_file
from ops.samples import BEIJING
from tests.media.scene import Shelf, laid
from tests.media.scene import record as filed_record
from vault.bag import lay_bag
from vault.bagfile import BagInfo
from vault.errors import BadInput
from vault.facts import Facts
from vault.records import Record, RecordFile, Standing
from vault.text import Text

DVD = MEDIUMS["dvd+r"]
SMALL = Medium("试", Text(en="try", zh="试"), 4_608)  # 9 MiB, of which a plan keeps one for a disc's own needs
GIB = 1 << 30


def record(number: int, *sizes: int, name: str = "执法录像") -> Record:
    files = tuple(
        RecordFile(sha256=hashlib.sha256(b"%d/%d" % (number, n)).hexdigest(), size=size, name=f"{name}{n}.mp4")
        for n, size in enumerate(sizes)
    )
    return Record(
        number=f"2026-{number:07}",
        facts=Facts(case_number="邓财罚〔2026〕1号"),
        origins={},
        files=files,
        stored_at=datetime(2026, 11, 2, 8, tzinfo=UTC),
        stored_by="王芳",
        standing=Standing.KEPT,
    )


def pieces(planned: Plan) -> list[Piece]:
    return [piece for disc in planned.discs for piece in disc.pieces]


def test_what_fits_on_one_disc_lies_on_one() -> None:
    planned = plan([record(1, 10, 20), record(2, 30)], DVD)
    (disc,) = planned.discs
    assert disc.records == ("2026-0000001", "2026-0000002")
    assert [(piece.position, piece.size, piece.is_part) for piece in disc.pieces] == [
        (0, 10, False),
        (1, 20, False),
        (0, 30, False),
    ]


def test_twelve_gigabytes_take_four_discs_with_a_fifth_of_each_left_free() -> None:
    planned = plan([record(n, 1_000_000_000) for n in range(12)], DVD)
    assert [len(disc.pieces) for disc in planned.discs] == [3, 3, 3, 3]
    assert all(disc.taken + planned.spare <= DVD.size for disc in planned.discs)
    assert planned.spare == DVD.size - DVD.size * 80 // 100


def test_a_disc_has_no_more_files_than_a_small_machine_can_lay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.planning._MOST_FILES", 5)
    planned = plan([record(1, *[10] * 3), record(2, *[10] * 3), record(3, *[10] * 2)], DVD)
    assert [disc.records for disc in planned.discs] == [("2026-0000001", "2026-0000003"), ("2026-0000002",)]


def test_a_record_is_not_torn_apart_to_fill_a_disc() -> None:
    planned = plan([record(1, 2 * GIB), record(2, GIB, GIB), record(3, GIB)], DVD)
    assert [disc.records for disc in planned.discs] == [("2026-0000001",), ("2026-0000002", "2026-0000003")]


def test_a_file_that_no_disc_holds_is_cut_where_blocks_end() -> None:
    (whole,) = record(1, 6 * GIB).files
    planned = plan([record(1, 6 * GIB)], DVD)
    parts = pieces(planned)
    assert len(parts) == len(planned.discs) == 2
    assert [part.start for part in parts] == [0, parts[0].size]
    assert sum(part.size for part in parts) == whole.size
    assert parts[0].size % CUT == 0
    assert all(part.is_part and part.whole == whole.size for part in parts)


def test_discs_come_in_the_order_of_their_records() -> None:
    planned = plan([record(1, GIB), record(2, 3 * GIB), record(3, 3 * GIB), record(4, GIB)], DVD)
    assert [disc.records[0] for disc in planned.discs] == ["2026-0000001", "2026-0000002", "2026-0000003"]


@pytest.mark.parametrize(("records", "spare"), [([], 20), ([record(1, 10)], 100), ([record(1, 10)], 89)])
def test_what_cannot_be_planned_is_refused(records: list[Record], spare: int) -> None:
    with pytest.raises(BadInput):
        plan(records, SMALL, spare)


@settings(deadline=None)
@given(
    sizes=st.lists(st.lists(st.integers(0, 20 << 20), min_size=1, max_size=5), min_size=1, max_size=8),
    spare=st.integers(0, 45),
)
def test_every_byte_lies_on_exactly_one_disc(sizes: list[list[int]], spare: int) -> None:
    records = [record(n, *each) for n, each in enumerate(sizes)]
    planned = plan(records, SMALL, spare)
    found: dict[tuple[str, int], int] = {}
    for piece in sorted(pieces(planned), key=lambda piece: (piece.record, piece.position, piece.start)):
        at = piece.record, piece.position
        assert piece.start == found.get(at, 0)
        assert piece.start % CUT == 0
        found[at] = piece.start + piece.size
    assert found == {(one.number, n): file.size for one in records for n, file in enumerate(one.files)}
    room = SMALL.size - planned.spare
    assert all(disc.pieces and disc.taken <= room for disc in planned.discs)
    largest = max(piece.size for piece in pieces(planned))
    assert all(not piece.is_part or piece.whole > largest for piece in pieces(planned))
    assert planned == plan(records, SMALL, spare)


@pytest.mark.parametrize("count", [1, 400])
def test_an_image_takes_no_more_room_than_planned(tmp_path: Path, count: int) -> None:
    data = bytes(3_000)
    digest = hashlib.sha256(data).hexdigest()
    one = record(1, *[len(data)] * count, name="现场检查全过程音像记录之当事人陈述申辩部分" * 3)
    files = tuple(RecordFile(sha256=digest, size=len(data), name=file.name) for file in one.files)
    filed = Record(
        number=one.number,
        facts=one.facts,
        origins={},
        files=files,
        stored_at=one.stored_at,
        stored_by=one.stored_by,
        standing=one.standing,
    )
    (disc,) = plan([filed], DVD).discs

    @contextmanager
    def opened(file: RecordFile) -> Iterator[BinaryIO]:
        yield io.BytesIO(data)

    bag = lay_bag(
        [filed],
        BagInfo(organization="邓州市财政局", bagged_on=date(2026, 11, 2), identifier="2026-0001-1", zone=BEIJING),
    )
    built = build_image(tmp_path / "盘.iso", bag, opened, "2026-0001-1", datetime(2026, 11, 2, tzinfo=UTC))
    assert built <= disc.taken


@pytest.mark.parametrize(("records", "files"), [(1, 3_000), (30, 100), (1_000, 3), (1_000, 1)])
@pytest.mark.parametrize("name", ["照片", "现场检查全过程音像记录之当事人陈述申辩部分"])
def test_what_small_files_take_is_not_planned_too_small_nor_much_too_large(
    tmp_path: Path, records: int, files: int, name: str
) -> None:
    """With the proofs of two entries for each record, a kilobyte each."""
    shelf = Shelf()
    filed = [
        filed_record(number, *(shelf.file(f"{name}{n}.jpg", b"%d/%d" % (number, n) * 9) for n in range(files)))
        for number in range(1, records + 1)
    ]
    planned = plan(filed, DVD)
    (disc,) = planned.discs
    beside = {"tools/salvage.py": single_file(), "journal/proofs-0001.jsonl": bytes(2_100 * records)}
    (layout,) = laid(planned, filed, shelf, beside)
    built = build_image(tmp_path / "盘.iso", layout, shelf.open, "2026-0001-1", datetime(2026, 11, 2, tzinfo=UTC))
    assert built <= disc.taken <= 1.15 * built
