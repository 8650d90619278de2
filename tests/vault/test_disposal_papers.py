"""What the papers of a disposal say, and their counts: right in every mixture, and whoever has left since."""

from datetime import date
from pathlib import Path
from typing import get_args

import openpyxl
import pytest

from backends.disk import DiskStore
from labels.wording import Languages
from labels.workbook import write_workbook
from tests.vault.disc_scene import keep, plan
from tests.vault.disposal_paper import DRAWN, Paper
from tests.vault.disposal_scene import (
    CONTENTS,
    CUSTODIAN,
    FOUR,
    LEADER,
    ONE,
    OPERATOR,
    OTHER_CUSTODIAN,
    SUPERVISORS,
    THREE,
    TWO,
    WHY,
    Office,
    assert_rebuilt_alike,
)
from tests.vault.scene import assert_sound, rows_of, take_in
from vault.catalogue import dooming
from vault.corrections import place_hold
from vault.digest import Digest
from vault.disposal.rules import State
from vault.disposal.sheet import read_appraisals
from vault.enrolling import change, enrol, leave
from vault.errors import BadInput, Refused, StoreUnavailable
from vault.people import Role
from vault.permits import DeletionPermit
from vault.text import Text


def agree(office: Office, number: str) -> None:
    office.submit(number)
    office.approve(number)
    for login in SUPERVISORS:
        office.supervise(number, login)
    office.clock.advance(days=7)


# counts


def test_every_count_is_right_where_all_that_can_happen_happens_at_once(office: Office) -> None:
    """Destroyed; spared by a hold; extended; an object that another record holds, and one that goes with two; a record
    that lies on two of the three stores."""
    with office.by(CUSTODIAN) as vault:
        (five,), (six,) = take_in(vault, [CONTENTS[5]]), take_in(vault, [CONTENTS[5], CONTENTS[6]])
        (seven,) = take_in(vault, [CONTENTS[7]], on=("甲", "乙"))
    office.clock.advance(days=380)
    number = office.listed(ONE, TWO, THREE, five, six, seven)
    office.appraise(number, FOUR, fate="extend", until=date(2035, 12, 31))
    before = Paper(office, "register", number)
    assert before.sums == {"Total": (7, 2_000 + 2_001 + 2_002 + 2 * 2_005 + 2_006 + 2_007)}
    agree(office, number)
    with office.by(CUSTODIAN) as vault:
        place_hold(vault, THREE, "线索核查", "县监委")
    ran = office.run(number)
    assert (ran.begun, set(ran.spared), ran.state) == (5, {THREE}, State.CLOSED)
    gone = (5, 2_001 + 2 * 2_005 + 2_006 + 2_007)  # of the first record nothing is: the fourth one holds all of it

    def check() -> None:
        register = Paper(office, "register", number)
        assert register.sums == {
            "destroyed: 4": gone,
            "ended, objects kept: 1": (1, 2_000),
            "spared: 1": (1, 2_002),
            "Total": (gone[0] + 2, gone[1] + 2_000 + 2_002),
        }
        assert register.entries[0]["outcome"].zh == f"记录已终止，未删除内容：其 1 个对象由记录 {FOUR} 继续保存"
        done = Paper(office, "certificate", number)
        assert "destroyed 4 records (5 files, 10,024 bytes)" in done.en
        assert "4 条记录（5 个文件，10,024 字节）销毁" in done.zh
        assert "nothing deleted, since other records hold all their objects, too: 1 record (1 file, 2,000" in done.en
        assert "另有 1 条记录（1 个文件，2,000 字节）仅终止记录本身" in done.zh
        assert "Spared and kept: 1 record (1 file, 2,002 bytes)" in done.en
        assert "hold, too, and that stay with these: 1." in done.en
        assert "另有 1 个对象同属其他记录" in done.zh
        stores = [one for one in done.rows if one["objects"] is not None]
        assert [(str(one["place"]), one["objects"], one["copies"], one["absent"]) for one in stores] == [
            ("丙", 4, 3, 4),
            ("乙", 4, 4, 4),
            ("甲", 4, 4, 4),
        ]
        stays, spared = (one for one in done.rows if one["objects"] is None)
        assert (stays["place"].zh, stays["found"].en) == (
            *(f"记录 {ONE}", f"ended; nothing was deleted: its 1 object kept for record {FOUR}"),
        )
        assert spared["place"].zh == f"记录 {THREE}"
        assert "线索核查" in spared["found"].zh
        form = Paper(office, "appraisal", number)
        assert [(one["record"], one["decision"].en) for one in form.entries][3] == (FOUR, "extend to 2035-12-31")
        assert form.sums["extend: 1"] == (2, 2_000 + 2_003)

    check()
    with office.by(OPERATOR) as vault:
        assert_sound(vault)
        assert_rebuilt_alike(vault)
    check()


