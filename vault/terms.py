"""How long: the five classes, and the calendar that counts them.

Terms are calendar months, never blocks of days. They are counted as the Civil Code (民法典) counts periods, which is
how an office's lawyers will check them:

- 200: years and months are those of the solar calendar.
- 201: the day on which the period starts is not counted; it runs from the next day.
- 202: the corresponding day of the last month is the last day; a month without that day ends on its own last day.
- 203: the last day ends at 24:00. (Its first paragraph moves a last day that is a statutory holiday to the day after
  it. That is left out: the calendar of holidays is decreed year by year, so no date years ahead can know it, and a
  review is done by people on a working day in any case.)
- 204: other rules or an agreement may say otherwise; that is what a profile is for.

The days are the office's own, in its profile's time zone. "The longest wins" compares the dates on which terms end,
never the classes: whether a case outlives two years is known only when it is closed. So classes refuse to be ordered;
as strings, "6-months" would come after "24-months".
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NoReturn
from zoneinfo import ZoneInfo

from vault.text import Text


class RetentionClass(StrEnum):
    """How long a record is kept."""

    SIX_MONTHS = "6-months"
    ONE_YEAR = "1-year"
    TWENTY_FOUR_MONTHS = "24-months"
    CASE_LIFETIME = "case-lifetime"  # as long as the files of the cases that claim it
    PERMANENT = "permanent"  # 长期保存: until somebody entitled says otherwise

    @property
    def label(self) -> Text:
        return LABELS[self]

    @property
    def months(self) -> int | None:
        """The term in calendar months; None for the two classes whose end no calendar gives."""
        return MONTHS.get(self)

    def _unordered(self, other: object) -> NoReturn:
        raise TypeError("retention classes have no order: compare the dates on which they end")

    __lt__ = __le__ = __gt__ = __ge__ = _unordered


LABELS: dict[RetentionClass, Text] = {
    RetentionClass.SIX_MONTHS: Text(en="6 months", zh="6个月"),
    RetentionClass.ONE_YEAR: Text(en="1 year", zh="1年"),
    RetentionClass.TWENTY_FOUR_MONTHS: Text(en="24 months", zh="24个月"),
    RetentionClass.CASE_LIFETIME: Text(en="as long as the case file", zh="与案卷相同"),
    RetentionClass.PERMANENT: Text(en="permanent", zh="长期保存"),
}


def file_terms(cases: Sequence[tuple[date | None, RetentionClass | None]]) -> tuple[RetentionClass, ...]:
    """For how long the files of cases are kept, each of which was closed then, and for that class; none while that is
    not settled of all of them."""
    kept = tuple(keep for closed_on, keep in cases if closed_on is not None and keep is not None)
    return kept if len(kept) == len(cases) and RetentionClass.CASE_LIFETIME not in kept else ()


def in_words(retention_class: RetentionClass, of_file: Collection[RetentionClass] = ()) -> Text:
    """A class as people read it. `of_file`: for how long its cases' files are kept, where that is known of all of
    them; "as long as the case file" says nothing without."""
    label = retention_class.label
    if retention_class is not RetentionClass.CASE_LIFETIME:
        return label
    terms = [one.label for one in RetentionClass if one in of_file]
    if not terms:
        return Text(
            en=f"{label.en} (how long that is kept is not set)",
            zh=f"{label.zh}（案卷保管期限未定）",
        )
    en, zh = ", ".join(one.en for one in terms), "、".join(one.zh for one in terms)
    if len(terms) > 1:
        return Text(
            en=f"{label.en} (the longest of: {en}, each from its closing)",
            zh=f"{label.zh}（{zh}，各自结案起，以最长者为准）",
        )
    return Text(en=f"{label.en} ({en} from its closing)", zh=f"{label.zh}（{zh}，自结案起）")


MONTHS: dict[RetentionClass, int] = {
    RetentionClass.SIX_MONTHS: 6,
    RetentionClass.ONE_YEAR: 12,
    RetentionClass.TWENTY_FOUR_MONTHS: 24,
}


@lru_cache(maxsize=8192)  # records share their days: a million of them start on a few thousand
def last_day(start: date, term: RetentionClass) -> date:
    """The last day of a term that starts on `start`, which is itself not counted (Civil Code 201, 202).

    `date.max` where the calendar ends before the term does (a device clock in 9999 must not stop a listing).
    ValueError for a class that has no term of its own.
    """
    from dateutil.relativedelta import relativedelta

    months = term.months
    if months is None:
        raise ValueError(f"{term.value} has no term in months")
    try:
        return start + relativedelta(months=months)
    except ValueError:  # beyond the year 9999
        return date.max


def longest_term(start: date) -> date:
    """The last day of thirty years: what is kept longer is kept permanently.

    国家档案局令第8号《机关文件材料归档范围和文书档案保管期限规定》(2006) 7: 永久, or 定期, which is 30年 or 10年.
    """
    from dateutil.relativedelta import relativedelta

    return start + relativedelta(years=30)


def day_after(day: date) -> date:
    """The next day: a term is over when its last day has ended (Civil Code 203). `date.max` is its own next day."""
    return day + timedelta(days=1) if day < date.max else day


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The office's calendar day of a moment. ValueError for a moment without a zone: whose midnight is meant?"""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # within a day of either end of the calendar
        return moment.date()
