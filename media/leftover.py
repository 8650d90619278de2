"""What becomes of a disc that was being burnt, or was burnt, when the program ended: pure, by what lies in its drive.

    find(state, condition) -> Leftover

The journal says that a burn was about to begin; how far it came only the drive can tell. A blank that still is one was
not touched, and is used. What has anything on it is read back like any other disc: it may be whole. Where there is
nothing to look at nothing is known, and a person is asked; a blank in the place of a disc that was burnt is an answer.
"""

from collections.abc import Mapping
from enum import Enum, auto

from media.drives.port import Condition
from vault.discs.states import State


class Leftover(Enum):
    """What to do with it."""

    USE = auto()  # nothing was written
    READ = auto()
    WRITE_OFF = auto()
    ASK = auto()


TABLE: Mapping[tuple[State, Condition], Leftover] = {
    (State.BURNING, Condition.EMPTY): Leftover.ASK,
    (State.BURNING, Condition.BLANK): Leftover.USE,
    (State.BURNING, Condition.APPENDABLE): Leftover.READ,  # xorriso says it of a pseudo-drive's whole image, too
    (State.BURNING, Condition.CLOSED): Leftover.READ,
    (State.BURNING, Condition.UNKNOWN): Leftover.READ,
    (State.BURNT, Condition.EMPTY): Leftover.ASK,
    (State.BURNT, Condition.BLANK): Leftover.WRITE_OFF,  # somebody took the burnt one out
    (State.BURNT, Condition.APPENDABLE): Leftover.READ,
    (State.BURNT, Condition.CLOSED): Leftover.READ,
    (State.BURNT, Condition.UNKNOWN): Leftover.READ,
}


def find(state: State, condition: Condition) -> Leftover:
    """`state`: BURNING or BURNT, of a disc that nobody is burning now."""
    return TABLE[state, condition]
