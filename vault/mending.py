"""Marker, README and journal of the stores: looked at, and put right where it is known what they must hold.

Stores prove one another's journals (vault/journalcheck.py), so all are read; only the named ones are written to. The
entries that say what was mended follow at the end: a journal cannot grow while it is being put together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from vault import journalcheck, layout
from vault.errors import StoreNotMounted, StoreUnavailable
from vault.journal import CHECKPOINT
from vault.journalcheck import JournalFile
from vault.store import Vault


@dataclass(frozen=True, slots=True)
class Looked:
    """One file on one store: as it should be, or mended, or damaged for good, or the store could not say."""

    store: str
    path: str
    state: Literal["good", "mended", "damaged", "unknown"]
    error: StoreUnavailable | None = None


def mend(vault: Vault, names: Sequence[str]) -> Iterator[Looked]:
    """Look at every such file of the named stores. JournalBroken where there is no journal to go by, or two."""
    for name in names:
        yield from _mend_marker(vault, name)
    stores = list(vault.stores.values())
    with vault.journal.still():
        agreed = journalcheck.agree(stores, vault.verifier)
    journalcheck.require_one_history(agreed, stores)
    for file in journalcheck.check_journal(stores, agreed):
        for name in names:
            if name in file.unknown:
                yield Looked(name, file.path, "unknown")
            elif name in file.behind and vault.is_read_only(name):
                continue  # nobody brings it there
            elif name not in (*file.damaged, *file.behind):
                yield Looked(name, file.path, "good")
            else:
                yield _mended(vault, file, name)


def _mend_marker(vault: Vault, name: str) -> Iterator[Looked]:
    store = vault.stores[name]
    flaws = {flaw.path: flaw for flaw in layout.examine(store, vault.marker)}
    for path in (layout.MARKER, layout.README):
        flaw = flaws.get(path)
        if flaw is None:
            yield Looked(name, path, "good")
        elif isinstance(flaw.why, StoreUnavailable):
            yield Looked(name, path, "unknown", flaw.why)
        elif not flaw.can_be_mended:
            yield Looked(name, path, "damaged")
        else:
            yield _written(vault, name, path, flaw.right)


def _mended(vault: Vault, file: JournalFile, name: str) -> Looked:
    if file.good is None:
        return Looked(name, file.path, "damaged")
    with vault.journal.still():
        good = file.good
        if file.path == CHECKPOINT:  # the journal may have grown since: the newest one, not the one that was checked
            good = journalcheck.agree(list(vault.stores.values()), vault.verifier).signed
        return _written(vault, name, file.path, good)


def _written(vault: Vault, name: str, path: str, right: bytes) -> Looked:
    try:
        vault.stores[name].replace_file(path, right)
    except StoreNotMounted as error:  # another vault's disk in its place: nothing of ours was looked at
        return Looked(name, path, "unknown", error)
    except StoreUnavailable as error:
        return Looked(name, path, "damaged", error)
    return Looked(name, path, "mended")
