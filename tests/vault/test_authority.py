"""Every role at every action, against a table that was written by hand (authority.txt); refusals are journalled."""

import ast
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.vault.scene import rows_of
from vault.actions import Action
from vault.approvals import Approval, Consent, Stage, digest_of, may_approve, may_decline, may_use
from vault.authority import require
from vault.enrolling import enrol
from vault.errors import Refused
from vault.people import Person, Role
from vault.rights import ALLOWED, Bar, entitled, may
from vault.store import Vault

GRID, APPROVALS = (
    [line.split() for line in part.splitlines() if line and not line.startswith(("#", " "))]
    for part in Path(__file__).with_name("authority.txt").read_text(encoding="utf-8").split("\n\n")
)
CELLS = [(Action(action), role, cell) for action, *cells in GRID for role, cell in zip(Role, cells[:9], strict=True)]
NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def somebody(*roles: Role, login: str = "zhangmin") -> Person:
    return Person(login, "张敏", frozenset(roles), "稽查科")


def bars(ruling: object) -> list[str]:
    return [reason.bar.value for reason in ruling.reasons]  # type: ignore[attr-defined]


def test_the_table_is_whole() -> None:
    assert [action for action, *_ in GRID] == [action.value for action in Action] == list(ALLOWED)
    assert all(len(cells) == 11 for _, *cells in GRID)
    assert len(CELLS) == 387


@pytest.mark.parametrize(("action", "role", "cell"), CELLS, ids=lambda value: str(value))
@pytest.mark.parametrize("asked", ["another", "self"])
def test_a_cell(action: Action, role: Role, cell: str, asked: str) -> None:
    own = asked == "self"
    found = bars(may(somebody(role), action, asked_by=["zhangmin"] if own else ["lina"]))
    assert found == {"y": [], "-": ["role"], "o": ["role", "operator"]}[cell] + ["own-request"] * own


@pytest.mark.parametrize(("action", "role", "cell"), [c for c in CELLS if c[1] is not Role.OPERATOR], ids=str)
def test_a_role_beside_the_operators(action: Action, role: Role, cell: str) -> None:
    (line,) = [cells for name, *cells in GRID if name == action]
    found = bars(may(somebody(role, Role.OPERATOR), action))
    if line[8] == "o":
        assert found == ["role"] * (cell == "-") + ["operator"]
    else:
        assert found == ([] if "y" in (cell, line[8]) else ["role"])


@pytest.mark.parametrize("row", GRID, ids=lambda row: row[0])
def test_strangers_and_a_vault_without_people(row: Sequence[str]) -> None:
    action = Action(row[0])
    assert bars(may(somebody(), action)) == {"-": ["not-enrolled"]}[row[10]]
    assert bars(may(None, action)) == {"y": [], "-": ["nobody-enrolled"]}[row[11]]


@pytest.mark.parametrize("action", Action)
def test_who_is_concerned_leaves_it_to_others(action: Action) -> None:
    everything = somebody(*(set(Role) - {Role.OPERATOR}))
    assert "concerned" in bars(may(everything, action, concerned=["zhangmin"]))
    assert "concerned" not in bars(may(everything, action, concerned=["lina"]))


def test_every_reason_is_said_in_both_languages() -> None:
    for action in Action:
        for person in (None, somebody(), somebody(Role.OPERATOR), somebody(Role.AUDITOR)):
            for reason in may(person, action, asked_by=["zhangmin"], concerned=["zhangmin"]).reasons:
                assert action.label.en in reason.text.en or reason.bar in (Bar.OPERATOR, Bar.OWN, Bar.CONCERNED)
                assert action.label.zh in reason.text.zh or reason.bar in (Bar.OPERATOR, Bar.OWN, Bar.CONCERNED)


# approvals

ASKED = Approval(
    number="A00001",
    action=Action.VIEWING_APPROVE,
    sha256=digest_of({"records": ["2026-0000001"]}),
    asked_by="lina",
    asked_at=NOW,
    until=NOW + timedelta(days=7),
    needs=(Role.SUPERVISING_LEADER, Role.PRINCIPAL_LEADER),
    why="案件审理",
)
FIRST = Consent("zhangmin", Role.SUPERVISING_LEADER, NOW)
SECOND = Consent("wangjianguo", Role.PRINCIPAL_LEADER, NOW)


def as_it_stands(happened: str) -> tuple[Approval, str, datetime]:
    """What was asked for, the digest of the thing as it is now, and the time."""
    asked, sha256, now = ASKED, ASKED.sha256, NOW + timedelta(hours=1)
    if happened == "self":
        asked = replace(asked, asked_by="zhangmin")
    if happened == "replay":
        asked = replace(asked, consents=(FIRST,))
    if happened == "after-first":
        asked = replace(asked, consents=(replace(FIRST, by="chenjing"),))
    if "complete" in happened or happened == "used":
        asked = replace(asked, consents=(FIRST, SECOND), used_at=NOW if happened == "used" else None)
    if happened == "declined":
        asked = replace(asked, declined=("chenjing", "理由不足"))
    if "edited" in happened:
        sha256 = digest_of({"records": ["2026-0000001", "2026-0000002"]})
    if "expired" in happened:
        now = asked.until + timedelta(seconds=1)
    return asked, sha256, now


