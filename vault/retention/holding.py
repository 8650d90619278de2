"""What the decision depends on apart from the profile and the clock: a record as retention sees it."""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from vault.records import Standing
from vault.terms import RetentionClass
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Assigned:
    """A class that a person gave a record. `citation`: the rule it follows; needed where the profile gives no class."""

    retention_class: RetentionClass
    why: str
    by: str
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """The custodian appraised a record and keeps it longer (续存): until the end of that day at least."""

    until: date
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason, with a name under it, why a record may not be disposed of. Released ones are not passed in."""

    id: str
    why: str
    authority: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class CaseClaim:
    """A case that a record belongs to, as it stands. Reopened: `closed_on` is None again, until it is closed anew;
    `reopened_on`: the last time, for papers. `keep`: class of its file."""

    number: str
    opened_on: date | None = None
    closed_on: date | None = None
    keep: RetentionClass | None = None
    reopened_on: date | None = None


class Pending(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A class that had no end yet; whose word it was: as in `Floor`."""

    profile: str
    case: str = ""
    retention_class: RetentionClass


class Floor(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The end that a record had before another profile was adopted, a fact put right, or its case reopened; nothing
    later undercuts it.

    `last_day`, with its class: the longest end that was known. `pending`: classes that had no end yet, because they are
    permanent or follow the closing of a case. `profile`: under which it was given, "dengzhou 1"; `case`: by the file of
    which, empty where it was a rule's.
    """

    profile: str = ""
    case: str = ""
    last_day: date | None = None
    retention_class: RetentionClass | None = None
    pending: tuple[Pending, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """All that the decision depends on, apart from the profile and the clock. Moments carry a zone."""

    stored_at: datetime
    recorded_at: datetime | None = None
    activity_ended_at: datetime | None = None
    kind: str = ""  # identifier from the profile; empty: nobody said
    standing: Standing = Standing.KEPT
    circumstances: tuple[str, ...] = ()  # identifiers from the profile
    assigned: tuple[Assigned, ...] = ()
    extensions: tuple[Extension, ...] = ()
    holds: tuple[Hold, ...] = ()
    cases: tuple[CaseClaim, ...] = ()
    case_name: str = ""  # what was said of its case beside a number, or without one
    floor: Floor | None = None
    expiry_paused: Text | None = None  # why, while it is


AFTER_REBUILD = Text(
    en="The catalogue was rebuilt; expiry waits until a manager has checked it and releases it.",
    zh="目录库已重建，待管理人员核对并放行后恢复到期计算。",
)
