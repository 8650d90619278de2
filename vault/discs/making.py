"""What is still to be done for a set of discs, by how its copies stand."""

from vault.discs.states import State

TO_BE_BURNT = frozenset({State.PLANNED, State.IMAGED, State.BLANK, State.BURNING, State.BURNT})
UNFINISHED = TO_BE_BURNT | {State.VERIFIED, State.LABELLED}
