"""What the papers of a disposal have in common: the article, the list they are of; who signed, as what, and when.

They go by the profile under which the list was submitted, whichever is in force when they are drawn.
"""

from collections.abc import Sequence

from vault.catalogue.signatures import Carried
from vault.disposal.rules import Disposal, Signed
from vault.people import Signature
from vault.profile import Profile
from vault.registers.model import Scope, basis
from vault.registers.period import day_text
from vault.terms import local_day
from vault.text import Text

SUPERVISED_BY = Text(en="Supervised by", zh="监销人")  # a line to sign


def article_of(profile: Profile) -> Text | None:
    """The article that demands a disposal to be put on paper."""
    return basis(profile, [profile.disposal.article if profile.disposal is not None else None])


def list_line(disposal: Disposal) -> Text:
    """Which list it is of."""
    return Text(
        en=f"Disposal {disposal.number}. SHA-256 of the list: {disposal.sha256}",
        zh=f"处置编号：{disposal.number}。清册摘要（SHA-256）：{disposal.sha256}",
    )


def signed_on(one: Signature, scope: Scope, did: str) -> Text:
    """A name with its title, and the day; `did` says in Chinese what was done then."""
    on = day_text(local_day(one.at, scope.zone))
    title = f"{one.title.label.zh}，" if one.title is not None else ""
    return Text(en=f"{one.words.en} on {on.en}", zh=f"{one.called}（{title}于{on.zh}{did}）")


def carried_out(by: Sequence[Carried], scope: Scope) -> Text:
    """Who destroyed, each with the title, and the day, or the first and the last."""
    return Text(
        en=", ".join(_executed(one, scope).en for one in by), zh="、".join(_executed(one, scope).zh for one in by)
    )


def _executed(one: Carried, scope: Scope) -> Text:
    first, last = (local_day(at, scope.zone) for at in (one.at, one.until))
    if first == last:
        return signed_on(one, scope, "执行")
    since, until = day_text(first), day_text(last)
    title = f"{one.title.label.zh}，" if one.title is not None else ""
    return Text(
        en=f"{one.words.en} from {since.en} to {until.en}", zh=f"{one.called}（{title}于{since.zh}至{until.zh}执行）"
    )


def supervisor(one: Signed, scope: Scope) -> Text:
    """Who signed as supervisor, and when; of one who is none any more since, who took their place."""
    on = day_text(local_day(one.at, scope.zone))
    title = one.title.label if one.title is not None else Text(en="", zh="")
    since = _since(one, scope)
    return Text(
        en=f"{one.called} ({title.en}{', ' if title.en else ''}signed on {on.en}{since.en})",
        zh=f"{one.called}（{title.zh}{'，' if title.zh else ''}于{on.zh}签字{since.zh}）",
    )


def _since(one: Signed, scope: Scope) -> Text:
    if one.replaced is not None:
        on, by = day_text(local_day(one.replaced.at, scope.zone)), one.replaced.called
        return Text(en=f"; replaced by {by} on {on.en}", zh=f"；{on.zh}由{by}接替")
    if not one.stands:
        return Text(en="; no supervisor any more, not replaced yet", zh="；现已不具备监销资格，尚未有人接替")
    return Text(en="", zh="")


def supervisor_lines(takes: int, signed: Sequence[Signed]) -> tuple[Text, ...]:
    """A line to sign for each supervisor: as many as have to, or as did."""
    return (SUPERVISED_BY,) * max(takes, len(signed))
