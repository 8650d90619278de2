"""The quay: items are read once, hashed, and written to every store at the same time.

A batch is landed as a whole: all its items are read and written, then every store makes them objects with one or two
flushes. A source that fails takes only itself out of the batch. A store that fails is left out for the rest of the
run as long as the others are enough for the policy; otherwise the intake stops.
"""

import mmap
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

from vault.digest import Digest, Hasher
from vault.errors import SourceProblem, StoreUnavailable
from vault.intake.items import Stream
from vault.intake.media_facts import HEAD
from vault.ports import Incoming, Landed, Store
from vault.text import Text

BLOCK = 4 << 20  # bytes read, hashed and written at a time; each porter has one such buffer
_LARGE = 4 << 20  # a source at least this large is dropped from the page cache once read: nobody reads it again

Progress = Callable[[int], object]
Enough = Callable[[Collection[str]], bool]


class Source(Protocol):
    """Something to read once, in its turn."""

    @property
    def size(self) -> int | None:
        """Bytes; None where only reading will tell."""
        ...

    def open(self) -> AbstractContextManager[Stream]: ...


@dataclass(slots=True)
class Brought:
    """A source that is now an object on `stores`.

    `head` is how it begins, enough to tell its kind. `damaged_on`: stores whose earlier copy was bad and was replaced.
    """

    digest: Digest
    size: int
    sm3: str
    stores: tuple[str, ...]
    head: bytes
    damaged_on: tuple[str, ...] = ()


@dataclass(slots=True)
class _Crossing:
    """One source on its way: an arrival on each store that still takes part."""

    arrivals: dict[str, Incoming]
    digest: Digest | None = None
    size: int = 0
    sm3: str = ""
    head: bytes = b""


class Quay:
    """The stores that one porter writes to. `progress` is told of bytes read; what it raises ends the landing."""

    def __init__(self, stores: Mapping[str, Store], enough: Enough, *, sm3: bool, progress: Progress) -> None:
        self._stores = stores
        self._enough = enough
        self._sm3 = sm3
        self._progress = progress
        self.failures: dict[str, StoreUnavailable] = {}

    def land(
        self, sources: Iterable[Source], names: Sequence[str], buffer: memoryview
    ) -> list[Brought | SourceProblem]:
        """Read the sources and make them objects on these stores, durable on return. StoreUnavailable when too few of
        them are left."""
        crossings: list[_Crossing] = []
        outcomes: list[_Crossing | SourceProblem] = []
        try:
            for source in sources:
                crossing = _Crossing({})
                crossings.append(crossing)
                try:
                    self._cross(source, crossing, names, buffer)
                except SourceProblem as error:
                    _abandon(crossing)
                    outcomes.append(error)
                else:
                    outcomes.append(crossing)
            good = [crossing for crossing in outcomes if isinstance(crossing, _Crossing)]
            landed = self._put(good, names)
        except BaseException:
            for crossing in crossings:
                _abandon(crossing)
            raise
        return [one if isinstance(one, SourceProblem) else self._brought(one, landed, names) for one in outcomes]

    def _cross(self, source: Source, crossing: _Crossing, names: Sequence[str], buffer: memoryview) -> None:
        hasher = Hasher(sm3=self._sm3)
        arrivals = crossing.arrivals
        with source.open() as stream:
            for name in self._living(names):
                try:
                    arrivals[name] = self._stores[name].begin(source.size or 0)
                except StoreUnavailable as error:
                    self._lose(name, error)
            if not self._enough(arrivals):
                raise self._too_few(names)
            while count := stream.readinto(buffer):
                block = buffer[:count]
                hasher.update(block)
                if not crossing.size:
                    crossing.head = bytes(block[:HEAD])
                for name in tuple(arrivals):
                    try:
                        arrivals[name].write(block)
                    except StoreUnavailable as error:
                        self._drop(crossing, name, error, names)
                crossing.size += count
                self._progress(count)
                _forget(stream, crossing.size, count)
        for name in tuple(arrivals):
            try:
                arrivals[name].finish()
            except StoreUnavailable as error:
                self._drop(crossing, name, error, names)
        crossing.digest = hasher.digest()
        crossing.sm3 = hasher.sm3() or ""

    def _drop(self, crossing: _Crossing, name: str, error: StoreUnavailable, names: Sequence[str]) -> None:
        crossing.arrivals.pop(name).abandon()
        self._lose(name, error)
        if not self._enough(crossing.arrivals):
            raise self._too_few(names)

    def _put(self, crossings: Sequence[_Crossing], names: Sequence[str]) -> dict[str, dict[int, Landed]]:
        """On each store, all that arrived there; how each landed, by the crossing's identity."""
        landed: dict[str, dict[int, Landed]] = {}
        for name in self._living(names):
            here = [crossing for crossing in crossings if name in crossing.arrivals]
            try:
                hows = self._stores[name].put([(c.arrivals[name], c.digest) for c in here if c.digest is not None])
            except StoreUnavailable as error:
                self._lose(name, error)
            else:
                landed[name] = {id(crossing): how for crossing, how in zip(here, hows, strict=True)}
        return landed

    def _brought(self, crossing: _Crossing, landed: dict[str, dict[int, Landed]], names: Sequence[str]) -> Brought:
        assert crossing.digest is not None
        hows = {name: put[id(crossing)] for name, put in landed.items() if id(crossing) in put}
        if not self._enough(hows):
            raise self._too_few(names)
        damaged = tuple(name for name, how in hows.items() if how is Landed.REPLACED_DAMAGED)
        return Brought(crossing.digest, crossing.size, crossing.sm3, tuple(hows), crossing.head, damaged)

    def _living(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name not in self.failures]

    def _lose(self, name: str, error: StoreUnavailable) -> None:
        self.failures.setdefault(name, error)

    def _too_few(self, names: Sequence[str]) -> StoreUnavailable:
        for name in names:
            if name in self.failures:
                return self.failures[name]
        return StoreUnavailable(
            Text(
                en=f"The copies on {', '.join(names)} would be less than the minimum.",
                zh=f"仅 {'、'.join(names)} 上的副本少于要求的最少副本数。",
            )
        )


def new_buffer() -> memoryview:
    """A page-aligned buffer for one porter."""
    return memoryview(mmap.mmap(-1, BLOCK))


def _abandon(crossing: _Crossing) -> None:
    for arrival in crossing.arrivals.values():
        arrival.abandon()


def _forget(stream: Stream, read: int, count: int) -> None:
    """Tell the kernel that the source's pages will not be read again: hours of video must not push all else out."""
    if read < _LARGE:
        return
    descriptor = stream.fileno()
    if descriptor is not None and hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(descriptor, read - count, count, os.POSIX_FADV_DONTNEED)
