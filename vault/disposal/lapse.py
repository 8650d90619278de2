"""When what people agreed to holds no longer, though nobody changed the list: it is submitted anew.

An approval ends on a day. And whoever approved and signed did so by the rules of the profile that was in force when the
list was submitted (who has to agree, how many supervise, under which article): once another was adopted nothing is
destroyed on their word any more, though the first is adopted again: an adoption revives no agreement.
"""

from dataclasses import dataclass
from datetime import datetime

from vault.approvals import Approval, Stage
from vault.profile.edition import Adoption
from vault.rights import Bar
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Lapse:
    """Where such a list stands, and why. `since`: when its approval ended, where that is the reason."""

    bar: Bar
    label: Text
    why: Text
    since: datetime | None = None


def lapse(approval: Approval | None, under: Adoption | None, in_force: Adoption | None, now: datetime) -> Lapse | None:
    """Why the agreement to a list that was submitted `under` a profile holds no longer; None while it does."""
    if approval is not None and approval.stage(now) is Stage.EXPIRED:
        return Lapse(
            Bar.EXPIRED,
            Text(en="approval lapsed", zh="审批已过期"),
            Text(en="its approval has ended before it was used", zh="审批在使用前已过期"),
            approval.until,
        )
    if under is not None and (why := overtaken(under, in_force)) is not None:
        return Lapse(Bar.OTHER_PROFILE, Text(en="another profile was adopted", zh="制度配置已变更"), why)
    return None


def overtaken(under: Adoption, in_force: Adoption | None) -> Text | None:
    """That another profile was adopted since a list was submitted, in words."""
    if in_force is None or under == in_force:
        return None
    was, now = under.edition, in_force.edition
    if was == now:
        return Text(
            en=f"it was submitted under the profile {was.text.en}, which is in force again; "
            "another was adopted in between",
            zh=f"报批时执行的制度配置为 {was.text.zh}，其间曾改用其他制度配置，现虽重新采用，原审批和签字不再有效",
        )
    return Text(
        en=f"it was submitted under the profile {was.text.en}; in force now is {now.text.en}",
        zh=f"报批时执行的制度配置为 {was.text.zh}，现行的是 {now.text.zh}",
    )
