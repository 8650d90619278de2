"""What lies in a drop folder: what counts as a parcel, when it is settled, and who is at it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vault.errors import SourceUnreadable
from vault.intake.parcels import (
    REFUSED,
    TAKEN,
    Look,
    Parcel,
    is_written,
    look_again,
    parcels,
    require_apart,
    signature_of,
    waits,
)

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

WAITS = {
    "unchanged for just long enough": (NOW - MINUTE, False, ""),
    "nobody can tell who writes": (NOW - MINUTE, None, ""),
    "changed a moment ago": (NOW - MINUTE + timedelta(seconds=1), False, "it changed a moment ago"),
    "somebody is at it, though nothing changes": (NOW - 60 * MINUTE, True, "somebody is writing it"),
    "seen by a wrong clock": (NOW + MINUTE, False, "it was first seen at a time that has not come"),
}


@pytest.mark.parametrize(("since", "written", "why"), WAITS.values(), ids=WAITS)
def test_it_is_taken_once_it_is_settled(since: datetime, written: bool | None, why: str) -> None:
    found = waits(Look("甲", since), NOW, MINUTE, written=written)
    assert (found.en if found is not None else "") == why


def test_the_same_is_the_same_since_it_was_seen_first() -> None:
    first = look_again(None, "甲", NOW)
    assert look_again(first, "甲", NOW + MINUTE) is first
    assert look_again(first, "乙", NOW + MINUTE) == Look("乙", NOW + MINUTE)
    assert look_again(Look("甲", NOW + MINUTE), "甲", NOW) == Look("甲", NOW), "or it would wait for a wrong clock"


def test_what_a_parcel_is(tmp_path: Path) -> None:
    for name in ("现场.mp4", "现场.mp4.facts.json", "现场.facts.toml", "facts.json", ".传输中.mp4", "Thumbs.db"):
        (tmp_path / name).write_text("一", encoding="utf-8")
    for name in ("采集站/DCIM", TAKEN, REFUSED, "System Volume Information"):
        (tmp_path / name).mkdir(parents=True)
    os.symlink(tmp_path / "现场.mp4", tmp_path / "链接.mp4")
    beside = (tmp_path / "现场.mp4.facts.json", tmp_path / "现场.facts.toml")
    assert list(parcels(tmp_path)) == [
        Parcel(tmp_path / "现场.mp4", is_folder=False, sidecars=beside),
        Parcel(tmp_path / "采集站", is_folder=True),
        Parcel(tmp_path / "链接.mp4", is_folder=False),
    ]
    with pytest.raises(SourceUnreadable, match="cannot be read"):
        list(parcels(tmp_path / "没有"))


def test_every_change_changes_its_signature(tmp_path: Path) -> None:
    """Though a copy gives a file its old time and size back."""
    (tmp_path / "采集站/DCIM").mkdir(parents=True)
    (tmp_path / "采集站/DCIM/1.mp4").write_bytes(b"1")
    (tmp_path / "2.mp4").write_bytes(b"2")

    def seen() -> list[str]:
        return [signature_of(parcel) for parcel in parcels(tmp_path)]

    before = seen()
    assert seen() == before
    times = os.stat(tmp_path / "2.mp4")
    (tmp_path / "2.mp4").write_bytes(b"3")
    os.utime(tmp_path / "2.mp4", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert [one == other for one, other in zip(before, seen(), strict=True)] == [False, True]
    (tmp_path / "采集站/DCIM/3.mp4").write_bytes(b"")
    (tmp_path / "2.mp4.facts.json").write_bytes(b"{}")
    after = seen()
    assert len({*before, *after}) == 4
    (tmp_path / "2.mp4.facts.json").write_bytes(b'{"party": ""}')
    assert [one == other for one, other in zip(after, seen(), strict=True)] == [False, True]


def test_who_has_it_open_to_write_is_seen(tmp_path: Path) -> None:
    (tmp_path / "采集站/DCIM").mkdir(parents=True)
    deep = tmp_path / "采集站/DCIM/1.mp4"
    deep.write_bytes(b"1")
    (parcel,) = parcels(tmp_path)
    assert is_written(parcel) is False
    with deep.open("rb"):
        assert is_written(parcel) is False
    with deep.open("ab"):
        assert is_written(parcel) is True
    os.symlink(deep, tmp_path / "采集站/链接")
    assert is_written(parcel) is None
    with deep.open("ab"):
        assert is_written(parcel) is True


def test_none_of_the_vaults_own_places_is_or_holds_a_drop_folder(tmp_path: Path) -> None:
    (tmp_path / "库/甲/objects").mkdir(parents=True)
    os.symlink(tmp_path / "库", tmp_path / "链接")
    own = [tmp_path / "库/甲", tmp_path / "库/strongroom.toml"]
    for folder in ("库", "库/甲", "库/甲/objects", "链接/甲", ""):
        with pytest.raises(SourceUnreadable, match="cannot be a drop folder"):
            require_apart(tmp_path / folder, own)
    for folder in ("投放", "库/投放", "库/甲乙"):
        require_apart(tmp_path / folder, own)
