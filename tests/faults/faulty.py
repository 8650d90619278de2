"""Places that fail as real ones do: a wrapper over `Files`, and the plan it goes by (faulty_store.py: over `Store`).

Honest faults: an error before the act, an error after it (the answer was lost), one in the middle of a stream or a
listing, one "no such file" of what is there (a gateway that fails over). Lies: a flipped bit in what is read or
written, an act that is confirmed and was never done, a listing that ends early. Streams always give fewer bytes than
they are asked for.

What happens is drawn anew for every question, from the seed, the operation and the question alone: threads may come
in any order, and a run can be had again.
"""

import errno
import hashlib
import io
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, cast

from backends.files import Content, Files

HONEST = ("before", "after", "midway", "absent")
LIES = ("flip", "lie")
PASSING = (errno.ECONNRESET, errno.ETIMEDOUT)
LASTING = (errno.EIO, errno.EACCES, errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass
class Plan:
    """What goes wrong: one question in `one_in` meets one of these faults with one of these errors; 0: none does.

    `verbs`: those that it is about; none: all.
    """

    seed: int
    one_in: int = 0
    faults: Sequence[str] = HONEST
    errors: Sequence[int] = PASSING + LASTING
    verbs: Sequence[str] = ()

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.begin(0)

    def begin(self, operation: int) -> None:
        """What comes now belongs to this one."""
        self._operation = operation
        self._asked: Counter[tuple[str, str]] = Counter()
        self._denied: set[str] = set()
        self.happened: Counter[str] = Counter()
        self.lied_about: set[str] = set()

    def draw(self, verb: str, path: str) -> "Draw":
        """For one question, chance and what it brings. Nothing is denied twice in one operation."""
        with self._lock:
            self._asked[verb, path] += 1
            chance = random.Random(f"{self.seed}/{self._operation}/{verb}/{path}/{self._asked[verb, path]}")
            fault = ""
            if self.one_in and (not self.verbs or verb in self.verbs) and chance.randrange(self.one_in) == 0:
                fault = chance.choice(self.faults)
            if fault == "absent" and (verb not in ("size", "open") or path in self._denied):
                fault = ""
            if fault == "absent":
                self._denied.add(path)
            if fault in LIES:
                self.lied_about.add(path)
            if fault:
                self.happened[fault] += 1
            return Draw(fault, chance, path, chance.choice(self.errors))


@dataclass(frozen=True)
class Draw:
    fault: str
    chance: random.Random
    path: str
    number: int

    def error(self) -> OSError:
        return OSError(self.number, os.strerror(self.number), self.path)

    def begin(self) -> None:
        if self.fault == "before":
            raise self.error()
        if self.fault == "absent":
            raise FileNotFoundError(errno.ENOENT, "NoSuchKey: said while failing over", self.path)

    def end(self) -> None:
        if self.fault in ("after", "midway"):
            raise self.error()


class FaultyFiles:
    """See `Files`."""

    def __init__(self, inner: Files, plan: Plan) -> None:
        self._inner = inner
        self._plan = plan

    def size(self, path: str) -> int:
        draw = self._plan.draw("size", path)
        draw.begin()
        size = self._inner.size(path)
        draw.end()
        return size

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        draw = self._plan.draw("open", path)
        draw.begin()
        with self._inner.open(path, start) as stream:
            yield cast(BinaryIO, _Stream(stream, draw))

    def create(self, path: str, content: Content) -> bool:
        draw = self._plan.draw("create", path)
        draw.begin()
        if draw.fault == "lie":
            return True
        made = self._inner.create(path, _Sent(content, draw) if draw.fault in ("midway", "flip") else content)
        draw.end()
        return made

    def replace(self, path: str, data: bytes) -> None:
        draw = self._plan.draw("replace", path)
        draw.begin()
        if draw.fault != "lie":
            self._inner.replace(path, flipped(data, draw.chance) if draw.fault == "flip" else data)
        draw.end()

    def move(self, path: str, to: str) -> bool:
        draw = self._plan.draw("move", path)
        draw.begin()
        moved = True if draw.fault == "lie" else self._inner.move(path, to)
        draw.end()
        return moved

    def remove(self, path: str) -> None:
        draw = self._plan.draw("remove", path)
        draw.begin()
        if draw.fault != "lie":
            self._inner.remove(path)
        draw.end()

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        draw = self._plan.draw("walk", folder)
        draw.begin()
        walk = self._inner.walk(folder, after)
        if draw.fault in ("midway", "after", "lie"):
            yield from islice(walk, draw.chance.randrange(10))
            draw.end()
        else:
            yield from walk

    def close(self) -> None:
        self._inner.close()


class _Stream(io.RawIOBase):
    """Gives less than it is asked for; breaks, or flips a bit, after some bytes."""

    def __init__(self, stream: BinaryIO, draw: Draw) -> None:
        self._stream = stream
        self._draw = draw
        self._left = draw.chance.randrange(20_000)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        most = self._draw.chance.randint(1, 60_000)
        with memoryview(cast(bytearray, buffer)) as view:
            data = self._stream.read(min(len(view), most))
            if self._draw.fault in ("midway", "after") and self._left < len(data):
                raise self._draw.error()
            if self._draw.fault == "flip" and 0 <= self._left < len(data):
                data = flipped(data, self._draw.chance)
            self._left -= len(data)
            view[: len(data)] = data
        return len(data)


class _Sent:
    """A content that does not arrive whole, or not as it was sent."""

    def __init__(self, content: Content, draw: Draw) -> None:
        self._content = content
        self._draw = draw
        self.size = content.size
        self.sha256 = content.sha256
        if draw.fault == "flip":  # on its way before anything could be hashed: the place's own check says nothing
            with content.open() as stream:
                self._flipped = flipped(stream.read(), draw.chance)
            self.sha256 = hashlib.sha256(self._flipped).digest()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        if self._draw.fault == "flip":
            yield io.BytesIO(self._flipped)
            return
        with self._content.open() as stream:
            yield cast(BinaryIO, _Breaking(stream, self._draw, self._draw.chance.randint(0, self.size)))


class _Breaking(io.RawIOBase):
    """Some bytes, and then an error."""

    def __init__(self, stream: BinaryIO, draw: Draw, left: int) -> None:
        self._stream = stream
        self._draw = draw
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        with memoryview(cast(bytearray, buffer)) as view:
            data = self._stream.read(min(len(view), self._left))
            if not data:
                raise self._draw.error()
            self._left -= len(data)
            view[: len(data)] = data
        return len(data)


def flipped(data: bytes, chance: random.Random) -> bytes:
    """With one bit changed; nothing stays nothing."""
    if not data:
        return data
    changed = bytearray(data)
    changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)
