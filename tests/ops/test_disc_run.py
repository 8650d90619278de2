"""`strongroom disc run` on two pseudo-drives: from a demand to the shelf, and what comes in between."""

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from media.drives.loading import loading
from media.drives.port import Condition
from media.mediums import MEDIUMS, SECTOR
from tests.discs import PseudoDrive, image_of, pseudo_drive, rough_drive
from tests.discs import run as system
from tests.labels.page import words as words_of
from tests.ops.conftest import Done, Program, Zygote
from tests.ops.test_discs import opened
from tests.vault.scene import flip
from vault import acts
from vault.catalogue import discs
from vault.digest import Digest
from vault.discs.model import Mark
from vault.discs.stepping import step

ONE = "2031-0000001"
A, B = "2031-0001-1A", "2031-0001-1B"
SHELF = "甲柜3层"
SECTORS = MEDIUMS["practice"].sectors
MADE = ("--medium", "practice", "--approved-by", "王局长", "--why", "当事人异议", "--to", "标签", "--no-wait")

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def imaged(tmp_path_factory: pytest.TempPathFactory, zygotes: dict[str, Zygote]) -> Path:
    """A vault with a set that has its image, and no blank so far."""
    folder = tmp_path_factory.mktemp("imaged")
    run = Program(folder, tmp_path_factory.mktemp("streams"), zygotes)
    take_in(run)
    done = run("--vault", "库", "disc", "run", ONE, *MADE, "--drive", f"stdio:{folder}/没有", expect=5)
    assert "Put a blank into" in done.err
    return folder


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[PseudoDrive]]:
    with ExitStack() as stack:
        yield [stack.enter_context(pseudo_drive(tmp_path / name, SECTORS)) for name in ("左", "右")]


@pytest.fixture
def going(run: Program, imaged: Path) -> Program:
    """In a copy of that vault."""
    shutil.copytree(imaged / "库", run.cwd / "库", symlinks=True)
    run.calls = 10
    return run


def take_in(run: Program, *facts: str) -> None:
    (run.cwd / "录像.mp4").write_bytes(os.urandom(300_000))
    run("--vault", "库", "init", "--profile", "dengzhou")
    said = facts or ("--section", "执法一中队", "--party", "王芳", "--place", "人民路", "--case-name", "占道经营案")
    run("--vault", "库", "ingest", "录像.mp4", *said, "--case-number", "邓罚〔2031〕1 号", "--confidentiality", "内部")
    run("--vault", "库", "flag", ONE, "objection", "--why", "当事人表示要投诉")


def make(run: Program, drives: list[PseudoDrive], *words: str, expect: int = 0) -> Done:
    """Go on, with no more said than the drives."""
    named = [word for one in drives for word in ("--drive", one.name)]
    return run("--vault", "库", "disc", "run", *words, *named, "--to", "标签", "--no-wait", expect=expect)


def states(run: Program) -> dict[str, str]:
    (row,) = run("--vault", "库", "disc", "show", "2031-0001", "--json").lines
    return {copy["mark"]: copy["state"] for copy in row["copies"]}


def history(run: Program, mark: str) -> list[str]:
    (row,) = run("--vault", "库", "disc", "show", mark, "--json").lines
    return [event["act"].removeprefix("disc.") for event in row["history"]]


def image_digest(run: Program) -> tuple[Digest, int]:
    with opened(run) as vault, vault.database.reading() as connection:
        image = discs.image_of(connection, Mark.parse(A))
    assert image.image is not None
    assert image.image_size is not None
    return Digest.parse(image.image), image.image_size


def burnt(drive: PseudoDrive, size: int) -> Digest:
    with drive.disc.open("rb") as file:
        return Digest.of(file.read(size))


