"""Stores that did not answer a moment ago: remembered, so that nobody waits for them again at every step.

Only absence is remembered, and it decides nothing but whom to leave out: where the others are too few, those left out
are asked again before anything is refused. That a store is here is asked anew each time, and that something is durable
there, the writing alone tells. Whoever leaves a store out says what the store said (StoreUnavailable): nobody may take
it that it has nothing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from vault import layout
from vault.errors import BlobMissing, StoreUnavailable
from vault.ports import Store

# Seconds. In between, ten times as long as it took to find out: of the time, a tenth at most goes into waiting.
SHORTEST, LONGEST = 5.0, 60.0
_TIMES = 10


class _Absence(NamedTuple):
    error: StoreUnavailable
    until: float


class Absences:
    """Of a vault's stores, as one process knows them. May be asked from several threads.

    A store is silent where nothing can be read, and shut where nothing can be written: one that is full is shut alone.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._silent: dict[str, _Absence] = {}
        self._shut: dict[str, _Absence] = {}

    def silent(self, store: Store) -> StoreUnavailable | None:
        """Why it cannot be read now; None: it has just answered."""
        return self.lately_silent(store.name) or _refusal(lambda: self._ask(store))

    def shut(self, store: Store, *, afresh: bool = False) -> StoreUnavailable | None:
        """Why it takes no writes now; `afresh`: asked, whatever is remembered."""
        return (None if afresh else self.lately_shut(store.name)) or _refusal(lambda: self._ask_for_room(store))

    def refuses(self, store: Store) -> StoreUnavailable | None:
        """Why it takes no writes now, of one that has just been read."""
        return _refusal(lambda: self._begin(store))

    def lately_silent(self, name: str) -> StoreUnavailable | None:
        """What it said a moment ago, if it did not answer then; it is not asked."""
        return self._lately(self._silent, name)

    def lately_shut(self, name: str) -> StoreUnavailable | None:
        """The same of writing."""
        return self._lately(self._shut, name) or self.lately_silent(name)

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Remember a StoreUnavailable, which is about the whole store."""
        with self._noting(self._silent, name):
            yield
        self._silent.pop(name, None)

    @contextmanager
    def writing(self, name: str) -> Iterator[None]:
        """The same of writing."""
        with self._noting(self._shut, name):
            yield
        self.forget(name)

    def forget(self, name: str) -> None:
        """It has answered."""
        self._silent.pop(name, None)
        self._shut.pop(name, None)

    def _ask(self, store: Store) -> None:
        with self.reading(store.name), suppress(BlobMissing):
            store.read_file(layout.MARKER)

    def _ask_for_room(self, store: Store) -> None:
        self._ask(store)
        self._begin(store)

    def _begin(self, store: Store) -> None:
        with self.writing(store.name):
            store.begin(0).abandon()

    def _lately(self, kept: Mapping[str, _Absence], name: str) -> StoreUnavailable | None:
        absence = kept.get(name)
        return absence.error if absence is not None and self._clock() < absence.until else None

    @contextmanager
    def _noting(self, kept: dict[str, _Absence], name: str) -> Iterator[None]:
        began = self._clock()
        try:
            yield
        except StoreUnavailable as error:
            now = self._clock()
            kept[name] = _Absence(error, now + min(LONGEST, max(SHORTEST, _TIMES * (now - began))))
            raise


def _refusal(ask: Callable[[], None]) -> StoreUnavailable | None:
    try:
        ask()
    except StoreUnavailable as error:
        return error
    return None
