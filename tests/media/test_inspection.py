"""Tables of cases: which discs are due, and what a reading says of one."""

from collections import Counter
from datetime import date

import pytest

from media.inspection import Grade, Levels, Schedule, Shelved, Signs, due, judge
from vault.digest import Digest

IMAGE = Digest.of("映像".encode())
OTHER = Digest.of(b"other")
SINCE = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("years", "share", "inspected", "level", "today", "expected"),
    [
        (2, 100, None, 0, date(2026, 3, 2), None),
        (2, 100, None, 0, date(2028, 2, 29), None),
        (2, 100, None, 0, date(2028, 3, 1), date(2028, 3, 1)),
        (2, 100, None, 0, date(2031, 1, 1), date(2030, 3, 1)),  # the newest turn; one reading answers for both
        (2, 100, date(2028, 3, 1), 0, date(2028, 3, 2), None),
        (2, 100, date(2028, 2, 29), 0, date(2028, 3, 1), date(2028, 3, 1)),  # before its turn: not for it
        (2, 100, date(2028, 5, 9), 0, date(2030, 3, 1), date(2030, 3, 1)),
        (1, 100, date(2027, 3, 1), 0, date(2028, 2, 29), None),
        (10, 1, None, 1, date(2036, 3, 1), date(2036, 3, 1)),  # to be watched: whatever the lot
        (10, 1, date(2036, 3, 1), 2, date(2046, 3, 1), date(2046, 3, 1)),
    ],
)
def test_when_a_disc_is_due(
    years: int, share: int, inspected: date | None, level: int, today: date, expected: date | None
) -> None:
    disc = Shelved("2026-0001-1", SINCE, inspected, level)
    assert due(disc, Schedule(years, share), today) == expected


def test_a_leap_day_has_its_turn_on_the_last_of_february() -> None:
    assert due(Shelved("2028-0001-1", date(2028, 2, 29)), Schedule(1, 100), date(2029, 2, 28)) == date(2029, 2, 28)


@pytest.mark.parametrize(
    ("share", "rounds"), [(100, 1), (60, 2), (50, 2), (34, 3), (33, 4), (20, 5), (10, 10), (1, 100)]
)
def test_every_disc_has_its_turn_once_in_as_many_rounds_as_the_share_goes_into_the_whole(
    share: int, rounds: int
) -> None:
    schedule = Schedule(2, share)
    assert schedule.rounds == rounds
    for number in range(40):
        disc = Shelved(f"2026-0001-{number}", SINCE)
        turns = {due(disc, schedule, date(2026 + 2 * year, 3, 1)) for year in range(1, 2 * rounds + 1)}
        assert len(turns - {None}) == 2


def test_the_lot_takes_about_its_share_each_time() -> None:
    discs = [Shelved(f"2026-{number:04d}-1", SINCE) for number in range(2_000)]
    for year in (2028, 2030, 2032, 2034, 2036):
        today = date(year, 3, 1)
        turns = Counter(due(disc, Schedule(2, 20), today) == today for disc in discs)
        assert 300 < turns[True] < 500


LEVELS = [Levels("dvd+r", "pie", (100, 200, 280), "单位检测规程 3.2"), Levels("dvd+r", "retries", (1, 10, 100), "同上")]


def signs(digest: Digest | None = IMAGE, retries: int = 0, unreadable: int = 0, **scanned: int) -> Signs:
    return Signs(1_000, digest, (5_000, 5_100, 4_900), retries, unreadable, scanned)


@pytest.mark.parametrize(
    ("read", "levels", "grade", "level", "reasons"),
    [
        (signs(), [], Grade.GOOD, 0, []),
        (signs(retries=500, pie=900), [], Grade.GOOD, 0, []),  # nobody has filled in what is too many
        (signs(None, unreadable=1), [], Grade.DEGRADED, 3, ["1 of 1,000 sectors"]),
        (signs(OTHER), [], Grade.DEGRADED, 3, [f"hashes to {OTHER}"]),
        (signs(pie=99), LEVELS, Grade.GOOD, 0, []),
        (signs(pie=100), LEVELS, Grade.WATCH, 1, ["pie is 100: warning level 1 begins at 100 (单位检测规程 3.2)"]),
        (signs(pie=279), LEVELS, Grade.WATCH, 2, ["level 2"]),
        (signs(pie=280), LEVELS, Grade.DEGRADED, 3, ["level 3"]),
        (signs(pie=100, retries=10), LEVELS, Grade.WATCH, 2, ["pie is 100", "(retries) is 10"]),
        (signs(OTHER, pie=100), LEVELS, Grade.DEGRADED, 3, ["hashes to", "pie is 100"]),
        (signs(unreadable=2, retries=1), LEVELS, Grade.DEGRADED, 3, ["2 of 1,000 sectors", "(retries) is 1"]),
    ],
)
def test_what_a_reading_says(read: Signs, levels: list[Levels], grade: Grade, level: int, reasons: list[str]) -> None:
    judged = judge(read, IMAGE, "dvd+r", levels)
    assert (judged.grade, judged.level) == (grade, level)
    assert len(judged.reasons) == len(reasons)
    assert all(reason in text.en for reason, text in zip(reasons, judged.reasons, strict=True))


def test_levels_of_another_medium_say_nothing_of_this_one() -> None:
    assert judge(signs(pie=280, retries=100), IMAGE, "bd-r-25", LEVELS).grade is Grade.GOOD


def test_a_difference_from_the_last_reading_is_told_and_decides_nothing() -> None:
    judged = judge(signs(retries=7), IMAGE, "dvd+r", [], signs(retries=2))
    assert judged.grade is Grade.GOOD
    (told,) = judged.changes
    assert told.en == "stretches read more than once (retries): 2 at the last inspection, 7 now."
    assert told.zh == "重读次数（retries）：上次检查 2，本次 7。"
    assert judge(signs(), IMAGE, "dvd+r", [], signs()).changes == ()


@pytest.mark.parametrize(("speeds", "slowdown"), [((), 0), ((0, 0), 0), ((100,), 100), ((400, 100, 400), 400)])
def test_the_slowest_stretch_is_measured_against_most(speeds: tuple[int, ...], slowdown: int) -> None:
    assert Signs(1, IMAGE, speeds, 0, 0).slowdown == slowdown
