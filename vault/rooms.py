"""How a store is, and how much room there is: what it says, what its limit leaves, and how long that lasts at the rate
of late.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from vault.catalogue.figures import StoreFigures
from vault.errors import IntegrityBroken, StoreUnavailable
from vault.placement import Doors, Site
from vault.sighting import Sighting, sight
from vault.store import Vault


@dataclass(frozen=True, slots=True)
class Room:
    """One store. `free`: bytes that may still come, `total`: in all, None where nobody can tell.

    `trouble`: why it did not answer; `broken`: what is not as it should be, where it did; `shut`: why it takes no
    writes.
    """

    site: Site
    figures: StoreFigures
    free: int | None
    total: int | None = None
    trouble: StoreUnavailable | None = None
    broken: IntegrityBroken | None = None
    shut: StoreUnavailable | None = None

    @property
    def writable(self) -> bool | None:
        """None: it is not to be written, or that cannot be told."""
        if self.site.doors is Doors.CLOSED or not self.whole:
            return None
        return self.shut is None

    @property
    def whole(self) -> bool | None:
        """At a glance. None: it cannot be told."""
        return None if self.trouble is not None else self.broken is None

    @property
    def full(self) -> bool:
        """Whether what is free and not owed is below a hundredth of it, at most 1 GiB; of one that is to be written."""
        if self.free is None or self.total is None or self.site.doors is Doors.CLOSED:
            return False
        return self.free - self.figures.reserved < min(self.total / 100, 1 << 30)

    @property
    def days_left(self) -> float | None:
        """None where it does not grow, or its room is not known."""
        return None if self.free is None else self.figures.days_left(self.free)


class Sum(TypedDict):
    """Several stores together. `free` and `days_left` are None where one of them cannot say."""

    stores: list[str]
    bytes: int
    reserved: int
    free: int | None
    growth: int
    days_left: float | None


def look_into(vault: Vault, site: Site, figures: StoreFigures, heard: Callable[[Room], None] = lambda _: None) -> Room:
    """Ask the store. `heard` is told what is known if its answer to a write does not come."""
    return room_of(
        site,
        figures,
        sight(vault, site.name, lambda seen: heard(room_of(site, figures, seen.given_up(site.name)))),
    )


def room_of(site: Site, figures: StoreFigures, seen: Sighting) -> Room:
    """With what the store said when it was looked at."""
    if seen.trouble is not None:
        return Room(site, figures, None, trouble=seen.trouble)
    left = max(0, site.limit - figures.bytes) if site.limit else None
    said = seen.room
    bounds = [bound for bound in (left, said.free if said is not None else None) if bound is not None]
    sizes = [size for size in (site.limit, said.total if said is not None else None) if size]
    free, total = min(bounds) if bounds else None, min(sizes) if sizes else None
    return Room(site, figures, free, total, broken=seen.broken, shut=seen.shut)


def sum_of(rooms: Sequence[Room]) -> Sum:
    """As if they were one."""
    frees = [room.free for room in rooms]
    free = None if None in frees else sum(free for free in frees if free is not None)
    growth = sum(room.figures.growth for room in rooms)
    reserved = sum(room.figures.reserved for room in rooms)
    return Sum(
        stores=[room.site.name for room in rooms],
        bytes=sum(room.figures.bytes for room in rooms),
        reserved=reserved,
        free=free,
        growth=round(growth),
        days_left=max(0, free - reserved) / growth if free is not None and growth > 0 else None,
    )
