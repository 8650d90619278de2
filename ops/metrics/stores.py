"""Stores: whether they answer, what room they have and for how long, and in what state the copies on them are."""

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import timedelta

from prometheus_client.core import CounterMetricFamily, Metric

from ops.metrics.families import by, gauges, moment
from vault.catalogue.figures import Figures
from vault.placement import Site
from vault.rooms import room_of
from vault.sighting import Sighting

_DAY = timedelta(days=1).total_seconds()


def rooms(counted: Figures, configured: Sequence[Site], seen: Mapping[str, Sighting]) -> Iterator[Metric]:
    """Of a store that was not looked at yet, only what the catalogue knows."""
    known = {one.name: one for one in counted.stores if one.name in seen}
    found = [room_of(site, known[site.name], seen[site.name]) for site in configured if site.name in known]
    asked = (([name], moment(seen[name].at)) for name in known)
    yield gauges("store_seen_timestamp_seconds", "When it answered, or was given up, last.", ["store"], asked)
    up = [([one.site.name], int(one.trouble is None)) for one in found]
    yield gauges("store_up", "1 if the store answers.", ["store"], up)
    whole = [([one.site.name], None if one.whole is None else int(one.whole)) for one in found]
    yield gauges("store_whole", "1 if its journal and a few copies are where they belong.", ["store"], whole)
    writable = [([one.site.name], None if one.writable is None else int(one.writable)) for one in found]
    yield gauges("store_writable", "1 if the store takes writes; of one that is to.", ["store"], writable)
    info = [([one.site.name, one.site.tier.value, one.site.fails_with, one.figures.standing], 1) for one in found]
    yield gauges("store_info", "1; where the store stands.", ["store", "tier", "domain", "standing"], info)
    total = [([one.site.name], one.total) for one in found]
    yield gauges("store_capacity_bytes", "Size of the store, by itself and its limit.", ["store"], total)
    free = [([one.site.name], one.free) for one in found]
    yield gauges("store_free_bytes", "Room left, by the store and its limit.", ["store"], free)
    reserved = [([one.site.name], one.figures.reserved) for one in found]
    yield gauges("store_reserved_bytes", "Bytes owed to the store.", ["store"], reserved)
    growth = [([one.site.name], one.figures.growth / _DAY) for one in found]
    yield gauges("store_growth_bytes_per_second", "Over the last thirty days.", ["store"], growth)
    lasts = [([one.site.name], one.days_left * _DAY if one.days_left is not None else None) for one in found]
    yield gauges("store_room_lasts_seconds", "How long the room lasts if it goes on like that.", ["store"], lasts)


def copies(counted: Figures, writable: Container[str], every: Mapping[str, timedelta]) -> Iterator[Metric]:
    """A store that is only read lacks what came since, for ever: that is no lag."""
    stores = counted.stores
    states = ("good", "owed", "damaged", "leaving", "removing")
    held = (([one.name, state], one.copies.get(state, 0)) for one in stores for state in states)
    yield gauges("copies", "Copies on a store by state.", ["store", "state"], held)
    sizes = {one.name: float(one.bytes) for one in stores}
    yield gauges("copy_bytes", "Bytes of the copies on a store, damaged ones too.", ["store"], by(sizes))
    oldest = {one.name: moment(one.oldest_verified) or 0 for one in stores if one.copies}
    when = "When the copy verified longest ago was; 0 if one never was."
    yield gauges("copy_oldest_verified_timestamp_seconds", when, ["store"], by(oldest))
    faults = CounterMetricFamily(
        "strongroom_integrity_errors",
        "Copies that checks found absent or corrupt, and files of the journal that had to be mended, since the store is"
        " attached.",
        labels=["store", "kind"],
    )
    for one in stores:
        for kind, count in one.faults.items():
            faults.add_metric([one.name, kind], count)
    yield faults
    ended = (([one.name], moment(one.scrubbed_at)) for one in stores)
    yield gauges("scrub_last_done_timestamp_seconds", "When a scrub last ended.", ["store"], ended)
    passed = (([one.name], moment(one.passed_at)) for one in stores)
    good = "When a scrub last ended that left nothing damaged or untold."
    yield gauges("scrub_last_success_timestamp_seconds", good, ["store"], passed)
    drilled = (([one.name], moment(one.drilled_at)) for one in stores)
    yield gauges("drill_last_done_timestamp_seconds", "When a rebuild was last rehearsed.", ["store"], drilled)
    suffices = (([one.name], moment(one.drill_passed_at)) for one in stores)
    shown = "When a rehearsed rebuild last showed that the store suffices."
    yield gauges("drill_last_success_timestamp_seconds", shown, ["store"], suffices)
    wanted = {name: one.total_seconds() for name, one in every.items()}
    yield gauges("scrub_interval_seconds", "How often each copy is to be read, as configured.", ["store"], by(wanted))
    lag = {one.name: counted.entries - one.journal_size for one in stores if one.name in writable}
    yield gauges("journal_lag_entries", "Entries of the journal that a store lacks.", ["store"], by(lag))


def locks(due: Mapping[str, int]) -> Iterator[Metric]:
    """Of the stores that lock."""
    yield gauges("locks_due", "Copies whose lock is to be set or renewed.", ["store"], by(due))
