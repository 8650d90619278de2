"""Asking stores all at once, for so long and no longer: one that hangs keeps nobody from hearing of the others.

Each is asked in a thread of its own, which is left to itself where no answer comes: it dies with the process.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from vault.catalogue.figures import StoreFigures
from vault.errors import BlobMissing, IntegrityBroken, NewerFormat, StoreUnavailable
from vault.placement import Site
from vault.rooms import Room, look_into
from vault.store import Vault
from vault.text import Text

PATIENCE = 8.0  # seconds; a share that hangs is known as silent after five (backends/answering.py)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking a store. `fault`: it answered, and what it has is not as it should be."""

    room: Room
    fault: IntegrityBroken | NewerFormat | None = None

    @property
    def name(self) -> str:
        return self.room.site.name


def ask_stores(vault: Vault, known: Mapping[str, StoreFigures], patience: float = PATIENCE) -> tuple[Asked, ...]:
    """Every configured store that has joined. Whichever did not answer in time is not the vault's from here on, or
    somebody would wait for it again, at the latest when it is closed.
    """
    sites = [site for site in vault.setting.rules.configured if site.name in known]
    heard: dict[str, Asked] = {}
    answers = at_once({site.name: _asking(vault, site, known[site.name], heard) for site in sites}, patience)
    silent = {site.name for site in sites} - answers.keys()
    vault.stores = {name: store for name, store in vault.stores.items() if name not in silent}
    return tuple(
        answers.get(site.name) or heard.get(site.name) or _silent(site, known[site.name], patience) for site in sites
    )


def at_once(calls: Mapping[str, Callable[[], _T]], patience: float) -> dict[str, _T]:
    """What each call came to, by name; missing: it has not come to an end in that time (seconds). What one raised is
    raised.
    """
    answers: dict[str, _T] = {}
    failures: list[BaseException] = []

    def run(name: str, call: Callable[[], _T]) -> None:
        try:
            answers[name] = call()
        except BaseException as error:  # noqa: BLE001  # raised again, where somebody sees it
            failures.append(error)

    threads = [threading.Thread(target=run, args=one, name=f"ask {one[0]}", daemon=True) for one in calls.items()]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    for failure in failures:
        raise failure
    return dict(answers)


def _asking(vault: Vault, site: Site, figures: StoreFigures, heard: dict[str, Asked]) -> Callable[[], Asked]:
    """`heard` gets what is to be said of a store that answers and whose answer to a write does not come."""
    store = vault.stores[site.name]

    def ask() -> Asked:
        try:
            found = vault.look_at(store)
        except (IntegrityBroken, NewerFormat) as error:  # the catalogue is behind it; a newer program was here
            return Asked(Room(site, figures, None), error)
        if isinstance(found, StoreUnavailable):
            return Asked(Room(site, figures, None, trouble=found))
        fault = None if isinstance(found, BlobMissing) and not figures.journal_size else found

        def hear(room: Room) -> None:
            heard[site.name] = Asked(room, fault)

        room = look_into(vault, site, figures, hear)
        return Asked(room, fault or room.broken)

    return ask


def _silent(site: Site, figures: StoreFigures, patience: float) -> Asked:
    trouble = StoreUnavailable(
        Text(
            en=f"Store {site.name} has not answered for {patience:.0f} s.",
            zh=f"存储 {site.name} 已 {patience:.0f} 秒没有应答。",
        )
    )
    return Asked(Room(site, figures, None, trouble=trouble))
