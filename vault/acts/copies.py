"""Copies: damaged, healed, made, removed, locked; and what checks came to."""

from datetime import datetime
from typing import Literal

from vault.acts.act import Act


class CopyDamaged(Act, tag="copy.damaged", frozen=True, kw_only=True):
    """A check found a copy absent or corrupt."""

    store: str
    sha256: str
    state: Literal["absent", "corrupt"]
    found: str = ""  # the hash of what was there


class CopyHealed(Act, tag="copy.healed", frozen=True, kw_only=True):
    """The copy was written anew from a verified one."""

    store: str
    sha256: str
    source: str


class CopiesMade(Act, tag="copies.made", frozen=True, kw_only=True):
    """Copies came to a store where they belong, each from one that was read and proven; or were found there, good."""

    store: str
    sha256: tuple[str, ...]


class CopiesRemoved(Act, tag="copies.removed", frozen=True, kw_only=True):
    """Copies were about to be removed from a store where they do not belong; enough others had just been read."""

    store: str
    sha256: tuple[str, ...]


class JournalHealed(Act, tag="journal.healed", frozen=True, kw_only=True):
    """A damaged file of a store's journal was written anew from a verified journal."""

    store: str
    path: str


class Scrubbed(Act, tag="scrub.done", frozen=True, kw_only=True):
    """One scrub of one store: counts of copies; `bytes` read."""

    store: str
    checked: int
    failed: int
    healed: int
    skipped: int
    bytes: int


class ObjectsLocked(Act, tag="objects.locked", frozen=True, kw_only=True):
    """Copies of objects were about to be locked on a store: until a moment (UTC), their legal hold placed or lifted."""

    store: str
    until: datetime | None = None  # the date stays as it is
    held: bool | None = None  # so does the hold
    objects: tuple[str, ...]


class OrphanSwept(Act, tag="orphan.swept", frozen=True, kw_only=True):
    """An object that no entry named was about to be removed."""

    store: str
    sha256: str
    size: int
