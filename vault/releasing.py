"""The end of the pause that a rebuild brings: nothing expires until a manager has looked at the new catalogue."""

from sqlalchemy import select

from vault import acts, clock
from vault.authority import Action, require
from vault.catalogue import schema
from vault.catalogue.rows import read_time
from vault.retention import AFTER_REBUILD
from vault.rights import entitled
from vault.store import Vault
from vault.text import Text

WHO_RELEASES = entitled(Action.EXPIRY_RELEASE)
HOW_TO_RELEASE = Text(
    en="Once the new catalogue has been looked at, by somebody else than who rebuilt it "
    f"({WHO_RELEASES.en}): strongroom retention release --why …",
    zh=f"核对新目录库后，由重建者以外的人（{WHO_RELEASES.zh}）恢复：strongroom retention release --why …",
)


def how_to_go_on(paused: Text) -> Text:
    """What has to be done, and by whom, before anything expires again."""
    return HOW_TO_RELEASE if paused is AFTER_REBUILD else clock.HOW_TO_GO_ON


def release_expiry(vault: Vault, why: str) -> None:
    """A manager has looked at the rebuilt catalogue, another one than who rebuilt it: expiry goes on."""
    with vault.database.reading() as connection:
        meta = {row.key: row.value for row in connection.execute(select(schema.meta))}
    by, at = meta.get("rebuilt_by"), meta.get("expiry_paused")
    asked_by, asked_at = ([by] if by is not None else []), (read_time(at) if at is not None else None)
    require(vault, Action.EXPIRY_RELEASE, asked_by=asked_by, asked_at=asked_at)
    act = acts.ExpiryReleased(at=vault.now(), by=vault.setting.person, why=why)
    vault.commit(lambda _: [act])
