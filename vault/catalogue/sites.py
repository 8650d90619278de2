"""Stores as placement sees them: what the configuration says of each, how it stands, and what its limit leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select, text

from vault.catalogue import schema
from vault.placement import Doors, Policy, Site


@dataclass(frozen=True, slots=True)
class Rules:
    """The configuration's part of placement."""

    policy: Policy
    configured: tuple[Site, ...]


def sites(connection: Connection, rules: Rules, away: Iterable[str] = ()) -> dict[str, Site]:
    """The stores that are attached, with their doors as they stand now; those `away` take nothing for the moment."""
    rows = {row.name: row for row in connection.execute(select(schema.store))}
    doors = {"open": Doors.OPEN, "suspected": Doors.SUSPECTED, "emptying": Doors.EMPTYING}
    found: dict[str, Site] = {}
    for site in rules.configured:
        if (row := rows.get(site.name)) is None:
            continue
        full = bool(site.limit) and row.bytes >= site.limit
        closed = full or site.doors is Doors.CLOSED or site.name in away
        standing = doors[row.standing]
        found[site.name] = replace(site, doors=Doors.CLOSED if closed and standing is Doors.OPEN else standing)
    return found


class Limits:
    """What the limits of stores leave, while plans are made, or files taken in, one after the other. Counted once in a
    run: what is owed may be a million copies.
    """

    def __init__(self) -> None:
        self._left: dict[str, int] | None = None

    def begin(
        self,
        connection: Connection,
        known: Mapping[str, Site],
        copies: Mapping[int, Mapping[str, str]],
        sizes: Mapping[int, int],
    ) -> None:
        """Plans are made anew for these copies (object -> store -> state): nothing of them is owed any more."""
        if self._left is None:
            self._left = _left(connection, known)
        for object_id, states in copies.items():
            for name in [name for name, state in states.items() if state == "owed" and name in self._left]:
                self._left[name] += sizes[object_id]

    def short_of(self, size: int) -> list[str]:
        """Stores that have a limit which leaves less than that; one that is reached leaves nothing at all."""
        return [name for name, left in (self._left or {}).items() if left < max(size, 1)]

    def open_to(self, known: Mapping[str, Site], size: int) -> dict[str, Site]:
        """The stores as they stand for so many bytes: where these do not fit, the doors are closed."""
        short = {name: known[name] for name in self.short_of(size) if name in known}
        return {**known} | {
            name: replace(site, doors=Doors.CLOSED) for name, site in short.items() if site.doors is Doors.OPEN
        }

    def take(self, size: int, names: Iterable[str]) -> None:
        """So many bytes more on these stores."""
        left = self._left or {}
        for name in [name for name in names if name in left]:
            left[name] -= size


def _left(connection: Connection, known: Mapping[str, Site]) -> dict[str, int]:
    limits = {site.name: site.limit for site in known.values() if site.limit}
    if not limits:
        return {}
    store, copy, object_ = schema.store.c, schema.copy.c, schema.object_.c
    owed = (
        select(store.name, func.sum(object_.size))
        .join(schema.copy, copy.store_id == store.id)
        .join(schema.object_, object_.id == copy.object_id)
        .where(store.name.in_(limits), copy.state == "owed")
        .where(text("copy.state != 'good'"))  # the partial index's own words, or SQLite will not use it
        .group_by(store.name)
    )
    taken = connection.execute(select(store.name, store.bytes).where(store.name.in_(limits))).all()
    for name, size in [*taken, *connection.execute(owed)]:
        limits[name] -= size
    return limits
