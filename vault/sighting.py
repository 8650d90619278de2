"""What a store answered when it was looked at, kept for whoever must not wait for it: figures, health."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from vault.clock import Witness
from vault.errors import IntegrityBroken, StoreUnavailable
from vault.ports import Capacity
from vault.presence import flaw, look_at
from vault.store import Vault
from vault.text import Text
from vault.timekeeping import ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """`at`: when it answered, or was given up; `room`: None where it has no word for that; `trouble`: why it did not
    answer; `broken`: what is not as it should be, where it did; `clock`: what its own clock said, where it has one;
    `shut`: why one that is whole takes no writes, though it is to.
    """

    at: datetime
    room: Capacity | None = None
    trouble: StoreUnavailable | None = None
    broken: IntegrityBroken | None = None
    clock: Witness | None = None
    shut: StoreUnavailable | None = None

    def given_up(self, name: str) -> "Sighting":
        """The same of a store whose answer to a write was not waited for any longer."""
        what = Text(en=f"Store {name} answers, and takes no writes in time.", zh=f"存储 {name} 有应答，但写入超时。")
        return replace(self, shut=StoreUnavailable(what))


def sight(vault: Vault, name: str, heard: Callable[[Sighting], None] = lambda _: None) -> Sighting:
    """Ask a store now. Whether it takes writes is asked last, and may hang where reading does not: `heard` is told
    before what it said until then.
    """
    try:
        room = look_at(vault.stores[name])
        wrong = flaw(vault, name)
    except StoreUnavailable as error:
        wrong = error
    if isinstance(wrong, StoreUnavailable):
        return Sighting(at=vault.setting.clock(), trouble=wrong)
    clock = ask(vault, name)
    seen = Sighting(at=vault.setting.clock(), room=room, broken=wrong, clock=clock)
    if wrong is not None or name not in vault.writable:
        return seen
    heard(seen)
    return replace(seen, shut=vault.absences.refuses(vault.stores[name]))
