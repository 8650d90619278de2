"""Facts from written values: what a person typed in an option, a sheet or a sidecar becomes a fact, or is refused.

Nothing is guessed. A date without a time is not taken as midnight, a name is not split where it might be one name,
a value that would break a line, a label or a search is not cleaned in silence. Pure: `now` and the zone are given.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from vault.errors import BadInput
from vault.facts import FACT, FACTS, Fact, Facts, Kind, utc
from vault.intake.names import shown
from vault.moments import local
from vault.plain import require_plain
from vault.text import Text

LONGEST = 2_000  # characters of one fact
EARLIEST_YEAR = 2000  # the offices' regulations and devices are younger; 1970 and 1904 are clocks that were never set
LATEST = timedelta(days=1)  # after now: a device clock may be a little ahead, and its zone wrong

FactValue = str | tuple[str, ...] | datetime

_SEPARATORS = re.compile(r"[、,，;；\r\n]+")
_GAP = re.compile(r"\s+")

_PARTS = ("year", "month", "day", "hour", "minute", "second")
_MOMENT = re.compile(
    r"""(?P<year>\d{4}) \s* (?:[-/.]|年) \s* (?P<month>\d{1,2}) \s* (?:[-/.]|月) \s* (?P<day>\d{1,2}) \s* 日?
        (?: (?:\s*T\s*|\s+|(?<=日)\s*)
            (?P<hour>\d{1,2}) \s* (?::|时|點|点) \s* (?P<minute>\d{1,2}) \s* 分?
            (?: (?::|(?<=分)\s*) \s* (?P<second>\d{1,2}) (?:[.,]\d+)? \s* 秒? )?
            \s* (?P<zone> Z | UTC | [+-]\d{2}:?\d{2} )? )?""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)


def fact_named(heading: str) -> Fact | None:
    """The fact that a column or key means: by its name, labels or `also`; case, spaces, `-` and `_` don't matter."""
    return _HEADINGS.get(_heading(heading))


def _heading(text: str) -> str:
    return re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", text)).casefold()


_HEADINGS = {_heading(said): fact for fact in FACTS for said in (fact.name, fact.label.en, fact.label.zh, *fact.also)}


def facts_of(values: Mapping[str, FactValue]) -> Facts:
    """Facts from values by name, as `parse_fact` and `moment_in` return them."""
    known: dict[str, Any] = dict(values)
    return Facts(**known)


def require_in_order(facts: Facts, zone: ZoneInfo) -> None:
    """BadInput where a recording would have ended before it began. Other moments may lie otherwise than expected: a
    camera runs on after the activity, and clocks differ."""
    began, ended = facts.recorded_at, facts.recorded_until
    if began is not None and ended is not None and began > ended:
        first, last = (FACT[name].label for name in ("recorded_at", "recorded_until"))
        raise BadInput(
            Text(
                en=f"{first.en} {local(began, zone)} is later than {last.en} {local(ended, zone)}.",
                zh=f"{first.zh} {local(began, zone)} 晚于{last.zh} {local(ended, zone)}。",
            ),
            hint=Text(en="Correct one of the two.", zh="请更正其中一项。"),
        )


def parse_fact(fact: Fact, text: str, zone: ZoneInfo, now: datetime) -> FactValue:
    """The fact that `text` says; empty where it says nothing (a time: BadInput). Times are UTC, whole seconds.

    BadInput: characters that cannot be kept, more than 2,000 of them, or a time that is none. `now` is UTC.
    """
    match fact.kind:
        case Kind.TIME:
            return parse_moment(fact, text, zone, now)
        case Kind.PEOPLE:
            return _people(fact, text)
        case Kind.CODES:
            # not without the repeated: the profile's own words may be among them, of which a part may stand twice
            return tuple(t for t in _GAP.split(_SEPARATORS.sub(" ", _checked(fact, text, lines=True))) if t)
        case Kind.TEXT:
            return _checked(fact, text)


def parse_list(fact: Fact, several: Sequence[str]) -> tuple[str, ...]:
    """Names or codes that are apart already. BadInput as `parse_fact`."""
    _checked(fact, "".join(several))
    return _unique(said for s in several if (said := _checked(fact, s)))


def _checked(fact: Fact, text: str, *, lines: bool = False) -> str:
    text = text.strip()
    require_plain(fact.label, text, lines=lines)
    if len(text) > LONGEST:
        raise BadInput(
            Text(
                en=f"{fact.label.en}: {len(text):,} characters; at most {LONGEST:,} can be kept. Shorten it.",
                zh=f"{fact.label.zh}：共 {len(text):,} 个字符，最多 {LONGEST:,} 个。请缩短。",
            )
        )
    return text


