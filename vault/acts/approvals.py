"""Approvals: asked for, given by each whose turn it is or declined, used once."""

from datetime import datetime

from vault.acts.act import Act
from vault.people import Role


class ApprovalAsked(Act, tag="approval.asked", frozen=True, kw_only=True):
    """Somebody asked for consent to an exact thing: `sha256` is of its canonical JSON. Void after `until`."""

    request: str
    action: str
    sha256: str
    needs: tuple[Role, ...]
    until: datetime
    why: str
    about: tuple[str, ...] = ()
    purpose: str = ""


class ApprovalGiven(Act, tag="approval.given", frozen=True, kw_only=True):
    """One of those who are needed agreed, in that role, to the thing with that digest."""

    request: str
    sha256: str
    role: Role


class ApprovalDeclined(Act, tag="approval.declined", frozen=True, kw_only=True):
    """One of those who are needed said no: it is void."""

    request: str
    why: str


class ApprovalUsed(Act, tag="approval.used", frozen=True, kw_only=True):
    """What was agreed to is being done; it was agreed to once."""

    request: str
    sha256: str
