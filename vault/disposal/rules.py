"""Disposal as a state machine: pure, and all of it in this file. Who may do what, when, and what it leads to.

    appraising ──submit──▶ submitted ──approve──▶ approved ──all sign──▶ supervised ──begin──▶ destroying ──▶ closed

- A list of which every record is extended or kept is finished (kept): nobody has to agree to what stays, since it holds
  from the moment it is said. It is not opened again: what is decided later stands on a list of its own.
- A change of the list leads back to appraising, from wherever it is made: what was approved and signed is void.
- The list's digest stands for the list. Its approval is one like any other (vault/approvals.py): asked for over that
  digest when the list is submitted, given by the profile's approvers in turn, and used by the beginning of destruction.
  One that has ended before that, or another profile that came into force, leaves the list to be submitted anew.
- Nobody approves a list that they appraised or laid before; the supervisors of destruction (监销人), two at least, are
  neither of these nor each other, and may still supervise when it is carried out: somebody else signs in the place of
  one who left. A disc takes two people who see it destroyed, a supervisor among them; neither had a part in the list.
  Who goes by the name of one who had a part stands back as they do (vault/disposal/parts.py).
- After the last signature a grace period runs, in which anybody who has a part in it can stop it. Once begun it
  cannot be stopped any more; a hold still takes a record out that is whole.
- Records are decided on once more, one by one, when they are about to be destroyed: fewer than were approved may go,
  never others. What is not any more what the list says of it stays.

The practice is that of Chinese archives: 鉴定、审批、销毁清册、监销.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from vault.actions import Action
from vault.approvals import Approval, may_use
from vault.disposal.hints import ANOTHER_LIST, laid_before, next_step, others
from vault.disposal.lapse import Lapse, lapse, overtaken
from vault.disposal.parts import Parts, other_parts
from vault.moments import local
from vault.people import Signature
from vault.profile.edition import Adoption
from vault.rights import Bar, Reason, Ruling, entitled
from vault.text import Text

SUPERVISORS = 2  # at least; a profile may ask for more
WITNESSES = 2  # of a disc
GRACE = timedelta(days=7)  # unless the office says otherwise
STANDS_FOR = timedelta(days=90)  # so long after a list was submitted its destruction may begin


class State(StrEnum):
    """Where a disposal stands."""

    APPRAISING = "appraising"  # 鉴定中
    KEPT = "kept"  # 鉴定完毕，均予保存: nothing of it is to be destroyed
    SUBMITTED = "submitted"  # 待审批
    APPROVED = "approved"  # 待监销
    SUPERVISED = "supervised"  # 待销毁: the grace period runs, or is over
    DESTROYING = "destroying"  # 销毁中
    CLOSED = "closed"  # 已办结
    STOPPED = "stopped"  # 已中止

    @property
    def label(self) -> Text:
        return _LABELS[self]


_LABELS: Mapping[State, Text] = {
    State.APPRAISING: Text(en="being appraised", zh="鉴定中"),
    State.KEPT: Text(en="finished: all kept", zh="鉴定完毕，均予保存"),
    State.SUBMITTED: Text(en="to be approved", zh="待审批"),
    State.APPROVED: Text(en="to be supervised", zh="待监销"),
    State.SUPERVISED: Text(en="agreed", zh="待销毁"),
    State.DESTROYING: Text(en="being destroyed", zh="销毁中"),
    State.CLOSED: Text(en="closed", zh="已办结"),
    State.STOPPED: Text(en="stopped", zh="已中止"),
}


class Step(StrEnum):
    """What somebody can do about it."""

    APPRAISE = "appraise"  # 鉴定
    SUBMIT = "submit"  # 报批
    APPROVE = "approve"  # 审批
    SUPERVISE = "supervise"  # 监销
    STOP = "stop"  # 中止
    RUN = "run"  # 销毁
    CONFIRM_DISC = "confirm-disc"  # 光盘销毁确认


ACTIONS: Mapping[Step, Action] = {
    Step.APPRAISE: Action.DISPOSAL_APPRAISE,
    Step.SUBMIT: Action.DISPOSAL_APPRAISE,
    Step.APPROVE: Action.DISPOSAL_APPROVE,
    Step.SUPERVISE: Action.DISPOSAL_SUPERVISE,
    Step.STOP: Action.DISPOSAL_STOP,
    Step.RUN: Action.DISPOSAL_RUN,
    Step.CONFIRM_DISC: Action.DISC_DESTRUCTION_CONFIRM,
}
OPEN = frozenset(State) - {State.KEPT, State.CLOSED, State.STOPPED}

TABLE: Mapping[tuple[State, Step], State] = {
    (State.APPRAISING, Step.APPRAISE): State.APPRAISING,  # KEPT follows by itself, once nothing is to be destroyed
    (State.APPRAISING, Step.SUBMIT): State.SUBMITTED,
    (State.APPRAISING, Step.STOP): State.STOPPED,
    (State.SUBMITTED, Step.APPRAISE): State.APPRAISING,
    (State.SUBMITTED, Step.APPROVE): State.APPROVED,  # with the last approver
    (State.SUBMITTED, Step.STOP): State.STOPPED,
    (State.APPROVED, Step.APPRAISE): State.APPRAISING,
    (State.APPROVED, Step.SUPERVISE): State.SUPERVISED,  # with the last signature
    (State.APPROVED, Step.STOP): State.STOPPED,
    (State.SUPERVISED, Step.APPRAISE): State.APPRAISING,
    (State.SUPERVISED, Step.STOP): State.STOPPED,
    (State.SUPERVISED, Step.RUN): State.DESTROYING,
    (State.DESTROYING, Step.SUPERVISE): State.DESTROYING,  # in the place of one who left
    (State.DESTROYING, Step.RUN): State.DESTROYING,  # CLOSED follows by itself, once all is proven
    (State.DESTROYING, Step.CONFIRM_DISC): State.DESTROYING,
    (State.CLOSED, Step.RUN): State.CLOSED,  # asked once more, after an interruption: there is nothing left to do
}


@dataclass(frozen=True, slots=True)
class Line:
    """A record that is to be destroyed, as the list names it: with why, how much it is (`bytes`), and the digest of
    what was said of it when it was listed (vault/disposal/frozen.py)."""

    record: str
    why: str
    files: int
    bytes: int
    said: str


def thing_of(disposal: str, lines: Sequence[Line]) -> object:
    """The list as what is agreed to: approvals and signatures are over the SHA-256 of its canonical JSON."""
    listed = [
        {"bytes": one.bytes, "files": one.files, "record": one.record, "said": one.said, "why": one.why}
        for one in sorted(lines, key=lambda line: line.record)
    ]
    return {"disposal": disposal, "records": listed}


@dataclass(frozen=True, slots=True)
class Signed(Signature):
    """A supervisor's name under a digest, and when. `runs_from`: when the grace period that it began is over; `stands`:
    they have been a supervisor ever since, or were when all was over; `replaced`: who signed in their place."""

    sha256: str
    runs_from: datetime
    stands: bool = True
    replaced: Signature | None = None


@dataclass(frozen=True, slots=True)
class Disposal:
    """One list on its way; people by their logins. `sha256`: of the list as it is now; `state`: as the journal has it,
    whatever the time; `takes`: how many supervisors have to sign; `under`: the profile in force when it was submitted;
    `in_force`: the one that is now; `signed_before`: whose place as supervisors others took before it began."""

    number: str
    state: State
    sha256: str
    appraised_by: frozenset[str]
    approval: Approval | None = None
    signatures: tuple[Signed, ...] = ()
    signed_before: frozenset[str] = frozenset()
    takes: int = SUPERVISORS
    under: Adoption | None = None
    in_force: Adoption | None = None

    def at(self, now: datetime) -> State:
        """Where it stands then: an agreement that lapsed is none."""
        return self.state if self.lapse(now) is None else State.APPRAISING

    def lapse(self, now: datetime) -> Lapse | None:
        """Why it has to be submitted anew; None while what was agreed holds, or has been used."""
        return lapse(self.approval, self.under, self.in_force, now) if self.state in _AGREEING else None

    @property
    def overtaken(self) -> Text | None:
        """Why nothing more of it is begun: another profile was adopted since it was submitted."""
        return overtaken(self.under, self.in_force) if self.under is not None else None

    @property
    def submitted_by(self) -> str:
        """Who laid it before its approvers; empty before that, and after a change."""
        return self.approval.asked_by if self.approval is not None else ""

    @property
    def approved_by(self) -> frozenset[str]:
        """Whoever has agreed so far."""
        return frozenset(consent.by for consent in self.approval.consents) if self.approval is not None else frozenset()

    @property
    def supervised_by(self) -> frozenset[str]:
        """Whose signatures count: under this very list, of people who may still supervise."""
        return frozenset(one.by for one in self.signatures if one.stands and one.sha256 == self.sha256)

    @property
    def supervised(self) -> bool:
        return len(self.supervised_by) >= self.takes

    @property
    def supervisors(self) -> tuple[Signed, ...]:
        """Who is named as supervisor: until destruction begins whose signature counts, from then on all who signed."""
        return tuple(one for one in self.signatures if one.stands or self.state is State.DESTROYING)

    @property
    def runs_from(self) -> datetime | None:
        """When the grace period is over; None before enough supervisors have signed this very list."""
        counting = [one.runs_from for one in self.signatures if one.by in self.supervised_by]
        return max(counting) if self.supervised else None


_AGREEING = frozenset({State.SUBMITTED, State.APPROVED, State.SUPERVISED})


def reached(approval: Approval | None, signatures: int, takes: int) -> State:
    """How far a submitted list has come by what people said of it."""
    if approval is None or approval.waits_for is not None:
        return State.SUBMITTED
    return State.SUPERVISED if signatures >= takes else State.APPROVED


def ruling(
    disposal: Disposal, step: Step, by: str, now: datetime, zone: tzinfo, *, namesakes: Collection[str] = ()
) -> Ruling:
    """Whether this person may take this step now. Whether they have the role for it, and whose turn it is to approve,
    is asked elsewhere (vault/rights.py, vault/approvals.py); here it is about order, time, and who did the other steps.
    `zone`: the office's, for whoever reads why not; `namesakes`: logins of others of their name.
    """
    return Ruling(tuple(_bars(disposal, step, by, now, zone, namesakes)))


def _bars(
    disposal: Disposal, step: Step, by: str, now: datetime, zone: tzinfo, namesakes: Collection[str]
) -> Iterator[Reason]:
    state = disposal.at(now)
    if step is Step.RUN and state in (State.APPROVED, State.DESTROYING) and not disposal.supervised:
        yield _lacks_supervisors(disposal)
        return
    if (state, step) not in TABLE or (step is Step.SUPERVISE and disposal.supervised):
        lapsed = disposal.lapse(now)
        if lapsed is not None:
            yield _lapsed(disposal, lapsed)
        else:
            yield _said(disposal, Bar.ORDER, *_not_now(disposal, state, step, zone))
        return
    yield from _other_parts(disposal, step, by, namesakes)
    if step is Step.RUN and state is State.SUPERVISED:
        yield from _not_yet(disposal, now, zone)


def _other_parts(disposal: Disposal, step: Step, by: str, namesakes: Collection[str]) -> Iterator[Reason]:
    had = Parts(
        disposal.appraised_by | ({disposal.submitted_by} - {""}),
        disposal.approved_by,
        disposal.signed_before | {one.by for one in disposal.signatures},
    )
    for reason in other_parts(had, ACTIONS[step], by, namesakes):
        yield _said(disposal, reason.bar, reason.text, reason.hint)


def _not_yet(disposal: Disposal, now: datetime, zone: tzinfo) -> Iterator[Reason]:
    if disposal.approval is not None:
        yield from may_use(disposal.approval, disposal.sha256, now, zone).reasons
    runs_from = disposal.runs_from
    if runs_from is None:
        yield _said(disposal, Bar.ORDER, *_NOT_NOW[State.APPROVED])
    elif now < runs_from:
        until = local(runs_from, zone)
        yield _said(
            disposal,
            Bar.TOO_EARLY,
            Text(en=f"the grace period runs until {until}", zh=f"停止期至 {until}"),
            Text(
                en="Until it is run it can be stopped: strongroom disposal stop",
                zh="执行之前均可中止：strongroom disposal stop",
            ),
        )


def own_doings(disposal: Disposal, record: str, who: Text, action: Action) -> Reason:
    """Why somebody may not decide on a list: that record of it names them (回避)."""
    return _said(
        disposal,
        Bar.CONCERNED,
        Text(en=f"record {record} is about what {who.en} did", zh=f"记录 {record} 涉及 {who.zh} 本人，应当回避"),
        others(action),
    )


def not_that_list(disposal: Disposal, sha256: str) -> Iterator[Reason]:
    """A reason unless that is the digest of the list as it is: what was looked at is what is signed."""
    if len(sha256) >= 8 and disposal.sha256.startswith(sha256.lower()):
        return
    command = f"strongroom disposal show {disposal.number}"
    yield _said(
        disposal,
        Bar.CHANGED,
        Text(en=f"the list is not the one with the digest {sha256}", zh=f"现有清册与摘要 {sha256} 不符"),
        Text(en=f"Look at it again: {command}", zh=f"请重新查看：{command}"),
    )


def _lacks_supervisors(disposal: Disposal) -> Reason:
    """Too few have signed; or enough had, and one of them may not supervise any more."""
    gone = [one.called for one in disposal.signatures if not one.stands]
    if not gone:
        return _said(disposal, Bar.ORDER, *_NOT_NOW[State.APPROVED])
    command = f"strongroom disposal supervise {disposal.number} --digest {disposal.sha256[:16]}"
    who = entitled(Action.DISPOSAL_SUPERVISE)
    return _said(
        disposal,
        Bar.SUPERVISOR_GONE,
        Text(
            en=f"of its supervisors of destruction these may not supervise any more: {', '.join(gone)}",
            zh=f"已签字的监销人中，{'、'.join(gone)}现已不具备监销资格",
        ),
        Text(
            en=f"Somebody signs in their place ({who.en}): {command}",
            zh=f"须由另一名{who.zh}接替签字：{command}",
        ),
    )


def _lapsed(disposal: Disposal, why: Lapse) -> Reason:
    again = f"strongroom disposal submit {disposal.number}"
    hint = Text(en=f"Lay it before the approvers anew: {again}", zh=f"请重新报批：{again}")
    return _said(disposal, why.bar, why.why, hint)


def _said(disposal: Disposal, bar: Bar, why: Text, hint: Text | None = None) -> Reason:
    command = f"strongroom disposal show {disposal.number}"
    return Reason(
        bar,
        Text(en=f"Disposal {disposal.number}: {why.en}.", zh=f"处置 {disposal.number}：{why.zh}。"),
        hint or Text(en=command, zh=command),
    )


def _not_now(disposal: Disposal, state: State, step: Step, zone: tzinfo) -> tuple[Text, Text | None]:
    """What is to be done first, and by whom: of those who may approve only whose turn it is. Of what was submitted
    already also since when; of a list that has ended, that another takes what is to be appraised."""
    (why, hint), approval = _NOT_NOW[state], disposal.approval
    if state is State.SUBMITTED and approval is not None and approval.waits_for is not None:
        hint = next_step(approval.waits_for.label, "approve")
    if step is Step.SUBMIT and state in (State.SUBMITTED, State.APPROVED) and approval is not None:
        why = laid_before(approval, zone)
    if step is Step.APPRAISE and state not in OPEN:
        hint = ANOTHER_LIST
    return why, hint


_NOT_NOW: Mapping[State, tuple[Text, Text | None]] = {
    State.APPRAISING: (
        Text(en="the list has not been submitted", zh="清册尚未报批"),
        next_step(entitled(Action.DISPOSAL_APPRAISE), "submit"),
    ),
    State.KEPT: (
        Text(
            en="every record of it is kept: nothing is to be destroyed, and nobody has to agree",
            zh="清册中的记录均予保存，没有拟销毁的记录，无需报批",
        ),
        None,
    ),
    State.SUBMITTED: (
        Text(en="the list is not approved yet", zh="清册尚未批准"),
        next_step(entitled(Action.DISPOSAL_APPROVE), "approve"),
    ),
    State.APPROVED: (
        Text(en="the supervisors have not all signed yet", zh="监销人尚未全部签字"),
        next_step(entitled(Action.DISPOSAL_SUPERVISE), "supervise"),
    ),
    State.SUPERVISED: (
        Text(en="approved and signed; it can be run, stopped or changed", zh="已审批并监销签字，只能销毁、中止或修改"),
        None,
    ),
    State.DESTROYING: (
        Text(en="destruction has begun", zh="销毁已经开始"),
        Text(
            en="A record that is still whole is kept by a hold: strongroom hold place",
            zh="尚未销毁的记录可暂缓处置：strongroom hold place",
        ),
    ),
    State.CLOSED: (Text(en="it is closed", zh="已办结"), None),
    State.STOPPED: (Text(en="it was stopped", zh="已中止"), None),
}
