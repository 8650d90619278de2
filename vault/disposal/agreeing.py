"""What others than the custodian say of a list: approve it, supervise its destruction, stop it.

Each is said of one digest, by an act of their own: not through somebody who acts in their name.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from vault import acts
from vault.actions import Action
from vault.authority import require
from vault.catalogue import disposals
from vault.disposal import rules
from vault.disposal.rules import APPROVED_FOR, GRACE, Disposal, Step
from vault.errors import Refused
from vault.store import Vault
from vault.text import Text


def _look(vault: Vault, number: str) -> Disposal:
    with vault.database.reading() as connection:
        return disposals.get(connection, number)


def _others(disposal: Disposal) -> frozenset[str]:
    return disposal.appraised_by | ({disposal.submitted_by} - {""})


def approve(vault: Vault, number: str, sha256: str) -> None:
    """Agree to the destruction of exactly the list of that digest, as it was shown."""
    seen = _look(vault, number)
    require(vault, Action.DISPOSAL_APPROVE, about=number, asked_by=_others(seen))
    require_own_hand(vault)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        disposal = disposals.get(connection, number)
        rules.require(disposal, Step.APPROVE, by, now)
        _require_same(disposal, sha256)
        until = now + APPROVED_FOR
        return [acts.DisposalApproved(at=now, by=by, disposal=number, sha256=disposal.sha256, until=until)]

    vault.commit(draft)


def supervise(vault: Vault, number: str, sha256: str, grace: timedelta = GRACE) -> int:
    """Sign as supervisor of destruction (监销人); how many have. `grace` runs from the last of them."""
    seen = _look(vault, number)
    approver = {seen.approval.by} if seen.approval is not None else set()
    require(vault, Action.DISPOSAL_SUPERVISE, about=number, concerned=_others(seen) | approver)
    require_own_hand(vault)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        disposal = disposals.get(connection, number)
        rules.require(disposal, Step.SUPERVISE, by, now)
        _require_same(disposal, sha256)
        runs_from = now + max(grace, timedelta(0))
        return [acts.DisposalSupervised(at=now, by=by, disposal=number, sha256=disposal.sha256, runs_from=runs_from)]

    vault.commit(draft)
    return len(_look(vault, number).signatures)


def stop(vault: Vault, number: str, why: str) -> None:
    """Nothing of that list is destroyed; its records are free for another."""
    require(vault, Action.DISPOSAL_STOP, about=number)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        rules.require(disposals.get(connection, number), Step.STOP, by, now)
        return [acts.DisposalStopped(at=now, by=by, disposal=number, why=why)]

    vault.commit(draft)


def require_own_hand(vault: Vault) -> None:
    """Refused where somebody acts in another's name: a signature is one's own."""
    if vault.setting.via:
        raise Refused(
            Text(
                en=f"{vault.setting.via} acts in the name of {vault.setting.person}; this has to be signed in person.",
                zh=f"{vault.setting.via} 正以 {vault.setting.person} 的名义操作；此项须由本人办理。",
            ),
            hint=Text(en="They log in themselves.", zh="请由本人登录后办理。"),
        )


def _require_same(disposal: Disposal, sha256: str) -> None:
    """What was looked at is what is signed: a list may have changed in between."""
    if not (len(sha256) >= 8 and disposal.sha256.startswith(sha256.lower())):
        raise Refused(
            Text(
                en=f"Disposal {disposal.number}: the list is not the one with the digest {sha256}.",
                zh=f"处置 {disposal.number}：现有清册与摘要 {sha256} 不符。",
            ),
            hint=Text(
                en=f"Look at it again: strongroom disposal show {disposal.number}",
                zh=f"请重新查看：strongroom disposal show {disposal.number}",
            ),
        )
