"""The end of the pause that a rebuild brings: nothing expires until a manager has looked at the new catalogue."""

from sqlalchemy import select

from vault import acts
from vault.authority import Action, require
from vault.catalogue import schema
from vault.store import Vault


def release_expiry(vault: Vault, why: str) -> None:
    """A manager has looked at the rebuilt catalogue, another one than who rebuilt it: expiry goes on."""
    with vault.database.reading() as connection:
        rebuilt_by = select(schema.meta.c.value).where(schema.meta.c.key == "rebuilt_by")
        asked_by = connection.execute(rebuilt_by).scalars().all()
    require(vault, Action.EXPIRY_RELEASE, asked_by=asked_by)
    act = acts.ExpiryReleased(at=vault.now(), by=vault.setting.person, why=why)
    vault.commit(lambda _: [act])
