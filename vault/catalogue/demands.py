"""What is demanded on disc, as rows: raised when a circumstance is known, met and open again as discs come and go.

A row has the words and the article of the last profile that demanded it. No later one takes it away: what a regulation
has once demanded of a record stays demanded.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, case, delete, select, tuple_, update

from vault.catalogue import discs, schema
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_time, spell_json, spell_time
from vault.catalogue.upserts import upsert
from vault.discs.demands import Carrier, Demand, demanded, judge
from vault.discs.model import COPIES, Mark
from vault.discs.states import State
from vault.profile import Profile
from vault.text import Text

_PAGE = 200
_row = schema.disc_demand.c
_DEMANDS = select(_row.record_id, _row.circumstance, _row.copies, _row.met_at)
_CARRYING = select(
    schema.disc_record.c.record_id, schema.disc_copy.c.disc_set, schema.disc_copy.c.mark, schema.disc_copy.c.state
).join(
    schema.disc_copy,
    (schema.disc_copy.c.disc_set == schema.disc_record.c.disc_set)
    & (schema.disc_copy.c.disc == schema.disc_record.c.disc),
)


@dataclass(frozen=True, slots=True)
class OpenDemand:
    """A record that has to be on disc and is not, or not on enough discs that are kept. `since`, UTC: it is known."""

    record: str
    demand: Demand
    since: datetime
    carriers: tuple[Carrier, ...]


def raise_for(connection: Connection, profile: Profile, said: Iterable[tuple[int, Collection[str], datetime]]) -> None:
    """What the circumstances of records (serials) demand since a moment; what is demanded already keeps its age."""
    rows, since = [], {}
    for serial, circumstances, at in said:
        for demand in demanded(circumstances, profile):
            since[serial] = at
            rows.append(
                {
                    "record_id": serial,
                    "circumstance": demand.circumstance,
                    "words": spell_json(demand.words),
                    "article": demand.article,
                    "copies": demand.copies,
                    "since": spell_time(at),
                }
            )
    if not rows:
        return
    new = upsert(schema.disc_demand)
    more = case((_row.copies > new.excluded.copies, _row.copies), else_=new.excluded.copies)
    anew = {"words": new.excluded.words, "article": new.excluded.article, "copies": more}
    connection.execute(new.on_conflict_do_update(index_elements=[_row.record_id, _row.circumstance], set_=anew), rows)
    settle(connection, since)


def settle(connection: Connection, changed: Mapping[int, datetime]) -> None:
    """Judge anew what is demanded of these records, by what changed when: discs that carry them came or went."""
    asked = [(one.record_id, one) for one in select_in(connection, _DEMANDS, _row.record_id, list(changed))]
    carriers = carriers_of(connection, list(dict.fromkeys(serial for serial, _ in asked)))
    for serial, one in asked:
        met = judge(one.copies, carriers.get(serial, ())).met
        if met != (one.met_at is not None):
            mine = (_row.record_id == serial) & (_row.circumstance == one.circumstance)
            met_at = spell_time(changed[serial]) if met else None
            connection.execute(update(schema.disc_demand).where(mine).values(met_at=met_at))


def drop(connection: Connection, serials: Sequence[int]) -> None:
    """Records that are no more demand nothing."""
    connection.execute(delete(schema.disc_demand).where(_row.record_id.in_(serials)))


def carriers_of(connection: Connection, serials: Sequence[int]) -> dict[int, tuple[Carrier, ...]]:
    """The disc sets that carry each record, by its serial."""
    found: dict[int, dict[str, list[tuple[Mark, State]]]] = {}
    for row in select_in(connection, _CARRYING, schema.disc_record.c.record_id, serials):
        found.setdefault(row.record_id, {}).setdefault(row.disc_set, []).append(
            (Mark.parse(row.mark), State(row.state))
        )
    return {
        serial: tuple(Carrier(tuple(sets[number])) for number in sorted(sets) if not _given_up(sets[number]))
        for serial, sets in found.items()
    }


def _given_up(copies: Sequence[tuple[Mark, State]]) -> bool:
    return all(state is State.GIVEN_UP for _, state in copies)


def is_kept(connection: Connection, disc_set: str) -> bool:
    """Whether both copies of every disc of a set are kept, of whatever generation."""
    copies = tuple((copy.mark, copy.state) for copy in discs.copies(connection, disc_set))
    return judge(len(COPIES), [Carrier(copies)]).met


def open_demands(connection: Connection) -> Iterator[OpenDemand]:
    """Every demand that is not met, the oldest first. Memory holds a page."""
    after: tuple[str, int, str] | None = None
    place = tuple_(_row.since, _row.record_id, _row.circumstance)
    query = (
        select(schema.disc_demand, schema.record.c.number)
        .join(schema.record, schema.record.c.id == _row.record_id)
        .where(_row.met_at.is_(None))
        .order_by(_row.since, _row.record_id, _row.circumstance)
        .limit(_PAGE)
    )
    while True:
        rows = connection.execute(query if after is None else query.where(place > after)).all()
        carriers = carriers_of(connection, list(dict.fromkeys(row.record_id for row in rows)))
        for row in rows:
            words = msgspec.json.decode(row.words, type=Text)
            demand = Demand(row.circumstance, words, row.article, row.copies)
            yield OpenDemand(row.number, demand, read_time(row.since), carriers.get(row.record_id, ()))
        if len(rows) < _PAGE:
            return
        after = rows[-1].since, rows[-1].record_id, rows[-1].circumstance


def demands_of(connection: Connection, serial: int) -> Iterable[tuple[Demand, datetime | None]]:
    """What is demanded of one record, and since when it is met; None: it is not."""
    for row in connection.execute(
        select(schema.disc_demand).where(_row.record_id == serial).order_by(_row.circumstance)
    ):
        words = msgspec.json.decode(row.words, type=Text)
        met_at = read_time(row.met_at) if row.met_at else None
        yield Demand(row.circumstance, words, row.article, row.copies), met_at
