"""So many bytes a second: over a line that others need too, or for moving copies alone."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_PIECES = 10  # a second: no call waits much longer than the tenth part of one for its turn


class Bandwidth:
    """Bytes a second, shared by whoever takes some. `resting`: it holds nobody up, but while it is `in_force`."""

    def __init__(self, rate: int, *, resting: bool = False) -> None:
        self.piece = max(1, rate // _PIECES)  # bytes that are best taken at a time
        self.resting = resting
        self._rate = rate
        self._lock = threading.Lock()
        self._free_at = 0.0  # by the monotonic clock: when all that was taken has gone by

    def take(self, size: int) -> None:
        """Wait for one's turn. What nobody took in the past is not made up for."""
        if self.resting:
            return
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + size / self._rate
            wait = self._free_at - now
        time.sleep(wait)

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """While this is held."""
        self.resting = False
        try:
            yield
        finally:
            self.resting = True


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast copies are moved. None: as fast as it goes. `lines`: stores behind a network, which count themselves
    what goes over their line, when it does; of the others those count it who read them and write to them.
    """

    bandwidth: Bandwidth | None = None
    lines: frozenset[str] = frozenset()

    def between(self, *stores: str) -> Callable[[int], object]:
        """To be told of the bytes that are read off a store, or go from one to another; it waits."""
        if self.bandwidth is None or not self.lines.isdisjoint(stores):
            return int
        return self.bandwidth.take

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """While copies are moved."""
        if self.bandwidth is None:
            yield
            return
        with self.bandwidth.in_force():
            yield


AS_FAST_AS_IT_GOES = Pace()
