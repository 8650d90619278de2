"""Asking a store about many copies' locks at the same time, each of which costs it a few requests."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from vault.errors import BlobMissing, StoreUnavailable
from vault.ports import Lock, Store
from vault.presence import look_at

_AT_ONCE = 8
_One = TypeVar("_One")


class Asking:
    """Of one store. `trouble`: the first copy's that it could not answer for; `gone`: it does not answer at all."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=f"locks of {store.name}")
        self.trouble: StoreUnavailable | None = None
        self.gone: StoreUnavailable | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def of_each(
        self, copies: Sequence[_One], ask: Callable[[_One], Lock]
    ) -> dict[_One, Lock | BlobMissing | StoreUnavailable]:
        """The answer for each copy. Once the store is gone nobody waits for it again."""
        return dict(zip(copies, self._pool.map(lambda one: self._answer(one, ask), copies), strict=True))

    def _answer(self, one: _One, ask: Callable[[_One], Lock]) -> Lock | BlobMissing | StoreUnavailable:
        if self.gone is not None:
            return self.gone
        try:
            return ask(one)
        except BlobMissing as error:
            return error
        except StoreUnavailable as error:
            self.trouble = self.trouble or error
            try:
                look_at(self._store)
            except StoreUnavailable as gone:
                self.gone = self.gone or gone
                return self.gone  # it is the store's, not this copy's
            return error
