"""Inspecting discs: which are due, and what a reading says of one. Pure: two functions, each with a table of cases.

    due      an interval in years, and a share of the discs each time: drawn by lot, but the same lot whoever draws it
             again, and so that every disc's turn comes in as many rounds as the share goes into the whole
    judge    good, to be watched, or degraded, with the reasons

Sectors that cannot be read, and bytes that are not the image's, need no threshold: such a disc is degraded. Everything
finer (how many repetitions, how many errors a scan may count) is the office's to fill in, by medium and with its
source; what nobody has filled in decides nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from statistics import median

from dateutil.relativedelta import relativedelta

from vault.digest import Digest
from vault.text import Text, counted

WORST = 3


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often, and how many of them: every so many years, so many in a hundred (1 … 100)."""

    years: int
    share: int

    @property
    def rounds(self) -> int:
        """In how many of them every disc has had its turn."""
        return -(-100 // self.share)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A disc as far as its inspection goes. `volume`: the name that both copies bear, so that their turn is the same.

    `since`: the day on which it was last known to be whole without an inspection: verified after burning.
    """

    volume: str
    since: date
    inspected: date | None = None
    level: int = 0  # that the last inspection found


def due(disc: Shelved, schedule: Schedule, today: date) -> date | None:
    """Since when the disc is to be inspected; None: it is not. One that is to be watched has its turn in each round."""
    turn, passed = None, 1
    while (day := disc.since + relativedelta(years=schedule.years * passed)) <= today:
        if disc.level or passed % schedule.rounds == _lot(disc.volume, schedule.rounds):
            turn = day
        passed += 1
    if turn is None or (disc.inspected is not None and disc.inspected >= turn):
        return None
    return turn


def _lot(volume: str, rounds: int) -> int:
    """Which of the rounds is the disc's: by chance, and the same for ever."""
    return int.from_bytes(hashlib.sha256(f"strongroom inspection {volume}".encode()).digest()) % rounds


class Grade(StrEnum):
    """What an inspection comes to."""

    GOOD = "good"
    WATCH = "watch"  # a warning level is reached: inspected in each round, better copied soon
    DEGRADED = "degraded"  # not relied on any more: its content is burnt anew

    @property
    def label(self) -> Text:
        return _GRADES[self]


@dataclass(frozen=True, slots=True)
class Levels:
    """Three warning levels of one measure for one kind of medium, ascending, and where the office has them from."""

    medium: str
    measure: str
    limits: tuple[int, int, int]
    source: str


@dataclass(frozen=True, slots=True)
class Signs:
    """What a reading tells of a disc. `speeds`: KiB a second, at even distances from its beginning to its end.

    `digest`: of all its sectors, None where not all could be read; `scanned`: what a drive counted besides, by name.
    """

    sectors: int
    digest: Digest | None
    speeds: tuple[int, ...]
    retries: int
    unreadable: int
    scanned: Mapping[str, int] = field(default_factory=dict)

    @property
    def measures(self) -> Mapping[str, int]:
        """By the names for which levels can be given; of each the higher is the worse."""
        return {**self.scanned, "retries": self.retries, "slowdown": self.slowdown}

    @property
    def slowdown(self) -> int:
        """What the slowest stretch took, in hundredths of what one of them takes mostly. 0 where nobody timed it."""
        slowest = min(self.speeds, default=0)
        return round(100 * median(self.speeds) / slowest) if slowest else 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """`level`: 0 … 3; `changes`: how this reading differs from the last, which decides nothing."""

    grade: Grade
    level: int
    reasons: tuple[Text, ...]
    changes: tuple[Text, ...] = ()


def judge(signs: Signs, image: Digest, medium: str, levels: Sequence[Levels], last: Signs | None = None) -> Judgement:
    """What the reading of a disc says of it. `image`: what it carries, by the journal."""
    reasons = [*_losses(signs, image)]
    level = WORST if reasons else 0
    for one in levels:
        value = signs.measures.get(one.measure)
        if one.medium != medium or value is None:
            continue
        reached = sum(value >= limit for limit in one.limits)
        if reached:
            reasons.append(_reached(one, value, reached))
            level = max(level, reached)
    grade = Grade.DEGRADED if level == WORST else Grade.WATCH if level else Grade.GOOD
    return Judgement(grade, level, tuple(reasons), _changes(signs, last) if last is not None else ())


def _losses(signs: Signs, image: Digest) -> list[Text]:
    if signs.unreadable:
        en = f"{signs.unreadable:,} of {counted(signs.sectors, 'sector')} cannot be read."
        return [Text(en=en, zh=f"{signs.sectors} 个扇区中有 {signs.unreadable} 个无法读取。")]
    if signs.digest != image:
        found = signs.digest.hex if signs.digest is not None else "?"
        en = f"What was read hashes to {found}, not to the image's {image}."
        return [Text(en=en, zh=f"读出内容的 SHA-256 为 {found}，与映像的 {image} 不符。")]
    return []


def _reached(levels: Levels, value: int, reached: int) -> Text:
    limit, source, name = levels.limits[reached - 1], levels.source, _named(levels.measure)
    return Text(
        en=f"{name.en} is {value}: warning level {reached} begins at {limit} ({source}).",
        zh=f"{name.zh}为 {value}，达到第 {reached} 级预警值 {limit}（{source}）。",
    )


def _changes(signs: Signs, last: Signs) -> tuple[Text, ...]:
    names = sorted(signs.measures.keys() & last.measures.keys())
    return tuple(
        Text(
            en=f"{_named(name).en}: {last.measures[name]} at the last inspection, {signs.measures[name]} now.",
            zh=f"{_named(name).zh}：上次检查 {last.measures[name]}，本次 {signs.measures[name]}。",
        )
        for name in names
        if signs.measures[name] != last.measures[name]
    )


def _named(measure: str) -> Text:
    """For people, with the name that strongroom.toml has for it."""
    return _MEASURES.get(measure, Text(en=measure, zh=measure))


_MEASURES = {
    "retries": Text(en="stretches read more than once (retries)", zh="重读次数（retries）"),
    "slowdown": Text(
        en="time of the slowest stretch, in per cent of the usual (slowdown)",
        zh="最慢段用时占通常用时的百分数（slowdown）",
    ),
}

_GRADES = {
    Grade.GOOD: Text(en="good", zh="良好"),
    Grade.WATCH: Text(en="to be watched", zh="需关注"),
    Grade.DEGRADED: Text(en="degraded", zh="已劣化"),
}
