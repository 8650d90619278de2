"""Announced activities as rows: those whose recordings are still to come, until a record of theirs comes in.

Which record is of which activity is told by what both say: the same case (where the activity names none, the same
section), a day in common, and a matter in common where both name one. A record that says no time answers nothing; a
person closes the activity then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, update

from vault.casenumbers import case_key, same_case
from vault.catalogue import schema
from vault.catalogue.rows import spell_time
from vault.completeness import matters_in
from vault.deadlines import Deadline, deadline
from vault.facts import Facts
from vault.profile import Profile
from vault.terms import local_day

_activity = schema.activity.c
_OPEN = select(_activity.number, _activity.facts).where(_activity.closed_at.is_(None))
_facts = msgspec.json.Decoder(Facts)


@dataclass(frozen=True, slots=True)
class Activity:
    """An announced activity of which nothing has come in yet."""

    number: str
    facts: Facts
    due: Deadline


def activity_columns(facts: Facts, profile: Profile) -> dict[str, Any]:
    """What the catalogue keeps of what was said of an activity."""
    latest = deadline(facts, profile).latest
    return {
        "case_key": case_key(facts.case_number) or None,
        "section": facts.section or None,
        "facts": msgspec.json.encode(facts, order="sorted").decode(),
        "due_by": spell_time(latest) if latest else None,
    }


def open_activities(connection: Connection, profile: Profile, case: str | None = None) -> Iterator[Activity]:
    """Those that are open, of one case or of all; those whose deadline ends first come first, unknown ones last."""
    rows = _OPEN if case is None else _OPEN.where(_activity.case_key == case_key(case))
    for row in connection.execute(rows.order_by(_activity.due_by.is_(None), _activity.due_by, _activity.number)):
        facts = _facts.decode(row.facts)
        yield Activity(row.number, facts, deadline(facts, profile))


def reckon_again(connection: Connection, profile: Profile) -> None:
    """Another profile is in force: what is still to come has its deadlines; what was stored stays as it was judged."""
    for row in connection.execute(_OPEN).all():
        columns = activity_columns(_facts.decode(row.facts), profile)
        connection.execute(update(schema.activity).where(_activity.number == row.number).values(columns))


def facts_of_activity(connection: Connection, number: str) -> Facts | None:
    """What was said of an activity that is open; None where there is no such."""
    row = connection.execute(_OPEN.where(_activity.number == number)).first()
    return _facts.decode(row.facts) if row is not None else None


def count_missed(connection: Connection, now: datetime) -> tuple[int, int]:
    """How many activities are open, and of how many the deadline is over; from the index alone."""
    opened = select(func.count()).select_from(schema.activity).where(_activity.closed_at.is_(None))
    missed = opened.where(_activity.due_by < spell_time(now))
    return connection.execute(opened).scalar_one(), connection.execute(missed).scalar_one()


def count_ending(connection: Connection, now: datetime, until: datetime) -> int:
    """Of how many open activities the deadline ends between the two moments; from the index alone."""
    ending = select(func.count()).select_from(schema.activity).where(_activity.closed_at.is_(None))
    between = _activity.due_by.between(spell_time(now), spell_time(until))
    count: int = connection.execute(ending.where(between)).scalar_one()
    return count


def close(connection: Connection, number: str, at: datetime, by: str) -> None:
    """Nothing more is expected. `by`: the record or explanation that answers it; empty: a person said so."""
    closed = {"closed_at": spell_time(at), "closed_by": by}
    connection.execute(update(schema.activity).where(_activity.number == number).values(closed))


def close_answered(connection: Connection, profile: Profile, came: Iterable[tuple[str, Facts, datetime]]) -> None:
    """Close the activities of which these records (number, facts, time) are."""
    if connection.execute(_OPEN.limit(1)).first() is None:
        return
    for number, facts, at in came:
        meant = [one for one in _perhaps_meant(connection, facts) if answers(facts, one[1], profile)]
        same = [one for one in meant if one[1].activity_ended_at == facts.activity_ended_at]
        for activity, _ in same or meant[:1]:  # who cannot tell two of one day apart answers the first
            close(connection, activity, at, number)


def _perhaps_meant(connection: Connection, facts: Facts) -> list[tuple[str, Facts]]:
    """What is open of the record's case, and of its section without a case; what ends first comes first."""
    mine = []
    if facts.case_number:
        mine.append(_OPEN.where(_activity.case_key == case_key(facts.case_number)))
    if facts.section:
        mine.append(_OPEN.where(_activity.case_key.is_(None), _activity.section == facts.section))
    ordered = (one.order_by(_activity.due_by.is_(None), _activity.due_by, _activity.number) for one in mine)
    return [(row.number, _facts.decode(row.facts)) for one in ordered for row in connection.execute(one)]


def answers(facts: Facts, announced: Facts, profile: Profile) -> bool:
    """Whether a record of these facts is of the announced activity."""
    if announced.case_number:
        if not same_case(facts.case_number, announced.case_number):
            return False
    elif not announced.section or facts.section != announced.section:
        return False
    one, other = set(matters_in(facts.matter)), set(matters_in(announced.matter))
    if one and other and not one & other:
        return False
    return bool(_days(facts, profile) & _days(announced, profile))


def _days(facts: Facts, profile: Profile) -> set[date]:
    """The office's days on which the activity is known to have gone on."""
    moments = (facts.recorded_at, facts.recorded_until, facts.activity_ended_at)
    return {local_day(moment, profile.zone) for moment in moments if moment is not None}
