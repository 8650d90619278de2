"""What a rule forbids in the middle of an act is in the journal before it is said, as what the door itself refuses."""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest

from tests.vault.disposal_scene import CONTENTS, CUSTODIAN, LEADER, NAMES, ONE, OPERATOR, TWO, WHY, Office
from tests.vault.scene import rows_of, take_in
from vault import acts, adoption
from vault.actions import Action
from vault.authority import require
from vault.clock import Running
from vault.corrections import close_case, correct, flag, open_case, place_hold, raise_class, release_hold, reopen_case
from vault.disposal import appraisal
from vault.enrolling import enrol
from vault.errors import Refused
from vault.explaining import explain_missing, review
from vault.facts import Facts
from vault.people import Role
from vault.profile import load_profile
from vault.rebuild import rebuild
from vault.rights import Bar, Barred, Reason
from vault.store import Vault
from vault.terms import RetentionClass
from vault.text import Text
from vault.viewing import Grounds, Purpose, decline_viewing, register_viewing, request_viewing


@contextmanager
def refused(office: Office, action: str, about: str, bar: str) -> Iterator[None]:
    """Exit 4, and one entry that says so."""
    with office.by(OPERATOR) as vault:
        before = rows_of(vault, "SELECT count(*) FROM refusal")[0][0]
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.exit_code == 4
    with office.by(OPERATOR) as vault:
        found = rows_of(vault, "SELECT action, about, why FROM refusal ORDER BY id")
    assert found[before:] == [(action, about, f'["{bar}"]')]


def rebuilt(office: Office) -> None:
    with office.by(OPERATOR) as vault:
        rebuild(vault, None)


def unconfirmed(office: Office) -> None:
    office.machine = lambda: Running("另一次启动", 60.0)


PAUSES: dict[str, Callable[[Office], None]] = {"a rebuild": rebuilt, "a clock that nobody confirms": unconfirmed}


@pytest.mark.parametrize("pause", PAUSES)
def test_while_expiry_is_paused(office: Office, pause: str) -> None:
    number = office.agreed(TWO)
    draft = office.listed(ONE)
    PAUSES[pause](office)
    with refused(office, "disposal.run", number, "paused"):
        office.run(number)
    with refused(office, "disposal.appraise", "", "paused"):
        office.listed()
    with refused(office, "disposal.appraise", draft, "paused"):
        office.appraise(draft, "2026-0000003")
    with refused(office, "disposal.appraise", draft, "paused"), office.by(CUSTODIAN) as vault:
        said = [acts.Appraisal(record="2026-0000003", fate="dispose", why=WHY)]
        appraisal.require_appraisable(vault, said, draft)


def test_a_record_that_is_not_due_or_on_another_list(office: Office) -> None:
    number, draft = office.agreed(TWO), office.listed(ONE)
    with office.by(CUSTODIAN) as vault:
        (fresh,) = take_in(vault, [CONTENTS[5]])
    with refused(office, "disposal.appraise", draft, "not-due"):
        office.appraise(draft, fresh)
    with refused(office, "disposal.appraise", draft, "listed"):
        office.appraise(draft, TWO)
    office.run(number)
    with refused(office, "disposal.appraise", draft, "destroyed"):
        office.appraise(draft, TWO)
    with refused(office, "hold.place", TWO, "destroyed"), office.by(CUSTODIAN) as vault:
        place_hold(vault, TWO, "太晚", "县监委")
    with refused(office, "class.raise", TWO, "destroyed"), office.by(CUSTODIAN) as vault:
        raise_class(vault, TWO, RetentionClass.PERMANENT, "典型案例", "")
    with refused(office, "facts.correct", TWO, "destroyed"), office.by(CUSTODIAN) as vault:
        correct(vault, TWO, Facts(section="办公室"), "更正")


def test_what_would_shorten_a_term_or_lack_a_fact(office: Office) -> None:
    office.adopt(load_profile("xinzhou"))
    with office.by(CUSTODIAN) as vault:
        (record,) = take_in(vault, [CONTENTS[5]])
    with office.by(LEADER) as vault:
        raise_class(vault, record, RetentionClass.ONE_YEAR, "典型案例", "第9条")
    with office.by(CUSTODIAN) as vault:
        correct(vault, record, Facts(kind="penalty-evidence"), "更正")
    with refused(office, "facts.correct", record, "shorter"), office.by(CUSTODIAN) as vault:
        correct(vault, record, Facts(kind="routine-patrol"), "更正")
    with office.by(CUSTODIAN) as vault:
        correct(vault, record, Facts(section="办公室"), "补录")
    with refused(office, "facts.correct", record, "required"), office.by(CUSTODIAN) as vault:
        correct(vault, record, Facts(), "清空", ["section"])


