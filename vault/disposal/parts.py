"""Who had one part in a list does not take another that is to be somebody else's (回避): pure.

Nor does who goes by the name of one who had: whoever left and was enrolled anew under another login is the same person.
Where they really are two, another one takes that part.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vault.actions import Action
from vault.rights import Bar, Reason, entitled, namesake
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Parts:
    """Who had which part in a list so far, by logins: `prepared` are who appraised it or laid it before."""

    prepared: frozenset[str]
    approved: frozenset[str]
    signed: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Apart:
    """One part that `had` keeps somebody from; `why`, said of that login."""

    had: Callable[[Parts], frozenset[str]]
    bar: Bar
    why: Callable[[str], Text]


def _approving(who: str) -> Text:
    return Text(
        en=f"{who} appraised the list or laid it before; somebody else must approve it",
        zh=f"{who} 参与了鉴定或报批，须由他人审批",
    )


def _supervising(who: str) -> Text:
    return Text(
        en=f"{who} appraised, submitted or approved the list; supervisors are neither",
        zh=f"{who} 参与了鉴定、报批或审批，不得担任监销人",
    )


def _signing(who: str) -> Text:
    return Text(
        en=f"{who} has signed already; the next supervisor is somebody else", zh=f"{who} 已签字，其余监销人须为他人"
    )


def _running(who: str) -> Text:
    return Text(
        en=f"{who} signed as supervisor of the destruction; somebody else carries it out",
        zh=f"{who} 是签字的监销人，须由他人执行销毁",
    )


def _seeing(who: str) -> Text:
    return Text(
        en=f"{who} appraised, submitted or approved the list; others see its discs destroyed",
        zh=f"{who} 参与了鉴定、报批或审批，不得见证其光盘的销毁",
    )


_APART: Mapping[Action, Sequence[_Apart]] = {
    Action.DISPOSAL_APPROVE: (_Apart(lambda had: had.prepared, Bar.OWN, _approving),),
    Action.DISPOSAL_SUPERVISE: (
        _Apart(lambda had: had.prepared | had.approved, Bar.CONCERNED, _supervising),
        _Apart(lambda had: had.signed, Bar.TWICE, _signing),
    ),
    Action.DISPOSAL_RUN: (_Apart(lambda had: had.signed, Bar.CONCERNED, _running),),
    Action.DISC_DESTRUCTION_CONFIRM: (_Apart(lambda had: had.prepared | had.approved, Bar.CONCERNED, _seeing),),
}


def other_parts(had: Parts, action: Action, by: str, namesakes: Collection[str]) -> Iterator[Reason]:
    """Why somebody does not take that part; `namesakes`: logins of others of their name. The texts are parts of a
    sentence, without a full stop."""
    for apart in _APART.get(action, ()):
        others = apart.had(had)
        if by in others:
            who = entitled(action)
            hint = Text(en=f"Somebody else may: {who.en}.", zh=f"可由他人办理：{who.zh}。")
            yield Reason(apart.bar, apart.why(by), hint)
        elif alike := sorted(others.intersection(namesakes)):
            yield namesake(by, alike[0], apart.why(alike[0]), action)
