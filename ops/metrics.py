"""Health as Prometheus figures: collected when asked, from the catalogue's indexes and the stores' own word.

Names follow Prometheus' conventions: base units, `_bytes`, `_timestamp_seconds`. A store that does not answer is
`strongroom_store_up 0` and has no capacity; it never stops the others from being told.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from vault.catalogue import holdings
from vault.catalogue.arrears import Arrears, arrears
from vault.catalogue.figures import Figures, figures
from vault.catalogue.locks import count_due
from vault.clock import Verdict
from vault.rooms import look_into
from vault.store import Vault
from vault.text import Text
from vault.timekeeping import hear


class VaultCollector(Collector):
    """The figures of one vault at the moment they are asked for."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        verdict = hear(self._vault)
        now = verdict.now
        with self._vault.database.reading() as connection:
            counted = figures(connection, now.astimezone(self._vault.profile.zone).date())
            locks_due = count_due(connection, now)
            in_arrears = arrears(connection, now)
            paused = {"rebuild": holdings.pause(connection), "clock": verdict.paused}
        yield from _archive(counted)
        yield from _recordings(in_arrears)
        yield from _stores(counted, self._vault.writable)
        yield from _expiry(counted, paused, verdict)
        yield from _locks(locks_due)
        yield from self._capacities(counted)

    def _capacities(self, counted: Figures) -> Iterator[Metric]:
        up = GaugeMetricFamily("strongroom_store_up", "1 if the store answers.", labels=["store"])
        info = GaugeMetricFamily(
            "strongroom_store_info", "1; where the store stands.", labels=["store", "tier", "domain", "standing"]
        )
        total = GaugeMetricFamily("strongroom_store_capacity_bytes", "Size of the store.", labels=["store"])
        free = GaugeMetricFamily(
            "strongroom_store_free_bytes", "Room left, by the store and its limit.", labels=["store"]
        )
        reserved = GaugeMetricFamily("strongroom_store_reserved_bytes", "Bytes owed to the store.", labels=["store"])
        growth = GaugeMetricFamily(
            "strongroom_store_growth_bytes_per_day", "Over the last thirty days.", labels=["store"]
        )
        known = {one.name: one for one in counted.stores}
        for site in self._vault.setting.rules.configured:
            if (figures_ := known.get(site.name)) is None:
                continue
            room = look_into(self._vault.stores[site.name], site, figures_)
            up.add_metric([site.name], int(room.trouble is None))
            info.add_metric([site.name, site.tier.value, site.fails_with, figures_.standing], 1)
            reserved.add_metric([site.name], figures_.reserved)
            growth.add_metric([site.name], figures_.growth)
            if room.total is not None:
                total.add_metric([site.name], room.total)
            if room.free is not None:
                free.add_metric([site.name], room.free)
        yield from (up, info, total, free, reserved, growth)


def _archive(counted: Figures) -> Iterator[Metric]:
    records = GaugeMetricFamily("strongroom_records", "Records kept.", labels=["retention_class", "standing"])
    for (retention_class, standing), count in sorted(counted.records.items()):
        records.add_metric([retention_class or "unset", standing], count)
    yield records
    yield GaugeMetricFamily("strongroom_objects", "Objects named by records.", value=counted.objects)
    yield GaugeMetricFamily("strongroom_object_bytes", "Bytes of those objects, once.", value=counted.bytes)
    yield GaugeMetricFamily("strongroom_journal_entries", "Entries of the journal.", value=counted.entries)
    yield GaugeMetricFamily("strongroom_holds", "Holds in force.", value=counted.holds)
    yield from _moment("strongroom_journal_last_entry_timestamp_seconds", "When the last act was.", counted.last_act)
    yield from _moment("strongroom_scrub_last_done_timestamp_seconds", "When a scrub last ended.", counted.last_scrub)


def _recordings(open_: Arrears) -> Iterator[Metric]:
    late = GaugeMetricFamily(
        "strongroom_records_late",
        "Records stored after their deadline, explained or not; unclear: facts are missing to tell.",
        labels=["state"],
    )
    for state, count in open_.lateness.items():
        late.add_metric([state], count)
    yield late
    yield GaugeMetricFamily("strongroom_activities_announced", "Activities still to be stored.", value=open_.announced)
    yield GaugeMetricFamily("strongroom_activities_missed", "Of these, the deadline is over.", value=open_.missed)
    yield GaugeMetricFamily(
        "strongroom_interruptions_unexplained", "Interruptions that nobody explained.", value=open_.interruptions
    )
    yield GaugeMetricFamily(
        "strongroom_explanations_to_review", "Explanations that wait for their review.", value=open_.reviews
    )


def _expiry(counted: Figures, paused: Mapping[str, Text | None], verdict: Verdict) -> Iterator[Metric]:
    """What is due is not said while it is paused: a zero would lie, and so would a number."""
    gauge = GaugeMetricFamily(
        "strongroom_expiry_paused", "1 while expiry waits: for a manager, for the clocks to agree.", labels=["reason"]
    )
    for reason, why in paused.items():
        gauge.add_metric([reason], int(why is not None))
    yield gauge
    if not any(paused.values()):
        yield GaugeMetricFamily("strongroom_retention_due_records", "Records up for review today.", value=counted.due)
    off = GaugeMetricFamily(
        "strongroom_clock_ahead_seconds", "Of this machine's clock, against those that can tell.", labels=["clock"]
    )
    for one in verdict.witnesses:
        if one.confirms and one.off is not None:
            off.add_metric([one.name.en], one.off.total_seconds())
    yield off


def _stores(counted: Figures, writable: Container[str]) -> Iterator[Metric]:
    """A store that is only read lacks what came since, for ever: that is no lag."""
    copies = GaugeMetricFamily("strongroom_copies", "Copies on a store by state.", labels=["store", "state"])
    held = GaugeMetricFamily("strongroom_copy_bytes", "Bytes of good copies on a store.", labels=["store"])
    oldest = GaugeMetricFamily(
        "strongroom_copy_oldest_verified_timestamp_seconds",
        "When the copy verified longest ago was; 0 if one never was.",
        labels=["store"],
    )
    lag = GaugeMetricFamily("strongroom_journal_lag_entries", "Entries a store lacks.", labels=["store"])
    for store in counted.stores:
        for state in ("good", "owed", "damaged", "leaving", "removing"):
            copies.add_metric([store.name, state], store.copies.get(state, 0))
        held.add_metric([store.name], store.bytes)
        if store.copies:
            oldest.add_metric([store.name], store.oldest_verified.timestamp() if store.oldest_verified else 0)
        if store.name in writable:
            lag.add_metric([store.name], counted.entries - store.journal_size)
    yield from (copies, held, oldest, lag)


def _locks(due: Mapping[str, int]) -> Iterator[Metric]:
    """Of the stores that lock."""
    locks = GaugeMetricFamily("strongroom_locks_due", "Copies whose lock is to be set or renewed.", labels=["store"])
    for name, count in due.items():
        locks.add_metric([name], count)
    yield locks


def _moment(name: str, help_text: str, moment: datetime | None) -> Iterator[Metric]:
    """Nothing at all where it never happened: an alert on absence tells, a zero would lie."""
    if moment is not None:
        yield GaugeMetricFamily(name, help_text, value=moment.timestamp())


def exposition(vault: Vault) -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(VaultCollector(vault))
    return generate_latest(registry)
