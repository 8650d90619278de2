"""The clock that is passed in, and when not to believe it. Decisions take `now`; only the edge reads a clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from vault.errors import ClockSuspect
from vault.text import Text

Clock = Callable[[], datetime]

BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # no machine that runs this program can rightly show an earlier time
_BACK = timedelta(minutes=5)  # what a time server may set a clock back without anybody noticing
_AHEAD = timedelta(days=400)  # longer than any office leaves its archive without an act


def wall_clock() -> datetime:
    """The machine's clock, UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def sane(now: datetime, last_act: datetime | None) -> datetime:
    """The time to go by: `now`, or the last act's where a clock was set back a little, so that the journal never does.

    ClockSuspect where the clock contradicts this program's age or the journal's last act.
    """
    if now < BUILT:
        raise ClockSuspect(
            Text(
                en=f"This machine's clock says {now:%Y-%m-%d %H:%M} UTC, before this program was made.",
                zh=f"本机时钟为 {now:%Y-%m-%d %H:%M}（UTC），早于本程序的发布时间。",
            )
        )
    if last_act is None:
        return now
    if now < last_act - _BACK or now > last_act + _AHEAD:
        raise ClockSuspect(
            Text(
                en=f"The clock says {now:%Y-%m-%d %H:%M} UTC, the journal's last act {last_act:%Y-%m-%d %H:%M}.",
                zh=f"本机时钟为 {now:%Y-%m-%d %H:%M}（UTC），而日志的最后一条为 {last_act:%Y-%m-%d %H:%M}。",
            ),
            hint=Text(
                en="Set the clock (timedatectl). If it is right, say so with --clock-is-right. Nothing was changed.",
                zh="请校准系统时间（timedatectl）。若时间无误，请加 --clock-is-right。未作任何改动。",
            ),
        )
    return max(now, last_act)
