"""Before anything expires all clocks are asked: which those are, what is remembered, what a person vouches for."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.conftest import SettableClock, machine_beside
from tests.vault.disposal_scene import assert_rebuilt_alike
from tests.vault.scene import entries_so_far, journal_acts
from vault import acts
from vault.catalogue.holdings import pause
from vault.clock import Clock, Running, Word
from vault.enrolling import change, enrol, leave
from vault.errors import ClockSuspect, StoreUnavailable
from vault.people import Role
from vault.store import Vault
from vault.text import Text
from vault.timekeeping import FILE, Vouched, believe, expiry_pause, hear, trusted_time, vouched


def away() -> datetime:
    raise StoreUnavailable(Text(en="no answer", zh="无应答"))


@contextmanager
def telling(vault: Vault, **clocks: Clock) -> Iterator[None]:
    """While these stores are another machine's, with its clock."""
    for name, clock in clocks.items():
        vault.stores[name].time = clock
    try:
        yield
    finally:
        for name in clocks:
            del vault.stores[name].time


def restarted(vault: Vault, clock: Clock) -> None:
    """The machine was switched off, and on again."""
    vault.setting = replace(vault.setting, machine=lambda: Running("另一次启动", clock().timestamp()))


def test_a_vault_believes_the_clock_that_it_began_by_as_long_as_the_machine_runs(
    vault: Vault, clock: SettableClock
) -> None:
    assert trusted_time(vault).agreed
    clock.advance(days=390)
    assert trusted_time(vault).require() == clock()
    assert [one.word for one in hear(vault).witnesses] == [Word.RIGHT] * 3


def test_a_clock_that_was_set_is_not_believed_until_it_is_set_right(vault: Vault, clock: SettableClock) -> None:
    up = machine_beside(SettableClock(clock()))
    vault.setting = replace(vault.setting, machine=up)
    for ahead in (timedelta(days=300), timedelta(hours=1), -timedelta(hours=1)):
        clock.now += ahead
        verdict = trusted_time(vault)
        assert verdict.paused is not None
        assert verdict.contradicting
        clock.now -= ahead
        assert trusted_time(vault).agreed


def test_a_clock_does_not_walk_away_in_small_steps(vault: Vault, clock: SettableClock) -> None:
    """Were the moment that is believed moved along, each step would be within the limit."""
    vault.setting = replace(vault.setting, machine=machine_beside(SettableClock(clock())))
    for _ in range(2):
        clock.advance(minutes=2)
        assert trusted_time(vault).agreed
    clock.advance(minutes=2)
    assert not trusted_time(vault).agreed


def test_after_a_start_a_store_has_to_confirm_the_clock_and_then_the_machine_does(
    vault: Vault, clock: SettableClock
) -> None:
    restarted(vault, clock)
    assert trusted_time(vault).paused is not None
    with telling(vault, 乙=away):
        assert trusted_time(vault).paused is not None
        assert trusted_time(vault).witnesses[-1].word is Word.NOTHING
    with telling(vault, 乙=clock):
        assert trusted_time(vault).agreed
    assert trusted_time(vault).agreed


def test_hearing_alone_makes_nothing_believed(vault: Vault, clock: SettableClock) -> None:
    """A scrape of figures must not be what confirms the clock."""
    restarted(vault, clock)
    kept = (vault.setting.home / FILE).read_bytes()
    with telling(vault, 乙=clock):
        assert hear(vault).agreed
    assert (vault.setting.home / FILE).read_bytes() == kept
    assert trusted_time(vault).paused is not None


def test_a_store_whose_clock_differs_pauses_whatever_the_others_say(vault: Vault, clock: SettableClock) -> None:
    with telling(vault, 甲=clock, 乙=lambda: clock() + timedelta(days=365)):
        verdict = trusted_time(vault)
        assert verdict.paused is not None
        assert "store 乙 2027-11-21 09:30." in verdict.paused.en
        assert "甲" not in verdict.paused.en
        with pytest.raises(ClockSuspect):
            verdict.require()


def test_a_jump_forward_with_acts_entered_by_it_lets_nothing_expire(vault: Vault, clock: SettableClock) -> None:
    """The journal bears the wrong time then, and agrees with the clock."""
    restarted(vault, clock)
    clock.advance(days=395)
    vault.commit(lambda _: [acts.ExpiryReleased(at=vault.now(), by="李建国", why="核对")])
    assert vault.last_act() == clock()
    assert trusted_time(vault).paused is not None


