"""`[discs]` of strongroom.toml, `strongroom disc drives` and `disc verify`."""

import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from media.mediums import SECTOR
from media.robot import DIALECTS
from ops.config import FILE, read_config
from ops.drives import configured_drives, configured_robots
from tests.discs import pseudo_drive
from tests.ops.conftest import Program
from tests.ops.test_config import GOOD, write
from tests.vault.scene import flip
from vault.digest import Digest
from vault.errors import BadInput, SourceUnreadable

DISCS = """
[discs]
drives = ["/dev/sr0", "stdio:/dev/loop7"]
work = "/srv/光盘映像"
medium = "m-disc-25"
spare = 25
price = 3.50

[[discs.robot]]
name = "刻录机"
kind = "tdbridge"
folder = "/mnt/robot"
seen_as = 'D:\\刻录任务'
within = 2
"""


def test_drives_robots_and_blanks(tmp_path: Path) -> None:
    write(tmp_path, GOOD + DISCS)
    discs = read_config(tmp_path).discs
    assert (discs.work, discs.medium, discs.spare, discs.price) == ("/srv/光盘映像", "m-disc-25", 25, Decimal("3.5"))
    assert [drive.name for drive in configured_drives(tmp_path)] == ["/dev/sr0", "stdio:/dev/loop7"]
    (robot,) = configured_robots(tmp_path)
    assert (robot.name, robot.folder, robot.seen_as) == ("刻录机", Path("/mnt/robot"), "D:\\刻录任务")
    assert robot.within.total_seconds() == 7_200
    assert robot.text == DIALECTS["tdbridge"].text


