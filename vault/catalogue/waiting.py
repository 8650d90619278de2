"""What waits for people, counted for metrics: lists of disposal, deadlines, discs.

From what is open, by index; only discs are counted whole, which people have burnt and shelved one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from vault.catalogue import disposals, schema, tally
from vault.catalogue.announced import count_ending
from vault.catalogue.discs import copies, destroyed_on, is_stopped, with_copies_in
from vault.catalogue.lacking import lacking
from vault.catalogue.rows import read_time
from vault.discs.making import UNFINISHED
from vault.terms import local_day

_NEAR = timedelta(days=1)
_copy, _demand = schema.disc_copy.c, schema.disc_demand.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """`oldest_due`: the first day on which a record could be reviewed that still was not; `disposals`: open ones by
    state; `ending`: announced activities whose deadline ends within a day; `demands`: for discs, that are not met, and
    since when the oldest is known; `out`: discs on loan, and `lent`: of these, that should be back; `lacking`: copies
    that sets owe, with nothing begun in their place; `begun`: copies that are being made, and not on the shelf;
    `stopped`: sets with copies to be made of which a record was destroyed, so that nothing more is made.
    """

    oldest_due: date | None
    disposals: dict[str, int]
    ending: int
    discs: dict[str, int]
    out: int
    lent: int
    lacking: int
    begun: int
    stopped: int
    demands: int
    oldest_demand: datetime | None


def waiting(connection: Connection, now: datetime, zone: ZoneInfo) -> Waiting:
    """What there is at a moment (UTC)."""
    discs = select(_copy.state, func.count()).group_by(_copy.state)
    today = local_day(now, zone)
    out = select(func.count()).select_from(schema.disc_copy).where(_copy.until.is_not(None))
    lent = select(func.count()).select_from(schema.disc_copy).where(_copy.until < today.isoformat())
    unmet = select(func.count(), func.min(_demand.since)).where(_demand.met_at.is_(None))
    standing = {row[0]: row[1] for row in connection.execute(discs)}
    halted = [one for one in with_copies_in(connection, UNFINISHED) if destroyed_on(connection, one)]
    demands, oldest = connection.execute(unmet).one()
    return Waiting(
        oldest_due=tally.oldest_due(connection, today),
        disposals={state.value: count for state, count in disposals.states(connection, now).items()},
        ending=count_ending(connection, now, now + _NEAR),
        discs=standing,
        out=connection.execute(out).scalar_one(),
        lent=connection.execute(lent).scalar_one(),
        lacking=len(lacking(connection)),
        begun=sum(standing.get(state.value, 0) for state in UNFINISHED) - _unfinished_of(connection, halted),
        stopped=sum(is_stopped(connection, one) for one in halted),
        demands=demands,
        oldest_demand=read_time(oldest) if oldest else None,
    )


def _unfinished_of(connection: Connection, numbers: Sequence[str]) -> int:
    return sum(copy.state in UNFINISHED for number in numbers for copy in copies(connection, number))
