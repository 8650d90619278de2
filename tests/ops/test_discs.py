"""`strongroom disc`: sets, the shelf, loans, demands and stocktakes, as they are typed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.conftest import SettableClock, machine_beside
from tests.ops.conftest import NOW, Program
from tests.vault.disc_scene import bring, keep, plan, spoil
from vault.acts import DiscBurnFailed, DiscDegraded, DiscShelved
from vault.discs.states import State
from vault.discs.stepping import step
from vault.discs.superseding import supersede
from vault.store import Vault
from vault.text import Text

ONE = "2031-0000001"
A, B = "2031-0001-1A", "2031-0001-1B"
SHELF = "甲柜3层"


@pytest.fixture
def run(run: Program) -> Program:
    """In a vault with one recording of somebody who objected, on a set whose two copies are labelled."""
    (run.cwd / "录像.mp4").write_bytes("录像".encode())
    run("--vault", "库", "init", "--profile", "dengzhou", "--store", "甲", "--store", "乙")
    run("--vault", "库", "ingest", "录像.mp4", "--section", "执法一中队", "--party", "王芳", "--place", "人民路")
    run("--vault", "库", "flag", ONE, "objection", "--why", "当事人表示要投诉")
    with opened(run) as vault:
        number = plan(vault, [ONE]).number
        for letter in "AB":
            bring(vault, f"{number}-1{letter}", State.LABELLED)
    return run


@contextmanager
def opened(run: Program) -> Iterator[Vault]:
    """The vault, a minute after what was typed last."""
    run.calls += 1
    clock = SettableClock(NOW + timedelta(minutes=run.calls))
    with open_vault(run.cwd / "库", Working(person="root", clock=clock, machine=machine_beside(clock))) as vault:
        yield vault


def disc(run: Program, *words: str | Path, expect: int = 0, language: str = "en") -> str:
    return run("--vault", "库", "disc", *words, expect=expect, language=language).out


def test_a_demand_is_open_until_both_copies_stand_on_the_shelf(run: Program) -> None:
    told = disc(run, "demands", expect=1)
    assert told.startswith(f"{ONE}  for 0 days  the party objects")
    assert "Article 12(1)" in told
    assert told.rstrip().endswith(f"{A} labelled, not shelved, {B} labelled, not shelved")
    assert disc(run, "shelve", A, "--at", SHELF) == f"{A}  on the shelf  {SHELF}\n"
    (row,) = run("--vault", "库", "disc", "demands", "--json", expect=1).lines
    assert (row["record"], row["article"], row["lacking"]) == (ONE, "12(1)", {B: "labelled"})
    (shelved,) = run("--vault", "库", "disc", "shelve", B, "--at", SHELF, "--json").lines
    assert (shelved["state"], shelved["location"]) == ("shelved", SHELF)
    assert disc(run, "demands") == ""
    assert run("--vault", "库", "disc", "demands", "--json").lines == []
    assert "on the shelf" in disc(run, "show", ONE)
    disc(run, "degrade", B, "--why", "划伤")
    assert f"{B} degraded" in disc(run, "demands", expect=1)
    assert disc(run, "replace", B, "--why", "划伤", language="zh") == f"{B}2  已规划\n"


def test_what_stands_where_is_told_everywhere(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, "2031-0001")
    assert disc(run, "list") == "2031-0001  1 disc  dvd+r  占道经营案  on the shelf 2\n"
    (row,) = run("--vault", "库", "disc", "list", "--json").lines
    assert (row["disc_set"], row["copies"]) == ("2031-0001", {"shelved": 2})
    told = disc(run, "show", A, language="zh").splitlines()
    assert told[0] == f"{A}  已上架  档案室甲柜3层"
    assert [words.split("  ")[3] for words in told[2:]] == [
        *("生成光盘映像", "检查光盘映像", "开始刻录", "刻录完成", "核验光盘", "贴光盘标签", "光盘上架"),
    ]
    (row,) = run("--vault", "库", "disc", "show", A, "--json").lines
    assert [event["act"] for event in row["history"]][-1] == "disc.shelved"
    (row,) = run("--vault", "库", "disc", "show", "2031-0001", "--json").lines
    assert row["discs"] == [{"disc": 1, "records": [ONE]}]
    assert f"  disc 1: {ONE}" in disc(run, "show", "2031-0001")
    (row,) = run("--vault", "库", "disc", "show", ONE, "--json").lines
    assert [copy["mark"] for copy in row["copies"]] == [A, B]
    assert row["demands"][0]["met_at"] is not None
    assert f"  离线：{A}  已上架  档案室甲柜3层" in run("--vault", "库", "show", ONE, language="zh").out
    (row,) = run("--vault", "库", "show", ONE, "--json").lines
    assert [(one["mark"], one["tier"], one["state"]) for one in row["discs"]] == [
        (A, "offline", "shelved"),
        (B, "offline", "shelved"),
    ]
    assert "discs: 2 kept offline; used 2.3 KiB" in run("--vault", "库", "store", "status").out
    assert run("--vault", "库", "store", "status", "--json").lines[-1] == {
        "type": "discs",
        "discs": 2,
        "tier": "offline",
        "bytes": 2_400,
    }


def test_a_loan_takes_consent_and_comes_back(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, "2031-0001")
    terms = ("--to", "法院", "--until", "2031-03-05")
    refused = run("--vault", "库", "disc", "loan", A, *terms, "--why", "庭审", expect=4)
    assert "consent" in refused.err
    assert disc(run, "loan", A, *terms, "--why", "庭审", "--approved-by", "王局长") == (
        f"{A}  on loan  档案室甲柜3层  法院, until 2031-03-05\n"
    )
    later = (datetime(2031, 3, 6, 2, tzinfo=NOW.tzinfo)).isoformat()
    late = run("--vault", "库", "disc", "list", clock=later).err
    assert late == f"{A} should have been back on 2031-03-05: 法院\n"
    assert (
        "cannot be put on a shelf"
        in run("--vault", "库", "disc", "shelve", A, "--at", SHELF, expect=4, clock=later).err
    )
    (row,) = run("--vault", "库", "disc", "return", A, "--at", SHELF, "--json", clock=later).lines
    assert (row["state"], row["location"], row["holder"], row["until"]) == ("shelved", SHELF, "", None)
    assert run("--vault", "库", "disc", "list", clock=later).err == ""
    assert (
        "cannot be brought back" in run("--vault", "库", "disc", "return", A, "--at", SHELF, expect=4, clock=later).err
    )


def test_a_stocktake_says_what_differs(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, "2031-0001")
    (run.cwd / "扫描.txt").write_bytes(f"\ufeff{A}\r\n{B}\r\n".encode())
    told = run("--vault", "库", "disc", "stocktake", "扫描.txt")
    assert (told.out, told.err) == ("", "2 scanned: 2 right, 0 not; 0 lent.\n")
    with opened(run) as vault:
        step(vault, spoil(B, vault))
    (run.cwd / "扫描.txt").write_text(f"{B}\n2031-0009-1A\n嘀\n", encoding="utf-8")
    told = run("--vault", "库", "disc", "stocktake", "扫描.txt", "--at", "档案室甲柜3层", expect=3)
    assert told.out.splitlines() == [
        f"{B}  degraded or replaced, and still here  degraded  档案室甲柜3层",
        "2031-0009-1A  not known to the journal",
        f"{A}  missing  on the shelf  档案室甲柜3层",
    ]
    assert told.err.splitlines() == ["No label: 嘀", "2 scanned: 0 right, 3 not; 0 lent."]
    rows = run("--vault", "库", "disc", "stocktake", "扫描.txt", "--json", expect=3).lines
    assert [row["finding"] for row in rows[:-1]] == ["retired", "unknown", "missing"]
    assert rows[-1] == {"scanned": 2, "right": 0, "odd": 3, "lent": 0, "unread": ["嘀"], "type": "sum"}
    (run.cwd / "扫描.txt").write_text("嘀\n", encoding="utf-8")
    assert "Not one label was scanned" in run("--vault", "库", "disc", "stocktake", "扫描.txt", expect=2).err


def test_people_are_needed_before_a_disc_is_shredded(run: Program) -> None:
    disc(run, "degrade", A, "--why", "划伤")
    assert "Nobody is enrolled" in run("--vault", "库", "disc", "shred", A, "--why", "已粉碎", expect=4).err
    run("--vault", "库", "person", "add", "wangju", "--name", "王建军", "--role", "principal-leader")
    by = ("--vault", "库", "--by", "wangju")
    run(*by, "person", "add", "zhangjianguo", "--name", "张建国", "--role", "custodian")
    by = ("--vault", "库", "--by", "zhangjianguo")
    assert "cannot be shredded" in run(*by, "disc", "shred", B, "--why", "已粉碎", expect=4).err
    refused = run(*by, "disc", "shred", A, "--why", "已粉碎", expect=4).err
    assert "No good copy of disc 2031-0001-1 is on the shelf" in refused
    assert "strongroom disc run --degraded" in refused
    journalled = b"".join(path.read_bytes() for path in (run.cwd / "甲" / "journal").rglob("*") if path.is_file())
    assert b'"last-copy"' in journalled
    run(*by, "disc", "shelve", B, "--at", SHELF)
    (row,) = run(*by, "disc", "shred", A, "--why", "已粉碎", "--json").lines
    assert row["state"] == "destroyed"
    (row,) = run(*by, "disc", "degrade", B, "--why", "划伤", "--json").lines
    (row,) = run(*by, "disc", "replace", B, "--why", "划伤", "--json").lines
    assert (row["mark"], row["state"]) == (f"{B}2", "planned")


@pytest.mark.parametrize("what", ["2031-0009", "2031-0009-1A", "2031-0000099", "光盘", "2031-0001-1C"])
def test_what_is_not_there_is_said(run: Program, what: str) -> None:
    assert run("--vault", "库", "disc", "show", what, expect=2).err.startswith("strongroom: ")


def test_nothing_is_lent_until_a_day_that_is_over(run: Program) -> None:
    for mark in (A, B):
        disc(run, "shelve", mark, "--at", SHELF)
    words = ("--to", "李律师", "--approved-by", "王局长", "--why", "阅卷", "--until")
    told = run("--vault", "库", "disc", "loan", A, *words, "2031-03-02", expect=2, language="zh").err
    assert "2031-03-02 已过" in told
    assert "on loan" in disc(run, "loan", A, *words, "2031-03-03")


def test_what_a_killed_run_has_entered_is_on_the_stores_once_the_next_finds_nothing_to_do(
    run: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed between the entry and the stores; what is called done a rebuild has to know."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with opened(run) as vault, monkeypatch.context() as patched:
        patched.setattr(type(vault.journal), "publish", killed)
        for mark in (A, B):
            with pytest.raises(KeyboardInterrupt):
                step(vault, DiscShelved(at=vault.now(), by="root", mark=mark, location=SHELF))
    assert "There is nothing to be done" in run("--vault", "库", "disc", "run", "--drive", "stdio:没有").err
    before = disc(run, "show", "2031-0001", "--json")
    assert before.count('"shelved"') == 2
    run("--vault", "库", "rebuild")
    assert disc(run, "show", "2031-0001", "--json") == before


def test_a_disc_that_is_lent_and_called_degraded_is_still_lent(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, "2031-0001")
    terms = ("--to", "法院", "--until", "2031-03-05", "--why", "庭审", "--approved-by", "王局长")
    disc(run, "loan", A, *terms)
    assert "stays in the house" in run("--vault", "库", "disc", "loan", B, *terms, expect=4).err
    assert disc(run, "degrade", A, "--why", "丢失") == f"{A}  degraded  档案室甲柜3层  法院, until 2031-03-05\n"
    assert "on the shelf 1, lent 1;" in run("--vault", "库", "status", expect=None).out
    assert f"{A}  degraded" in disc(run, "due", expect=1)
    note = run("--vault", "库", "disc", "list", clock="2031-03-06T10:00:00+08:00").err
    assert note == f"{A} should have been back on 2031-03-05: 法院\n"
    (count,) = [row for row in run("--vault", "库", "status", "--json", expect=None).lines if "disc_loans" in row]
    assert (count["disc_loans"], count["disc_copies_lacking"], count["disc_copies_begun"]) == (1, 1, 0)
    assert disc(run, "return", A, "--at", SHELF) == f"{A}  degraded  {SHELF}\n"
    assert "is not lent" in run("--vault", "库", "disc", "return", A, "--at", SHELF, expect=4).err


def test_what_a_set_owes_is_never_nothing_to_be_done(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, "2031-0001")
    disc(run, "degrade", B, "--why", "划伤")
    told = run("--vault", "库", "disc", "run", "--drive", "stdio:a", "--no-wait").err
    assert told == f"{B} is degraded, and none is begun in its place: strongroom disc run --degraded\n"
    assert "copies of discs to make anew: 1" in run("--vault", "库", "status", expect=None).out


def test_the_programs_reasons_are_told_in_the_language_of_whoever_asks(run: Program) -> None:
    with opened(run) as vault:
        number = plan(vault, [ONE]).number
        bring(vault, f"{number}-1A", State.BURNING)
        why = Text(en="480 sectors cannot be read.", zh="有 480 个扇区无法读取。")
        at, by = vault.now(), vault.setting.person
        step(vault, DiscBurnFailed(at=at, by=by, mark=f"{number}-1A", drive="/dev/sr0", why=why))
        step(vault, DiscDegraded(at=at, by=by, mark=B, why=why))
    for language, words in (("en", "480 sectors cannot be read"), ("zh", "有 480 个扇区无法读取")):
        assert f"{words}" in run("--vault", "库", "disc", "list", language=language).err
        assert words in disc(run, "show", B, language=language)


def test_a_set_says_that_it_is_to_be_replaced_and_then_that_it_was(run: Program) -> None:
    with opened(run) as vault:
        keep(vault, "2031-0001")
        two = plan(vault, [ONE], replaces="2031-0001").number
    assert f"  {two} is to take its place" in disc(run, "show", "2031-0001")
    with opened(run) as vault:
        keep(vault, two)
        supersede(vault, two)
    assert f"  {two} has taken its place" in disc(run, "show", "2031-0001")