def test_what_nobody_says_of_discs(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    discs = read_config(tmp_path).discs
    assert (discs.work, discs.medium, discs.spare, discs.price) == ("discs", "dvd+r", 20, None)
    assert configured_robots(tmp_path) == ()
    with pytest.raises(BadInput, match="names no disc drive") as raised:
        configured_drives(tmp_path)
    assert "/dev/sr0" in raised.value.hint.zh


def test_a_robot_s_job_can_be_the_office_s_own(tmp_path: Path) -> None:
    write(tmp_path, (GOOD + DISCS).replace("within = 2", 'template = "任务.txt"'))
    with pytest.raises(SourceUnreadable, match=r"任务\.txt"):
        configured_robots(tmp_path)
    (tmp_path / "任务.txt").write_text("ID=$job\n", encoding="utf-8")
    assert configured_robots(tmp_path)[0].text == "ID=$job\n"


WRONG = {
    "no path": ('"/dev/sr0"', '"sr0"', "discs.drives: 'sr0'; write /dev/sr0", "discs.drives：'sr0'；请写作 /dev/sr0"),
    "one drive twice": ('"stdio:/dev/loop7"', '"/dev/sr0"', "discs.drives: one stands twice", "discs.drives：有重复"),
    "no such medium": (
        '"m-disc-25"',
        '"蓝光"',
        "discs.medium: there is no '蓝光'; there are: cd-r",
        "没有“蓝光”；可用：cd-r",
    ),
    "all of it spare": ("spare = 25", "spare = 100", "discs.spare: 0 … 99", "discs.spare：应为 0 … 99"),
    "a price of words": ("price = 3.50", 'price = "三元"', "discs.price: ", "discs.price："),
    "a price below nothing": ("price = 3.50", "price = -1", "discs.price: 0 … ", "discs.price：应为 0 … "),
    "no such robot": (
        '"tdbridge"',
        '"rimage"',
        "discs.robot[0].kind: there is no 'rimage'",
        "没有“rimage”；可用：tdbridge",
    ),
    "no time": ("within = 2", "within = 0", "discs.robot[0].within: at least 1", "discs.robot[0].within：至少为 1"),
    "no such key": ("spare =", "spar =", "discs.spar: there is no such key", "discs.spar：没有这个项"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_with_its_file_and_key(tmp_path: Path, what: str) -> None:
    old, new, en, zh = WRONG[what]
    path = write(tmp_path, (GOOD + DISCS).replace(old, new, 1))
    with pytest.raises(BadInput) as caught:
        read_config(tmp_path)
    assert caught.value.what.en.startswith(f"{path}:")
    assert en in caught.value.what.en
    assert zh in caught.value.what.zh


@pytest.fixture
def built(run: Program) -> Path:
    """A vault with a disc set; its folder."""
    run("--vault", "库", "init")
    (run.cwd / "1.mp4").write_bytes("录像".encode() * 100_000)
    run("--vault", "库", "ingest", "1.mp4", "--section", "会计科", "--party", "李伟", "--case-name", "惠民财务案")
    grounds = ("--approved-by", "王局长", "--why", "备份")
    run("--vault", "库", "disc", "build", "2031-0000001", "--to", "光盘", "--medium", "practice", *grounds)
    return run.cwd / "库"


def test_an_image_is_compared_with_the_journal_of_its_own_vault(run: Program, built: Path) -> None:
    image = run.cwd / "光盘/2031-0001-1.iso"
    (told,) = run("--vault", "库", "disc", "verify", image, "--json").lines
    assert told["good"] is True
    assert (told["disc"], told["unreadable"], told["sectors"]) == ("2031-0001-1", 0, image.stat().st_size // SECTOR)
    flip(image, -8 * SECTOR)
    done = run("--vault", "库", "disc", "verify", image, expect=3)
    assert "is not what was burnt" in done.err
    with image.open("r+b") as file:
        file.truncate(40_960)
    assert "cannot be read" in run("--vault", "库", "disc", "verify", image, expect=3).err
    (run.cwd / "a.iso").write_bytes(bytes(100_000))
    done = run("--vault", "库", "disc", "verify", "a.iso", expect=2)
    assert "does not begin as a disc of Strongroom does" in done.err
    (run.cwd / "空").touch()
    done = run("--vault", "库", "disc", "verify", f"stdio:{run.cwd}/空", expect=2)
    assert "lies a blank" in done.err
    run("--vault", "另", "init")
    done = run("--vault", "另", "disc", "verify", "光盘/2031-0001-1.iso", expect=2)
    assert "This vault knows no disc 2031-0001-1" in done.err
    assert "no such file" in run("--vault", "库", "disc", "verify", "没有.iso", expect=1).err


def test_a_set_has_one_image_however_often_it_is_built(run: Program, built: Path) -> None:
    """The journal goes on meanwhile, about that record too; the moment of the first image stays."""
    first = (run.cwd / "光盘/2031-0001-1.iso").read_bytes()
    run("--vault", "库", "hold", "place", "2031-0000001", "--authority", "县监委", "--why", "信访")
    (run.cwd / "2.mp4").write_bytes("另".encode() * 1_000)
    run("--vault", "库", "ingest", "2.mp4", "--section", "会计科", "--party", "李伟", "--case-name", "惠民财务案")
    done = run("--vault", "库", "disc", "build", "--set", "2031-0001", "--to", "再", "--json")
    assert (run.cwd / "再/2031-0001-1.iso").read_bytes() == first
    assert done.lines[0]["sha256"] == [Digest.of(first).hex]
    for letter in "AB":
        (run.cwd / letter).touch()
    drives = [word for letter in "AB" for word in ("--drive", f"stdio:{run.cwd / letter}")]
    run("--vault", "库", "disc", "run", "--set", "2031-0001", *drives, "--no-wait", "--to", "标签", "--shelf", "柜")
    assert [(run.cwd / letter).read_bytes()[: len(first)] == first for letter in "AB"] == [True, True]
    (row,) = run("--vault", "库", "disc", "show", "2031-0001-1A", "--json").lines
    assert [event["act"] for event in row["history"]].count("disc.imaged") == 1
    run("--vault", "库", "disc", "build", "--set", "2031-0001", "--to", "三")  # burnt, and on the shelf
    assert (run.cwd / "三/2031-0001-1.iso").read_bytes() == first


def test_what_has_changed_makes_another_image_and_voids_the_first(run: Program, built: Path) -> None:
    first = run.cwd / "光盘/2031-0001-1.iso"
    run("--vault", "库", "complete", "2031-0000001", "--party", "李炜", "--why", "笔误")
    done = run("--vault", "库", "disc", "build", "--set", "2031-0001", "--to", "再", language="zh")
    assert done.err.startswith("2031-0001-1：生成映像（2031-03-03 ")
    assert "原映像及据其生成的标签作废" in done.err
    assert (run.cwd / "再/2031-0001-1.iso").read_bytes() != first.read_bytes()
    older = run("--vault", "库", "disc", "verify", first, expect=3).err
    assert "This is an older image of 2031-0001-1, made 2031-03-03 " in older
    assert "clean" not in older
    entered = run("--vault", "库", "disc", "verify", f"stdio:{first}", "--mark", "2031-0001-1A", expect=3).err
    assert "This is an older image" in entered
    assert run("--vault", "库", "disc", "verify", "再/2031-0001-1.iso").code == 0


def test_a_disc_that_was_burnt_elsewhere_is_entered(run: Program, built: Path) -> None:
    """And goes on to the shelf; one that is not the image enters nothing."""
    image, mark = run.cwd / "光盘/2031-0001-1.iso", "2031-0001-1A"
    disc = Path(shutil.copy(image, run.cwd / "盘"))
    with disc.open("r+b") as file:
        file.seek(-2_048, 2)
        file.write(b"X")
    run("--vault", "库", "disc", "verify", f"stdio:{disc}", "--mark", mark, expect=3)
    assert "尚未刻录" in run("--vault", "库", "disc", "show", mark, language="zh").out
    shutil.copy(image, disc)
    done = run("--vault", "库", "disc", "verify", f"stdio:{disc}", "--mark", mark)
    assert f"{mark}: burnt elsewhere; verified and entered" in done.err
    refused = run("--vault", "库", "disc", "verify", image, "--mark", "2031-0001-1B", expect=2)
    assert f"{image} is a file, and no disc in a drive: 2031-0001-1B is not entered by it." in refused.err
    run("--vault", "库", "disc", "verify", f"stdio:{shutil.copy(image, run.cwd / '盘二')}", "--mark", "2031-0001-1B")
    assert "cannot be verified" in run("--vault", "库", "disc", "verify", f"stdio:{disc}", "--mark", mark, expect=4).err
    for one in (mark, "2031-0001-1B"):
        run("--vault", "库", "disc", "shelve", one, "--at", "甲柜3层")
    (row,) = run("--vault", "库", "disc", "show", mark, "--json").lines
    acts = [(event["act"], event["what"]) for event in row["history"]]
    assert acts[2:4] == [("disc.entered", f"stdio:{disc}"), ("disc.shelved", "甲柜3层")]
    before = run("--vault", "库", "disc", "show", "2031-0001", "--json").out
    assert before.count('"shelved"') == 2
    run("--vault", "库", "rebuild")
    assert run("--vault", "库", "disc", "show", "2031-0001", "--json").out == before


def test_a_disc_is_mended_by_the_tool_that_lies_on_it(run: Program, built: Path) -> None:
    """On a machine with Python and nothing of this program, from what can be read of two copies."""
    image, folder = run.cwd / "光盘/2031-0001-1.iso", run.cwd / "盘上"
    subprocess.run(["7z", "x", "-tIso", f"-o{folder}", str(image)], check=True, capture_output=True)
    whole = image.read_bytes()
    first, second = len(whole) // 3, 2 * len(whole) // 3
    (folder / "甲.iso").write_bytes(bytes(first) + whole[first:])
    (folder / "乙.iso").write_bytes(whole[:second] + bytes(len(whole) - second))
    command = [sys.executable, "-I", "-S", "-X", "utf8", "tools/salvage.py", "甲.iso", "乙.iso", "--to", "盘.iso"]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "zh_CN.UTF-8"}
    command += ["--extract", "取出", "--mark", "2031-0001-1B"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "盘.iso").read_bytes() == whole
    assert (folder / "取出/data/2031-0000001/1.mp4").read_bytes() == (run.cwd / "1.mp4").read_bytes()


def test_drives_that_do_not_answer(run: Program) -> None:
    run("--vault", "库", "init")
    assert "names no disc drive" in run("--vault", "库", "disc", "drives", expect=2).err
    with (run.cwd / "库" / FILE).open("a", encoding="utf-8") as file:
        file.write('\n[discs]\ndrives = ["/dev/sr77"]\n')
    done = run("--vault", "库", "disc", "drives", "--json", expect=5)
    assert done.lines[0]["condition"] is None
    assert "光驱 /dev/sr77 无法使用" in done.lines[0]["error"]["zh"]


@pytest.mark.root
def test_a_disc_in_a_drive(run: Program, built: Path, tmp_path: Path) -> None:
    with pseudo_drive(tmp_path / "drive", 12_000) as pseudo:
        with (built / FILE).open("a", encoding="utf-8") as file:
            file.write(f'\n[discs]\ndrives = ["{pseudo.name}"]\n')
        (told,) = run("--vault", "库", "disc", "drives", "--json").lines
        assert (told["drive"], told["condition"], told["writable"]) == (pseudo.name, "blank", 12_000)
        assert "blank  stdio file  room for 23.4 MiB" in run("--vault", "库", "disc", "drives").out
        pseudo.drive.burn(run.cwd / "光盘/2031-0001-1.iso")
        assert "is as recorded" in run("--vault", "库", "disc", "verify", pseudo.name).out
        with pseudo.drive.held():
            assert "Another command uses" in run("--vault", "库", "disc", "drives", expect=1).err
