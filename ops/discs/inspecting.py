"""Which discs are to be inspected, as [inspection] in strongroom.toml wants it: media/inspection.py over the shelf."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection

from media.inspection import Schedule, Shelved, due
from vault.catalogue.inspections import OnShelf, on_shelf
from vault.profile import Profile
from vault.terms import local_day


def to_inspect(
    connection: Connection, profile: Profile, schedule: Schedule, now: datetime
) -> Iterator[tuple[OnShelf, date]]:
    """Discs on the shelf, and since when each is due."""
    today = local_day(now, profile.zone)
    for one in on_shelf(connection):
        inspected = local_day(one.inspected_at, profile.zone) if one.inspected_at else None
        shelved = Shelved(one.mark.volume_id, local_day(one.verified_at, profile.zone), inspected, one.level)
        since = due(shelved, schedule, today)
        if since is not None:
            yield one, since
