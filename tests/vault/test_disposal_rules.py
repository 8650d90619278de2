"""Who may do what when: the table of disposal's states read as data, and what a permit takes."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ops.samples import BEIJING
from vault.actions import Action
from vault.approvals import Approval, Consent, digest_of
from vault.digest import Digest
from vault.disposal.rules import TABLE, Disposal, Line, Signed, State, Step, reached, ruling, thing_of
from vault.errors import Refused
from vault.people import Role
from vault.permits import JUST_NOW, Warrant, permit_for_disposal
from vault.profile import load_profile
from vault.profile.edition import Adoption, edition_of
from vault.retention import Decision
from vault.retention import State as Term
from vault.rights import Bar

NOW = datetime(2028, 3, 1, 2, tzinfo=UTC)
LINES = (Line("2026-0000002", "期满", 1, 2_000, "a" * 64), Line("2026-0000001", "期满", 2, 3_000, "b" * 64))
SHA256 = digest_of(thing_of("D2028-0001", LINES))
LEADER, CUSTODIAN, FIRST, SECOND, OTHER = "王建军", "张建国", "陈静", "赵晓东", "李娜"


def signed(by: str, runs_from: datetime, sha256: str = SHA256) -> Signed:
    return Signed(by, NOW - timedelta(days=8), sha256, runs_from)


ASKED = Approval(
    number="A00001",
    action=Action.DISPOSAL_APPROVE,
    sha256=SHA256,
    asked_by=CUSTODIAN,
    asked_at=NOW - timedelta(days=9),
    until=NOW + timedelta(days=1),
    needs=(Role.SUPERVISING_LEADER,),
    why="",
    about=("D2028-0001",),
)
UNDER, OTHER_PROFILE, BACK = (
    Adoption(number, edition_of(load_profile(name)))
    for number, name in enumerate(("dengzhou", "wugang", "dengzhou"), start=1)
)
CONSENT = Consent(LEADER, Role.SUPERVISING_LEADER, NOW - timedelta(days=8))


def at(state: State) -> Disposal:
    """A disposal that came to that state in good order, its grace period over."""
    agreed = state in (State.APPROVED, State.SUPERVISED, State.DESTROYING, State.CLOSED)
    supervised = agreed and state is not State.APPROVED
    begun = state in (State.DESTROYING, State.CLOSED)
    asked = replace(ASKED, consents=(CONSENT,) if agreed else (), used_at=NOW if begun else None)
    return Disposal(
        number="D2028-0001",
        state=state,
        sha256=SHA256,
        appraised_by=frozenset({CUSTODIAN}),
        approval=None if state is State.APPRAISING else asked,
        signatures=tuple(signed(by, NOW) for by in (FIRST, SECOND)) if supervised else (),
        under=None if state is State.APPRAISING else UNDER,
        in_force=UNDER,
    )


@pytest.mark.parametrize(("state", "step"), list(itertools.product(State, Step)))
def test_the_table_says_what_may_be_done_in_which_state(state: State, step: Step) -> None:
    bars = [reason.bar for reason in ruling(at(state), step, OTHER, NOW, BEIJING).reasons]
    full = (state, step) == (State.DESTROYING, Step.SUPERVISE)  # nobody has left
    assert bars == ([] if (state, step) in TABLE and not full else [Bar.ORDER])


PARTS = [
    (State.SUBMITTED, Step.APPROVE, CUSTODIAN, Bar.OWN),
    (State.APPROVED, Step.SUPERVISE, CUSTODIAN, Bar.CONCERNED),
    (State.APPROVED, Step.SUPERVISE, LEADER, Bar.CONCERNED),
    (State.SUPERVISED, Step.RUN, FIRST, Bar.CONCERNED),
    (State.DESTROYING, Step.RUN, SECOND, Bar.CONCERNED),
    (State.DESTROYING, Step.CONFIRM_DISC, CUSTODIAN, Bar.CONCERNED),
    (State.DESTROYING, Step.CONFIRM_DISC, LEADER, Bar.CONCERNED),
]


@pytest.mark.parametrize(("state", "step", "who", "bar"), PARTS)
def test_nobody_has_two_parts(state: State, step: Step, who: str, bar: Bar) -> None:
    assert [reason.bar for reason in ruling(at(state), step, who, NOW, BEIJING).reasons] == [bar]


@pytest.mark.parametrize(("state", "step", "who"), [part[:3] for part in PARTS])
def test_nor_does_who_goes_by_the_name_of_one_who_had_the_other(state: State, step: Step, who: str) -> None:
    (reason,) = ruling(at(state), step, "anew", NOW, BEIJING, namesakes={who, "nobody"}).reasons
    assert reason.bar is Bar.NAMESAKE
    assert f"anew and {who} go by the same name: {who} " in reason.text.en
    assert f"anew 与 {who} 同名：{who} " in reason.text.zh
    assert reason.hint is not None
    assert "Where they are two people, another one does it" in reason.hint.en
    assert "即使确为两人，也请由其他人员办理" in reason.hint.zh
    assert ruling(at(state), step, "anew", NOW, BEIJING, namesakes={"nobody"}).allowed


def test_one_person_is_one_signature_under_whatever_login() -> None:
    half = replace(at(State.APPROVED), signatures=(signed(FIRST, NOW),))
    (reason,) = ruling(half, Step.SUPERVISE, "anew", NOW, BEIJING, namesakes={FIRST}).reasons
    assert reason.bar is Bar.NAMESAKE


def test_one_person_is_one_signature() -> None:
    half = replace(at(State.APPROVED), signatures=(signed(FIRST, NOW),))
    assert [reason.bar for reason in ruling(half, Step.SUPERVISE, FIRST, NOW, BEIJING).reasons] == [Bar.TWICE]
    assert ruling(half, Step.SUPERVISE, SECOND, NOW, BEIJING).allowed


@pytest.mark.parametrize("state", [State.APPROVED, State.DESTROYING])
def test_somebody_signs_in_the_place_of_a_supervisor_who_left(state: State) -> None:
    gone = (signed(FIRST, NOW), replace(signed(SECOND, NOW), stands=False))
    left = replace(at(state), signatures=gone)
    assert [reason.bar for reason in ruling(left, Step.RUN, OTHER, NOW, BEIJING).reasons] == [Bar.SUPERVISOR_GONE]
    assert ruling(left, Step.SUPERVISE, OTHER, NOW, BEIJING).allowed
    whole = replace(left, signatures=(*gone, signed(OTHER, NOW)))
    assert not ruling(whole, Step.SUPERVISE, "孙丽", NOW, BEIJING).allowed


@pytest.mark.parametrize("state", [State.SUBMITTED, State.APPROVED, State.SUPERVISED])
@pytest.mark.parametrize("step", [Step.APPROVE, Step.SUPERVISE, Step.RUN])
def test_what_has_ended_is_submitted_anew(state: State, step: Step) -> None:
    after = ASKED.until + timedelta(seconds=1)
    assert [reason.bar for reason in ruling(at(state), step, OTHER, after, BEIJING).reasons] == [Bar.EXPIRED]
    assert ruling(at(state), Step.SUBMIT, CUSTODIAN, after, BEIJING).allowed
    assert not ruling(at(state), Step.SUBMIT, CUSTODIAN, ASKED.until, BEIJING).allowed


@pytest.mark.parametrize("state", [State.SUBMITTED, State.APPROVED, State.SUPERVISED])
@pytest.mark.parametrize("step", [Step.APPROVE, Step.SUPERVISE, Step.RUN])
def test_what_was_agreed_under_another_profile_is_submitted_anew(state: State, step: Step) -> None:
    overtaken = replace(at(state), in_force=OTHER_PROFILE)
    (reason,) = ruling(overtaken, step, OTHER, NOW, BEIJING).reasons
    assert reason.bar is Bar.OTHER_PROFILE
    assert "submitted under the profile dengzhou, version 1; in force now is wugang, version 1" in reason.text.en
    assert "报批时执行的制度配置为 dengzhou（第1版），现行的是 wugang（第1版）" in reason.text.zh
    assert reason.hint is not None
    assert "strongroom disposal submit D2028-0001" in reason.hint.en
    assert ruling(overtaken, Step.SUBMIT, CUSTODIAN, NOW, BEIJING).allowed
    assert ruling(overtaken, Step.STOP, OTHER, NOW, BEIJING).allowed


@pytest.mark.parametrize("state", [State.SUBMITTED, State.APPROVED, State.SUPERVISED])
def test_what_lapsed_stays_lapsed_once_the_profile_is_back_in_force(state: State) -> None:
    back = replace(at(state), in_force=BACK)
    assert back.at(NOW) is State.APPRAISING
    (reason,) = ruling(back, Step.RUN, OTHER, NOW, BEIJING).reasons
    assert reason.bar is Bar.OTHER_PROFILE
    assert "dengzhou, version 1, which is in force again; another was adopted in between" in reason.text.en
    assert "现虽重新采用，原审批和签字不再有效" in reason.text.zh
    assert replace(at(State.DESTROYING), in_force=BACK).overtaken is not None


def test_what_has_begun_under_another_profile_goes_on() -> None:
    overtaken = replace(at(State.DESTROYING), in_force=OTHER_PROFILE)
    assert ruling(overtaken, Step.RUN, OTHER, NOW, BEIJING).allowed
    assert overtaken.overtaken is not None
    assert at(State.DESTROYING).overtaken is None


def test_who_lays_a_list_before_twice_is_told_whose_turn_it_is() -> None:
    """The hint named all three roles that may approve under some profile."""
    two = replace(ASKED, needs=(Role.LEGAL_OFFICE, Role.PRINCIPAL_LEADER))
    first = replace(two, consents=(Consent(OTHER, Role.LEGAL_OFFICE, NOW),))
    hints = []
    for approval in (two, first):
        (reason,) = ruling(
            replace(at(State.SUBMITTED), approval=approval), Step.SUBMIT, CUSTODIAN, NOW, BEIJING
        ).reasons
        assert reason.hint is not None
        hints.append(reason.hint.en)
    assert hints == [f"Next: strongroom disposal approve ({who})" for who in ("legal office", "principal leader")]


def test_before_the_grace_period_is_over_nothing_runs() -> None:
    early = replace(at(State.SUPERVISED), signatures=(signed(FIRST, NOW), signed(SECOND, NOW + timedelta(seconds=1))))
    assert [reason.bar for reason in ruling(early, Step.RUN, OTHER, NOW, BEIJING).reasons] == [Bar.TOO_EARLY]
    changed = replace(at(State.SUPERVISED), sha256="0" * 64)
    assert [reason.bar for reason in ruling(changed, Step.RUN, OTHER, NOW, BEIJING).reasons] == [Bar.CHANGED, Bar.ORDER]


def test_how_far_a_list_has_come_by_what_people_said() -> None:
    two = replace(ASKED, needs=(Role.LEGAL_OFFICE, Role.SUPERVISING_LEADER))
    first = Consent(OTHER, Role.LEGAL_OFFICE, NOW)
    states = [
        *(reached(None, 0, 2), reached(two, 0, 2), reached(replace(two, consents=(first,)), 0, 2)),
        *(reached(replace(two, consents=(first, CONSENT)), signatures, 3) for signatures in range(4)),
    ]
    assert states == [*[State.SUBMITTED] * 3, *[State.APPROVED] * 3, State.SUPERVISED]


def test_every_state_can_be_reached_and_two_are_the_end() -> None:
    reached = {State.APPRAISING, State.KEPT, State.CLOSED}  # the first; and what follows by itself
    for _ in State:
        reached |= {to for (state, _), to in TABLE.items() if state in reached}
    assert reached == set(State)
    assert {to for (state, _), to in TABLE.items() if state in (State.CLOSED, State.STOPPED)} <= {State.CLOSED}


def test_the_digest_is_of_the_list_whatever_its_order_and_of_every_word_in_it() -> None:
    assert digest_of(thing_of("D2028-0001", LINES[::-1])) == SHA256
    others = {digest_of(thing_of("D2028-0002", LINES)), digest_of(thing_of("D2028-0001", LINES[:1]))}
    for change in ({"record": "2026-0000003"}, {"why": "无价值"}, {"files": 9}, {"bytes": 9}, {"said": "c" * 64}):
        lines = (replace(LINES[0], **change), LINES[1])  # type: ignore[arg-type]
        others.add(digest_of(thing_of("D2028-0001", lines)))
    assert len(others | {SHA256}) == 8


DIGEST = Digest.of(b"x")


def decision(state: Term) -> Decision:
    return Decision(state, None, None, None, None, ())


WARRANT = Warrant(at(State.DESTROYING), {UNDER.number}, {"2026-0000001": decision(Term.DUE)}, False, NOW)
D = WARRANT.disposal
assert D.approval is not None
FLAWS = {
    "not begun": replace(WARRANT, begun_under=()),
    "begun under another profile": replace(WARRANT, begun_under={OTHER_PROFILE.number}),
    "begun after the profile was back in force": replace(WARRANT, begun_under={BACK.number}),
    "begun under two profiles": replace(WARRANT, begun_under={UNDER.number, OTHER_PROFILE.number}),
    "submitted under none": replace(WARRANT, disposal=replace(D, under=None)),
    "a disposal that was not begun": replace(WARRANT, disposal=at(State.SUPERVISED)),
    "a stopped one": replace(WARRANT, disposal=replace(D, state=State.STOPPED)),
    "no approval": replace(WARRANT, disposal=replace(D, approval=None)),
    "an approval of another list": replace(WARRANT, disposal=replace(D, approval=replace(D.approval, sha256="0" * 64))),
    "a list that changed": replace(WARRANT, disposal=replace(D, sha256="0" * 64)),
    "approved by the appraiser": replace(WARRANT, disposal=replace(D, appraised_by=frozenset({LEADER}))),
    "approved by who submitted it": replace(
        WARRANT, disposal=replace(D, approval=replace(D.approval, asked_by=LEADER))
    ),
    "an approver who has not agreed": replace(
        WARRANT, disposal=replace(D, approval=replace(D.approval, needs=(Role.LEGAL_OFFICE, *ASKED.needs)))
    ),
    "an approval that was not used": replace(WARRANT, disposal=replace(D, approval=replace(D.approval, used_at=None))),
    "a third supervisor, where the profile asks for one": replace(WARRANT, disposal=replace(D, takes=3)),
    "a supervisor who left": replace(
        WARRANT, disposal=replace(D, signatures=(D.signatures[0], replace(D.signatures[1], stands=False)))
    ),
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
