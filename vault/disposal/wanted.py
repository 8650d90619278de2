"""Who still wants to see what a list is about to end: viewings asked for, and neither decided nor used up.

It bars nothing: who may say that a record is to be kept places a hold, or stops the list. But nobody should destroy,
unaware, what somebody waits to see. A correction may have made a request void by then; it is told all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from vault.actions import Action
from vault.approvals import Approval
from vault.catalogue import approvals, queries, viewings
from vault.catalogue.dooming import waiting_among
from vault.catalogue.rows import serial_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """A viewing that was asked for; `records`: those that it is still about, and that wait on the list."""

    asked: Approval
    records: tuple[str, ...]


def wanted(connection: Connection, disposal: str, now: datetime) -> Iterator[Wanted]:
    """Viewings that wait for consent, or have it and were not used for all that a record holds; the oldest first."""
    for asked in approvals.unfinished(connection, Action.VIEWING_APPROVE, now):
        waits = waiting_among(connection, disposal, [serial_of(number) for number in asked.about])
        listed = [number for number in asked.about if serial_of(number) in waits]
        if not listed:
            continue
        served = viewings.served(connection, asked.number)
        left = (one for one in queries.get_records(connection, listed) if not viewings.files_of([one]) <= served)
        if records := tuple(one.number for one in left):
            yield Wanted(asked, records)
