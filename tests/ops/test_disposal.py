"""`strongroom disposal`, as an office types it: each step by somebody logged in as themselves."""

import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.ops.conftest import Done, Program
from tests.ops.test_people import entries
from vault.registers import MAKERS

PEOPLE = {
    "wangju": ("王建军", "principal-leader", "supervising-leader"),
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
    for login, (name, *roles) in PEOPLE.items():
        by = "yunwei" if login == "wangju" else "wangju"
        office(by, "person", "add", login, "--name", name, *(word for role in roles for word in ("--role", role)))
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
    refused = office(
        "zhangjianguo", "disposal", "review", "--all-due", "--except", "2031-002", "--why", "期满", expect=2
    )
    assert "There is no record 2031-002." in refused.err
    office("zhangjianguo", "disposal", "review", ONE, "--except", TWO, "--why", "期满", expect=2)
    assert len(office("zhangjianguo", "disposal", "list", "--all", "--json").lines) == 1
    office("zhangjianguo", "disposal", "submit", number)
    office("wangju", "disposal", "approve", number, "--digest", "0" * 16, expect=4)
    office("wangju", "disposal", "approve", number, "--digest", begun["digest"][:16])
    for login in ("chenjing", "zhaoxd"):
        office("zhangjianguo", "disposal", "supervise", number, "--digest", begun["digest"], expect=4)
        office(login, "disposal", "supervise", number, "--digest", begun["digest"])
    office("yunwei", "disposal", "run", number, expect=4)  # the grace period
    office.clock = AFTER
    said = office("yunwei", "disposal", "run", number).out
    assert "closed" in said
    shown = office("zhangjianguo", "disposal", "show", number, language="zh").out
    assert "会计信息质量检查" in shown
    assert "已办结" in shown
    assert "  审批：王建军\n" in shown  # it was "until" a day that means nothing any more
    assert [row["number"] for row in office("zhangjianguo", "find", "--json").lines] == [TWO]
    gone = office("zhangjianguo", "show", ONE)
    assert number in gone.out
    assert "0 files" not in gone.out
    assert "1 file, 19 bytes; appraised by 张建国 (custodian)" in gone.out
    assert "approved by 王建军 (supervising leader)" in gone.out
    assert (
        "supervised by 陈静 (destruction supervisor) on 2032-04-01, 赵晓东 (destruction supervisor) on 2032-04-01"
        in gone.out
    )
    assert "carried out by 周运维 (operator) on 2032-04-09" in gone.out
    told = office("zhangjianguo", "show", ONE, language="zh").out
    assert "1 个文件，19 字节；鉴定人：张建国（档案管理员）" in told
    refused = office("zhangjianguo", "viewing", "request", ONE, "--why", "复议", expect=4, language="zh")
    assert "已依规销毁" in refused.err
    office("zhangjianguo", "hold", "place", ONE, "--authority", "县监委", "--why", "线索核查", expect=4)
    office("yunwei", "fsck")
    (again,) = office("zhangjianguo", "ingest", "一.mp4", "--section", "监督检查科", "--json").lines
    assert again["record"] == "2032-0000004"  # the same bytes are a new record now


def test_a_record_that_ended_while_another_holds_all_of_it_is_not_shown_as_destroyed(office: Office) -> None:
    """It said "[destroyed] 1 file", and the file was there."""
    both = office.run.cwd / "合并"
    both.mkdir()
    for name in ("一.mp4", "四.mp4"):
        (both / name).write_text(f"现场录像{name}", encoding="utf-8")
    (joint, *_) = office("zhangjianguo", "ingest", "合并", "--group", "all", "--section", "监督检查科", "--json").lines
    number, _ = agreed(office)
    office("yunwei", "disposal", "run", number)
    en, zh = office("zhangjianguo", "show", ONE).out, office("zhangjianguo", "show", ONE, language="zh").out
    assert "[ended]" in en
    assert "destroyed" not in en.splitlines()[0]
    assert f"ended by disposal {number}" in en
    assert f"ended; nothing was deleted: its 1 object kept for record {joint['record']}" in en
    assert "[已终止]" in zh
    assert f"记录已终止，未删除内容：其 1 个对象由记录 {joint['record']} 继续保存" in zh
    (row,) = office("zhangjianguo", "show", ONE, "--json").lines
    assert row["destroyed"]["objects"] == {"stay": 1, "of": 1, "kept_for": [joint["record"]]}


def test_a_listed_record_that_is_handed_in_again_for_another_case_is_spared_and_it_says_so(office: Office) -> None:
    """By the command line and by a sheet."""
    number, _ = agreed(office)
    sheet = office.run.cwd / "清单.csv"
    sheet.write_text("文件,科室,案号,当事人\n一.mp4,办公室,邓财采〔2032〕3号,另案人\n", encoding="utf-8")
    office("zhangjianguo", "complete", ONE, "--case-number", "邓财监〔2031〕1号", "--why", "补录")
    told = office("zhangjianguo", "ingest", "一.mp4", "--sheet", "清单.csv", language="zh").err
    assert "除案件 邓财监〔2031〕1号 外，同时归入案件 邓财采〔2032〕3号" in told
    assert f"该记录已列入拟销毁清册 {number}（待销毁）；现予以免销毁，须重新鉴定" in told
    shown = office("zhangjianguo", "show", ONE).out
    assert "claimed by case 邓财采〔2032〕3号, too" in shown
    office("yunwei", "disposal", "run", number)
    assert ONE in [row["number"] for row in office("zhangjianguo", "find", "--json").lines]


def test_who_agrees_is_told_how_many_would_be_spared_and_who_looks_later_how_many_were(office: Office) -> None:
    (begun,) = office("zhangjianguo", "disposal", "review", ONE, TWO, "--why", "期满", "--json").lines
    number, digest = begun["disposal"], ("--digest", begun["digest"])
    assert "would be spared" not in office("zhangjianguo", "disposal", "submit", number).err
    office("zhangjianguo", "hold", "place", TWO, "--why", "行政复议", "--authority", "法制科")
    told = f"As things are, 1 record of the list would be spared: strongroom disposal show {number}"
    assert told in office("wangju", "disposal", "approve", number, *digest).err
    assert told in office("chenjing", "disposal", "supervise", number, *digest).err
    told = f"按目前情况，清册中有 1 条记录不予销毁：strongroom disposal show {number}"
    signed = office("zhaoxd", "disposal", "supervise", number, *digest, language="zh")
    assert told in signed.err
    assert "之前不得执行销毁；执行之前均可中止" in signed.out
    office.clock = AFTER
    assert "1 of them spared" in office("yunwei", "disposal", "run", number).out
    assert "其中 1 条免予销毁" in office("wangju", "disposal", "list", "--all", language="zh").out


def test_of_a_list_of_which_all_is_kept_it_says_that_it_is_finished(office: Office) -> None:
    told = office("zhangjianguo", "disposal", "review", ONE, TWO, "--keep", "--why", "典型案例").out
    assert "D2032-0001  finished: all kept  0 records" in told
    assert "every record of it is extended or kept: nobody has to agree, and nothing is left to do" in told
    shown = office("zhangjianguo", "disposal", "show", "D2032-0001", language="zh").out
    assert "D2032-0001  鉴定完毕，均予保存" in shown
    assert "清册中的记录均续存或长期保存：无需报批，已无待办事项" in shown
    for language, word in {"zh": "长期保存", "en": "permanent"}.items():  # class and state have one name: said once
        counted = office("zhangjianguo", "retention", "count", language=language).out
        assert f"2  {word}\n" in counted
    assert office("zhangjianguo", "disposal", "list").out == ""
    (row,) = office("zhangjianguo", "disposal", "list", "--all", "--json").lines
    assert row["state"] == "kept"
    (status,) = office("zhangjianguo", "status", "--json", expect=None).lines
    assert status["disposals"] == {}
    for paper, language, expected in (
        ("register", "zh", "全部保留，无销毁：经鉴定的 2 条记录均续存或长期保存，逐条见鉴定意见表"),
        ("register", "both", "Allkept,nothingtobedestroyed:2recordsappraised"),
        ("certificate", "zh", f"{TWO}会计信息质量检查"),
    ):
        target = f"{paper}-{language}.pdf"
        said = office("zhangjianguo", "disposal", paper, "D2032-0001", "-o", target, "--language", language).out
        drawn = text_of(office.run.cwd / target)
        assert expected.replace(" ", "") in drawn, drawn
        assert "本期无记录" not in drawn
        assert ("2 entries" if paper == "certificate" else "All kept, nothing to be destroyed: 2 records") in said
    finished = "Disposal D2032-0001: every record of it is kept: nothing is to be destroyed, and nobody has to agree"
    assert finished in office("zhangjianguo", "disposal", "submit", "D2032-0001", expect=4).err
    review = ("disposal", "review", THREE, "--why", "期满")
    opened = office("zhangjianguo", *review, "--list", "D2032-0001", expect=4).err
    assert finished in opened
    assert "on a new list: strongroom disposal review RECORD --why …" in opened
    (anew,) = office("zhangjianguo", *review, "--json").lines
    assert anew["disposal"] == "D2032-0002"


def test_a_list_that_was_submitted_already_says_since_when_and_what_comes_next(office: Office) -> None:
    (begun,) = office("zhangjianguo", "disposal", "review", ONE, "--why", "期满", "--json").lines
    submit = ("disposal", "submit", begun["disposal"])
    office("zhangjianguo", *submit)
    twice = office("zhangjianguo", *submit, expect=4).err
    said = "张建国 has submitted the list already, on 2032-04-01 10:00:00, for approval by: supervising leader."
    assert f"Disposal D2032-0001: {said}" in twice
    assert "Next: strongroom disposal approve (supervising leader)" in twice
    office("wangju", "disposal", "approve", begun["disposal"], "--digest", begun["digest"])
    after = office("zhangjianguo", *submit, expect=4, language="zh").err
    assert "清册已由张建国于 2032-04-01 10:00:00 报批，审批人：主管领导，无须重复报批。" in after
    assert "下一步：strongroom disposal supervise（监销人）" in after


def test_a_sheet_decides_record_by_record(office: Office) -> None:
    (office.run.cwd / "鉴定.csv").write_text(
        f"编号,决定,续存至,理由\n{ONE},销毁,,无保存价值\n{TWO},续存,2033-12-31,案件可能复查\n{THREE},长期保存,,典型案例\n",
        encoding="utf-8",
    )
    office("zhangjianguo", "disposal", "review", "--sheet", "鉴定.csv", "--why", "年度鉴定")
    *rows, whole, _ = office("zhangjianguo", "disposal", "show", "D2032-0001", "--json").lines
    decided = [(row["record"], row["fate"], row["until"]) for row in rows]
    assert decided == [(ONE, "dispose", None), (TWO, "extend", "2033-12-31"), (THREE, "keep", None)]
    shown = office("zhangjianguo", "disposal", "show", "D2032-0001").out
    assert "extend 2033-12-31" in shown
    assert "keep long-term" in shown
    assert whole["records"] == 1
    explained = office("zhangjianguo", "retention", "explain", TWO, "--json").lines[0]
    assert (explained["last_day"], explained["state"]) == ("2033-12-31", "running")
    assert office("zhangjianguo", "retention", "explain", THREE, "--json").lines[0]["state"] == "permanent"


def test_an_appraisal_that_was_drawn_is_handed_back_after_some_of_it_was_extended_or_kept(office: Office) -> None:
    """It said "not due … Nothing was entered" of its very own rows."""
    (begun,) = office("zhangjianguo", "disposal", "review", ONE, TWO, THREE, "--why", "期满", "--json").lines
    number = begun["disposal"]
    review = ("disposal", "review", "--list", number, "--why", "复议未结")
    office("zhangjianguo", *review, TWO, "--extend", "2033-12-31")
    office("zhangjianguo", *review, THREE, "--keep")
    office("zhangjianguo", "disposal", "appraisal", number, "-o", "意见.xlsx")
    (submitted,) = office("zhangjianguo", "disposal", "submit", number, "--json").lines
    back = office("zhangjianguo", *review, "--sheet", "意见.xlsx", language="zh")
    assert "3 条与清册现有意见一致，未重复录入。" in back.err
    (row,) = office("zhangjianguo", "disposal", "list", "--json").lines
    assert (row["state"], row["digest"]) == ("submitted", submitted["digest"])  # what was laid before stays so

    def put_right(record: str, said: str) -> None:
        book = openpyxl.load_workbook(office.run.cwd / "意见.xlsx")
        (line,) = [cells for cells in book.worksheets[0] if cells[1].value == record]
        line[9].value = said
        book.save(office.run.cwd / "改.xlsx")

    put_right(TWO, "销毁")
    refused = office("zhangjianguo", *review, "--sheet", "改.xlsx", expect=4)
    assert f"Record {TWO}: the list says of it by now: extend to 2033-12-31. " in refused.err
    assert ONE not in refused.err
    both = f"编号,决定\n{TWO},销毁\n{THREE},销毁\n"
    (office.run.cwd / "又.csv").write_text(both, encoding="utf-8")
    refused = office("zhangjianguo", *review, "--sheet", "又.csv", expect=4, language="zh")
    assert f"记录 {TWO}：清册中现为“续存至 2033-12-31”。" in refused.err
    assert f"记录 {THREE}：清册中现为“长期保存”。" in refused.err
    put_right(ONE, "续存至 2034-12-31")
    said = office("zhangjianguo", *review, "--sheet", "改.xlsx").err
    assert "2 decisions stood there already" in said
    *rows, whole, _ = office("zhangjianguo", "disposal", "show", number, "--json").lines
    assert [(one["record"], one["fate"], one["until"]) for one in rows] == [
        (ONE, "extend", "2034-12-31"),
        (TWO, "extend", "2033-12-31"),
        (THREE, "keep", None),
    ]
    assert (whole["records"], whole["state"]) == (0, "kept")
    finished = office("zhangjianguo", *review, "--sheet", "又.csv", expect=4, language="zh").err
    assert f"处置 {number}：清册中的记录均予保存" in finished
    assert "请另建清册鉴定：strongroom disposal review" in finished


def test_while_expiry_is_paused_nothing_is_destroyed_and_it_says_who_lets_it_go_on(office: Office) -> None:
    """A clock in doubt ended with 1, as if something had failed."""
    number, _ = agreed(office)
    early = office("yunwei", "disposal", "run", number, expect=4, up="2031-04-01T02:00:00+00:00")
    assert "Expiry waits: this machine's clock says 2032-04-09 10:0" in early.err  # the office's clock
    assert "two people" in early.err
    office("yunwei", "rebuild")
    waits = office("yunwei", "disposal", "run", number, expect=4, language="zh")
    assert "由重建者以外的人（科室负责人、主管领导、主要领导）恢复：strongroom retention release" in waits.err
    refused = office("zhangjianguo", "disposal", "review", TWO, "--why", "期满", expect=4)
    assert "retention release" in refused.err
    assert number in office("zhangjianguo", "disposal", "list").out  # nothing became of it
    office("wangju", "retention", "release", "--why", "已核对")
    office("yunwei", "disposal", "run", number)


def test_of_an_approval_that_lapsed_it_says_so_and_what_to_do(office: Office) -> None:
    """It said "being appraised", and named those whose signatures had ended."""
    number, _ = agreed(office)
    office.clock = "2032-07-15T02:00:00+00:00"
    listed = office("zhangjianguo", "disposal", "list").out
    assert f"{number}  approval lapsed  1 record" in listed
    assert "approved by 王建军; lapsed since 2032-06-30 10:00" in listed
    assert "supervised by 陈静 (lapsed), 赵晓东 (lapsed)" in listed
    assert f"strongroom disposal submit {number}" in listed
    shown = office("zhangjianguo", "disposal", "show", number, language="zh").out
    assert "审批已过期" in shown
    assert "陈静（已失效）" in shown
    office("zhangjianguo", "disposal", "submit", number)
    (row,) = office("zhangjianguo", "disposal", "list", "--json").lines
    assert (row["state"], row["lapsed_at"], row["supervisors"]) == ("submitted", None, [])


def test_of_a_list_that_was_agreed_to_under_another_profile_it_says_so_everywhere(office: Office) -> None:
    """The preview, the adoption, the list and status; `run` destroyed it."""
    number, digest = agreed(office)
    previewed = office("wangju", "profile", "preview", "wugang")
    assert previewed.err == f"To be submitted anew under it (1 list of disposal): {number}\n"
    *_, counts = office("wangju", "profile", "preview", "wugang", "--json").lines
    assert counts["submit_anew"] == [number]
    adopted = office("wangju", "profile", "adopt", "wugang", "--why", "局务会议纪要", language="zh")
    assert adopted.err == f"须按新制度重新报批的处置清册（1 份）：{number}\n"
    refused = office("yunwei", "disposal", "run", number, expect=4)
    assert "submitted under the profile dengzhou, version 1; in force now is wugang, version 1." in refused.err
    assert f"strongroom disposal submit {number}" in refused.err
    office("chenjing", "disposal", "supervise", number, "--digest", digest, expect=4)
    listed = office("zhangjianguo", "disposal", "list").out
    assert f"{number}  another profile was adopted  1 record" in listed
    assert "approved by 王建军; lapsed\n" in listed
    assert "supervised by 陈静 (lapsed), 赵晓东 (lapsed)" in listed
    assert "it was submitted under the profile dengzhou, version 1; in force now is wugang, version 1" in listed
    assert f"lay it before the approvers anew: strongroom disposal submit {number}" in listed
    shown = office("zhangjianguo", "disposal", "show", number, language="zh").out
    assert "报批时执行的制度配置为 dengzhou（第1版），现行的是 wugang（第1版）" in shown
    (row,) = office("zhangjianguo", "disposal", "list", "--json").lines
    assert (row["state"], row["lapsed"], row["lapsed_at"]) == ("appraising", "other-profile", None)
    assert (row["profile"]["id"], row["profile"]["version"]) == ("dengzhou", 1)
    (status,) = office("zhangjianguo", "status", "--json", expect=None).lines
    assert status["disposals"] == {"appraising": 1}
    office("zhangjianguo", "disposal", "submit", number)
    (row,) = office("zhangjianguo", "disposal", "list", "--json").lines
    assert (row["state"], row["lapsed"], row["profile"]["id"]) == ("submitted", None, "wugang")


def test_of_a_supervisor_who_left_it_says_so(office: Office) -> None:
    number, digest = agreed(office)
    office("wangju", "person", "leave", "zhaoxd", "--why", "调离")
    said = office("zhangjianguo", "disposal", "show", number).out
    assert "to be supervised" in said
    assert "supervised by 陈静, 赵晓东 (no supervisor any more: does not count)" in said
    refused = office("yunwei", "disposal", "run", number, expect=4, language="zh")
    assert "赵晓东现已不具备监销资格" in refused.err
    assert f"strongroom disposal supervise {number} --digest {digest[:16]}" in refused.err


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


# the papers


def text_of(paper: Path) -> str:
    """All text of a PDF, without spaces."""
    said = subprocess.run(["pdftotext", "-layout", paper, "-"], check=True, capture_output=True, text=True).stdout
    return "".join(said.split())


def agreed(office: Office) -> tuple[str, str]:
    """A list of one record that may be run, with its digest."""
    (begun,) = office("zhangjianguo", "disposal", "review", ONE, "--why", "保存期满", "--json").lines
    number, digest = begun["disposal"], begun["digest"]
    office("zhangjianguo", "disposal", "submit", number)
    office("wangju", "disposal", "approve", number, "--digest", digest)
    for login in ("chenjing", "zhaoxd"):
        office(login, "disposal", "supervise", number, "--digest", digest)
    office.clock = AFTER
    return number, digest


def test_the_register_is_signed_before_and_the_certificate_after(office: Office) -> None:
    number, digest = agreed(office)
    folder = office.run.cwd
    said = office("zhangjianguo", "disposal", "register", number, "-o", "清册.pdf", language="zh").out
    assert said.startswith("清册.pdf  1 条  sha256 ")
    listed = text_of(folder / "清册.pdf")
    for expected in (
        number,
        digest,
        ONE,
        "会计信息质量检查",
        "保存期满",
        "张建国",
        "提出人：张建国（档案管理员，于2032年4月1日提出）",
        "报批人：张建国（档案管理员，于2032年4月1日报批）",
        "批准人：王建军（主管领导，于2032年4月1日批准）",
    ):
        assert expected in listed, expected
    assert "监销人：陈静（监销人，于2032年4月1日签字）、赵晓东（监销人，于2032年4月1日签字）" in listed
    assert [listed.count(line) for line in ("鉴定人：", "批准人：", "监销人：")] == [1, 2, 3]
    assert "已销毁" not in listed
    (row, total) = office("chenjing", "disposal", "register", number, "--json").lines
    assert (row["record"], row["appraised_by"], row["outcome"], total["files"]) == (ONE, "张建国", None, 1)

    refused = office("zhangjianguo", "disposal", "certificate", number, "-o", "证明.pdf", expect=4)
    assert "not proven" in refused.err
    assert not (folder / "证明.pdf").exists()
    office("yunwei", "disposal", "run", number)
    (issued,) = office("zhangjianguo", "disposal", "certificate", number, "-o", "证明.pdf", "--json").lines
    assert (issued["file"], issued["rows"]) == ("证明.pdf", 2)
    proven = text_of(folder / "证明.pdf")
    assert "按照王建军（主管领导）于2032年4月1日的批准，自2032年4月9日起将处置编号" in proven
    assert "监销人：陈静（监销人，于2032年4月1日签字）、赵晓东（监销人，于2032年4月1日签字）。" in proven
    assert "销毁执行人：周运维（运维人员，于2032年4月9日执行）。" in proven
    office.clock = "2032-05-20T02:00:00+00:00"
    office("zhangjianguo", "disposal", "certificate", number, "-o", "后.pdf")
    assert "期间：2032年4月1日至2032年4月9日" in proven
    assert "期间：2032年4月1日至2032年4月9日" in text_of(folder / "后.pdf")
    assert proven.count("均已不存在") == 2
    answers = office("zhangjianguo", "disposal", "certificate", number, "--json").lines
    assert [(one["place"]["en"], one["objects"], one["copies"], one["returned"], one["absent"]) for one in answers] == [
        ("a", 1, 1, 0, 1),
        ("b", 1, 1, 0, 1),
    ]
    (row, _) = office("chenjing", "disposal", "register", number, "--json").lines
    assert row["outcome"]["zh"] == "已销毁"
    out = [(act["register"], act["disposal"]) for act in entries(folder / "甲库") if act["act"] == "register.issued"]
    assert out == [("disposal", number), *[("certificate", number)] * 2]


def test_the_papers_come_in_both_languages_and_as_a_sheet(office: Office) -> None:
    number, _ = agreed(office)
    office("yunwei", "disposal", "run", number)
    for paper, en, zh in (
        ("register", "RegisterofDestruction", "销毁清册"),
        ("certificate", "CertificateofDestruction", "销毁证明"),
        ("appraisal", "AppraisalofExpiredRecords", "鉴定意见表"),
    ):
        for language, expected in {"zh": (False, True), "en": (True, False), "both": (True, True)}.items():
            target = f"{paper}-{language}.pdf"
            office("zhangjianguo", "disposal", paper, number, "-o", target, "--language", language)
            text = text_of(office.run.cwd / target)
            assert (en in text, zh in text) == expected
    for paper in ("register", "appraisal"):
        office("zhangjianguo", "disposal", paper, number, "-o", f"{paper}.xlsx")
        assert (office.run.cwd / f"{paper}.xlsx").stat().st_size
    office("zhangjianguo", "disposal", "register", number, expect=2)
    office("zhangjianguo", "disposal", "certificate", "D2032-0099", "--json", expect=2)


def test_registers_are_for_those_who_may_read_them(office: Office) -> None:
    number, _ = agreed(office)
    asked = [["register", kind] for kind in MAKERS] + [
        ["disposal", paper, number] for paper in ("register", "appraisal", "certificate")
    ]
    for words in asked:
        for output in (["--json"], ["-o", "出.pdf"]):
            refused = office("yunwei", *words, *output, expect=4)
            assert refused.out == ""
            assert "read the registers" in refused.err
    assert not (office.run.cwd / "出.pdf").exists()
    for words in asked[:-1]:
        office("chenjing", *words, "--json")
    refusals = office("wangju", "journal", "refusals", "--json").lines
    assert [one["action"] for one in refusals] == ["registers.read"] * 2 * len(asked)
