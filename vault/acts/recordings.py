"""Recordings that came late, were interrupted, or were not made: announced, explained, reviewed."""

from datetime import datetime

from vault.acts.act import Act
from vault.facts import Facts


class ActivityAnnounced(Act, tag="activity.announced", frozen=True, kw_only=True):
    """An activity took place whose recordings are still to come; or more became known of one that was announced."""

    activity: str
    facts: Facts


class ActivityClosed(Act, tag="activity.closed", frozen=True, kw_only=True):
    """Nothing more is expected of an announced activity. A record of it closes it without this."""

    activity: str
    why: str


class LateExplained(Act, tag="late.explained", frozen=True, kw_only=True):
    """Why a record was stored after its deadline. It stays late."""

    record: str
    why: str


class InterruptionExplained(Act, tag="interruption.explained", frozen=True, kw_only=True):
    """Why a record's recording stopped. `began`: when the gaps that are meant began; none: all, and the rest as well.

    `cause`: the profile's identifier. `reviewer`: the role that has to review it; empty where nobody has to.
    """

    explanation: str
    record: str
    began: tuple[datetime, ...] = ()
    cause: str
    why: str
    basis: str = ""
    reviewer: str = ""


class RecordingMissing(Act, tag="recording.missing", frozen=True, kw_only=True):
    """Why a recording was not made at all: an explanation alone, without media. It closes `activity`, if it names one.

    `cause` and `reviewer` as above.
    """

    explanation: str
    facts: Facts
    activity: str = ""
    cause: str
    why: str
    basis: str = ""
    reviewer: str = ""


class ExplanationReviewed(Act, tag="explanation.reviewed", frozen=True, kw_only=True):
    """Somebody other than who filed it looked at an explanation and agrees."""

    explanation: str
    why: str = ""
