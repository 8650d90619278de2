"""Rows of copies: what the journal says is where, and beside it what ought to be.

    good       it is here, as far as is known
    damaged    it ought to be here, and a check found it absent or corrupt
    owed       it ought to be here, and has not come yet
    leaving    it is here and good, and ought not to be
    removing   the journal has let it go; its bytes may still be here

`owed` and `leaving` are plans (vault/catalogue/plans.py); the others follow from the journal. How many objects there
are, a store's count of copies, their bytes, and by how much these changed on a day, are kept along, so that nobody has
to add up millions of rows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from vault.catalogue import locks, schema
from vault.catalogue.bulk import insert_rows, select_in
from vault.catalogue.rows import spell_time
from vault.catalogue.upserts import upsert

_AT_ONCE = 500  # objects in one statement
ABSENT = ("owed", "removing")  # states in which the journal does not say that the copy is here


def store_ids(connection: Connection) -> dict[str, int]:
    """Stores by name, as they joined."""
    store = schema.store.c
    return {row.name: row.id for row in connection.execute(select(store.id, store.name).order_by(store.id))}


class Fresh(NamedTuple):
    """An object that came into being, and the stores on which it was then."""

    size: int
    stores: Collection[str]
    at: datetime


def land(connection: Connection, fresh: Mapping[int, Fresh]) -> None:
    """Copies of new objects, by id."""
    _measure(connection, len(fresh), sum(one.size for one in fresh.values()))
    ids = store_ids(connection)
    insert_rows(
        connection,
        schema.copy,
        (
            {"store_id": ids[name], "object_id": object_id, "state": "good", "verified_at": spell_time(one.at)}
            for object_id, one in fresh.items()
            for name in one.stores
            if name in ids
        ),
    )
    grown: dict[tuple[int, str], list[int]] = {}
    for one in fresh.values():
        day = spell_time(one.at)[:10]
        for name in one.stores:
            if name in ids:
                sums = grown.setdefault((ids[name], day), [0, 0])
                sums[0] += 1
                sums[1] += one.size
    for (store_id, day), (copies, size) in grown.items():
        _count(connection, store_id, copies, size, day)


_STATES = select(schema.copy.c.store_id, schema.copy.c.state, schema.copy.c.object_id).where(
    schema.copy.c.store_id.in_(select(schema.store.c.id))  # all of them: so that the key, which begins with it, is used
)
_IDS = select(schema.object_.c.id)
_SIZES = select(schema.object_.c.id, schema.object_.c.size)


def present(connection: Connection, store: str, objects: Sequence[int]) -> set[int]:
    """Those objects of which the journal says that the store has a copy."""
    states = _states(connection, store_ids(connection)[store], objects)
    return {object_id for object_id, state in states.items() if state not in ABSENT}


def make(connection: Connection, store_id: int, objects: Sequence[int], at: datetime) -> None:
    """Copies are on a store; those that the journal had there already stay as they are."""
    states = _states(connection, store_id, objects)
    new = [object_id for object_id in objects if states.get(object_id, "owed") in ABSENT]
    put_state(connection, ((store_id, object_id) for object_id in new), "good", spell_time(at))
    locks.look_again(connection, new)
    _count(connection, store_id, len(new), _size(connection, new), spell_time(at)[:10])


def let_go(connection: Connection, store_id: int, objects: Sequence[int], at: datetime) -> None:
    """Copies are a store's no more; their bytes go next."""
    states = _states(connection, store_id, objects)
    gone = [object_id for object_id in objects if states.get(object_id, "removing") not in ABSENT]
    put_state(connection, ((store_id, object_id) for object_id in objects), "removing")
    locks.look_again(connection, objects)
    _count(connection, store_id, -len(gone), -_size(connection, gone), spell_time(at)[:10])


def forget(connection: Connection, store_id: int, objects: Sequence[int]) -> None:
    """The bytes of copies that were let go, some hundreds at most, are gone."""
    copy = schema.copy.c
    gone = (copy.store_id == store_id) & (copy.state == "removing") & copy.object_id.in_(objects)
    connection.execute(delete(schema.copy).where(gone))


