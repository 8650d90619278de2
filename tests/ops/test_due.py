"""`scrub --due`: reading again by a schedule, oldest first, within a budget and hours, and how far behind it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.hours import seconds_left
from tests.ops.conftest import Done, Program
from vault.errors import BadInput
from vault.sizes import read_days

TAKEN_IN = "2031-03-03T02:00:00+00:00"
IN_JUNE = "2031-06-03T02:00:00+00:00"  # 92 days later, 10:00 in Beijing
SIZE = 1000


@pytest.fixture
def home(run: Program) -> Path:
    """Two stores, three recordings of a thousand bytes."""
    for name in "一二三":
        (run.cwd / f"{name}.mp4").write_bytes(name.encode() + b"." * (SIZE - 3))
    run("--vault", "库", "init", "--store", "甲", "--store", "乙", clock=TAKEN_IN)
    run("--vault", "库", "ingest", *(f"{name}.mp4" for name in "一二三"), "--section", "监督检查科", clock=TAKEN_IN)
    return run.cwd / "库"


def plan(home: Path, *lines: str) -> None:
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write("\n[scrub]\n" + "".join(f"{line}\n" for line in lines))


def scrub(run: Program, *words: str, clock: str = IN_JUNE, expect: int = 0, language: str = "en") -> Done:
    return run("--vault", "库", "scrub", "--due", *words, clock=clock, expect=expect, language=language)


def test_only_what_is_due_is_read(run: Program, home: Path) -> None:
    plan(home, 'every = "90 days"')
    early = {row["store"]: row for row in scrub(run, "--json", clock="2031-05-03T02:00:00+00:00").lines}
    assert [(row["bytes"], row["due"]) for row in early.values()] == [(0, 0), (0, 0)]
    done = {row["store"]: row for row in scrub(run, "--json").lines}
    assert [(row["bytes"], row["due"], row["due_oldest"]) for row in done.values()] == [(3 * SIZE, 0, None)] * 2
    again = scrub(run)
    assert ("0 B read" in again.out, "a: nothing is due." in again.err) == (True, True)


def test_a_budget_is_shared_and_the_rest_is_told_and_read_next_time(run: Program, home: Path) -> None:
    plan(home, 'every = "90 天"', 'budget = "2 KB"')
    done = scrub(run)
    assert "a: behind by 2 copies (2.0 KiB); oldest read: 2031-03-03 10:00:00" in done.err
    assert "b：尚有 1 个副本（1000 B）到期未读；最早一次回读：2031-03-03 10:00:00" in scrub(run, language="zh").err
    (third, _) = scrub(run, "--bytes", "10K", "--json").lines
    assert (third["bytes"], third["due"]) == (SIZE, 0)


def test_one_store_may_be_read_more_often_and_one_never(run: Program, home: Path) -> None:
    path = home / "strongroom.toml"
    head, name, rest = path.read_text(encoding="utf-8").partition('name = "b"\n')
    path.write_text(f'{head}{name}scrub = "30 days"\n{rest}', encoding="utf-8")
    (row,) = scrub(run, "--json", clock="2031-04-10T02:00:00+00:00").lines
    assert (row["store"], row["bytes"]) == ("b", 3 * SIZE)
    unsaid = scrub(run, "--store", "a", expect=2)
    assert 'every = "90 days"' in unsaid.err
    plan(home, 'every = "30 days"')
    assert [row["bytes"] for row in scrub(run, "--json", clock="2031-04-10T02:00:00+00:00").lines] == [3 * SIZE, 0]


def test_outside_its_hours_nothing_is_read(run: Program, home: Path) -> None:
    plan(home, 'every = "90 days"', 'window = "20:00-06:00"')
    assert "nothing was read" in scrub(run).err
    assert [row["bytes"] for row in scrub(run, "--json", clock="2031-06-03T14:00:00+00:00").lines] == [3 * SIZE] * 2


@pytest.mark.parametrize(
    ("line", "en", "zh"),
    [
        ('every = "often"', "scrub.every: 'often' is no time such as 90 days", "'often' 不是时长，例如 90 天"),
        ('budget = "much"', "scrub.budget: 'much' is no size", "scrub.budget：'much' 不是大小"),
        ('window = "night"', "scrub.window: write 20:00-06:00", "scrub.window：请写作 20:00-06:00"),
        ('evry = "90 days"', "scrub.evry: there is no such key; there are: every, budget, window", "可用：every、"),
    ],
)
def test_a_schedule_that_is_none(run: Program, home: Path, line: str, en: str, zh: str) -> None:
    plan(home, line)
    assert en in scrub(run, expect=2).err
    assert zh in scrub(run, expect=2, language="zh").err


@pytest.mark.parametrize("text", ["", "0 days", "90", "-1 days", "1.5 days", "36501 days", "9999999 days", "九十天"])
def test_what_is_no_stretch_of_days(text: str) -> None:
    with pytest.raises(BadInput, match="is no time"):
        read_days(text)


@pytest.mark.parametrize(
    ("hours", "at", "left"),
    [
        ("", "12:00", None),
        ("20:00-06:00", "05:59", 60),
        ("20:00-06:00", "06:00", 0),
        ("20:00-06:00", "19:59", 0),
        ("20:00-06:00", "20:00", 36_000),
        ("08:00-18:00", "17:00", 3600),
        ("08:00-18:00", "07:59", 0),
        ("08:00-08:00", "07:00", 3600),
    ],
)
def test_hours_by_the_clock(hours: str, at: str, left: float | None) -> None:
    hour, minute = map(int, at.split(":"))
    assert seconds_left(hours, datetime(2031, 3, 3, hour, minute, tzinfo=UTC)) == left
