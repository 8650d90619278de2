"""What takes the place of discs: copies burnt anew, sets moved to another medium; and blanks that were written off."""

from pathlib import Path

import pytest

from tests.ops.conftest import Program
from tests.ops.test_discs import opened
from tests.vault.disc_scene import begin, bring, fail, finish, image, keep
from vault.discs.sets import Wish, plan_set
from vault.discs.states import State
from vault.discs.stepping import step

ONE, OLD, NEW = "2031-0000001", "2031-0001", "2031-0002"
A, B = f"{OLD}-1A", f"{OLD}-1B"
SHELF = "甲柜3层"
GROUNDS = ("--approved-by", "王局长", "--why", "换介质")


@pytest.fixture
def run(run: Program) -> Program:
    """In a vault whose one recording has to be on disc; its set is planned."""
    (run.cwd / "录像.mp4").write_bytes("录像".encode() * 9_000)
    run("--vault", "库", "init", "--profile", "dengzhou", "--store", "甲", "--store", "乙")
    run("--vault", "库", "ingest", "录像.mp4", "--section", "执法一中队", "--party", "王芳", "--place", "人民路")
    run("--vault", "库", "flag", ONE, "objection", "--why", "当事人表示要投诉")
    with opened(run) as vault:
        wish = Wish(producer="张建国", activity="占道经营案", medium="practice", spare=20, discs=[[ONE]])
        assert plan_set(vault, wish).number == OLD
    return run


def make(run: Program, *words: str, expect: int = 0) -> dict[str, str]:
    """`disc run` in two drives with blanks in them; how the copies stand afterwards."""
    drives = []
    for name in ("左", "右"):
        (run.cwd / name).write_bytes(b"")
        drives += ["--drive", f"stdio:{run.cwd / name}"]
    done = run("--vault", "库", "disc", "run", *words, *drives, "--to", "标签", "--no-wait", "--json", expect=expect)
    return {row["mark"]: row["state"] for row in done.lines}


def states(run: Program, number: str) -> dict[str, str]:
    (row,) = run("--vault", "库", "disc", "show", number, "--json").lines
    return {copy["mark"]: copy["state"] for copy in row["copies"]}


def rebuilt_alike(run: Program, number: str) -> None:
    before = run("--vault", "库", "disc", "show", number, "--json").out
    run("--vault", "库", "rebuild")
    assert run("--vault", "库", "disc", "show", number, "--json").out == before


def test_degraded_discs_are_burnt_anew_from_the_vault(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, OLD)
    run("--vault", "库", "disc", "degrade", A, "--why", "划伤")
    assert A in run("--vault", "库", "disc", "demands", expect=1).out
    assert make(run, "--degraded", "--why", "划伤", "--shelf", SHELF) == {B: "shelved", f"{A}2": "shelved"}
    assert states(run, OLD) == {A: "replaced", B: "shelved", f"{A}2": "shelved"}
    assert run("--vault", "库", "disc", "demands").code == 0
    assert make(run, "--degraded", "--why", "划伤") == {}
    rebuilt_alike(run, OLD)


def test_a_set_moves_to_another_medium_and_both_stay_on_record(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, OLD)
    terms = ("--to", "法院", "--until", "2031-03-05", "--why", "庭审", "--approved-by", "王局长")
    run("--vault", "库", "disc", "loan", B, *terms)
    words = ("--replaces", OLD, "--medium", "practice", *GROUNDS)
    run("--vault", "库", "disc", "run", *words[:-4], "--no-wait", "--drive", f"stdio:{run.cwd}/没有", expect=4)
    run("--vault", "库", "disc", "run", *words, "--no-wait", "--drive", f"stdio:{run.cwd}/没有", expect=5)
    assert states(run, OLD) == {A: "shelved", B: "loaned"}
    assert make(run, *words, "--shelf", SHELF) == {f"{NEW}-1A": "shelved", f"{NEW}-1B": "shelved"}
    assert states(run, OLD) == {A: "replaced", B: "loaned"}
    assert run("--vault", "库", "disc", "demands").code == 0
    assert make(run) == {}  # the lent one can wait
    run("--vault", "库", "disc", "return", B, "--at", SHELF)
    assert make(run) == {f"{NEW}-1A": "shelved", f"{NEW}-1B": "shelved"}
    assert states(run, OLD) == {A: "replaced", B: "replaced"}
    (old,), (new,) = (run("--vault", "库", "disc", "show", one, "--json").lines for one in (OLD, NEW))
    assert (old["replaced_by"], new["replaces"]) == (NEW, OLD)
    assert f"取代 {OLD}" in run("--vault", "库", "disc", "show", NEW, language="zh").out
    assert f"superseded by a set  {NEW}" in run("--vault", "库", "disc", "show", A).out
    rebuilt_alike(run, OLD)


