"""Salvage as a program of one file on a bare machine; what it believes, and what it refuses to mix.

The many kinds of damage are in tests/faults/damage.py.
"""

import ast
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from media.planning import plan
from media.salvage import single_file
from media.salvage.command import left, salvage, tell
from media.salvage.copies import Copy
from media.salvage.identity import Named
from media.salvage.layout import BLOCK, BlockList, Parity, crc32, find_list, find_parity
from media.salvage.pieces import join_folders
from media.salvage.refusals import SalvageRefused
from media.salvage.tree import entries
from tests.media import scene
from tests.media.discs import (
    SECTOR,
    TAKEN,
    Disc,
    Unreadable,
    flip,
    make_disc,
    random_files,
    ring,
    scattered,
    sha256_of,
    spoil,
)

SECTORS = 255 * 20


@pytest.fixture(scope="module")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Disc:
    return make_disc(tmp_path_factory.mktemp("disc") / "2026-0001-1.iso", random_files(1, 7), SECTORS)


def run_alone(folder: Path, *words: str | Path, lang: str = "en_US.UTF-8") -> subprocess.CompletedProcess[str]:
    """The one file in a folder of its own, by a Python that sees nothing else of this project."""
    program = folder / "salvage.py"
    program.write_bytes(single_file())
    env = {"PATH": os.environ["PATH"], "LANG": lang, "HOME": str(folder), "PYTHONUTF8": "1"}
    command = [sys.executable, "-I", "-X", "utf8", str(program), *map(str, words)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_one_file_is_python_3_8_and_names_nothing_twice() -> None:
    tree = ast.parse(single_file(), feature_version=(3, 8))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    names += [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert len(names) == len(set(names)) > 30
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert all(str(module).partition(".")[0] in sys.stdlib_module_names for module in modules)
    assert ast.get_docstring(tree)


def test_alone_it_puts_two_damaged_copies_together(disc: Disc, tmp_path: Path) -> None:
    spoil(disc, tmp_path / "甲.iso", ring(disc.sectors, 0.1, 0.3))
    spoil(disc, tmp_path / "乙.iso", ring(disc.sectors, 0.5, 0.3))
    done = run_alone(
        tmp_path, "甲.iso", "乙.iso", "--to", "盘.iso", "--extract", "文件", "--json", "--image-sha256", disc.sha256
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["complete"]
    assert report["same"] is True
    assert report["blocks"]["lost"] == report["blocks"]["rs03"] == 0
    assert report["blocks"]["甲.iso"] > 0 < report["blocks"]["乙.iso"]
    assert (tmp_path / "盘.iso").read_bytes() == disc.data
    assert report["whole"] == disc.files
    for path, digest in disc.files.items():
        found = tmp_path / "文件" / path
        assert sha256_of(found) == digest, path
        if path.startswith("data/"):
            assert found.stat().st_mtime == TAKEN.timestamp()


def test_what_there_was_no_room_for_is_gone_on_with(disc: Disc, tmp_path: Path) -> None:
    (tmp_path / "salvage.py").write_bytes(single_file())
    program = ["prlimit", "--fsize=2000000", sys.executable, "-I", "salvage.py"]
    done = subprocess.run(
        [*program, str(disc.path), "--to", "盘.iso"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    said = "What was put together so far is 盘.iso.partial: run the same again and it goes on from there."
    assert (done.returncode, done.stderr) == (1, f"salvage: 盘.iso: [Errno 27] File too large\n  {said}\n")
    report = json.loads(run_alone(tmp_path, disc.path, "--to", "盘.iso", "--json").stdout)
    assert report["complete"]
    assert report["blocks"]["earlier"] == 2_000_000 // 32_768 - 2  # those of the block list count as the copy's
    assert (tmp_path / "盘.iso").read_bytes() == disc.data
    assert sorted(path.name for path in tmp_path.iterdir()) == ["salvage.py", "盘.iso"]


def test_of_what_cannot_fit_nothing_is_begun(disc: Disc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=disc.path.stat().st_size - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="No space left"):
        salvage([Copy(str(disc.path))], tmp_path / "out.iso", Named())
    assert left(tmp_path / "out.iso") == (
        f"Nothing was left of {tmp_path}/out.iso.",
        f"{tmp_path}/out.iso 未留下任何内容。",
    )
    assert not list(tmp_path.iterdir())


def test_ctrl_c_leaves_what_the_next_run_goes_on_from(disc: Disc, tmp_path: Path) -> None:
    """The second time a scratched disc is asked only for what the first has not had."""
    (tmp_path / "salvage.py").write_bytes(single_file())
    inject = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=write", "-e", "inject=write:signal=INT:when=60"]
    command = [*inject, sys.executable, "-I", "salvage.py", str(disc.path), "--to", "盘.iso"]
    env = os.environ | {"LANG": "zh_CN.UTF-8", "LC_ALL": "", "STRONGROOM_LANG": "zh"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    said = "已停止。 已拼合的部分保存为 盘.iso.partial：重新运行同一命令即可继续。\n"
    assert (done.returncode, done.stderr) == (130, said)
    report = salvage([Unreadable(str(disc.path), "A", set(range(disc.listed // SECTOR)))], tmp_path / "盘.iso", Named())
    assert report.complete
    assert report.blocks["earlier"] >= disc.listed // 32_768 > 0
    assert not report.corrected
    assert (tmp_path / "盘.iso").read_bytes() == disc.data


def test_what_another_disc_left_is_not_gone_on_with(disc: Disc, tmp_path: Path) -> None:
    other = make_disc(tmp_path / "other.iso", random_files(2, 7), SECTORS, volume="2026-0001-2")
    (tmp_path / "out.iso.partial").write_bytes(other.data)
    with pytest.raises(SalvageRefused, match=r"out\.iso\.partial"):
        salvage([Copy(str(disc.path))], tmp_path / "out.iso", Named())
    assert (tmp_path / "out.iso.partial").read_bytes() == other.data


def test_what_an_earlier_run_took_from_a_copy_is_no_second_voice(disc: Disc, tmp_path: Path) -> None:
    """Nothing but its neighbours speaks for a sector of parity: where two copies differ in it, none of them is right
    because it was read twice."""
    sector = disc.sectors - 3
    flip(disc, tmp_path / "A.iso", {sector}, 1)
    (tmp_path / "out.iso.partial").write_bytes((tmp_path / "A.iso").read_bytes())
    report = salvage(
        [Copy(str(tmp_path / "A.iso")), Copy(str(disc.path))], tmp_path / "out.iso", Named(image=disc.sha256)
    )
    assert report.corrected
    assert report.same


def test_alone_without_dvdisaster_it_says_what_it_could_not_do(
    disc: Disc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(disc, tmp_path / "A.iso", ring(disc.sectors, 0.2, 0.02))
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run_alone(tmp_path, "A.iso", "--to", "out.iso")
    assert done.returncode == 3
    assert "dvdisaster" in done.stdout
    assert not (tmp_path / "out.iso").exists()
    assert (tmp_path / "out.iso.partial").exists()


@pytest.mark.parametrize(("lang", "said"), [("zh_CN.UTF-8", "光盘或标签不符"), ("C.UTF-8", "A wrong disc, or a label")])
def test_it_speaks_both_languages(disc: Disc, tmp_path: Path, lang: str, said: str) -> None:
    done = run_alone(tmp_path, disc.path, "--to", "out.iso", "--mark", "2026-0009-1A", lang=lang)
    assert done.returncode == 4
    assert said in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["salvage.py"]


def test_one_drive_salvages_copy_after_copy(disc: Disc, tmp_path: Path) -> None:
    """What the first run left is gone on with from the other copy."""
    lost = ring(disc.sectors, 0.0, 0.4)
    first = salvage([Unreadable(str(disc.path), "/dev/sr0", lost)], tmp_path / "out.iso", Named())
    assert not first.complete
    assert first.image == tmp_path / "out.iso.partial"
    second = salvage(
        [Unreadable(str(disc.path), "/dev/sr0", ring(disc.sectors, 0.5, 0.4))],
        tmp_path / "out.iso",
        Named(image=disc.sha256),
    )
    assert second.complete
    assert second.same
    assert (tmp_path / "out.iso").read_bytes() == disc.data
    assert not first.image.exists()


def test_a_drive_is_asked_again_only_for_what_the_other_copy_lacks(disc: Disc, tmp_path: Path) -> None:
    lost = ring(disc.iso // SECTOR, 0.2, 0.1)
    bad = Unreadable(str(disc.path), "/dev/sr0", lost)
    report = salvage([Copy(str(disc.path)), bad], tmp_path / "out.iso", Named())
    assert report.complete
    assert bad.unreadable == 0


@pytest.fixture
def cut(tmp_path: Path) -> tuple[list[Path], bytes]:
    """The discs of a set as folders, and the recording that was cut over them."""
    shelf, data = scene.Shelf(), os.urandom(2_500_000)
    records = [scene.record(1, shelf.file("现场.mp4", data))]
    layouts = scene.laid(plan(records, scene.SMALL, 0), records, shelf)
    return [scene.written(layout, shelf, tmp_path / f"盘{n}") for n, layout in enumerate(layouts, 1)], data


def test_alone_it_joins_what_was_cut_over_several_discs(cut: tuple[list[Path], bytes], tmp_path: Path) -> None:
    discs, data = cut
    (piece,) = (discs[1] / "data").rglob("*.part-002-of-003")
    another = tmp_path / "另一份" / piece.relative_to(discs[1])  # copy B of disc 2
    another.parent.mkdir(parents=True)
    another.write_bytes(piece.read_bytes())
    piece.write_bytes(piece.read_bytes()[:-1] + b"x")
    done = run_alone(tmp_path, "--join", *discs, "--extract", "合并", "--json")
    assert done.returncode == 3
    path = "data/2026-0000001/现场.mp4"
    assert json.loads(done.stdout) == {"whole": [], "lost": {path: ["2026-0001-2"]}}
    assert not [found for found in (tmp_path / "合并").rglob("*") if found.is_file()]
    done = run_alone(tmp_path, "--join", *reversed(discs), tmp_path / "另一份", "--extract", "合并", lang="zh_CN.UTF-8")
    assert (done.returncode, done.stdout) == (0, f"OK: {path}\n")
    assert (tmp_path / "合并" / path).read_bytes() == data
    done = run_alone(tmp_path, "--join", *discs, "--extract", "合并", lang="zh_CN.UTF-8")
    assert done.returncode == 4
    assert "已存在" in done.stderr
    assert run_alone(tmp_path, "--join", tmp_path, "--extract", "别处").returncode == 4
    assert run_alone(tmp_path, "--join", *discs).returncode == 2


@pytest.mark.parametrize(("field", "path"), [(5, "../长.mp4"), (6, "/tmp/长.mp4"), (6, "a\\..\\..\\b"), (6, "C:x")])
def test_a_list_that_leads_out_of_the_folder_is_not_followed(
    cut: tuple[list[Path], bytes], tmp_path: Path, field: int, path: str
) -> None:
    discs, _ = cut
    lines = [line.split("\t") for line in (discs[0] / "join.txt").read_text().splitlines() if line[0] != "#"]
    for line in lines:
        line[field] = path
    for disc in discs:
        (disc / "join.txt").write_text("".join("\t".join(line) + "\n" for line in lines))
    with pytest.raises(SalvageRefused, match="Nothing to join"):
        join_folders(discs, tmp_path / "合并")


def test_nothing_that_is_there_is_overwritten(disc: Disc, tmp_path: Path) -> None:
    (tmp_path / "out.iso").write_bytes(b"mine")
    with pytest.raises(SalvageRefused, match="exists already"):
        salvage([Copy(str(disc.path))], tmp_path / "out.iso", Named())
    assert (tmp_path / "out.iso").read_bytes() == b"mine"


def test_what_is_no_disc_is_refused(tmp_path: Path) -> None:
    (tmp_path / "录像.mp4").write_bytes(os.urandom(1 << 20))
    with pytest.raises(SalvageRefused, match="No disc of Strongroom"):
        salvage([Copy(str(tmp_path / "录像.mp4"))], tmp_path / "out.iso", Named())


def test_a_block_list_within_a_file_of_the_disc_is_not_taken_for_the_discs(tmp_path: Path) -> None:
    """An archive may well keep images of discs."""
    within = make_disc(tmp_path / "within.iso", {"录像.mp4": os.urandom(40_000)}, 255 * 2)
    outer = make_disc(tmp_path / "outer.iso", {"光盘映像.iso": within.data}, 255 * 6)
    spoil(outer, tmp_path / "A.iso", set(range(16, 40)))  # so that it is looked for
    found = find_list([Copy(str(tmp_path / "A.iso"))])
    assert found is not None
    assert found.image == outer.iso


def test_a_list_of_another_place_or_size_is_none() -> None:
    made = BlockList(image=BLOCKS * 32_768, at=4_096, size=128 + 65 * BLOCKS)
    assert BlockList.parse(made.first_line, 4_096) == made
    assert BlockList.parse(made.first_line, 6_144) is None
    assert BlockList.parse(made._replace(size=made.size + 65).first_line, 4_096) is None
    assert len(made.first_line) == 128


BLOCKS = 3


def test_parity_is_found_by_its_header_and_by_its_sums(disc: Disc, tmp_path: Path) -> None:
    by_header = find_parity([Copy(str(disc.path))], disc.iso)
    spoil(disc, tmp_path / "A.iso", {disc.iso // SECTOR})
    assert by_header == find_parity([Copy(str(tmp_path / "A.iso"))], disc.iso)
    assert by_header is not None
    assert by_header.sectors == SECTORS


def test_the_sums_are_of_the_sectors_that_they_are_said_to_be(disc: Disc) -> None:
    """Of every sector before them, padding included: what salvage takes for good rests on it."""
    data, parity = disc.data, find_parity([Copy(str(disc.path))], disc.iso)
    assert parity is not None
    for sector in range(parity.sums):
        at, offset = parity.sum_of(sector)
        assert Parity.in_sums(data[at * SECTOR : (at + 1) * SECTOR]) == parity
        (wanted,) = struct.unpack_from("<I", data, at * SECTOR + offset)
        assert crc32(data[sector * SECTOR : (sector + 1) * SECTOR]) == wanted, sector


def test_the_tree_is_that_of_the_disc(disc: Disc) -> None:
    found = {entry.path: entry for entry in entries(Copy(str(disc.path)).filled)}
    assert set(found) == set(disc.files)
    for path, digest in disc.files.items():
        data = b"".join(found[path].blocks(Copy(str(disc.path)).filled))
        assert hashlib.sha256(data).hexdigest() == digest


def test_of_the_list_one_copy_may_have_one_half_and_the_other_the_other(disc: Disc, tmp_path: Path) -> None:
    """No line that begins in one sector and ends in the next is whole in either copy."""
    first = disc.listed // SECTOR
    even, odd = {first + 2 * n for n in range(1, 5)}, {first + 2 * n + 1 for n in range(4)}
    report = salvage(
        [Unreadable(str(disc.path), "A", even), Unreadable(str(disc.path), "B", odd)],
        tmp_path / "out.iso",
        Named(image=disc.sha256),
    )
    assert report.complete
    assert report.same
    assert not report.corrected


def test_what_a_single_copy_has_by_itself_is_called_its_own(disc: Disc, tmp_path: Path) -> None:
    """The blocks of the list too, which are looked at sector by sector."""
    report = salvage([Copy(str(disc.path))], tmp_path / "out.iso", Named())
    assert report.blocks == {str(disc.path): -(-disc.iso // BLOCK), "mixed": 0, "rs03": 0, "lost": 0}
    files, recordings = len(disc.files), sum(path.startswith("data/") for path in disc.files)
    assert f"{files} files whole (recordings: {recordings}), 0 lost" in "\n".join(tell(report))


def test_of_a_hopeless_disc_nothing_is_called_whole_or_not_lost(disc: Disc, tmp_path: Path) -> None:
    """All that is left is error correction: neither the lists nor the disc's name can be read."""
    report = salvage(
        [Unreadable(str(disc.path), "A", set(range(disc.sectors * 3 // 5)))], tmp_path / "out.iso", Named()
    )
    assert not report.complete
    assert (report.files.whole, report.files.lost, report.files.listed) == ([], [], False)
    assert tell(report)[:3] == [
        f"(which disc cannot be read)  {tmp_path / 'out.iso.partial'}",
        "  The list of blocks is lost: none is proven.",
        "No file is whole, and no list of files could be read: what was on the disc cannot be told.",
    ]
    assert report.row()["listed"] is False


def test_where_the_list_of_files_is_damaged_more_may_be_lost_than_is_named(disc: Disc, tmp_path: Path) -> None:
    listed = next(entry for entry in entries(Copy(str(disc.path)).filled) if entry.path == "manifest-sha256.txt")
    spoilt = {listed.extents[0][0] // SECTOR, *range(disc.iso // SECTOR, disc.sectors)}
    report = salvage([Unreadable(str(disc.path), "A", spoilt)], tmp_path / "out.iso", Named())
    assert "manifest-sha256.txt" in report.files.lost
    assert "the list of files is damaged, so there may be more" in "\n".join(tell(report))


def test_who_gives_images_to_join_is_told_what_to_do(disc: Disc, tmp_path: Path) -> None:
    with pytest.raises(SalvageRefused, match=f"is no folder.*salvage.py {disc.path} --to NEW.iso --extract") as caught:
        join_folders([disc.path], tmp_path / "合并")
    assert "--extract 文件夹" in caught.value.zh


def test_scattered_sectors_of_a_block_are_taken_from_both_copies(disc: Disc, tmp_path: Path) -> None:
    """Nearly every block of 32 KiB is hit in both copies, and no sector in both: no error correction is needed."""
    one = scattered(disc.iso // SECTOR, 0.3, 1)
    other = scattered(disc.iso // SECTOR, 0.3, 2, spared=one)
    report = salvage(
        [Unreadable(str(disc.path), "A", one), Unreadable(str(disc.path), "B", other)], tmp_path / "out.iso", Named()
    )
    assert report.complete
    assert not report.corrected
    assert report.blocks["mixed"] > sum(report.blocks.values()) * 0.9


def test_of_one_sound_copy_nothing_is_put_together(disc: Disc, tmp_path: Path) -> None:
    """Once the blocks of the list itself were said to be "put together from several", whatever there was."""
    report = salvage([Copy(str(disc.path))], tmp_path / "out.iso", Named())
    assert {name for name, count in report.blocks.items() if count} == {str(disc.path)}


def test_where_nothing_of_error_correction_is_left_nobody_is_sent_to_install_it(disc: Disc, tmp_path: Path) -> None:
    short = tmp_path / "A.iso"
    short.write_bytes(disc.data[: disc.iso // 2])
    report = salvage([Copy(str(short))], tmp_path / "out.iso", Named())
    assert report.blocks["lost"] > 0
    said = " ".join(en for en, _ in report.notes)
    assert "Nothing is left of error correction" in said
    assert "install" not in said