def test_what_a_person_vouched_for_is_in_the_journal_before_anything_rests_on_it(
    home: Path, vault: Vault, clock: SettableClock
) -> None:
    restarted(vault, clock)
    began = entries_so_far(vault)
    vault.setting = replace(vault.setting, clock_vouched=True, person="赵局长")
    with telling(vault, 乙=lambda: clock() - timedelta(days=1)):
        verdict = trusted_time(vault)
    assert verdict.vouched
    assert verdict.require() == clock()
    (act,) = journal_acts(vault, began)
    assert isinstance(act, acts.ClockVouched)
    assert (act.by, act.at) == ("赵局长", clock())
    assert [(one.name, one.says, one.word) for one in act.clocks] == [
        ("本程序发布时间", datetime(2026, 11, 1, tzinfo=UTC), "right"),
        ("日志的最后一条", clock(), "right"),
        ("按本机连续运行时间推算", None, "nothing"),
        ("存储 乙 的时钟", clock() - timedelta(days=1), "ahead"),
    ]
    # From then on the machine's own running confirms it, and nobody has to vouch again.
    vault.setting = replace(vault.setting, clock_vouched=False)
    assert trusted_time(vault).agreed
    assert entries_so_far(vault) == began + 1


def test_what_cannot_be_undone_takes_two_people_or_a_clock(vault: Vault, clock: SettableClock) -> None:
    restarted(vault, clock)
    began = entries_so_far(vault)
    vault.setting = replace(vault.setting, clock_vouched=True, person="周运维")
    for _ in range(2):  # who says it twice has said it once
        trusted_time(vault)
        assert hear(vault).agreed
        assert not hear(vault, surely=True).agreed
        clock.advance(hours=1)
    vault.setting = replace(vault.setting, person="张敏")
    assert trusted_time(vault).agreed
    assert hear(vault, surely=True).agreed
    assert entries_so_far(vault) == began + 2
    kept = json.loads((vault.setting.home / FILE).read_text())
    assert kept["vouched_by"] == [{"by": "周运维", "since": None}, {"by": "张敏", "since": None}]
    assert kept["at"] == (clock() - timedelta(hours=2)).isoformat()


def test_whose_word_stands_and_how_many_are_wanted(vault: Vault, clock: SettableClock) -> None:
    assert vouched(vault) == Vouched((), ())
    restarted(vault, clock)
    for person, wanted in (("王芳", 1), ("王芳", 1), ("李娜", 0)):
        vault.setting = replace(vault.setting, person=person, clock_vouched=True)
        trusted_time(vault)
        assert vouched(vault).wanted == wanted
    assert vouched(vault).by == vouched(vault).counting == ("王芳", "李娜")
    vault.setting = replace(vault.setting, person="李建国", clock_vouched=False)
    enrol(vault, "wangju", "王建军", [Role.PRINCIPAL_LEADER], "")
    assert vouched(vault) == Vouched(("王芳", "李娜"), ())  # they are nobody here any more
    vault.setting = replace(vault.setting, machine=lambda: Running("再次启动", clock().timestamp()))
    assert vouched(vault).by == ()


def by(vault: Vault, login: str, *, vouching: bool = False) -> None:
    """Who is at work now."""
    vault.setting = replace(vault.setting, person=login, clock_vouched=vouching)


@pytest.fixture
def led(vault: Vault, clock: SettableClock) -> Vault:
    """Two principal leaders have vouched for the clock since the machine was started."""
    by(vault, "李建国")
    enrol(vault, "wangju", "王建军", [Role.PRINCIPAL_LEADER], "")
    by(vault, "wangju")
    enrol(vault, "zhangju", "张建国", [Role.PRINCIPAL_LEADER], "")
    restarted(vault, clock)
    for login in ("zhangju", "wangju"):
        by(vault, login, vouching=True)
        trusted_time(vault)
    assert vouched(vault) == Vouched(("zhangju", "wangju"), ("zhangju", "wangju"))
    by(vault, "wangju")
    clock.advance(hours=1)
    return vault


def test_a_vouch_is_not_the_next_ones_who_is_given_the_login(led: Vault) -> None:
    leave(led, "zhangju", "退休")
    assert vouched(led).counting == ("wangju",)
    enrol(led, "zhangju", "李强", [Role.PRINCIPAL_LEADER], "")
    assert vouched(led).counting == ("wangju",)
    assert hear(led).agreed
    assert not hear(led, surely=True).agreed
    by(led, "zhangju", vouching=True)  # who may give a word of their own
    trusted_time(led)
    assert vouched(led) == Vouched(("wangju", "zhangju"), ("wangju", "zhangju"))
    assert hear(led, surely=True).agreed


