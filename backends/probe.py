"""What a place promises, tried on scratch files in a folder of their own: `probe/<token>/`, gone at the end.

The same questions (vault/promises.py) are put to every kind; what only one kind can be asked, it asks itself (`own`).
Nothing else there is read or changed, and no store needs to have been begun. What is found out is what the place did
this time: a refusal that was seen is a fact, that half a file never shows is as good as the number of looks.
"""

import errno
import io
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from hashlib import file_digest
from threading import Barrier
from typing import BinaryIO, Protocol

from backends.files import Bytes, Content
from backends.oserrors import store_error
from vault.promises import Answer, Finding

_SIZE = 8 << 20  # bytes of the file that is measured with
_ROUNDS = 6  # races of two for one name
_APART = 60  # seconds by which clocks may differ


class Scratch(Protocol):
    """What is needed of a place: `Files` of remote.py has it."""

    def size(self, path: str) -> int: ...

    def open(self, path: str, start: int) -> AbstractContextManager[BinaryIO]: ...

    def create(self, path: str, content: Content) -> bool: ...

    def remove(self, path: str) -> None: ...

    def close(self) -> None: ...


class Place(Protocol):
    """A place as its kind knows it. Errors are OSErrors."""

    @property
    def refuses(self) -> bool:
        """Whether looking for a name and taking it are one step there."""
        ...

    def connect(self) -> Scratch:
        """The place over a connection of its own."""
        ...

    def lasting(self) -> Iterator[Finding]:
        """What bytes and names are confirmed by to be durable."""
        ...

    def own(self, folder: str) -> Iterator[Finding]:
        """What only this kind can be asked; `folder` is for its scratch files."""
        ...

    def time_of(self, path: str) -> float | None:
        """When a file was written by the place's own clock, in seconds since 1970; None where it does not say."""
        ...

    def clear(self, folder: str) -> None:
        """Remove what is left of a folder of scratch files. FileNotFoundError is fine."""
        ...


def probe(store: str, place: Place) -> list[Finding]:
    """All findings. StoreUnavailable where the place does not answer, or takes no files."""
    folder = f"probe/{secrets.token_hex(8)}"
    try:
        with closing(place.connect()) as one, closing(place.connect()) as other, _cleared(place, folder):
            return list(_findings(place, one, other, folder))
    except OSError as error:
        raise store_error(store, error) from error


@contextmanager
def _cleared(place: Place, folder: str) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):  # what went wrong before says more
            place.clear(folder)


def _findings(place: Place, one: Scratch, other: Scratch, folder: str) -> Iterator[Finding]:
    path = f"{folder}/large"
    parts: list[int] = []
    content = _Watched(os.urandom(_SIZE), lambda: _look(other, path, parts))
    began = time.time()
    with _watching(lambda: _look(other, path, parts)):
        started = time.monotonic()
        try:
            created = one.create(path, content)
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
            yield Finding(name="durable", answer="no", value=error.strerror)  # then nothing else counts
            return
        took = time.monotonic() - started
    yield Finding(name="whole", answer="no" if parts else "yes")
    started = time.monotonic()
    kept = created and _hash(other, path) == content.sha256
    reading = time.monotonic() - started
    yield Finding(name="kept", answer=_yes(kept))
    yield _refused(one, other, f"{folder}/name")
    yield _raced(place, one, other, folder)
    yield from place.lasting()
    yield _range(other, path, content.data)
    yield _clock(place, path, began)
    yield Finding(name="write-rate", answer="yes", value=round(_SIZE / 1024 / took))
    yield Finding(name="read-rate", answer="yes", value=round(_SIZE / 1024 / reading))
    yield from place.own(folder)


def _yes(is_so: bool) -> Answer:
    return "yes" if is_so else "no"


def _look(files: Scratch, path: str, parts: list[int]) -> None:
    """Note the size of a file that is being made, if it shows and is not whole."""
    with suppress(OSError):  # it is not there yet
        if (seen := files.size(path)) != _SIZE:
            parts.append(seen)


class _Watched(Bytes):
    """A content that is looked for at the place whenever a further piece of it is asked for."""

    def __init__(self, data: bytes, look: Callable[[], None]) -> None:
        super().__init__(data)
        self._look = look

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        yield _Looking(self.data, self._look)


class _Looking(io.BytesIO):
    def __init__(self, data: bytes, look: Callable[[], None]) -> None:
        super().__init__(data)
        self._look = look

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            self._look()
        return super().read(size)


@contextmanager
def _watching(look: Callable[[], None]) -> Iterator[None]:
    """Look all the time, too: what is sent in one piece may still show in parts."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.001):
            look()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _hash(files: Scratch, path: str) -> bytes:
    """SHA-256 of a file there; no bytes where it is absent."""
    try:
        with files.open(path, 0) as stream:
            return file_digest(stream, "sha256").digest()  # type: ignore[arg-type]  # typeshed wants more than is used
    except FileNotFoundError:
        return b""


def _refused(one: Scratch, other: Scratch, path: str) -> Finding:
    first, second = Bytes(b"first"), Bytes(b"second")
    taken = [one.create(path, first), other.create(path, second)]
    return Finding(name="name-once", answer=_yes(taken == [True, False] and _hash(other, path) == first.sha256))


def _raced(place: Place, one: Scratch, other: Scratch, folder: str) -> Finding:
    """Where looking and taking are two steps, that no race was lost says nothing of the next."""
    fair = all(_race(one, other, f"{folder}/race-{number}") for number in range(_ROUNDS))
    return Finding(name="name-once-raced", answer="no" if not fair else "yes" if place.refuses else "unknown")


def _race(one: Scratch, other: Scratch, path: str) -> bool:
    """Whether exactly one of two, let off together, got the name, and its bytes are there."""
    contents = (Bytes(b"one"), Bytes(b"other"))
    start = Barrier(2, timeout=60)

    def run(files: Scratch, content: Bytes) -> bool:
        start.wait()
        try:
            return files.create(path, content)
        except OSError:  # told that it is not there as it was written: that is no claim either
            return False

    with ThreadPoolExecutor(2) as runners:
        won = list(runners.map(run, (one, other), contents))
    return sum(won) == 1 and _hash(one, path) == contents[won.index(True)].sha256


def _range(files: Scratch, path: str, data: bytes) -> Finding:
    right = True
    for start in (1, len(data) // 2, len(data) - 1, len(data)):
        with files.open(path, start) as stream:
            right = right and stream.read(1024) == data[start : start + 1024]
    return Finding(name="range", answer=_yes(right))


def _clock(place: Place, path: str, began: float) -> Finding:
    """Its word for when the file was written, against this machine's clock before and after."""
    told = place.time_of(path)
    if told is None:
        return Finding(name="clock", answer="unknown")
    ahead = round(max(0.0, told - time.time()) or min(0.0, told + 1 - began))  # some say whole seconds
    return Finding(name="clock", answer=_yes(abs(ahead) <= _APART), value=ahead)
