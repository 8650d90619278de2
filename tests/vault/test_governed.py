"""Everything with effect asks the table first: a stranger gets nowhere, and each attempt is in the journal."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.conftest import SettableClock
from tests.vault.disc_scene import (
    begin,
    bring_back,
    fail,
    finish,
    inspect,
    label,
    plan,
    shelve,
    shred,
    spoil,
    verify,
)
from tests.vault.scene import entries_so_far, rows_of, take_in
from vault import corrections, membership
from vault.authority import Action
from vault.discs.counting import count
from vault.discs.model import Mark
from vault.discs.stepping import lend, replace, step
from vault.enrolling import enrol
from vault.errors import Refused
from vault.facts import Facts
from vault.intake.activities import Request
from vault.intake.grouping import Grouping
from vault.intake.pipeline import Intake
from vault.moving import moving
from vault.orphans import sweep_orphans
from vault.people import Role
from vault.readers import Threads
from vault.rebuild import rebuild
from vault.releasing import release_expiry
from vault.scrub import Budget, scrub
from vault.store import Vault
from vault.terms import RetentionClass
from vault.viewing import Grounds

ONE, A = "2026-0000001", Mark("2026-0001", 1, "A")


def take_more_in(vault: Vault) -> object:
    request = Request(
        paths=(vault.setting.home / "journal.key",),
        facts=Facts(),
        sheet=None,
        sheet_path=None,
        grouping=Grouping.FILE,
        open_containers=True,
        release_source=False,
        own=(),
    )
    return list(Intake(vault, request, int).run())


def move(vault: Vault) -> None:
    with moving(vault):
        pass


ATTEMPTS: dict[Action, list[Callable[[Vault], object]]] = {
    Action.INGEST: [take_more_in],
    Action.FACTS_CORRECT: [lambda vault: corrections.correct(vault, ONE, Facts(place="某处"), "")],
    Action.FLAG: [lambda vault: corrections.flag(vault, ONE, ("objection",), "投诉")],
    Action.CLASS_RAISE: [lambda vault: corrections.raise_class(vault, ONE, RetentionClass.PERMANENT, "重大", "")],
    Action.HOLD_PLACE: [lambda vault: corrections.place_hold(vault, ONE, "投诉", "纪检")],
    Action.HOLD_RELEASE: [lambda vault: corrections.release_hold(vault, "H00001", "核查完毕")],
    Action.CASE_REOPEN: [lambda vault: corrections.reopen_case(vault, "甲案", "复议")],
    Action.CASE_OPEN: [lambda vault: corrections.open_case(vault, "甲案", "", date(2026, 11, 1), "")],
    Action.CASE_CLOSE: [
        lambda vault: corrections.close_case(vault, "甲案", date(2026, 11, 2), RetentionClass.ONE_YEAR, "")
    ],
    Action.STORE_MANAGE: [
        lambda vault: membership.attach(vault, "甲", "disk", "甲", list),
        lambda vault: membership.set_standing(vault, "甲", "emptying", ""),
        lambda vault: membership.set_standing(vault, "甲", "open", "已换盘"),
        lambda vault: membership.note_probe(vault, "甲", []),
        lambda vault: membership.detach(vault, "甲", lost=True),
    ],
    Action.COPIES_MOVE: [move],
    Action.COPIES_SCRUB: [lambda vault: scrub(vault, ["甲"], Budget(), Threads(1), int)],
    Action.ORPHANS_SWEEP: [sweep_orphans],
    Action.DISC_BUILD: [lambda vault: plan(vault, [ONE]), lambda vault: replace(vault, A, "划伤")]
    + [lambda vault, act=act: step(vault, act(str(A), vault)) for act in (begin, fail, finish, verify, label)],
    Action.DISC_SHELVE: [lambda vault, act=act: step(vault, act(str(A), vault)) for act in (shelve, bring_back)],
    Action.DISC_LEND: [lambda vault: lend(vault, A, "王芳", date(2026, 12, 1), Grounds())],
    Action.DISC_INSPECT: [lambda vault, act=act: step(vault, act(str(A), vault)) for act in (inspect, spoil)],
    Action.DISC_COUNT: [lambda vault: count(vault, b"2026-0001-1A", "")],
    Action.DISC_SHRED: [lambda vault: shred(vault, str(A))],
    Action.EXPIRY_RELEASE: [lambda vault: release_expiry(vault, "已核对")],
    Action.CATALOGUE_REBUILD: [lambda vault: rebuild(vault, None)],
}


@pytest.fixture
def stranger(home: Path, clock: SettableClock) -> Iterator[Vault]:
    """A vault with an office's people in it, opened by none of them."""
    with open_vault(home, Working(person="李建国", clock=clock)) as vault:
        take_in(vault, ["录像".encode()])
        corrections.place_hold(vault, ONE, "投诉", "纪检")
        enrol(vault, "wangjianguo", "王建国", [Role.PRINCIPAL_LEADER], "")
    with open_vault(home, Working(person="zhaoliu", clock=clock)) as vault:
        yield vault


def test_a_stranger_gets_nowhere(stranger: Vault) -> None:
    for action, attempts in ATTEMPTS.items():
        for attempt in attempts:
            before = entries_so_far(stranger)
            with pytest.raises(Refused, match="zhaoliu is not enrolled"):
                attempt(stranger)
            assert entries_so_far(stranger) == before + 1, action
            assert rows_of(stranger, 'SELECT "by", action FROM refusal ORDER BY id DESC LIMIT 1') == [
                ("zhaoliu", action.value)
            ]
