"""What becomes of a disc that a run left in a drive."""

import pytest

from media.drives.port import Condition
from media.leftover import find
from vault.discs.states import State

SAID = {
    State.BURNING: {"empty": "ask", "blank": "use", "appendable": "read", "closed": "read", "unknown": "read"},
    State.BURNT: {"empty": "ask", "blank": "ask", "appendable": "read", "closed": "read", "unknown": "read"},
}


@pytest.mark.parametrize("state", SAID)
def test_what_lies_in_the_drive_decides(state: State) -> None:
    assert {one.value: find(state, one, True).name.lower() for one in Condition} == SAID[state]


@pytest.mark.parametrize("state", SAID)
def test_another_disc_says_nothing_of_the_one_that_was_begun(state: State) -> None:
    assert {find(state, one, False).name for one in Condition} == {"ASK"}
