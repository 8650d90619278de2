"""A look at a drop folder from within: what changes under its hands, and which files make one record."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import SettableClock
from tests.vault.scene import noise, rows_of
from vault.errors import SourceUnreadable
from vault.facts import Facts
from vault.intake.aside import put_aside
from vault.intake.dropped import FILE, DropFolder, Looked, look_into
from vault.intake.grouping import Grouping
from vault.intake.parcels import REFUSED, TAKEN
from vault.intake.pipeline import Outcome
from vault.store import Vault

MINUTE = timedelta(minutes=1)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "投放").mkdir()
    return tmp_path / "投放"


def look(
    vault: Vault, drop: Path, tell: Callable[[Outcome], object] = id, grouping: Grouping = Grouping.FILE
) -> Looked:
    folder = DropFolder(path=drop, facts=Facts(section="监督检查科"), settled=MINUTE, grouping=grouping)
    (looked,) = look_into(vault, [folder], [vault.setting.home / name for name in ("甲", "乙")], tell)
    return looked


def test_what_changes_while_it_is_taken_stays_and_comes_as_what_it_is_then(
    vault: Vault, drop: Path, clock: SettableClock
) -> None:
    """Else what was moved would not be what was taken."""
    file = drop / "现场.mp4"
    file.write_bytes(noise(2_000, 1))
    look(vault, drop)
    clock.advance(minutes=1)
    looked = look(vault, drop, lambda _: file.write_bytes(noise(2_000, 2)))
    assert (looked.taken, looked.refused, looked.waiting) == (0, 0, 1)
    assert file.read_bytes() == noise(2_000, 2)
    look(vault, drop)
    clock.advance(minutes=1)
    assert look(vault, drop).taken == 1
    assert [path.read_bytes() for path in (drop / TAKEN).rglob("*.mp4")] == [noise(2_000, 2)]
    assert len(rows_of(vault, "SELECT id FROM record")) == 2


@pytest.mark.parametrize(("grouping", "records"), [(Grouping.FILE, 4), (Grouping.FOLDER, 3), (Grouping.ALL, 3)])
def test_files_of_a_folder_make_one_record_where_that_is_said_and_others_never(
    vault: Vault, drop: Path, clock: SettableClock, grouping: Grouping, records: int
) -> None:
    (drop / "采集站").mkdir()
    for number, name in enumerate(("一.mp4", "二.mp4", "采集站/三.mp4", "采集站/四.mp4")):
        (drop / name).write_bytes(noise(2_000, number))
    look(vault, drop)
    clock.advance(minutes=1)
    assert look(vault, drop, grouping=grouping).taken == 3
    assert len(rows_of(vault, "SELECT id FROM record")) == records


def test_a_sidecar_stays_until_the_last_of_whom_it_speaks_is_gone(
    vault: Vault, drop: Path, clock: SettableClock
) -> None:
    (drop / "现场.facts.json").write_text('{"party": "王芳"}', encoding="utf-8")
    (drop / "现场.mp4").write_bytes(noise(2_000, 1))
    look(vault, drop)
    clock.advance(seconds=30)
    (drop / "现场.wav").write_bytes(noise(2_000, 2))
    look(vault, drop)
    clock.advance(seconds=30)
    assert look(vault, drop).taken == 1
    assert sorted(path.name for path in drop.iterdir()) == ["已入库", "现场.facts.json", "现场.wav"]
    clock.advance(seconds=30)
    assert look(vault, drop).taken == 1
    assert [path.name for path in drop.iterdir()] == [TAKEN]
    assert rows_of(vault, "SELECT DISTINCT party FROM record") == [("王芳",)]


def test_an_empty_folder_stays_until_somebody_fills_it(vault: Vault, drop: Path, clock: SettableClock) -> None:
    """It was told as taken, and moved away from under whoever was copying into it."""
    (drop / "采集站/DCIM").mkdir(parents=True)
    (drop / "采集站/Thumbs.db").write_bytes(b"1")
    for _ in range(2):
        looked = look(vault, drop)
        assert (looked.empty, looked.taken, looked.waiting) == (1, 0, 0)
        clock.advance(minutes=1)
    (drop / "采集站/DCIM/1.mp4").write_bytes(noise(2_000, 1))
    assert look(vault, drop).waiting == 1
    clock.advance(minutes=1)
    looked = look(vault, drop)
    assert (looked.empty, looked.taken, looked.waiting) == (0, 1, 0)
    assert len(rows_of(vault, "SELECT id FROM record")) == 1


def test_what_brings_nothing_is_not_told_as_taken(vault: Vault, drop: Path, clock: SettableClock) -> None:
    (drop / "采集站").mkdir()
    (drop / "采集站/1.facts.json").write_text('{"party": "王芳"}', encoding="utf-8")
    look(vault, drop)
    clock.advance(minutes=1)
    looked = look(vault, drop)
    assert (looked.taken, looked.refused, looked.empty) == (0, 1, 0)
    (why,) = (drop / REFUSED).glob("*.txt")
    assert "采集站 中没有可入库的文件。" in why.read_text(encoding="utf-8")
    assert "采集站 holds nothing that can be taken in." in why.read_text(encoding="utf-8")


def test_runs_that_nobody_goes_on_with_are_forgotten(vault: Vault, drop: Path, clock: SettableClock) -> None:
    """Each look is a run; the one that was killed is asked for again only if nothing else was dropped meanwhile."""

    def killed(_: Outcome) -> None:
        raise KeyboardInterrupt

    def counted() -> tuple[int, int]:
        return len(rows_of(vault, "SELECT id FROM intake")), len(rows_of(vault, "SELECT intake_id FROM intake_file"))

    for number in range(3):
        (drop / f"{number}.mp4").write_bytes(noise(2_000, number))
        for _ in range(2):
            with suppress(KeyboardInterrupt):
                look(vault, drop, killed)
            clock.advance(minutes=1)
    assert counted() == (3, 1 + 2 + 3), "each may still be gone on with"
    clock.advance(days=31)
    (drop / "3.mp4").write_bytes(noise(2_000, 3))
    assert look(vault, drop).taken == 3
    clock.advance(minutes=1)
    assert look(vault, drop).taken == 1
    assert counted() == (1, 0)
    assert len(rows_of(vault, "SELECT id FROM record")) == 4


def test_what_was_remembered_may_be_lost_or_be_rubbish(vault: Vault, drop: Path, clock: SettableClock) -> None:
    (drop / "现场.mp4").write_bytes(noise(2_000, 1))
    for rubbish in (b"", b"{}", b"[]", b'{"looks": {"a": 1}, "done": {}}', b"\xff"):
        (vault.setting.home / FILE).write_bytes(rubbish)
        assert look(vault, drop).waiting == 1
    clock.advance(minutes=1)
    assert look(vault, drop).taken == 1


def test_nothing_that_lies_aside_is_overwritten_within_one_second(
    vault: Vault, drop: Path, clock: SettableClock
) -> None:
    for seed in (1, 2):
        (drop / "现场.mp4").write_bytes(noise(2_000, seed))
        look(vault, drop)
        clock.advance(minutes=1)
        assert look(vault, drop).taken == 1
        clock.advance(minutes=-1)
    assert sorted(path.read_bytes() for path in (drop / TAKEN).rglob("*.mp4")) == sorted(
        noise(2_000, seed) for seed in (1, 2)
    )


def test_what_cannot_be_counted_is_not_none(tmp_path: Path) -> None:
    assert put_aside(tmp_path) == 0
    (tmp_path / REFUSED).touch()
    with pytest.raises(SourceUnreadable):
        put_aside(tmp_path)
