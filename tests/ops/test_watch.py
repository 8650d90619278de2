"""Drop folders as the program sees them: what is dropped comes in once, whole, and nothing of it is ever lost."""

import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ops.config import FILE, read_config
from ops.status.findings import findings
from ops.status.health import health_of
from ops.wiring import Working, open_vault, unasked_vault
from tests.ops.conftest import ROOT, Program
from tests.ops.test_serve import answers, ask, configure, home, serving, until
from tests.vault.scene import assert_sound, noise, rows_of
from vault.intake.dropped import LOCK, turn
from vault.intake.parcels import REFUSED, TAKEN

__all__ = ["home"]  # the fixture: a vault that goes by the real clock

FACTS = 'facts = { section = "监督检查科", "执法人员" = "张建国、刘敏" }'


@pytest.fixture
def drop(run: Program) -> Path:
    """The drop folder of a vault in 库."""
    run("--vault", "库", "init")
    return dropping(run.cwd / "库")


def dropping(home: Path, *lines: str) -> Path:
    """A new drop folder, of which strongroom.toml says this."""
    with open(home / FILE, "a", encoding="utf-8") as config:
        config.write("\n".join(("", "[[watch]]", 'folder = "投放"', FACTS, *lines, "")))
    (home / "投放").mkdir()
    return home / "投放"


def look(run: Program, *words: str, expect: int = 0) -> list[dict[str, Any]]:
    return run("--vault", "库", "watch", "--once", "--json", *words, expect=expect).lines


def aside(drop: Path, where: str) -> dict[str, bytes]:
    """What lies in all trays together, by its path there."""
    trays = sorted(path for path in (drop / where).glob("*") if path.is_dir())
    files = [(path.relative_to(tray), path) for tray in trays for path in sorted(tray.rglob("*")) if path.is_file()]
    assert len({str(name) for name, _ in files}) == len(files)
    return {str(name): path.read_bytes() for name, path in files}


def records(run: Program) -> list[dict[str, Any]]:
    return run("--vault", "库", "find", "--json", expect=None).lines


def test_what_is_dropped_comes_in_once_it_is_settled(run: Program, drop: Path) -> None:
    (drop / "现场.mp4").write_bytes(noise(5_000, 1))
    (drop / "询问.mp4").write_bytes(noise(5_000, 2))
    (drop / "询问.mp4.facts.json").write_text('{"section": "法规科", "party": "王芳"}', encoding="utf-8")
    (drop / "采集站").mkdir()
    (drop / "采集站/清单.csv").write_text("文件,当事人\n1.mp4,李伟\n", encoding="utf-8")
    (drop / "采集站/1.mp4").write_bytes(noise(5_000, 3))
    with zipfile.ZipFile(drop / "导出.zip", "w") as archive:
        archive.writestr("2.mp4", noise(5_000, 4))
    dropped = {str(path.relative_to(drop)): path.read_bytes() for path in drop.rglob("*") if path.is_file()}
    (waiting,) = look(run)
    assert (waiting["waiting"], waiting["taken"]) == (4, 0)
    *rows, looked = look(run)
    assert [row["result"] for row in rows if row["result"] != "skipped"] == ["stored"] * 4
    assert (looked["taken"], looked["refused"], looked["waiting"], looked["aside"]) == (4, 0, 0, 0)
    assert aside(drop, TAKEN) == dropped
    assert [path.name for path in drop.iterdir()] == [TAKEN]
    said = {(one["facts"].get("party"), one["facts"]["section"]) for one in records(run)}
    assert said == {(None, "监督检查科"), ("王芳", "法规科"), ("李伟", "监督检查科")}
    assert {tuple(one["facts"]["officers"]) for one in records(run)} == {("张建国", "刘敏")}
    assert "[drop folder]" in run("--vault", "库", "show", records(run)[0]["number"]).out
    (drop / "又一次.mp4").write_bytes(noise(5_000, 1))
    look(run)
    assert [row["result"] for row in look(run)] == ["seen-again", "looked"]
    assert len(records(run)) == 4


