"""Registers say who people were when they did what stands there: saw content, agreed, took in, held."""

from typing import Any

from tests.vault.disposal_scene import CUSTODIAN, LEADER, ONE, OPERATOR, Office, assert_rebuilt_alike
from vault.corrections import place_hold, release_hold
from vault.enrolling import change, enrol, leave
from vault.people import Role
from vault.registers import MAKERS
from vault.registers.model import Scope, spelled
from vault.registers.period import Period
from vault.viewing import Grounds, Purpose, approve_viewing, register_viewing, request_viewing

CHIEF = "chenli"


def viewings(office: Office) -> list[dict[str, Any]]:
    return register(office, "viewing")


def register(office: Office, kind: str) -> list[dict[str, Any]]:
    maker = MAKERS[kind]
    with office.by(CHIEF) as vault, vault.database.reading() as connection:
        now = vault.now()
        scope = Scope(
            office="邓州市财政局",
            zone=vault.profile.zone,
            period=Period(None, now.date()),
            drawn_at=now,
            entries=1,
        )
        return [spelled(maker.form, row) for row in maker.draw(connection, vault.profile, scope).rows]


def test_it_says_who_people_were_whatever_became_of_them(office: Office) -> None:
    """Since then they left, got another name, another role; and a login went to somebody else."""
    with office.by(LEADER) as vault:
        enrol(vault, CHIEF, "陈立", [Role.PRINCIPAL_LEADER], "")
        enrol(vault, "zhangmin", "张敏", [Role.OFFICER, Role.CUSTODIAN], "")
    for login, purpose, how in ((CUSTODIAN, Purpose.VIEW, "get"), ("zhangmin", Purpose.DISC, "disc")):
        with office.by(login) as vault:
            request = request_viewing(vault, [ONE], purpose, "案件审理")
        with office.by(LEADER) as vault:
            approve_viewing(vault, request)
        with office.by(login) as vault:
            register_viewing(vault, [ONE], how, Grounds(request=request))
    before = viewings(office)
    with office.by(CHIEF) as vault:
        change(vault, CUSTODIAN, "张新名", [Role.OFFICER], None, "更名")
        change(vault, LEADER, "王某", [Role.AUDITOR], None, "调岗")
        leave(vault, "zhangmin", "退休")
        enrol(vault, "zhangmin", "刘敏", [Role.SECTION_HEAD], "")
    assert viewings(office) == before
    seen, burnt = before
    assert seen["by"].zh == "张建国（档案管理员）"
    assert burnt["by"].zh == "张敏（档案管理员）", "discs are the custodian's, whatever else they are"
    assert seen["approved_by"].zh == "王建军（主管领导）"
    assert seen["approved_by"].en == "王建军 (supervising leader)"
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_registers_name_people_as_they_were_called_then(office: Office) -> None:
    """Each time by the name of the day, and not by the one that somebody bears when the register is drawn."""
    with office.by(LEADER) as vault:
        enrol(vault, CHIEF, "陈立", [Role.PRINCIPAL_LEADER], "")
    held = []
    for name in ("张建国", "张新名", "张再名"):
        with office.by(CHIEF) as vault:
            change(vault, CUSTODIAN, name, [], None, "更名")
        office.clock.advance(days=1)
        with office.by(CUSTODIAN) as vault:
            held.append(place_hold(vault, ONE, "线索核查", "县监委"))
        office.clock.advance(days=1)
    with office.by(LEADER) as vault:
        release_hold(vault, held[0], "已结束")
    office.clock.advance(days=1)
    with office.by(CHIEF) as vault:
        change(vault, LEADER, "王某", [], None, "更名")
    rows = [(row["placed_by"], row["released_by"]) for row in register(office, "holds")]
    assert rows == [("张建国", "王建军"), ("张新名", None), ("张再名", None)]
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)
