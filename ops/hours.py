"""Hours in which copies may be moved or read again, as strongroom.toml says: 20:00-06:00, by the office's clock."""

import re
from datetime import datetime, timedelta

_HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = re.compile(f"{_HOUR}-{_HOUR}")


def are_hours(text: str) -> bool:
    """Whether it is written so."""
    return _HOURS.fullmatch(text) is not None


def is_hour(text: str) -> bool:
    """Whether it is a time of the day such as 02:30."""
    return re.fullmatch(_HOUR, text) is not None


def seconds_left(hours: str, now: datetime) -> float | None:
    """Seconds until the hours are over, 0 outside them, None where there are none."""
    if not hours:
        return None
    begin, end = (datetime.strptime(part, "%H:%M").time() for part in hours.split("-"))  # noqa: DTZ007  # of the day
    start, stop = (datetime.combine(now.date(), moment, now.tzinfo) for moment in (begin, end))
    if stop <= start:  # over midnight
        start, stop = (start - timedelta(days=1), stop) if now < stop else (start, stop + timedelta(days=1))
    return (stop - now).total_seconds() if start <= now < stop else 0.0
