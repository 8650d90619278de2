"""The contract, kept behind a retry, on a place that breaks all the time; and what is asked again, and what is not."""

import errno
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from backends.files import Bytes, Files
from backends.generic import FsspecFiles
from backends.retrying import RetryingFiles
from tests.backends.remotes import GenericRig
from tests.contract import StoreContract
from tests.faults.faulty import PASSING, FaultyFiles, Plan


class FlakyRig(GenericRig):
    """One question in twenty meets a broken line. No answer is lost after the act: what is new would be found then."""

    def __init__(self, folder: Path) -> None:
        plan = Plan(7, faults=("before", "midway", "absent"), errors=PASSING)
        super().__init__(folder, lambda files: RetryingFiles(FaultyFiles(files, plan), 6, pause=0.0005))
        plan.one_in = 20


class TestRetryingStore(StoreContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> FlakyRig:
        return FlakyRig(tmp_path / "远")


class Failing:
    """`Files` that fail so many times with this error, before the act or after it."""

    def __init__(self, inner: Files, error: OSError, times: int, *, after: bool) -> None:
        self._inner = inner
        self._error = error
        self._after = after
        self.left = times

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def act(*arguments: Any) -> Any:
            if self.left and not self._after:
                self.left -= 1
                raise self._error
            answer = getattr(self._inner, verb)(*arguments)
            if self.left:
                self.left -= 1
                raise self._error
            return answer

        return act


RESET = ConnectionResetError(errno.ECONNRESET, "reset")


@pytest.fixture
def place(tmp_path: Path) -> FsspecFiles:
    files = FsspecFiles(f"file://{tmp_path / '远'}", {})
    files.create("objects/a", Bytes(b"a" * 100_000))
    return files


def behind(place: Files, error: OSError, times: int, *, after: bool = False, retries: int = 3) -> RetryingFiles:
    return RetryingFiles(Failing(place, error, times, after=after), retries, pause=0.001)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [RESET, TimeoutError(errno.ETIMEDOUT, "silent")])
def test_what_passes_is_asked_again_so_often_and_not_more(place: FsspecFiles, error: OSError) -> None:
    assert behind(place, error, 3).size("objects/a") == 100_000
    with pytest.raises(type(error)):
        behind(place, error, 4).size("objects/a")
    with pytest.raises(type(error)):
        behind(place, error, 1, retries=0).size("objects/a")


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_an_answer_is_not_asked_for_again(place: FsspecFiles, number: int) -> None:
    failing = Failing(place, OSError(number, "said"), 2, after=False)
    with pytest.raises(OSError, match="said"):
        RetryingFiles(failing, 3, pause=0.001).size("objects/a")  # type: ignore[arg-type]
    assert failing.left == 1


def test_a_file_whose_creation_was_not_heard_of_is_found(place: FsspecFiles) -> None:
    assert behind(place, RESET, 1, after=True).create("objects/b", Bytes(b"b")) is False
    assert place.size("objects/b") == 1


class LostMove:
    """A place whose answer to a move is lost once."""

    def __init__(self, inner: Files, *, moves: bool) -> None:
        self._inner = inner
        self._moves = moves
        self._lost = False

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._inner, verb)

    def move(self, path: str, to: str) -> bool:
        if self._lost:
            return self._inner.move(path, to)
        self._lost = True
        if self._moves:
            self._inner.move(path, to)
        raise RESET


def test_a_move_whose_answer_was_lost_is_done(place: FsspecFiles) -> None:
    retrying = RetryingFiles(LostMove(place, moves=True), 3, pause=0.001)  # type: ignore[arg-type]
    assert retrying.move("objects/a", "damaged/a") is True
    assert place.size("damaged/a") == 100_000


def test_what_was_absent_is_not_moved_because_an_earlier_copy_lies_there(place: FsspecFiles) -> None:
    """Once a set-aside of nothing was told as done, where the line broke and an older copy lay in damaged/."""
    place.move("objects/a", "damaged/a")
    retrying = RetryingFiles(LostMove(place, moves=False), 3, pause=0.001)  # type: ignore[arg-type]
    assert retrying.move("objects/a", "damaged/a") is False
    with pytest.raises(FileNotFoundError):
        retrying.move("objects/a", "damaged/a.2")


class Breaking:
    """A place whose streams break after so many bytes, and which remembers from where they were asked for."""

    def __init__(self, inner: Files, after: int) -> None:
        self._inner = inner
        self._after = after
        self.starts: list[int] = []

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._inner, verb)

    def open(self, path: str, start: int) -> AbstractContextManager[BinaryIO]:
        self.starts.append(start)
        return self._broken(path, start)

    @contextmanager
    def _broken(self, path: str, start: int) -> Iterator[BinaryIO]:
        with self._inner.open(path, start) as stream:
            data = stream.read(self._after)

        yield cast(BinaryIO, _Stream(data, self._after))


class _Stream(io.RawIOBase):
    def __init__(self, data: bytes, after: int) -> None:
        self._data = io.BytesIO(data)
        self._breaks = len(data) == after

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._data.readinto(buffer)
        if not count and self._breaks:
            raise RESET
        return count


def test_a_read_that_breaks_goes_on_where_it_was(place: FsspecFiles) -> None:
    breaking = Breaking(place, 30_000)
    with RetryingFiles(breaking, 1, pause=0.001).open("objects/a", 10) as stream:  # type: ignore[arg-type]
        assert stream.read() == b"a" * 99_990
    assert breaking.starts == [10, 30_010, 60_010, 90_010]


def test_a_file_that_may_be_replaced_is_begun_anew(place: FsspecFiles) -> None:
    """Half of the old checkpoint and half of the new one are no checkpoint."""
    place.replace("journal/checkpoint", b"old" * 20_000)
    breaking = Breaking(place, 30_000)
    with pytest.raises(ConnectionResetError):
        RetryingFiles(breaking, 2, pause=0.001).open("journal/checkpoint", 0).__enter__()  # type: ignore[arg-type]
    assert breaking.starts == [0, 0, 0]


def test_a_listing_that_breaks_goes_on_after_the_last_path(place: FsspecFiles) -> None:
    for number in range(20):
        place.create(f"objects/b{number:02}", Bytes(b""))
    whole = list(place.walk("objects", ""))
    plan = Plan(3, one_in=2, faults=("midway",), errors=PASSING)
    files = RetryingFiles(FaultyFiles(place, plan), 20, pause=0.0001)
    for _ in range(30):
        assert list(files.walk("objects", "")) == whole
    assert list(files.walk("objects", "objects/b04")) == whole[6:]
    assert plan.happened["midway"] > 5
