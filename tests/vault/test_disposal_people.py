"""Who counts when a list is carried out, and who sees its discs destroyed."""

from collections.abc import Callable

import pytest

from tests.vault.disc_scene import keep, plan
from tests.vault.disposal_paper import Paper
from tests.vault.disposal_scene import (
    CUSTODIAN,
    LEADER,
    OPERATOR,
    OTHER_CUSTODIAN,
    SUPERVISORS,
    THREE,
    TWO,
    Office,
    assert_rebuilt_alike,
)
from tests.vault.scene import rows_of
from vault.corrections import place_hold, release_hold
from vault.disposal import destruction
from vault.disposal.register import certificate
from vault.disposal.rules import State
from vault.enrolling import change, enrol, leave
from vault.errors import BadInput, Refused
from vault.people import Role
from vault.store import Vault

NEW, THIRD = "sunli", "qianwei"
DISC = "2027-0001-1A"


def enrolled(office: Office, login: str, name: str, role: Role) -> None:
    with office.by(LEADER) as vault:
        enrol(vault, login, name, [role], "")


def gone(office: Office, login: str) -> None:
    with office.by(LEADER) as vault:
        leave(vault, login, "调离")


def refusals(vault: Vault) -> list[tuple[object, ...]]:
    return rows_of(vault, "SELECT action, why, about FROM refusal ORDER BY id")


# supervisors who leave


def test_a_supervisor_who_left_does_not_count_and_somebody_signs_in_their_place(office: Office) -> None:
    number = office.agreed(TWO)
    gone(office, SUPERVISORS[1])
    with pytest.raises(Refused, match="may not supervise any more: 赵晓东") as refused:
        office.run(number)
    assert refused.value.exit_code == 4
    assert f"strongroom disposal supervise {number} --digest" in refused.value.hint.en
    with office.by(OPERATOR) as vault:
        assert refusals(vault)[-1] == ("disposal.run", '["supervisor-gone"]', number)
    assert office.standing(number).disposal.state is State.APPROVED
    enrolled(office, NEW, "孙丽", Role.DESTRUCTION_SUPERVISOR)
    assert office.supervise(number, NEW) == 2
    with pytest.raises(Refused, match="grace period"):
        office.run(number)  # others have to be able to stop it
    office.clock.advance(days=7)
    assert office.run(number).state is State.CLOSED
    gone(office, NEW)
    with office.by(OPERATOR) as vault:
        with vault.database.reading() as connection:
            named = [one.by for one in certificate(connection, number).supervisors]
        assert named == [SUPERVISORS[0], NEW]  # who left afterwards has supervised it all the same
        assert_rebuilt_alike(vault)


def _another_role_and_back(office: Office) -> None:
    with office.by(LEADER) as vault:
        change(vault, SUPERVISORS[0], None, [Role.OFFICER], None, "换岗")
        change(vault, SUPERVISORS[0], None, [Role.DESTRUCTION_SUPERVISOR], None, "恢复")


def _left_and_the_login_given_to_another(office: Office) -> None:
    gone(office, SUPERVISORS[0])
    enrolled(office, SUPERVISORS[0], "新来人", Role.DESTRUCTION_SUPERVISOR)


def _called_otherwise(office: Office) -> None:
    with office.by(LEADER) as vault:
        change(vault, SUPERVISORS[0], "新来人", None, None, "登录名移交")


