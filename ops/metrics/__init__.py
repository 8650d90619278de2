"""Health as Prometheus figures: collected when asked, from the catalogue's indexes and counters and the stores' word.

Names follow Prometheus' conventions: base units, `_bytes`, `_seconds`, `_timestamp_seconds`, `_total` of what only
grows. Every family is told each time; one without samples has nothing to say: a moment that never was, a room that
nobody knows. A zero would lie there. A store that does not answer is `strongroom_store_up 0` and has no capacity; it
never stops the others from being told. Alert rules over these names are in ops/alerts, a dashboard in ops/dashboards.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from ops.metrics.archive import archive
from ops.metrics.duties import clocks, deadlines, discs, retention
from ops.metrics.jobs import jobs
from ops.metrics.stores import copies, locks, rooms
from vault.catalogue import holdings
from vault.catalogue import jobs as catalogue_jobs
from vault.catalogue.arrears import arrears
from vault.catalogue.figures import figures
from vault.catalogue.inforce import in_force
from vault.catalogue.locks import count_due
from vault.catalogue.waiting import waiting
from vault.sighting import Sighting, sight
from vault.store import Vault
from vault.timekeeping import weigh

Look = Callable[[], Mapping[str, Sighting]]


class VaultCollector(Collector):
    """The figures of one vault at the moment they are asked for. `every`: how often each store's copies are to be read
    again, where that is said. `look`: how the stores are, from whoever looks at them anyway; else they are asked.
    """

    def __init__(self, vault: Vault, every: Mapping[str, timedelta], look: Look | None = None) -> None:
        self._vault = vault
        self._every = every
        self._look = look or (lambda: {name: sight(vault, name) for name in vault.stores})

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        vault, seen = self._vault, self._look()
        verdict = weigh(vault, [one.clock for one in seen.values() if one.clock is not None])
        now = verdict.now
        with vault.database.reading() as connection:
            profile = in_force(connection)  # who serves for months may have another now than at the start
            zone = profile.zone
            counted = figures(connection, now.astimezone(zone).date())
            open_ = waiting(connection, now, zone)
            locks_due = count_due(connection, now)
            in_arrears = arrears(connection, now)
            rebuilt = holdings.pause(connection)
            by_themselves = catalogue_jobs.rows(connection)
        yield from archive(vault, profile, counted)
        yield from rooms(counted, vault.setting.rules.configured, seen)
        yield from copies(counted, vault.writable, self._every)
        yield from locks(locks_due)
        yield from clocks(verdict, rebuilt)
        yield from retention(counted, open_, zone, paused=bool(rebuilt or verdict.paused))
        yield from deadlines(in_arrears, open_)
        yield from discs(open_)
        yield from jobs(by_themselves, now)


class _Named(Collector):
    """The figures of a vault with its id as the label `vault` on every series, as `strongroom_vault_info` has it."""

    def __init__(self, figures: Collector, vault_id: str) -> None:
        self._figures = figures
        self._vault_id = vault_id

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        for family in self._figures.collect():
            family.samples = [
                sample._replace(labels={**sample.labels, "vault": self._vault_id}) for sample in family.samples
            ]
            yield family


def exposition(vault: Vault, every: Mapping[str, timedelta], look: Look | None = None) -> bytes:
    """All figures in Prometheus' text format, for a scrape of this vault alone: the scrape's labels say which it is."""
    return _written(VaultCollector(vault, every, look))


def for_textfile(vault: Vault, every: Mapping[str, timedelta], look: Look | None = None) -> bytes:
    """The same as a file for node_exporter. It tells all files of its machine as one, and tells nothing at all where a
    series is in two of them: so each says of which vault it is."""
    return _written(_Named(VaultCollector(vault, every, look), vault.setting.vault_id))


def _written(figures: Collector) -> bytes:
    registry = CollectorRegistry()
    registry.register(figures)
    return generate_latest(registry)
