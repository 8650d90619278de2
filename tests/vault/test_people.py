"""Who is enrolled, by whom; and what the journal keeps of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.wiring import Working, closed_vault, open_vault
from tests.vault.scene import export, journal_acts, rows_of
from vault import authority, enrolling
from vault.authority import Action
from vault.catalogue import people
from vault.errors import BadInput, Refused
from vault.people import Person, Role
from vault.rebuild import rebuild
from vault.store import Vault
from vault.text import Text

LEADER = Person("wangjianguo", "王建国", frozenset({Role.PRINCIPAL_LEADER}))


@pytest.fixture
def of(home: Path, working: Working):  # type: ignore[no-untyped-def]  # a context manager's maker
    """The vault as somebody opens it; 李建国 began it."""

    @contextmanager
    def opened(login: str = "李建国") -> Iterator[Vault]:
        with open_vault(home, Working(person=login, clock=working.clock)) as vault:
            yield vault

    return opened


def enrol(vault: Vault, login: str, *roles: Role, name: str = "张敏") -> Person:
    return enrolling.enrol(vault, login, name, roles, "稽查科")


def refusals(vault: Vault) -> list[tuple[object, ...]]:
    return rows_of(vault, 'SELECT "by", action, about, why FROM refusal ORDER BY id')


def test_who_began_the_vault_enrols_until_there_is_a_principal_leader(of) -> None:  # type: ignore[no-untyped-def]
    with of("张敏") as vault, pytest.raises(Refused, match="only 李建国"):
        enrol(vault, "zhangmin", Role.PRINCIPAL_LEADER)
    with of() as vault:
        with pytest.raises(Refused, match="as its operator"):
            enrol(vault, "李建国", Role.PRINCIPAL_LEADER)
        with pytest.raises(Refused, match="as its operator"):
            enrol(vault, "李建国", Role.OPERATOR, Role.CUSTODIAN)
        enrol(vault, "李建国", Role.OPERATOR)
        with pytest.raises(Refused, match="as its operator"):
            enrolling.change(vault, "李建国", None, [Role.CUSTODIAN], None, "换岗")
        enrol(vault, "zhangmin", Role.CUSTODIAN, Role.OFFICER)
        enrol(vault, "wangjianguo", Role.PRINCIPAL_LEADER, name="王建国")
        with pytest.raises(Refused, match=r"may not do that: enrol people .* \(principal leader\)"):
            enrol(vault, "lina", Role.OFFICER)
    with of("wangjianguo") as vault:
        enrol(vault, "lina", Role.OFFICER, name="李娜")
        with vault.database.reading() as connection:
            assert [(one.login, one.name) for one in people.enrolled(connection)] == [
                *(("lina", "李娜"), ("wangjianguo", "王建国"), ("zhangmin", "张敏"), ("李建国", "张敏"))
            ]
        assert [row[0] for row in refusals(vault)] == ["张敏", "李建国", "李建国", "李建国", "李建国"]
        assert [row[3] for row in refusals(vault)] == [
            *('["founder"]', '["own-request"]', '["own-request"]', '["own-request"]', '["role","operator"]')
        ]


def test_nobody_gives_themselves_roles_and_the_last_leader_stays(of) -> None:  # type: ignore[no-untyped-def]
    with of() as vault:
        enrol(vault, "wangjianguo", Role.PRINCIPAL_LEADER)
    with of("wangjianguo") as vault:
        attempts = (
            lambda: enrolling.change(vault, "wangjianguo", None, [Role.CUSTODIAN], None, "兼任"),
            lambda: enrolling.leave(vault, "wangjianguo", "退休"),
        )
        for attempt in attempts:
            with pytest.raises(Refused) as refused:
                attempt()
            assert refused.value.what == Text(
                en="张敏 is the only principal leader, and nobody changes or removes their own entry.",
                zh="张敏 是唯一的主要领导，而任何人不得变更或注销本人的登记。",
            )
            assert "First enrol another principal leader" in refused.value.hint.en
        enrol(vault, "chenjing", Role.PRINCIPAL_LEADER, name="陈静")
        for attempt in attempts:
            with pytest.raises(Refused) as refused:
                attempt()
            assert refused.value.what == Text(
                en="张敏 may not do that: nobody makes, changes or removes their own entry.",
                zh="张敏 无权办理：任何人不得登记、变更或注销本人。",
            )
        assert {row[3] for row in refusals(vault)} == {'["own-request"]'}
        with pytest.raises(Refused, match="enrolled already"):
            enrol(vault, "chenjing", Role.CUSTODIAN)
    with of("chenjing") as vault:
        enrolling.leave(vault, "wangjianguo", "退休")
        with pytest.raises(BadInput, match="Nobody is enrolled as wangjianguo"):
            enrolling.leave(vault, "wangjianguo", "退休")
    with of("wangjianguo") as vault, pytest.raises(Refused, match="is not enrolled"):
        authority.require(vault, Action.FACTS_READ)


def test_what_is_not_said_of_a_change_stays(of) -> None:  # type: ignore[no-untyped-def]
    with of() as vault:
        enrol(vault, "zhangmin", Role.OFFICER)
        assert enrolling.change(vault, "zhangmin", None, [], "法规科", "调动") == Person(
            "zhangmin", "张敏", frozenset({Role.OFFICER}), "法规科"
        )
        assert enrolling.change(vault, "zhangmin", "张敏敏", [Role.CUSTODIAN], None, "换岗") == Person(
            "zhangmin", "张敏敏", frozenset({Role.CUSTODIAN}), "法规科"
        )
        with pytest.raises(BadInput, match="at least one role"):
            enrol(vault, "lina")
        with pytest.raises(BadInput, match="a name"):
            enrol(vault, "lina", Role.OFFICER, name=" ")


def test_a_rebuild_knows_the_same_people_and_refusals(of, home: Path, working: Working) -> None:  # type: ignore[no-untyped-def]
    with of() as vault:
        enrol(vault, "李建国", Role.OPERATOR)
        enrol(vault, "zhangmin", Role.OFFICER)
        enrolling.change(vault, "zhangmin", None, [Role.CUSTODIAN, Role.OFFICER], None, "兼任")
        enrol(vault, "lina", Role.AUDITOR)
        enrolling.leave(vault, "lina", "调离")
        with pytest.raises(Refused):
            authority.require(vault, Action.HOLD_PLACE, about="2026-0000001")
        before = export(vault)
    assert len(before["person"]) == 3
    assert len(before["refusal"]) == 1
    with closed_vault(home, working) as vault:
        rebuild(vault, None)
        after = export(vault)
    assert {table: after[table] for table in ("person", "refusal")} == {
        table: before[table] for table in ("person", "refusal")
    }


def test_what_was_done_in_anothers_name_says_whose_hand_it_was(home: Path, working: Working) -> None:
    with open_vault(home, Working(person="李建国", via="root", clock=working.clock)) as vault:
        enrol(vault, "wangjianguo", Role.PRINCIPAL_LEADER)
        with pytest.raises(Refused):
            enrol(vault, "zhangmin", Role.OFFICER)
        assert rows_of(vault, 'SELECT "by", via FROM refusal') == [("李建国", "root")]
        assert [(act.by, act.via) for act in journal_acts(vault, 3)] == [("李建国", "root")] * 2
