"""What people write becomes a fact or is refused; nothing is guessed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import BadInput
from vault.facts import FACT, FACTS
from vault.intake.facts_text import LONGEST, fact_named, facts_of, moment_in, moment_named, parse_fact, parse_list

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
TIME = FACT["recorded_at"]


def parse(name: str, text: str) -> object:
    return parse_fact(FACT[name], text, SHANGHAI, NOW)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01 09:30:15",
        "2026-03-01T09:30:15",
        "2026-03-01T09:30:15.987",
        "2026-03-01T09:30:15+08:00",
        "2026-03-01T01:30:15Z",
        "2026-03-01 01:30:15 UTC",
        "2026-02-28T20:30:15-0500",
        "2026/3/1 9:30:15",
        "2026.3.1 9:30:15",
        "2026年3月1日 9时30分15秒",
        "2026年3月1日9时30分15秒",
        "2026年03月01日 09：30：15",
        "２０２６-０３-０１ ０９:３０:１５",
        "  2026-03-01   09:30:15 ",
    ],
)
def test_one_moment_written_in_many_ways(written: str) -> None:
    assert parse("recorded_at", written) == datetime(2026, 3, 1, 1, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-03-01 09:30", "2026/3/1 9:30", "2026年3月1日9点30分"])
def test_seconds_may_be_left_out(written: str) -> None:
    assert parse("recorded_at", written) == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2026-03-01", "date without a time"),
        ("2026年3月1日", "date without a time"),
        ("2026-02-30 09:30", "is no time"),
        ("2026-03-01 24:00", "is no time"),
        ("2026-03-01 09:30+99:00", "is no time"),
        ("09:30", "is no time"),
        ("昨天上午", "is no time"),
        ("", "is no time"),
        ("1970-01-01 08:00", "before 2000"),
        ("1999-12-31 23:59:59", "before 2000"),
        ("0001-01-01 00:00", "is no time"),
        ("2099-01-01 00:00", "in the future"),
        ("9999-12-31 23:59-23:00", "is no time"),
        ("2026-11-22 16:00:01", "in the future"),
    ],
)
def test_times_that_are_refused(written: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        parse("recorded_at", written)
    assert "记录时间" in refused.value.what.zh


def test_the_bounds_themselves_are_taken() -> None:
    assert parse("recorded_at", "2000-01-01 00:00:00") == datetime(1999, 12, 31, 16, tzinfo=UTC)
    assert parse("recorded_at", "2026-11-22 16:00:00") == NOW + timedelta(days=1)


@pytest.mark.parametrize("written", ["2026-03-29 02:30", "2026-10-25 02:30"])
def test_a_local_time_that_never_was_or_was_twice_is_refused(written: str) -> None:
    with pytest.raises(BadInput, match="twice or not at all"):
        parse_fact(TIME, written, ZoneInfo("Europe/Berlin"), NOW)
    assert parse_fact(TIME, written + "+01:00", ZoneInfo("Europe/Berlin"), NOW)


@given(
    st.datetimes(
        datetime.fromisoformat("2000-01-02"), datetime.fromisoformat("2026-11-20"), timezones=st.just(SHANGHAI)
    )
)
def test_every_moment_comes_back_from_each_way_to_write_it(moment: datetime) -> None:
    whole = moment.replace(microsecond=0).astimezone(UTC)
    written = (
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{moment.year}/{moment.month}/{moment.day} {moment:%H:%M:%S}",
        f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}时{moment.minute}分{moment.second}秒",
        whole.isoformat(),
        moment.isoformat(),
    )
    assert {parse("recorded_at", w) for w in written} == {whole}
    assert moment_in(TIME, moment.replace(tzinfo=None), SHANGHAI, NOW) == whole


@given(st.text(max_size=40))
def test_any_text_is_a_fact_or_bad_input(text: str) -> None:
    for name in ("recorded_at", "officers", "circumstances", "party"):
        try:
            value = parse(name, text)
        except BadInput as error:
            error.what.zh.encode()
        else:
            facts_of({name: value})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("王芳", ("王芳",)),
        ("王芳、李强", ("王芳", "李强")),
        ("王芳,李强；张伟;赵敏，钱七", ("王芳", "李强", "张伟", "赵敏", "钱七")),
        ("王芳 李强", ("王芳", "李强")),
        ("王芳\n李强\n", ("王芳", "李强")),
        ("王　芳、李强", ("王芳", "李强")),
        ("王 芳", ("王芳",)),
        ("John Smith, 王芳", ("John Smith", "王芳")),
        ("王芳 John Smith 李强", ("王芳", "John Smith", "李强")),
        ("阿卜杜拉·买买提", ("阿卜杜拉·买买提",)),
        ("王芳、王芳", ("王芳",)),
        ("、王芳、", ("王芳",)),
        ("", ()),
    ],
)
def test_people(written: str, people: tuple[str, ...]) -> None:
    assert parse("officers", written) == people


@pytest.mark.parametrize("written", ["王 芳 李 强", "王芳 李 强", "王 芳 李强"])
def test_names_that_could_be_read_in_two_ways_are_refused(written: str) -> None:
    with pytest.raises(BadInput, match="between the names"):
        parse("officers", written)


def test_codes_are_parted_by_any_separator() -> None:
    assert parse("circumstances", "objection evasion、sensitive") == ("objection", "evasion", "sensitive")


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\n", "\u202e", "\u200b", "\ufeff", "\u2028", "\ud800"])
def test_characters_that_cannot_be_kept_are_refused(character: str) -> None:
    with pytest.raises(BadInput, match=f"{ord(character):04X}"):
        parse("party", f"王{character}芳")


def test_a_fact_has_a_longest_length() -> None:
    assert parse("content", "字" * LONGEST) == "字" * LONGEST
    with pytest.raises(BadInput, match="2,001 characters"):
        parse("content", "字" * (LONGEST + 1))
    with pytest.raises(BadInput, match="2,001 characters"):
        parse_list(FACT["officers"], ["字"] * (LONGEST + 1))


def test_a_list_is_not_parted_further() -> None:
    assert parse_list(FACT["officers"], ["Smith, John", "王芳 ", ""]) == ("Smith, John", "王芳")


def test_headings_in_both_languages() -> None:
    for fact in FACTS:
        for heading in (fact.name, fact.label.en, fact.label.zh, fact.name.upper(), f" {fact.label.en.title()} "):
            assert fact_named(heading) is fact
        assert fact_named(fact.option) is fact
    assert fact_named("备注") is None
    assert fact_named("") is None


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-01", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026年3月1日", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026-03-01 09:30", datetime(2026, 3, 1, 1, 30, tzinfo=UTC)),
        ("1970-01-01", datetime(1969, 12, 31, 16, tzinfo=UTC)),
        ("2199-01-01T00:00Z", datetime(2199, 1, 1, tzinfo=UTC)),
    ],
)
def test_bounds_to_search_by_may_be_dates_of_any_year(written: str, moment: datetime) -> None:
    assert moment_named(written, SHANGHAI) == moment


@pytest.mark.parametrize("written", ["", "yesterday", "2026-02-30", "0001-01-01"])
def test_bounds_that_are_no_time_are_refused(written: str) -> None:
    with pytest.raises(BadInput, match="is no time"):
        moment_named(written, SHANGHAI)
