"""A share of `./campaign disposal`: random sequences over memory stores."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.disposals import Archive

QUICK = settings(
    max_examples=12, stateful_step_count=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def test_whatever_happens_only_what_may_is_destroyed() -> None:
    run_state_machine_as_test(Archive, settings=QUICK)
