"""How much room there is: what a store says, what its limit leaves, and how long that lasts at the rate of late."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from vault.catalogue.figures import StoreFigures
from vault.errors import StoreUnavailable
from vault.placement import Site
from vault.ports import Store
from vault.presence import look_at


@dataclass(frozen=True, slots=True)
class Room:
    """One store. `free`: bytes that may still come, `total`: in all, None where nobody can tell.

    `trouble`: why it did not answer.
    """

    site: Site
    figures: StoreFigures
    free: int | None
    total: int | None = None
    trouble: StoreUnavailable | None = None

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


def look_into(store: Store, site: Site, figures: StoreFigures) -> Room:
    """Ask the store."""
    left = max(0, site.limit - figures.bytes) if site.limit else None
    try:
        said = look_at(store)
    except StoreUnavailable as error:
        return Room(site, figures, None, trouble=error)
    bounds = [bound for bound in (left, said.free if said is not None else None) if bound is not None]
    return Room(site, figures, min(bounds) if bounds else None, said.total if said is not None else None)


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
