"""The register of completeness: every case of the period and no other, each line as the case's own check has it."""

from datetime import date

import pytest
from sqlalchemy import event

from tests.vault.disposal_scene import CUSTODIAN, Office
from tests.vault.recorded import interrupted, record, review_as
from tests.vault.scene import NOW, apply, stored
from tests.vault.test_registers import NOVEMBER, PROFILE, drawn, scope
from vault import explaining
from vault.corrections import close_case, open_case
from vault.errors import BadInput
from vault.facts import Facts
from vault.profile import load_profile
from vault.registers import MAKERS
from vault.registers.completeness import cases_of
from vault.registers.pages import PAGE
from vault.registers.period import Period
from vault.store import Vault
from vault.terms import RetentionClass
from vault.text import Text

CASE = "邓财监罚字〔2026〕第{}号"
DECEMBER = Period.month_of(date(2026, 12, 1))
PHOTO, VIDEO = [("image/jpeg", NOW, 0)], [("video/mp4", NOW, 60)]


def of(case: int, matter: str = "抽样取证", section: str = "会计监督科") -> Facts:
    return Facts(
        case_number=CASE.format(case),
        case_name="违规收费案",
        party="欧阳建国",
        section=section,
        matter=matter,
        activity_ended_at=NOW,
    )


def lines(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    """Case, matter, records and finding of each line, in Chinese."""
    return [(row["case_number"], *(_zh(row[name]) for name in ("matter", "records", "found", "why"))) for row in rows]


def _zh(cell: object) -> object:
    return cell.zh if isinstance(cell, Text) else cell


def test_each_demand_of_each_case_of_the_period_is_a_line(vault: Vault) -> None:
    record(vault, of(1), PHOTO)
    record(vault, of(1, "听证"), interrupted(NOW), seed=1)
    record(vault, of(2), [*PHOTO, *VIDEO], seed=2)
    rows = drawn(vault, "completeness")
    assert lines(rows) == [
        (CASE.format(1), "抽样取证", 1, "缺失", None),
        (CASE.format(1), "听证", 1, "缺失", "有未说明的中断"),
        (CASE.format(2), "抽样取证", 1, "齐全", None),
    ]
    first = rows[0]
    assert (first["serial"], first["case_name"], first["party"]) == (1, "违规收费案", "欧阳建国")
    assert (first["section"], first["day"]) == ("会计监督科", date(2026, 11, 21))
    assert (_zh(first["stage"]), _zh(first["method"])) == ("调查取证", "拍照及录音录像")
    assert _zh(first["article"]) == "附件第4项"


def test_what_was_explained_says_why(vault: Vault) -> None:
    record(vault, of(1), PHOTO)
    filed = explaining.explain_missing(vault, of(1, "现场检查"), "weather", "暴雨停电", "红色预警")
    assert lines(drawn(vault, "completeness"))[0] == (CASE.format(1), "现场检查", 0, "说明待审核", "暴雨停电")
    review_as(vault, "王局长", filed.explanation)
    assert lines(drawn(vault, "completeness"))[0] == (CASE.format(1), "现场检查", 0, "已说明", "暴雨停电")


def test_what_nobody_can_tell_has_a_line_and_does_not_pass_for_complete(vault: Vault) -> None:
    record(vault, of(1, ""), VIDEO)
    record(vault, of(2, "谈话"), VIDEO, seed=1)
    open_case(vault, CASE.format(3), "骗取补贴案", date(2026, 11, 3), "")
    rows = drawn(vault, "completeness")
    assert lines(rows) == [
        (CASE.format(1), None, 1, "待查明", "记录未注明执法事项"),
        (CASE.format(2), "谈话", 1, "待查明", "不在音像记录清单内"),
        (CASE.format(3), None, 0, "待查明", "未发现清单所列执法事项"),
    ]
    assert rows[2]["case_name"] == "骗取补贴案"


def test_what_is_not_on_the_list_has_a_line_beside_what_is(vault: Vault) -> None:
    record(vault, of(1, "听证、谈话"), VIDEO)
    record(vault, of(1, "谈话"), VIDEO, seed=1)
    assert lines(drawn(vault, "completeness")) == [
        (CASE.format(1), "听证", 1, "齐全", None),
        (CASE.format(1), "谈话", 2, "待查明", "不在音像记录清单内"),
    ]


def test_a_case_is_of_the_period_in_which_it_was_opened_or_had_records_stored(vault: Vault) -> None:
    for number, day in {
        1: date(2026, 10, 31),
        2: date(2026, 11, 1),
        3: date(2026, 11, 30),
        4: date(2026, 12, 1),
    }.items():
        open_case(vault, CASE.format(number), "", day, "")
    record(vault, of(4), PHOTO)
    record(vault, of(5), PHOTO, seed=1)
    record(vault, Facts(section="会计监督科"), PHOTO, seed=2)  # of no case
    open_case(vault, CASE.format(5), "", date(2026, 12, 5), "")

    def cases(period: Period, section: str = "") -> list[object]:
        return [row["case_number"] for row in drawn(vault, "completeness", period, section)]

    assert cases(NOVEMBER) == [CASE.format(n) for n in (2, 3, 4, 5)]
    assert cases(DECEMBER) == [CASE.format(n) for n in (4, 5)]
    assert cases(Period(None, date(2026, 10, 31))) == [CASE.format(1)]
    assert cases(NOVEMBER, "会计监督科") == cases(DECEMBER, "会计监督科") == [CASE.format(n) for n in (4, 5)]
    assert cases(NOVEMBER, "监督检查科") == []


@pytest.mark.sqlite("it reads the plans of SQLite's planner")
def test_cases_by_the_hundred_are_each_there_once_and_found_by_index(vault: Vault) -> None:
    many = 2 * PAGE + 30
    happened = [stored(n, of(1000 + n // 2)) for n in range(2, many + 2)]
    queries: list[tuple[str, object]] = []
    with vault.database.writing() as connection:
        apply(connection, PROFILE, *happened)
    rows = drawn(vault, "completeness")
    assert [row["case_number"] for row in rows] == [CASE.format(1000 + n) for n in range(1, many // 2 + 1)]
    with vault.database.reading() as connection:

        @event.listens_for(connection, "before_cursor_execute")
        def heard(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
            queries.append((statement, parameters))

        list(cases_of(connection, scope()))
        statement, parameters = queries[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
    said = " ".join(str(row) for row in plan)
    assert "case_by_opening (opened_on>? AND opened_on<?)" in said
    assert "record_by_storing (stored_at>? AND stored_at<?)" in said
    assert "SCAN" not in said


def test_what_was_lawfully_destroyed_is_not_lacking(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        number = record(vault, of(1), [*PHOTO, *VIDEO], seed=7)
        open_case(vault, CASE.format(1), "违规收费案", date(2027, 12, 1), "")
        close_case(vault, CASE.format(1), date(2027, 12, 2), RetentionClass.SIX_MONTHS, "")
    office.clock.advance(days=380)
    office.run(office.agreed(number))
    with office.by(CUSTODIAN) as vault:
        (row,) = drawn(vault, "completeness", Period.month_of(date(2027, 12, 1)))
    assert lines([row]) == [(CASE.format(1), "抽样取证", 1, "待查明", None)]


def test_without_a_list_nothing_is_called_complete(vault: Vault) -> None:
    maker = MAKERS["completeness"]
    with vault.database.reading() as connection, pytest.raises(BadInput, match="no list of recordings"):
        list(maker.draw(connection, load_profile("xinzhou"), scope()).rows)
