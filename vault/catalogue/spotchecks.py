"""A few copies of a store to look for: by its key, so that it takes no longer in a large vault."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from vault.catalogue import schema
from vault.catalogue.copies import store_ids
from vault.digest import Digest

_ROWS = 50  # are looked through for one that is good, at each place


@dataclass(frozen=True, slots=True)
class Spot:
    """A copy that is good, as far as is known; `size` in bytes."""

    object_id: int
    digest: Digest
    size: int


def spots(connection: Connection, store: str, somewhere: float) -> list[Spot]:
    """The copy of the oldest object, of the newest, and of one between them: `somewhere`, from 0 to just below 1."""
    copy, object_ = schema.copy.c, schema.object_.c
    here = (
        select(copy.object_id, copy.state, object_.sha256, object_.size)
        .join(schema.object_, object_.id == copy.object_id)
        .where(copy.store_id == store_ids(connection)[store])
    )
    first, last = copy.object_id.asc(), copy.object_id.desc()
    ends = [connection.execute(here.order_by(order).limit(_ROWS)).all() for order in (first, last)]
    if not ends[0]:
        return []
    low, high = (rows[0].object_id for rows in ends)
    middle = here.where(copy.object_id >= low + 1 + int((high - low - 1) * somewhere))
    found: dict[int, Spot] = {}
    for rows in (*ends, connection.execute(middle.order_by(first).limit(_ROWS)).all()):
        good = next((row for row in rows if row.state == "good" and row.object_id not in found), None)
        if good is not None:
            found[good.object_id] = Spot(good.object_id, Digest(good.sha256), good.size)
    return list(found.values())


def still_good(connection: Connection, store: str, looked_for: list[Spot]) -> list[Spot]:
    """Those of them that nobody has let go, or found damaged, meanwhile."""
    copy = schema.copy.c
    ids = [spot.object_id for spot in looked_for]
    query = select(copy.object_id).where(copy.store_id == store_ids(connection)[store], copy.object_id.in_(ids))
    good = set(connection.execute(query.where(copy.state == "good")).scalars())
    return [spot for spot in looked_for if spot.object_id in good]