@pytest.mark.parametrize("turned", [_another_role_and_back, _left_and_the_login_given_to_another, _called_otherwise])
def test_a_signature_that_was_lost_does_not_come_back_to_life(office: Office, turned: Callable[[Office], None]) -> None:
    number = office.agreed(TWO)
    turned(office)
    with pytest.raises(Refused, match="may not supervise any more: 陈静"):
        office.run(number)
    with pytest.raises(Refused, match="has signed already"):
        office.supervise(number, SUPERVISORS[0])
    enrolled(office, NEW, "孙丽", Role.DESTRUCTION_SUPERVISOR)
    office.supervise(number, NEW)
    with pytest.raises(Refused, match="grace period"):
        office.run(number)
    office.clock.advance(days=7)
    with office.by(LEADER) as vault:
        change(vault, SUPERVISORS[0], None, [Role.OPERATOR], None, "换岗")
    with office.by(SUPERVISORS[0]) as vault, pytest.raises(Refused, match="signed as supervisor"):
        destruction.run(vault, number)  # who had signed carries out nothing, though another took the place
    assert office.run(number).state is State.CLOSED
    with office.by(OPERATOR) as vault:
        with vault.database.reading() as connection:
            named = [one.by for one in certificate(connection, number).supervisors]
        assert sorted(named) == sorted([SUPERVISORS[1], NEW])
        assert_rebuilt_alike(vault)


def test_what_has_begun_does_not_go_on_without_its_supervisors(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO]).number)
    number = office.agreed(TWO)
    office.run(number)
    gone(office, SUPERVISORS[0])
    with pytest.raises(Refused, match="陈静"):
        office.run(number)
    enrolled(office, NEW, "孙丽", Role.DESTRUCTION_SUPERVISOR)
    office.supervise(number, NEW)
    assert office.run(number).state is State.DESTROYING  # at once: there is nothing left to be stopped
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_papers_name_whoever_had_signed_when_destruction_began_and_who_took_their_place(office: Office) -> None:
    """The register that was drawn half-way lost the supervisor who had changed roles in between."""
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO]).number)
    number = office.agreed(TWO)
    office.run(number)
    with office.by(LEADER) as vault:
        change(vault, SUPERVISORS[1], None, [Role.OFFICER], None, "换岗")
    first = "陈静（监销人，于2027年12月6日签字）、赵晓东（监销人，于2027年12月6日签字；"
    assert f"监销人：{first}现已不具备监销资格，尚未有人接替）。" in Paper(office, "register", number).zh
    enrolled(office, NEW, "孙丽", Role.DESTRUCTION_SUPERVISOR)
    office.clock.advance(days=1)
    office.supervise(number, NEW)
    whole = f"监销人：{first}2027年12月14日由孙丽接替）、孙丽（监销人，于2027年12月14日签字）。"
    assert whole in Paper(office, "register", number).zh
    office.run(number)
    for login in (OTHER_CUSTODIAN, SUPERVISORS[0]):
        for copy in ("A", "B"):
            office.confirm(number, f"2027-0001-1{copy}", login)
    for kind in ("register", "certificate"):
        assert whole in Paper(office, kind, number).zh
        assert (
            "陈静 (destruction supervisor, signed on 2027-12-06), 赵晓东 (destruction supervisor, signed on "
            "2027-12-06; replaced by 孙丽 on 2027-12-14), 孙丽 (destruction supervisor, signed on 2027-12-14)."
        ) in Paper(office, kind, number).en
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_each_who_left_is_replaced_by_somebody_else(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO]).number)
    number = office.agreed(TWO)
    office.run(number)
    for login in SUPERVISORS:
        gone(office, login)
    for login, name in ((NEW, "孙丽"), (THIRD, "钱伟")):
        enrolled(office, login, name, Role.DESTRUCTION_SUPERVISOR)
        office.supervise(number, login)
    signatures = office.standing(number).disposal.signatures
    assert {one.by: one.replaced.by for one in signatures if one.replaced is not None} == dict(
        zip(SUPERVISORS, (NEW, THIRD), strict=True)
    )


# discs


@pytest.fixture
def with_a_disc(office: Office) -> str:
    """A list that is destroyed but for the two copies of a disc."""
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO]).number)
    number = office.agreed(TWO)
    office.run(number)
    return number