def _people(fact: Fact, text: str) -> tuple[str, ...]:
    """Names apart. Between Han characters white space parts names; inside 'John Smith' it does not.

    Forms pad two-character names with a space (王　芳): two single characters are one name. More of them in a row
    could be read in two ways and are refused.
    """
    names: list[str] = []
    for part in _SEPARATORS.split(_checked(fact, text, lines=True)):
        words = _han_words(part)
        single = [len(w) == 1 and _is_han(w) for w in words]
        if len(words) == 2 and all(single):
            names.append("".join(words))
        elif any(single) and len(words) > 1:
            raise BadInput(
                Text(
                    en=f"{fact.label.en}: '{shown(part.strip())}' can be read as several lists of names; "
                    "put 、 between the names.",
                    zh=f"{fact.label.zh}：“{shown(part.strip())}”无法确定是几个人名，请用顿号（、）分隔。",
                )
            )
        else:
            names.extend(words)
    return _unique(names)


def _han_words(part: str) -> list[str]:
    words: list[str] = []
    for token in part.split():
        if words and not _is_han(words[-1][-1]) and not _is_han(token[0]):
            words[-1] += " " + token
        else:
            words.append(token)
    return words


def _is_han(character: str) -> bool:
    code = ord(character)
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x323AF or character == "〇"


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def parse_moment(fact: Fact, text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """A moment in UTC, whole seconds: ISO 8601, `2026-03-01 09:30[:15]`, `2026/3/1 9:30`, `2026年3月1日9时30分[15秒]`.

    Without a zone it is local time in `zone`. Refused: a date alone, a local time that the zone skipped or had
    twice, a year before 2000, more than a day after `now`.
    """
    found = _found(fact, text)
    if found["hour"] is None:
        raise date_alone(fact, text)
    return moment_in(fact, _moment(fact, text, found), zone, now)


def moment_named(text: str, zone: ZoneInfo) -> datetime:
    """A bound to search by, in UTC: any time at all, as for `parse_moment`; a date alone is its first moment."""
    moment = _moment(_BOUND, text, _found(_BOUND, text))
    try:
        return utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except OverflowError as error:
        raise _no_moment(_BOUND, text) from error


_BOUND = Fact("", Kind.TIME, Text(en="time", zh="时间"))


def _found(fact: Fact, text: str) -> re.Match[str]:
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", _checked(fact, text)))
    if found is None:
        raise _no_moment(fact, text)
    return found


def _moment(fact: Fact, text: str, found: re.Match[str]) -> datetime:
    """With its own offset, or naive."""
    year, month, day, hour, minute, second = (int(found[part] or 0) for part in _PARTS)
    try:
        own = _offset(found["zone"]) if found["zone"] else None
        return datetime(year, month, day, hour, minute, second, tzinfo=own)
    except ValueError as error:
        raise _no_moment(fact, text) from error


def moment_in(fact: Fact, moment: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """`moment` in UTC, whole seconds: by its own offset, else as local time in `zone`. BadInput as `parse_moment`."""
    if moment.tzinfo is None:
        moment = _local(fact, moment, zone)
    try:
        year, moment = moment.astimezone(zone).year, utc(moment)
    except OverflowError as error:
        raise _no_moment(fact, str(moment)) from error
    if year < EARLIEST_YEAR or moment > now + LATEST:
        raise BadInput(
            Text(
                en=f"{fact.label.en}: {local(moment, zone)} is {_which(year).en}. "
                "Check the date and the clock of the device.",
                zh=f"{fact.label.zh}：{local(moment, zone)} {_which(year).zh}。请核对日期和设备时钟。",
            )
        )
    return moment


def _which(year: int) -> Text:
    if year < EARLIEST_YEAR:
        return Text(en=f"before {EARLIEST_YEAR}", zh=f"早于 {EARLIEST_YEAR} 年")
    return Text(en="in the future", zh="晚于当前时间")


def _offset(written: str) -> timezone:
    if written.upper() in ("Z", "UTC"):
        return timezone.utc  # noqa: UP017 - the same type as the line below
    digits = written[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if written[0] == "-" else shift)


def _local(fact: Fact, moment: datetime, zone: ZoneInfo) -> datetime:
    """Local time that happened exactly once: a change of summer time skips an hour, or has it twice (PEP 495)."""
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    raise BadInput(
        Text(
            en=f"{fact.label.en}: {moment} happened twice or not at all in {zone.key}, where the clocks were changed; "
            "write it with its offset, such as +08:00.",
            zh=f"{fact.label.zh}：{moment} 在时区 {zone.key} 因调整时钟而出现两次或不存在；请注明时差，例如 +08:00。",
        )
    )


def date_alone(fact: Fact, text: str) -> BadInput:
    """A date is not a moment, and midnight would be a lie."""
    return BadInput(
        Text(
            en=f"{fact.label.en}: '{shown(text.strip())}' is a date without a time; add it, as in 2026-03-01 09:30.",
            zh=f"{fact.label.zh}：“{shown(text.strip())}”只有日期没有时间，请补上时间，例如 2026-03-01 09:30。",
        )
    )


def _no_moment(fact: Fact, text: str) -> BadInput:
    return BadInput(
        Text(
            en=f"{fact.label.en}: '{shown(text.strip())}' is no time; write it as 2026-03-01 09:30:15 "
            "or 2026年3月1日9时30分.",
            zh=f"{fact.label.zh}：“{shown(text.strip())}”不是有效时间，"
            "请写成 2026-03-01 09:30:15 或 2026年3月1日9时30分。",
        )
    )