def test_from_a_demand_to_two_copies_on_the_shelf(run: Program, two: list[PseudoDrive]) -> None:
    take_in(run)
    assert run("--vault", "库", "disc", "demands", "--json", expect=1).lines[0]["record"] == ONE
    words = ("--demands", *MADE, "--shelf", SHELF, "--batch", f"{two[0].name}=TY01", "--json")
    done = run("--vault", "库", "disc", "run", *words, *(w for one in two for w in ("--drive", one.name)))
    assert [(row["mark"], row["state"], row["location"]) for row in done.lines] == [
        (A, "shelved", SHELF),
        (B, "shelved", SHELF),
    ]
    assert {row["drive"] for row in done.lines} == {one.name for one in two}
    assert next(row for row in done.lines if row["drive"] == two[0].name)["blank"] == "TY01"
    assert run("--vault", "库", "disc", "demands").code == 0
    digest, size = image_digest(run)
    assert [burnt(one, size) for one in two] == [digest, digest]
    assert list((run.cwd / "库/discs").iterdir()) == []
    assert sorted(path.name for path in (run.cwd / "标签").iterdir()) == [
        "2031-0001-1.pdf",
        f"{A}.png",
        f"{B}.png",
    ]
    printed = words_of((run.cwd / "标签/2031-0001-1.pdf").read_bytes())
    assert "保管期限长期保存" in printed
    assert "密级内部" in printed
    assert history(run, A) == ["imaged", "checked", "burning", "burnt", "verified", "labelled", "shelved"]
    before = run("--vault", "库", "disc", "show", "2031-0001", "--json").out
    run("--vault", "库", "rebuild")
    assert run("--vault", "库", "disc", "show", "2031-0001", "--json").out == before
    assert "There is nothing to be done" in make(run, two).err
    (told,) = run("--vault", "库", "disc", "verify", two[1].name, "--json").lines
    assert told["good"] is True


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_without_a_burner_it_is_tried_as_the_readme_says(run: Program, readme: str) -> None:
    """It named --medium practice alone, which ended for want of a drive."""
    text = (Path(__file__).parents[2] / readme).read_text(encoding="utf-8")
    (said,) = re.findall(r"`(strongroom disc run [^`]*--medium practice[^`]*)`", text)
    for blank in shlex.split(re.findall(r"`(touch [^`]*)`", text)[0])[1:]:
        (run.cwd / blank).touch()
    take_in(run)
    words = shlex.split(said.replace("$PWD", str(run.cwd)).replace("2026-0000004", ONE))[1:]
    run("--vault", "库", *words)
    assert states(run) == {A: "labelled", B: "labelled"}
    wanting = [word for word in words if word != "--drive" and not word.startswith("stdio:")]
    assert "--drive stdio:FILE" in run("--vault", "库", *wanting, expect=2).err


def test_going_on_with_what_lies_in_the_work_folder(going: Program, two: list[PseudoDrive]) -> None:
    """The same words as before, too: no second set. One copy now, the other later; then to the shelf."""
    image = going.cwd / "库/discs/2031-0001-1.iso"
    made = image.stat().st_mtime_ns
    words = ("--vault", "库", "disc", "burn", "2031-0001", "--no-wait", "--to", "标签", "--drive")
    assert going(*words, two[0].name, "--copy", "B").out.startswith(f"{A}  not burnt yet\n{B}  labelled, not shelved")
    assert states(going) == {A: "blank", B: "labelled"}
    assert image.stat().st_mtime_ns == made
    done = going("--vault", "库", "disc", "run", ONE, *MADE, "--drive", two[1].name)
    assert f"strongroom disc shelve {A} --at" in done.err
    assert not image.exists()
    make(going, two, "--shelf", SHELF)
    assert states(going) == {A: "shelved", B: "shelved"}
    assert "disc.imaged" in going("--vault", "库", "disc", "show", A, "--json").out
    assert history(going, A).count("imaged") == 1


def test_an_image_that_was_lost_or_harmed_is_made_again(going: Program, two: list[PseudoDrive]) -> None:
    image = going.cwd / "库/discs/2031-0001-1.iso"
    flip(image, 8 * 1_000_000)
    make(going, two)
    assert history(going, A)[:3] == ["imaged", "checked", "burning"]  # by the same bytes: nothing new is entered
    assert states(going) == {A: "labelled", B: "labelled"}


