"""`strongroom drill` as it is typed: what it says, its exit code, and what Prometheus is told of it."""

import re
import shutil
from pathlib import Path

import pytest

from ops.wiring import Working, closed_vault
from tests.ops.conftest import Program
from tests.vault.scene import flip, sql


@pytest.fixture
def home(run: Program) -> Path:
    run("--vault", "库", "init", "--store", "甲", "--store", "乙")
    (run.cwd / "录像").mkdir()
    for name in ("一.mp4", "二.mp4"):
        (run.cwd / "录像" / name).write_text(name * 1000, encoding="utf-8")
    run("--vault", "库", "ingest", "录像", "--section", "监督检查科")
    return run.cwd / "库"


def told(run: Program) -> dict[str, float]:
    lines = run("--vault", "库", "metrics").out.splitlines()
    return {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in lines if "drill_last" in line and line[0] != "#")
    }


def test_a_drill_that_passes(run: Program, home: Path) -> None:
    assert told(run) == {}
    done = run("--vault", "库", "drill")
    assert re.fullmatch(
        r"a: \d+ entries replayed, \d+ catalogue rows compared, 2 objects read .*; 0 failed, 0 skipped\n", done.out
    )
    assert done.err == ""
    figures = told(run)
    names = [f'strongroom_drill_last_{what}_timestamp_seconds{{store="a"}}' for what in ("done", "success")]
    assert list(figures) == names
    assert len(set(figures.values())) == 1
    (row,) = run("--vault", "库", "drill", "--json").lines
    assert (row["store"], row["passed"], row["objects"], row["faults"]) == ("b", True, 2, [])


def test_one_that_fails_says_what_and_what_to_do(run: Program, home: Path) -> None:
    copy = min((run.cwd / "乙/objects").rglob("?" * 64))
    flip(copy)
    done = run("--vault", "库", "drill", "--store", "b", expect=3)
    assert "1 failed" in done.out
    assert copy.name in done.err
    assert "strongroom scrub --store b" in done.err
    said = run("--vault", "库", "drill", "--store", "b", expect=3, language="zh")
    assert "不符 1" in said.out
    assert list(told(run)) == ['strongroom_drill_last_done_timestamp_seconds{store="b"}']
    run("--vault", "库", "scrub", "--store", "b")
    run("--vault", "库", "drill", "--store", "b")
    assert len(told(run)) == 2


def test_many_faults_are_not_all_told(run: Program, home: Path) -> None:
    with closed_vault(home, Working(person="李建国")) as vault:
        sql(vault, *(f"INSERT INTO meta VALUES ('{n}', 'x')" for n in range(50)))
    done = run("--vault", "库", "drill", expect=3)
    assert len(done.err.splitlines()) == 22
    assert "and 31 more" in done.err


def test_nothing_to_look_at_and_no_answer(run: Program, home: Path) -> None:
    run("--vault", "空库", "init", "--store", "丙", "--store", "丁")
    assert "that shows nothing" in run("--vault", "空库", "drill", expect=3).err
    shutil.move(run.cwd / "乙", run.cwd / "拔出")
    run("--vault", "库", "drill", "--store", "b", expect=5)
    assert "there is no store c" in run("--vault", "库", "drill", "--store", "c", expect=2).err
    run("--vault", "库", "drill", "--store", "a")
    run("--vault", "库", "drill", "--sample", "0", expect=2)
