"""What is up for review, a page at a time, those due longest first. Nothing here looks at more than it gives."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from vault.catalogue import schema
from vault.catalogue.holdings import holdings_of
from vault.catalogue.queries import PAGE, read_records
from vault.catalogue.rows import serial_of
from vault.clock import Verdict
from vault.errors import BadInput
from vault.profile import Profile
from vault.records import Record
from vault.retention import Decision, decide, due_on
from vault.text import Text
from vault.timekeeping import expiry_pause


class After(NamedTuple):
    """Where a page ended: the day on which its last record came up for review, and that record's serial."""

    expires_on: str
    serial: int


def after(record: Record, decision: Decision) -> str:
    """How to ask for what comes after a record: the day and its number."""
    return f"{decision.expires_on}/{record.number}"


def read_after(spelled: str) -> After:
    """Back from `after`. BadInput where it is none."""
    day, _, number = spelled.partition("/")
    try:
        return After(date.fromisoformat(day).isoformat(), serial_of(number))
    except ValueError as error:
        raise BadInput(
            Text(en=f"{spelled!r} is not the end of a page.", zh=f"{spelled!r} 不是页末标记。"),
            hint=Text(
                en="Take it from the last line of the page before: --after 2032-03-04/2031-0000001",
                zh="请照抄上一页末行所示，如 --after 2032-03-04/2031-0000001",
            ),
        ) from error


def due(
    connection: Connection, profile: Profile, day: date, time: Verdict, start: After | None = None
) -> Iterator[tuple[Record, Decision]]:
    """Records that are up for review on a day, from just after `start`. Nothing while expiry is paused."""
    if expiry_pause(connection, time) is not None:
        return
    record = schema.record.c
    place = tuple_(record.expires_on, record.id)
    while True:
        page = select(record.id, record.expires_on).where(record.expires_on <= day.isoformat())
        if start is not None:
            page = page.where(place > tuple_(*start))
        rows = connection.execute(page.order_by(record.expires_on, record.id).limit(PAGE)).all()
        serials = [row.id for row in rows]
        held = holdings_of(connection, serials)
        for serial, found in zip(serials, read_records(connection, serials), strict=True):
            decision = decide(held[serial], profile, time.now)
            if due_on(decision, day):
                yield found, decision
        if len(rows) < PAGE:
            return
        start = After(rows[-1].expires_on, rows[-1].id)
