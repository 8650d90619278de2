"""Discs that were written off are shredded: what a drive could not finish, another may well read."""

from collections.abc import Sequence

from sqlalchemy import Connection

from vault import acts
from vault.actions import Action
from vault.authority import require
from vault.catalogue import spoiled
from vault.discs.model import Spoiled
from vault.discs.stepping import require_no_disposal
from vault.errors import Refused
from vault.store import Vault
from vault.text import Text


def shred_spoiled(vault: Vault, name: Spoiled, why: str) -> None:
    """It is no more. BadInput where there is none of that name; Refused where a disposal waits for it, or it is gone
    already."""
    require(vault, Action.DISC_SHRED, about=str(name))
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        if spoiled.find(connection, name).shredded_at is not None:
            raise Refused(
                Text(en=f"Disc {name} has been shredded.", zh=f"光盘 {name} 已粉碎。"),
                hint=Text(en="There is nothing to do: strongroom disc list", zh="无需办理：strongroom disc list"),
            )
        require_no_disposal(connection, str(name))
        return [acts.SpoiledShredded(at=now, by=by, disc=str(name), why=why)]

    vault.commit(draft)