def test_a_circumstance_that_would_be_emptied(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        flag(vault, ONE, ("objection",), "当事人异议")
    with refused(office, "facts.correct", ONE, "shorter"), office.by(CUSTODIAN) as vault:
        correct(vault, ONE, Facts(), "清空", ["circumstances"])


def test_who_filed_an_explanation_does_not_review_it_under_another_login(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        gap = explain_missing(vault, Facts(section="办公室"), "weather", "暴雨", "红色预警").explanation
    with office.by(LEADER) as vault:
        enrol(vault, "zhangjg", "张建国", [Role.SUPERVISING_LEADER], "")
    with refused(office, "gap.review", gap, "namesake"), office.by("zhangjg") as vault:
        review(vault, gap, "同意")
    with office.by(LEADER) as vault:
        review(vault, gap, "同意")


def test_what_was_done_already(office: Office) -> None:
    """Cases, holds, reviews, people and profiles: to do it twice is refused, and that is an entry, too."""
    day = office.clock.now.date()
    with office.by(CUSTODIAN) as vault:
        open_case(vault, "甲字1号", "案", day, "立案")
        hold = place_hold(vault, ONE, "投诉", "县信访局")
        gap = explain_missing(vault, Facts(section="办公室"), "weather", "暴雨", "红色预警").explanation
    with refused(office, "case.open", "甲字1号", "already"), office.by(CUSTODIAN) as vault:
        open_case(vault, "甲字1号", "案", day, "立案")
    with refused(office, "case.reopen", "甲字1号", "already"), office.by(CUSTODIAN) as vault:
        reopen_case(vault, "甲字1号", "复议")
    with office.by(CUSTODIAN) as vault:
        close_case(vault, "甲字1号", day, RetentionClass.ONE_YEAR, "")
    with refused(office, "case.open", "甲字1号", "already"), office.by(CUSTODIAN) as vault:
        open_case(vault, "甲字1号", "案", day, "立案")
    with refused(office, "case.close", "甲字1号", "already"), office.by(CUSTODIAN) as vault:
        close_case(vault, "甲字1号", day, RetentionClass.ONE_YEAR, "")
    with office.by(LEADER) as vault:
        release_hold(vault, hold, "撤诉")
        review(vault, gap, "同意")
    with refused(office, "hold.release", hold, "already"), office.by(LEADER) as vault:
        release_hold(vault, hold, "撤诉")
    with refused(office, "gap.review", gap, "already"), office.by(LEADER) as vault:
        review(vault, gap, "同意")
    with refused(office, "person.enrol", CUSTODIAN, "already"), office.by(LEADER) as vault:
        enrol(vault, CUSTODIAN, "张建国", [Role.CUSTODIAN], "")
    with refused(office, "profile.adopt", "dengzhou", "already"):
        office.adopt(load_profile("dengzhou"))


def test_a_viewing_that_no_rule_lets_happen(office: Office) -> None:
    with refused(office, "viewing.request", ONE, "required"), office.by(CUSTODIAN) as vault:
        request_viewing(vault, [ONE], Purpose.VIEW, " ")
    with office.by(CUSTODIAN) as vault:
        request = request_viewing(vault, [ONE], Purpose.VIEW, "案件审理")
    with refused(office, "viewing.approve", request, "required"), office.by(LEADER) as vault:
        decline_viewing(vault, request, " ")
    with refused(office, "content.view", ONE, "not-approved"), office.by(CUSTODIAN) as vault:
        register_viewing(vault, [ONE], "get", Grounds(approved_by=("王局长",), why="案件审理"))
    silent = msgspec.structs.replace(load_profile("dengzhou"), version=2, viewing=None)
    with office.by(LEADER) as vault:
        adoption.adopt(vault, silent, "会议纪要")
        profile = vault.profile
    assert not profile.approvers
    with refused(office, "viewing.request", ONE, "nobody-named"), office.by(CUSTODIAN) as vault:
        request_viewing(vault, [ONE], Purpose.VIEW, "案件审理")
    with refused(office, "content.view", ONE, "nobody-named"), office.by(CUSTODIAN) as vault:
        register_viewing(vault, [ONE], "get", Grounds(why="案件审理"))


@pytest.mark.parametrize("bar", ["outside", "nobody-named"])
def test_a_release_that_the_profile_forbids_or_names_nobody_for(office: Office, bar: str) -> None:
    profile = load_profile("dengzhou")
    assert profile.release is not None
    release = (
        None if bar == "outside" else msgspec.structs.replace(profile.release, approvers=(), except_evidence=False)
    )
    with office.by(LEADER) as vault:
        adoption.adopt(vault, msgspec.structs.replace(profile, version=2, release=release), "会议纪要")
    with refused(office, "viewing.request", ONE, bar), office.by(CUSTODIAN) as vault:
        request_viewing(vault, [ONE], Purpose.RELEASE, "移送")


def test_in_a_vault_of_one_clerk(vault: Vault) -> None:
    """Nobody is enrolled: whoever is at work says who agreed, and is refused where they do not."""
    (number,) = take_in(vault, [CONTENTS[5]])
    with pytest.raises(Refused):
        register_viewing(vault, [number], "get", Grounds(why="案件审理"))
    with pytest.raises(Refused):
        request_viewing(vault, [number], Purpose.VIEW, "案件审理")
    assert rows_of(vault, "SELECT action, why FROM refusal ORDER BY id") == [
        ("content.view", '["not-approved"]'),
        ("viewing.request", '["nobody-enrolled"]'),
    ]
    gap = explain_missing(vault, Facts(section="办公室"), "weather", "暴雨", "红色预警").explanation
    with pytest.raises(Refused):
        review(vault, gap, "同意")
    assert rows_of(vault, "SELECT action, why FROM refusal ORDER BY id")[2:] == [("gap.review", '["own-request"]')]


def test_what_is_barred_comes_whole_from_another_process() -> None:
    barred = Barred(Reason(Bar.PAUSED, Text(en="waits", zh="暂停")))
    again = pickle.loads(pickle.dumps(barred))
    assert (again.reason, again.what, again.exit_code) == (barred.reason, barred.what, 4)


def test_a_refusal_says_what_became_of_its_entry(office: Office) -> None:
    """It said "Entered in the journal" though nothing was."""

    def hint() -> Text:
        with office.by(CUSTODIAN) as vault, pytest.raises(Refused) as refused:
            require(vault, Action.HOLD_RELEASE)
        assert refused.value.exit_code == 4
        assert isinstance(refused.value.hint, Text)
        return refused.value.hint

    def entries() -> int:
        with office.by(CUSTODIAN) as vault:
            return len(rows_of(vault, "SELECT 1 FROM refusal"))

    who = "Who may do what: strongroom person rights"
    assert hint().en.startswith(f"Entered in the journal. {who}")
    assert entries() == 1
    for name in NAMES[1:]:
        (office.home / name).rename(office.home / f"{name}-拔出")
    waiting = hint()
    assert waiting.en.startswith("Entered in the journal, but not yet on enough stores: it reaches them once they")
    assert who in waiting.en
    assert waiting.zh.startswith("本次拒绝已载入日志，但尚未写入足够的存储，待存储恢复后补写。各角色的权限")
    for name in NAMES[1:]:
        (office.home / f"{name}-拔出").rename(office.home / name)
    assert entries() == 2
    office.clock.advance(days=-30)
    lost = hint()
    assert lost.en.startswith("The clock contradicts the journal, which could not take this refusal (look: strongroom")
    assert who in lost.en
    assert lost.zh.startswith("时钟与日志矛盾，本次拒绝未能载入日志（请查看：strongroom clock）。各角色的权限")
    assert entries() == 2


def test_a_refusal_that_could_not_be_entered_says_so_beside_its_own_hint(office: Office) -> None:
    office.listed(ONE)
    office.clock.advance(days=-30)
    with office.by(CUSTODIAN) as vault, pytest.raises(Refused) as refused:
        require(vault, Action.INGEST, asked_by=[CUSTODIAN])
    assert refused.value.hint.en.startswith("The clock contradicts the journal")
    assert "Somebody else may" in refused.value.hint.en
