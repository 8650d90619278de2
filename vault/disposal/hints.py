"""What somebody is told whose step in a disposal is not now, or not theirs: what comes next.

Words alone; `rules.py` decides to whom they are said.
"""

from vault.actions import Action
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
