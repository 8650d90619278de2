"""Who was ever named on a record stands back where something is decided about it (回避), whatever is put right."""

import pytest

from tests.vault.disc_scene import keep, plan
from tests.vault.disposal_scene import (
    CUSTODIAN,
    LEADER,
    OPERATOR,
    OTHER_CUSTODIAN,
    SUPERVISORS,
    TWO,
    Office,
    assert_rebuilt_alike,
)
from tests.vault.scene import rows_of
from vault.corrections import correct, place_hold, release_hold
from vault.disposal.rules import State
from vault.enrolling import change, enrol
from vault.errors import Refused
from vault.facts import Facts
from vault.people import Role
from vault.spellings import spelled

DISC = "2027-0001-1A"


def named(office: Office, facts: Facts, by: str = CUSTODIAN) -> None:
    with office.by(by) as vault:
        correct(vault, TWO, facts, "更正")


@pytest.mark.parametrize(
    ("said", "emptied"),
    [
        (Facts(officers=("张三",)), []),  # the recorder they would still be
        (Facts(recorder="张三"), []),
        (Facts(), ["officers"]),
        (Facts(officers=("张三",), recorder="张三"), []),
    ],
)
def test_nobody_takes_their_own_name_off_a_record(office: Office, said: Facts, emptied: list[str]) -> None:
    named(office, Facts(officers=("李娜", "刘敏"), recorder="李娜"))
    with office.by(OTHER_CUSTODIAN) as vault:
        with pytest.raises(Refused, match=f"Record {TWO} names 李娜: nobody takes their own name off") as refused:
            correct(vault, TWO, said, "有误", emptied)
        assert refused.value.exit_code == 4
        assert "custodian" in refused.value.hint.en
        assert rows_of(vault, "SELECT action, why, about FROM refusal")[-1] == ("facts.correct", '["concerned"]', TWO)
        correct(vault, TWO, Facts(party="王芳", officers=("李娜",)), "补录")  # the rest of it is not about them
    with office.by(CUSTODIAN) as vault:
        correct(vault, TWO, said, "有误", emptied)


def test_who_was_named_once_releases_no_hold_on_it(office: Office) -> None:
    """They took their name off, or had it taken off, and released the hold that a complaint of them had placed."""
    named(office, Facts(officers=("王建军",)))
    with office.by(CUSTODIAN) as vault:
        hold = place_hold(vault, TWO, "投诉王建军", "县纪委")
    named(office, Facts(officers=("张三",)))
    with office.by(LEADER) as vault, pytest.raises(Refused, match="about what 王建军 did"):
        release_hold(vault, hold, "误设")
    with office.by(OPERATOR) as vault:
        assert rows_of(vault, "SELECT action, why FROM refusal")[-1] == ("hold.release", '["concerned"]')
        assert_rebuilt_alike(vault)
    with office.by(LEADER) as vault, pytest.raises(Refused, match="about what 王建军 did"):
        release_hold(vault, hold, "误设")


def test_who_was_named_once_neither_approves_its_end_nor_supervises_it(office: Office) -> None:
    named(office, Facts(officers=("王建军", "张三"), recorder="陈静"))
    named(office, Facts(officers=("张三",), recorder="张三"))
    number = office.listed(TWO)
    office.submit(number)
    with pytest.raises(Refused, match=f"record {TWO} is about what 王建军 did"):
        office.approve(number)
    with office.by(LEADER) as vault:
        enrol(vault, "sunli", "孙丽", [Role.SUPERVISING_LEADER], "")
    office.approve(number, "sunli")
    with pytest.raises(Refused, match=f"record {TWO} is about what 陈静 did"):
        office.supervise(number, SUPERVISORS[0])


def test_who_has_another_name_by_now_is_told_by_which_the_record_names_them(office: Office) -> None:
    """It said that the record was about what somebody did whose name stands nowhere in it."""
    named(office, Facts(recorder="陈静"))
    number = office.listed(TWO)
    office.submit(number)
    office.approve(number)
    with office.by(LEADER) as vault:
        change(vault, SUPERVISORS[0], "新人", [], None, "更名")
    with pytest.raises(Refused, match=r"about what 新人 \(named there as 陈静\) did") as refused:
        office.supervise(number, SUPERVISORS[0])
    assert "涉及 新人（其中记为陈静） 本人" in refused.value.what.zh