def test_of_a_record_only_some_of_which_goes_the_papers_say_what_stays_and_for_whom(office: Office) -> None:
    """It ends while the first record stays, which holds one of its two objects."""
    number = office.agreed(FOUR)
    assert office.run(number).state is State.CLOSED
    said = f"destroyed, but for 1 of 2 objects, kept for record {ONE}"
    assert [one["outcome"].en for one in Paper(office, "register", number).entries] == [said]
    done = Paper(office, "certificate", number)
    assert [(one["place"].en, one["found"].zh) for one in done.entries if one["objects"] is None] == [
        (f"Record {FOUR}", f"已销毁；2 个对象中有 1 个由记录 {ONE} 继续保存")
    ]
    assert "destroyed 1 record (2 files" in done.en


def test_what_stays_for_a_record_further_on_of_the_list_is_told_by_who_keeps_it_in_the_end(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of one record: when the first ends, the fourth still holds its object; then that ends, too."""
    with office.by(CUSTODIAN) as vault:
        (five,) = take_in(vault, [CONTENTS[3], CONTENTS[6]])
    number = office.agreed(ONE, FOUR)
    monkeypatch.setattr(dooming, "PAGE", 1)
    assert office.run(number).begun == 2
    rows = {one["record"]: one["outcome"].en for one in Paper(office, "register", number).entries}
    assert rows == {ONE: "destroyed", FOUR: f"destroyed, but for 1 of 2 objects, kept for record {five}"}
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_a_record_is_not_called_destroyed_while_a_disc_of_it_stands_on_the_shelf(office: Office) -> None:
    """Then the certificate says how each was destroyed, who saw that, and when."""
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO]).number)
    number = office.agreed(TWO, THREE)
    assert office.run(number).state is State.DESTROYING

    def outcomes() -> list[tuple[str, str]]:
        return [(one["outcome"].en, one["outcome"].zh) for one in Paper(office, "register", number).entries]

    gone = ("destroyed", "已销毁")
    assert outcomes() == [
        ("destroyed on the stores; 2 discs to be destroyed", "存储上已销毁，尚有 2 张光盘待销毁"),
        gone,
    ]
    assert {*Paper(office, "register", number).sums} == {"destroyed on the stores: 1", "destroyed: 1", "Total"}
    for login in (OTHER_CUSTODIAN, SUPERVISORS[0]):
        office.confirm(number, "2027-0001-1A", login, "粉碎")
    assert outcomes()[0][0] == "destroyed on the stores; 1 disc to be destroyed"
    office.confirm(number, "2027-0001-1B", OTHER_CUSTODIAN, "焚烧")
    office.clock.advance(days=1)
    assert office.confirm(number, "2027-0001-1B", SUPERVISORS[0], "焚烧") is State.CLOSED
    assert outcomes() == [gone, gone]
    found = {
        one["place"].zh: one["found"]
        for one in Paper(office, "certificate", number).entries
        if one["place"] != "" and not isinstance(one["place"], str)
    }
    assert "已销毁（粉碎），确认人：李娜（档案管理员，于" in found["光盘 2027-0001-1A"].zh
    assert (
        "destroyed (焚烧), as 李娜 (custodian) on 2027-12-13 and 陈静 (destruction supervisor) on 2027-12-14 saw"
        in (found["光盘 2027-0001-1B"].en)
    )


# nothing


def test_where_every_record_was_spared_nothing_is_certified(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    with office.by(CUSTODIAN) as vault:
        for record in (ONE, TWO):
            place_hold(vault, record, "线索核查", "县监委")
    with pytest.raises(Refused, match="not proven"):
        Paper(office, "certificate", number)
    ran = office.run(number)
    assert (ran.begun, set(ran.spared), ran.state) == (0, {ONE, TWO}, State.CLOSED)
    with office.by(OPERATOR) as vault:
        assert rows_of(vault, "SELECT count(*) FROM journal WHERE act = 'destruction.proven'") == [(0,)]
        assert rows_of(vault, "SELECT count(*) FROM journal WHERE act = 'disposal.closed'") == [(1,)]
    said = Paper(office, "certificate", number)
    assert said.register.form.kind == "not-destroyed"
    assert "未予销毁" in said.register.form.title.zh
    assert "Nothing was destroyed" in said.en
    assert "未销毁任何记录" in said.zh
    assert [one["record"] for one in said.entries] == [ONE, TWO]
    assert all("线索核查" in one["why"].zh for one in said.entries)


def test_what_was_stopped_is_certified_as_not_destroyed(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    office.stop(number, by=SUPERVISORS[0])
    said = Paper(office, "certificate", number)
    assert said.register.form.kind == "not-destroyed"
    assert "stopped by 陈静 (destruction supervisor) on 2027-12-13. Reason: 发现仍有利用价值" in said.en
    assert "已中止，所列记录均未销毁。中止人：陈静（监销人，于2027年12月13日中止）；理由：发现仍有利用价值" in said.zh
    assert [(one["record"], one["why"].en) for one in said.entries] == [
        (record, "not destroyed: the disposal was stopped") for record in (ONE, TWO)
    ]
    listed = Paper(office, "register", number)
    assert "Nothing is destroyed" in listed.en
    assert "所列记录均未销毁" in listed.zh


def test_a_register_says_that_what_was_agreed_has_lapsed(office: Office) -> None:
    """It printed the approval and the signatures as if they held."""
    number = office.agreed(ONE)
    assert "None of this holds" not in Paper(office, "register", number).en
    office.clock.advance(days=90)
    said = Paper(office, "register", number)
    assert "None of this holds any more: its approval has ended before it was used (on 2028-03-05)" in said.en
    assert "均已失效：审批在使用前已过期（2028年3月5日到期），须重新报批" in said.zh
    office.submit(number)
    again = Paper(office, "register", number)
    assert "None of this holds" not in again.en
    assert "Waits for the approval of: supervising leader" in again.en


# who signed


def test_papers_say_who_people_were_when_they_signed(office: Office) -> None:
    """Since then they left, got another name, another role; and a login went to somebody else."""
    number = office.agreed(ONE, TWO)
    office.run(number)
    before = {kind: Paper(office, kind, number) for kind in DRAWN}
    chief = "chenli"
    with office.by(LEADER) as vault:
        enrol(vault, chief, "陈立", [Role.PRINCIPAL_LEADER], "")
        leave(vault, SUPERVISORS[0], "退休")
        enrol(vault, SUPERVISORS[0], "刘敏", [Role.OFFICER], "")
        change(vault, SUPERVISORS[1], "赵某", [Role.AUDITOR], None, "调岗")
        change(vault, CUSTODIAN, "张新名", [Role.CUSTODIAN], None, "更名")
    with office.by(chief) as vault:
        change(vault, LEADER, None, [Role.AUDITOR], None, "调岗")

    def check() -> None:
        after = {kind: Paper(office, kind, number) for kind in DRAWN}
        assert {kind: (one.en, one.zh, one.rows) for kind, one in after.items()} == {
            kind: (one.en, one.zh, one.rows) for kind, one in before.items()
        }

    check()
    zh = before["register"].zh
    assert "提出人：张建国（档案管理员，于2027年12月6日提出）" in zh
    assert "批准人：王建军（主管领导，于2027年12月6日批准）" in zh
    assert "陈静（监销人，于2027年12月6日签字）、赵晓东（监销人，于2027年12月6日签字）" in zh
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)
    check()


def test_each_supervisor_has_a_line_to_sign_and_every_day_of_the_destruction_counts(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third could not sign; what went nine days later, by somebody else, was dated with the first day."""
    number, real, away = office.agreed(ONE, TWO), DiskStore.delete, {"乙", "丙"}

    def failing(self: DiskStore, digest: Digest, permit: DeletionPermit) -> None:
        if self.name in away:
            raise StoreUnavailable(Text(en="gone", zh="断开"))
        real(self, digest, permit)

    monkeypatch.setattr(DiskStore, "delete", failing)
    office.run(number)
    with office.by(LEADER) as vault:
        leave(vault, SUPERVISORS[0], "退休")
        enrol(vault, "sunli", "孙丽", [Role.DESTRUCTION_SUPERVISOR], "")
    office.supervise(number, "sunli")
    for days, back, by in ((2, "乙", OPERATOR), (7, "丙", OTHER_CUSTODIAN)):
        office.clock.advance(days=days)
        away.remove(back)
        office.run(number, by)
    register, done = (Paper(office, kind, number) for kind in ("register", "certificate"))
    assert [one.zh for one in register.register.form.signatures] == ["鉴定人", "批准人", *["监销人"] * 3]
    assert [one.zh for one in done.register.form.signatures] == [*["销毁执行人"] * 2, *["监销人"] * 3]
    assert "销毁执行人：周运维（运维人员，于2027年12月13日至2027年12月15日执行）、李娜（档案管理员，于" in done.zh
    assert "by 周运维 (operator) from 2027-12-13 to 2027-12-15, 李娜 (custodian) on 2027-12-22." in done.en
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


# two people of one name


def test_namesakes_stand_back_together_and_papers_tell_them_apart(office: Office) -> None:
    """Who approves would be called like who appraised, and the second supervisor like the first (a space apart)."""
    with office.by(LEADER) as vault:
        enrol(vault, "chenjing2", "陈 静", [Role.DESTRUCTION_SUPERVISOR], "")
        enrol(vault, "zhangjg2", "张建国", [Role.SUPERVISING_LEADER], "")
    number = office.listed(ONE)
    office.submit(number)
    with pytest.raises(Refused, match=r"张建国 \(zhangjianguo\)"):
        office.approve(number, by=CUSTODIAN)
    with pytest.raises(Refused, match="zhangjg2 and zhangjianguo go by the same name"):
        office.approve(number, by="zhangjg2")
    office.approve(number)
    assert office.supervise(number, "chenjing") == 1
    with pytest.raises(Refused, match="chenjing has signed already"):
        office.supervise(number, "chenjing")
    with pytest.raises(Refused, match="chenjing2 and chenjing go by the same name"):
        office.supervise(number, "chenjing2")
    assert office.supervise(number, "zhaoxd") == 2
    office.clock.advance(days=7)
    assert office.run(number).state is State.CLOSED
    register = Paper(office, "register", number)
    assert "提出人：张建国 (zhangjianguo)（档案管理员" in register.zh
    assert "陈静 (chenjing)（监销人" in register.zh
    assert register.entries[0]["appraised_by"] == "张建国 (zhangjianguo)"
    assert "under the supervision of 陈静 (chenjing) (destruction supervisor, signed on 2027-12-06), 赵晓东" in (
        Paper(office, "certificate", number).en
    )


def test_of_a_list_of_which_all_is_kept_papers_say_that_nothing_was_destroyed(office: Office) -> None:
    """They said that there was no record in this period, and named none."""
    number = office.listed(ONE, TWO)
    office.appraise(number, ONE, fate="extend", until=date(2033, 12, 31))
    office.appraise(number, TWO, fate="keep")
    register = Paper(office, "register", number)
    assert "所列记录均续存或长期保存，无拟销毁记录。" in register.zh
    assert register.rows == []
    assert register.register.none.zh.startswith("全部保留，无销毁：经鉴定的 2 条记录均续存或长期保存")
    assert register.register.none.en.startswith("All kept, nothing to be destroyed: 2 records appraised")
    certificate = Paper(office, "certificate", number)
    assert "所列记录经鉴定均续存或长期保存，未销毁任何记录。" in certificate.zh
    assert "was extended or kept when it was appraised" in certificate.en
    assert [(one["record"], one["why"].zh) for one in certificate.entries] == [
        (ONE, f"续存至 2033-12-31：{WHY}"),
        (TWO, f"长期保存：{WHY}"),
    ]
    assert certificate.sums == {"extend: 1": (1, 2_000), "keep long-term: 1": (1, 2_001), "Total": (2, 4_001)}


def test_the_appraisal_has_every_decision_as_it_was_made(office: Office) -> None:
    number = office.listed(ONE)
    office.appraise(number, TWO, fate="extend", until=date(2030, 6, 30))
    office.appraise(number, THREE, fate="keep", by="lina")
    form = Paper(office, "appraisal", number)
    assert [(one["record"], one["decision"].zh, one["why"], one["appraised_by"]) for one in form.entries] == [
        (ONE, "销毁", WHY, "张建国"),
        (TWO, "续存至 2030-06-30", WHY, "张建国"),
        (THREE, "长期保存", WHY, "李娜"),
    ]
    assert [str(one["class"].zh) for one in form.entries] == ["1年", "1年", "1年"]  # as they were, not as they became
    assert number in form.zh


# read back


@pytest.mark.parametrize("languages", get_args(Languages))
def test_an_appraisal_that_was_drawn_is_read_back_with_what_was_put_right_in_it(
    office: Office, languages: Languages, tmp_path: Path
) -> None:
    number = office.listed(ONE, TWO, THREE)
    office.appraise(number, TWO, fate="extend", until=date(2033, 12, 31))
    office.appraise(number, FOUR, fate="keep")
    drawn = tmp_path / "鉴定意见表.xlsx"
    write_workbook(Paper(office, "appraisal", number).again(), drawn, languages)
    expected = [(ONE, "dispose", None), (TWO, "extend", date(2033, 12, 31)), (THREE, "dispose", None)]
    expected += [(FOUR, "keep", None)]

    def back() -> list[tuple[str, str, date | None]]:
        said = read_appraisals(drawn, "无")
        assert {one.why for one in said} == {WHY}
        return [(one.record, one.fate, one.until) for one in said]

    assert back() == expected
    book = openpyxl.load_workbook(drawn)
    for row in book.worksheets[0]:
        for cell in row:
            if row[1].value == THREE and cell.column == 10:
                cell.value = {"zh": "续存至 2031-06-30", "en": "keep", "both": "长期保存"}[languages]
    book.save(drawn)
    assert back() == [*expected[:2], (THREE, *PUT_RIGHT[languages]), expected[3]]


PUT_RIGHT = {"zh": ("extend", date(2031, 6, 30)), "en": ("keep", None), "both": ("keep", None)}


@pytest.mark.parametrize(
    "headings", ["记录编号,鉴定意见,续存至,理由", "record,decision,until,why", "Record,鉴定意见,until,Reason"]
)
def test_a_sheet_of_the_offices_own_has_headings_in_either_language(headings: str, tmp_path: Path) -> None:
    sheet = tmp_path / "鉴定.csv"
    sheet.write_text(f"{headings}\n{ONE},续存,2031-06-30,复议未结\n{TWO},dispose,,期满\n", encoding="utf-8")
    assert [(one.record, one.fate, one.until, one.why) for one in read_appraisals(sheet, "")] == [
        (ONE, "extend", date(2031, 6, 30), "复议未结"),
        (TWO, "dispose", None, "期满"),
    ]
    sheet.write_text(f"序号,记录编号\n1,{ONE}\n,{TWO}\n,合计\n", encoding="utf-8")
    assert [one.record for one in read_appraisals(sheet, "期满")] == [ONE, TWO]
    sheet.write_text("记录编号,鉴定意见,天气\n", encoding="utf-8")
    with pytest.raises(BadInput, match="line 1: the headings are: record, decision, until, why"):
        read_appraisals(sheet, "")
