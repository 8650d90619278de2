"""Registers from the catalogue: every entry of the period and no other, in order, page after page."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import update

from tests.vault.scene import NOW, apply, rows_of, sql, stored
from vault import acts
from vault.catalogue import schema
from vault.digest import Digest
from vault.errors import BadInput, CatalogueBroken
from vault.facts import Facts
from vault.profile import load_profile
from vault.records import RecordFile, Standing
from vault.registers import MAKERS
from vault.registers.intake import STANDINGS
from vault.registers.model import Scope, spelled
from vault.registers.pages import PAGE
from vault.registers.period import Period
from vault.store import Vault
from vault.text import Text

PROFILE = load_profile("dengzhou")
ZONE = ZoneInfo("Asia/Shanghai")
NOVEMBER = Period.month_of(date(2026, 11, 21))


def scope(period: Period = NOVEMBER, section: str = "") -> Scope:
    return Scope(office="邓州市财政局", zone=ZONE, period=period, drawn_at=NOW, entries=9, section=section)


def drawn(vault: Vault, kind: str, period: Period = NOVEMBER, section: str = "") -> list[dict[str, object]]:
    """The rows of a register as programs see them."""
    maker = MAKERS[kind]
    with vault.database.reading() as connection:
        register = maker.draw(connection, vault.profile, scope(period, section))
        return [spelled(maker.form, row) for row in register.rows]


def file_of(number: int, size: int, minutes: int = 0) -> RecordFile:
    digest = Digest.of(str(number).encode()).hex
    return RecordFile(sha256=digest, size=size, name=f"录像{number}.mp4", duration_ms=minutes * 60_000)


def file_at(vault: Vault, number: int, at: datetime, said: Facts, *files: RecordFile, **more: Standing) -> None:
    act = stored(number, said, **more)
    act = msgspec.structs.replace(act, at=at, files=files or act.files)
    with vault.database.writing() as connection:
        apply(connection, PROFILE, act)


def beijing(*moment: int) -> datetime:
    year, month, day, *time = moment
    return datetime(year, month, day, *time, tzinfo=ZONE).astimezone(UTC)


# the period


@pytest.mark.parametrize(
    ("period", "en", "zh"),
    [
        (NOVEMBER, "2026-11", "2026年11月"),
        (Period.month_of(date(2028, 2, 1)), "2028-02", "2028年2月"),
        (Period(date(2026, 11, 1), date(2026, 11, 29)), "2026-11-01 to 2026-11-29", "2026年11月1日至2026年11月29日"),
        (Period(date(2026, 11, 3), date(2026, 11, 3)), "2026-11-03", "2026年11月3日"),
        (Period(None, date(2026, 11, 3)), "up to 2026-11-03", "截至2026年11月3日"),
    ],
)
def test_a_period_in_words(period: Period, en: str, zh: str) -> None:
    assert (period.text.en, period.text.zh) == (en, zh)


def test_a_period_begins_and_ends_at_the_offices_midnight() -> None:
    assert NOVEMBER.span(ZONE) == (
        datetime(2026, 10, 31, 16, tzinfo=UTC),
        datetime(2026, 11, 30, 16, tzinfo=UTC),
    )
    assert Period.month_of(date(2028, 2, 1)).last == date(2028, 2, 29)
    assert Period(None, date.max).span(ZONE)[0].year == 1


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadInput, match="before it begins"):
        Period(date(2026, 11, 2), date(2026, 11, 1))


# what is in it


def test_intake_has_each_record_of_the_period_once_and_in_order(vault: Vault) -> None:
    first, after = NOVEMBER.span(ZONE)
    file_at(vault, 1, first - timedelta(seconds=1), Facts(section="会计科"))
    file_at(vault, 2, after, Facts(section="会计科"))
    file_at(vault, 3, after - timedelta(seconds=1), Facts(section="监督科"), standing=Standing.QUARANTINED)
    file_at(vault, 4, first, Facts(section="会计科", party="王芳"), file_of(1, 700, 2), file_of(2, 50, 1))
    *entries, total = drawn(vault, "intake")
    assert [row["record"] for row in entries] == ["2026-0000004", "2026-0000003"]
    assert entries[0]["stored_at"] == first
    assert (entries[0]["serial"], entries[0]["party"], entries[0]["section"]) == (1, "王芳", "会计科")
    assert (entries[0]["files"], entries[0]["bytes"], entries[0]["length"]) == (2, 750, 180)
    assert (entries[1]["files"], entries[1]["length"]) == (1, None)
    assert str(entries[1]["standing"]) == "in quarantine"
    assert (total["sum"], total["files"], total["bytes"], total["length"]) == ("whole", 3, 760, 180)
    assert [row["record"] for row in drawn(vault, "intake", section="监督科")[:-1]] == ["2026-0000003"]
    assert drawn(vault, "intake", Period(date(2025, 1, 1), date(2025, 1, 2))) == []


def test_intake_counts_what_was_recorded_after_it_was_stored(vault: Vault) -> None:
    first, _ = NOVEMBER.span(ZONE)
    file_at(vault, 1, first - timedelta(days=1), Facts(section="会计科", recorded_at=NOW))
    file_at(vault, 2, first, Facts(section="会计科", recorded_at=first))
    file_at(vault, 3, first, Facts(section="会计科", recorded_at=first + timedelta(hours=1)))
    file_at(vault, 4, first, Facts(section="监督科", recorded_until=first + timedelta(days=900)))
    assert [str(row["standing"]) for row in drawn(vault, "intake")[:-1]] == [
        "kept",
        "kept; recorded time in doubt",
        "kept; recorded time in doubt",
    ]
    told = []
    with vault.database.reading() as connection:
        for section in ("", "监督科", "财务科"):
            told += [MAKERS["intake"].draw(connection, vault.profile, scope(section=section)).preface]
    assert ["：2 条" in "".join(one.zh for one in preface) for preface in told] == [True, False, False]
    assert ["1 record." in "".join(one.en for one in preface) for preface in told] == [False, True, False]
    assert told[2] == ()


@pytest.mark.parametrize("standing", Standing)
def test_intake_tells_of_every_standing(vault: Vault, standing: Standing) -> None:
    """Those that were destroyed among them: they were taken in."""
    file_at(vault, 1, NOVEMBER.span(ZONE)[0], Facts(section="会计科"))
    with vault.database.writing() as connection:
        connection.execute(update(schema.record).values(standing=standing.value))
    entry, _ = drawn(vault, "intake")
    assert entry["standing"] == STANDINGS[standing]


def test_a_register_of_several_pages_misses_nothing_and_repeats_nothing(vault: Vault) -> None:
    """Most of them at one and the same moment: a page must go on in the middle of it."""
    many = 2 * PAGE + 30
    acts_ = [stored(n, Facts(section="会计科")) for n in range(1, many + 1)]
    acts_ = [msgspec.structs.replace(a, at=NOW + timedelta(hours=n // 300)) for n, a in enumerate(acts_)]
    seen = [_viewed(f"2026-{n:07d}") for n in range(1, many + 1)]
    held = [_held(n) for n in range(1, many + 1)]
    with vault.database.writing() as connection:
        apply(connection, PROFILE, *acts_, *seen, *held)
    expected = [f"2026-{n:07d}" for n in range(1, many + 1)]
    for kind in ("intake", "viewing", "holds"):
        entries = [row for row in drawn(vault, kind) if "sum" not in row]
        assert [row["record"] for row in entries] == expected
        assert [row["serial"] for row in entries] == list(range(1, many + 1))


def _viewed(record: str, **more: object) -> acts.RecordViewed:
    act = acts.RecordViewed(
        at=NOW, by="王芳", record=record, how="get", approved_by=("赵局长", "钱科长"), why="行政复议"
    )
    return msgspec.structs.replace(act, **more)


def _held(number: int) -> acts.HoldPlaced:
    record = f"2026-{number:07d}"
    return acts.HoldPlaced(at=NOW, by="张敏", hold=f"H{number:05d}", record=record, why="诉讼", authority="法院")


@pytest.mark.sqlite("it reads the plans of SQLite's planner")
def test_reading_a_page_costs_the_same_wherever_it_lies(vault: Vault) -> None:
    """Both the first page and a later one are found in the index; nothing is sorted."""
    for table, time, index in (
        ("record", "stored_at", "record_by_storing"),
        ("viewing", "at", "viewing_by_time"),
        ("hold", "placed_at", "hold_by_placing"),
    ):
        later = f"SELECT * FROM {table} WHERE {time} >= 'a' AND ({time} > 'a' OR id > 1) ORDER BY {time}, id LIMIT 200"
        for query in (later, f"SELECT * FROM {table} WHERE {time} >= 'a' ORDER BY {time}, id LIMIT 200"):
            plan = " ".join(str(row) for row in rows_of(vault, f"EXPLAIN QUERY PLAN {query}"))
            assert f"USING INDEX {index} ({time}>?)" in plan
            assert "TEMP B-TREE" not in plan


def test_viewings_say_who_what_why_and_who_had_agreed(vault: Vault) -> None:
    file_at(vault, 1, NOW, Facts(section="会计科", case_number="邓财罚字〔2026〕第1号", case_name="违规收费案"))
    file_at(vault, 2, NOW, Facts(section="监督科", matter="日常检查"))
    with vault.database.writing() as connection:
        apply(
            connection,
            PROFILE,
            _viewed("2026-0000001", at=NOW - timedelta(days=60)),
            _viewed("2026-0000001"),
            _viewed("2026-0000002", how="disc", at=NOW + timedelta(hours=1), why="移送"),
        )
    one, two = drawn(vault, "viewing")
    assert (str(one["by"]), one["record"], str(one["how"]), one["why"]) == (
        "王芳",
        "2026-0000001",
        "fetched",
        "行政复议",
    )
    assert (one["approved_by"], one["case_number"], one["case_name"]) == (
        Text(en="赵局长, 钱科长", zh="赵局长、钱科长"),
        "邓财罚字〔2026〕第1号",
        Text(en="违规收费案", zh="违规收费案"),
    )
    assert (str(two["case_name"]), str(two["how"]), two["section"]) == ("日常检查", "put on disc", "监督科")
    assert [row["record"] for row in drawn(vault, "viewing", section="监督科")] == ["2026-0000002"]


def test_a_viewing_names_the_file_that_was_seen(vault: Vault) -> None:
    """Of a record that is destroyed since, its names are forgotten: the digest tells the file."""
    some = [file_of(1, 700), file_of(2, 50)]
    file_at(vault, 1, NOW, Facts(section="会计科"), *some)
    with vault.database.writing() as connection:
        apply(
            connection,
            PROFILE,
            _viewed("2026-0000001", files=(some[1].sha256,)),
            _viewed("2026-0000001", how="export", files=tuple(one.sha256 for one in some)),
            _viewed("2026-0000001", how="disc"),
            _viewed("2026-0000001", files=("ab" * 32,)),
        )
    said = [str(row["files"]) for row in drawn(vault, "viewing")]
    assert said == ["录像2.mp4", "录像1.mp4、录像2.mp4", "all", "abababababab"]


def test_holds_are_those_that_stood_on_a_day_of_the_period(vault: Vault) -> None:
    file_at(vault, 1, NOW, Facts(section="会计科", party="王芳"))
    days = {  # placed and released, in days before or after
        "H00001": (-90, None),  # still stands
        "H00002": (-90, -60),  # was over before
        "H00003": (-90, 1),  # ended within
        "H00004": (1, 20),  # began within
        "H00005": (40, None),  # begins afterwards
    }
    happened: list[acts.AnyAct] = []
    for hold, (placed, released) in days.items():
        act = msgspec.structs.replace(_held(1), hold=hold, at=NOW + timedelta(days=placed))
        happened.append(act)
        if released is not None:
            at = NOW + timedelta(days=released)
            happened.append(acts.HoldReleased(at=at, by="李建国", hold=hold, record=act.record, why="诉讼终结"))
    with vault.database.writing() as connection:
        apply(connection, PROFILE, *happened)
    found = {row["hold"]: row for row in drawn(vault, "holds")}
    assert list(found) == ["H00001", "H00003", "H00004"]
    assert (str(found["H00001"]["standing"]), found["H00001"]["released_by"]) == ("stands", None)
    ended = found["H00003"]
    assert (str(ended["standing"]), ended["released_by"], ended["released_why"]) == ("released", "李建国", "诉讼终结")
    assert ended["released_at"] == NOW + timedelta(days=1)
    assert (ended["party"], ended["why"], ended["authority"], ended["placed_by"]) == ("王芳", "诉讼", "法院", "张敏")
    assert len(drawn(vault, "holds", Period(None, date(2026, 12, 31)))) == 5


@pytest.mark.parametrize(
    ("kind", "table", "column"),
    [
        ("intake", "record", "stored_by = 'x', officers"),
        ("intake", "record", "standing"),
        ("monthly", "record_file", "details"),
        ("viewing", "viewing", "approved_by"),
        ("holds", "hold", "released_at"),
    ],
)
def test_a_row_that_has_rotted_is_a_broken_catalogue_and_no_traceback(
    vault: Vault, kind: str, table: str, column: str
) -> None:
    file_at(vault, 1, NOW, Facts(section="会计科"))
    with vault.database.writing() as connection:
        apply(connection, PROFILE, _viewed("2026-0000001"), _held(1))
    assert drawn(vault, kind)
    sql(vault, f"UPDATE {table} SET {column} = '9{{'")
    with pytest.raises(CatalogueBroken, match=f"of {table} is damaged"):
        drawn(vault, kind)


# in time or not


def test_late_intake_lists_what_is_late_and_what_nobody_can_tell_of(vault: Vault) -> None:
    """Of the latter no deadline: what bounds it is none."""
    file_at(vault, 1, NOW, Facts(section="会计科", activity_ended_at=NOW - timedelta(hours=2)))
    file_at(
        vault, 2, NOW, Facts(section="会计科", activity_ended_at=NOW - timedelta(hours=31), officers=("王芳", "李娜"))
    )
    file_at(vault, 3, NOW, Facts(section="会计科", recorded_at=NOW - timedelta(days=3)))
    explained = acts.LateExplained(at=NOW, by="王芳", record="2026-0000002", why="设备故障，次日修复后导出")
    with vault.database.writing() as connection:
        apply(connection, PROFILE, explained)
    late, unclear = drawn(vault, "late")
    assert late["why"] == "设备故障，次日修复后导出"
    assert (late["record"], str(late["timeliness"]), late["late_by"]) == ("2026-0000002", "late, explained", 7 * 3600)
    assert (late["deadline"], late["officers"]) == (NOW - timedelta(hours=7), "王芳、李娜")
    assert (unclear["record"], str(unclear["timeliness"]), unclear["deadline"]) == ("2026-0000003", "cannot tell", None)


def test_late_intake_keeps_who_corrected_their_lateness_away(vault: Vault) -> None:
    ended = NOW - timedelta(hours=31)
    file_at(vault, 1, NOW, Facts(section="会计科", activity_ended_at=ended, officers=("王芳",)))
    corrected = acts.RecordCorrected(
        at=NOW,
        by="王芳",
        record="2026-0000001",
        facts=Facts(activity_ended_at=NOW - timedelta(hours=1)),
        standing=Standing.KEPT,
        why="更正",
    )
    with vault.database.writing() as connection:
        apply(connection, PROFILE, corrected)
    (late,) = drawn(vault, "late")
    assert (late["record"], str(late["timeliness"]), late["late_by"]) == ("2026-0000001", "late", 7 * 3600)
    assert late["deadline"] == NOW - timedelta(hours=7)
    was, becomes = (f"{one.astimezone(PROFILE.zone):%Y-%m-%d %H:%M:%S}" for one in (ended, NOW - timedelta(hours=1)))
    assert f"王芳 更正：执法活动结束时间：{was}→{becomes}" in late["corrected"].zh
    assert f"by 王芳: activity ended at: {was} → {becomes}" in late["corrected"].en
    assert [row["late"] for row in drawn(vault, "monthly") if row.get("sum") == "whole"] == [1]


# statistics


def test_statistics_count_a_record_for_each_officer_and_once_for_the_section(vault: Vault) -> None:
    ended = NOW - timedelta(hours=30)
    both = Facts(section="会计科", officers=("王芳", "李娜", "王芳"), activity_ended_at=ended)
    file_at(vault, 1, NOW, both, file_of(1, 100, 3), file_of(2, 10))
    file_at(vault, 2, NOW, Facts(section="会计科", officers=("王芳",)), file_of(3, 5, 1), standing=Standing.QUARANTINED)
    file_at(vault, 3, NOW, Facts(), file_of(4, 1))
    rows = {(str(r["section"]), str(r["officer"])): r for r in drawn(vault, "monthly")}
    assert list(rows) == [
        ("(not given)", "(not given)"),
        ("(not given)", "Section's total"),
        ("会计科", "李娜"),
        ("会计科", "王芳"),
        ("会计科", "Section's total"),
        ("Total", "None"),
    ]
    names = ("records", "files", "bytes", "length", "late", "unclear", "quarantined")

    def counted(section: str, officer: str) -> tuple[object, ...]:
        return tuple(rows[section, officer][name] for name in names)

    assert counted("会计科", "李娜") == (1, 2, 110, 180, 1, 0, 0)
    assert counted("会计科", "王芳") == (2, 3, 115, 240, 1, 1, 1)
    assert counted("会计科", "Section's total") == (2, 3, 115, 240, 1, 1, 1)
    assert counted("Total", "None") == (3, 4, 116, 240, 1, 2, 1)
    assert [r.get("sum") for r in rows.values()] == [None, "part", None, None, "part", "whole"]
    assert drawn(vault, "monthly", Period(date(2025, 1, 1), date(2025, 1, 2))) == []


def destroyed(vault: Vault, *records: str) -> None:
    """The journal says that a disposal of them was carried out."""
    listed = [acts.Listed(record=one, fate="dispose", why="期满", said=acts.AsListed(facts=Facts())) for one in records]
    doomed = [acts.Doomed(record=one, objects=()) for one in records]
    way: list[acts.AnyAct] = [
        acts.DisposalOpened(at=NOW, by="张敏", disposal="D2028-0001"),
        acts.RecordsAppraised(at=NOW, by="张敏", disposal="D2028-0001", appraised=tuple(listed)),
        acts.DestructionBegun(at=NOW, by="周运维", disposal="D2028-0001", stores=("甲",), doomed=tuple(doomed)),
    ]
    proven = acts.DestructionProven(at=NOW, by="周运维", disposal="D2028-0001", sha256="", objects=0, asked=())
    with vault.database.writing() as connection:
        apply(connection, PROFILE, *way)
    with vault.database.writing() as connection:
        apply(connection, PROFILE, proven)


def test_what_came_in_a_month_is_counted_alike_after_it_was_destroyed(vault: Vault) -> None:
    """It fell to nothing: no files, no length, and nobody's."""
    late = NOW - timedelta(hours=30)
    both = Facts(section="会计科", officers=("王芳", "李娜"), party="李伟", activity_ended_at=late)
    file_at(vault, 1, NOW, both, file_of(1, 100, 3), file_of(2, 10))
    file_at(vault, 2, NOW, Facts(section="会计科", officers=("王芳",)), file_of(3, 5, 1))
    file_at(vault, 3, NOW, Facts(section="监督科"), file_of(4, 1, 7))
    before = {kind: drawn(vault, kind) for kind in ("monthly", "late", "intake")}
    destroyed(vault, "2026-0000001", "2026-0000003")
    assert drawn(vault, "monthly") == before["monthly"]
    assert [row["record"] for row in drawn(vault, "late")] == [row["record"] for row in before["late"]]
    quantities = ("record", "files", "bytes", "length", "officers")
    assert [[row[name] for name in quantities] for row in drawn(vault, "intake")] == [
        [row[name] for name in quantities] for row in before["intake"]
    ]
    assert [(str(row["standing"]), row["party"]) for row in drawn(vault, "intake")[:2]] == [
        ("destroyed", None),
        ("kept", None),
    ]


