"""What becomes of a disc that a run left in a drive."""

import pytest

from media.drives.port import Condition
from media.leftover import TABLE, Leftover, find
from vault.discs.states import State

SAID = {
    State.BURNING: {"empty": "ask", "blank": "use", "appendable": "read", "closed": "read", "unknown": "read"},
    State.BURNT: {"empty": "ask", "blank": "write_off", "appendable": "read", "closed": "read", "unknown": "read"},
}


@pytest.mark.parametrize("state", SAID)
def test_what_lies_in_the_drive_decides(state: State) -> None:
    assert {one.value: find(state, one).name.lower() for one in Condition} == SAID[state]


def test_a_blank_is_only_written_off_where_a_burnt_disc_is_missed() -> None:
    assert [place for place, leftover in TABLE.items() if leftover is Leftover.WRITE_OFF] == [
        (State.BURNT, Condition.BLANK)
    ]
