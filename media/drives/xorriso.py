"""Drives by xorriso: /dev/sr0 and its like, and pseudo-drives, which are block devices or files named stdio:/path.

A pseudo-drive is a blank whose size is the device's: burning can be practised, and is tested, without a burner. xorriso
takes a path that does not exist for a blank as large as the file system, and a loop device that was detached for one of
1 TB: so what is not there, or has no size, is said to be so here, before xorriso is asked.
"""

import fcntl
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from media.drives import child, toc
from media.drives.fitting import require_fit
from media.drives.port import Condition, Loaded, Take
from media.drives.reading import Reading, read_device
from vault.causes import cause
from vault.errors import BurnFailed, Busy, DriveUnavailable, NoMedium
from vault.outputs import Progress, reading_from
from vault.text import Text

_STDIO = "stdio:"
_LOOKING = 180.0  # seconds without a word; a drive takes up to a minute to make out a disc
_BURNING = 1_800.0  # closing a disc of several layers is done in silence
_WRITTEN = re.compile(r"xorriso : UPDATE : +(\d+) of +\d+ MB written")
_MB = 1 << 20  # as xorriso counts
_REASON = re.compile(r"\w+ : (?:SORRY|FAILURE|FATAL) : (.+)")


@dataclass(frozen=True, slots=True)
class XorrisoDrive:
    """A drive under the name that xorriso knows it by. Implements `Drive` (media/drives/port.py)."""

    name: str

    @property
    def device(self) -> str:
        """Its path."""
        return self.name.removeprefix(_STDIO)

    @contextmanager
    def held(self) -> Iterator[None]:
        self._require_there()
        try:
            descriptor = os.open(self.device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise self._unavailable(cause(error)) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                what = Text(en=f"Another command uses {self.name}.", zh=f"另一个命令正在使用 {self.name}。")
                raise Busy(what) from error
            yield
        finally:
            os.close(descriptor)

    def look(self) -> Loaded:
        self._require_there()
        if self._is_pseudo and not self._has_size():
            return Loaded(Condition.EMPTY)
        said: list[str] = []
        if why := _asked(["-outdev", self.name, "-toc"], _LOOKING, said.append):
            raise self._unavailable(why)
        return toc.parse(said)

    def burn(self, image: Path, progress: Progress = int) -> None:
        with reading_from(image):
            size = image.stat().st_size
        require_fit(self.name, self.look(), size)
        done = _Done(size, progress)
        pseudo = ["stdio_sync=off"] if self._is_pseudo else []  # it is flushed once, at the end
        words = ["-as", "cdrecord", "-v", f"dev={self.name}", "-sao", "padsize=0", "fs=16m", *pseudo]
        if why := _asked([*words, str(image.absolute())], _BURNING, done.hear):
            raise self._failed(why)
        if self._is_pseudo:
            self._flush()
        done.finish()

    def eject(self) -> None:
        self._require_there()
        if why := _asked(["-outdev", self.name, "-eject", "out"], _LOOKING):
            raise self._unavailable(why)

    def read(self, sectors: int, take: Take = len, progress: Progress = int, patience: int | None = None) -> Reading:
        loaded = self.look()
        if loaded.condition is Condition.EMPTY:
            raise NoMedium(Text(en=f"There is no disc in {self.name}.", zh=f"{self.name} 中没有光盘。"))
        return read_device(self.device, sectors, loaded.grain, take, progress, patience)

    @property
    def _is_pseudo(self) -> bool:
        return self.name.startswith(_STDIO)

    def _require_there(self) -> None:
        try:
            mode = os.stat(self.device).st_mode
        except OSError as error:
            raise self._unavailable(cause(error)) from error
        if not stat.S_ISBLK(mode) and not (self._is_pseudo and stat.S_ISREG(mode)):
            raise self._unavailable(Text(en="it is no disc drive", zh="它不是光驱"))

    def _has_size(self) -> bool:
        """A pseudo-drive that is a file has the size of the room around it."""
        if stat.S_ISREG(os.stat(self.device).st_mode):
            return True
        try:
            descriptor = os.open(self.device, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise self._unavailable(cause(error)) from error
        try:
            return os.lseek(descriptor, 0, os.SEEK_END) > 0
        finally:
            os.close(descriptor)

    def _flush(self) -> None:
        """What xorriso handed to the kernel is on the device now, or the burn failed."""
        try:
            descriptor = os.open(self.device, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._failed(cause(error)) from error

    def _failed(self, why: Text) -> BurnFailed | DriveUnavailable:
        """A blank that is still one is not lost; where the drive cannot say, it is."""
        try:
            blank = self.look().condition is Condition.BLANK
        except DriveUnavailable:
            blank = False
        if blank:
            return DriveUnavailable(
                Text(
                    en=f"{self.name} did not burn: {why.en}. The blank in it is still blank.",
                    zh=f"{self.name} 未能刻录：{why.zh}。其中的空白光盘仍为空白。",
                )
            )
        return BurnFailed(Text(en=f"Burning in {self.name} failed: {why.en}.", zh=f"{self.name} 刻录失败：{why.zh}。"))

    def _unavailable(self, why: Text) -> DriveUnavailable:
        return DriveUnavailable(
            Text(en=f"The drive {self.name} cannot be used: {why.en}.", zh=f"光驱 {self.name} 无法使用：{why.zh}。")
        )


def _asked(words: Sequence[str], silence: float, hear: Callable[[str], object] = len) -> Text | None:
    """None where xorriso did it; otherwise the first reasons that it gives, those after them being consequences."""
    reasons: list[str] = []

    def listen(line: str) -> None:
        if found := _REASON.match(line):
            reasons.append(found[1].strip().rstrip("."))
        hear(line)

    try:
        code = child.run(words, silence, listen)
    except TimeoutError:
        return Text(en=f"it has not answered for {silence:.0f} seconds", zh=f"已 {silence:.0f} 秒没有应答")
    if code == 0:
        return None
    said = "; ".join(reasons[:2]) or f"xorriso exit code {code}"
    return Text(en=said, zh=said)


class _Done:
    """Turns xorriso's progress, in whole MB, into bytes since the last time."""

    def __init__(self, size: int, progress: Progress) -> None:
        self._size = size
        self._progress = progress
        self._told = 0

    def hear(self, line: str) -> None:
        if found := _WRITTEN.match(line):
            self._tell(min(int(found[1]) * _MB, self._size))

    def finish(self) -> None:
        self._tell(self._size)

    def _tell(self, done: int) -> None:
        if done > self._told:
            self._progress(done - self._told)
            self._told = done
