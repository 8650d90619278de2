"""With people enrolled content leaves on their own word: asked for, agreed to in turn, used once."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from ops.wiring import Working, closed_vault, open_vault
from tests.catalogues import lose
from tests.conftest import SettableClock
from tests.vault.scene import NOW, export, journal_acts, noise, rows_of, take_in
from vault import acts
from vault.adoption import adopt
from vault.approvals import Stage
from vault.catalogue import queries
from vault.corrections import correct, place_hold, release_hold
from vault.enrolling import enrol
from vault.errors import BadInput, Refused
from vault.facts import Facts
from vault.people import Role
from vault.profile import Approver, Profile
from vault.rebuild import rebuild
from vault.releasing import release_expiry
from vault.store import Vault
from vault.viewing import (
    Grounds,
    Purpose,
    approve_viewing,
    decline_viewing,
    register_viewing,
    request_viewing,
)

PEOPLE = {
    "zhangmin": ("张敏", Role.OFFICER, "执法一中队"),
    "lina": ("李娜", Role.CUSTODIAN, "档案室"),
    "chenjing": ("陈静", Role.SECTION_HEAD, "执法一中队"),
    "liuyang": ("刘洋", Role.SECTION_HEAD, "执法二中队"),
    "zhaomin": ("赵敏", Role.LEGAL_OFFICE, "法规科"),
    "wangfang": ("王芳", Role.SUPERVISING_LEADER, ""),
    "sunli": ("孙立", Role.SUPERVISING_LEADER, ""),
    "root": ("周杰", Role.OPERATOR, ""),
    "wangjianguo": ("王建国", Role.PRINCIPAL_LEADER, ""),
}
As = Callable[[str], Vault]


@pytest.fixture(scope="module")
def staffed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be touched: two records, and everybody above enrolled."""
    home = Path(shutil.copytree(template, tmp_path_factory.mktemp("staffed") / "档案库"))
    with open_vault(home, Working(person="李建国", clock=lambda: NOW)) as vault:
        take_in(vault, ["录像".encode()], ["照片".encode()])
        for login, (name, role, section) in PEOPLE.items():
            enrol(vault, login, name, [role], section)
    return home


@pytest.fixture
def home(staffed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(staffed, tmp_path / "档案库"))


@pytest.fixture
def by(home: Path, clock: SettableClock) -> Iterator[As]:
    """The vault as each opens it."""
    with ExitStack() as opened:
        vaults: dict[str, Vault] = {}

        def of(login: str) -> Vault:
            if login not in vaults:
                vaults[login] = opened.enter_context(open_vault(home, Working(person=login, clock=clock)))
            return vaults[login]

        yield of


ONE, TWO = "2026-0000001", "2026-0000002"


def refusals(vault: Vault) -> list[tuple[object, ...]]:
    return rows_of(vault, 'SELECT "by", action, why FROM refusal ORDER BY id')


def asked_in_turn(profile: Profile, *roles: Role) -> Profile:
    """邓州's, asking these."""
    assert profile.viewing is not None
    approvers = tuple(Approver(role=role, zh=role.label.zh, en=role.label.en) for role in roles)
    return msgspec.structs.replace(profile, viewing=msgspec.structs.replace(profile.viewing, approvers=approvers))


def test_asked_for_agreed_to_and_used_once(by: As) -> None:
    request = request_viewing(by("zhangmin"), [ONE, TWO], Purpose.VIEW, "案件审理")
    with pytest.raises(Refused, match="not approved yet: it waits for supervising leader"):
        register_viewing(by("zhangmin"), [ONE], "get", Grounds(request=request))
    assert approve_viewing(by("wangfang"), request).waits_for is None
    register_viewing(by("zhangmin"), [ONE], "get", Grounds(request=request))
    approved, viewed = journal_acts(by("zhangmin"), 0)[-2:]
    assert isinstance(approved, acts.ApprovalGiven), "it is not used up: it names another record, too"
    assert isinstance(viewed, acts.RecordViewed)
    assert (viewed.by, viewed.approved_by, viewed.why, viewed.request) == (
        *("zhangmin", ("wangfang",), "案件审理", request),
    )
    for records in ([ONE], [ONE, TWO]):
        with pytest.raises(Refused, match=f"used already for this of {ONE}: it serves each file once"):
            register_viewing(by("zhangmin"), records, "get", Grounds(request=request))
    register_viewing(by("zhangmin"), [TWO], "get", Grounds(request=request))
    used, viewed = journal_acts(by("zhangmin"), 0)[-2:]
    assert isinstance(used, acts.ApprovalUsed)
    assert isinstance(viewed, acts.RecordViewed)
    with pytest.raises(Refused, match=f"{request} was used already"):
        register_viewing(by("zhangmin"), [TWO], "get", Grounds(request=request))
    assert [why for _, _, why in refusals(by("lina"))] == ['["not-approved"]', *['["used"]'] * 3]


