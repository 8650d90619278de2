"""What people have to see to: clocks that disagree, records that are due, deadlines, discs."""

from collections.abc import Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo

from prometheus_client.core import Metric

from ops.metrics.families import by, gauge, gauges, moment
from vault.catalogue.arrears import Arrears
from vault.catalogue.figures import Figures
from vault.catalogue.waiting import Waiting
from vault.clock import Verdict
from vault.discs import states
from vault.disposal import rules
from vault.text import Text


def clocks(verdict: Verdict, rebuilt: Text | None) -> Iterator[Metric]:
    """By whom the clock is contradicted, and whether anything expires."""
    paused = {"rebuild": int(rebuilt is not None), "clock": int(verdict.paused is not None)}
    why = "1 while expiry waits: for a manager, for the clocks to agree."
    yield gauges("expiry_paused", why, ["reason"], by(paused))
    off = (
        ([one.name.en], one.off.total_seconds()) for one in verdict.witnesses if one.confirms and one.off is not None
    )
    yield gauges("clock_ahead_seconds", "Of this machine's clock, against those that can tell.", ["clock"], off)


def retention(counted: Figures, open_: Waiting, zone: ZoneInfo, *, paused: bool) -> Iterator[Metric]:
    """What is due is not said while it is paused: a zero would lie, and so would a number."""
    day = open_.oldest_due
    since = datetime.combine(day, time(), zone) if day is not None and not paused else None
    yield gauge("retention_due_records", "Records up for review today.", None if paused else counted.due)
    yield gauge("retention_oldest_due_timestamp_seconds", "Since when the longest of them is.", moment(since))
    lists = {state.value: open_.disposals.get(state.value, 0) for state in rules.State if state in rules.OPEN}
    yield gauges("disposals", "Lists of disposal that are not closed, by where they stand.", ["state"], by(lists))
    yield gauge("holds", "Holds in force.", counted.holds)


def deadlines(late: Arrears, open_: Waiting) -> Iterator[Metric]:
    """Of recordings that came late, were interrupted, or are still to come."""
    told = "Records stored after their deadline, explained or not; unclear: facts are missing to tell."
    yield gauges("records_late", told, ["state"], (([state], count) for state, count in late.lateness.items()))
    yield gauge("activities_announced", "Activities still to be stored.", late.announced)
    yield gauge("activities_missed", "Of these, the deadline is over.", late.missed)
    yield gauge("activities_near", "Of these, the deadline ends within a day.", open_.ending)
    yield gauge("interruptions_unexplained", "Interruptions that nobody explained.", late.interruptions)
    yield gauge("explanations_to_review", "Explanations that wait for their review.", late.reviews)


def discs(open_: Waiting) -> Iterator[Metric]:
    """By where they stand; what records demand of them and have not."""
    there = {state.value: open_.discs.get(state.value, 0) for state in states.State}
    yield gauges("discs", "Physical discs by state.", ["state"], by(there))
    told = "Copies that disc sets owe: degraded or destroyed, and nothing begun in their place."
    yield gauge("disc_copies_lacking", told, open_.lacking)
    yield gauge("disc_loans", "Discs on loan, whatever their condition.", open_.out)
    yield gauge("disc_loans_overdue", "Discs on loan that should be back.", open_.lent)
    yield gauge("disc_demands_unmet", "What has to be on disc and is not, by record and circumstance.", open_.demands)
    since = moment(open_.oldest_demand)
    yield gauge("disc_demand_oldest_timestamp_seconds", "Since when the oldest of these is known.", since)
