"""A share of `./campaign disposal`: random sequences over memory stores."""

from tests.faults.disposals import Disposals, go


def test_whatever_happens_only_what_may_is_destroyed() -> None:
    go(Disposals, 6)
