"""Who may see content, what may leave the office, and what is classified."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from vault.actions import Action
from vault.people import Role
from vault.profile.parts import Approver, Bilingual, NamedRule, Rule, Slip, not_entitled


class RegisterField(StrEnum):
    """What the register of viewings says of each."""

    VIEWER = "viewer"  # 查阅人
    REASON = "reason"  # 查阅事由
    TIME = "time"  # 查阅时间


class Viewing(Rule, frozen=True, kw_only=True):
    """Who must agree, in this order, before anybody sees content; whether a register is kept beforehand, and by whom.

    `of_case`: the approver is the one of the section that handles the case, not of any section.
    """

    approvers: tuple[Approver, ...] = ()
    register_first: bool = True
    registrar: Role | None = None
    register_fields: tuple[RegisterField, ...] = (RegisterField.VIEWER, RegisterField.REASON, RegisterField.TIME)
    of_case: bool = False
    borrowing: bool = False  # 借阅 stands under the same rule

    def slips(self) -> Iterator[Slip]:
        yield from not_entitled("approvers", (a.role for a in self.approvers), Action.VIEWING_APPROVE)


class Release(Rule, frozen=True, kw_only=True):
    """Whether content may be given outside. `approved` without approvers: nobody may until the office names one."""

    outside: Literal["never", "approved"]
    internet: Literal["never", "approved"]
    approvers: tuple[Approver, ...] = ()
    except_evidence: bool = False  # 除作为证据使用外: handing evidence to whom it is due needs no approval
    to: tuple[Bilingual, ...] = ()  # recipients whom the regulation provides for
    by_the_office_alone: bool = False  # 由局统一提供
    copy_kept: bool = False  # 复制留存

    def slips(self) -> Iterator[Slip]:
        yield from not_entitled("approvers", (a.role for a in self.approvers), Action.VIEWING_APPROVE)


class Secret(StrEnum):
    """What makes material classified."""

    STATE = "state-secret"  # 国家秘密
    TRADE = "trade-secret"  # 商业秘密
    PRIVACY = "privacy"  # 个人隐私
    PERSONAL = "personal-information"  # 个人信息


class Classified(NamedRule, frozen=True, kw_only=True):
    """How material under secrecy is dealt with."""

    of: Annotated[tuple[Secret, ...], Meta(min_length=1)]
    enforcement_only: bool = False  # 不得用于执法活动以外的目的
