"""Images that commands built for discs, and the destruction of a record on them."""

import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.ops.conftest import Done
from tests.ops.test_disposal import AFTER, ONE, TWO, Office, agreed, office
from vault.outputs import partial_name

__all__ = ["office"]

SET = "2032-0001"
IMAGE = f"{SET}-1.iso"


def disc(office: Office, *words: str | Path, expect: int = 0, language: str = "en") -> Done:
    return office("zhangjianguo", "disc", *words, expect=expect, language=language)


def consented(office: Office, *records: str) -> tuple[str, ...]:
    """What the leader agreed to, for one set of these."""
    (asked,) = office("zhangjianguo", "viewing", "request", *records, "--for", "disc", "--why", "移交", "--json").lines
    office("wangju", "viewing", "approve", asked["request"])
    return "--request", asked["request"], "--why", "移交"


@pytest.fixture
def built(office: Office) -> Path:
    """The image of two records, built to be burnt elsewhere; where it lies."""
    disc(office, "build", ONE, TWO, "--medium", "practice", "--to", "映像", *consented(office, ONE, TWO))
    return office.run.cwd / "映像" / IMAGE


def destroy(office: Office) -> tuple[str, Done]:
    """ONE, as far as the program can; the number of the disposal, and what the run said."""
    number, _ = agreed(office)
    office.clock = AFTER
    return number, office("yunwei", "disposal", "run", number)


def test_nothing_of_a_destroyed_record_is_left_in_an_image(office: Office, built: Path) -> None:
    assert f"  image {IMAGE}/1  " in disc(office, "show", SET).out
    _, done = destroy(office)
    assert "closed" in done.out
    assert not built.exists()
    assert f"  image {IMAGE}/1" not in disc(office, "show", SET).out
    assert f"destroyed records: {ONE}" in disc(office, "show", SET).out
    before = disc(office, "show", SET, "--json").out
    office("yunwei", "rebuild")
    assert disc(office, "show", SET, "--json").out == before


def test_a_paper_in_both_languages_gives_the_address_of_an_image_once(office: Office, built: Path) -> None:
    """A cell had it once for each language."""
    number, _ = destroy(office)
    paper = ("disposal", "certificate", number)
    for language, expected in {
        "zh": f"映像 {IMAGE}/1（",
        "en": f"Image {IMAGE}/1 (",
        "both": f"映像 Image {IMAGE}/1（",
    }.items():
        for target in (f"{language}.xlsx", f"{language}.pdf"):
            office("zhangjianguo", *paper, "-o", target, "--language", language)
        (cell,) = [row[1] for row in rows_of(office.run.cwd / f"{language}.xlsx") if IMAGE in str(row[1])]
        assert cell.startswith(expected)
        assert cell.count(str(built)) == cell.count(IMAGE + "/1") == 1
    (row,) = [row for row in office("zhangjianguo", *paper, "--json").lines if IMAGE in row["place"]["zh"]]
    assert row["place"]["en"].startswith(f"Image {IMAGE}/1 (")
    assert row["place"]["en"].endswith(f":{built})")


def rows_of(book: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(book).worksheets[0].iter_rows(values_only=True))


def test_an_image_that_was_carried_off_is_a_task_and_says_what_it_is(office: Office, built: Path) -> None:
    away = built.rename(office.run.cwd / "移动硬盘.iso")
    number, done = destroy(office)
    assert f"Not erased: image {IMAGE}/1 (" in done.err
    assert f"image {IMAGE}/1 (" in done.out
    assert "seen destroyed by 0 of 2" in done.out
    paper = ("disposal", "certificate", number, "--json")
    assert f"still to be destroyed: {IMAGE}/1 (" in office("zhangjianguo", *paper, expect=4).err
    told = disc(office, "attach", away)
    assert f"Records on it were destroyed: {ONE}" in told.err
    assert "does not know that disc set" not in told.err
    assert disc(office, "attach", away, "--json").lines[0]["destroyed"] == [ONE]
    assert f"Records on it were destroyed: {ONE}" in disc(office, "verify", away).err
    assert disc(office, "verify", away, "--json").lines[0]["destroyed"] == [ONE]
    salvaged = office("yunwei", "disc", "salvage", away, language="zh").err
    assert f"其中载有已依规销毁的记录：{ONE}" in salvaged
    for login in ("zhaoxd", "chenjing"):
        office(login, "disposal", "confirm-disc", number, f"{IMAGE}/1", "--how", "已删除")
    assert "closed" in office("zhangjianguo", "disposal", "show", number).out
    assert office("zhangjianguo", *paper).code == 0


