"""Burning and reading back on pseudo-drives: what is refused before a byte is written, and what is lost afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from media.drives import toc
from media.drives.fitting import require_fit
from media.drives.port import Condition, Loaded
from media.drives.reading import Stretch, read_device
from media.drives.verifying import read_back
from media.drives.xorriso import XorrisoDrive
from tests.discs import PseudoDrive, as_xorriso_reads, image_of, pseudo_drive, rough_drive
from tests.rough_disc import SECTOR, Rough
from vault.errors import BurnFailed, Busy, DriveUnavailable, MediumUnfit, NoMedium, StrongroomError

# what xorriso says

TOCS = {
    "a blank CD-R": (
        "Media current: CD-R\nMedia product: 97m34s23f/79m59s73f , Mitsubishi Chemical Corporation\n"
        "Media status : is blank\nMedia blocks : 0 readable , 359846 writable , 359846 overall\n",
        Loaded(Condition.BLANK, "CD-R", "97m34s23f/79m59s73f , Mitsubishi Chemical Corporation", 0, 359_846, 359_846),
    ),
    "a pseudo-drive": (
        "Media current: stdio file, overwriteable\nMedia status : is blank\n"
        "Media blocks : 0 readable , 4000 writable , 4000 overall\n",
        Loaded(Condition.BLANK, "stdio file", "", 0, 4_000, 4_000),
    ),
    "a full DVD+R": (
        "Media current: DVD+R, sequential\nMedia status : is written , is closed\n"
        "Media blocks : 2295104 readable , 0 writable , 2295104 overall\n",
        Loaded(Condition.CLOSED, "DVD+R", "", 2_295_104, 0, 2_295_104),
    ),
    "a DVD-R that was broken off": (
        "Media current: DVD-R sequential recording\nMedia status : is written , is appendable\n"
        "Media blocks : 16 readable , 100 writable , 2298496 overall\n",
        Loaded(Condition.APPENDABLE, "DVD-R sequential recording", "", 16, 100, 2_298_496),
    ),
    "a blank that is damaged": (
        "Media current: CD-R\nMedia status : is blank , but next track is damaged\n"
        "Media blocks : 0 readable , 359846 writable , 359846 overall\n",
        Loaded(Condition.UNKNOWN, "CD-R", "", 0, 359_846, 359_846),
    ),
    "no disc": (
        "Media current: is not recognizable\nMedia status : is not present\n"
        "Media blocks : 0 readable , 0 writable , 0 overall\n",
        Loaded(Condition.EMPTY),
    ),
    "a disc that cannot be made out": (
        "Media current: is not recognizable\nMedia status : is blank\n"
        "Media blocks : 0 readable , 9 writable , 9 overall\n",
        Loaded(Condition.UNKNOWN, "", "", 0, 9, 9),
    ),
    "words of a later version": (
        "Media current: DVD+R\nMedia status : virgin\nMedia blocks : 0 readable , 9 writable , 9 overall\n",
        Loaded(Condition.UNKNOWN, "DVD+R", "", 0, 9, 9),
    ),
    "no figures": ("Media current: DVD+R\nMedia status : is blank\n", Loaded(Condition.UNKNOWN, "DVD+R")),
    "nothing": ("", Loaded(Condition.UNKNOWN)),
}


@pytest.mark.parametrize(("said", "loaded"), TOCS.values(), ids=TOCS)
def test_what_lies_in_a_drive(said: str, loaded: Loaded) -> None:
    assert toc.parse(said.splitlines()) == loaded


FITS = {
    "as large as the blank": (Loaded(Condition.BLANK, "DVD+R", writable=10), None),
    "one sector too small": (Loaded(Condition.BLANK, "DVD+R", writable=9), MediumUnfit),
    "no disc": (Loaded(Condition.EMPTY), NoMedium),
    "a closed disc": (Loaded(Condition.CLOSED, "DVD+R", writable=10), MediumUnfit),
    "a disc that was broken off": (Loaded(Condition.APPENDABLE, "DVD+R", writable=10), MediumUnfit),
    "not understood": (Loaded(Condition.UNKNOWN, "DVD+R", writable=10), MediumUnfit),
    "a DVD+RW": (Loaded(Condition.BLANK, "DVD+RW", writable=10), MediumUnfit),
    "a DVD-RW": (Loaded(Condition.BLANK, "DVD-RW sequential recording", writable=10), MediumUnfit),
    "a BD-RE": (Loaded(Condition.BLANK, "BD-RE", writable=10), MediumUnfit),
    "a DVD-RAM": (Loaded(Condition.BLANK, "DVD-RAM", writable=10), MediumUnfit),
    "a BD-R": (Loaded(Condition.BLANK, "BD-R sequential recording", writable=10), None),
}


@pytest.mark.parametrize(("loaded", "refused"), FITS.values(), ids=FITS)
def test_what_is_refused_before_a_byte_is_written(loaded: Loaded, refused: type[StrongroomError] | None) -> None:
    if refused is None:
        require_fit("/dev/sr0", loaded, 10 * SECTOR)
        return
    with pytest.raises(MediumUnfit) as raised:
        require_fit("/dev/sr0", loaded, 10 * SECTOR)
    assert type(raised.value) is refused


@pytest.mark.parametrize(("kind", "sectors"), [("DVD+R", 16), ("BD-R random recording", 32), ("CD-R", 1), ("", 1)])
def test_what_can_only_be_read_together(kind: str, sectors: int) -> None:
    assert Loaded(Condition.CLOSED, kind).grain == sectors


def test_a_drive_that_is_not_there_is_no_blank(tmp_path: Path) -> None:
    """xorriso takes such a path for a blank as large as the file system, and would write a file there."""
    for name in (f"stdio:{tmp_path}/没有", "/dev/sr77", f"stdio:{tmp_path}", "/dev/null"):
        with pytest.raises(DriveUnavailable, match="cannot be used"):
            XorrisoDrive(name).look()
        with pytest.raises(DriveUnavailable), XorrisoDrive(name).held():
            pass
    assert list(tmp_path.iterdir()) == []


def test_what_has_to_be_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disc = tmp_path / "disc"
    disc.touch()
    monkeypatch.setattr("media.drives.child._path", lambda: str(tmp_path))
    with pytest.raises(StrongroomError, match="is not installed") as raised:
        XorrisoDrive(f"stdio:{disc}").look()
    assert "apt-get install" in raised.value.hint.zh


def test_a_pseudo_drive_can_be_a_file_with_the_room_that_is_around_it(tmp_path: Path) -> None:
    disc = tmp_path / "盘"
    disc.touch()
    drive = XorrisoDrive(f"stdio:{disc}")
    info = image_of(tmp_path / "a.iso", 100)
    with drive.held():
        loaded = drive.look()
        assert (loaded.condition, loaded.writable > 100) == (Condition.BLANK, True)
        drive.burn(tmp_path / "a.iso")
        assert read_back(drive, info).sha256 == info.sha256
        assert drive.look().condition is not Condition.BLANK


# on pseudo-drives


@pytest.fixture
def pseudo(tmp_path: Path) -> Iterator[PseudoDrive]:
    with pseudo_drive(tmp_path / "drive") as drive:
        yield drive


@pytest.fixture
def rough(tmp_path: Path) -> Iterator[tuple[PseudoDrive, Rough]]:
    with rough_drive(tmp_path / "rough") as drive:
        yield drive


@pytest.mark.root
def test_a_disc_is_burnt_and_reads_back_as_the_image(pseudo: PseudoDrive, tmp_path: Path) -> None:
    info = image_of(tmp_path / "映像.iso", 3_001)
    told: list[int] = []
    with pseudo.drive.held():
        assert pseudo.drive.look() == Loaded(Condition.BLANK, "stdio file", "", 0, 4_000, 4_000)
        pseudo.drive.burn(tmp_path / "映像.iso", told.append)
        assert sum(told) == info.size
        reading = read_back(pseudo.drive, info, progress=told.append)
        assert sum(told) == 2 * info.size
        assert pseudo.drive.look().condition is Condition.CLOSED
    assert (reading.sha256, reading.bad, reading.retries, reading.untried) == (info.sha256, (), 0, 0)
    assert len(reading.curve) == -(-3_001 // reading.span)
    assert reading.seconds > 0
    assert as_xorriso_reads(pseudo, 3_001) == info.sha256


@pytest.mark.root
def test_a_blank_is_filled_to_its_last_sector_and_no_further(pseudo: PseudoDrive, tmp_path: Path) -> None:
    image_of(tmp_path / "large.iso", 4_001)
    info = image_of(tmp_path / "full.iso", 4_000)
    with pytest.raises(MediumUnfit, match=r"8,194,048 bytes, and there is room for 8,192,000"):
        pseudo.drive.burn(tmp_path / "large.iso")
    assert pseudo.drive.look().condition is Condition.BLANK
    pseudo.drive.burn(tmp_path / "full.iso")
    assert read_back(pseudo.drive, info).sha256 == info.sha256


@pytest.mark.root
def test_what_was_burnt_once_is_never_written_over(pseudo: PseudoDrive, tmp_path: Path) -> None:
    """xorriso calls a pseudo-drive overwritable."""
    info = image_of(tmp_path / "a.iso", 100)
    image_of(tmp_path / "b.iso", 100, b"\x02")
    pseudo.drive.burn(tmp_path / "a.iso")
    with pytest.raises(MediumUnfit, match="not blank: written and closed"):
        pseudo.drive.burn(tmp_path / "b.iso")
    assert read_back(pseudo.drive, info).sha256 == info.sha256


@pytest.mark.root
def test_a_drive_serves_one_at_a_time(pseudo: PseudoDrive) -> None:
    with pseudo.drive.held(), pytest.raises(Busy, match="Another command"), pseudo.drive.held():
        pass
    with pseudo.drive.held():
        pass


@pytest.mark.root
def test_a_drive_that_was_unplugged_is_empty_and_not_a_blank_of_a_terabyte(pseudo: PseudoDrive) -> None:
    pseudo.unplug()
    assert pseudo.drive.look() == Loaded(Condition.EMPTY)
    with pytest.raises(NoMedium):
        pseudo.drive.read(1)


@pytest.mark.root
def test_a_byte_that_changed_fails_the_copy(pseudo: PseudoDrive, tmp_path: Path) -> None:
    info = image_of(tmp_path / "a.iso", 1_000)
    with pseudo.drive.held():  # while a device is open, the kernel keeps what it knows of it
        pseudo.drive.burn(tmp_path / "a.iso")
        pseudo.spoil(999)
        with pytest.raises(BurnFailed, match="is not what was burnt"):
            read_back(pseudo.drive, info)


@pytest.mark.root
def test_a_disc_shorter_than_its_image_is_unreadable_at_the_end(pseudo: PseudoDrive, tmp_path: Path) -> None:
    image_of(tmp_path / "a.iso", 1_000)
    pseudo.drive.burn(tmp_path / "a.iso")
    reading = pseudo.drive.read(4_010)
    assert (reading.bad, reading.sha256) == ((Stretch(4_000, 10),), None)


@pytest.mark.root
def test_scratches_are_told_from_tries_and_the_rest_is_read(rough: tuple[PseudoDrive, Rough], tmp_path: Path) -> None:
    pseudo, disc = rough
    image_of(tmp_path / "a.iso", 2_000)
    pseudo.drive.burn(tmp_path / "a.iso")
    disc.shake(40)
    disc.scratch(700, 701, 702, 1_999)
    kept = bytearray()
    reading = pseudo.drive.read(2_000, kept.extend)
    expected = bytearray((tmp_path / "a.iso").read_bytes())
    for first, count in ((stretch.first, stretch.count) for stretch in reading.bad):
        expected[first * SECTOR : (first + count) * SECTOR] = bytes(count * SECTOR)
    assert kept == expected
    lost = {sector for one in reading.bad for sector in range(one.first, one.first + one.count)}
    assert {700, 701, 702, 1_999} <= lost
    assert reading.unreadable == len(lost) <= 8  # a page of the loop device's has two sectors
    assert reading.retries >= 1
    assert reading.sha256 is None


@pytest.mark.root
def test_a_reader_gives_up_when_it_has_seen_enough(rough: tuple[PseudoDrive, Rough]) -> None:
    pseudo, disc = rough
    disc.scratch(*range(100, 200))
    reading = read_device(pseudo.device, 4_000, patience=10)
    assert reading.unreadable == 100
    assert reading.untried == 4_000 - 512
    assert reading.sha256 is None


@pytest.mark.root
def test_a_disc_that_takes_no_more_is_lost(rough: tuple[PseudoDrive, Rough], tmp_path: Path) -> None:
    pseudo, disc = rough
    image_of(tmp_path / "a.iso", 3_000)
    disc.break_from(1_000)
    with pytest.raises(BurnFailed, match="Burning in stdio:"):
        pseudo.drive.burn(tmp_path / "a.iso")


@pytest.mark.root
def test_a_burn_that_never_reached_the_disc_leaves_a_blank(rough: tuple[PseudoDrive, Rough], tmp_path: Path) -> None:
    pseudo, disc = rough
    image_of(tmp_path / "a.iso", 3_000)
    disc.break_from(0)
    with pytest.raises((DriveUnavailable, BurnFailed)) as raised:
        pseudo.drive.burn(tmp_path / "a.iso")
    still_blank = pseudo.drive.look().condition is Condition.BLANK
    assert isinstance(raised.value, DriveUnavailable) is still_blank