def test_it_serves_each_file_of_a_record_once(by: As) -> None:
    """Once the first of them used it up, and the others had to be asked for anew."""
    vault = by("lina")
    (number,) = take_in(vault, [noise(1_000, 91), noise(1_000, 92)])
    request = request_viewing(by("zhangmin"), [number], Purpose.VIEW, "案件审理")
    approve_viewing(by("wangfang"), request)
    with by("zhangmin").database.reading() as connection:
        first, second = queries.get_record(connection, number).files
    grounds = Grounds(request=request)
    register_viewing(by("zhangmin"), [number], "get", grounds, first)
    for again in (first, None):
        with pytest.raises(Refused, match="it serves each file once"):
            register_viewing(by("zhangmin"), [number], "get", grounds, again)
    register_viewing(by("zhangmin"), [number], "get", grounds, second)
    with pytest.raises(Refused, match=f"{request} was used already"):
        register_viewing(by("zhangmin"), [number], "get", grounds, second)
    told = rows_of(by("lina"), "SELECT request, files FROM viewing ORDER BY id")
    assert told == [(request, f'["{one.sha256}"]') for one in (first, second)]


def test_what_was_changed_after_the_approval_is_void(by: As) -> None:
    request = request_viewing(by("zhangmin"), [ONE], Purpose.VIEW, "案件审理")
    approve_viewing(by("wangfang"), request)
    correct(by("lina"), ONE, Facts(confidentiality="商业秘密"), "补录密级")
    with pytest.raises(Refused, match="has changed since"):
        register_viewing(by("zhangmin"), [ONE], "get", Grounds(request=request))
    again = request_viewing(by("zhangmin"), [ONE], Purpose.VIEW, "案件审理")
    correct(by("lina"), ONE, Facts(place="湍河街道"), "更正地点")
    with pytest.raises(Refused, match="has changed since"):
        approve_viewing(by("wangfang"), again)
    assert [row[0] for row in refusals(by("lina"))] == ["zhangmin", "wangfang"]


def test_it_ends_after_a_week(by: As, clock: SettableClock) -> None:
    request = request_viewing(by("zhangmin"), [ONE], Purpose.VIEW, "案件审理")
    approve_viewing(by("wangfang"), request)
    clock.advance(days=7, seconds=1)
    with pytest.raises(Refused, match="ended on"):
        register_viewing(by("zhangmin"), [ONE], "get", Grounds(request=request))


def test_what_is_declined_nobody_can_use_or_approve_any_more(by: As) -> None:
    request = request_viewing(by("zhangmin"), [ONE], Purpose.VIEW, "案件审理")
    for login in ("zhangmin", "chenjing", "root"):
        with pytest.raises(Refused):
            decline_viewing(by(login), request, "理由不足")
    with pytest.raises(Refused, match="reason"):
        decline_viewing(by("wangfang"), request, " ")
    asked = decline_viewing(by("wangfang"), request, "理由不足")
    assert (asked.declined, asked.stage(NOW)) == (("wangfang", "理由不足"), Stage.DECLINED)
    with pytest.raises(Refused, match="wangfang declined A00001: 理由不足"):
        approve_viewing(by("sunli"), request)
    with pytest.raises(Refused, match="declined"):
        register_viewing(by("zhangmin"), [ONE], "get", Grounds(request=request))


