"""Publishing robots that watch a folder: a job file, an image and a label go in, a burnt and printed disc comes out.

Two makers say of a job where it stands by the ending of its file's name, and this is all that is asked of a robot:
Epson's TD Bridge (Technical Reference Guide, "JDF File Transition") and Primera's PTBurn (PTBurn SDK 3, chapters 2 and
3). The job file comes last and under its final name only when it is whole, since the robot may read it at once. What a
robot says it has done is not believed: its disc is read back in a drive like any other.

A job's text can be the office's own (`template`): $job, $image, $label, $volume and $type are filled in, the paths as
the robot's machine sees them. It is written in GBK, which is what Chinese Windows calls ANSI.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path, PureWindowsPath
from string import Template

from media.mediums import Medium
from vault.causes import cause
from vault.errors import BadInput, BurnFailed, DriveUnavailable
from vault.outputs import partial_name, publish_file, reading_from, sync, writing_to
from vault.text import Text

_PAUSE = 5.0  # seconds between two looks; PTBurn and TD Bridge renew what they say as often
_SOONEST = 0.1


class Stage(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"  # the robot has not seen it
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Dialect:
    """A maker's kind of job: the ending of its file at each stage, and its text."""

    ending: str
    stages: Mapping[str, Stage]  # by ending, in lower case
    text: str


DIALECTS: Mapping[str, Dialect] = {
    "tdbridge": Dialect(
        ending=".JDF",
        stages={
            ".jdf": Stage.WAITING,
            ".rjd": Stage.TAKEN,
            ".inp": Stage.TAKEN,
            ".stp": Stage.TAKEN,
            ".don": Stage.DONE,
            ".err": Stage.FAILED,
        },
        text="JOB_ID=$job\nCOPIES=1\nDISC_TYPE=$type\nIMAGE=$image\nLABEL=$label\n",
    ),
    "ptburn": Dialect(
        ending=".JRQ",
        stages={
            ".jrq": Stage.WAITING,
            ".qrj": Stage.TAKEN,
            ".inp": Stage.TAKEN,
            ".don": Stage.DONE,
            ".err": Stage.FAILED,
        },
        text="JobID=$job\nClientID=Strongroom\nCopies=1\nImageFile=$image\nImageType=MODE_1_2048\nCloseDisc=YES\n"
        "VerifyDisc=YES\nRejectIfNotBlank=YES\nVolumeName=$volume\nPrintLabel=$label\n",
    ),
}