def test_an_image_lost_between_two_copies_is_made_again(going: Program, two: list[PseudoDrive]) -> None:
    going("--vault", "库", "disc", "burn", "2031-0001", "--copy", "A", "--no-wait", "--drive", two[0].name)
    (going.cwd / "库/discs/2031-0001-1.iso").unlink()
    make(going, two[1:], "--shelf", SHELF)
    assert states(going) == {A: "shelved", B: "shelved"}
    digest, size = image_digest(going)
    assert [burnt(one, size) for one in two] == [digest, digest]


def test_an_image_that_cannot_be_made_again_between_two_copies_begins_a_generation(
    going: Program, two: list[PseudoDrive]
) -> None:
    going("--vault", "库", "disc", "burn", "2031-0001", "--copy", "A", "--no-wait", "--drive", two[0].name)
    (going.cwd / "库/discs/2031-0001-1.iso").unlink()
    going("--vault", "库", "complete", ONE, "--party", "王芬", "--why", "笔误")
    assert "2031-0001-1B2 takes the place of 2031-0001-1B" in make(going, two[1:], "--shelf", SHELF).err
    assert states(going) == {A: "shelved", B: "given-up", f"{B}2": "shelved"}
    assert going("--vault", "库", "disc", "demands").code == 0


# broken off: by what lies in the drive


def broken_off(run: Program, mark: str, drive: PseudoDrive, *, closed: bool = False) -> None:
    """As a run that was killed leaves it: begun there, or `closed` and not read back."""
    with opened(run) as vault:
        at, by = vault.now(), vault.setting.person
        begun = acts.DiscBurning(at=at, by=by, mark=mark, drive=drive.name, loading=loading(drive.device))
        step(vault, begun)
        if closed:
            step(vault, acts.DiscBurnt(at=at, by=by, mark=mark, drive=drive.name))


def fill(run: Program, drive: PseudoDrive, sectors: int | None = None) -> None:
    """Burn the image there, or its first sectors."""
    part = run.cwd / "part.iso"
    shutil.copy(run.cwd / "库/discs/2031-0001-1.iso", part)
    if sectors is not None:
        os.truncate(part, sectors * SECTOR)
    drive.drive.burn(part)


def test_a_blank_that_was_not_touched_is_used_and_a_whole_disc_is_kept(going: Program, two: list[PseudoDrive]) -> None:
    fill(going, two[1])
    broken_off(going, A, two[0])
    broken_off(going, B, two[1])
    make(going, two)
    assert history(going, A)[2:] == ["burning", "burning", "burnt", "verified", "labelled"]
    assert history(going, B)[2:] == ["burning", "burnt", "verified", "labelled"]


def test_a_blank_that_was_not_touched_is_no_loss_where_the_image_is(going: Program, two: list[PseudoDrive]) -> None:
    broken_off(going, A, two[0])
    (going.cwd / "库/discs/2031-0001-1.iso").unlink()
    make(going, two)
    assert history(going, A)[2:5] == ["burning", "burn-failed", "burning"]
    assert states(going) == {A: "labelled", B: "labelled"}


def test_half_a_disc_is_written_off_and_a_burnt_one_that_was_taken_out_is_asked_for(
    going: Program, two: list[PseudoDrive]
) -> None:
    fill(going, two[0], 6_000)
    broken_off(going, A, two[0])
    broken_off(going, B, two[1], closed=True)
    done = make(going, two, expect=5)
    assert f"{A}: the disc in {two[0].name} is written off" in done.err
    assert f"The disc in {two[0].name} is not blank" in done.err
    assert f"Put disc {B} back into {two[1].name}" in done.err
    two[0].put_blank_in()
    make(going, two, "--lost", B)
    assert states(going) == {A: "labelled", B: "labelled"}
    assert history(going, A)[2:4] == ["burning", "burn-failed"]
    assert history(going, B)[2:5] == ["burning", "burnt", "burn-failed"]


