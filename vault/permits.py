"""Deletion takes a permit: a value that only a proof in this file can make. A store's `delete` demands one.

There are three proofs: the orphan (an object that no journal entry names, left by an intake that died before it was
acknowledged), the surplus copy (enough others have just been read), and the approved disposal.
"""

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vault.digest import Digest
from vault.disposal.rules import Disposal, State
from vault.errors import Refused
from vault.retention import Decision
from vault.retention import State as Term
from vault.text import Text

_PROVEN: Final = object()


class DeletionPermit:
    """Leave to delete one object's copies, with the reason that goes into the journal."""

    __slots__ = ("digest", "reason")

    def __init__(self, digest: Digest, reason: str, *, proof: object) -> None:
        if proof is not _PROVEN:
            raise TypeError("a permit is made by a proof in vault/permits.py, nowhere else")
        self.digest = digest
        self.reason = reason

    def require(self, digest: Digest) -> None:
        """Refused unless it is for this object: every store's `delete` asks first."""
        if digest != self.digest:
            raise Refused(
                Text(
                    en=f"The permit is for {self.digest}, not for {digest}.",
                    zh=f"许可针对 {self.digest}，不是 {digest}。",
                )
            )


def permit_for_orphan(digest: Digest, named_in_journal: Container[Digest]) -> DeletionPermit:
    """A permit for an object that the whole journal, read from a store, does not name. Refused if it is named.

    `named_in_journal` must come from the journal itself, verified against its signed checkpoint, never from the
    catalogue; and intake must be locked out meanwhile (see vault/fsck.py).
    """
    if digest in named_in_journal:
        raise Refused(Text(en=f"Object {digest} belongs to a record.", zh=f"对象 {digest} 属于某条记录，不得删除。"))
    return DeletionPermit(digest, "orphan: no journal entry names it", proof=_PROVEN)


def permit_for_surplus(
    digest: Digest, leaving: str, proven: Collection[str], enough: Callable[[Collection[str]], bool]
) -> DeletionPermit:
    """A permit for one store's copy of an object that stays. Refused unless the others are enough.

    `proven`: stores whose copies were read just now and hash to the digest. `enough` is the policy's word on them.
    """
    others = [name for name in proven if name != leaving]
    if not enough(others):
        raise Refused(
            Text(
                en=f"Object {digest}: the copies that would be left are less than the minimum.",
                zh=f"对象 {digest}：剩余副本将少于要求的最少副本数，不得删除。",
            )
        )
    return DeletionPermit(digest, f"enough others, on {', '.join(others)}", proof=_PROVEN)


JUST_NOW = timedelta(minutes=5)  # as old as a decision may be for which something is destroyed


@dataclass(frozen=True, slots=True)
class Warrant:
    """All that must be so before an object is destroyed for good, as it is at `decided_at`.

    `disposal`: with its list, approval and signatures as they are in the catalogue. `begun_under`: the numbers of
    the adoptions of profiles in force when the journal entered that this object is about to be destroyed; empty where
    it has not.
    `decisions`: on every record whose end that is, by number. `needed`: a record that stays holds it, or it came in
    anew.
    """

    disposal: Disposal
    begun_under: Collection[int]
    decisions: Mapping[str, Decision]
    needed: bool
    decided_at: datetime


def permit_for_disposal(digest: Digest, warrant: Warrant, now: datetime) -> DeletionPermit:
    """A permit for every copy of an object that has come to its lawful end. Refused, with why, unless everything holds.

    `now`: by a clock that has just been found not to contradict the journal. That a record is due says that no hold
    stands, no case is open, nothing is missing, and expiry is not paused (vault/retention/).
    """
    flaw = _flaw(warrant, now)
    if flaw is not None:
        raise Refused(
            Text(
                en=f"Object {digest} is not destroyed (disposal {warrant.disposal.number}): {flaw.en}.",
                zh=f"对象 {digest} 不得销毁（处置 {warrant.disposal.number}）：{flaw.zh}。",
            )
        )
    return DeletionPermit(digest, f"disposal {warrant.disposal.number}", proof=_PROVEN)


def _flaw(warrant: Warrant, now: datetime) -> Text | None:
    disposal, approval = warrant.disposal, warrant.disposal.approval
    if disposal.state is not State.DESTROYING or not warrant.begun_under:
        return Text(en="its destruction was not entered in the journal", zh="销毁尚未载入日志")
    if disposal.under is None or {*warrant.begun_under} != {disposal.under.number}:
        return Text(en="it was begun under another profile than was agreed", zh="开始销毁时的制度配置与报批时不同")
    if approval is None or approval.sha256 != disposal.sha256:
        return Text(en="the list is not the one that was approved", zh="清册与获批的不一致")
    if approval.waits_for is not None or approval.used_at is None:
        return Text(en="its approval was not given, or not used for it", zh="尚未批准，或批准未用于本次销毁")
    prepared_by = disposal.appraised_by | {disposal.submitted_by}
    if len(disposal.supervised_by - disposal.approved_by - prepared_by) < disposal.takes:
        return Text(en="not enough supervisors of destruction have signed it", zh="监销人签字人数不足")
    if disposal.approved_by & prepared_by:
        return Text(en="who approved it had appraised it", zh="审批人参与了鉴定或报批")
    if disposal.runs_from is None or now < disposal.runs_from:
        return Text(en="the grace period is not over", zh="停止期未满")
    if warrant.needed:
        return Text(en="another record holds it", zh="另有记录引用")
    if not warrant.decisions or not timedelta(0) <= now - warrant.decided_at <= JUST_NOW:
        return Text(en="no decision on its record was made just now", zh="未即时复核其记录的保存期限")
    for number, decision in warrant.decisions.items():
        if decision.state is not Term.DUE:
            return Text(en=f"record {number} is not due ({decision.state.value})", zh=f"记录 {number} 未到期待鉴定")
    return None
