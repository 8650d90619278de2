"""Who may see content: nobody, until those whom the profile names have agreed and the register says so."""

from collections.abc import Sequence

from vault import acts
from vault.errors import Refused
from vault.profile import Profile, cited
from vault.store import Vault
from vault.text import Text


def require_approval(profile: Profile, approved_by: Sequence[str], why: str) -> None:
    """Refused (exit 4) unless as many people are named as the profile has approvers, and a reason is given."""
    approvers = profile.approvers
    if not approvers:
        raise Refused(
            Text(
                en=f"The profile {profile.id} names nobody who may approve viewing: nobody may view.",
                zh=f"制度配置 {profile.id} 未指定查阅审批人，一律不得查阅。",
            ),
            hint=Text(en="Name the approver in the office's profile.", zh="请在本单位的制度配置中指定审批人。"),
        )
    article = profile.viewing.article if profile.viewing is not None else ""
    if len({name.strip() for name in approved_by} - {""}) < len(approvers):  # one person is one consent
        raise Refused(
            Text(
                en=f"Viewing needs the consent of: {', '.join(a.en for a in approvers)} ({cited(article).en}).",
                zh=f"查阅须经同意：{'、'.join(a.zh for a in approvers)}（{cited(article).zh}）。",
            ),
            hint=Text(
                en="Say who agreed, one --approved-by for each, and --why.",
                zh="请用 --approved-by 注明同意人（每人一次），并用 --why 注明事由。",
            ),
        )
    if not why.strip():
        raise Refused(
            Text(en="Viewing needs a reason for the register.", zh="查阅须登记事由。"),
            hint=Text(en="Say it with --why.", zh="请用 --why 注明事由。"),
        )


def register_viewing(vault: Vault, records: Sequence[str], how: str, approved_by: Sequence[str], why: str) -> None:
    """Enter a viewing into the journal, before the first byte is given out."""
    require_approval(vault.profile, approved_by, why)
    now, by = vault.now(), vault.setting.person
    entered: list[acts.AnyAct] = [
        acts.RecordViewed(at=now, by=by, record=number, how=how, approved_by=tuple(approved_by), why=why)
        for number in records
    ]
    vault.commit(lambda _: entered)
