"""Moments as people read them: on the office's clock, in every list, refusal and paper. Journal, catalogue and `--json`
have them in UTC (ISO 8601): what is kept must not depend on where somebody reads it.
"""

from datetime import datetime, tzinfo

_SECOND, _MINUTE = "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"


def local(moment: datetime, zone: tzinfo) -> str:
    """To the second."""
    return _spelled(moment, zone, _SECOND)


def minute(moment: datetime, zone: tzinfo) -> str:
    """To the minute, as registers and discs have it."""
    return _spelled(moment, zone, _MINUTE)


def _spelled(moment: datetime, zone: tzinfo, spelling: str) -> str:
    try:
        return moment.astimezone(zone).strftime(spelling)
    except OverflowError:  # within a day of either end of the calendar
        return f"{moment.strftime(spelling)} UTC"
