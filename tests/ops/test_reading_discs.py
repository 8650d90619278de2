"""Discs as they are used: attached, asked for, waited for, healed from, and all that is left of a vault."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from ops.attached import attached, remember
from ops.wiring import Working, open_vault
from tests.conftest import SettableClock, machine_beside
from tests.media.pressing import image_of, press_records
from tests.ops.conftest import NOW, Program
from tests.vault.disc_scene import begin, degrade, finish, image, keep, label, plan, shelve, verify
from tests.vault.scene import rows_of
from vault import acts
from vault.digest import Digest
from vault.discs.model import Mark
from vault.discs.stepping import replace, step
from vault.journalcheck import agree, check_journal
from vault.replay import proven_acts
from vault.store import Vault

ONE = "2031-0000001"
NAME = "2031-0001-1"
DATA = "现场录像".encode()
GROUNDS = ("--approved-by", "赵局长", "--why", "复议")


@pytest.fixture
def disc(run: Program) -> Path:
    """An image of a disc with the one record of 库; both its copies are on the shelf. It lies in no place yet."""
    (run.cwd / "录像.mp4").write_bytes(DATA)
    run("--vault", "库", "init", "--profile", "dengzhou", "--store", "甲", "--store", "乙")
    run("--vault", "库", "ingest", "录像.mp4", "--section", "执法一中队", "--party", "王芳", "--place", "人民路")
    with opened(run) as vault:
        keep(vault, plan(vault, [ONE]).number)
        press_records(vault, [ONE], run.scratch / "盘", "2031-0001")
    return image_of(run.scratch / "盘", run.scratch / "盘.iso", NAME)


@contextmanager
def opened(run: Program) -> Iterator[Vault]:
    run.calls += 1
    clock = SettableClock(NOW + timedelta(minutes=run.calls))
    with open_vault(run.cwd / "库", Working(person="root", clock=clock, machine=machine_beside(clock))) as vault:
        yield vault


def insert(disc: Path, drive: Path) -> None:
    """All at once, as a tray is closed."""
    waiting = drive.with_suffix(".closing")
    shutil.copyfile(disc, waiting)
    waiting.replace(drive)


def copies(run: Program) -> list[Path]:
    return sorted(run.cwd.glob("*/objects/*/*/*"))


def lose(run: Program) -> None:
    """The recording, on every store."""
    for path in copies(run):
        path.unlink()


def test_attach_says_what_is_there_and_remembers_the_place(run: Program, disc: Path) -> None:
    drive = run.cwd / "光驱"
    insert(disc, drive)
    (row,) = run("--vault", "库", "disc", "attach", f"stdio:{drive}", "--json").lines
    assert {key: row[key] for key in ("place", "disc", "known", "objects", "bytes")} == {
        "place": str(drive),
        "disc": NAME,
        "known": True,
        "objects": 1,
        "bytes": len(DATA),
    }
    assert f"光盘 {NAME}，1 个对象" in run("--vault", "库", "disc", "attach", "光驱", language="zh").out
    assert run("--vault", "库", "disc", "attached").out == f"{drive}  {NAME}\n"
    drive.unlink()
    assert run("--vault", "库", "disc", "attached", "--json", expect=5).lines[0]["disc"] is None
    run("--vault", "库", "disc", "detach", "光驱")
    assert run("--vault", "库", "disc", "attached").out == ""
    run("--vault", "库", "disc", "detach", "光驱", expect=2)


def test_a_place_may_have_any_name(tmp_path: Path) -> None:
    places = (tmp_path / "两\n行", tmp_path / "行\u2028隔", tmp_path / os.fsdecode(b"\xb9\xe2.iso"))
    remember(tmp_path, (*places, places[0]))
    assert attached(tmp_path) == places


def test_get_reads_from_the_disc_what_no_store_has(run: Program, disc: Path) -> None:
    insert(disc, run.cwd / "光驱")
    run("--vault", "库", "disc", "attach", "光驱")
    lose(run)
    run("--vault", "库", "get", ONE, "取出.mp4", *GROUNDS)
    assert (run.cwd / "取出.mp4").read_bytes() == DATA
    run("--vault", "库", "export", "包", ONE, *GROUNDS)
    assert (run.cwd / "包" / "data" / ONE / "录像.mp4").read_bytes() == DATA


def test_without_the_disc_get_says_which_copy_and_which_shelf(run: Program, disc: Path) -> None:
    lose(run)
    for words in (("get", ONE, "取出.mp4"), ("export", "包", ONE)):
        told = run("--vault", "库", *words, "--no-wait", *GROUNDS, expect=5).err
        assert f"Insert disc {NAME}." in told
        assert f"copy {NAME}A: 档案室甲柜3层; copy {NAME}B: 档案室甲柜3层" in told
        assert "strongroom disc attach" in told
    assert "disc attach" in run("--vault", "库", "get", ONE, "取出.mp4", *GROUNDS, expect=5).err  # nowhere to wait at
    assert sorted(path.name for path in run.cwd.iterdir()) == sorted(["乙", "库", "录像.mp4", "甲"])
    with opened(run) as vault:
        assert rows_of(vault, "SELECT how FROM viewing WHERE how = 'get'") == []


def test_get_goes_on_when_the_disc_is_inserted(run: Program, disc: Path) -> None:
    drive = run.cwd / "光驱"
    insert(disc, drive)
    run("--vault", "库", "disc", "attach", "光驱")
    drive.unlink()
    lose(run)
    timer = threading.Timer(2.5, insert, (disc, drive))
    timer.start()
    done = run("--vault", "库", "get", ONE, "取出.mp4", *GROUNDS, language="zh")
    timer.join()
    assert done.err.count(f"请放入光盘 {NAME}") == 1
    assert "副本 2031-0001-1A：档案室甲柜3层" in done.err
    assert (run.cwd / "取出.mp4").read_bytes() == DATA


def test_a_store_is_healed_from_the_disc(run: Program, disc: Path) -> None:
    lose(run)
    done = run("--vault", "库", "scrub", "--json", expect=None)
    assert [row["healed"] for row in done.lines] == [0, 0]
    insert(disc, run.cwd / "光驱")
    run("--vault", "库", "disc", "attach", "光驱")
    run("--vault", "库", "repair")
    assert [path.read_bytes() for path in copies(run)] == [DATA] * 2
    run("--vault", "库", "fsck")
    with opened(run) as vault:
        stores = list(vault.stores.values())
        happened = list(proven_acts(check_journal(stores, agree(stores, vault.verifier))))
    healed = [act for act in happened if isinstance(act, acts.CopyHealed)]
    assert [act.source for act in healed] == [NAME, "a"]


def test_without_the_disc_repair_and_scrub_say_which_copy_and_which_shelf(run: Program, disc: Path) -> None:
    """Once: `no answer from discs`."""
    lose(run)
    wanted = f"Insert disc {NAME}. (copy {NAME}A: 档案室甲柜3层; copy {NAME}B: 档案室甲柜3层)"
    assert wanted in run("--vault", "库", "scrub", expect=3).err
    assert wanted in run("--vault", "库", "repair", expect=5).err
    told = run("--vault", "库", "repair", expect=5, language="zh").err
    assert f"请放入光盘 {NAME}。（副本 {NAME}A：档案室甲柜3层；" in told
    (row, _) = run("--vault", "库", "repair", "--json", expect=5).lines
    (lacking,) = row["not_had"]
    assert (lacking["silent"], lacking["disc"]["en"]) == ([], wanted)


def test_a_disc_that_is_spoilt_heals_nothing(run: Program, disc: Path) -> None:
    data = disc.read_bytes()
    at = data.index(DATA)
    disc.write_bytes(data[:at] + b"\0" + data[at + 1 :])
    insert(disc, run.cwd / "光驱")
    run("--vault", "库", "disc", "attach", "光驱")
    lose(run)
    run("--vault", "库", "scrub", expect=None)
    run("--vault", "库", "repair", expect=None)
    assert copies(run) == []
    assert "damaged" in run("--vault", "库", "get", ONE, "取出.mp4", *GROUNDS, expect=3).err


# what is not this vault's


def test_what_attach_refuses(run: Program, disc: Path) -> None:
    (run.cwd / "空").mkdir()
    (run.cwd / "无.iso").write_bytes(b"\0" * 65_536)
    assert "There is no disc of a vault" in run("--vault", "库", "disc", "attach", "空", expect=2).err
    assert "no ISO 9660 image" in run("--vault", "库", "disc", "attach", "无.iso", expect=3).err
    run("--vault", "别库", "init", "--profile", "dengzhou", "--store", "丙", "--store", "丁")
    told = run("--vault", "别库", "disc", "attach", disc, expect=4).err
    assert "of another vault" in told
    assert "--from-discs" in told
    sheet = run.scratch / "盘" / "disc.json"
    own = json.loads((run.cwd / "丙" / "strongroom.json").read_text())["vault"]
    sheet.write_text(json.dumps(json.loads(sheet.read_text()) | {"vault": own}))  # who lies about whose it is
    assert "not this vault's key" in run("--vault", "别库", "disc", "attach", run.scratch / "盘", expect=4).err
    assert run("--vault", "别库", "disc", "attached").out == ""


def test_a_disc_whose_proofs_are_gone_or_changed_is_not_attached(run: Program, disc: Path) -> None:
    folder = run.scratch / "盘"
    for path in (folder / "journal").glob("*.jsonl"):
        path.write_bytes(path.read_bytes().replace("王芳".encode(), "王方".encode()))
    run("--vault", "库", "disc", "attach", folder, expect=3)
    shutil.rmtree(folder / "journal")
    told = run("--vault", "库", "disc", "attach", folder, expect=3, language="zh").err
    assert "没有可证明其来源的内容" in told


# all that is left


def test_a_vault_goes_on_from_its_discs_alone(run: Program, disc: Path) -> None:
    for folder in ("库", "甲", "乙"):
        shutil.rmtree(run.cwd / folder)
    run("--vault", "新库", "init", "--profile", "dengzhou", "--store", "丙", "--store", "丁")
    done = run("--vault", "新库", "rebuild", "--from-discs", disc)
    assert "1 record taken over" in done.out
    assert "Compare it with a label" in done.err
    assert "cases and their closing" in done.err
    record, total = run("--vault", "新库", "rebuild", "--from-discs", disc, "--json").lines
    assert (record["record"], record["state"]) == (ONE, "known")
    assert (total["known"], total["taken"], total["discs_absent"]) == (1, 0, [])
    run("--vault", "新库", "get", ONE, "取出.mp4", *GROUNDS)
    assert (run.cwd / "取出.mp4").read_bytes() == DATA
    assert "王芳" in run("--vault", "新库", "show", ONE).out
    run("--vault", "新库", "fsck")
    run("--vault", "新库", "rebuild")
    assert "王芳" in run("--vault", "新库", "find", "王芳").out


def test_a_damaged_disc_among_several_is_named_and_the_others_are_read(run: Program, disc: Path) -> None:
    run("--vault", "新库", "init", "--profile", "dengzhou", "--store", "丙", "--store", "丁")
    bad = run.cwd / "坏.iso"
    bad.write_bytes(b"\xff" * 100_000)
    shutil.copytree(run.scratch / "盘", run.cwd / "缺页")
    (run.cwd / "缺页/records.json").write_text("{", "utf-8")
    done = run("--vault", "新库", "rebuild", "--from-discs", bad, disc, run.cwd / "缺页", expect=3, language="zh")
    assert "已接收 1 条记录" in done.out
    assert f"{bad} 未读入：" in done.err
    assert f"{run.cwd / '缺页'} 未读入：" in done.err
    assert f"strongroom disc salvage {bad}" in done.err
    assert "坏.iso was left out" in run("--vault", "新库", "rebuild", "--from-discs", bad, expect=3).err


def test_marks_of_the_lost_vault_are_not_used_again(run: Program, disc: Path) -> None:
    run("--vault", "新库", "init", "--profile", "dengzhou", "--store", "丙", "--store", "丁")
    done = run("--vault", "新库", "rebuild", "--from-discs", disc)
    assert "Disc sets are not known either" in done.err
    words = ("disc", "plan", ONE, "--medium", "practice", "--activity", "占道经营案", *GROUNDS)
    assert run("--vault", "新库", *words).out.startswith("Disc set 2031-1001\n")
    run("--vault", "新库", "rebuild")
    (row,) = run("--vault", "新库", "disc", "list", "--json").lines
    assert row["disc_set"] == "2031-1001"


def test_from_discs_alone_says_what_it_needs(run: Program, disc: Path) -> None:
    run("--vault", "库", "rebuild", "--from-discs", expect=2)
    run("--vault", "库", "rebuild", disc, expect=2)
    assert "this very vault" in run("--vault", "库", "rebuild", "--from-discs", disc, expect=4).err
    run("--vault", "新库", "init", "--profile", "dengzhou", "--store", "丙", "--store", "丁")
    assert "no disc" in run("--vault", "新库", "rebuild", "--from-discs", run.cwd, expect=2).err
    spoilt = run.scratch / "盘"
    next((spoilt / "data").rglob("*.mp4")).write_bytes(b"other")
    done = run("--vault", "新库", "rebuild", "--from-discs", spoilt, expect=3, language="zh")
    assert "1 条不完整" in done.out
    assert "salvage" in done.err


# inspection

PLAN = """
[inspection]
years = 2
share = 100
source = "本局光盘检测规定 第3条"

