"""`Files` (files.py) whose place is asked again when it could not be reached: the one place where anything is.

What is asked again are broken connections and time-outs, after a pause that doubles, with jitter. Answers are not:
"no such file", "not permitted" and "full" are what the place said, and any other error is not known to pass. That one
"no such file" is not believed is RemoteStore's, whether this is in between or not.

An answer may be lost on its way though the act took place. So of the verbs that are not harmless twice, `create` then
finds its own file, which the store above reads before it believes it, and a `move` whose source is gone and whose
target is there is done. Objects never change: reading and listing them goes on where it broke. Other files may be
replaced meanwhile and are small: they are read whole, and begun anew.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_exponential_jitter

from backends.files import Content, Files

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PASSING = (ConnectionError, TimeoutError)  # what may be otherwise in a moment
_PAUSE, _LONGEST = 0.1, 5.0  # seconds: the first, and the longest
_PATIENCE = 60.0  # seconds after which a small thing is not asked again
_SLOWEST = 1 << 20  # bytes a second: more patience for what is large
_OBJECTS = "objects"
_T = TypeVar("_T")


class RetryingFiles:
    """See `Files`. Whatever fails is asked again up to `retries` times, first after about `pause` seconds."""

    def __init__(self, inner: Files, retries: int, pause: float = _PAUSE) -> None:
        self._inner = inner
        self._retries = retries
        self._pause = pause

    def ask(self, act: Callable[[], _T], size: int = 0) -> _T:
        """Do it, again if need be; `size`: bytes that it moves."""
        return Retrying(
            retry=retry_if_exception_type(PASSING),
            wait=wait_exponential_jitter(multiplier=self._pause, jitter=self._pause, max=_LONGEST),
            stop=stop_after_attempt(self._retries + 1) | stop_after_delay(_PATIENCE + size / _SLOWEST),
            reraise=True,
        )(act)

    def size(self, path: str) -> int:
        return self.ask(lambda: self._inner.size(path))

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        if not path.startswith(f"{_OBJECTS}/"):
            yield io.BytesIO(self.ask(lambda: self._read(path, start)))
            return
        with _Resumed(self, self._inner, path, start) as stream:
            yield cast(BinaryIO, stream)

    def _read(self, path: str, start: int) -> bytes:
        with self._inner.open(path, start) as stream:
            return stream.read()

    def create(self, path: str, content: Content) -> bool:
        return self.ask(lambda: self._inner.create(path, content), content.size)

    def replace(self, path: str, data: bytes) -> None:
        self.ask(lambda: self._inner.replace(path, data), len(data))

    def move(self, path: str, to: str) -> bool:
        if self._is_there(to):
            return False
        unheard = False  # whether an answer was lost: what is there then came with this move

        def go() -> bool:
            nonlocal unheard
            try:
                return self._inner.move(path, to)
            except FileNotFoundError:
                if unheard and self._is_there(to):
                    return True
                raise
            except PASSING:
                unheard = True
                raise

        return self.ask(go)

    def _is_there(self, path: str) -> bool:
        for _ in range(2):  # one "no such file" is not believed
            with suppress(FileNotFoundError):
                self.size(path)
                return True
        return False

    def remove(self, path: str) -> None:
        self.ask(lambda: self._inner.remove(path))

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        if folder == _OBJECTS:
            yield from self._walk_on(after)
        elif folder:
            yield from self.ask(lambda: list(self._inner.walk(folder, after)))
        else:  # the whole place, which nobody reads to its end: it is asked of a new one, by a person who can ask again
            yield from self._inner.walk(folder, after)

    def _walk_on(self, after: str) -> Iterator[tuple[str, int]]:
        """One that breaks goes on after the last path; each step has all its retries."""
        walk = self._inner.walk(_OBJECTS, after)

        def step() -> tuple[str, int] | None:
            nonlocal walk
            try:
                return next(walk, None)
            except PASSING:
                walk = self._inner.walk(_OBJECTS, after)
                raise

        while (found := self.ask(step)) is not None:
            yield found
            after = found[0]

    def close(self) -> None:
        self._inner.close()


class _Resumed(io.RawIOBase):
    """An object's bytes; where the stream breaks, another goes on at the same place."""

    def __init__(self, retrying: RetryingFiles, inner: Files, path: str, start: int) -> None:
        self._retrying = retrying
        self._inner = inner
        self._path = path
        self._at = start
        self._opened = ExitStack()
        self._stream = retrying.ask(self._open)

    def _open(self) -> BinaryIO:
        return self._opened.enter_context(self._inner.open(self._path, self._at))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        broken = False

        def go() -> int:
            nonlocal broken
            try:
                if broken:
                    self._give_up()
                    self._stream = self._open()
                return cast(int, self._stream.readinto(buffer))  # type: ignore[attr-defined]  # typeshed: BinaryIO lacks it
            except PASSING:
                broken = True
                raise

        count = self._retrying.ask(go)
        self._at += count
        return count

    def _give_up(self) -> None:
        """What a broken line says at the end of a stream that is not needed any more is of no interest."""
        opened, self._opened = self._opened, ExitStack()
        with suppress(*PASSING):
            opened.close()

    def close(self) -> None:
        if not self.closed:
            self._give_up()
        super().close()