def test_nothing_more_is_made_of_that_set_and_what_stays_gets_its_own(office: Office, built: Path) -> None:
    destroy(office)
    drive = ("--drive", f"stdio:{office.run.cwd}/盘", "--no-wait")
    (office.run.cwd / "盘").touch()
    for command in (("run", "--set", SET, *drive), ("burn", SET, *drive), ("build", "--set", SET, "--to", "映像")):
        refused = disc(office, *command, expect=4)
        assert f"was to carry records that have been destroyed: {ONE}" in refused.err
        assert f"strongroom disc plan --replaces {SET}" in refused.err
    assert (office.run.cwd / "盘").stat().st_size == 0
    assert "There is nothing to be done" in disc(office, "run", *drive).err
    told = office("zhangjianguo", "status", expect=None).out
    assert "disc sets with destroyed records, to give up: 1" in told
    assert "discs begun and not on the shelf" not in told
    assert f"{SET} 含已销毁的记录，不得再制作" in disc(office, "list", language="zh").err
    disc(office, "plan", "--replaces", SET, "--medium", "practice", *consented(office, TWO))
    (later,) = disc(office, "show", "2032-0002", "--json").lines
    assert later["discs"] == [{"disc": 1, "records": [TWO]}]
    assert "disc sets with destroyed records" not in office("zhangjianguo", "status", expect=None).out


def test_a_set_that_is_not_wanted_is_cancelled_and_its_image_goes(office: Office, built: Path) -> None:
    assert disc(office, "cancel", SET, "--why", "误建", language="zh").out == f"光盘组 {SET} 已取消。\n"
    assert not built.exists()
    assert {copy["state"] for copy in disc(office, "show", SET, "--json").lines[0]["copies"]} == {"given-up"}
    refused = disc(office, "build", "--set", SET, "--to", "映像", expect=4)
    assert "was cancelled" in refused.err
    disc(office, "build", ONE, TWO, "--medium", "practice", "--to", "映像", *consented(office, ONE, TWO))
    away = (built.parent / "2032-0002-1.iso").rename(office.run.cwd / "移走.iso")
    told = disc(office, "cancel", "2032-0002", "--why", "误建")
    assert "strongroom disc shred 2032-0002-1.iso/1 --why" in told.err
    away.unlink()
    disc(office, "shred", "2032-0002-1.iso/1", "--why", "已删除")
    assert "image 2032" not in disc(office, "show", "2032-0002").out
    _, done = destroy(office)
    assert "closed" in done.out


def beside(image: Path) -> set[str]:
    return {path.name for path in image.parent.iterdir()}


def labelled(office: Office, image: Path) -> str:
    """More labels beside the image, and one that somebody scanned and called like one of ours; its name."""
    disc(office, "label", SET, "--type", "slip", "--to", image.parent)
    assert beside(image) >= {f"{SET}-1.pdf", f"{SET}-1A.png", f"{SET}.slip.pdf", f"{SET}-1B.slip.png"}
    scan = image.with_name(f"{SET}-1A.pdf")
    scan.write_bytes("%PDF 扫描件".encode())
    return scan.name


def test_labels_beside_an_image_go_with_it_when_its_set_is_cancelled(office: Office, built: Path) -> None:
    scan = labelled(office, built)
    assert disc(office, "cancel", SET, "--why", "误建").err == ""
    assert beside(built) == {scan}


