"""What a store answered when it was looked at, kept for whoever must not wait for it: figures, health."""

from dataclasses import dataclass
from datetime import datetime

from vault.clock import Witness
from vault.errors import IntegrityBroken, StoreUnavailable
from vault.ports import Capacity
from vault.presence import flaw, look_at
from vault.store import Vault
from vault.timekeeping import ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """`at`: when it answered, or was given up; `room`: None where it has no word for that; `trouble`: why it did not
    answer; `broken`: what is not as it should be, where it did; `clock`: what its own clock said, where it has one.
    """

    at: datetime
    room: Capacity | None = None
    trouble: StoreUnavailable | None = None
    broken: IntegrityBroken | None = None
    clock: Witness | None = None


def sight(vault: Vault, name: str) -> Sighting:
    """Ask a store now."""
    try:
        room = look_at(vault.stores[name])
        wrong = flaw(vault, name)
    except StoreUnavailable as error:
        wrong = error
    if isinstance(wrong, StoreUnavailable):
        return Sighting(at=vault.setting.clock(), trouble=wrong)
    clock = ask(vault, name)
    return Sighting(at=vault.setting.clock(), room=room, broken=wrong, clock=clock)
