"""Deletion takes a permit: a value that only a proof in this file can make. A store's `delete` demands one.

There is one proof so far: the orphan (an object that no journal entry names, left by an intake that died before it
was acknowledged). An approved disposal and a proof of enough other verified copies will stand beside it.
"""

from collections.abc import Container
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
