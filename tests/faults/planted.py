"""Runs the program altered on purpose: with one bug that the campaign must catch, or with its porters in one thread.

    python -m tests.faults.planted ALTERATION ARGUMENT...       as `strongroom ARGUMENT...`

The program itself has no switch for any of this: an alteration replaces a function of an imported module. The bugs
are those that no other test can see, since everything works as long as the power stays on.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self

from backends import arrivals, durable
from vault import store
from vault.catalogue import database
from vault.errors import StrongroomError
from vault.intake import pipeline
from vault.intake.bringing import Answer, Bringer
from vault.intake.landing import Quay
from vault.intake.media_facts import MediaReader
from vault.intake.pending import Batch


class _PorterHere:
    """Lands where it is asked, in the caller's thread."""

    free = True

    def __init__(self, vault: store.Vault, now: datetime, progress: Callable[[int], object]) -> None:
        self._media = MediaReader()
        quay = Quay(vault.stores, vault.enough, sm3=vault.profile.intake.sm3, progress=progress)
        self.failures = quay.failures
        self._bringer = Bringer(vault, quay, self._media, now)
        self._landed: list[tuple[Batch, Answer | StrongroomError]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._media.close()

    @property
    def busy(self) -> bool:
        return bool(self._landed)

    def give(self, batch: Batch) -> None:
        try:
            self._landed.append((batch, self._bringer.bring(batch.load)))
        except StrongroomError as error:
            self._landed.append((batch, error))
        self.free = False

    def wait(self, _seconds: float | None) -> list[tuple[Batch, Answer | StrongroomError]]:
        landed, self._landed, self.free = self._landed, [], True
        return landed


def in_one_thread() -> None:
    """strace counts calls by thread: with all of them in one thread, "the Nth call" means each of them once."""
    pipeline.Porters = _PorterHere  # type: ignore[misc,assignment]


def _nothing(*_arguments: object) -> None:
    pass


def no_data_sync() -> None:
    """Objects get their names before their bytes are on the disk."""
    durable.Syncer.files = _nothing  # type: ignore[method-assign,assignment]
    arrivals.os = _WithoutFsync(arrivals.os)  # type: ignore[attr-defined]


def no_name_sync() -> None:
    """Folders are not synced after a name was made in them."""
    durable.Syncer.names = _nothing  # type: ignore[method-assign,assignment]


def acknowledge_early() -> None:
    """Success is reported when the catalogue has the acts, before the stores have the journal."""
    publish, close = store.Vault.publish, store.Vault.__exit__

    def late(self: store.Vault, *raised: object) -> None:
        publish(self)
        close(self, *raised)

    store.Vault.publish = _nothing  # type: ignore[method-assign,assignment]
    store.Vault.__exit__ = late  # type: ignore[method-assign]


def no_catalogue_sync() -> None:
    """SQLite commits without waiting for the disk."""
    database._PRAGMAS = tuple(pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in database._PRAGMAS)


class _WithoutFsync:
    """The module `os`, with an fsync that does nothing."""

    fsync = staticmethod(_nothing)

    def __init__(self, os: Any) -> None:
        self._os = os

    def __getattr__(self, name: str) -> Any:
        return getattr(self._os, name)


BUGS: dict[str, Callable[[], None]] = {
    "no-data-sync": no_data_sync,
    "no-name-sync": no_name_sync,
    "acknowledge-early": acknowledge_early,
    "no-catalogue-sync": no_catalogue_sync,
}
ALTERATIONS: dict[str, Callable[[], None]] = {"none": _nothing, "one-thread": in_one_thread, **BUGS}


def main() -> None:
    """Alter, then be the program."""
    from ops.cli import main as strongroom

    ALTERATIONS[sys.argv.pop(1)]()
    strongroom()


if __name__ == "__main__":
    main()
