"""Discs that carry destroyed records: a task for each, open until two people saw it destroyed (shredded, by hand).

Software cannot destroy a disc; it can refuse to forget one. A disc mostly carries other records too, which stay: who
destroys it makes a new set of those first.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from vault import acts
from vault.actions import Action
from vault.catalogue import discs, disposals
from vault.discs.model import Mark, Spoiled
from vault.disposal.destruction import close
from vault.disposal.door import in_anothers_name, take
from vault.disposal.rules import Disposal, State, Step
from vault.errors import BadInput, Refused
from vault.rights import entitled
from vault.store import Vault
from vault.text import Text


def confirm(vault: Vault, number: str, disc: str, why: str) -> State:
    """One person says that they saw it destroyed; where the disposal stands then. Both must be different people."""
    now, by = vault.now(), vault.setting.person
    show = Text(en=f"See: strongroom disposal show {number}", zh=f"请查看：strongroom disposal show {number}")
    who = entitled(Action.DISC_DESTRUCTION_CONFIRM)

    def entries(connection: Connection, disposal: Disposal) -> Sequence[acts.AnyAct]:
        task = next((one for one in disposals.discs(connection, number) if one.disc == disc), None)
        if task is None:
            raise BadInput(
                Text(en=f"Disposal {number} has no disc {disc}.", zh=f"处置 {number} 中没有光盘 {disc}。"),
                hint=show,
            )
        if not task.open:
            raise Refused(Text(en=f"Two people have confirmed disc {disc}.", zh=f"光盘 {disc} 已由两人确认。"), show)
        if by in {one.by for one in task.seen}:
            raise Refused(
                Text(
                    en=f"{by} has confirmed disc {disc} already; the second is somebody else.",
                    zh=f"{by} 已确认光盘 {disc}，第二人须为他人。",
                ),
                hint=Text(en=f"Who may: {who.en}.", zh=f"可由{who.zh}确认。"),
            )
        return [acts.DiscDestroyed(at=now, by=by, disposal=number, disc=disc, why=why)]

    take(vault, number, Step.CONFIRM_DISC, now, entries, lambda _, __: in_anothers_name(vault))
    return close(vault, number)


def staying_on(connection: Connection, disc: str) -> Sequence[str]:
    """Records on a disc that are not destroyed: they need a new set before it goes."""
    spoiled = Spoiled.parse(disc)
    if spoiled is not None:  # nobody relies on it
        return ()
    mark = Mark.parse(disc)
    return list(discs.records_on(connection, mark.disc_set, mark.disc, kept=True))
