"""Who may do what when: the table of disposal's states read as data, and what a permit takes."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vault.digest import Digest
from vault.disposal.rules import TABLE, Disposal, Line, Signed, State, Step, digest_of, require
from vault.errors import Refused
from vault.permits import JUST_NOW, Warrant, permit_for_disposal
from vault.retention import Decision
from vault.retention import State as Term

NOW = datetime(2028, 3, 1, 2, tzinfo=UTC)
LINES = (Line("2026-0000002", "期满", 1, 2_000), Line("2026-0000001", "期满", 2, 3_000))
SHA256 = digest_of("D2028-0001", LINES)
LEADER, CUSTODIAN, FIRST, SECOND, OTHER = "王建军", "张建国", "陈静", "赵晓东", "李娜"


def signed(by: str, until: datetime, sha256: str = SHA256) -> Signed:
    return Signed(by, NOW - timedelta(days=8), sha256, until)


def at(state: State) -> Disposal:
    """A disposal that came to that state in good order, its grace period over."""
    agreed = state in (State.APPROVED, State.SUPERVISED, State.DESTROYING, State.CLOSED)
    supervised = agreed and state is not State.APPROVED
    return Disposal(
        number="D2028-0001",
        state=state,
        sha256=SHA256,
        appraised_by=frozenset({CUSTODIAN}),
        submitted_by="" if state is State.APPRAISING else CUSTODIAN,
        approval=signed(LEADER, NOW + timedelta(days=1)) if agreed else None,
        signatures=tuple(signed(by, NOW) for by in (FIRST, SECOND)) if supervised else (),
    )


@pytest.mark.parametrize(("state", "step"), list(itertools.product(State, Step)))
def test_the_table_says_what_may_be_done_in_which_state(state: State, step: Step) -> None:
    if (state, step) in TABLE:
        require(at(state), step, OTHER, NOW)
    else:
        with pytest.raises(Refused):
            require(at(state), step, OTHER, NOW)


def test_every_state_can_be_reached_and_two_are_the_end() -> None:
    reached = {State.APPRAISING, State.CLOSED}  # the first; and what follows once all is proven
    for _ in State:
        reached |= {to for (state, _), to in TABLE.items() if state in reached}
    assert reached == set(State)
    assert {to for (state, _), to in TABLE.items() if state in (State.CLOSED, State.STOPPED)} <= {State.CLOSED}


def test_the_digest_is_of_the_list_whatever_its_order_and_of_every_word_in_it() -> None:
    assert digest_of("D2028-0001", LINES[::-1]) == SHA256
    others = {digest_of("D2028-0002", LINES), digest_of("D2028-0001", LINES[:1])}
    for change in ({"record": "2026-0000003"}, {"why": "无价值"}, {"files": 9}, {"bytes": 9}):
        others.add(digest_of("D2028-0001", (replace(LINES[0], **change), LINES[1])))  # type: ignore[arg-type]
    assert len(others | {SHA256}) == 7


DIGEST = Digest.of(b"x")


def decision(state: Term) -> Decision:
    return Decision(state, None, None, None, None, ())


WARRANT = Warrant(at(State.DESTROYING), True, {"2026-0000001": decision(Term.DUE)}, False, NOW)
D = WARRANT.disposal
assert D.approval is not None
FLAWS = {
    "not begun": replace(WARRANT, begun=False),
    "a disposal that was not begun": replace(WARRANT, disposal=at(State.SUPERVISED)),
    "a stopped one": replace(WARRANT, disposal=replace(D, state=State.STOPPED)),
    "no approval": replace(WARRANT, disposal=replace(D, approval=None)),
    "an approval of another list": replace(WARRANT, disposal=replace(D, approval=replace(D.approval, sha256="0" * 64))),
    "a list that changed": replace(WARRANT, disposal=replace(D, sha256="0" * 64)),
    "approved by the appraiser": replace(WARRANT, disposal=replace(D, appraised_by=frozenset({LEADER}))),
    "approved by who submitted it": replace(WARRANT, disposal=replace(D, submitted_by=LEADER)),
    "one supervisor": replace(WARRANT, disposal=replace(D, signatures=D.signatures[:1])),
    "one supervisor twice": replace(WARRANT, disposal=replace(D, signatures=D.signatures[:1] * 2)),
    "a supervisor who approved": replace(
        WARRANT, disposal=replace(D, signatures=(D.signatures[0], signed(LEADER, NOW)))
    ),
    "a supervisor who appraised": replace(
        WARRANT, disposal=replace(D, signatures=(D.signatures[0], signed(CUSTODIAN, NOW)))
    ),
    "a supervisor of another list": replace(
        WARRANT, disposal=replace(D, signatures=(D.signatures[0], signed(SECOND, NOW, "0" * 64)))
    ),
    "the grace period": replace(
        WARRANT, disposal=replace(D, signatures=(D.signatures[0], signed(SECOND, NOW + timedelta(seconds=1))))
    ),
    "another record needs it": replace(WARRANT, needed=True),
    "no decision": replace(WARRANT, decisions={}),
    "a decision of yesterday": replace(WARRANT, decided_at=NOW - JUST_NOW - timedelta(seconds=1)),
    "a decision of tomorrow": replace(WARRANT, decided_at=NOW + timedelta(seconds=1)),
    **{
        f"one of its records is {state}": replace(
            WARRANT, decisions={**WARRANT.decisions, "2026-0000002": decision(state)}
        )
        for state in Term
        if state is not Term.DUE
    },
}


def test_a_permit_takes_all_of_it() -> None:
    permit_for_disposal(DIGEST, WARRANT, NOW).require(DIGEST)
    with pytest.raises(Refused):
        permit_for_disposal(DIGEST, WARRANT, NOW).require(Digest.of(b"y"))


@pytest.mark.parametrize("flaw", FLAWS)
def test_and_none_is_made_where_anything_is_missing(flaw: str) -> None:
    with pytest.raises(Refused):
        permit_for_disposal(DIGEST, FLAWS[flaw], NOW)