def test_what_is_still_written_waits_however_long_nothing_changes(run: Program, drop: Path) -> None:
    with open(drop / "现场.mp4", "wb") as file:
        file.write(noise(5_000, 1))
        file.flush()
        for _ in range(3):
            assert [row.get("waiting") for row in look(run)] == [1]
        file.write(b"end")
    assert [row.get("waiting") for row in look(run)] == [1], "it changed"
    assert [row["result"] for row in look(run)] == ["stored", "looked"]
    assert aside(drop, TAKEN) == {"现场.mp4": noise(5_000, 1) + b"end"}


def test_what_cannot_come_in_is_put_aside_with_the_reason_in_both_languages(run: Program, drop: Path) -> None:
    (drop / "空.mp4").touch()
    (drop / "好.mp4").write_bytes(noise(5_000, 1))
    (drop / "采集站").mkdir()
    (drop / "采集站/清单.csv").write_text("文件,当事人\n没有.mp4,李伟\n", encoding="utf-8")
    (drop / "采集站/1.mp4").write_bytes(noise(5_000, 2))
    look(run)
    rows = look(run, expect=1)
    assert (rows[-1]["taken"], rows[-1]["refused"], rows[-1]["aside"]) == (1, 2, 2)
    assert set(aside(drop, REFUSED)) == {"空.mp4", "采集站/清单.csv", "采集站/1.mp4"}
    assert set(aside(drop, TAKEN)) == {"好.mp4"}
    (why,) = (drop / REFUSED).glob("*.txt")
    text = why.read_text(encoding="utf-8")
    assert "空.mp4 是空文件（0 字节），没有可保存的内容。" in text
    assert "空.mp4 is empty (0 bytes): there is nothing to keep." in text
    assert "清单第 2 行的 没有.mp4 不在其中。" in text
    (drop / "空.mp4").touch()
    look(run)
    assert look(run, expect=1)[-1]["aside"] == 3, "nothing that lay there was overwritten"


def test_what_is_left_where_it_is_is_read_once(run: Program) -> None:
    run("--vault", "库", "init")
    drop = dropping(run.cwd / "库", "leave = true")
    (drop / "现场.mp4").write_bytes(noise(5_000, 1))
    (drop / "空.mp4").touch()
    look(run)
    assert [row["result"] for row in look(run, expect=1)] == ["rejected", "stored", "looked"]
    for _ in range(2):
        (looked,) = look(run)
        assert (looked["taken"], looked["waiting"], looked["aside"]) == (0, 0, 1)
    assert sorted(path.name for path in drop.iterdir()) == ["现场.mp4", "空.mp4"]
    (drop / "空.mp4").write_bytes(noise(5_000, 2))
    look(run)
    assert [row["result"] for row in look(run)] == ["stored", "looked"]
    assert len(records(run)) == 2


def test_one_at_a_time_looks(run: Program, drop: Path) -> None:
    (drop / "现场.mp4").write_bytes(noise(5_000, 1))
    with turn(run.cwd / "库"):
        assert "Somebody else is at the drop folders." in run("--vault", "库", "watch", "--once", expect=1).err
    assert (run.cwd / "库" / LOCK).exists()
    assert len(look(run)) == 1


WRONG = {
    "no folder": ("", "strongroom.toml names no drop folder"),
    "a fact that there is not": ('[[watch]]\nfolder = "投放"\nfacts = { colour = "红" }', "no such fact"),
    "a fact given twice": ('[[watch]]\nfolder = "投放"\nfacts = { party = "甲", "当事人" = "乙" }', "given twice"),
    "a time that is none": ('[[watch]]\nfolder = "投放"\nsettled = "soon"', "no time such as 10 minutes"),
    "one in another": ('[[watch]]\nfolder = "投放"\n[[watch]]\nfolder = "投放/甲"', "lies in another drop folder"),
    "a word that the profile has not": (
        '[[watch]]\nfolder = "投放"\nfacts = { circumstances = "beauty" }',
        "beauty",
    ),
    "a store": ('[[watch]]\nfolder = "store-a/objects"', "cannot be a drop folder"),
    "a folder that is not there": ('[[watch]]\nfolder = "没有"', "cannot be read"),
}


