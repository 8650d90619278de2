"""Health as Prometheus figures: collected when asked, from the catalogue's indexes and counters and the stores' word.

Names follow Prometheus' conventions: base units, `_bytes`, `_seconds`, `_timestamp_seconds`, `_total` of what only
grows. Every family is told each time; one without samples has nothing to say: a moment that never was, a room that
nobody knows. A zero would lie there. A store that does not answer is `strongroom_store_up 0` and has no capacity; it
never stops the others from being told. Alert rules over these names are in ops/alerts, a dashboard in ops/dashboards.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from ops.metrics.archive import archive
from ops.metrics.duties import clocks, deadlines, discs, retention
from ops.metrics.stores import copies, locks, rooms
from vault.catalogue import holdings
from vault.catalogue.arrears import arrears
from vault.catalogue.figures import figures
from vault.catalogue.locks import count_due
from vault.catalogue.waiting import waiting
from vault.store import Vault
from vault.timekeeping import hear


class VaultCollector(Collector):
    """The figures of one vault at the moment they are asked for. `every`: how often each store's copies are to be read
    again, where that is said.
    """

    def __init__(self, vault: Vault, every: Mapping[str, timedelta]) -> None:
        self._vault = vault
        self._every = every

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        vault, verdict = self._vault, hear(self._vault)
        now, zone = verdict.now, vault.profile.zone
        with vault.database.reading() as connection:
            counted = figures(connection, now.astimezone(zone).date())
            open_ = waiting(connection, now, zone)
            locks_due = count_due(connection, now)
            in_arrears = arrears(connection, now)
            rebuilt = holdings.pause(connection)
        yield from archive(vault, counted)
        yield from rooms(vault, counted)
        yield from copies(counted, vault.writable, self._every)
        yield from locks(locks_due)
        yield from clocks(verdict, rebuilt)
        yield from retention(counted, open_, zone, paused=bool(rebuilt or verdict.paused))
        yield from deadlines(in_arrears, open_)
        yield from discs(open_)


def exposition(vault: Vault, every: Mapping[str, timedelta]) -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(VaultCollector(vault, every))
    return generate_latest(registry)
