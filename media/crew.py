"""Several drives at work at once: a thread for each burn, and all that is decided or recorded in the caller's thread.

Burning and reading back take the time; in between the caller journals: before a burn begins, when the disc is burnt,
and when it has been read back or not. One copy that fails is burnt again alone, on whatever blank there is next.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Protocol

from media.drives.port import Drive
from media.drives.reading import Reading
from media.drives.verifying import read_back
from media.image import ImageInfo
from media.queue import Blank, Burn, choose
from vault.discs.model import Mark
from vault.errors import Ended, StrongroomError
from vault.outputs import Progress
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a burn ended. `burnt`: the image was written to its end. `reading`: it was also read back and is the image.

    Otherwise `error` says why; a BurnFailed has lost the blank, any other has not.
    """

    burn: Burn
    burnt: bool
    reading: Reading | None = None
    error: StrongroomError | None = None


class Foreman(Protocol):
    """Who has the drives worked. Its methods are called in one thread; what they raise ends the work."""

    def blank_in(self, drive: Drive) -> Blank | None:
        """The blank in a drive that is idle; None where there is none, and none to be waited for."""
        ...

    def begin(self, burn: Burn) -> None:
        """It is about to be burnt."""
        ...

    def end(self, outcome: Outcome) -> bool:
        """It was; whether to burn that copy again."""
        ...


def work(
    waiting: Sequence[Mark],
    drives: Sequence[Drive],
    images: Callable[[Mark], tuple[Path, ImageInfo]],
    foreman: Foreman,
    progress: Progress = int,
    past: list[Burn] | None = None,
) -> list[Mark]:
    """Burn and verify copies until none waits, or no drive has a blank; those that still wait.

    `progress` is told of bytes burnt and read back, from several threads; `past`: the burns before, to which these are
    added. Where the foreman raises something the burns in hand are ended, and their blanks lost.
    """
    crew = _Crew(list(waiting), {drive.name: drive for drive in drives}, images, foreman, progress, past)
    with ThreadPoolExecutor(max(1, len(drives))) as pool:
        try:
            while crew.assign(pool):
                crew.gather()
        except BaseException:
            crew.stopped.set()
            raise
    return crew.waiting


class _Crew:
    """What waits, what is idle, and what is under way."""

    def __init__(
        self,
        waiting: list[Mark],
        idle: dict[str, Drive],
        images: Callable[[Mark], tuple[Path, ImageInfo]],
        foreman: Foreman,
        progress: Progress,
        past: list[Burn] | None,
    ) -> None:
        self.waiting = waiting
        self.stopped = Event()
        self._idle = idle
        self._images = images
        self._foreman = foreman
        self._progress = progress
        self._past = past if past is not None else []
        self._running: dict[Future[Outcome], tuple[Burn, Drive]] = {}

    def assign(self, pool: ThreadPoolExecutor) -> bool:
        """Give idle drives work; whether any is under way."""
        blanks = [blank for drive in self._idle.values() if self.waiting and (blank := self._foreman.blank_in(drive))]
        while burn := choose(self.waiting, blanks, self._past, [burn for burn, _ in self._running.values()]):
            self._foreman.begin(burn)
            drive = self._idle.pop(burn.blank.drive)
            self.waiting.remove(burn.mark)
            blanks.remove(burn.blank)
            self._running[pool.submit(self._burn, burn, drive)] = (burn, drive)
        return bool(self._running)

    def gather(self) -> None:
        """Wait until something has ended, and tell the foreman."""
        for future in wait(self._running, return_when=FIRST_COMPLETED).done:
            burn, drive = self._running.pop(future)
            outcome = future.result()
            self._past.append(replace(burn, failed=outcome.error is not None))
            self._idle[drive.name] = drive
            if self._foreman.end(outcome):
                self.waiting.append(burn.mark)

    def _burn(self, burn: Burn, drive: Drive) -> Outcome:
        image, info = self._images(burn.mark)
        burnt = False
        try:
            with drive.held():
                drive.burn(image, self._tick)
                burnt = True
                return Outcome(burn, burnt, read_back(drive, info, progress=self._tick))
        except StrongroomError as error:
            return Outcome(burn, burnt, error=error)

    def _tick(self, count: int) -> None:
        """Also the place where a burn is ended."""
        if self.stopped.is_set():
            raise Ended(Text(en="The burning was ended.", zh="刻录已中止。"))
        self._progress(count)
