"""Which copies' locks are due on the stores that lock, and what the records that hold them ask for.

A lock is due when the copy has come, when the retention of a record that holds it was reckoned anew, and on the day
when its date must be renewed. That is noted in the transaction that makes it so, and indexed: whoever locks walks over
what is due, page by page, and over nothing else.

Whoever works on a page takes it first. What becomes due once more in the meantime is not taken any more, so it stays
due whatever is noted of it then.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, text, tuple_, update

from vault.catalogue import schema
from vault.catalogue.lockers import locking
from vault.catalogue.rows import read_date, spell_time
from vault.digest import Digest
from vault.locking import UNCLAIMED, Claim

PAGE = 256  # copies at a time; as many digests fit an entry of the journal
_NOW, _TAKEN = "", "1"  # values of look_on; both come before every time

_LOOK_AGAIN = """
    INSERT INTO lock (store_id, object_id, look_on, held)
    SELECT store_id, object_id, '', 0 FROM copy
    WHERE store_id IN (SELECT id FROM store WHERE locks = 1) AND {which} AND state = 'good'
    ON CONFLICT (store_id, object_id) DO UPDATE SET look_on = ''
"""
_LOOK_AGAIN_AT_OBJECTS = text(_LOOK_AGAIN.format(which="object_id IN :ids")).bindparams(
    bindparam("ids", expanding=True)
)
_LOOK_AGAIN_AT_RECORD = text(
    _LOOK_AGAIN.format(which="object_id IN (SELECT object_id FROM record_file WHERE record_id = :record)")
)
_LOOK_AGAIN_AT_ALL = text(_LOOK_AGAIN.format(which="true"))
_LOOK_AGAIN_AT_STORE = text(_LOOK_AGAIN.format(which="store_id = :store"))
_NOTE_HOLDS = text("""
    INSERT INTO lock (store_id, object_id, look_on, held)
    SELECT store.id, object.id, NULL, :held FROM store CROSS JOIN object
    WHERE store.name = :store AND object.sha256 IN :digests
    ON CONFLICT (store_id, object_id) DO UPDATE SET held = :held
""").bindparams(bindparam("digests", expanding=True))
_LOCKING = select(schema.store.c.id).where(schema.store.c.locks == 1)


# what makes a lock due


def look_again(connection: Connection, object_ids: Sequence[int]) -> None:
    """The locks of these objects' good copies are due. Of others they are once the copies are good."""
    if not _any_locks(connection):
        return
    for start in range(0, len(object_ids), PAGE):
        ids = object_ids[start : start + PAGE]
        mine = update(schema.lock).where(schema.lock.c.store_id.in_(_LOCKING), schema.lock.c.object_id.in_(ids))
        connection.execute(mine.values(look_on=None))
        connection.execute(_LOOK_AGAIN_AT_OBJECTS, {"ids": ids})


def look_again_at_record(connection: Connection, serial: int) -> None:
    """Those of all objects of a record are due."""
    if _any_locks(connection):
        connection.execute(_LOOK_AGAIN_AT_RECORD, {"record": serial})


def look_again_at_all(connection: Connection) -> None:
    """Those of everything are due."""
    if _any_locks(connection):
        connection.execute(_LOOK_AGAIN_AT_ALL)


def _any_locks(connection: Connection) -> bool:
    """Most vaults have no store that locks, and their intakes are not to pay for it."""
    return connection.execute(_LOCKING).first() is not None


def note_holds(connection: Connection, store: str, digests: Sequence[str], *, held: bool) -> None:
    """This vault placed legal holds on copies, or lifted its own."""
    raw = [bytes.fromhex(sha256) for sha256 in digests]
    connection.execute(_NOTE_HOLDS, {"store": store, "digests": raw, "held": int(held)})


def enrol(connection: Connection, names: Collection[str]) -> None:
    """From now on these stores lock and no others do: of one that did not so far, every lock is due."""
    before = set(locking(connection))
    store = schema.store.c
    connection.execute(update(schema.store).values(locks=0))
    connection.execute(update(schema.store).where(store.name.in_(names)).values(locks=1))
    for name, store_id in locking(connection).items():
        if name not in before:
            connection.execute(_LOOK_AGAIN_AT_STORE, {"store": store_id})


