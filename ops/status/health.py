"""What is known of the whole vault at one moment: figures by index, and each store's word, waited for just so long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from media.inspection import Schedule, Shelved, due
from ops.asking import Asked, ask_stores
from ops.config import Config
from vault.catalogue import holdings, inspections
from vault.catalogue.arrears import Arrears, arrears
from vault.catalogue.figures import Figures, figures
from vault.catalogue.jobs import Job, rows
from vault.catalogue.locks import count_due
from vault.catalogue.waiting import Waiting, waiting
from vault.clock import Verdict
from vault.store import Vault
from vault.terms import local_day
from vault.text import Text
from vault.timekeeping import hear


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`new`: stores that have not joined yet; `strange`: attached, but not configured. `inspections`: discs that are
    due for one, None where nobody has said how often. `jobs`: what a service does by itself, if one ever ran.
    `rebuilt`: why expiry waits since a rebuild. `every`: how often each store's copies are to be read.
    """

    office: str
    vault_id: str
    zone: ZoneInfo
    figures: Figures
    waiting: Waiting
    arrears: Arrears
    stores: tuple[Asked, ...]
    new: tuple[str, ...]
    strange: tuple[str, ...]
    locks_due: Mapping[str, int]
    inspections: int | None
    jobs: Sequence[Job]
    rebuilt: Text | None
    clock: Verdict
    every: Mapping[str, timedelta]

    @property
    def now(self) -> datetime:
        return self.clock.now


def health_of(vault: Vault, config: Config) -> Health:
    """Ask everybody. `vault` was opened without asking a store."""
    zone, configured = vault.profile.zone, [store.name for store in config.store]
    with vault.database.reading() as connection:
        counted = figures(connection, local_day(vault.setting.clock(), zone))
    known = {one.name: one for one in counted.stores}
    stores = ask_stores(vault, known)
    clock = hear(vault)  # only after those that hang were left out
    with vault.database.reading() as connection:
        return Health(
            office=vault.setting.office,
            vault_id=vault.setting.vault_id,
            zone=zone,
            figures=counted,
            waiting=waiting(connection, clock.now, zone),
            arrears=arrears(connection, clock.now),
            stores=stores,
            new=tuple(name for name in configured if name not in known),
            strange=tuple(name for name in known if name not in configured),
            locks_due=count_due(connection, clock.now),
            inspections=_inspections(connection, config.inspection.schedule, clock.now, zone),
            jobs=rows(connection),
            rebuilt=holdings.pause(connection),
            clock=clock,
            every=config.every,
        )


def _inspections(connection: Connection, schedule: Schedule | None, now: datetime, zone: ZoneInfo) -> int | None:
    if schedule is None:
        return None
    today, found = local_day(now, zone), 0
    for one in inspections.on_shelf(connection):
        inspected = local_day(one.inspected_at, zone) if one.inspected_at else None
        shelved = Shelved(one.mark.volume_id, local_day(one.verified_at, zone), inspected, one.level)
        found += due(shelved, schedule, today) is not None
    return found
