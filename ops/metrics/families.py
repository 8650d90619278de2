"""Families of samples, as Prometheus calls a name with its help and its values by label."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

Samples = Iterable[tuple[Sequence[str], float | None]]


def gauge(name: str, help_text: str, value: float | None) -> GaugeMetricFamily:
    """One value without labels. None: nothing can be said."""
    family = GaugeMetricFamily(f"strongroom_{name}", help_text)
    if value is not None:
        family.add_metric([], value)
    return family


def gauges(name: str, help_text: str, labels: Sequence[str], samples: Samples) -> GaugeMetricFamily:
    """Values by labels, in the labels' order. None: of this one nothing can be said."""
    family = GaugeMetricFamily(f"strongroom_{name}", help_text, labels=labels)
    for values, number in samples:
        if number is not None:
            family.add_metric(values, number)
    return family


def by(counts: Mapping[str, float]) -> Samples:
    """What is counted by one label."""
    return (([value], number) for value, number in counts.items())


def moment(at: datetime | None) -> float | None:
    """Seconds since 1970. Nothing at all where it never was: an alert on absence tells, a zero would lie."""
    return at.timestamp() if at is not None else None