# working on what is due


class Due(NamedTuple):
    """One copy whose lock is due; `held`: a legal hold there is this vault's own."""

    look_on: str
    object_id: int
    digest: Digest
    held: bool


def take(connection: Connection, store: str, now: datetime, after: Due | None) -> Sequence[Due]:
    """The next page of what is due on a store, taken."""
    lock, store_id = schema.lock.c, locking(connection).get(store)
    page = (
        select(lock.look_on, lock.object_id, lock.held, schema.object_.c.sha256)
        .join(schema.object_, schema.object_.c.id == lock.object_id)
        .where(lock.store_id == store_id, lock.look_on <= spell_time(now))
        .order_by(lock.look_on, lock.object_id)
        .limit(PAGE)
    )
    if after is not None:
        page = page.where(tuple_(lock.look_on, lock.object_id) > (after.look_on, after.object_id))
    rows = connection.execute(page).all()
    found = [Due(row.look_on, row.object_id, Digest(row.sha256), bool(row.held)) for row in rows]
    mine = update(schema.lock).where(lock.store_id == store_id, lock.object_id.in_([one.object_id for one in found]))
    connection.execute(mine.values(look_on=_TAKEN))
    return found


def give_back(connection: Connection, store: str, looks: Mapping[int, datetime | None], left: Sequence[int]) -> None:
    """When each lock of a page is due again; those that are `left` are due still."""
    lock, store_id = schema.lock.c, locking(connection).get(store)
    mine = update(schema.lock).where(lock.store_id == store_id, lock.look_on == _TAKEN)
    for look_on in set(looks.values()):
        ids = [object_id for object_id, when in looks.items() if when == look_on]
        spelled = spell_time(look_on) if look_on is not None else None
        connection.execute(mine.where(lock.object_id.in_(ids)).values(look_on=spelled))
    connection.execute(mine.where(lock.object_id.in_(left)).values(look_on=_NOW))


def count_due(connection: Connection, now: datetime) -> dict[str, int]:
    """How many locks are due on each store that locks; from the index alone."""
    lock = schema.lock.c
    count = select(func.count()).select_from(schema.lock).where(lock.look_on <= spell_time(now))
    return {
        name: connection.execute(count.where(lock.store_id == store_id)).scalar_one()
        for name, store_id in locking(connection).items()
    }


# what records ask for


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the records of an object ask for together; one of them, and how many there are."""

    claim: Claim
    record: str = ""
    records: int = 0


def claims(connection: Connection, object_ids: Sequence[int]) -> dict[int, Claimed]:
    """The longest wins, and one record without an end is enough for there to be none.

    Added up by the database: of an object that is part of everything there may be a million records.
    """
    record, file = schema.record.c, schema.record_file.c
    rows = connection.execute(
        select(
            file.object_id,
            func.max(record.lock_day).label("day"),
            func.max(record.lock_day.is_(None)).label("endless"),
            func.max(record.expires_on.is_(None)).label("held"),  # see vault.locking.claim
            func.min(record.number).label("number"),
            func.count(record.id.distinct()).label("records"),
        )
        .join(schema.record, record.id == file.record_id)
        .where(file.object_id.in_(object_ids))
        .group_by(file.object_id)
    )
    found = dict.fromkeys(object_ids, Claimed(UNCLAIMED))
    for row in rows:
        day = None if row.endless else read_date(row.day)
        found[row.object_id] = Claimed(Claim(day, bool(row.held)), row.number, row.records)
    return found


class Kept(NamedTuple):
    """One copy that should be on a store; not `good`: it is owed, or damaged."""

    object_id: int
    digest: Digest
    good: bool


def copies(connection: Connection, store: str, after: int) -> Sequence[Kept]:
    """The next page of a store's copies, from just after that object."""
    copy = schema.copy.c
    rows = connection.execute(
        select(copy.object_id, copy.state, schema.object_.c.sha256)
        .join(schema.object_, schema.object_.c.id == copy.object_id)
        .where(copy.store_id == locking(connection).get(store), copy.object_id > after)
        .order_by(copy.object_id)
        .limit(PAGE)
    )
    return [Kept(row.object_id, Digest(row.sha256), row.state == "good") for row in rows]