def test_a_set_that_was_replaced_is_not_replaced_again(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, OLD)
    words = ("--replaces", OLD, "--medium", "practice", *GROUNDS)
    assert make(run, *words, "--shelf", SHELF) == {f"{NEW}-1A": "shelved", f"{NEW}-1B": "shelved"}
    for command in (("plan",), ("run", "--drive", f"stdio:{run.cwd}/左")):
        done = run("--vault", "库", "disc", *command, *words, expect=4, language="zh")
        assert f"光盘组 {OLD} 已由 {NEW} 取代" in done.err
    assert len(run("--vault", "库", "disc", "list", "--json").lines) == 2


def test_a_set_that_is_half_made_is_not_replaced(run: Program) -> None:
    with opened(run) as vault:
        bring(vault, A, State.LABELLED)
    done = run("--vault", "库", "disc", "plan", "--replaces", OLD, "--medium", "practice", *GROUNDS, expect=4)
    assert f"half made ({A})" in done.err
    assert f"disc run --set {OLD}" in done.err


def test_what_was_never_burnt_is_given_up_with_its_set(run: Program) -> None:
    with opened(run) as vault:
        image(vault, OLD)
    assert make(run, "--replaces", OLD, "--medium", "practice", *GROUNDS, "--shelf", SHELF)
    assert states(run, OLD) == {A: "given-up", B: "given-up"}
    assert run("--vault", "库", "show", ONE, "--json").lines[0]["discs"][0]["mark"] == f"{NEW}-1A"
    assert make(run) == {}


# plans


def test_a_plan_is_entered_and_gone_on_with(run: Program) -> None:
    run("--vault", "库", "ingest", other(run), "--section", "执法一中队", "--party", "李伟", "--place", "人民路")
    words = ("disc", "plan", "2031-0000002", "--medium", "practice", "--activity", "无照经营案")
    (row,) = run("--vault", "库", *words, "--dry-run", "--json").lines
    assert row["disc_set"] is None
    assert [len(disc["pieces"]) for disc in row["discs"]] == [1]
    run("--vault", "库", *words, expect=4)  # nobody agreed
    assert len(run("--vault", "库", "disc", "list", "--json").lines) == 1
    planned = run("--vault", "库", *words, *GROUNDS, language="zh")
    assert planned.out.startswith(f"光盘组 {NEW}\n第 1 张")
    assert f"strongroom disc run --set {NEW}" in planned.err
    (row,) = run("--vault", "库", *words, "--json").lines  # planned already: no consent is wanted twice
    assert row["disc_set"] == NEW
    (built,) = run("--vault", "库", "disc", "build", "--set", NEW, "--to", "光盘", "--json").lines
    assert built["disc_set"] == NEW
    assert states(run, NEW) == {f"{NEW}-1A": "blank", f"{NEW}-1B": "blank"}
    for command in ("plan", "build"):
        assert "of which records" in run("--vault", "库", "disc", command, expect=2).err
        run("--vault", "库", "disc", command, ONE, "--demands", expect=2)


def other(run: Program) -> Path:
    path = run.cwd / "另一段.mp4"
    path.write_bytes("另一段".encode() * 7_000)
    return path


# discs that were written off


def test_a_disc_that_was_written_off_is_to_be_shredded(run: Program) -> None:
    with opened(run) as vault:
        image(vault, OLD)
        for act in (begin, fail, begin, finish, fail):
            step(vault, act(A, vault))
    told = run("--vault", "库", "disc", "list").err.splitlines()
    assert [line.partition(" ")[0] for line in told] == [f"{A}/1", f"{A}/2"]
    assert "is to be shredded: written off in /dev/sr0 on 2031-03-03" in told[0]
    assert f"  {A}/1 待粉碎：" in run("--vault", "库", "disc", "show", OLD, language="zh").out
    people(run)
    by = ("--vault", "库", "--by", "zhangjianguo")
    assert run(*by, "disc", "shred", f"{A}/1", "--why", "已粉碎").out == f"{A}/1  destroyed\n"
    assert "has been shredded" in run(*by, "disc", "shred", f"{A}/1", "--why", "已粉碎", expect=4).err
    assert "was written off" in run(*by, "disc", "shred", f"{A}/9", "--why", "已粉碎", expect=2).err
    (row,) = run(*by, "disc", "show", OLD, "--json").lines
    assert [(one["disc"], one["shredded_at"] is None) for one in row["written_off"]] == [
        (f"{A}/1", False),
        (f"{A}/2", True),
    ]
    assert run(*by, "disc", "list").err.startswith(f"{A}/2")
    before = run(*by, "disc", "show", OLD, "--json").out
    run("--vault", "库", "--by", "yunwei", "rebuild")
    assert run(*by, "disc", "show", OLD, "--json").out == before


def people(run: Program) -> None:
    run("--vault", "库", "person", "add", "wangju", "--name", "王建军", "--role", "principal-leader")
    by = ("--vault", "库", "--by", "wangju")
    run(*by, "person", "add", "zhangjianguo", "--name", "张建国", "--role", "custodian")
    run(*by, "person", "add", "yunwei", "--name", "周运维", "--role", "operator")
