"""What of a list was spared: told with its reasons to those who may read facts, by number to all others."""

from collections.abc import Mapping

from ops.language import t
from ops.output import note
from vault.authority import Action, allowed
from vault.disposal.frozen import would_stay
from vault.rights import entitled
from vault.store import Vault
from vault.text import Text, counted


def sees_reasons(vault: Vault) -> bool:
    """A reason may be a hold's, with its authority: facts of the record."""
    return allowed(vault, Action.FACTS_READ)


def tell_spared(vault: Vault, number: str, spared: Mapping[str, Text]) -> None:
    """What a run left; whoever runs the storage learns how many and which, and who can tell why."""
    if sees_reasons(vault):
        for record, why in spared.items():
            note(t(f"{record} is spared: {why.en}", f"{record} 免予销毁：{why.zh}"))
    elif spared:
        who, show = entitled(Action.DISPOSAL_APPRAISE), f"strongroom disposal show {number}"
        note(
            t(
                f"Spared: {len(spared)} ({', '.join(spared)}). Why, the {who.en} can tell: {show}",
                f"免予销毁：{len(spared)} 条（{'、'.join(spared)}）。原因请向{who.zh}了解：{show}",
            )
        )


def tell_would_stay(vault: Vault, number: str) -> None:
    """How many records of a list that is to be agreed to would be spared as things are: by number alone, since not
    everybody who agrees may read facts."""
    with vault.database.reading() as connection:
        count = sum(1 for _ in would_stay(connection, number, vault.profile, vault.now()))
    if count:
        show = f"strongroom disposal show {number}"
        note(
            t(
                f"As things are, {counted(count, 'record')} of the list would be spared: {show}",
                f"按目前情况，清册中有 {count} 条记录不予销毁：{show}",
            )
        )