@pytest.mark.parametrize(("happened", "what", "who", "stands"), APPROVALS, ids=lambda value: str(value))
def test_an_approval(happened: str, what: str, who: str, stands: str) -> None:
    asked, sha256, now = as_it_stands(happened)
    if what == "use":
        found = bars(may_use(asked, sha256, now, UTC, only="lina" if who == "asker" else "zhaomin"))
    elif what == "decline":
        found = bars(may_decline(asked, somebody(Role(who)), now, UTC))
    else:
        asked = replace(asked, action=Action.DISPOSAL_APPROVE if what == "dispose" else Action.VIEWING_APPROVE)
        found = bars(may_approve(asked, somebody(Role(who)), sha256, now, UTC))
    assert found == ([] if stands == "ok" else stands.split(","))


def test_how_far_an_approval_has_come() -> None:
    assert [as_it_stands(h)[0].stage(NOW) for h in ("plain", "after-first", "complete", "used", "declined")] == [
        *(Stage.OPEN, Stage.OPEN, Stage.APPROVED, Stage.USED, Stage.DECLINED)
    ]
    assert ASKED.stage(ASKED.until) is Stage.OPEN
    assert ASKED.stage(ASKED.until + timedelta(seconds=1)) is Stage.EXPIRED


# refusals


@pytest.fixture(scope="module")
def staffed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault in which somebody is enrolled for each role, by the role's name."""
    home = Path(shutil.copytree(template, tmp_path_factory.mktemp("staffed") / "档案库"))
    with at_work(home, "李建国") as vault:
        for role in (role for role in Role if role is not Role.PRINCIPAL_LEADER):
            enrol(vault, role.value, role.label.zh, [role], "")
        enrol(vault, Role.PRINCIPAL_LEADER.value, "王建国", [Role.PRINCIPAL_LEADER], "")
    return home


def at_work(home: Path, login: str):  # type: ignore[no-untyped-def]  # a context manager
    return open_vault(home, Working(person=login, clock=lambda: NOW))


@pytest.mark.parametrize("login", [*(role.value for role in Role), "zhaoliu"])
def test_what_is_refused_is_in_the_journal_first(staffed: Path, login: str) -> None:
    place = [role.value for role in Role].index(login) if login != "zhaoliu" else 9
    with at_work(staffed, login) as vault:
        for action, *cells in GRID:
            before = refusals(vault)
            if cells[place] == "y":
                assert require(vault, Action(action)).login == login
                assert refusals(vault) == before
                continue
            with pytest.raises(Refused) as caught:
                require(vault, Action(action), about="2026-0000001")
            assert caught.value.exit_code == 4
            why = {"-": '["role"]', "o": '["role","operator"]'}[cells[place]] if place < 9 else '["not-enrolled"]'
            assert refusals(vault) == [*before, (login, action, "2026-0000001", why)]


def refusals(vault: Vault) -> list[tuple[object, ...]]:
    return rows_of(vault, 'SELECT "by", action, about, why FROM refusal ORDER BY id')


def test_a_refusal_holds_though_no_store_is_there(staffed: Path) -> None:
    with at_work(staffed, "auditor") as vault:
        for name in ("甲", "乙"):
            (staffed / name).rename(staffed / f"{name}（已拔出）")
        try:
            with pytest.raises(Refused):
                require(vault, Action.INGEST)
        finally:
            for name in ("甲", "乙"):
                (staffed / f"{name}（已拔出）").rename(staffed / name)
        assert refusals(vault)[-1][:2] == ("auditor", "record.ingest")


def test_every_refusal_says_the_way_out() -> None:
    """A rule that forbids something tells what may be done, and by whom; one that is asked of `refuse` has a hint too.

    But for permits: what they refuse is a fault of the program, and nobody's to put right.
    """
    root = Path(str(resources.files("vault")))
    lacking = [
        f"{file.relative_to(root)}:{call.lineno}"
        for file in sorted(root.rglob("*.py"))
        if file.name != "permits.py"
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Refused"
        if len(call.args) + len(call.keywords) < 2
    ]
    assert lacking == []


@pytest.mark.parametrize("action", Action)
def test_who_may_not_is_told_who_may(action: Action) -> None:
    for person in (
        None,
        Person("chenxiao", "陈晓", frozenset()),
        Person("chenxiao", "陈晓", frozenset({Role.AUDITOR})),
    ):
        for reason in may(person, action).reasons:
            if reason.bar is Bar.ROLE:
                assert entitled(action).zh in reason.text.zh
                assert entitled(action).en in reason.text.en
            if reason.bar is Bar.STRANGER:
                assert reason.hint is not None
                assert "主要领导" in reason.hint.zh
