"""What a fork must not share: connections and threads. A child makes its own."""

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_Made = TypeVar("_Made")


class PerProcess(Generic[_Made]):
    """Something made at its first use in each process. Intake's porters are forks of their parent."""

    def __init__(self, make: Callable[[], _Made]) -> None:
        self._make = make
        self._locks: dict[int, threading.Lock] = {}  # a child must not wait for a thread of its parent's
        self._made: tuple[int, _Made] | None = None

    def get(self) -> _Made:
        """This process's own."""
        made = self._made
        if made is not None and made[0] == os.getpid():
            return made[1]
        with self._lock():
            if self._made is None or self._made[0] != os.getpid():
                self._made = os.getpid(), self._make()
            return self._made[1]

    def drop(self, only: _Made | None = None) -> _Made | None:
        """Forget it (`only`: if it is still that one), so that the next use makes it anew.

        What it was, if it was this process's.
        """
        with self._lock():
            made = self._made
            if made is None or (only is not None and made[1] is not only):
                return None
            self._made = None
        return made[1] if made[0] == os.getpid() else None

    def _lock(self) -> threading.Lock:
        return self._locks.setdefault(os.getpid(), threading.Lock())
