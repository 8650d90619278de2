"""Stores that join, leave, and are judged."""

from typing import Literal

from vault.acts.act import Act
from vault.promises import Finding


class StoreAttached(Act, tag="store.attached", frozen=True, kw_only=True):
    """A store began to carry copies and the journal, empty: a new one, or another medium under a known name."""

    store: str
    kind: str
    location: str


class StoreDetached(Act, tag="store.detached", frozen=True, kw_only=True):
    """A store is this vault's no more. `lost`: it could not be emptied first."""

    store: str
    lost: bool = False


class StoreStanding(Act, tag="store.standing", frozen=True, kw_only=True):
    """Whether a store takes copies from now on. A suspected one keeps what it has; from an emptying one all goes."""

    store: str
    standing: Literal["open", "suspected", "emptying"]
    why: str = ""


class StoreProbed(Act, tag="store.probed", frozen=True, kw_only=True):
    """What a store's place was found to promise; it takes the place of what was found before."""

    store: str
    findings: tuple[Finding, ...]