@pytest.fixture
def files(tmp_path: Path) -> list[PseudoDrive]:
    """Drives that are files: a disc that is changed is another file."""
    blanks = [tmp_path / name for name in ("甲", "乙")]
    for blank in blanks:
        blank.touch()
    return [PseudoDrive(blank, SECTORS, str(blank)) for blank in blanks]


def take_out(drive: PseudoDrive) -> Path:
    """The disc, kept; a fresh blank lies in its place."""
    kept = drive.disc.rename(drive.disc.with_name(f"取出{drive.disc.name}"))
    drive.disc.touch()
    return kept


def put_back(drive: PseudoDrive, disc: Path) -> None:
    disc.replace(drive.disc)


def test_a_fresh_blank_is_not_taken_for_the_disc_that_was_begun(going: Program, files: list[PseudoDrive]) -> None:
    """One comes back whole and is kept, the other is lost: both stay on record."""
    fill(going, files[0])
    fill(going, files[1])
    broken_off(going, A, files[0])
    broken_off(going, B, files[1])
    taken = [take_out(one) for one in files]
    done = make(going, files, expect=5)
    assert f"Put disc {A} back into {files[0].name}" in done.err
    assert f"add --lost {B}" in done.err
    assert f"add --untouched {A}" in done.err
    assert states(going) == {A: "burning", B: "burning"}
    assert [one.disc.stat().st_size for one in files] == [0, 0]
    put_back(files[0], taken[0])
    make(going, files, "--lost", B)
    assert states(going) == {A: "labelled", B: "labelled"}
    assert history(going, A)[2:5] == ["burning", "burnt", "verified"]
    (row,) = going("--vault", "库", "disc", "show", "2031-0001", "--json").lines
    assert [one["disc"] for one in row["written_off"]] == [f"{B}/1"]
    assert f"{B}/1 is to be shredded" in going("--vault", "库", "disc", "list").err


def test_a_blank_that_a_person_knows_is_used(going: Program, files: list[PseudoDrive]) -> None:
    """As after a start of the machine: what was counted before says nothing any more."""
    broken_off(going, A, files[0])
    take_out(files[0])
    make(going, files, expect=5)
    assert states(going) == {A: "burning", B: "labelled"}
    make(going, files[:1], "--untouched", A)
    assert states(going) == {A: "labelled", B: "labelled"}
    assert history(going, A)[2:5] == ["burning", "burn-failed", "burning"]
    (row,) = going("--vault", "库", "disc", "show", "2031-0001", "--json").lines
    assert row["written_off"] == []
    refused = make(going, files, "--untouched", A, expect=4)
    assert "nothing is under way in a drive" in refused.err


def test_another_disc_in_the_drive_is_not_written_off_for_the_one_that_was_begun(
    going: Program, files: list[PseudoDrive]
) -> None:
    broken_off(going, A, files[0])
    take_out(files[0])
    image_of(files[0].disc, 1_000)
    before = files[0].disc.read_bytes()
    assert f"Put disc {A} back into {files[0].name}" in make(going, files[:1], expect=5).err
    assert history(going, A)[2:] == ["burning"]
    assert files[0].disc.read_bytes() == before
    assert "there is no blank" in make(going, files[:1], "--untouched", A, expect=4).err


def test_where_there_is_nothing_to_look_at_a_person_is_asked(going: Program, two: list[PseudoDrive]) -> None:
    broken_off(going, A, two[0], closed=True)
    two[0].unplug()
    done = make(going, two, expect=5)
    assert f"Put disc {A} back into {two[0].name}" in done.err
    assert states(going) == {A: "burnt", B: "labelled"}
    two[1].put_blank_in()
    make(going, two[1:], "--lost", A)
    assert history(going, A)[2:5] == ["burning", "burnt", "burn-failed"]
    assert states(going) == {A: "labelled", B: "labelled"}


# what is bad