@pytest.mark.parametrize(("lines", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_said_before_anything_is_moved(run: Program, lines: str, said: str) -> None:
    run("--vault", "库", "init")
    with open(run.cwd / "库" / FILE, "a", encoding="utf-8") as config:
        config.write(f"\n{lines}\n")
    done = run("--vault", "库", "watch", "--once", expect=None)
    assert done.code in (1, 2)
    assert said in done.err
    assert run("--vault", "库", "watch", "--once", expect=done.code, language="zh").err != done.err


# killed


DYING = """
import os, signal, sys
from ops.cli import main
from vault.intake import pipeline
from vault.intake.aside import Aside

def dying(real, after):
    calls = []
    def called(*words):
        if len(calls) == after:
            os.kill(os.getpid(), signal.SIGKILL)
        calls.append(words)
        return real(*words)
    return called

home, where, after = sys.argv[1:]
if where == "filing":
    pipeline.file_records = dying(pipeline.file_records, int(after))
else:
    Aside.taken = dying(Aside.taken, int(after))
sys.argv = ["strongroom", "--vault", home, "watch", "--once", "--json"]
main()
"""


def dies(home: Path, where: str, after: int) -> int:
    """A look that is killed when it begins to file, or to put the next parcel aside."""
    command = [sys.executable, "-c", DYING, str(home), where, str(after)]
    return subprocess.run(command, stdout=subprocess.DEVNULL, cwd=ROOT, check=False).returncode


def test_one_that_is_killed_loses_nothing_and_nothing_comes_twice(home: Path) -> None:
    drop, contents = dropping(home, 'settled = "1 second"'), {f"{n}.mp4": noise(4_000, n) for n in range(12)}
    for name, data in contents.items():
        (drop / name).write_bytes(data)
    assert dies(home, "filing", 0) == 0, "nothing is settled yet"
    time.sleep(1.1)
    for where, after, put in (("filing", 0, 0), ("aside", 5, 5), ("aside", 9, 12)):
        assert dies(home, where, after) == (0 if put == 12 else -signal.SIGKILL)
        assert len(aside(drop, TAKEN)) == put
        left = {path.name: path.read_bytes() for path in drop.glob("*.mp4")}
        assert aside(drop, TAKEN) | left == contents
    with open_vault(home, Working(person="李建国")) as vault:
        assert len(rows_of(vault, "SELECT id FROM record")) == len(contents) + 2, "two were there before"
        assert_sound(vault)


# in a service


def test_a_service_takes_in_what_is_dropped_and_tells_what_could_not_be(home: Path) -> None:
    drop = dropping(home, 'settled = "1 second"', "[jobs.watch]", 'every = "1 second"')
    port = configure(home, "")
    (drop / "现场.mp4").write_bytes(noise(5_000, 9))
    (drop / "空.mp4").touch()
    with serving(home) as process:
        until(lambda: answers(port, "/metrics"))
        until(lambda: 'strongroom_job_found{name="watch"} 1.0' in ask(port, "/metrics").text, 40)
        assert aside(drop, TAKEN) == {"现场.mp4": noise(5_000, 9)}
        assert 'strongroom_job_failures{name="watch"} 0.0' in ask(port, "/metrics").text
        drop.rename(home / "别处")
        until(lambda: 'strongroom_job_failures{name="watch"} 0.0' not in ask(port, "/metrics").text, 40)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)
    with unasked_vault(home, Working(person="李建国")) as vault:
        told = [one.what.en for one in findings(health_of(vault, read_config(home))) if "watch" in one.command]
    assert [what.partition(":")[0] for what in told] == ["job watch failed in a row", "dropped and not taken in"]
