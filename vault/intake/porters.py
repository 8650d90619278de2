"""Porters: processes in which batches land side by side, so that landing and filing do not wait for each other.

Python lets one thread of a process run at a time. With thousands of small files, landing them is more than one
processor has to give, and threads would spend more time handing the interpreter's lock to one another than working.
So two children are forked before anything else begins, while no connection to the catalogue is open (SQLite's locks
do not survive a fork). They know the stores and nothing of the catalogue; their parent files, alone.

A porter takes loads from its line one after the other and answers in their order. It ends when its line breaks: its
parent has finished, was told to stop, or is gone; what it had in hand is dropped, and was told to nobody.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Self

import msgspec

from vault.errors import Ended, StoreUnavailable
from vault.intake.bringing import Answer, Bringer, Load
from vault.intake.landing import Quay
from vault.intake.media_facts import MediaReader
from vault.intake.pending import Batch
from vault.store import Vault
from vault.text import Text

PORTERS = 2
IN_HAND = 2  # loads that a porter has: one that it lands, one that waits on its line
_WORTH_TELLING = 4 << 20  # bytes read between two words about progress
_PR_SET_PDEATHSIG = 1
_WAY_OUT = 1.0  # seconds that a thread has for it …
_OTHERS: set[int] = set()  # … and what lived longer: none of Python's, and not waited for again


class _Landed(msgspec.Struct, frozen=True):
    """A porter's word that a load is done: what became of it, and the stores it has lost until then."""

    answer: Answer | Exception
    failures: dict[str, StoreUnavailable]


class Porters:
    """Both of them. `progress` is told of bytes read while `wait` waits; `failures` are stores that were lost."""

    def __init__(self, vault: Vault, now: datetime, progress: Callable[[int], object]) -> None:
        self._progress = progress
        self.failures: dict[str, StoreUnavailable] = {}
        self._porters: list[_Porter] = []
        for store in vault.stores.values():  # a fork must meet neither threads nor connections
            store.close()
        vault.database.let_go()
        let_threads_end()
        for _ in range(PORTERS):
            self._porters.append(_Porter(vault, now, [porter.line for porter in self._porters]))
        for porter in self._porters:
            porter.begin()
        with vault.database.reading():
            pass  # a connection is open again: with the last one SQLite would fold its log each time

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        for porter in self._porters:
            porter.line.close()
        for porter in self._porters:
            porter.end()

    @property
    def free(self) -> bool:
        """Whether one of them can be given a batch."""
        return any(len(porter.in_hand) < IN_HAND for porter in self._porters)

    @property
    def busy(self) -> bool:
        """Whether any of them has something in hand."""
        return any(porter.in_hand for porter in self._porters)

    def give(self, batch: Batch) -> None:
        """To the one that has the least in hand."""
        min(self._porters, key=lambda porter: len(porter.in_hand)).give(batch)

    def wait(self, seconds: float | None) -> Iterable[tuple[Batch, Answer | Exception]]:
        """Batches that have landed, as soon as there are any; nothing if that takes longer. Ended: one was killed."""
        waiting = {porter.line: porter for porter in self._porters if porter.in_hand}
        for line in wait(waiting, seconds):
            porter = waiting[line]  # type: ignore[index]  # what comes out is what went in
            told = porter.hear()
            if isinstance(told, int):
                self._progress(told)
                continue
            self.failures |= told.failures
            yield porter.in_hand.popleft(), told.answer


def let_threads_end() -> None:
    """Until each thread that Python calls ended has ended: on its way out it still takes locks of OpenSSL's, and one
    that it has while its process forks is never given back in the child. Once an intake waited for such a porter for
    ever.
    """
    deadline = time.monotonic() + _WAY_OUT
    while left := _unknown_threads() - _OTHERS:
        if time.monotonic() > deadline:
            _OTHERS.update(left)
        time.sleep(0.001)


def _unknown_threads() -> set[int]:
    known = {thread.native_id for thread in threading.enumerate()}
    known.add(os.getpid())  # the first one's: Python does not learn it anew where a process was forked
    return {int(task) for task in os.listdir("/proc/self/task")} - known


class _Porter:
    """One of them, seen from the parent: its process, its line, and what it has in hand."""

    def __init__(self, vault: Vault, now: datetime, others: Sequence[Connection]) -> None:
        fork = get_context("fork")
        self.line, theirs = fork.Pipe()
        self.in_hand: deque[Batch] = deque()
        arguments = (theirs, [*others, self.line], vault, now, os.getpid())
        self._process = fork.Process(target=_work, args=arguments, name="porter", daemon=True)
        self._process.start()
        theirs.close()  # now the line breaks when the porter ends

    def begin(self) -> None:
        """Once all are forked: a load may be larger than a line holds, so a thread sends while the parent hears."""
        self._sending = ThreadPoolExecutor(1)

    def give(self, batch: Batch) -> None:
        self.in_hand.append(batch)
        self._sending.submit(self._send, batch.load)

    def _send(self, load: Load) -> None:
        with suppress(OSError):  # the porter is gone: `hear` says so
            self.line.send(load)

    def hear(self) -> int | _Landed:
        try:
            told: int | _Landed = self.line.recv()
        except (EOFError, OSError) as error:
            raise Ended(
                Text(
                    en="A process that takes files in was ended from outside (too little memory?).",
                    zh="入库进程被外部终止（可能是内存不足）。",
                )
            ) from error
        return told

    def end(self) -> None:
        self._sending.shutdown(cancel_futures=True)
        self._process.join()


class _LineBroken(Exception):
    """The parent hears no more."""


def _work(line: Connection, not_mine: Sequence[Connection], vault: Vault, now: datetime, parent: int) -> None:
    """A porter's own process: lands what comes down the line until it breaks."""
    for other in not_mine:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the line
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return  # it was gone before it could be watched
    try:
        with MediaReader() as media, suppress(_LineBroken):
            _carry(line, vault, media, now)
    finally:
        for store in vault.stores.values():
            store.close()


def _carry(line: Connection, vault: Vault, media: MediaReader, now: datetime) -> None:
    untold = 0

    def say(word: int | _Landed) -> None:
        try:
            line.send(word)
        except OSError as error:
            raise _LineBroken from error

    def progress(count: int) -> None:
        nonlocal untold
        untold += count
        if untold >= _WORTH_TELLING:
            say(untold)
            untold = 0

    quay = Quay(vault.stores, vault.enough, sm3=vault.profile.intake.sm3, progress=progress)
    bringer = Bringer(vault, quay, media, now)
    while True:
        try:
            load: Load = line.recv()
        except (EOFError, OSError) as error:
            raise _LineBroken from error
        answer: Answer | Exception
        try:
            answer = bringer.bring(load)
        except _LineBroken:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it is raised where the load came from
            answer = error
        if untold:
            say(untold)
            untold = 0
        say(_Landed(answer, quay.failures))