@pytest.mark.parametrize("login", [CUSTODIAN, LEADER])
def test_who_had_a_part_in_the_list_does_not_see_its_discs_destroyed(
    office: Office, with_a_disc: str, login: str
) -> None:
    """Two custodians, of whom one had proposed the list, ended a disc between themselves."""
    if login == LEADER:
        with office.by(LEADER) as vault:
            enrol(vault, NEW, "孙丽", [Role.PRINCIPAL_LEADER], "")
        with office.by(NEW) as vault:
            roles = (Role.PRINCIPAL_LEADER, Role.SUPERVISING_LEADER, Role.CUSTODIAN)
            change(vault, LEADER, None, roles, None, "兼任")
    with pytest.raises(Refused, match="others see its discs destroyed"):
        office.confirm(with_a_disc, DISC, login)
    with office.by(OPERATOR) as vault:
        assert refusals(vault)[-1] == ("disposal.confirm-disc", '["concerned"]', with_a_disc)


def test_one_of_the_two_who_see_a_disc_destroyed_is_a_supervisor(office: Office, with_a_disc: str) -> None:
    enrolled(office, THIRD, "钱伟", Role.CUSTODIAN)
    office.confirm(with_a_disc, DISC, OTHER_CUSTODIAN)
    with pytest.raises(Refused, match="Neither 李娜 nor qianwei is a supervisor"):
        office.confirm(with_a_disc, DISC, THIRD)
    enrolled(office, NEW, "孙丽", Role.DESTRUCTION_SUPERVISOR)
    assert office.confirm(with_a_disc, DISC, NEW) is State.DESTROYING
    office.confirm(with_a_disc, "2027-0001-1B", SUPERVISORS[0])
    gone(office, SUPERVISORS[0])  # they were one when they saw it
    assert office.confirm(with_a_disc, "2027-0001-1B", THIRD) is State.CLOSED


def test_both_say_the_same_of_how_a_disc_was_destroyed(office: Office, with_a_disc: str) -> None:
    office.confirm(with_a_disc, DISC, OTHER_CUSTODIAN, "粉碎")
    with pytest.raises(Refused, match="李娜 said that disc 2027-0001-1A was destroyed in another way: 粉碎"):
        office.confirm(with_a_disc, DISC, SUPERVISORS[0], "焚烧")
    office.confirm(with_a_disc, DISC, SUPERVISORS[0], " 粉 碎")
    for login in (OTHER_CUSTODIAN, SUPERVISORS[0]):  # who said nothing had agreed, or had said nothing first
        with pytest.raises(BadInput, match="Say how disc 2027-0001-1B was destroyed"):
            office.confirm(with_a_disc, "2027-0001-1B", login, " ")
        last = office.confirm(with_a_disc, "2027-0001-1B", login, "消磁")
    assert last is State.CLOSED
    with office.by(OPERATOR) as vault:
        assert rows_of(vault, "SELECT how FROM disc_task ORDER BY disc") == [("粉碎",), ("消磁",)]
        assert_rebuilt_alike(vault)


def test_a_disc_with_a_record_that_stays_waits_for_a_new_set_of_it(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO, THREE]).number)
    number = office.agreed(TWO)
    office.run(number)
    with pytest.raises(Refused, match=f"records that stay .*: {THREE}") as refused:
        office.confirm(number, DISC, SUPERVISORS[0])
    assert "strongroom disc plan --replaces 2027-0001" in refused.value.hint.en
    with office.by(CUSTODIAN) as vault:
        anew = plan(vault, [THREE], replaces="2027-0001").number
        keep(vault, anew, "A")
    with pytest.raises(Refused, match=THREE):
        office.confirm(number, DISC, SUPERVISORS[0])  # copy B is still to be made
    with office.by(CUSTODIAN) as vault:
        keep(vault, anew, "B")
        hold = place_hold(vault, THREE, "线索核查", "县监委")
    with pytest.raises(Refused, match=rf"under hold: {THREE} \({hold}\)"):
        office.confirm(number, DISC, SUPERVISORS[0])
    with office.by(LEADER) as vault:
        release_hold(vault, hold, "核查结束")
    office.confirm(number, DISC, SUPERVISORS[0])


# one person under two logins

ANEW = "anew"


def enrolled_anew(office: Office, login: str, name: str, role: Role) -> None:
    """Somebody left, and came back under another login."""
    with office.by(LEADER) as vault:
        leave(vault, login, "调离")
        enrol(vault, ANEW, name, [role], "")