# who demands it


def test_a_register_cites_the_articles_that_demand_it(vault: Vault) -> None:
    with vault.database.reading() as connection:
        basis = {k: m.draw(connection, PROFILE, scope()).basis for k, m in MAKERS.items()}
    assert str(basis["intake"]).endswith("administrative enforcement, Article 9, Article 10")
    assert basis["viewing"] is not None
    assert basis["viewing"].zh == "《邓州市财政局行政执法音像记录管理制度》第十三条"
    assert basis["holds"] is None


@pytest.mark.parametrize("kind", MAKERS)
def test_a_column_reads_the_same_way_in_every_row(vault: Vault, kind: str) -> None:
    """For programs: a text of the office in one row and words in both languages in the next broke them."""
    last = NOW - timedelta(days=9)
    visit = Facts(
        section="会计科", matter="on-site-check", officers=("王芳",), activity_ended_at=last, case_number="甲案"
    )
    file_at(vault, 1, NOW, visit)
    file_at(vault, 2, NOW, msgspec.structs.replace(visit, case_name="违规收费案", matter="其他事项", section="监督科"))
    file_at(vault, 3, NOW, Facts(content="询问笔录", case_number="甲案"))
    with vault.database.writing() as connection:
        seen = [_viewed(f"2026-{n:07d}", how=how) for n, how in ((1, "get"), (2, "loan"), (3, "disc"))]
        apply(connection, PROFILE, *seen, *(_held(n) for n in (1, 2, 3)))
    maker, rows = MAKERS[kind], drawn(vault, kind)
    assert len(rows) >= 3
    for column in maker.form.columns:
        said = [row[column.name] for row in rows if isinstance(row[column.name], (str, Text))]
        assert {type(one) for one in said} <= {Text if column.spoken else str}, column.name
    for row in rows:
        assert ("label" in row) <= ("sum" in row)