def drop(connection: Connection, objects: Sequence[int], at: datetime) -> None:
    """Objects are no more: no store is to have a copy from now on, and nothing is known of them."""
    here: dict[int, list[int]] = {}
    for store_id, state, object_id in states_of(connection, objects):
        if state not in ABSENT:
            here.setdefault(store_id, []).append(object_id)
    for store_id, gone in here.items():
        _count(connection, store_id, -len(gone), -_size(connection, gone), spell_time(at)[:10])
    sizes = [size for _, size in select_in(connection, _SIZES, schema.object_.c.id, objects)]
    _measure(connection, -len(sizes), -sum(sizes))
    for table, column in (
        (schema.copy, schema.copy.c.object_id),
        (schema.lock, schema.lock.c.object_id),
        (schema.object_, schema.object_.c.id),
    ):
        for start in range(0, len(objects), _AT_ONCE):
            connection.execute(delete(table).where(column.in_(objects[start : start + _AT_ONCE])))


def empty(connection: Connection, store_id: int) -> None:
    """Nothing is on the store, and nothing is owed to it."""
    for table in (schema.copy, schema.lock, schema.growth):
        connection.execute(delete(table).where(table.c.store_id == store_id))
    connection.execute(update(schema.store).where(schema.store.c.id == store_id).values(copies=0, bytes=0))


def put_state(connection: Connection, pairs: Iterable[tuple[int, int]], state: str, verified_at: str = "") -> None:
    """Copies, as store and object, are in a state from now on, whether there was a row or not."""
    row = {"state": state, "verified_at": verified_at}
    rows = [{"store_id": store_id, "object_id": object_id, **row} for store_id, object_id in pairs]
    fresh = upsert(schema.copy)
    known = {name: fresh.excluded[name] for name in row}
    if rows:
        connection.execute(fresh.on_conflict_do_update(index_elements=schema.copy.primary_key, set_=known), rows)


def object_ids(connection: Connection, digests: Iterable[str]) -> list[int]:
    """Ids of objects by hexadecimal digest, in any order; unknown ones are left out."""
    wanted = [bytes.fromhex(sha256) for sha256 in digests]
    return [row[0] for row in select_in(connection, _IDS, schema.object_.c.sha256, wanted)]


def states_of(connection: Connection, objects: Sequence[int]) -> Iterator[tuple[int, str, int]]:
    """Store, state and object of every copy of these objects."""
    return ((row[0], row[1], row[2]) for row in select_in(connection, _STATES, schema.copy.c.object_id, objects))


def _states(connection: Connection, store_id: int, objects: Sequence[int]) -> dict[int, str]:
    return {object_id: state for at, state, object_id in states_of(connection, objects) if at == store_id}


def _size(connection: Connection, objects: Sequence[int]) -> int:
    return sum(size for _, size in select_in(connection, _SIZES, schema.object_.c.id, objects))


def _measure(connection: Connection, objects: int, size: int) -> None:
    volume = schema.volume
    first = upsert(volume).values(id=1, objects=objects, bytes=size)
    more = {"objects": volume.c.objects + objects, "bytes": volume.c.bytes + size}
    connection.execute(first.on_conflict_do_update(index_elements=volume.primary_key, set_=more))


def _count(connection: Connection, store_id: int, copies: int, size: int, day: str) -> None:
    if not copies:
        return
    store, growth = schema.store, schema.growth
    connection.execute(
        update(store).where(store.c.id == store_id).values(copies=store.c.copies + copies, bytes=store.c.bytes + size)
    )
    connection.execute(
        upsert(growth)
        .values(store_id=store_id, day=day, copies=copies, bytes=size)
        .on_conflict_do_update(
            index_elements=growth.primary_key,
            set_={"copies": growth.c.copies + copies, "bytes": growth.c.bytes + size},
        )
    )
