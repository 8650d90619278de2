"""`strongroom disposal`, as an office types it: each step by somebody logged in as themselves."""

from pathlib import Path
from typing import Any

import pytest

from tests.ops.conftest import Done, Program

PEOPLE = {
    "wangju": ("王建军", "principal-leader"),
    "zhangjianguo": ("张建国", "custodian"),
    "chenjing": ("陈静", "destruction-supervisor"),
    "zhaoxd": ("赵晓东", "destruction-supervisor"),
    "yunwei": ("周运维", "operator"),
}
LATER = "2032-04-01T02:00:00+00:00"  # all that was taken in on 2031-03-03 is due: a year has gone by
AFTER = "2032-04-09T02:00:00+00:00"  # the grace period too


class Office:
    """The program, called by people under their own logins. As root that is what sudo says."""

    def __init__(self, run: Program) -> None:
        self.run = run
        self.clock: str | None = None

    def __call__(self, login: str, *words: str | Path, expect: int = 0, **more: Any) -> Done:
        return self.run("--vault", "库", *words, expect=expect, clock=self.clock, env={"SUDO_USER": login}, **more)


@pytest.fixture
def office(run: Program) -> Office:
    office = Office(run)
    office("yunwei", "init", "--store", "甲库", "--store", "乙库")
    for login, (name, role) in PEOPLE.items():
        by = "yunwei" if login == "wangju" else "wangju"
        office(by, "person", "add", login, "--name", name, "--role", role)
    for name in ("一.mp4", "二.mp4", "三.mp4"):
        (run.cwd / name).write_text(f"现场录像{name}", encoding="utf-8")
        office("zhangjianguo", "ingest", name, "--section", "监督检查科", "--matter", "会计信息质量检查")
    office.clock = LATER
    office("yunwei", "--clock-is-right", "store", "accept", "a", "--why", "例行检查")  # a year without an act
    return office


ONE, TWO, THREE = (f"2031-{n:07d}" for n in range(1, 4))


def test_an_office_disposes_of_what_is_due(office: Office) -> None:
    (begun,) = office(
        "zhangjianguo", "disposal", "review", "--all-due", "--except", TWO, "--why", "期满", "--json"
    ).lines
    number = begun["disposal"]
    assert (number, begun["records"], begun["state"]) == ("D2032-0001", 2, "appraising")
    office("zhangjianguo", "disposal", "submit", number)
    office("wangju", "disposal", "approve", number, "--digest", "0" * 16, expect=4)
    office("wangju", "disposal", "approve", number, "--digest", begun["sha256"][:16])
    for login in ("chenjing", "zhaoxd"):
        office("zhangjianguo", "disposal", "supervise", number, "--digest", begun["sha256"], expect=4)
        office(login, "disposal", "supervise", number, "--digest", begun["sha256"])
    office("yunwei", "disposal", "run", number, expect=4)  # the grace period
    office.clock = AFTER
    said = office("yunwei", "disposal", "run", number).out
    assert "closed" in said
    shown = office("zhangjianguo", "disposal", "show", number, language="zh").out
    assert "会计信息质量检查" in shown
    assert "已办结" in shown
    assert [row["number"] for row in office("zhangjianguo", "find", "--json").lines] == [TWO]
    gone = office("zhangjianguo", "show", ONE)
    assert number in gone.out
    refused = office("zhangjianguo", "viewing", "request", ONE, "--why", "复议", expect=4, language="zh")
    assert "已依规销毁" in refused.err
    office("zhangjianguo", "hold", "place", ONE, "--authority", "县监委", "--why", "线索核查", expect=4)
    office("yunwei", "fsck")
    (again,) = office("zhangjianguo", "ingest", "一.mp4", "--section", "监督检查科", "--json").lines
    assert again["record"] == "2032-0000004"  # the same bytes are a new record now


def test_a_sheet_decides_record_by_record(office: Office) -> None:
    (office.run.cwd / "鉴定.csv").write_text(
        f"编号,决定,续存至,理由\n{ONE},销毁,,无保存价值\n{TWO},续存,2033-12-31,案件可能复查\n{THREE},长期保存,,典型案例\n",
        encoding="utf-8",
    )
    office("zhangjianguo", "disposal", "review", "--sheet", "鉴定.csv", "--why", "年度鉴定")
    *rows, whole, _ = office("zhangjianguo", "disposal", "show", "D2032-0001", "--json").lines
    assert [row["record"] for row in rows] == [ONE]
    assert whole["records"] == 1
    explained = office("zhangjianguo", "retention", "explain", TWO, "--json").lines[0]
    assert (explained["last_day"], explained["state"]) == ("2033-12-31", "running")
    assert office("zhangjianguo", "retention", "explain", THREE, "--json").lines[0]["state"] == "permanent"


WRONG = {
    "编号,决定\n2031-0000001,丢弃\n": "2",
    "编号,日子\n2031-0000001,销毁\n": "1",
    "编号,决定,续存至\n2031-0000001,续存,来年\n": "2",
    "编号\n2031-0000001\n2031-0000001\n": "2031-0000001",
    "编号,决定\n2031-0000001,续存\n": "2031-0000001",
}


def test_a_sheet_that_cannot_be_taken_says_where_and_leaves_no_list(office: Office) -> None:
    for sheet, said in WRONG.items():
        (office.run.cwd / "鉴定.csv").write_text(sheet, encoding="utf-8")
        refused = office("zhangjianguo", "disposal", "review", "--sheet", "鉴定.csv", "--why", "年度鉴定", expect=2)
        assert said in refused.err
    assert office("zhangjianguo", "disposal", "list", "--all").out == ""
