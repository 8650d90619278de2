"""Interruptions: the golden table read as data, and what must hold of every timeline."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.gaps import TOLERANCE, Gap, timeline
from vault.records import RecordFile

TABLE = tomllib.loads((Path(__file__).parent / "gap_cases.toml").read_text(encoding="utf-8"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text if "T" in text else f"2026-11-21T{text}+08:00").astimezone(UTC)


def milliseconds(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


def segment(place: int, device: str, began: str, duration: str, kind: str) -> RecordFile:
    return RecordFile(
        sha256=f"{place:064x}",
        size=1,
        name=f"现场录像{place:02d}",
        media_type=kind,
        recorded_at=moment(began) if began != "?" else None,
        duration_ms=milliseconds(duration) if duration != "?" else 0,
        device_model=device,
    )


@pytest.mark.parametrize("row", TABLE["case"], ids=lambda row: row["why"])
def test_case(row: dict[str, Any]) -> None:
    assert set(row) <= {"why", "kind", "tolerance", "segments", "gaps", "unplaced"}
    files = [segment(place, *one, row.get("kind", "video/mp4")) for place, one in enumerate(row["segments"])]
    tolerance = timedelta(seconds=row["tolerance"]) if "tolerance" in row else TOLERANCE
    found = timeline(files, tolerance)
    expected = tuple(Gap(device, moment(began), moment(ended)) for device, began, ended in row.get("gaps", ()))
    assert found.gaps == expected
    assert len(found.unplaced) == row.get("unplaced", 0)


def test_the_table_is_as_long_as_was_meant() -> None:
    assert len({row["why"] for row in TABLE["case"]}) == len(TABLE["case"]) >= 25


START = datetime(2026, 11, 21, tzinfo=UTC)
spans = st.tuples(st.integers(0, 500), st.integers(1, 120))  # seconds after the start; seconds


@given(st.lists(spans, max_size=12))
def test_gaps_are_what_no_segment_covers(laid: list[tuple[int, int]]) -> None:
    """Against the plain way: second by second."""
    files = [
        RecordFile(
            sha256=f"{place:064x}",
            size=1,
            name="录像",
            media_type="video/mp4",
            recorded_at=START + timedelta(seconds=began),
            duration_ms=length * 1000,
        )
        for place, (began, length) in enumerate(laid)
    ]
    covered = {second for began, length in laid for second in range(began, began + length)}
    bare = [s for s in range(min(covered, default=0), max(covered, default=0)) if s not in covered]
    told = {
        second
        for gap in timeline(files, timedelta(0)).gaps
        for second in range(int((gap.began - START).total_seconds()), int((gap.ended - START).total_seconds()))
    }
    assert told == set(bare)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test
    files = [RecordFile(sha256="0", size=1, name="一", media_type="video/mp4", recorded_at=naive, duration_ms=1)] * 2
    with pytest.raises(ValueError, match="without a zone"):
        timeline(files)
