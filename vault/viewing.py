"""Who may see content: nobody, until those whom the profile names have agreed and the register says so.

While nobody is enrolled, whoever is at work says who agreed. With people enrolled that is nobody's word but their own:
viewing is asked for, and each approver agrees in turn (vault/approvals.py). The request serves every file of its
records once, and is used up by the last. It is over the records as they were described, what they hold, what for and
why: a correction in between makes it void.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import Connection

from vault import acts
from vault.actions import SEEING
from vault.approvals import Approval
from vault.approving import approve, ask, decline, use
from vault.authority import Action, Bar, Barred, Reason, Ruling, at_the_door, refuse, require
from vault.catalogue import people, queries, viewings
from vault.people import Person, Role
from vault.plain import require_plain
from vault.profile import Approver, Profile, cited
from vault.records import RecordFile
from vault.store import Vault
from vault.terms import RetentionClass
from vault.text import Text

STANDS_FOR = timedelta(days=7)  # a request


class Purpose(StrEnum):
    """What content is wanted for."""

    VIEW = "view"
    EXPORT = "export"
    DISC = "disc"
    LOAN = "loan"
    RELEASE = "release"  # 对外提供: an export that leaves the office

    @property
    def label(self) -> Text:
        return LABELS[self]

    @property
    def action(self) -> Action:
        return _ACTIONS[self]


LABELS = {
    Purpose.VIEW: Text(en="view", zh="查阅"),
    Purpose.EXPORT: Text(en="export", zh="导出"),
    Purpose.DISC: Text(en="disc set", zh="制作光盘"),
    Purpose.LOAN: Text(en="loan of a disc", zh="借出光盘"),
    Purpose.RELEASE: Text(en="release", zh="对外提供"),
}
_ACTIONS = {
    Purpose.VIEW: Action.CONTENT_VIEW,
    Purpose.EXPORT: Action.CONTENT_EXPORT,
    Purpose.DISC: Action.DISC_BUILD,
    Purpose.LOAN: Action.DISC_LEND,
    Purpose.RELEASE: Action.CONTENT_EXPORT,
}
_PURPOSES = {
    "get": Purpose.VIEW,
    "open": Purpose.VIEW,
    "export": Purpose.EXPORT,
    "disc": Purpose.DISC,
    "loan": Purpose.LOAN,
}
_ALSO = {"export": Purpose.RELEASE}  # what is released leaves as an export


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what somebody wants to see content: who is said to have agreed, and why; or the request that was approved."""

    approved_by: tuple[str, ...] = ()
    why: str = ""
    request: str = ""


def require_approval(profile: Profile, approved_by: Sequence[str], why: str) -> None:
    """Refused (exit 4) unless as many people are named as the profile has approvers, and a reason is given."""
    _require_approvers(profile)
    for name in approved_by:
        require_plain(Text(en="who agreed", zh="同意人"), name)
    if len({name.strip() for name in approved_by} - {""}) < len(profile.approvers):  # one person is one consent
        raise Barred(
            Reason(
                Bar.NOT_APPROVED,
                _needed(profile),
                hint=Text(
                    en="Say who agreed, one --approved-by for each, and --why.",
                    zh="请用 --approved-by 注明同意人（每人一次），并用 --why 注明事由。",
                ),
            )
        )
    _require_reason(why)


def request_viewing(vault: Vault, records: Sequence[str], purpose: Purpose, why: str) -> str:
    """Ask for consent to see what these records hold; the request's number."""
    about = ", ".join(records)
    require(vault, Action.VIEWING_REQUEST, about=about)
    require(vault, purpose.action, about=about)
    with at_the_door(vault, Action.VIEWING_REQUEST, about):
        approvers = _approvers(vault, purpose, records)
        _require_reason(why)
        if not _governed(vault):
            raise Barred(
                Reason(
                    Bar.SETUP,
                    Text(en="Nobody is enrolled who could agree.", zh="尚未登记人员，无人可以审批。"),
                    hint=Text(
                        en="Enrol people (strongroom person add), or say who agreed with --approved-by.",
                        zh="请登记人员（strongroom person add），或用 --approved-by 注明同意人。",
                    ),
                )
            )
    needs = [approver.role for approver in approvers]
    by, numbers = vault.setting.person, tuple(dict.fromkeys(records))
    return ask(
        vault,
        Action.VIEWING_REQUEST,
        Action.VIEWING_APPROVE,
        lambda connection: _thing(connection, by, numbers, purpose.value, why),
        needs,
        why,
        STANDS_FOR,
        about=numbers,
        purpose=purpose.value,
    )


def approve_viewing(vault: Vault, request: str) -> Approval:
    """Whoever is at work agrees to a viewing; Refused where it is not for them to agree."""

    def against(connection: Connection, asked: Approval, person: Person) -> Iterable[Reason]:
        return _other_section(connection, vault.profile, asked, person)

    return approve(vault, request, Action.VIEWING_APPROVE, _as_it_is, against)


