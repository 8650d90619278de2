"""Two drives at work at once, and a copy that fails."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier

import pytest

from media.crew import Outcome, work
from media.drives.port import Condition, Drive
from media.image import ImageInfo
from media.queue import Blank, Burn
from tests.discs import PseudoDrive, image_of, pseudo_drive, rough_drive
from vault.discs.model import Mark
from vault.errors import BurnFailed, DriveUnavailable

MARKS = [Mark.parse(f"2026-0001-{disc}{copy}") for disc in (1, 2) for copy in "AB"]


@dataclass
class Office:
    """Puts blanks in, and writes down what happens."""

    drives: dict[str, PseudoDrive]
    blanks: int = 100
    said: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    most_at_once: int = 0
    under_way: int = 0

    def blank_in(self, drive: Drive) -> Blank | None:
        pseudo = self.drives[drive.name]
        if drive.look().condition is not Condition.BLANK:
            if not self.blanks:
                return None
            self.blanks -= 1
            pseudo.put_blank_in()
        return Blank(drive.name)

    def begin(self, burn: Burn) -> None:
        self.said.append(f"begin {burn.mark}")
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)

    def end(self, outcome: Outcome) -> bool:
        self.said.append(f"end {outcome.burn.mark}")
        self.under_way -= 1
        self.outcomes.append(outcome)
        return outcome.error is not None


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[PseudoDrive]]:
    with ExitStack() as stack:
        yield [stack.enter_context(pseudo_drive(tmp_path / name)) for name in ("左", "右")]


@pytest.fixture
def images(tmp_path: Path) -> dict[int, tuple[Path, ImageInfo]]:
    paths = {disc: tmp_path / f"{disc}.iso" for disc in (1, 2)}
    return {disc: (path, image_of(path, 1_000, bytes([disc]))) for disc, path in paths.items()}


@pytest.mark.root
def test_two_drives_burn_a_set_at_once(two: list[PseudoDrive], images: dict[int, tuple[Path, ImageInfo]]) -> None:
    """That both are under way is proved by a meeting that one alone would wait for in vain."""
    office, meeting = Office({one.name: one for one in two}), Barrier(2, timeout=60)
    met: set[Mark] = set()

    def images_of(mark: Mark) -> tuple[Path, ImageInfo]:
        meeting.wait()
        met.add(mark)
        return images[mark.disc]

    assert work(MARKS, [one.drive for one in two], images_of, office) == []
    assert met == set(MARKS)
    assert office.most_at_once == 2
    assert [outcome.error for outcome in office.outcomes] == [None] * 4
    for outcome in office.outcomes:
        assert outcome.reading is not None
        assert outcome.reading.sha256 == images[outcome.burn.mark.disc][1].sha256
    where = {outcome.burn.mark: outcome.burn.blank.drive for outcome in office.outcomes}
    assert where[MARKS[0]] != where[MARKS[1]]
    assert where[MARKS[2]] != where[MARKS[3]]


@pytest.mark.root
def test_one_copy_that_fails_is_burnt_again_alone_in_the_other_drive(
    tmp_path: Path, images: dict[int, tuple[Path, ImageInfo]]
) -> None:
    with rough_drive(tmp_path / "坏") as (bad, disc), pseudo_drive(tmp_path / "好") as good:
        disc.scratch(500)
        office = Office({one.name: one for one in (bad, good)})
        left = work(MARKS[:2], [bad.drive, good.drive], lambda mark: images[mark.disc], office)
    assert left == []
    failed = [outcome for outcome in office.outcomes if outcome.error is not None]
    assert [(one.burn.mark, one.burnt, type(one.error)) for one in failed] == [(MARKS[0], True, BurnFailed)]
    assert [str(one.burn.mark) for one in office.outcomes].count("2026-0001-1B") == 1
    assert office.outcomes[-1].burn == Burn(MARKS[0], Blank(good.name))


@pytest.mark.root
def test_what_has_no_blank_goes_on_waiting(two: list[PseudoDrive], images: dict[int, tuple[Path, ImageInfo]]) -> None:
    office = Office({one.name: one for one in two}, blanks=1)
    assert work(MARKS, [one.drive for one in two], lambda mark: images[mark.disc], office) == [MARKS[3]]


@pytest.mark.root
def test_a_drive_that_is_gone_gets_nothing_more(
    two: list[PseudoDrive], images: dict[int, tuple[Path, ImageInfo]], tmp_path: Path
) -> None:
    from media.drives.xorriso import XorrisoDrive

    gone = XorrisoDrive(f"stdio:{tmp_path}/没有")
    office = Office({two[0].name: two[0]})
    ask = office.blank_in
    office.blank_in = lambda drive: Blank(drive.name) if drive.name == gone.name else ask(drive)  # type: ignore[method-assign]
    assert work(MARKS[:2], [gone, two[0].drive], lambda mark: images[mark.disc], office) == []
    assert [type(one.error) for one in office.outcomes if one.error] == [DriveUnavailable]
    assert {one.burn.blank.drive for one in office.outcomes if not one.error} == {two[0].name}


@pytest.mark.root
def test_what_the_foreman_raises_ends_the_work(
    two: list[PseudoDrive], images: dict[int, tuple[Path, ImageInfo]]
) -> None:
    office = Office({one.name: one for one in two})
    office.end = lambda outcome: 1 // 0  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        work(MARKS, [one.drive for one in two], lambda mark: images[mark.disc], office)
    for one in two:
        with one.drive.held():
            pass
