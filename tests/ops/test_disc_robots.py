"""`strongroom disc run` with a publishing robot: jobs handed over, waited for, and its discs read back by a person."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media.mediums import SECTOR
from ops.config import FILE
from tests.ops.conftest import Done, Program
from tests.ops.test_discs import opened
from tests.vault.scene import flip
from vault import acts
from vault.discs.stepping import step

ONE, A, B = "2031-0000001", "2031-0001-1A", "2031-0001-1B"
_ROBOT = Path(__file__).parents[1] / "media" / "robot_at_work.py"
ROBOT = """
[discs]
medium = "practice"

[[discs.robot]]
name = "刻录机"
kind = "tdbridge"
folder = "../任务"
"""


@pytest.fixture
def run(run: Program) -> Program:
    """In a vault with one recording, whose office has a robot and no drive."""
    (run.cwd / "录像.mp4").write_bytes(os.urandom(30_000))
    (run.cwd / "任务").mkdir()
    run("--vault", "库", "init", "--profile", "dengzhou")
    with (run.cwd / "库" / FILE).open("a", encoding="utf-8") as config:
        config.write(ROBOT)
    facts = ("--section", "执法一中队", "--party", "王芳", "--place", "人民路", "--case-name", "占道经营案")
    run("--vault", "库", "ingest", "录像.mp4", *facts)
    return run


@contextmanager
def at_work(run: Program, *ends: str) -> Iterator[None]:
    """A robot that takes as many jobs, and how each ends; its discs come to lie in the folder, by the jobs' names."""
    command = [sys.executable, str(_ROBOT), str(run.cwd / "任务"), "tdbridge", *ends]
    with subprocess.Popen(command) as process:
        try:
            yield
            assert process.wait(30) == 0
        finally:
            process.kill()


def make(run: Program, *words: str, expect: int) -> Done:
    return run("--vault", "库", "disc", "run", *words, "--to", "标签", "--no-wait", expect=expect)


def begin(run: Program, *words: str, expect: int = 5) -> Done:
    return make(run, ONE, "--approved-by", "王局长", "--why", "当事人异议", *words, expect=expect)


def states(run: Program) -> dict[str, str]:
    (row,) = run("--vault", "库", "disc", "show", "2031-0001", "--json").lines
    return {copy["mark"]: copy["state"] for copy in row["copies"]}


def verify(run: Program, disc: str, mark: str, expect: int = 0) -> Done:
    """Somebody puts the robot's disc into a drive."""
    return run("--vault", "库", "disc", "verify", f"stdio:{run.cwd / '任务' / disc}", "--mark", mark, expect=expect)


def test_a_robot_burns_both_copies_and_a_person_reads_them_back(run: Program) -> None:
    with at_work(run, "done", "done"):
        done = begin(run)
    assert f"The robot's discs have to be read back: {A}, {B}." in done.err
    assert f"disc verify /dev/sr0 --mark {A}" in done.err
    assert states(run) == {A: "burnt", B: "burnt"}
    label = (run.cwd / "任务" / f"{A}-1.label").read_bytes()
    assert label.startswith(b"\x89PNG")
    assert not list((run.cwd / "库/discs").glob("*.png"))
    verify(run, f"{A}-1.disc", A)
    assert states(run) == {A: "verified", B: "burnt"}
    assert f"read back: {B}." in make(run, expect=5).err
    assert "cannot be verified" in verify(run, f"{A}-1.disc", A, expect=4).err  # it was read already
    verify(run, f"{B}-1.disc", B)
    make(run, "--shelf", "甲柜3层", expect=0)
    assert states(run) == {A: "shelved", B: "shelved"}
    (row,) = run("--vault", "库", "disc", "show", A, "--json").lines
    assert row["drive"] == "robot:刻录机"
    before = run("--vault", "库", "disc", "show", "2031-0001", "--json").out
    run("--vault", "库", "rebuild")
    assert run("--vault", "库", "disc", "show", "2031-0001", "--json").out == before


def test_what_the_robot_spoilt_is_written_off_and_burnt_again(run: Program) -> None:
    """It says so itself, or its disc is found to be wrong when it is read."""
    with at_work(run, "failed", "done", "done"):
        begin(run)
    assert states(run) == {A: "burnt", B: "burnt"}
    assert f"{A}/1 is to be shredded" in run("--vault", "库", "disc", "list").err
    disc = run.cwd / "任务" / f"{A}-2.disc"
    flip(disc, -8 * SECTOR)
    assert "is not what was burnt" in verify(run, disc.name, A, expect=3).err
    assert states(run)[A] == "blank"
    with at_work(run, "done"):
        make(run, expect=5)
    verify(run, f"{A}-3.disc", A)


def test_another_disc_than_the_label_says_is_not_entered(run: Program) -> None:
    with at_work(run, "done", "done"):
        begin(run)
    words = ("--vault", "库", "disc", "verify", f"stdio:{run.cwd}/任务/{A}-1.disc", "--mark")
    assert "没有编号为 2031-0009-1A 的光盘" in run(*words, "2031-0009-1A", expect=2, language="zh").err
    assert states(run) == {A: "burnt", B: "burnt"}


def test_a_run_that_was_killed_waits_for_the_job_it_had_handed_over(run: Program) -> None:
    """And one that had only entered it hands it over: neither costs a blank."""
    run("--vault", "库", "disc", "plan", ONE, "--approved-by", "王局长", "--why", "当事人异议")
    run("--vault", "库", "disc", "build", "--set", "2031-0001", "--to", "库/discs")
    with opened(run) as vault:
        for mark in (A, B):
            burning = acts.DiscBurning(at=vault.now(), by=vault.setting.person, mark=mark, drive="robot:刻录机")
            step(vault, burning)
    (run.cwd / "任务" / f"{B}-1.DON").touch()
    with at_work(run, "done"):
        make(run, expect=5)
    assert states(run) == {A: "burnt", B: "burnt"}
    assert sorted(path.name for path in (run.cwd / "任务").glob("*.DON")) == [f"{A}-1.DON", f"{B}-1.DON"]
    assert "is to be shredded" not in run("--vault", "库", "disc", "list").err


def test_a_robot_that_is_not_there_is_said(run: Program) -> None:
    assert "names no robot '别的'" in begin(run, "--robot", "别的", expect=2).err
    (run.cwd / "任务").rmdir()
    assert "The robot 刻录机 cannot be used" in begin(run).err
    assert states(run)[A] == "burning"
    config = run.cwd / "库" / FILE
    config.write_text(config.read_text("utf-8").replace("刻录机", "新刻录机"), "utf-8")
    assert "which strongroom.toml does not name any more" in make(run, expect=5).err
