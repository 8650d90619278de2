"""When an act may be entered by the clock: unless it contradicts this program's age or the journal's last act.

When anything may expire by it is the table's (clock_cases.toml).
"""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.samples import BEIJING
from ops.wiring import Working, open_vault
from tests.conftest import machine_beside
from vault import clock as clocks
from vault.clock import BUILT, Moment, Running, Verdict, Witness, Word, judge, sane, this_machine, wall_clock
from vault.corrections import open_case
from vault.errors import ClockSuspect
from vault.moments import minute
from vault.store import Vault
from vault.text import Text

LAST = datetime(2031, 3, 3, 2, tzinfo=UTC)
CASES = tomllib.loads((Path(__file__).parent / "clock_cases.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (BUILT, None),
        (LAST, None),
        (LAST, LAST),
        (LAST - timedelta(minutes=5), LAST),
        (LAST + timedelta(days=400), LAST),
    ],
)
def test_believed(now: datetime, last: datetime | None) -> None:
    assert sane(now, last, BEIJING) == max(now, last or now)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (datetime(1970, 1, 1, tzinfo=UTC), LAST),
        (BUILT - timedelta(seconds=1), None),
        (LAST - timedelta(minutes=5, seconds=1), LAST),
        (LAST + timedelta(days=400, seconds=1), LAST),
        (datetime(2099, 1, 1, tzinfo=UTC), LAST),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), LAST),
    ],
)
def test_not_believed(now: datetime, last: datetime | None) -> None:
    with pytest.raises(ClockSuspect, match="clock says") as caught:
        sane(now, last, BEIJING)
    assert f"本机时钟为 {minute(now, BEIJING)}" in caught.value.what.zh
    assert "timedatectl" in caught.value.hint.zh


def test_the_wall_clock_is_utc_in_whole_seconds() -> None:
    now = wall_clock()
    assert (now.tzinfo, now.microsecond) == (UTC, 0)
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_no_act_is_entered_under_a_suspect_clock_and_reading_goes_on(vault: Vault, clock: Any) -> None:
    open_case(vault, "邓财监〔2026〕12号", "检查案", clock().date(), "立案")
    last = vault.last_act()
    assert last == clock()
    for moment in (datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC), last - timedelta(hours=1)):
        clock.now = moment
        with pytest.raises(ClockSuspect):
            open_case(vault, "邓财监〔2026〕13号", "检查案", last.date(), "立案")
        assert vault.last_act() == last


def test_acts_never_go_back_however_often_the_clock_does(vault: Vault, clock: Any) -> None:
    """Each act once moved the bound, so that a clock could walk back five minutes at a time."""
    began = clock()
    for number in range(5):
        open_case(vault, f"邓财监〔2026〕{number}号", "检查案", clock().date(), "立案")
        clock.advance(minutes=-1)
    assert vault.last_act() == began
    clock.advance(minutes=-1)
    with pytest.raises(ClockSuspect):
        vault.now()


def test_a_person_may_vouch_for_the_clock(home: Path, vault: Vault, clock: Any) -> None:
    clock.advance(days=500)
    with pytest.raises(ClockSuspect, match="last act"):
        vault.now()
    vouching = Working(person="张敏", clock=clock, clock_vouched=True, machine=machine_beside(clock))
    with open_vault(home, vouching) as vouched:
        open_case(vouched, "邓财监〔2028〕1号", "检查案", clock().date(), "立案")
    assert vault.now() == clock()  # the journal's last act is of today now: nothing is left to vouch for


# ---------------------------------------------------------------- when anything may expire


def verdict(row: dict[str, Any]) -> Verdict:
    """A row of the table, judged. A key that is misspelt fails."""
    assert set(row) <= {"why", "shows", "last", "since", "up", "boot", "stores", "against", "alone", "time"}
    now, boot = row["shows"], row.get("boot", "4a1e")
    running, believed = Running(boot, 0.0), None
    if "since" in row:
        believed = Moment(row["since"], Running(boot, 1000.5))
        running = Running(boot, 1000.5 + (row["up"] - row["since"]).total_seconds())
    stores = [clocks.store(name, now, None if says == "away" else says) for name, says in row.get("stores", {}).items()]
    asked = [clocks.program(now), clocks.journal(now, row.get("last")), clocks.machine(now, running, believed)]
    return judge(now, [*asked, *stores], BEIJING)


@pytest.mark.parametrize("row", CASES, ids=[row["why"] for row in CASES])
def test_the_table_of_clocks(row: dict[str, Any]) -> None:
    found = verdict(row)
    assert [one.name.en for one in found.contradicting] == row.get("against", [])
    if "against" not in row and "alone" not in row:
        assert found.agreed
        assert found.paused is None
        assert found.require() == row.get("time", row["shows"])
        return
    assert found.confirmed != row.get("alone", False) or found.contradicting
    assert found.paused is not None
    for one in found.contradicting:
        assert one.says is not None
        assert f"{one.name.en} {minute(one.says, BEIJING)}" in found.paused.en
        assert f"{one.name.zh}为 {minute(one.says, BEIJING)}" in found.paused.zh
    with pytest.raises(ClockSuspect, match="Expiry waits") as caught:
        found.require()
    assert "--clock-is-right" in caught.value.hint.zh
    assert replace(found, vouched=True).paused is None


def test_a_clock_alone_in_the_future_is_ahead_of_every_witness_and_pauses() -> None:
    """Whatever it shows: what has not been confirmed lets nothing expire."""
    believed = [row for row in CASES if "against" not in row and "alone" not in row]
    for row in believed:
        for ahead in (timedelta(minutes=16), timedelta(days=1), timedelta(days=400), timedelta(days=40_000)):
            assert verdict(row | {"shows": row["shows"] + ahead}).paused is not None
        assert verdict({name: row[name] for name in row if name in {"why", "shows", "last"}}).paused is not None


moments = st.datetimes(datetime(2026, 11, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.timedeltas(timedelta(), timedelta(days=500))
witnesses = st.builds(
    Witness,
    name=st.just(Text(en="store 桶", zh="存储 桶 的时钟")),
    asked=st.just(LAST),
    says=st.none() | moments,
    back=spans,
    ahead=spans,
    confirms=st.booleans(),
)


@given(st.lists(witnesses, max_size=5), st.data())
def test_another_contradiction_never_lets_anything_expire(heard: list[Witness], data: st.DataObject) -> None:
    before = judge(LAST, heard, BEIJING)
    assert before.agreed == (
        all(one.says is None or -one.back <= LAST - one.says <= one.ahead for one in heard)
        and any(one.confirms and one.says is not None for one in heard)
    )
    other = data.draw(witnesses)
    after = judge(LAST, [*heard, other], BEIJING)
    if other.word is not Word.RIGHT:
        assert after.agreed <= before.agreed
    if before.contradicting:
        assert not after.agreed


def test_this_machine_tells_its_start_and_runs_on() -> None:
    one, other = this_machine(), this_machine()
    assert one.boot == other.boot == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert 0 < one.seconds <= other.seconds


def test_a_machine_that_cannot_tell_its_start_says_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(clocks, "_BOOT_ID", tmp_path / "没有")
    running = this_machine()
    assert running == Running("", 0.0)
    assert clocks.machine(LAST, running, Moment(LAST, running)).word is Word.NOTHING
