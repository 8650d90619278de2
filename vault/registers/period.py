"""The days that a register covers, on the office's calendar."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from vault.errors import BadInput
from vault.terms import day_after
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included; without a first, from the beginning. BadInput: it ends first."""

    first: date | None
    last: date

    def __post_init__(self) -> None:
        if self.first is not None and self.last < self.first:
            raise BadInput(
                Text(
                    en=f"The period ends on {self.last}, before it begins on {self.first}.",
                    zh=f"期间的截止日 {self.last} 早于起始日 {self.first}。",
                )
            )

    @classmethod
    def month_of(cls, day: date) -> "Period":
        """The calendar month that a day is in."""
        return cls(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first moment and the first after it, UTC."""
        return _midnight(self.first or date.min, zone), _midnight(day_after(self.last), zone)

    @property
    def text(self) -> Text:
        if self.first is None:
            return Text(en=f"up to {self.last}", zh=f"截至{day_text(self.last).zh}")
        if self == Period.month_of(self.first):
            return Text(en=f"{self.first:%Y-%m}", zh=f"{self.first.year}年{self.first.month}月")
        if self.first == self.last:
            return day_text(self.first)
        return Text(en=f"{self.first} to {self.last}", zh=f"{day_text(self.first).zh}至{day_text(self.last).zh}")


def day_text(day: date) -> Text:
    """A day in words."""
    return Text(en=f"{day}", zh=f"{day.year}年{day.month}月{day.day}日")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:  # within a day of either end of the calendar
        return datetime.combine(day, time(), UTC)
