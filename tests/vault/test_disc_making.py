"""What an image is to the copies of its generation."""

import pytest

from vault.discs.making import TO_BE_BURNT, UNFINISHED, Image, of_image
from vault.discs.states import KEPT, State

CASES = {
    "planned planned": Image.WANTED,
    "imaged imaged": Image.WANTED,
    "planned replaced": Image.WANTED,
    "blank blank": Image.READY,
    "blank replaced": Image.READY,
    "blank burning": Image.SHARED,
    "blank burnt": Image.SHARED,
    "blank verified": Image.SHARED,
    "shelved blank": Image.SHARED,
    "burning burning": Image.SHARED,
    "burnt loaned": Image.SHARED,
    "blank degraded": Image.SHARED,
    "verified verified": Image.USED,
    "labelled shelved": Image.USED,
    "shelved degraded": Image.USED,
    "replaced destroyed": Image.USED,
    "replaced": Image.USED,
}


@pytest.mark.parametrize("states", CASES)
def test_what_the_image_is_to_its_copies(states: str) -> None:
    named = [State(word) for word in states.split()]
    assert of_image(named) is CASES[states]
    assert of_image(named[::-1]) is CASES[states]


def test_a_set_is_finished_when_its_discs_have_their_place() -> None:
    assert not UNFINISHED & KEPT
    assert {State.VERIFIED, State.LABELLED} == UNFINISHED - TO_BE_BURNT
