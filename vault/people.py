"""The people of an office and what each is there for: what every question of authority begins with.

A person is known by the operating system's login, since that is what the machine can vouch for; the name is what stands
in registers. A role is what regulations speak of (主管领导同意, 管理人员 …); somebody may have several.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from vault.text import Text


class Role(StrEnum):
    """What somebody is there for."""

    OFFICER = "officer"
    CUSTODIAN = "custodian"
    SECTION_HEAD = "section-head"
    LEGAL_OFFICE = "legal-office"
    SUPERVISING_LEADER = "supervising-leader"
    PRINCIPAL_LEADER = "principal-leader"
    DESTRUCTION_SUPERVISOR = "destruction-supervisor"
    AUDITOR = "auditor"
    OPERATOR = "operator"

    @property
    def label(self) -> Text:
        return LABELS[self]


LABELS = {
    Role.OFFICER: Text(en="officer", zh="执法人员"),
    Role.CUSTODIAN: Text(en="custodian", zh="档案管理员"),
    Role.SECTION_HEAD: Text(en="section head", zh="科室负责人"),
    Role.LEGAL_OFFICE: Text(en="legal office", zh="法制机构"),
    Role.SUPERVISING_LEADER: Text(en="supervising leader", zh="主管领导"),
    Role.PRINCIPAL_LEADER: Text(en="principal leader", zh="主要领导"),
    Role.DESTRUCTION_SUPERVISOR: Text(en="destruction supervisor", zh="监销人"),
    Role.AUDITOR: Text(en="auditor", zh="审计员"),
    Role.OPERATOR: Text(en="operator", zh="运维人员"),
}


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody's name under something, by login; with what they were called then, and in which role they signed."""

    by: str
    at: datetime
    name: str = field(default="", kw_only=True)
    title: Role | None = field(default=None, kw_only=True)

    @property
    def called(self) -> str:
        return self.name or self.by

    @property
    def words(self) -> Text:
        """For papers: name and title."""
        return in_words(self.called, self.title)


def in_words(called: str, title: Role | None) -> Text:
    """A name with the title, where there is one."""
    if title is None:
        return Text(en=called, zh=called)
    return Text(en=f"{called} ({title.label.en})", zh=f"{called}（{title.label.zh}）")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by login. Without a role: nobody who is enrolled. `namesake`: somebody else is called so, too."""

    login: str
    name: str
    roles: frozenset[Role]
    section: str = ""
    namesake: bool = False

    @property
    def called(self) -> str:
        """Their name; with the login where that alone could be somebody else's."""
        return f"{self.name} ({self.login})" if self.namesake else self.name
