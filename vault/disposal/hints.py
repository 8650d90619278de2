"""What somebody is told whose step in a disposal is not now, or not theirs: what was done already, and what comes next.

Words alone; `rules.py` decides to whom they are said.
"""

from datetime import tzinfo

from vault.actions import Action
from vault.approvals import Approval
from vault.moments import local
from vault.rights import entitled
from vault.text import Text

ANOTHER_LIST = Text(
    en="What is due is appraised on a new list: strongroom disposal review RECORD --why …",
    zh="到期记录请另建清册鉴定：strongroom disposal review 记录编号 --why …",
)


def others(action: Action) -> Text:
    who = entitled(action)
    return Text(en=f"Somebody else may: {who.en}.", zh=f"可由他人办理：{who.zh}。")


def next_step(who: Text, command: str) -> Text:
    return Text(
        en=f"Next: strongroom disposal {command} ({who.en})", zh=f"下一步：strongroom disposal {command}（{who.zh}）"
    )


def laid_before(approval: Approval, zone: tzinfo) -> Text:
    """That a list was submitted: by whom, to whom, and since when it lies there."""
    by, on = approval.asked.called if approval.asked is not None else approval.asked_by, local(approval.asked_at, zone)
    roles = [role.label for role in approval.needs]
    to = Text(en=", ".join(role.en for role in roles), zh="、".join(role.zh for role in roles))
    return Text(
        en=f"{by} has submitted the list already, on {on}, for approval by: {to.en}",
        zh=f"清册已由{by}于 {on} 报批，审批人：{to.zh}，无须重复报批",
    )