def test_one_drive_under_two_names_is_refused(going: Program, two: list[PseudoDrive], files: list[PseudoDrive]) -> None:
    for one, other in (two, files):
        link = going.cwd / f"by-id-{one.disc.name}"
        link.symlink_to(one.device)
        for name in (one.name, f"stdio:{link}", f"stdio:{Path(one.device).parent}/./{Path(one.device).name}"):
            done = going(*("--vault", "库", "disc", "run", "--drive", one.name, "--drive", name), expect=2)
            assert f"{one.name} and {name} are the same drive" in done.err
        assert other.drive.look().condition is Condition.BLANK
    assert states(going) == {A: "blank", B: "blank"}
    assert history(going, A) == ["imaged", "checked"]


def test_what_is_no_blank_for_it_is_left_alone(going: Program, two: list[PseudoDrive], tmp_path: Path) -> None:
    image_of(tmp_path / "别.iso", 1_000)
    two[0].drive.burn(tmp_path / "别.iso")
    before = burnt(two[0], SECTORS * SECTOR)
    with pseudo_drive(tmp_path / "小", 1_000) as small:
        done = make(going, [two[0], small], expect=5)
    assert f"The disc in {two[0].name} is not blank" in done.err
    assert "is too small" in done.err
    assert burnt(two[0], SECTORS * SECTOR) == before
    assert states(going) == {A: "blank", B: "blank"}


def test_a_copy_that_fails_is_burnt_again_alone(going: Program, two: list[PseudoDrive], tmp_path: Path) -> None:
    with rough_drive(tmp_path / "坏", SECTORS) as (bad, disc):
        disc.scratch(5_000)
        make(going, [bad, two[0]], expect=5)
    assert sorted(states(going).values()) == ["blank", "labelled"]
    failed, sound = sorted((A, B), key=lambda mark: states(going)[mark])
    make(going, two[1:])
    assert history(going, failed)[2:] == ["burning", "burnt", "burn-failed", "burning", "burnt", "verified", "labelled"]
    assert history(going, sound)[2:] == ["burning", "burnt", "verified", "labelled"]


def test_refused_before_anything_is_made(run: Program, two: list[PseudoDrive]) -> None:
    """No consent; a label without what the regulation wants on it; damage in the vault."""
    take_in(run, "--section", "执法一中队", "--party", "王芳")
    words = ("--vault", "库", "disc", "run", ONE, "--drive", two[0].name)
    assert "consent" in run(*words, "--medium", "practice", expect=4).err
    assert "lacks" in run(*words, *MADE, expect=4).err
    assert run("--vault", "库", "disc", "list", "--json").lines == []
    for damaged in (run.cwd / "库").glob("store-*/objects/??/??/*"):
        damaged.chmod(0o600)
        flip(damaged, -1)
    run(*words, *MADE, "--activity", "占道经营案", expect=3)
    assert states(run) == {A: "planned", B: "planned"}
    assert list((run.cwd / "库/discs").iterdir()) == []


def test_a_work_folder_without_room(going: Program, two: list[PseudoDrive]) -> None:
    (going.cwd / "库/discs/2031-0001-1.iso").unlink()
    system("mount", "-t", "tmpfs", "-o", "size=20m", "none", str(going.cwd / "库/discs"))
    try:
        assert "take 24,576,000 bytes" in make(going, two, expect=1).err
    finally:
        system("umount", str(going.cwd / "库/discs"))
    assert [one.drive.look().condition for one in two] == [Condition.BLANK] * 2


def test_what_is_to_be_run_then_has_the_options_that_matter(going: Program, tmp_path: Path) -> None:
    drive = f"stdio:{tmp_path}/没有"
    words = ("--drive", drive, "--shelf", "甲柜 3层", "--to", "标签", "--no-wait")
    told = going("--vault", "库", "disc", "run", *words, expect=5).err
    assert f"Then run: strongroom disc run --drive '{drive}' --shelf '甲柜 3层' --to '标签'\n" in told
    told = going("--vault", "库", "disc", "burn", "2031-0001", "--copy", "A", *words[:2], "--no-wait", expect=5).err
    assert f"Then run: strongroom disc burn 2031-0001 --copy A --drive '{drive}'\n" in told
