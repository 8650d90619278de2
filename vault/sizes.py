"""Sizes, speeds and stretches of time as people write them: 500 MB, 20G, 1.5 TiB, 20 MB/s, 90 days, 10 minutes."""

import re
from datetime import timedelta

from vault.errors import BadInput
from vault.text import Text

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(?:([KMGT])(I?B)?|B)?", re.IGNORECASE)
_DAYS = re.compile(r"([0-9]{1,6}) ?(?:days?|天|日)", re.IGNORECASE)
_MOST_DAYS = 36_500
_INTERVAL = re.compile(
    r"([0-9]{1,6}) ?(?:(?P<seconds>seconds?|秒)|(?P<minutes>minutes?|分钟?)|"
    r"(?P<hours>hours?|小时)|(?P<days>days?|天|日))",
    re.IGNORECASE,
)


def read_size(text: str) -> int:
    """Bytes. KB, MB, GB and TB are powers of 1000, K or KiB and so on of 1024. BadInput where it is none, or zero."""
    size = _read(text)
    if size < 1:
        raise BadInput(
            Text(en=f"{text!r} is no size such as 500M or 20G.", zh=f"{text!r} 不是大小，例如 500M 或 20G。")
        )
    return size


def read_speed(text: str) -> int:
    """Bytes a second, from a size and "/s". BadInput as `read_size`."""
    size = _read(text.strip()[:-2]) if text.strip().lower().endswith("/s") else 0
    if size < 1:
        raise BadInput(Text(en=f"{text!r} is no speed such as 20 MB/s.", zh=f"{text!r} 不是速度，例如 20 MB/s。"))
    return size


def read_days(text: str) -> timedelta:
    """Whole days, from one to a hundred years. BadInput where it is none."""
    found = _DAYS.fullmatch(text.strip())
    days = int(found[1]) if found else 0
    if not 1 <= days <= _MOST_DAYS:
        raise BadInput(Text(en=f"{text!r} is no time such as 90 days.", zh=f"{text!r} 不是时长，例如 90 天。"))
    return timedelta(days=days)


def read_interval(text: str) -> timedelta:
    """From a second to a hundred years. BadInput where it is none."""
    found = _INTERVAL.fullmatch(text.strip())
    unit = next((name for name, said in found.groupdict().items() if said), "") if found else ""
    interval = timedelta(**{unit: int(found[1])}) if found else timedelta()
    if not timedelta(seconds=1) <= interval <= timedelta(days=_MOST_DAYS):
        raise BadInput(Text(en=f"{text!r} is no time such as 10 minutes.", zh=f"{text!r} 不是时长，例如 10 分钟。"))
    return interval


def _read(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return 0
    number, unit, ending = found.groups()
    base = 1000 if (ending or "").upper() == "B" else 1024
    return int(float(number) * base ** (" KMGT".index(unit.upper()) if unit else 0))


def size(count: int) -> str:
    """Bytes as people say them."""
    value, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