def test_labels_beside_an_image_go_with_a_destroyed_record_and_others_stay(office: Office, built: Path) -> None:
    scan = labelled(office, built)
    disc(office, "build", TWO, "--medium", "practice", "--to", "映像", *consented(office, TWO))
    stay = {f"2032-0002-1{ending}" for ending in (".iso", ".pdf", "A.png", "B.png")}
    _, done = destroy(office)
    assert "closed" in done.out
    assert beside(built) == {scan} | stay


def test_labels_where_an_image_was_go_although_somebody_carried_it_off(office: Office, built: Path) -> None:
    scan = labelled(office, built)
    away = built.rename(office.run.cwd / "移动硬盘.iso")
    number, done = destroy(office)
    assert f"Not erased: image {IMAGE}/1 (" in done.err
    assert beside(built) == {scan}
    assert "seen destroyed by 0 of 2" in office("yunwei", "disposal", "run", number).out
    away.rename(built)
    assert "closed" in office("yunwei", "disposal", "run", number).out
    assert beside(built) == {scan}


def test_labels_that_were_out_of_reach_are_asked_for(office: Office, built: Path) -> None:
    taken_out = built.parent.rename(office.run.cwd / "拔出")
    number, done = destroy(office)
    assert "Delete them, and the labels that lie with them." in done.err
    confirm = ("disposal", "confirm-disc", number, f"{IMAGE}/1", "--how", "已删除")
    taken_out.rename(built.parent)
    built.unlink()
    refused = office("zhaoxd", *confirm, expect=4)
    assert f"Labels of image {IMAGE}/1 still lie there: {built.parent / f'{SET}-1.pdf'}" in refused.err
    for label in built.parent.iterdir():
        label.unlink()
    office("zhaoxd", *confirm)


def test_labels_of_a_set_that_was_burnt_stay_where_its_image_is_shredded(office: Office, built: Path) -> None:
    before = beside(built)
    disc(office, "shred", f"{IMAGE}/1", "--why", "已刻录")
    assert beside(built) == before - {IMAGE}


@pytest.fixture
def killed(office: Office) -> Path:
    """A first build that was killed when its image was whole but for error correction; the folder."""
    deadly = office.run.cwd / "程序" / "dvdisaster"
    deadly.parent.mkdir()
    deadly.write_text("#!/bin/sh\nkill -9 $PPID\n", "utf-8")
    deadly.chmod(0o755)
    words = ("build", ONE, TWO, "--medium", "practice", "--to", "映像", *consented(office, ONE, TWO))
    env = {"SUDO_USER": "zhangjianguo", "PATH": f"{deadly.parent}:{os.environ['PATH']}"}
    office.run("--vault", "库", "disc", *words, expect=-9, clock=office.clock, env=env)
    folder = office.run.cwd / "映像"
    (left,) = folder.iterdir()
    assert "现场录像一".encode() in left.read_bytes()
    return folder


def test_what_a_killed_build_left_goes_with_its_set(office: Office, killed: Path) -> None:
    others = [partial_name(killed / name) for name in ("2032-0000007.mp4", "2032-0002-1.iso", "导出.zip")]
    for path in (*others, partial_name(killed / f"{SET}-1A.png")):
        path.write_bytes("写到一半".encode())
    disc(office, "cancel", SET, "--why", "误建")
    assert set(killed.iterdir()) == set(others)


def test_what_a_killed_build_left_goes_with_a_destroyed_record(office: Office, killed: Path) -> None:
    destroy(office)
    assert not list(killed.iterdir())


def test_what_a_killed_build_left_goes_with_the_next(office: Office, killed: Path) -> None:
    disc(office, "build", "--set", SET, "--to", "映像")
    assert beside(killed / IMAGE) == {IMAGE, f"{SET}-1.pdf", f"{SET}-1A.png", f"{SET}-1B.png"}
