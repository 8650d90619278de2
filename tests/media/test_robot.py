"""A publishing robot that watches a folder: the job goes in whole, and what the robot says of it is understood."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from media.mediums import MEDIUMS
from media.robot import DIALECTS, Job, Robot, Stage
from vault.errors import BadInput, BurnFailed, DriveUnavailable

_ROBOT = Path(__file__).with_name("robot_at_work.py")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "映像.iso").write_bytes(b"\0" * 4_096 + "录像".encode())
    (tmp_path / "标签.png").write_bytes(b"PNG")
    return Job("2026-0001-1A", tmp_path / "映像.iso", tmp_path / "标签.png", "2026-0001-1", MEDIUMS["dvd+r"])


@pytest.fixture(params=list(DIALECTS))
def robot(request: pytest.FixtureRequest, tmp_path: Path) -> Robot:
    folder = tmp_path / "任务"
    folder.mkdir()
    dialect = DIALECTS[request.param]
    return Robot("刻录机", dialect, folder, r"D:\刻录任务", dialect.text, timedelta(seconds=30))


@contextmanager
def at_work(robot: Robot, end: str) -> Iterator[None]:
    kind = next(name for name, dialect in DIALECTS.items() if dialect is robot.dialect)
    with subprocess.Popen([sys.executable, _ROBOT, robot.folder, kind, end]) as process:
        try:
            yield
            assert process.wait(30) == 0
        finally:
            process.kill()


def names(robot: Robot) -> list[str]:
    return sorted(path.name for path in robot.folder.iterdir())


def test_a_job_is_done(robot: Robot, job: Job) -> None:
    stages: list[Stage] = []
    with at_work(robot, "done"):
        robot.burn(job, stages.append, pause=0.01)
    assert stages[-1] is Stage.DONE
    assert set(stages) <= set(Stage) - {Stage.FAILED}
    assert (robot.folder / "2026-0001-1A.disc").read_bytes() == job.image.read_bytes()
    assert names(robot) == ["2026-0001-1A.DON", "2026-0001-1A.disc", "2026-0001-1A.label"]


def test_a_job_that_failed_has_lost_its_blank(robot: Robot, job: Job) -> None:
    with pytest.raises(BurnFailed, match="2026-0001-1A failed"), at_work(robot, "failed"):
        robot.burn(job, pause=0.01)
    assert robot.stage(job.name) is Stage.FAILED


def test_a_job_that_nobody_takes_is_taken_back(robot: Robot, job: Job) -> None:
    with pytest.raises(DriveUnavailable, match="was taken back"):
        replace(robot, within=timedelta(seconds=0.1)).burn(job, pause=0.01)
    assert names(robot) == []


def test_a_job_that_is_not_done_in_time_is_left_to_the_robot(robot: Robot, job: Job) -> None:
    with at_work(robot, "stuck"), pytest.raises(DriveUnavailable, match="look for its disc"):
        replace(robot, within=timedelta(seconds=2)).burn(job, pause=0.01)
    assert {"2026-0001-1A.iso", "2026-0001-1A.png", "2026-0001-1A.INP"} <= set(names(robot))


def test_a_job_that_is_there_already_is_waited_for_and_not_handed_over_twice(robot: Robot, job: Job) -> None:
    (robot.folder / "2026-0001-1A.don").touch()
    robot.burn(job, pause=0.01)
    assert names(robot) == ["2026-0001-1A.don"]


def handed_over(robot: Robot, job: Job) -> str:
    """What stands in the job's file."""
    texts: list[str] = []

    def read(_stage: Stage) -> None:
        texts.append(next(robot.folder.glob("*.J*")).read_bytes().decode("gbk"))

    with pytest.raises(DriveUnavailable):
        replace(robot, within=timedelta(0)).burn(job, read, pause=0)
    return texts[0]


def test_the_job_names_files_as_the_robot_sees_them(robot: Robot, job: Job) -> None:
    lines = handed_over(robot, job).split("\r\n")
    assert lines[0].partition("=")[2] == "2026-0001-1A"
    assert {r"D:\刻录任务\2026-0001-1A.iso", r"D:\刻录任务\2026-0001-1A.png"} <= {
        line.partition("=")[2] for line in lines
    }


@pytest.mark.parametrize("text", ["JOB=$nothing\n", "JOB=$\n", "JOB=\U00020164$job\n"])
def test_a_template_that_cannot_be_filled_in_is_refused_before_anything_is_handed_over(
    robot: Robot, job: Job, text: str
) -> None:
    with pytest.raises(BadInput, match="刻录机"):
        replace(robot, text=text).burn(job)
    assert names(robot) == []


def test_a_folder_that_is_gone_is_no_failed_job(robot: Robot, job: Job) -> None:
    robot.folder.rmdir()
    with pytest.raises(DriveUnavailable, match="no such file"):
        robot.burn(job)


@pytest.mark.parametrize(
    ("medium", "said"), [("cd-r", "CD"), ("dvd+r-dl", "DVD"), ("m-disc-dvd", "DVD"), ("m-disc-25", "BD")]
)
def test_the_kind_of_disc_is_said_to_the_robot(robot: Robot, job: Job, medium: str, said: str) -> None:
    assert handed_over(replace(robot, text="$type"), replace(job, medium=MEDIUMS[medium])) == said