@pytest.mark.parametrize(
    ("name", "roles"), [(None, [Role.OPERATOR]), ("李强", []), (None, [Role.PRINCIPAL_LEADER, Role.OFFICER])]
)
def test_a_vouch_ends_for_good_with_the_roles_and_the_name_it_was_given_by(
    led: Vault, clock: SettableClock, name: str | None, roles: list[Role]
) -> None:
    change(led, "zhangju", name, roles, None, "调整")
    clock.advance(hours=1)
    change(led, "zhangju", "张建国", [Role.PRINCIPAL_LEADER], None, "恢复")
    assert vouched(led) == Vouched(("zhangju", "wangju"), ("wangju",))
    assert not hear(led, surely=True).agreed


def test_a_vouch_outlives_a_change_of_section_and_a_rebuild(led: Vault) -> None:
    change(led, "zhangju", None, [], "局领导", "分工")
    assert vouched(led).counting == ("zhangju", "wangju")
    assert hear(led, surely=True).agreed
    enrol(led, "zhouwei", "周伟", [Role.OPERATOR], "")
    by(led, "zhouwei")
    assert_rebuilt_alike(led)
    assert vouched(led).counting == ("zhangju", "wangju")


def test_who_vouches_before_they_are_enrolled_vouches_again(vault: Vault, clock: SettableClock) -> None:
    restarted(vault, clock)
    by(vault, "wangju", vouching=True)
    trusted_time(vault)
    by(vault, "李建国")
    enrol(vault, "wangju", "王建军", [Role.PRINCIPAL_LEADER], "")
    assert vouched(vault).counting == ()
    by(vault, "wangju", vouching=True)
    trusted_time(vault)
    assert vouched(vault) == Vouched(("wangju",), ("wangju",))


def test_a_store_that_confirms_takes_the_place_of_a_persons_word(vault: Vault, clock: SettableClock) -> None:
    restarted(vault, clock)
    vault.setting = replace(vault.setting, clock_vouched=True)
    trusted_time(vault)
    vault.setting = replace(vault.setting, clock_vouched=False)
    with telling(vault, 乙=clock):
        assert trusted_time(vault).agreed
    assert hear(vault, surely=True).agreed
    assert "vouched_by" not in json.loads((vault.setting.home / FILE).read_text())


def test_who_vouches_for_clocks_that_agree_says_nothing_new(vault: Vault, clock: SettableClock) -> None:
    began = entries_so_far(vault)
    vault.setting = replace(vault.setting, clock_vouched=True)
    assert trusted_time(vault).agreed
    assert entries_so_far(vault) == began


@pytest.mark.parametrize(
    "spoilt", ["", "{", "[]", '{"at": "gestern", "boot": "x", "seconds": 1}', '{"at": "2026-11-21T01:30:00+00:00"}']
)
def test_a_moment_that_cannot_be_read_is_no_moment(vault: Vault, clock: SettableClock, spoilt: str) -> None:
    (vault.setting.home / FILE).write_text(spoilt)
    assert trusted_time(vault).paused is not None
    with telling(vault, 乙=clock):
        assert trusted_time(vault).agreed
    assert trusted_time(vault).agreed


def test_the_moment_is_kept_in_the_vaults_folder(home: Path, vault: Vault, clock: SettableClock) -> None:
    believe(vault)
    kept = json.loads((home / FILE).read_text())
    assert kept == {"at": clock().isoformat(), "boot": "不断电的机器", "seconds": clock().timestamp()}
    assert [path.name for path in home.glob("clock.*")] == [FILE]


def test_after_a_rebuild_agreeing_clocks_are_not_enough(vault: Vault) -> None:
    vault.commit(lambda _: [acts.CatalogueRebuilt(at=vault.now(), by="李建国", store="甲", entries=3)])
    verdict = trusted_time(vault)
    assert verdict.agreed
    with vault.database.reading() as connection:
        assert expiry_pause(connection, verdict) == pause(connection) is not None
    vault.commit(lambda _: [acts.ExpiryReleased(at=vault.now(), by="赵局长", why="已核对")])
    with vault.database.reading() as connection:
        assert expiry_pause(connection, verdict) is None


def test_another_program_on_this_machine_believes_the_same_moment(
    home: Path, vault: Vault, clock: SettableClock
) -> None:
    clock.advance(days=30)
    with open_vault(home, Working(person="张敏", clock=clock, machine=machine_beside(clock))) as other:
        assert trusted_time(other).agreed