[[inspection.level]]
medium = "dvd+r"
measure = "slowdown"
levels = [{levels}]
source = "本局光盘检测规定 第5条"
"""


def say(run: Program, disc: Path, old: str, new: str) -> None:
    """The disc says something else of itself."""
    said = run.scratch / "盘" / "disc.json"
    said.write_text(said.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    image_of(said.parent, disc, NAME)


@pytest.fixture
def shelved(run: Program, disc: Path) -> Path:
    """The image as the journal has it, of the second generation, with both its copies on the shelf."""
    say(run, disc, '"generation": 1', '"generation": 2')
    with opened(run) as vault:
        for mark in (f"{NAME}A", f"{NAME}B"):
            degrade(vault, mark)
            successor = str(replace(vault, Mark.parse(mark), "重制"))
        image(vault, "2031-0001", 1, 2, Digest.of(disc.read_bytes()).hex, disc.stat().st_size)
        for letter in "AB":
            for act in (begin, finish, partial(verify, sha256=Digest.of(disc.read_bytes()).hex), label, shelve):
                step(vault, act(f"{NAME}{letter}2", vault))
        assert successor == f"{NAME}B2"
    return disc


def settle(run: Program, levels: str) -> None:
    with (run.cwd / "库" / "strongroom.toml").open("a", encoding="utf-8") as config:
        config.write(PLAN.format(levels=levels))


def test_a_good_disc_is_due_again_after_its_interval(run: Program, shelved: Path) -> None:
    assert "does not say how often" in run("--vault", "库", "disc", "due").err
    settle(run, "100000, 100000, 100000")
    assert run("--vault", "库", "disc", "due").out == ""
    later = "2033-03-03T02:30:00+00:00"
    due = run("--vault", "库", "disc", "due", expect=1, clock=later).out.splitlines()
    assert due == [f"{NAME}{letter}2  since 2033-03-03  档案室甲柜3层" for letter in "AB"]
    words = ("--vault", "库", "--clock-is-right", "disc", "inspect", shelved, "--mark", f"{NAME}A2")
    told = run(*words, clock=later).out
    assert told.startswith(f"{NAME}A2  good\n")
    (row,) = run("--vault", "库", "disc", "due", "--json", expect=1, clock=later).lines
    assert row == {"mark": f"{NAME}B2", "location": "档案室甲柜3层", "since": "2033-03-03"}


def test_warning_levels_are_the_offices(run: Program, shelved: Path) -> None:
    settle(run, "1, 100000, 100000")
    (row,) = run("--vault", "库", "disc", "inspect", shelved, "--mark", f"{NAME}A2", "--json").lines
    assert (row["grade"], row["level"], row["unreadable"]) == ("watch", 1, 0)
    assert "第5条" in row["reasons"][0]["en"]
    (again,) = run("--vault", "库", "disc", "inspect", shelved, "--mark", f"{NAME}A2", "--json").lines
    assert again["grade"] == "watch"


def test_which_generation_is_verified_the_disc_says(run: Program, shelved: Path) -> None:
    assert run("--vault", "库", "disc", "verify", shelved, "--json").lines[0]["good"] is True
    told = run("--vault", "库", "disc", "verify", shelved, "--generation", "1", expect=3).err
    assert "is not what was burnt" in told


def test_a_disc_that_is_not_its_image_is_degraded(run: Program, shelved: Path) -> None:
    data = shelved.read_bytes()
    shelved.write_bytes(data[:-1] + b"\1")
    told = run("--vault", "库", "disc", "inspect", shelved, "--mark", f"{NAME}A2", expect=3)
    assert told.out.startswith(f"{NAME}A2  degraded\n")
    assert f"disc replace {NAME}A2" in told.err
    assert "degraded" in run("--vault", "库", "disc", "show", f"{NAME}A2").out
    shelved.write_bytes(data[:100_000])  # the rest of it is gone
    (row,) = run("--vault", "库", "disc", "inspect", shelved, "--mark", f"{NAME}B2", "--json", expect=3).lines
    assert row["unreadable"] == len(data) // 2_048 - 100_000 // 2_048


def test_a_disc_that_is_lent_is_refused_before_it_is_read(run: Program, shelved: Path) -> None:
    run("--vault", "库", "disc", "loan", f"{NAME}A2", "--to", "李伟", "--until", "2031-12-01", *GROUNDS)
    told = run("--vault", "库", "disc", "inspect", "没有.iso", "--mark", f"{NAME}A2", expect=4).err
    assert "on loan: it cannot be inspected" in told


def test_another_disc_than_the_label_says_is_not_entered(run: Program, shelved: Path) -> None:
    other = image_of(run.scratch / "盘", run.scratch / "别.iso", "2031-0009-1")
    told = run("--vault", "库", "disc", "inspect", other, "--mark", f"{NAME}A2", expect=4).err
    assert "has disc 2031-0009-1" in told
    run("--vault", "库", "disc", "inspect", "没有.iso", "--mark", f"{NAME}A2", expect=2)
    (run.cwd / "录像.avi").write_bytes(b"RIFF" * 100_000)
    told = run("--vault", "库", "disc", "inspect", "录像.avi", "--mark", f"{NAME}A2", expect=2).err
    assert "does not begin as a disc of Strongroom does" in told
    (run.cwd / "空白").touch()
    told = run("--vault", "库", "disc", "inspect", f"stdio:{run.cwd}/空白", "--mark", f"{NAME}A2", expect=2).err
    assert "lies a blank" in told
    say(run, shelved, '"generation": 2', '"generation": 3')
    told = run("--vault", "库", "disc", "inspect", shelved, "--mark", f"{NAME}A2", expect=4).err
    assert f"has disc {NAME} of generation 3; {NAME}A2 is a copy of {NAME}, generation 2" in told
    say(run, shelved, '"vault": "', '"vault": "0')
    told = run("--vault", "库", "disc", "inspect", shelved, "--mark", f"{NAME}A2", expect=4, language="zh").err
    assert "另一档案库（邓州市财政局）的光盘" in told
    with opened(run) as vault:
        assert rows_of(vault, "SELECT mark FROM disc_copy WHERE inspected_at IS NOT NULL") == []
