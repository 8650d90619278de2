"""Finding records: by each fact, by Chinese names of two characters and more, page by page."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.catalogues import new_catalogue
from tests.vault.scene import apply, stored
from vault import acts
from vault.catalogue import queries
from vault.catalogue.queries import PAGE, Wanted, find
from vault.catalogue.rows import serial_of
from vault.catalogue.search import phrase, spaced
from vault.errors import BadInput
from vault.facts import FACTS, Fact, Facts, Kind
from vault.profile import Profile, load_profile
from vault.records import Standing

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile("dengzhou")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = new_catalogue(tmp_path / "catalogue.db")
    database.create()
    with database.writing() as opened:
        yield opened
    database.close()


def found(connection: Connection, *words: str, limit: int | None = None, **said: str) -> list[str]:
    return [record.number for record in find(connection, Wanted(words=words, facts=said), limit)]


def file(connection: Connection, profile: Profile, *texts: str) -> None:
    """A record for each text."""
    apply(connection, profile, *(stored(n, Facts(party=said)) for n, said in enumerate(texts, 1)))


PEOPLE = (
    "王芳",
    "王芳华",
    "李王芳",
    "王 芳",
    "王建芳",
    "芳王",
    "邓州市王芳副食品店",
    "欧阳建国",
    "买买提·吐尔逊",
    "赵㛃",
    "钱䶮",
    "孙𬭎",
    "杨𠅤",
    "周𰻞",
    "吴\ue863",  # a name that an old system kept in the private use area
    "ABC汽车修理厂",
    "ＡＢＣ１２３公司",
    "豫R12345",
    "张三（化名）",
    "黎﨎",
    "刘〇",
    "佐々木",
)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("王芳", ["王芳", "王芳华", "李王芳", "王 芳", "邓州市王芳副食品店"]),
        ("芳", ["王芳", "王芳华", "李王芳", "王 芳", "王建芳", "芳王", "邓州市王芳副食品店"]),
        ("建国", ["欧阳建国"]),
        ("阳建", ["欧阳建国"]),
        ("副食品", ["邓州市王芳副食品店"]),
        ("买买提·吐尔逊", ["买买提·吐尔逊"]),
        ("买买提吐尔逊", ["买买提·吐尔逊"]),
        ("吐尔", ["买买提·吐尔逊"]),
        ("赵㛃", ["赵㛃"]),
        ("钱䶮", ["钱䶮"]),
        ("孙𬭎", ["孙𬭎"]),
        ("杨𠅤", ["杨𠅤"]),
        ("𠅤", ["杨𠅤"]),
        ("周𰻞", ["周𰻞"]),
        ("吴\ue863", ["吴\ue863"]),
        ("\ue863", ["吴\ue863"]),
        ("abc", ["ABC汽车修理厂", "ＡＢＣ１２３公司"]),
        ("ABC汽车", ["ABC汽车修理厂"]),
        ("ＡＢＣ汽车", ["ABC汽车修理厂"]),
        ("abc123公司", ["ＡＢＣ１２３公司"]),
        ("abc1", ["ＡＢＣ１２３公司"]),
        ("豫r123", ["豫R12345"]),
        ("豫Ｒ１２３４５", ["豫R12345"]),
        ("r12345", ["豫R12345"]),
        ("张三(化名)", ["张三（化名）"]),
        ("刘〇", ["刘〇"]),
        ("佐々木", ["佐々木"]),
        ("黎﨎", ["黎﨎"]),
        ("王芳 李", []),
        ("王小芳", []),
        ('"王芳" OR 李*', []),
    ],
)
def test_people_are_found_by_what_is_in_their_names(
    connection: Connection, profile: Profile, query: str, names: Sequence[str]
) -> None:
    file(connection, profile, *PEOPLE)
    newest_first = [f"2026-{PEOPLE.index(name) + 1:07d}" for name in reversed(names)]
    assert found(connection, query) == newest_first
    assert found(connection, party=query) == newest_first
    assert found(connection, place=query) == []


@pytest.mark.parametrize("query", ["", " ", "·", "（）", '"', "*", "___", "—— ……", "\0", "，。！？"])
def test_a_query_without_a_letter_digit_or_character_is_refused(connection: Connection, query: str) -> None:
    with pytest.raises(BadInput, match="Nothing to look for") as refused:
        found(connection, query)
    assert "汉字" in refused.value.hint.zh
    with pytest.raises(BadInput):
        found(connection, party=query)


def test_names_meet_in_any_spelling_that_unicode_calls_compatible(connection: Connection, profile: Profile) -> None:
    file(connection, profile, "豈弟", "ｶﾒﾗ", "㈱修理", "Café", "①号库")
    for number, query in enumerate(("豈弟", "カメラ", "株", "Café", "1号库"), 1):
        assert found(connection, query) == [f"2026-{number:07d}"], query


def test_words_in_one_query_must_all_be_there_and_may_be_in_different_facts(
    connection: Connection, profile: Profile
) -> None:
    apply(
        connection,
        profile,
        stored(1, Facts(party="王芳", place="新华东路")),
        stored(2, Facts(party="王芳", place="穰东镇")),
        stored(3, Facts(party="李娜", place="新华东路")),
    )
    assert found(connection, "王芳", "新华") == ["2026-0000001"]
    assert found(connection, "新华", party="王芳") == ["2026-0000001"]
    assert found(connection, party="王芳", place="穰东") == ["2026-0000002"]
    assert found(connection, place="王芳") == []


def test_what_is_spaced_is_found_by_its_phrase() -> None:
    for said in PEOPLE:
        assert phrase(said) is not None
        assert " ".join(spaced(said).split()) or said
    assert phrase("王芳") == '"王 芳"'
    assert phrase("DSJ-0007") == '"DSJ 0007"*'
    assert phrase("—") is None


def test_pages_have_neither_gaps_nor_repeats(connection: Connection, profile: Profile) -> None:
    count = 2 * PAGE + 57
    apply(connection, profile, *(stored(n, Facts(party="王芳" if n % 2 else "李娜")) for n in range(1, count + 1)))
    everything = [f"2026-{n:07d}" for n in range(count, 0, -1)]
    assert found(connection) == everything
    assert found(connection, "王芳") == [number for number in everything if int(number[5:]) % 2]
    for limit in (0, 1, PAGE - 1, PAGE, PAGE + 1, count, count + 1):
        assert found(connection, limit=limit) == everything[:limit]
    assert found(connection, "李娜", limit=3) == ["2026-0000456", "2026-0000454", "2026-0000452"]


def test_spans_of_time_and_standing(connection: Connection, profile: Profile) -> None:
    days = [NOW - timedelta(days=n) for n in range(5)]
    apply(
        connection,
        profile,
        *(
            stored(
                n,
                Facts(recorded_at=day, party="王芳"),
                standing=Standing.QUARANTINED if n % 2 else Standing.KEPT,
            )
            for n, day in enumerate(days, 1)
        ),
        stored(9, Facts(party="王芳")),
    )

    def numbers(**wanted: object) -> list[int]:
        return [serial_of(r.number) for r in find(connection, Wanted(**wanted))]  # type: ignore[arg-type]

    for words in ((), ("王芳",)):
        assert numbers(words=words, recorded_from=days[2]) == [3, 2, 1]
        assert numbers(words=words, recorded_before=days[2]) == [5, 4]
        assert numbers(words=words, recorded_from=days[3], recorded_before=days[1]) == [4, 3]
        assert numbers(words=words, standing=Standing.QUARANTINED) == [5, 3, 1]
        assert numbers(words=words, standing=Standing.KEPT, recorded_from=days[3]) == [4, 2]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_each_fact_is_kept_corrected_and_searched(connection: Connection, profile: Profile, fact: object) -> None:
    assert fact in FACTS
    before, after = ("甲字第一", "乙字第二")
    values = {
        Kind.TEXT: (before, after),
        Kind.PEOPLE: ((before, "王芳"), (after, "王芳")),
        Kind.CODES: ((before,), (before, after)),
        Kind.TIME: (NOW - timedelta(days=9), NOW - timedelta(days=8)),
    }[fact.kind]  # type: ignore[attr-defined]
    name: str = fact.name  # type: ignore[attr-defined]
    apply(connection, profile, stored(1, Facts(**{name: values[0]})), stored(2))
    assert getattr(queries.get_record(connection, "2026-0000001").facts, name) == values[0]
    corrected = acts.RecordCorrected(
        at=NOW, by="王芳", record="2026-0000001", facts=Facts(**{name: values[1]}), standing=Standing.KEPT
    )
    if fact.kind is not Kind.TIME:  # type: ignore[attr-defined]
        assert found(connection, before) == found(connection, **{name: before}) == ["2026-0000001"]
    apply(connection, profile, corrected)
    record = queries.get_record(connection, "2026-0000001")
    assert getattr(record.facts, name) == values[1]
    assert record.origins == {name: "correction"}
    if fact.kind is Kind.TIME:  # type: ignore[attr-defined]
        with pytest.raises(BadInput):
            found(connection, **{name: "2026"})
    else:
        assert found(connection, after) == found(connection, **{name: after}) == ["2026-0000001"]
        gone = ["2026-0000001"] if fact.kind is Kind.CODES else []  # type: ignore[attr-defined]
        assert found(connection, before) == gone
        other = "party" if name != "party" else "place"
        assert found(connection, **{other: after}) == []


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_what_was_emptied_is_found_no_more(connection: Connection, profile: Profile, fact: Fact) -> None:
    said: dict[Kind, object] = {Kind.TEXT: "甲字第一", Kind.TIME: NOW}
    name = fact.name
    other = "party" if name != "party" else "place"
    apply(connection, profile, stored(1, Facts(**{name: said.get(fact.kind, ("甲字第一",)), other: "王芳"})))
    emptied = acts.RecordCorrected(
        at=NOW, by="王芳", record="2026-0000001", facts=Facts(), emptied=(name,), standing=Standing.KEPT
    )
    apply(connection, profile, emptied)
    assert queries.get_record(connection, "2026-0000001").facts == Facts(**{other: "王芳"})
    assert found(connection, "甲字第一") == []
    assert found(connection, "王芳") == found(connection, **{other: "王芳"}) == ["2026-0000001"]


def test_files_and_numbers_are_searched(connection: Connection, profile: Profile) -> None:
    apply(connection, profile, stored(7, Facts(), "询问笔录.pdf", "DSJ20261121_093000.MP4"), stored(8))
    for words in ("询问笔录", "笔录", "dsj20261121", "DSJ20261121_0930", "2026-0000007", "0000007"):
        assert found(connection, words) == ["2026-0000007"], words
