"""Disposal as a state machine: pure, and all of it in this file. Who may do what, when, and what it leads to.

    appraising ──submit──▶ submitted ──approve──▶ approved ──two sign──▶ supervised ──begin──▶ destroying ──▶ closed

- A change of the list leads back to appraising, from wherever it is made: what was approved and signed is void.
- The list's digest stands for the list. An approval is for one digest, ends on a day, and is used by the beginning of
  destruction. One that has ended before that leaves the list submitted.
- Nobody approves a list that they appraised or laid before; the two supervisors of destruction (监销人) are neither of
  these nor each other. A disc takes two people who see it destroyed.
- After the second signature a grace period runs, in which anybody who has a part in it can stop it. Once begun it
  cannot be stopped any more; a hold still takes a record out that is whole.
- Records are decided on once more, one by one, when they are about to be destroyed: fewer than were approved may go,
  never others.

The practice is that of Chinese archives: 鉴定、审批、销毁清册、监销.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from vault.errors import Refused
from vault.text import Text

SUPERVISORS = 2
WITNESSES = 2  # of a disc
GRACE = timedelta(days=7)  # unless the office says otherwise
APPROVED_FOR = timedelta(days=90)  # so long after approval destruction may begin


class State(StrEnum):
    """Where a disposal stands."""

    APPRAISING = "appraising"  # 鉴定中
    SUBMITTED = "submitted"  # 待审批
    APPROVED = "approved"  # 待监销
    SUPERVISED = "supervised"  # 待销毁: the grace period runs, or is over
    DESTROYING = "destroying"  # 销毁中
    CLOSED = "closed"  # 已办结
    STOPPED = "stopped"  # 已中止


class Step(StrEnum):
    """What somebody can do about it."""

    APPRAISE = "appraise"  # 鉴定
    SUBMIT = "submit"  # 报批
    APPROVE = "approve"  # 审批
    SUPERVISE = "supervise"  # 监销
    STOP = "stop"  # 中止
    RUN = "run"  # 销毁
    CONFIRM_DISC = "confirm-disc"  # 光盘销毁确认


OPEN = frozenset(State) - {State.CLOSED, State.STOPPED}

TABLE: Mapping[tuple[State, Step], State] = {
    (State.APPRAISING, Step.APPRAISE): State.APPRAISING,
    (State.APPRAISING, Step.SUBMIT): State.SUBMITTED,
    (State.APPRAISING, Step.STOP): State.STOPPED,
    (State.SUBMITTED, Step.APPRAISE): State.APPRAISING,
    (State.SUBMITTED, Step.APPROVE): State.APPROVED,
    (State.SUBMITTED, Step.STOP): State.STOPPED,
    (State.APPROVED, Step.APPRAISE): State.APPRAISING,
    (State.APPROVED, Step.SUPERVISE): State.SUPERVISED,  # with the second signature
    (State.APPROVED, Step.STOP): State.STOPPED,
    (State.SUPERVISED, Step.APPRAISE): State.APPRAISING,
    (State.SUPERVISED, Step.STOP): State.STOPPED,
    (State.SUPERVISED, Step.RUN): State.DESTROYING,
    (State.DESTROYING, Step.RUN): State.DESTROYING,  # CLOSED follows by itself, once all is proven
    (State.DESTROYING, Step.CONFIRM_DISC): State.DESTROYING,
    (State.CLOSED, Step.RUN): State.CLOSED,  # asked once more, after an interruption: there is nothing left to do
}


@dataclass(frozen=True, slots=True)
class Line:
    """A record that is to be destroyed, as the list names it: with why, and how much it is (`bytes`)."""

    record: str
    why: str
    files: int
    bytes: int


def digest_of(disposal: str, lines: Sequence[Line]) -> str:
    """What approvals and signatures are for: SHA-256 of the list as canonical JSON (RFC 8785), hexadecimal."""
    listed = [
        {"bytes": one.bytes, "files": one.files, "record": one.record, "why": one.why}
        for one in sorted(lines, key=lambda line: line.record)
    ]
    thing = {"disposal": disposal, "records": listed}
    return hashlib.sha256(msgspec.json.encode(thing, order="sorted")).hexdigest()


@dataclass(frozen=True, slots=True)
class Signed:
    """Who put their name to a digest, and when. `until`: an approval ends then, a grace period runs until then."""

    by: str
    at: datetime
    sha256: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Disposal:
    """One list on its way; people by their logins. `sha256`: of the list as it is now."""

    number: str
    state: State
    sha256: str
    appraised_by: frozenset[str]
    submitted_by: str = ""
    approval: Signed | None = None
    signatures: tuple[Signed, ...] = ()

    def at(self, now: datetime) -> State:
        """Where it stands then: an approval that ended before it was used is none."""
        if self.state in (State.APPROVED, State.SUPERVISED) and not self._approved(now):
            return State.SUBMITTED
        return self.state

    def _approved(self, now: datetime) -> bool:
        return self.approval is not None and self.approval.sha256 == self.sha256 and now < self.approval.until

    @property
    def runs_from(self) -> datetime | None:
        """When the grace period is over; None before two have signed this very list."""
        signed = [one for one in self.signatures if one.sha256 == self.sha256]
        return max(one.until for one in signed) if len({one.by for one in signed}) >= SUPERVISORS else None


def require(disposal: Disposal, step: Step, by: str, now: datetime) -> None:
    """Refused unless this person may take this step now. Whether they have the role for it is asked elsewhere
    (vault/authority.py); here it is about order, time, and who did the other steps.
    """
    state = disposal.at(now)
    if (state, step) not in TABLE:
        raise _refused(disposal, *_NOT_NOW[state])
    if step is Step.APPROVE and by in disposal.appraised_by | {disposal.submitted_by}:
        raise _refused(
            disposal,
            Text(
                en=f"{by} appraised the list or laid it before; somebody else must approve it",
                zh=f"{by} 参与了鉴定或报批，须由他人审批",
            ),
        )
    if step is Step.SUPERVISE:
        _require_apart(disposal, by)
    if step is Step.RUN and state is State.SUPERVISED:
        _require_grace_over(disposal, now)


def _require_apart(disposal: Disposal, by: str) -> None:
    approver = disposal.approval.by if disposal.approval is not None else ""
    if by in disposal.appraised_by | {disposal.submitted_by, approver}:
        raise _refused(
            disposal,
            Text(
                en=f"{by} appraised, submitted or approved the list; supervisors are neither",
                zh=f"{by} 参与了鉴定、报批或审批，不得担任监销人",
            ),
        )
    if by in {one.by for one in disposal.signatures}:
        raise _refused(
            disposal,
            Text(
                en=f"{by} has signed already; the second supervisor is somebody else",
                zh=f"{by} 已签字，第二名监销人须为他人",
            ),
        )


def _require_grace_over(disposal: Disposal, now: datetime) -> None:
    runs_from = disposal.runs_from
    if runs_from is None:
        raise _refused(disposal, *_NOT_NOW[State.APPROVED])
    if now < runs_from:
        day = f"{runs_from:%Y-%m-%d %H:%M} UTC"
        raise _refused(
            disposal,
            Text(en=f"the grace period runs until {day}", zh=f"停止期至 {runs_from:%Y-%m-%d %H:%M}（UTC）"),
            Text(
                en="Until then it can be stopped: strongroom disposal stop",
                zh="在此之前可以中止：strongroom disposal stop",
            ),
        )


def _refused(disposal: Disposal, why: Text, hint: Text | None = None) -> Refused:
    return Refused(
        Text(en=f"Disposal {disposal.number}: {why.en}.", zh=f"处置 {disposal.number}：{why.zh}。"),
        hint
        or Text(en=f"strongroom disposal show {disposal.number}", zh=f"strongroom disposal show {disposal.number}"),
    )


_NOT_NOW: Mapping[State, tuple[Text, Text | None]] = {
    State.APPRAISING: (Text(en="the list has not been submitted", zh="清册尚未报批"), None),
    State.SUBMITTED: (
        Text(en="the list is not approved, or its approval has ended", zh="清册未经审批，或审批已过期"),
        None,
    ),
    State.APPROVED: (Text(en="two supervisors have not signed yet", zh="两名监销人尚未全部签字"), None),
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
