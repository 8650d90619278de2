"""Asking for consent, giving it, using it: each an act of the journal, judged inside the transaction that enters it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from vault import acts
from vault.approvals import Approval, digest_of, may_approve, may_decline, may_use
from vault.authority import Action, Reason, Ruling, refuse
from vault.catalogue import approvals, people, schema
from vault.catalogue.named import namesakes_since
from vault.catalogue.numbers import Letter, next_number
from vault.errors import BadInput
from vault.people import Person, Role
from vault.store import Vault
from vault.text import Text

Thing = Callable[[Connection], object]  # what it is about, as it is now; see approvals.digest_of
ThingOf = Callable[[Connection, Approval], object]


def ask(
    vault: Vault,
    asking: Action,
    action: Action,
    thing: Thing,
    needs: Sequence[Role],
    why: str,
    stands_for: timedelta,
    *,
    about: Sequence[str],
    purpose: str = "",
    against: Callable[[Connection], Iterable[Reason]] = lambda _: (),
    also: Callable[[acts.ApprovalAsked], Sequence[acts.AnyAct]] = lambda _: (),
) -> str:
    """Ask those roles, in that order, to agree within that time; the approval's number. Whether somebody may ask
    (`asking`), the caller has asked (vault/authority.py). `against`: what stands in the way now, refused and journalled
    under it; `also`: what is entered with it."""
    now, by = vault.now(), vault.setting.person
    number, ruling = "", Ruling()

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        nonlocal number, ruling
        ruling = Ruling(tuple(against(connection)))
        if not ruling.allowed:
            return []
        number = next_number(connection, schema.approval.c.number, Letter.APPROVAL)
        asked = acts.ApprovalAsked(
            at=now,
            by=by,
            request=number,
            action=action.value,
            sha256=digest_of(thing(connection)),
            needs=tuple(needs),
            until=now + stands_for,
            why=why,
            about=tuple(about),
            purpose=purpose,
        )
        return [asked, *also(asked)]

    vault.commit(draft)
    if not ruling.allowed:
        refuse(vault, asking, ruling, ", ".join(about))
    return number


def approve(
    vault: Vault,
    number: str,
    action: Action,
    thing_of: ThingOf,
    against: Callable[[Connection, Approval, Person], Iterable[Reason]] = lambda _, __, ___: (),
    *,
    about: str = "",
) -> Approval:
    """Whoever is at work agrees; the approval as it then stands. Refused, and journalled, where they may not;
    `against`: what else stands in the way of that person; `about`: what a refusal is said to be about, where that is
    not the request."""
    now, by = vault.now(), vault.setting.person
    ruling = Ruling()

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        nonlocal ruling
        asked = known(connection, number, action)
        sha256 = digest_of(thing_of(connection, asked))
        person = people.at_work(connection, by)
        alike = namesakes_since(connection, by, asked.asked_at)
        ruling = may_approve(asked, person, sha256, now, vault.profile.zone, namesakes=alike)
        if ruling.allowed and person is not None:
            ruling = Ruling(tuple(against(connection, asked, person)))
        role = asked.waits_for
        if not ruling.allowed or role is None:
            return []
        return [acts.ApprovalGiven(at=now, by=by, request=number, sha256=sha256, role=role)]

    vault.commit(draft)
    if not ruling.allowed:
        refuse(vault, action, ruling, about or number)
    with vault.database.reading() as connection:
        return known(connection, number, action)


def decline(vault: Vault, number: str, action: Action, why: str) -> Approval:
    """Whoever is at work, and whose turn it is, does not agree: nobody else can any more."""
    now, by = vault.now(), vault.setting.person
    ruling = Ruling()

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        nonlocal ruling
        asked = known(connection, number, action)
        person, alike = people.at_work(connection, by), namesakes_since(connection, by, asked.asked_at)
        ruling = may_decline(asked, person, now, vault.profile.zone, namesakes=alike)
        return [acts.ApprovalDeclined(at=now, by=by, request=number, why=why)] if ruling.allowed else []

    vault.commit(draft)
    if not ruling.allowed:
        refuse(vault, action, ruling, number)
    with vault.database.reading() as connection:
        return known(connection, number, action)


def use(
    vault: Vault,
    number: str,
    action: Action,
    thing_of: ThingOf,
    entries: Callable[[Approval], Sequence[acts.AnyAct]],
    against: Callable[[Connection, Approval], Iterable[Reason]] = lambda _, __: (),
    *,
    only: str | None = None,
    wholly: Callable[[Connection, Approval], bool] = lambda _, __: True,
) -> Sequence[acts.AnyAct]:
    """Enter what was agreed to, and that the approval is used up. Refused, and journalled, where it does not permit it;
    `against`: what else stands in the way; `only`: by whom alone it may be used; `wholly`: whether nothing of it is
    left then."""
    now, by = vault.now(), vault.setting.person
    ruling = Ruling()

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        nonlocal ruling
        asked = known(connection, number, action)
        ruling = may_use(asked, digest_of(thing_of(connection, asked)), now, vault.profile.zone, only=only)
        ruling = Ruling((*ruling.reasons, *against(connection, asked)))
        if not ruling.allowed:
            return []
        used = acts.ApprovalUsed(at=now, by=by, request=number, sha256=asked.sha256)
        return [*([used] if wholly(connection, asked) else []), *entries(asked)]

    entered = vault.commit(draft)
    if not ruling.allowed:
        refuse(vault, action, ruling, number)
    return entered


def known(connection: Connection, number: str, action: Action) -> Approval:
    """The approval of that number and kind. BadInput where there is none."""
    asked = approvals.find(connection, number)
    if asked is None or asked.action is not action:
        raise BadInput(Text(en=f"There is no request {number} of that kind.", zh=f"没有编号为 {number} 的此类申请。"))
    return asked