def decline_viewing(vault: Vault, request: str, why: str) -> Approval:
    """Whoever is at work, and whose turn it is, does not agree; Refused where it is not for them to say."""
    with at_the_door(vault, Action.VIEWING_APPROVE, request):
        _require_reason(why)
    return decline(vault, request, Action.VIEWING_APPROVE, why)


def require_viewing(vault: Vault, records: Sequence[str], how: str, grounds: Grounds) -> None:
    """Refused (exit 4) to who may not see content that way, and where consent is neither said nor asked for."""
    about = ", ".join(records)
    action = SEEING[how]
    require(vault, action, about=about)
    with at_the_door(vault, action, about):
        if not _governed(vault):
            require_approval(vault.profile, grounds.approved_by, grounds.why)
            return
        if not grounds.request:
            _require_approvers(vault.profile)
        if grounds.approved_by or not grounds.request:
            _require_content(vault, records)
            refuse(vault, action, Ruling((Reason(Bar.NOT_APPROVED, _ask_first(vault.profile, how)),)), about)


def register_viewing(
    vault: Vault, records: Sequence[str], how: str, grounds: Grounds, file: RecordFile | None = None
) -> None:
    """Enter a viewing into the journal, before the first byte is given out: of that file of the one record, or of all
    that the records hold. Its request serves each once."""
    require_viewing(vault, records, how, grounds)
    now, by = vault.now(), vault.setting.person
    giving = _Giving(records, how, (file.sha256,) if file is not None else ())

    def entries(approved_by: Iterable[str], why: str) -> list[acts.AnyAct]:
        agreed = tuple(approved_by)
        return [
            acts.RecordViewed(
                at=now,
                by=by,
                record=number,
                how=how,
                approved_by=agreed,
                why=why,
                request=grounds.request,
                files=giving.files,
            )
            for number in records
        ]

    if not _governed(vault):
        entered = entries(grounds.approved_by, grounds.why)
        vault.commit(lambda _: entered)
        return

    use(
        vault,
        grounds.request,
        Action.VIEWING_APPROVE,
        _as_it_is,
        lambda asked: entries((consent.by for consent in asked.consents), asked.why),
        giving.against,
        only=by,
        wholly=giving.wholly,
    )


@dataclass(frozen=True, slots=True)
class _Giving:
    """What is about to be given out under a request: these files of the one record, or all that the records hold."""

    records: Sequence[str]
    how: str
    files: tuple[str, ...]

    def against(self, connection: Connection, asked: Approval) -> Iterable[Reason]:
        """What stands in the way: that it is not what was asked for, or was given out already."""
        fits = asked.purpose in (_PURPOSES[self.how], _ALSO.get(self.how))
        if not fits or not set(self.records) <= set(asked.about):
            again = _asking(self.how)
            hint = Text(en=f"Ask for this one: {again}", zh=f"请就本事项另行申请：{again}")
            yield Reason(Bar.NOT_APPROVED, _another_matter(asked), hint)
        elif asked.used_at is None and (twice := self._given(connection) & viewings.served(connection, asked.number)):
            yield Reason(Bar.USED, _served_already(asked, sorted({number for number, _ in twice})), _ASK_ANEW)

    def wholly(self, connection: Connection, asked: Approval) -> bool:
        """Whether nothing is left then of what was asked for."""
        named = viewings.files_of(queries.get_records(connection, asked.about))
        return named <= self._given(connection) | viewings.served(connection, asked.number)

    def _given(self, connection: Connection) -> viewings.Served:
        if self.files:
            return frozenset((number, sha256) for number in self.records for sha256 in self.files)
        return viewings.files_of(queries.get_records(connection, self.records))


def _governed(vault: Vault) -> bool:
    with vault.database.reading() as connection:
        return people.at_work(connection, vault.setting.person) is not None


def _thing(connection: Connection, by: str, numbers: Sequence[str], purpose: str, why: str) -> object:
    """What is asked for, as it is now. Refused where a record was destroyed."""
    return {
        "by": by,
        "purpose": purpose,
        "why": why,
        "records": [
            {
                "number": record.number,
                "facts": msgspec.to_builtins(record.facts),
                "files": [file.sha256 for file in record.files],
            }
            for record in queries.kept_records(connection, numbers)
        ],
    }


def _as_it_is(connection: Connection, asked: Approval) -> object:
    return _thing(connection, asked.asked_by, asked.about, asked.purpose, asked.why)


def _other_section(connection: Connection, profile: Profile, asked: Approval, person: Person) -> Iterable[Reason]:
    """瀍河 14: the head of the section that handles the case agrees, not of any section."""
    if profile.viewing is None or not profile.viewing.of_case or asked.waits_for is not Role.SECTION_HEAD:
        return
    for number in asked.about:
        section = queries.get_record(connection, number).facts.section
        if section != person.section:
            yield Reason(
                Bar.SECTION,
                Text(
                    en=f"{number} is of the section {section or '?'}: its head agrees, not {person.called}.",
                    zh=f"{number} 属 {section or '（科室不详）'}，须由该科室负责人同意，{person.called} 无权审批。",
                ),
            )


