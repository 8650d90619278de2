"""The one door through which every act with effect goes: who may do what is in vault/rights.py.

A refusal is an act: it is in the journal before it is said, or the refusal says that it could not be.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn

from vault import acts
from vault.actions import Action
from vault.catalogue import people
from vault.catalogue.named import namesakes_since
from vault.errors import ClockSuspect, Refused, StoreUnavailable
from vault.people import Person
from vault.rights import Bar, Barred, Reason, Ruling, may
from vault.store import Vault
from vault.text import Text

__all__ = ["Action", "Bar", "Barred", "Reason", "Ruling", "allowed", "at_the_door", "refuse", "require"]


def require(
    vault: Vault,
    action: Action,
    *,
    about: str = "",
    asked_by: Collection[str] = (),
    asked_at: datetime | None = None,
    concerned: Collection[str] = (),
) -> Person:
    """Whoever is at work, if they may do that; else it is journalled and Refused (exit 4). `asked_at`: when `asked_by`
    did; who has been called as they are since then stands back with them."""
    login = vault.setting.person
    with vault.database.reading() as connection:
        person = people.at_work(connection, login)
        namesakes = namesakes_since(connection, login, asked_at) if asked_at is not None else ()
    ruling = may(person, action, asked_by=asked_by, concerned=concerned, namesakes=namesakes)
    if not ruling.allowed:
        refuse(vault, action, ruling, about)
    return person if person is not None else Person(login, login, frozenset())


def allowed(vault: Vault, action: Action) -> bool:
    """Whether whoever is at work may do that. To ask is no act: nothing is journalled."""
    with vault.database.reading() as connection:
        return may(people.at_work(connection, vault.setting.person), action).allowed


def refuse(vault: Vault, action: Action, ruling: Ruling, about: str = "") -> NoReturn:
    """Journal that it was refused, then say so. Always raises Refused: a store that is away changes nothing in it, and
    what could not be entered is told."""
    entered = _enter(vault, action, ruling, about)
    texts, hint = [reason.text for reason in ruling.reasons], _hint(ruling)
    if entered is not _ENTERED or hint is _WHO_MAY:
        hint = Text(en=f"{entered.en} {hint.en}", zh=f"{entered.zh}{hint.zh}")
    raise Refused(Text(en=" ".join(text.en for text in texts), zh="".join(text.zh for text in texts)), hint=hint)


def _enter(vault: Vault, action: Action, ruling: Ruling, about: str) -> Text:
    """What became of the entry, in words: a clock that contradicts the journal dates nothing."""
    by, why = vault.setting.person, tuple(reason.bar.value for reason in ruling.reasons)
    try:
        refusal = acts.ActionRefused(at=vault.now(), by=by, action=action.value, about=about, why=why)
        vault.commit(lambda _: [refusal], happened_already=True)
    except ClockSuspect:
        return _NOT_ENTERED
    except StoreUnavailable:
        return _WAITS
    return _ENTERED


_ENTERED = Text(en="Entered in the journal.", zh="本次拒绝已载入日志。")
_WAITS = Text(
    en="Entered in the journal, but not yet on enough stores: it reaches them once they answer.",
    zh="本次拒绝已载入日志，但尚未写入足够的存储，待存储恢复后补写。",
)
_NOT_ENTERED = Text(
    en="The clock contradicts the journal, which could not take this refusal (look: strongroom clock).",
    zh="时钟与日志矛盾，本次拒绝未能载入日志（请查看：strongroom clock）。",
)
_WHO_MAY = Text(
    en="Who may do what: strongroom person rights; who is there: strongroom person list",
    zh="各角色的权限：strongroom person rights；人员：strongroom person list",
)


@contextmanager
def at_the_door(vault: Vault, action: Action, about: str = "") -> Iterator[None]:
    """What turns out to be Barred within is refused: in the journal before it is said."""
    try:
        yield
    except Barred as error:
        refuse(vault, action, Ruling((error.reason,)), about)


def _hint(ruling: Ruling) -> Text:
    said = next((reason.hint for reason in ruling.reasons if reason.hint is not None), None)
    if said is not None:
        return said
    if ruling.reasons[0].bar is Bar.SETUP:
        return Text(
            en="Enrol people first, a principal leader among them: strongroom person add LOGIN --name … --role …",
            zh="请先登记人员（须有主要领导）：strongroom person add 登录名 --name … --role …",
        )
    return _WHO_MAY
