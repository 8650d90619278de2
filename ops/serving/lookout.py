"""How the stores are, for whoever must not wait for one: a thread a store looks at it again and again.

A store that hangs holds its own thread and nobody else: after a while it counts as not answering, until it answers.
This is what one process sees, and no job: two services on two machines may well see different things.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from vault.errors import StoreUnavailable
from vault.sighting import Sighting, sight
from vault.store import Vault
from vault.text import Text

_FIRST_LOOK = 5.0  # seconds for which all stores together are waited for at the start …
_LAST_LOOK = 0.5  # … and each at the end


@dataclass(slots=True)
class _View:
    """Of one store. `asked`: since when it is being asked, by this machine's uptime; None: it is not just now.
    `heard`: what it said before it was asked to take a write.
    """

    last: Sighting | None = None
    heard: Sighting | None = None
    asked: float | None = None
    asked_at: datetime | None = None


class Lookout:
    """`pause`: seconds between two looks; `patience`: after which a store that says nothing counts as away."""

    def __init__(self, vault: Vault, pause: float = 30.0, patience: float = 20.0) -> None:
        self._vault = vault
        self._pause = pause
        self._patience = patience
        self._views = {name: _View() for name in vault.stores}

        self._over = threading.Event()

    @contextmanager
    def looking(self) -> Iterator["Lookout"]:
        """While this is held, the stores are looked at. What hangs at the end is left behind."""
        threads = [
            threading.Thread(target=self._watch, args=(name, view), daemon=True) for name, view in self._views.items()
        ]
        for thread in threads:
            thread.start()
        try:
            self._wait(_FIRST_LOOK)
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join(_LAST_LOOK)

    def look(self) -> Mapping[str, Sighting]:
        """Each store as it was seen last; one that was never seen is left out."""
        seen = {name: self._seen(name, view) for name, view in self._views.items()}
        return {name: one for name, one in seen.items() if one is not None}

    def _wait(self, seconds: float) -> None:
        """Until each store has been seen once, or given up."""
        until = time.monotonic() + seconds
        while len(self.look()) < len(self._views) and time.monotonic() < until:
            time.sleep(0.02)

    def _watch(self, name: str, view: _View) -> None:
        while not self._over.is_set():
            view.heard = None
            view.asked_at = self._vault.setting.clock()
            view.asked = time.monotonic()
            view.last = sight(self._vault, name, partial(setattr, view, "heard"))
            view.asked = None
            self._over.wait(self._pause)

    def _seen(self, name: str, view: _View) -> Sighting | None:
        asked, asked_at = view.asked, view.asked_at
        if asked is None or asked_at is None or time.monotonic() - asked < self._patience:
            return view.last
        if (heard := view.heard) is not None:
            return heard.given_up(name)
        what = Text(en=f"Store {name} does not answer.", zh=f"存储 {name} 没有应答。")
        return Sighting(at=asked_at, trouble=StoreUnavailable(what))
