"""A clock is believed unless it contradicts this program's age or the journal's last act."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.wiring import Working, open_vault
from vault.clock import BUILT, sane, wall_clock
from vault.corrections import open_case
from vault.errors import ClockSuspect
from vault.store import Vault

LAST = datetime(2031, 3, 3, 2, tzinfo=UTC)


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
    assert sane(now, last) == max(now, last or now)


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
        sane(now, last)
    assert f"{now:%Y-%m-%d}" in caught.value.what.zh
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
    with open_vault(home, Working(person="张敏", clock=clock, clock_vouched=True)) as vouched:
        open_case(vouched, "邓财监〔2028〕1号", "检查案", clock().date(), "立案")
    assert vault.now() == clock()  # the journal's last act is of today now: nothing is left to vouch for
