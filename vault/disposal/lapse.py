"""When what people agreed to holds no longer, though nobody changed the list: it is submitted anew.

An approval ends on a day. And whoever approved and signed did so by the rules of the profile that was in force when the
list was submitted (who has to agree, how many supervise, under which article): while another is in force nothing is
destroyed on their word.
"""

from dataclasses import dataclass
from datetime import datetime

from vault.approvals import Approval, Stage
from vault.profile.edition import Edition
from vault.rights import Bar
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Lapse:
    """Where such a list stands, and why. `since`: when its approval ended, where that is the reason."""

    bar: Bar
    label: Text
    why: Text
    since: datetime | None = None


def lapse(approval: Approval | None, under: Edition | None, in_force: Edition | None, now: datetime) -> Lapse | None:
    """Why the agreement to a list that was submitted `under` a profile holds no longer; None while it does."""
    if approval is not None and approval.stage(now) is Stage.EXPIRED:
        return Lapse(
            Bar.EXPIRED,
            Text(en="approval lapsed", zh="审批已过期"),
            Text(en="its approval has ended before it was used", zh="审批在使用前已过期"),
            approval.until,
        )
    if under is not None and (why := overtaken(under, in_force)) is not None:
        return Lapse(Bar.OTHER_PROFILE, Text(en="another profile is in force", zh="制度配置已变更"), why)
    return None


def overtaken(under: Edition, in_force: Edition | None) -> Text | None:
    """That another profile is in force than the one under which a list was submitted, in words."""
    if in_force is None or under == in_force:
        return None
    return Text(
        en=f"it was submitted under the profile {under.text.en}; in force now is {in_force.text.en}",
        zh=f"报批时执行的制度配置为 {under.text.zh}，现行的是 {in_force.text.zh}",
    )
