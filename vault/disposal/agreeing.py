"""What others than the custodian say of a list: approve it, supervise its destruction, stop it.

Each is said of one digest, by an act of their own: not through somebody who acts in their name.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from vault import acts, approving
from vault.actions import Action
from vault.approvals import Approval
from vault.authority import Reason
from vault.catalogue import disposals
from vault.disposal import rules
from vault.disposal.door import in_anothers_name, look, own_doings, ruled, take
from vault.disposal.rules import GRACE, Disposal, State, Step
from vault.people import Person
from vault.store import Vault


def approve(vault: Vault, number: str, sha256: str) -> Approval:
    """Agree, in one's turn, to the destruction of exactly the list of that digest, as it was shown."""
    now = vault.now()
    asked = look(vault, number, Step.APPROVE, now).approval
    assert asked is not None  # what can be approved was submitted

    def against(connection: Connection, asked: Approval, person: Person) -> Iterable[Reason]:
        disposal = disposals.get(connection, number)
        yield from ruled(connection, vault, disposal, Step.APPROVE, now).reasons
        yield from rules.not_that_list(disposal, sha256)
        yield from own_doings(connection, vault, disposal, Action.DISPOSAL_APPROVE)
        yield from in_anothers_name(vault)

    def thing(connection: Connection, asked: Approval) -> object:
        return disposals.listed(connection, number)

    return approving.approve(vault, asked.number, Action.DISPOSAL_APPROVE, thing, against, about=number)


def supervise(vault: Vault, number: str, sha256: str, grace: timedelta = GRACE) -> int:
    """Sign as supervisor of destruction (监销人), or in the place of one who is none any more; how many have. `grace`
    runs from the last of them."""
    now, by = vault.now(), vault.setting.person
    signed = 0

    def entries(connection: Connection, disposal: Disposal) -> Sequence[acts.AnyAct]:
        nonlocal signed
        signed = len(disposal.supervised_by) + 1
        begun = disposal.state is State.DESTROYING  # there is nothing to be stopped any more
        runs_from = now if begun else now + max(grace, timedelta(0))
        return [acts.DisposalSupervised(at=now, by=by, disposal=number, sha256=disposal.sha256, runs_from=runs_from)]

    def against(connection: Connection, disposal: Disposal) -> Iterable[Reason]:
        yield from rules.not_that_list(disposal, sha256)
        yield from own_doings(connection, vault, disposal, Action.DISPOSAL_SUPERVISE)
        yield from in_anothers_name(vault)

    take(vault, number, Step.SUPERVISE, now, entries, against)
    return signed


def stop(vault: Vault, number: str, why: str) -> None:
    """Nothing of that list is destroyed; its records are free for another."""
    now = vault.now()
    stopped = acts.DisposalStopped(at=now, by=vault.setting.person, disposal=number, why=why)
    take(vault, number, Step.STOP, now, lambda _, __: [stopped])