def test_nobody_approves_their_own_and_nobody_uses_anothers(by: As) -> None:
    own = request_viewing(by("wangfang"), [ONE], Purpose.VIEW, "抽查")
    with pytest.raises(Refused, match="nobody approves what they asked for"):
        approve_viewing(by("wangfang"), own)
    approve_viewing(by("sunli"), own)
    with pytest.raises(Refused, match="theirs alone"):
        register_viewing(by("zhangmin"), [ONE], "get", Grounds(request=own))
    register_viewing(by("wangfang"), [ONE], "get", Grounds(request=own))


def test_for_other_records_or_another_purpose_it_does_not_stand(by: As) -> None:
    request = request_viewing(by("lina"), [ONE], Purpose.VIEW, "案件审理")
    approve_viewing(by("wangfang"), request)
    for records, how in (([ONE, TWO], "get"), ([TWO], "get"), ([ONE], "export"), ([ONE], "disc")):
        with pytest.raises(Refused, match="for something else"):
            register_viewing(by("lina"), records, how, Grounds(request=request))
    with pytest.raises(Refused, match="may not do that: export content"):
        request_viewing(by("zhangmin"), [ONE], Purpose.EXPORT, "移送")
    with pytest.raises(BadInput, match="no request A00009"):
        register_viewing(by("lina"), [ONE], "get", Grounds(request="A00009"))


def test_names_are_nobodys_word_any_more(by: As) -> None:
    for grounds in (Grounds(("王芳",), "案件审理"), Grounds(why="案件审理"), Grounds(("王芳",), "审理", "A00001")):
        with pytest.raises(Refused, match="--request, not --approved-by"):
            register_viewing(by("zhangmin"), [ONE], "get", grounds)
    with pytest.raises(Refused, match="sees neither content"):
        register_viewing(by("root"), [ONE], "get", Grounds(request="A00001"))
    assert rows_of(by("lina"), "SELECT count(*) FROM journal WHERE act = 'record.viewed'") == [(0,)]


def test_two_approvers_in_their_turn_and_no_one_twice(by: As) -> None:
    for login in ("zhangmin", "wangfang", "zhaomin"):
        by(login).profile = asked_in_turn(by(login).profile, Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER)
    request = request_viewing(by("zhangmin"), [ONE], Purpose.VIEW, "案件审理")
    with pytest.raises(Refused, match=r"not your turn .* waits for legal office"):
        approve_viewing(by("wangfang"), request)
    assert approve_viewing(by("zhaomin"), request).waits_for is Role.SUPERVISING_LEADER
    with pytest.raises(Refused, match="one person is one consent"):
        approve_viewing(by("zhaomin"), request)
    approve_viewing(by("wangfang"), request)
    register_viewing(by("zhangmin"), [ONE], "get", Grounds(request=request))


def test_nobody_agrees_twice_or_to_their_own_under_another_login(by: As) -> None:
    vault = by("wangjianguo")
    by("lina").profile = asked_in_turn(vault.profile, Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER)
    for login, name in (("zhaomin2", "赵 敏"), ("lina2", "李娜")):
        enrol(vault, login, name, [Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER], "")
    request = request_viewing(by("lina"), [ONE], Purpose.VIEW, "复议")
    for say in (approve_viewing, lambda own, number: decline_viewing(own, number, "不必")):
        with pytest.raises(Refused, match="lina2 and lina go by the same name: lina asked for it"):
            say(by("lina2"), request)
    approve_viewing(by("zhaomin"), request)
    with pytest.raises(Refused, match=f"zhaomin has agreed to {request} already") as refused:
        approve_viewing(by("zhaomin2"), request)
    assert refused.value.exit_code == 4
    assert refusals(vault)[-1] == ("zhaomin2", "viewing.approve", '["namesake"]')
    approve_viewing(by("wangfang"), request)