@dataclass(frozen=True, slots=True)
class Job:
    """One disc to be burnt and printed. `name`: letters, digits, `-` and `_`, at most 32; each attempt has its own."""

    name: str
    image: Path
    label: Path
    volume: str
    medium: Medium


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot. `folder`: the one that it watches, as mounted here; `seen_as`: what it calls it; `text`: a job's."""

    name: str
    dialect: Dialect
    folder: Path
    seen_as: str
    text: str
    within: timedelta

    def burn(self, job: Job, progress: Callable[[Stage], object] = str, pause: float = _PAUSE) -> None:
        """Hand the job over and wait until the robot calls it done; one that is there already is only waited for.

        BurnFailed where the robot says so; the next attempt needs another name. DriveUnavailable where the folder
        cannot be used, or the job is not done within the time: one that the robot has not taken is taken back.
        """
        if self.stage(job.name) is None:
            self._submit(job)
        stage = self._awaited(job, progress, pause)
        if stage is not Stage.TAKEN:
            for file in self._carried(job):
                with writing_to(file):
                    file.unlink(missing_ok=True)
        if stage is not Stage.DONE:
            raise self._error(job, stage)

    def knows(self, name: str) -> bool:
        """Whether the folder has anything of that job, its image included. DriveUnavailable."""
        try:
            return any(path.stem == name for path in self.folder.iterdir())
        except OSError as error:
            raise self._unavailable(cause(error)) from error

    def stage(self, name: str) -> Stage | None:
        """Where a job stands; None where the folder has none of this name. DriveUnavailable."""
        try:
            endings = [path.suffix.lower() for path in self.folder.iterdir() if path.stem == name]
        except OSError as error:
            raise self._unavailable(cause(error)) from error
        found = [self.dialect.stages[ending] for ending in endings if ending in self.dialect.stages]
        return max(found, key=list(Stage).index, default=None)  # renaming is not always atomic on a share

    def _submit(self, job: Job) -> None:
        text = self._written(job)
        for source, target in zip((job.image, job.label), self._carried(job), strict=True):
            with reading_from(source), source.open("rb") as file, writing_to(target), target.open("wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
        target = self.folder / f"{job.name}{self.dialect.ending}"
        partial = partial_name(target)
        with writing_to(target):
            partial.write_bytes(text)
            for path in (*self._carried(job), partial):
                sync(path)
        publish_file(partial, target)

    def _written(self, job: Job) -> bytes:
        image, label = (self._as_seen(path) for path in self._carried(job))
        values = {"job": job.name, "image": image, "label": label, "volume": job.volume, "type": _type(job.medium)}
        try:
            return Template(self.text).substitute(values).replace("\n", "\r\n").encode("gbk")
        except (KeyError, ValueError) as error:
            what = Text(
                en=f"Robot {self.name}: the job's text cannot be filled in: {error}.",
                zh=f"机器人 {self.name}：任务模板无法填写：{error}。",
            )
            raise BadInput(what) from error

    def _carried(self, job: Job) -> tuple[Path, Path]:
        """The image and the label, where the robot finds them."""
        return self.folder / f"{job.name}.iso", self.folder / f"{job.name}{job.label.suffix}"

    def _as_seen(self, path: Path) -> str:
        return str(PureWindowsPath(self.seen_as, path.name)) if self.seen_as else str(path)

    def _awaited(self, job: Job, progress: Callable[[Stage], object], pause: float) -> Stage:
        """DONE or FAILED; when the time is over TAKEN, or WAITING where the job was taken back."""
        end, told = time.monotonic() + self.within.total_seconds(), None
        patience = min(_SOONEST, pause)
        while True:
            stage = self.stage(job.name)
            if stage is not None and stage is not told:
                progress(stage)
                told = stage
            if stage in (Stage.DONE, Stage.FAILED):
                return stage
            if time.monotonic() >= end:
                return self._late(job)
            time.sleep(patience)
            patience = min(2 * patience, pause)

    def _late(self, job: Job) -> Stage:
        """Removing a file that the robot has not renamed yet leaves it nothing to begin."""
        try:
            (self.folder / f"{job.name}{self.dialect.ending}").unlink()
        except FileNotFoundError:
            return Stage.TAKEN
        except OSError as error:
            raise self._unavailable(cause(error)) from error
        return Stage.WAITING

    def _error(self, job: Job, stage: Stage) -> BurnFailed | DriveUnavailable:
        if stage is Stage.FAILED:
            return BurnFailed(
                Text(
                    en=f"The robot {self.name} says that job {job.name} failed.",
                    zh=f"机器人 {self.name} 报告任务 {job.name} 失败。",
                )
            )
        if stage is Stage.WAITING:
            return self._unavailable(
                Text(
                    en=f"it did not take job {job.name}, which was taken back", zh=f"未接收任务 {job.name}，任务已撤回"
                )
            )
        return self._unavailable(
            Text(
                en=f"job {job.name} is not done; look for its disc at the robot",
                zh=f"任务 {job.name} 尚未完成，请到机器人处查看该光盘",
            )
        )

    def _unavailable(self, why: Text) -> DriveUnavailable:
        return DriveUnavailable(
            Text(en=f"The robot {self.name} cannot be used: {why.en}.", zh=f"机器人 {self.name} 无法使用：{why.zh}。")
        )


def _type(medium: Medium) -> str:
    """CD, DVD or BD."""
    if medium.sectors < 1_000_000:
        return "CD"
    return "DVD" if medium.sectors < 10_000_000 else "BD"