@pytest.mark.parametrize("once", [True, False])
def test_who_was_named_does_not_see_its_discs_destroyed_when_the_record_is_no_more(office: Office, once: bool) -> None:
    """The catalogue forgets a destroyed record's recorder."""
    named(office, Facts(recorder="李娜"))
    if once:
        named(office, Facts(recorder="张三"))
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO]).number)
    number = office.agreed(TWO)
    assert office.run(number).state is State.DESTROYING
    with pytest.raises(Refused, match=f"record {TWO} is about what 李娜 did"):
        office.confirm(number, DISC, OTHER_CUSTODIAN)
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)
    with pytest.raises(Refused, match=f"record {TWO} is about what 李娜 did"):
        office.confirm(number, DISC, OTHER_CUSTODIAN)
    office.confirm(number, DISC, SUPERVISORS[1])


@pytest.mark.parametrize(
    "said",
    ["王建军（豫R123）", "张三/王建军", "执法人员：王建军", "王 建军", "wangju", "张三,王建军", "王建军(豫R123)"],
)
def test_however_they_were_written_they_stand_back(office: Office, said: str) -> None:
    named(office, Facts(officers=(said,)))
    with office.by(CUSTODIAN) as vault:
        hold = place_hold(vault, TWO, "投诉", "县纪委")
    with office.by(LEADER) as vault, pytest.raises(Refused, match="about what 王建军 did"):
        release_hold(vault, hold, "误设")


@pytest.mark.parametrize("dot", "·•・‧．.･∙")
def test_a_dot_in_a_name_is_one_whatever_keyboard_it_came_from(dot: str) -> None:
    (plain,) = spelled(["买买提·艾力"])
    assert plain in spelled([f"买买提{dot}艾力"])
    assert plain in spelled([f"执法人员：买买提{dot}艾力（豫R123）"])
    assert plain in spelled([f"张三、买买提{dot}艾力"])


def test_a_full_stop_between_two_names_parts_them() -> None:
    assert {"张三", "李四"} <= spelled(["张三.李四"])
    assert not spelled(["买买提·艾力"]) & spelled(["艾力"])


@pytest.mark.parametrize("dot", "•．")
def test_who_has_a_dot_in_their_name_stands_back_under_any_other(office: Office, dot: str) -> None:
    named(office, Facts(officers=(f"买买提{dot}艾力",)))
    with office.by(LEADER) as vault:
        enrol(vault, "maimaiti", "买买提·艾力", [Role.SUPERVISING_LEADER], "")
    with office.by(CUSTODIAN) as vault:
        hold = place_hold(vault, TWO, "投诉", "县纪委")
    with office.by("maimaiti") as vault, pytest.raises(Refused, match="about what 买买提·艾力 did"):
        release_hold(vault, hold, "误设")


def test_a_name_that_is_part_of_another_is_somebody_elses(office: Office) -> None:
    named(office, Facts(officers=("王建军民", "小王建军")))
    with office.by(CUSTODIAN) as vault:
        hold = place_hold(vault, TWO, "投诉", "县纪委")
    with office.by(LEADER) as vault:
        release_hold(vault, hold, "误设")


def test_who_goes_by_another_name_now_stands_back(office: Office) -> None:
    named(office, Facts(officers=("孙丽",)))
    with office.by(LEADER) as vault:
        enrol(vault, "sunli", "孙丽", [Role.SUPERVISING_LEADER], "")
        change(vault, "sunli", "孙莉", [], None, "改名")
    number = office.listed(TWO)
    office.submit(number)
    for _ in range(2):
        with pytest.raises(Refused, match=rf"record {TWO} is about what 孙莉 \(named there as 孙丽\) did"):
            office.approve(number, "sunli")
        with office.by(OPERATOR) as vault:
            assert_rebuilt_alike(vault)
