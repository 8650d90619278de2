"""When a job is due. Pure: the moment of its last run and the time come in, the next moment comes out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from vault.errors import BadInput
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Every:
    """So long after the last run began; the first time at once."""

    interval: timedelta

    def first(self, now: datetime, _zone: ZoneInfo) -> datetime:
        """Of a job that never ran."""
        return now

    def after(self, last: datetime, _zone: ZoneInfo) -> datetime:
        """The next after a run that began then (UTC)."""
        return last + self.interval


@dataclass(frozen=True, slots=True)
class Calendar:
    """By the five fields of crontab(5), on the office's clock: minute, hour, day of the month, month, day of the week.
    What the clocks' change in spring leaves out comes right after it, as Debian's cron has it.
    """

    cron: str

    def first(self, now: datetime, zone: ZoneInfo) -> datetime:
        return self.after(now, zone)

    def after(self, last: datetime, zone: ZoneInfo) -> datetime:
        return next(CronSim(self.cron, last.astimezone(zone))).astimezone(UTC)


Schedule = Every | Calendar


def daily(at: str) -> Calendar:
    """Every day at an hour such as 02:30."""
    hour, _, minute = at.partition(":")
    return Calendar(f"{int(minute)} {int(hour)} * * *")


def read_cron(text: str) -> Calendar:
    """BadInput where it is not crontab's five fields, or names a day that never comes."""
    try:
        next(CronSim(text, datetime(2026, 1, 1)))  # noqa: DTZ001  # whether it can be read: in no zone
    except (CronSimError, StopIteration) as error:
        raise BadInput(
            Text(en=f"{text!r} is no schedule such as 30 2 * * 1.", zh=f"{text!r} 不是计划，例如 30 2 * * 1。")
        ) from error
    return Calendar(text)


def due_at(schedule: Schedule, last: datetime | None, now: datetime, zone: ZoneInfo) -> datetime:
    """When a job is due that was begun last then. What was missed while nobody served is due at once, and once."""
    if last is None or last > now:  # a run of the future was begun by a wrong clock
        return schedule.first(now, zone)
    return schedule.after(last, zone)
