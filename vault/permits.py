"""Deletion takes a permit: a value that only a proof in this file can make. A store's `delete` demands one.

There are two proofs so far: the orphan (an object that no journal entry names, left by an intake that died before it
was acknowledged), and the surplus copy (enough others have just been read). An approved disposal will join them.
"""

from collections.abc import Callable, Collection, Container
from typing import Final

from vault.digest import Digest
from vault.errors import Refused
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
