"""Jobs and their leases: claimed, kept by a heartbeat, finished or handed back. Several processes may ask at once.

A job is claimed in one transaction by whoever finds it due, with a token that nobody else has; from then on only that
token can go on with it. A lease that has run out cannot be kept nor finished, even if nobody else has taken it: whoever
slept through it has to take it that another one is at work. What a killed process held is due again once its lease is
over. Which of the rows may be taken, `why` decides, and it alone; the statements only make sure that nobody was faster.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from vault.catalogue import schema
from vault.catalogue.rows import read_time, spell_time

_job = schema.job.c
_AHEAD = timedelta(minutes=10)  # by which a time may lie ahead before it is one that a wrong clock left


class Why(StrEnum):
    """Why a job may be taken."""

    DUE = "due"
    ABANDONED = "abandoned"  # whoever was at it let the lease run out
    AHEAD = "ahead"  # it was begun at a time that has not come: the clock was wrong then


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row; times are UTC, whole seconds. `holder`: host/process; `token` is empty while nobody is at it."""

    name: str
    due_at: datetime
    holder: str = ""
    token: str = ""
    lease_until: datetime | None = None
    started_at: datetime | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    error: str = ""
    seconds: float | None = None
    found: int | None = None

    def is_held(self, now: datetime) -> bool:
        """Whether somebody is at it. A lease much longer than any is one of a clock that was set back since."""
        return bool(self.token) and self.lease_until is not None and now < self.lease_until <= now + _AHEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a run came to. `error`: empty for a success; one line without anybody's data. `found`: for people to do."""

    at: datetime
    seconds: float
    error: str = ""
    found: int | None = None


def why(job: Job, now: datetime) -> Why | None:
    """Why a job may be taken now; None: it may not."""
    if job.is_held(now):
        return None
    if job.token:
        return Why.ABANDONED
    if job.started_at is not None and job.started_at > now + _AHEAD:
        return Why.AHEAD
    return Why.DUE if job.due_at <= now else None


def enrol(connection: Connection, due: Mapping[str, datetime]) -> None:
    """From now on there are these jobs and no others. One that is there already becomes due no later than said."""
    known = {job.name: job for job in rows(connection)}
    connection.execute(delete(schema.job).where(_job.name.not_in(list(due))))
    for name, at in due.items():
        if name not in known:
            row = {"name": name, "due_at": spell_time(at), "holder": "", "token": "", "failures": 0, "error": ""}
            connection.execute(insert(schema.job), row)
        elif at < known[name].due_at:
            connection.execute(update(schema.job).where(_job.name == name).values(due_at=spell_time(at)))


def rows(connection: Connection) -> Sequence[Job]:
    """All jobs, by name: about a dozen."""
    return [_read(row) for row in connection.execute(select(schema.job).order_by(_job.name))]


def claim(
    connection: Connection, name: str, holder: str, now: datetime, next_due: datetime, lease: timedelta
) -> str | None:
    """Take a job; the token to go on with, None where it is not to be had. `next_due`: after the run that begins."""
    found = connection.execute(select(schema.job).where(_job.name == name)).first()
    if found is None or why(job := _read(found), now) is None:
        return None
    token = secrets.token_hex(16)
    taken = connection.execute(
        update(schema.job)
        .where(_job.name == name, _job.token == job.token, _job.due_at == spell_time(job.due_at))
        .values(
            holder=holder,
            token=token,
            lease_until=spell_time(now + lease),
            started_at=spell_time(now),
            due_at=spell_time(next_due),
        )
    )
    return token if taken.rowcount == 1 else None


def beat(connection: Connection, name: str, token: str, now: datetime, lease: timedelta) -> bool:
    """Keep a job for another lease. False: it is lost, and whoever is at it must stop."""
    return _change(connection, name, token, now, {"lease_until": spell_time(now + lease)})


def finish(connection: Connection, name: str, token: str, ended: Ended) -> bool:
    """Enter how a run ended. False: the lease was over, and what it came to is not entered."""
    values: dict[str, Any] = {"token": "", "lease_until": None, "seconds": ended.seconds, "error": ended.error}
    at = spell_time(ended.at)
    if ended.error:
        values |= {"failed_at": at, "failures": _job.failures + 1}
    else:
        values |= {"succeeded_at": at, "failures": 0, "found": ended.found}
    return _change(connection, name, token, ended.at, values)


def hand_back(connection: Connection, name: str, token: str, now: datetime, due: datetime) -> bool:
    """A run that came to no end, neither well nor badly: somebody may take it up again from `due` on."""
    values = {"token": "", "lease_until": None, "due_at": spell_time(due)}
    return _change(connection, name, token, now, values)


def _change(connection: Connection, name: str, token: str, now: datetime, values: Mapping[str, Any]) -> bool:
    mine = (_job.name == name, _job.token == token, _job.lease_until > spell_time(now))
    changed = connection.execute(update(schema.job).where(*mine).values(**values))
    return changed.rowcount == 1


def _read(row: Any) -> Job:
    times = ("due_at", "lease_until", "started_at", "succeeded_at", "failed_at")
    values = dict(row._mapping)
    return Job(**values | {name: read_time(values[name]) if values[name] else None for name in times})
