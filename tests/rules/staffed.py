"""The people of an office under its regulation, and the ways that several of them have to go together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.rules.conftest import Office
from vault import acts
from vault.approvals import Approval
from vault.catalogue import approvals, disposals
from vault.disposal import agreeing, appraisal, destruction
from vault.disposal.rules import State
from vault.enrolling import enrol
from vault.errors import BlobMissing, Refused
from vault.people import Role
from vault.records import Record
from vault.registers import MAKERS
from vault.registers.certificate import certificate_of
from vault.registers.disposal import register_of
from vault.registers.model import Scope, spelled
from vault.registers.period import Period
from vault.store import Vault
from vault.terms import local_day
from vault.viewing import Grounds, Purpose, approve_viewing, register_viewing, request_viewing

SECTION = "执法科"
STAFF = {
    Role.OFFICER: ("zhangwei", "张伟"),
    Role.CUSTODIAN: ("liyun", "李云"),
    Role.SECTION_HEAD: ("sunli", "孙丽"),
    Role.LEGAL_OFFICE: ("zhouming", "周明"),
    Role.SUPERVISING_LEADER: ("zhaogang", "赵刚"),
    Role.DESTRUCTION_SUPERVISOR: ("chenjing", "陈静"),
    Role.AUDITOR: ("liuyang", "刘洋"),
    Role.OPERATOR: ("yunwei", "周运维"),
    Role.PRINCIPAL_LEADER: ("wangjun", "王军"),
}
OTHER_SUPERVISOR = ("xudong", "许东")
APPROVERS = (Role.SECTION_HEAD, Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER, Role.PRINCIPAL_LEADER)


@dataclass(frozen=True, slots=True)
class Staffed:
    """An office in which everybody acts under their own name."""

    office: Office

    @classmethod
    def of(cls, office: Office) -> "Staffed":
        enrol(office.vault, *OTHER_SUPERVISOR, [Role.DESTRUCTION_SUPERVISOR], SECTION)
        for role, (login, name) in STAFF.items():
            enrol(office.vault, login, name, [role], SECTION)
        staffed = cls(office)
        staffed._be(STAFF[Role.CUSTODIAN][0])
        return staffed

    @property
    def vault(self) -> Vault:
        return self.office.vault

    def _be(self, login: str) -> None:
        self.vault.setting = replace(self.vault.setting, person=login)

    @contextmanager
    def as_(self, who: Role | str) -> Iterator[Vault]:
        """Somebody at work; otherwise it is the custodian."""
        before = self.vault.setting.person
        self._be(STAFF[who][0] if isinstance(who, Role) else who)
        try:
            yield self.vault
        finally:
            self._be(before)

    # viewing

    def view(self, record: Record, purpose: Purpose = Purpose.VIEW, by: Role = Role.OFFICER) -> list[Role]:
        """Asked for, agreed to in turn by those whom the profile names and by nobody else, used; who agreed."""
        with self.as_(by) as vault:
            request = request_viewing(vault, [record.number], purpose, "案件审理")
            self._refused_to_view(record, purpose, request)
        for role in self._asked(request).needs:
            for other in APPROVERS:
                if other is not role:
                    with self.as_(other) as vault, pytest.raises(Refused):
                        approve_viewing(vault, request)
            with self.as_(role) as vault:
                approve_viewing(vault, request)
        with self.as_(by) as vault:
            register_viewing(vault, [record.number], _HOW[purpose], Grounds(request=request))
            self._refused_to_view(record, purpose, request)  # it was used
        return [consent.role for consent in self._asked(request).consents]

    def _refused_to_view(self, record: Record, purpose: Purpose, request: str) -> None:
        with pytest.raises(Refused) as caught:
            register_viewing(self.vault, [record.number], _HOW[purpose], Grounds(request=request))
        assert caught.value.exit_code == 4

    def _asked(self, request: str) -> Approval:
        with self.vault.database.reading() as connection:
            asked = approvals.find(connection, request)
        assert asked is not None
        return asked

    # disposal

    def dispose(self, *records: Record) -> str:
        """The whole way, in which everybody else is refused; until every store has proven it."""
        with self.as_(Role.CUSTODIAN) as vault:
            number = appraisal.open_list(vault, "年度鉴定")
            why = "保存期满，经鉴定无继续保存价值"
            appraisal.appraise(
                vault, number, [acts.Appraisal(record=one.number, fate="dispose", why=why) for one in records]
            )
            digest = appraisal.submit(vault, number)
        rule = self.office.profile.disposal
        assert rule is not None
        for approver in rule.approvers:
            for other in APPROVERS:
                if other is not approver.role:
                    self._refused(other, lambda vault: agreeing.approve(vault, number, digest))
            with self.as_(approver.role) as vault:
                agreeing.approve(vault, number, digest)
        for supervisor in (STAFF[Role.DESTRUCTION_SUPERVISOR][0], OTHER_SUPERVISOR[0]):
            self._refused(Role.OPERATOR, lambda vault: destruction.run(vault, number))
            with self.as_(supervisor) as vault:
                agreeing.supervise(vault, number, digest)
            self._refused(supervisor, lambda vault: agreeing.supervise(vault, number, digest))
        self._refused(Role.OPERATOR, lambda vault: destruction.run(vault, number))  # the grace period
        self.office.clock.advance(days=7)
        with self.as_(Role.OPERATOR) as vault:
            assert destruction.run(vault, number).state is State.CLOSED
        for record in records:
            for file in record.files:
                for store in self.vault.stores.values():
                    with pytest.raises(BlobMissing):
                        store.stat(file.digest)
        return number

    def _refused(self, who: Role | str, act: Any) -> None:
        with self.as_(who) as vault, pytest.raises(Refused) as caught:
            act(vault)
        assert caught.value.exit_code == 4

    def approvers_of(self, number: str) -> list[Role]:
        """Who approved a disposal, in which order."""
        with self.vault.database.reading() as connection:
            approval = disposals.get(connection, number).approval
        return [consent.role for consent in approval.consents] if approval is not None else []

    # registers

    def register(self, kind: str) -> list[dict[str, Any]]:
        """The entries of a register of all that ever was."""
        maker = MAKERS[kind]
        with self.vault.database.reading() as connection:
            rows = list(maker.draw(connection, self.office.profile, self._scope()).rows)
        return [spelled(maker.form, row) for row in rows if not row.sum]

    def papers(self, number: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The register and the certificate of a destruction."""
        scope = replace(self._scope(), disposal=number)
        found = []
        with self.vault.database.reading() as connection:
            for draw in (register_of, certificate_of):
                drawn = draw(connection, scope)
                found.append([spelled(drawn.form, row) for row in drawn.rows if not row.sum])
        return found[0], found[1]

    def _scope(self) -> Scope:
        now = self.vault.now()
        zone = self.office.profile.zone
        return Scope(
            office=self.office.profile.office.zh,
            zone=zone,
            period=Period(None, local_day(now, zone)),
            drawn_at=now,
            entries=0,
        )

    def assert_ended(self, records: Sequence[Record], number: str) -> None:
        """The papers say of every store that nothing is left, and the register says so of every record."""
        listed, proven = self.papers(number)
        assert [row["record"] for row in listed] == [record.number for record in records]
        assert {row["outcome"].zh for row in listed} == {"已销毁"}
        stores = [row for row in proven if row["objects"] is not None]  # the others say which term a record had
        assert {row["place"].zh for row in stores} == {"甲", "乙"}
        assert all(row["absent"] == row["objects"] == sum(len(one.files) for one in records) for row in stores)


_HOW = {Purpose.VIEW: "get", Purpose.EXPORT: "export", Purpose.DISC: "disc", Purpose.RELEASE: "export"}
