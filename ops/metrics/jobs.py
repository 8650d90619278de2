"""The jobs that services do by themselves. The label is `name`: Prometheus keeps `job` for what it scrapes."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client.core import Metric

from ops.metrics.families import gauges, moment
from vault.catalogue.jobs import Job


def jobs(rows: Sequence[Job], now: datetime) -> Iterator[Metric]:
    """Nothing where no service was ever started."""
    due = (([one.name], moment(one.due_at)) for one in rows)
    yield gauges("job_due_timestamp_seconds", "When the job is to begin next.", ["name"], due)
    running = (([one.name], int(one.is_held(now))) for one in rows)
    yield gauges("job_running", "1 while somebody is at it.", ["name"], running)
    started = (([one.name], moment(one.started_at)) for one in rows)
    yield gauges("job_last_start_timestamp_seconds", "When it was begun last.", ["name"], started)
    succeeded = (([one.name], moment(one.succeeded_at)) for one in rows)
    yield gauges("job_last_success_timestamp_seconds", "When it last ended well.", ["name"], succeeded)
    failed = (([one.name], moment(one.failed_at)) for one in rows)
    yield gauges("job_last_failure_timestamp_seconds", "When it last failed.", ["name"], failed)
    failures = (([one.name], one.failures) for one in rows)
    yield gauges("job_failures", "How often it has failed since it last ended well.", ["name"], failures)
    took = (([one.name], one.seconds) for one in rows)
    yield gauges("job_duration_seconds", "How long its last run took.", ["name"], took)
    found = (([one.name], one.found) for one in rows)
    yield gauges("job_found", "What it last found waiting for people, of a job that looks for such.", ["name"], found)