def _approvers(vault: Vault, purpose: Purpose, records: Sequence[str]) -> Sequence[Approver]:
    """Who must agree, in turn. Refused where nobody may, whoever agrees."""
    release = vault.profile.release
    if purpose is not Purpose.RELEASE:
        _require_approvers(vault.profile)
        return vault.profile.approvers
    if release is None or release.outside == "never":
        article = cited(release.article) if release is not None else vault.profile.regulation.text
        raise Barred(
            Reason(
                Bar.OUTSIDE,
                Text(en=f"Nothing is given outside the office ({article.en}).", zh=f"不得对外提供（{article.zh}）。"),
                hint=Text(en="Within the office: --for export", zh="本单位内部使用：--for export"),
            )
        )
    if release.except_evidence and _are_evidence(vault, records):  # 除作为证据使用外: as for any viewing
        _require_approvers(vault.profile)
        return vault.profile.approvers
    if not release.approvers:
        raise Barred(
            Reason(
                Bar.NOBODY_NAMED,
                Text(
                    en=f"The profile {vault.profile.id} names nobody who may approve a release: nothing is given "
                    "outside.",
                    zh=f"制度配置 {vault.profile.id} 未指定对外提供的批准人，一律不得对外提供。",
                ),
                hint=Text(en="Name the approver in the office's profile.", zh="请在本单位的制度配置中指定批准人。"),
            )
        )
    return release.approvers


def _are_evidence(vault: Vault, records: Sequence[str]) -> bool:
    """Whether all of them are of a kind that is kept as long as its case's file."""
    with vault.database.reading() as connection:
        kinds = [vault.profile.kind(record.facts.kind) for record in queries.kept_records(connection, records)]
    return all(kind is not None and kind.base.retention_class is RetentionClass.CASE_LIFETIME for kind in kinds)


def _require_content(vault: Vault, records: Sequence[str]) -> None:
    """Refused for a record that was destroyed: nobody's consent brings it back."""
    with vault.database.reading() as connection:
        for _ in queries.kept_records(connection, records):
            pass


def _require_approvers(profile: Profile) -> None:
    if not profile.approvers:
        raise Barred(
            Reason(
                Bar.NOBODY_NAMED,
                Text(
                    en=f"The profile {profile.id} names nobody who may approve viewing: nobody may view.",
                    zh=f"制度配置 {profile.id} 未指定查阅审批人，一律不得查阅。",
                ),
                hint=Text(en="Name the approver in the office's profile.", zh="请在本单位的制度配置中指定审批人。"),
            )
        )


def _require_reason(why: str) -> None:
    if not why.strip():
        raise Barred(
            Reason(
                Bar.REQUIRED,
                Text(en="Viewing needs a reason for the register.", zh="查阅须登记事由。"),
                hint=Text(en="Say it with --why.", zh="请用 --why 注明事由。"),
            )
        )
    require_plain(Text(en="reason", zh="事由"), why)


def _needed(profile: Profile) -> Text:
    approvers, article = profile.approvers, profile.viewing.article if profile.viewing is not None else ""
    return Text(
        en=f"Viewing needs the consent of: {', '.join(a.en for a in approvers)} ({cited(article).en}).",
        zh=f"查阅须经同意：{'、'.join(a.zh for a in approvers)}（{cited(article).zh}）。",
    )


def _asking(how: str) -> str:
    purpose = _PURPOSES[how]
    return "strongroom viewing request" + (f" --for {purpose}" if purpose is not Purpose.VIEW else "")


def _ask_first(profile: Profile, how: str) -> Text:
    needed, asking = _needed(profile), _asking(how)
    return Text(
        en=f"{needed.en} They say so themselves: {asking}; then --request, not --approved-by.",
        zh=f"{needed.zh}须由其本人审批：请先 {asking}，再用 --request（不再使用 --approved-by）。",
    )


_ASK_ANEW = Text(en="Ask anew: strongroom viewing request", zh="请重新申请：strongroom viewing request")


def _served_already(asked: Approval, numbers: Sequence[str]) -> Text:
    return Text(
        en=f"{asked.number} was used already for this of {', '.join(numbers)}: it serves each file once.",
        zh=f"{asked.number} 已用于提供 {'、'.join(numbers)} 的该内容：每个文件限提供一次。",
    )


def _another_matter(asked: Approval) -> Text:
    purpose = Purpose(asked.purpose).label
    return Text(
        en=f"{asked.number} is for something else: {purpose.en} of {', '.join(asked.about)}.",
        zh=f"{asked.number} 申请的是其他事项：{purpose.zh}，{'、'.join(asked.about)}。",
    )
