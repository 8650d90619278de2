"""What is still to be done for a set of discs, by how its copies stand: pure.

    of_image(states)   whether the image that these copies carry is to be made, is to be there, or is of no more use

The image is made anew from the vault as often as that is needed, but never the same way twice: the proofs that it
carries are those of the journal as it is then. So where one of two copies is burnt and the image is gone, the other is
replaced by a copy of the next generation.
"""

from collections.abc import Collection
from enum import Enum, auto

from vault.discs.states import SUCCEEDED, State

TO_BE_BURNT = frozenset({State.PLANNED, State.IMAGED, State.BLANK, State.BURNING, State.BURNT})
UNFINISHED = TO_BE_BURNT | {State.VERIFIED, State.LABELLED}


class Image(Enum):
    """What a generation's image is to its copies."""

    WANTED = auto()  # it was not made, or nobody has checked it
    READY = auto()  # both copies are to carry it, and none does
    SHARED = auto()  # one carries it, or may carry it, the other is still to be burnt
    USED = auto()  # no copy is to be burnt any more


def of_image(states: Collection[State]) -> Image:
    """`states`: of all copies of one generation of a disc."""
    if not TO_BE_BURNT.intersection(states):
        return Image.USED
    if State.PLANNED in states or State.IMAGED in states:
        return Image.WANTED
    going = set(states) - SUCCEEDED
    return Image.READY if going == {State.BLANK} else Image.SHARED
