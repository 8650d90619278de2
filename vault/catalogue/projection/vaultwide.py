"""What is so of the vault as a whole."""

from sqlalchemy import Connection, delete, insert

from vault import acts
from vault.catalogue import schema
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import spell_time
from vault.catalogue.safekeeping import REBUILT
from vault.profile import Profile

_PAUSE = ("expiry_paused", "rebuilt_by")


def _rebuild(connection: Connection, profile: Profile, act: acts.CatalogueRebuilt) -> None:
    connection.execute(delete(schema.meta).where(schema.meta.c.key == REBUILT))
    connection.execute(insert(schema.meta), {"key": REBUILT, "value": spell_time(act.at)})
    pause_expiry(connection, profile, act)


def pause_expiry(connection: Connection, profile: Profile, act: acts.CatalogueRebuilt | acts.VaultSucceeded) -> None:
    """Until somebody else than `act.by` has looked."""
    connection.execute(delete(schema.meta).where(schema.meta.c.key.in_(_PAUSE)))
    values = (spell_time(act.at), act.by)
    connection.execute(insert(schema.meta), [{"key": k, "value": v} for k, v in zip(_PAUSE, values, strict=True)])


def _release_expiry(connection: Connection, profile: Profile, act: acts.ExpiryReleased) -> None:
    connection.execute(delete(schema.meta).where(schema.meta.c.key.in_(_PAUSE)))


CHANGES: Changes = {
    acts.CatalogueRebuilt: _rebuild,
    acts.ExpiryReleased: _release_expiry,
}
