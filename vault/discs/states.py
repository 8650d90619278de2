"""What may happen to one physical disc, from the blank to the shredder: a table, and nothing else decides.

    planned -> imaged -> blank -> burning -> burnt -> verified -> labelled -> shelved <-> loaned
                                   |          |          any of these -> degraded -> replaced -> destroyed
                                   +----------+-> blank  (that blank is written off; only this copy is burnt again)

The first two steps are done with the image, and so with all copies that are to carry it; the others with one disc. A
copy of which there is no disc yet is given up where another takes its place, or its set is cancelled.

Who has a disc is told apart from its state: one that is lent stays lent until it is brought back, whatever is said of
its condition meanwhile. One that is destroyed can still have a copy take its place.

A disc set's demand is met, and its copies count as copies of their objects, while both copies of every disc of it are
`KEPT`: verified by a full read-back compare, labelled, and with a place on the shelf.
"""

from collections.abc import Mapping
from enum import StrEnum

from vault.errors import Refused
from vault.text import Text


class State(StrEnum):
    """Where one physical disc stands."""

    PLANNED = "planned"  # it has no image yet
    IMAGED = "imaged"  # its image is made, and nobody else has read it yet
    BLANK = "blank"  # its image is made and checked, nothing is burnt
    BURNING = "burning"
    BURNT = "burnt"
    VERIFIED = "verified"
    LABELLED = "labelled"
    SHELVED = "shelved"
    LOANED = "loaned"
    DEGRADED = "degraded"  # an inspection, a stocktake or a person said so
    REPLACED = "replaced"  # the next generation, or another set, took its place
    GIVEN_UP = "given-up"  # the same, before it was burnt; or its set was cancelled
    DESTROYED = "destroyed"

    @property
    def label(self) -> Text:
        return _STATES[self]


class Step(StrEnum):
    """What is done with a disc."""

    IMAGE = "image"
    CHECK = "check"
    BEGIN = "begin"
    FAIL = "fail"
    FINISH = "finish"
    VERIFY = "verify"
    ENTER = "enter"  # it was burnt elsewhere
    LABEL = "label"
    SHELVE = "shelve"
    LOAN = "loan"
    RETURN = "return"
    INSPECT = "inspect"
    DEGRADE = "degrade"
    REPLACE = "replace"
    SUPERSEDE = "supersede"  # by another set, mostly on another kind of medium
    CANCEL = "cancel"  # with its set, which has no finished copy
    SHRED = "shred"  # what is of no use any more
    DESTROY = "destroy"  # under a disposal, two people seeing it

    @property
    def label(self) -> Text:
        return _STEPS[self]


TABLE: Mapping[tuple[State, Step], State] = {
    (State.PLANNED, Step.IMAGE): State.IMAGED,
    (State.IMAGED, Step.IMAGE): State.IMAGED,  # made again
    (State.BLANK, Step.IMAGE): State.IMAGED,
    (State.IMAGED, Step.CHECK): State.BLANK,
    (State.BLANK, Step.BEGIN): State.BURNING,
    (State.BLANK, Step.ENTER): State.LABELLED,  # by the label that came with its image
    (State.BURNING, Step.BEGIN): State.BURNING,  # it was broken off before the blank was touched
    (State.BURNING, Step.FAIL): State.BLANK,
    (State.BURNING, Step.FINISH): State.BURNT,
    (State.BURNT, Step.FAIL): State.BLANK,  # it was read back, and is not what was burnt
    (State.BURNT, Step.VERIFY): State.VERIFIED,
    (State.VERIFIED, Step.LABEL): State.LABELLED,
    (State.LABELLED, Step.LABEL): State.LABELLED,  # printed again
    (State.LABELLED, Step.SHELVE): State.SHELVED,
    (State.SHELVED, Step.LABEL): State.SHELVED,
    (State.SHELVED, Step.SHELVE): State.SHELVED,  # moved
    (State.SHELVED, Step.INSPECT): State.SHELVED,
    (State.SHELVED, Step.LOAN): State.LOANED,
    (State.LOANED, Step.RETURN): State.SHELVED,
    (State.DEGRADED, Step.RETURN): State.DEGRADED,  # it was called so while it was lent
    (State.REPLACED, Step.RETURN): State.REPLACED,
    (State.VERIFIED, Step.DEGRADE): State.DEGRADED,
    (State.LABELLED, Step.DEGRADE): State.DEGRADED,
    (State.SHELVED, Step.DEGRADE): State.DEGRADED,
    (State.LOANED, Step.DEGRADE): State.DEGRADED,
    (State.BLANK, Step.REPLACE): State.GIVEN_UP,  # its image is gone, and made today it would be another
    (State.SHELVED, Step.REPLACE): State.REPLACED,
    (State.DEGRADED, Step.REPLACE): State.REPLACED,
    (State.DESTROYED, Step.REPLACE): State.DESTROYED,
    (State.PLANNED, Step.SUPERSEDE): State.GIVEN_UP,
    (State.IMAGED, Step.SUPERSEDE): State.GIVEN_UP,
    (State.BLANK, Step.SUPERSEDE): State.GIVEN_UP,
    (State.SHELVED, Step.SUPERSEDE): State.REPLACED,
    (State.DEGRADED, Step.SUPERSEDE): State.REPLACED,
    (State.PLANNED, Step.CANCEL): State.GIVEN_UP,
    (State.IMAGED, Step.CANCEL): State.GIVEN_UP,
    (State.BLANK, Step.CANCEL): State.GIVEN_UP,
    (State.DEGRADED, Step.SHRED): State.DESTROYED,
    (State.REPLACED, Step.SHRED): State.DESTROYED,
    **{(state, Step.DESTROY): State.DESTROYED for state in State},  # whatever became of it since the disposal began
}

