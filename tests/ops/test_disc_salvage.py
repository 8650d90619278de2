"""`strongroom disc salvage`: a disc put together from its damaged copies, and the vault's own copies healed from it."""

import json
import os
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from media.image import build_image
from media.layout import lay_disc
from media.placing import digest_parts
from media.planning import plan
from ops.config import FILE
from tests.media import scene
from tests.media.discs import Disc, make_disc, ring, spoil
from tests.ops.conftest import ROOT, Program
from tests.program import PROGRAM

FILES = {f"询问李伟_{n}.mp4": random.Random(n).randbytes(90_000 * (n + 1)) for n in range(5)}


@pytest.fixture
def stores(run: Program, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two stores of a vault that has taken the files in."""
    stores = [run.cwd / name for name in ("甲", "乙")]
    run("--vault", "库", "init", "--office", "邓州市财政局", *(f"--store={store}" for store in stores))
    source = run.cwd / "来源"
    source.mkdir()
    for name, data in FILES.items():
        (source / name).write_bytes(data)
    run("--vault", "库", "ingest", source, "--section", "监督检查科")
    return stores


@pytest.fixture
def disc(run: Program, stores: list[Path]) -> Disc:
    """A disc of that vault with all of them, and two damaged copies of it, A.iso and B.iso."""
    vault = json.loads((stores[0] / "strongroom.json").read_text())["vault"]
    made = make_disc(run.cwd / "burnt.iso", dict(FILES), 255 * 4, vault=vault)
    spoil(made, run.cwd / "A.iso", ring(made.sectors, 0.0, 0.4))
    spoil(made, run.cwd / "B.iso", ring(made.sectors, 0.5, 0.4))
    return made


def objects(store: Path) -> list[Path]:
    return sorted(path for path in (store / "objects").rglob("*") if path.is_file())


def test_what_both_stores_have_lost_comes_back_from_the_disc(run: Program, stores: list[Path], disc: Disc) -> None:
    lost, spoilt = (path.name for path in objects(stores[0])[:2])
    for store in stores:
        for path in objects(store):
            if path.name == lost:
                path.unlink()
            elif path.name == spoilt:
                path.chmod(0o640)
                path.write_bytes(b"x" + path.read_bytes()[1:])
    done = run(
        "--vault", "库", "disc", "salvage", "A.iso", "B.iso", "--to", "out.iso", "--mark", "2026-0001-1A", "--json"
    )
    (report,) = done.lines
    assert report["complete"]
    assert report["copies"] == {"checked": 8, "healed": 4, "unhealed": 0}
    assert (run.cwd / "out.iso").read_bytes() == disc.data
    run("--vault", "库", "fsck")
    assert [path.read_bytes() for path in objects(stores[0])] == [path.read_bytes() for path in objects(stores[1])]
    entries = b"".join(path.read_bytes() for path in (stores[0] / "journal").rglob("*") if path.is_file())
    assert b'"copy.damaged"' in entries
    assert b'"source":"2026-0001-1"' in entries
    run("--vault", "库", "rebuild")
    run("--vault", "库", "fsck")


def test_bringing_content_back_leaves_no_image_and_keeping_one_takes_consent(
    run: Program, stores: list[Path], disc: Disc
) -> None:
    for store in stores:
        objects(store)[0].unlink()
    run("--vault", "库", "person", "add", "wangju", "--name", "王建军", "--role", "principal-leader")
    by = ("--vault", "库", "--by", "wangju", "person", "add", "op", "--name", "赵强", "--role", "operator")
    run(*by)
    salvaging = ("--vault", "库", "--by", "op", "disc", "salvage", "A.iso", "B.iso")
    refused = run(*salvaging, "--to", "out.iso", expect=4)
    assert not (run.cwd / "out.iso").exists()
    assert "export" in refused.err
    (report,) = run(*salvaging, "--json").lines
    assert (report["image"], report["copies"]["healed"]) == (None, 2)
    assert not list(run.cwd.rglob("*.iso.partial"))
    assert list((run.cwd / "库" / "salvage").iterdir()) == []


def test_what_could_be_saved_of_half_a_disc_comes_back(run: Program, stores: list[Path], disc: Disc) -> None:
    spoil(disc, run.cwd / "A.iso", ring(disc.sectors, 0.35, 0.5))
    for path in objects(stores[0]):
        path.unlink()
    (report,) = run("--vault", "库", "disc", "salvage", "A.iso", "--to", "out.iso", "--json", expect=3).lines
    assert report["lost"]
    assert not report["proven"]
    assert report["copies"]["unhealed"] == 0  # the other store has them
    run("--vault", "库", "scrub")
    run("--vault", "库", "fsck")


def test_a_file_that_was_cut_over_several_discs_comes_back(run: Program, stores: list[Path]) -> None:
    """From the disc that is salvaged, and images of the others, a damaged one too."""
    large = random.Random(9).randbytes(2_500_000)
    (run.cwd / "长.mp4").write_bytes(large)
    run("--vault", "库", "ingest", "长.mp4", "--section", "监督检查科")
    discs = cut(run, stores, large)
    assert len(discs) == 3
    for store in stores:
        (path,) = (path for path in objects(store) if path.stat().st_size == len(large))
        path.unlink()
    (report,) = run("--vault", "库", "disc", "salvage", discs[0], "--to", "一.iso", "--json").lines
    assert list(report["cut"].values()) == [["2026-0001-2", "2026-0001-3"]]
    assert report["copies"]["healed"] == 0
    half = run.cwd / "残.iso"
    half.write_bytes(discs[2].read_bytes().replace(b"strongroom-disc 1", b"strongroom-disc \0"))  # not of the piece
    words = ("disc", "salvage", discs[1], "--to", "二.iso", "--beside", "一.iso")
    told = run("--vault", "库", *words, language="zh").err
    assert "请用 --beside 给出 2026-0001-3 的映像" in told
    (run.cwd / "二.iso").unlink()
    (report,) = run("--vault", "库", *words, "--beside", half, "--json").lines
    assert report["cut"] == {}
    assert report["copies"] == {"checked": 0, "healed": 2, "unhealed": 0}
    run("--vault", "库", "fsck")


def cut(run: Program, stores: list[Path], data: bytes) -> list[Path]:
    """Images of a set that carries this file in pieces."""
    vault = json.loads((stores[0] / "strongroom.json").read_text())["vault"]
    shelf = scene.Shelf()
    records = [scene.record(1, shelf.file("长.mp4", data))]
    planned = plan(records, scene.SMALL, 0)
    parts, count = digest_parts(planned, records, shelf.open), len(planned.discs)
    images = []
    for number in range(1, count + 1):
        disc = replace(scene.disc(number, count), vault=vault)
        layout = lay_disc(disc, planned, records, parts, scene.PROOFS)
        images.append(run.cwd / f"盘{number}.iso")
        build_image(images[-1], layout, shelf.open, disc.volume, scene.NOW)
    return images


def test_a_disc_of_another_vault_is_refused(run: Program, stores: list[Path], tmp_path: Path) -> None:
    make_disc(run.cwd / "other.iso", dict(FILES), 255 * 4)
    done = run("--vault", "库", "disc", "salvage", "other.iso", "--to", "out.iso", expect=4)
    assert "vault" in done.err
    done = run("--vault", "库", "disc", "salvage", "other.iso", "--to", "out.iso", expect=4, language="zh")
    assert "档案库" in done.err
    assert not list(run.cwd.glob("out.iso*"))


def test_a_copy_that_is_not_there_is_said(run: Program, stores: list[Path]) -> None:
    assert "没有.iso" in run("--vault", "库", "disc", "salvage", "没有.iso", "--to", "out.iso", expect=1).err


def test_a_place_that_cannot_be_written_is_said(run: Program, stores: list[Path], disc: Disc) -> None:
    """Of a pseudo-drive, which elsewhere is called so."""
    words = ("disc", "salvage", f"stdio:{run.cwd / 'A.iso'}", "B.iso", "--to", "没有/out.iso")
    assert "Cannot write 没有/out.iso: no such file or folder" in run("--vault", "库", *words, expect=1).err


def test_stopped_it_says_what_the_next_run_goes_on_from(run: Program, stores: list[Path], disc: Disc) -> None:
    inject = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=write", "-e", "inject=write:signal=INT:when=60"]
    command = [*inject, *PROGRAM, "--vault", "库", "disc", "salvage", "A.iso", "B.iso"]
    env = os.environ | {"PYTHONPATH": str(ROOT), "STRONGROOM_LANG": "en", "LC_ALL": "C.UTF-8"}
    words = [*command, "--to", "out.iso"]
    done = subprocess.run(words, cwd=run.cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 130, done.stderr
    assert "out.iso.partial: run the same again and it goes on from there." in done.stderr
    told = run("--vault", "库", "disc", "salvage", "A.iso", "B.iso", "--to", "out.iso", language="zh")
    assert "上次运行已得" in told.out
    assert (run.cwd / "out.iso").read_bytes() == disc.data
    assert not (run.cwd / "out.iso.partial").exists()


def test_without_room_it_says_what_the_next_run_goes_on_from(run: Program, stores: list[Path], disc: Disc) -> None:
    command = [
        "prlimit",
        "--fsize=300000",
        *PROGRAM,
        "--vault",
        "库",
        "disc",
        "salvage",
        "A.iso",
    ]
    env = os.environ | {"PYTHONPATH": str(ROOT), "STRONGROOM_LANG": "zh", "LC_ALL": "C.UTF-8"}
    words = [*command, "--to", "out.iso"]
    done = subprocess.run(words, cwd=run.cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "已拼合的部分保存为 out.iso.partial：重新运行同一命令即可继续。" in done.stderr
    run("--vault", "库", "disc", "salvage", "A.iso", "B.iso", "--to", "out.iso")
    assert (run.cwd / "out.iso").read_bytes() == disc.data


def test_what_the_configuration_says_of_inspections_stops_no_salvage(run: Program, disc: Disc) -> None:
    """A share that is no whole percentage is said by whoever needs it, with what may stand there."""
    with (run.cwd / "库" / FILE).open("a", encoding="utf-8") as config:
        config.write('\n[inspection]\nyears = 2\nshare = 0.5\nsource = "DA/T 38"\n')
    said = "inspection.share: 0.5, but it is a whole number of hundredths of the discs, 1 … 100: 50 is half of them."
    assert said in run("--vault", "库", "config", "check", expect=2).out
    assert said in run("--vault", "库", "disc", "due", expect=2).err
    told = run("--vault", "库", "disc", "list", expect=2, language="zh").err
    assert "inspection.share：0.5，应为 1 … 100 的整数，表示抽检光盘的百分比：50 即一半" in told
    assert "0 lost" in run("--vault", "库", "disc", "salvage", "A.iso", "B.iso", "--to", "out.iso").out


def test_a_table_of_inspections_that_cannot_be_understood_stops_no_salvage(run: Program, disc: Disc) -> None:
    with (run.cwd / "库" / FILE).open("a", encoding="utf-8") as config:
        config.write('\n[inspection]\nyears = "two"\nevery = 2\n')
    assert "inspection.every: there is no such key" in run("--vault", "库", "disc", "list", expect=2).err
    run("--vault", "库", "disc", "salvage", "A.iso", "B.iso", "--to", "out.iso")
