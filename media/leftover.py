"""What becomes of a disc that was being burnt, or was burnt, when the program ended: pure, by what lies in its drive.

    find(state, condition, is_it) -> Leftover

The journal says that a burn was about to begin; how far it came only the disc can tell, and only where that which lies
in the drive is known to be it (media/drives/loading.py; else by what it says of itself). A blank that it is was not
touched, and is used: any other blank says nothing of the disc that was begun, which may carry the whole image. What has
anything on it is read back like any other disc: it may be whole. Where nothing is known a person is asked.
"""

from collections.abc import Mapping
from enum import Enum, auto

from media.drives.port import Condition
from vault.discs.states import State


class Leftover(Enum):
    """What to do with it."""

    USE = auto()  # nothing was written
    READ = auto()
    ASK = auto()


TABLE: Mapping[tuple[State, Condition], Leftover] = {
    (State.BURNING, Condition.EMPTY): Leftover.ASK,
    (State.BURNING, Condition.BLANK): Leftover.USE,
    (State.BURNING, Condition.APPENDABLE): Leftover.READ,  # xorriso says it of a pseudo-drive's whole image, too
    (State.BURNING, Condition.CLOSED): Leftover.READ,
    (State.BURNING, Condition.UNKNOWN): Leftover.READ,
    (State.BURNT, Condition.EMPTY): Leftover.ASK,
    (State.BURNT, Condition.BLANK): Leftover.ASK,  # somebody took the burnt one out
    (State.BURNT, Condition.APPENDABLE): Leftover.READ,
    (State.BURNT, Condition.CLOSED): Leftover.READ,
    (State.BURNT, Condition.UNKNOWN): Leftover.READ,
}


def find(state: State, condition: Condition, is_it: bool) -> Leftover:
    """`state`: BURNING or BURNT, of a disc that nobody is burning now; `is_it`: that one is what lies there."""
    return TABLE[state, condition] if is_it else Leftover.ASK