KEPT = frozenset({State.SHELVED, State.LOANED})
NOT_BURNT = frozenset({State.PLANNED, State.IMAGED, State.BLANK, State.GIVEN_UP})
SUCCEEDED = frozenset({State.REPLACED, State.GIVEN_UP})  # another copy takes its place
THERE = frozenset(State) - NOT_BURNT - {State.DESTROYED}  # something carries content and can be taken in hand


def after(mark: str, state: State, step: Step) -> State:
    """Where the disc stands then. Refused where the table has no such step."""
    try:
        return TABLE[state, step]
    except KeyError:
        raise Refused(
            Text(
                en=f"Disc {mark} is {state.label.en}: it cannot be {step.label.en}.",
                zh=f"光盘 {mark} {state.label.zh}，不能{step.label.zh}。",
            ),
            Text(en=f"strongroom disc show {mark}", zh=f"strongroom disc show {mark}"),
        ) from None


_STATES = {
    State.PLANNED: Text(en="planned", zh="已规划"),
    State.IMAGED: Text(en="imaged, not checked", zh="映像已生成、未检查"),
    State.BLANK: Text(en="not burnt yet", zh="尚未刻录"),
    State.BURNING: Text(en="being burnt", zh="正在刻录"),
    State.BURNT: Text(en="burnt, not verified", zh="已刻录、未核验"),
    State.VERIFIED: Text(en="verified, not labelled", zh="已核验、未贴标签"),
    State.LABELLED: Text(en="labelled, not shelved", zh="已贴标签、未上架"),
    State.SHELVED: Text(en="on the shelf", zh="已上架"),
    State.LOANED: Text(en="on loan", zh="已借出"),
    State.DEGRADED: Text(en="degraded", zh="已劣化"),
    State.REPLACED: Text(en="replaced", zh="已替换"),
    State.GIVEN_UP: Text(en="given up", zh="不再制作"),
    State.DESTROYED: Text(en="destroyed", zh="已销毁"),
}

_STEPS = {
    Step.IMAGE: Text(en="imaged", zh="生成映像"),
    Step.CHECK: Text(en="checked", zh="检查映像"),
    Step.BEGIN: Text(en="burnt", zh="刻录"),
    Step.FAIL: Text(en="written off", zh="作废"),
    Step.FINISH: Text(en="closed", zh="结束刻录"),
    Step.VERIFY: Text(en="verified", zh="核验"),
    Step.ENTER: Text(en="entered as burnt elsewhere", zh="登记为外部刻录"),
    Step.LABEL: Text(en="labelled", zh="贴标签"),
    Step.SHELVE: Text(en="put on a shelf", zh="上架"),
    Step.LOAN: Text(en="lent", zh="借出"),
    Step.RETURN: Text(en="brought back", zh="归还"),
    Step.INSPECT: Text(en="inspected", zh="检查"),
    Step.DEGRADE: Text(en="called degraded", zh="登记为劣化"),
    Step.REPLACE: Text(en="replaced", zh="替换"),
    Step.SUPERSEDE: Text(en="superseded", zh="由新组取代"),
    Step.CANCEL: Text(en="cancelled", zh="取消"),
    Step.SHRED: Text(en="shredded", zh="粉碎"),
    Step.DESTROY: Text(en="destroyed", zh="销毁"),
}