def refused_as_namesake(office: Office, number: str, action: str, doing: Callable[[], object]) -> None:
    with pytest.raises(Refused, match=f"{ANEW} and .* go by the same name") as refused:
        doing()
    assert refused.value.exit_code == 4
    assert "即使确为两人，也请由其他人员办理" in refused.value.hint.zh
    with office.by(OPERATOR) as vault:
        assert refusals(vault)[-1] == (action, '["namesake"]', number)


def test_who_appraised_a_list_does_not_approve_it_under_another_login(office: Office) -> None:
    number = office.listed(TWO, by=OTHER_CUSTODIAN)
    office.submit(number)
    enrolled_anew(office, OTHER_CUSTODIAN, " 李　娜", Role.PRINCIPAL_LEADER)  # spelled otherwise
    refused_as_namesake(office, number, "disposal.approve", lambda: office.approve(number, ANEW))


def test_who_submitted_a_list_does_not_approve_it_under_another_login(office: Office) -> None:
    number = office.listed(TWO)
    office.submit(number, OTHER_CUSTODIAN)
    enrolled_anew(office, OTHER_CUSTODIAN, "李娜", Role.PRINCIPAL_LEADER)
    refused_as_namesake(office, number, "disposal.approve", lambda: office.approve(number, ANEW))


def test_who_approved_a_list_does_not_supervise_under_another_login(office: Office) -> None:
    """They approved under one, and signed as supervisor under the other."""
    number = office.listed(TWO)
    office.submit(number)
    with office.by(LEADER) as vault:
        enrol(vault, NEW, "孙丽", [Role.PRINCIPAL_LEADER, Role.SUPERVISING_LEADER], "")
    office.approve(number, NEW)
    enrolled_anew(office, NEW, "孙丽", Role.DESTRUCTION_SUPERVISOR)
    refused_as_namesake(office, number, "disposal.supervise", lambda: office.supervise(number, ANEW))
    assert office.supervise(number, SUPERVISORS[0]) == 1


def test_the_second_supervisor_is_not_the_first_under_another_login(office: Office) -> None:
    number = office.listed(TWO)
    office.submit(number)
    office.approve(number)
    office.supervise(number, SUPERVISORS[0])
    enrolled_anew(office, SUPERVISORS[0], "陈静", Role.DESTRUCTION_SUPERVISOR)
    refused_as_namesake(office, number, "disposal.supervise", lambda: office.supervise(number, ANEW))


def test_the_second_who_sees_a_disc_destroyed_is_not_the_first_under_another_login(
    office: Office, with_a_disc: str
) -> None:
    office.confirm(with_a_disc, DISC, SUPERVISORS[0])
    with office.by(LEADER) as vault:
        enrol(vault, ANEW, "陈静", [Role.CUSTODIAN], "")
    refused_as_namesake(office, with_a_disc, "disposal.confirm-disc", lambda: office.confirm(with_a_disc, DISC, ANEW))
    assert office.confirm(with_a_disc, DISC, OTHER_CUSTODIAN) is State.DESTROYING


@pytest.mark.parametrize("given_up", ["before", "since"])
def test_names_count_that_somebody_bore_then_or_since(office: Office, given_up: str) -> None:
    def renamed() -> None:
        office.clock.advance(days=1)
        with office.by(LEADER) as vault:
            change(vault, OTHER_CUSTODIAN, "李晓娜", [], None, "更名")
        office.clock.advance(days=1)

    if given_up == "before":
        renamed()
    number = office.listed(TWO, by=OTHER_CUSTODIAN)
    office.submit(number)
    if given_up == "since":
        renamed()
    with office.by(LEADER) as vault:
        enrol(vault, ANEW, "李娜", [Role.PRINCIPAL_LEADER, Role.SUPERVISING_LEADER], "")
    if given_up == "since":
        refused_as_namesake(office, number, "disposal.approve", lambda: office.approve(number, ANEW))
    else:
        office.approve(number, ANEW)
