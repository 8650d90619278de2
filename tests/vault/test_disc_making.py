"""When a set of discs is finished."""

from vault.discs.making import TO_BE_BURNT, UNFINISHED
from vault.discs.states import KEPT, State


def test_a_set_is_finished_when_its_discs_have_their_place() -> None:
    assert not UNFINISHED & KEPT
    assert {State.VERIFIED, State.LABELLED} == UNFINISHED - TO_BE_BURNT