def test_the_head_of_another_section_does_not_agree(by: As) -> None:
    """瀍河 14: 经行政执法案件承办处室主要负责人同意."""
    for login in ("zhangmin", "chenjing", "liuyang"):
        profile = asked_in_turn(by(login).profile, Role.SECTION_HEAD)
        assert profile.viewing is not None
        viewing = msgspec.structs.replace(profile.viewing, of_case=True)
        by(login).profile = msgspec.structs.replace(profile, viewing=viewing)
    request = request_viewing(by("zhangmin"), [ONE], Purpose.VIEW, "案件审理")  # the section of the first is 执法一中队
    with pytest.raises(Refused, match="is of the section 执法一中队: its head agrees, not 刘洋"):
        approve_viewing(by("liuyang"), request)
    approve_viewing(by("chenjing"), request)


def test_a_hold_is_not_released_by_those_whom_the_record_shows(by: As) -> None:
    correct(by("lina"), ONE, Facts(officers=("赵敏",)), "补录")
    hold = place_hold(by("lina"), ONE, "当事人投诉", "纪检")
    with pytest.raises(Refused, match="about what 赵敏 did"):
        release_hold(by("zhaomin"), hold, "核查完毕")
    with pytest.raises(Refused, match="may not do that: release a hold"):
        release_hold(by("lina"), hold, "核查完毕")
    release_hold(by("wangfang"), hold, "核查完毕")


def test_a_profile_is_adopted_by_the_principal_leader(by: As) -> None:
    newer = msgspec.structs.replace(by("lina").profile, version=9)
    with pytest.raises(Refused, match="may not do that: adopt a profile"):
        adopt(by("lina"), newer, "局务会决定")
    assert [row[:2] for row in refusals(by("lina"))] == [("lina", "profile.adopt")]


def test_who_rebuilt_does_not_let_expiry_go_on(home: Path, clock: SettableClock) -> None:
    working = Working(person="zhangmin", clock=clock)
    with closed_vault(home, working) as vault, pytest.raises(Refused, match="rebuild the catalogue"):
        rebuild(vault, None)
    with closed_vault(home, Working(person="root", clock=clock)) as vault:
        rebuild(vault, None)
    with open_vault(home, Working(person="wangjianguo", clock=clock)) as vault:
        release_expiry(vault, "已核对")
    lose(home)
    with closed_vault(home, Working(person="wangfang", clock=clock)) as vault:
        rebuild(vault, None)  # there is no catalogue that could say who may
    with (
        open_vault(home, Working(person="wangfang", clock=clock)) as vault,
        pytest.raises(Refused, match="nobody approves what they asked for"),
    ):
        release_expiry(vault, "已核对")
    with open_vault(home, Working(person="sunli", clock=clock)) as vault:
        release_expiry(vault, "已核对")
        assert rows_of(vault, "SELECT key FROM meta") == [("rebuilt_at",)]


def test_nor_does_who_goes_by_their_name(home: Path, clock: SettableClock) -> None:
    with open_vault(home, Working(person="wangjianguo", clock=clock)) as vault:
        enrol(vault, "zhoujie", "周杰", [Role.SUPERVISING_LEADER], "")
    with closed_vault(home, Working(person="root", clock=clock)) as vault:
        rebuild(vault, None)
    with (
        open_vault(home, Working(person="zhoujie", clock=clock)) as vault,
        pytest.raises(Refused, match="zhoujie and root go by the same name"),
    ):
        release_expiry(vault, "已核对")


def test_a_rebuild_knows_every_request(by: As, home: Path, clock: SettableClock) -> None:
    for number in (ONE, TWO):
        approve_viewing(by("wangfang"), request_viewing(by("zhangmin"), [number], Purpose.VIEW, "案件审理"))
    register_viewing(by("zhangmin"), [ONE], "get", Grounds(request="A00001"))
    decline_viewing(by("wangfang"), request_viewing(by("lina"), [ONE, TWO], Purpose.EXPORT, "移送法院"), "材料不全")
    before = export(by("lina"))
    assert (len(before["approval"]), len(before["consent"])) == (3, 2)
    for login in ("zhangmin", "wangfang", "lina"):
        by(login).__exit__()
    with closed_vault(home, Working(person="root", clock=clock)) as vault:
        rebuild(vault, None)
        after = export(vault)
    assert all(after[table] == before[table] for table in ("approval", "consent", "person", "refusal"))
