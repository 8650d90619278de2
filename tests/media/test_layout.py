"""What lies on a disc: a bag that explains itself, that a shell can check, and that joins what had to be cut."""

import hashlib
import json
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media.blocks import BLOCK_LIST, list_size
from media.checking import check_image
from media.image import build_image
from media.layout import lay_disc
from media.placing import digest_parts
from media.planning import CUT, Plan, plan
from tests.media.scene import NOW, PROOFS, SMALL, Shelf, disc, laid, one_disc, record, written
from vault.bag import BagLayout
from vault.errors import BlobCorrupt
from vault.records import Record
from vault.verified import VerifiedStream

LARGE = "邓州市某公司违规收费案现场检查全过程录像" * 8 + ".mp4"  # cut, and longer than a name may be


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def records(shelf: Shelf) -> list[Record]:
    film = random.Random(2026).randbytes(5 << 19)
    return [
        record(1, shelf.file("询问笔录.txt", "王芳陈述".encode()), shelf.file(LARGE, film)),
        record(2, shelf.file("现场照片.jpg", b"\xff\xd8 photo"), shelf.file("空.txt", b"")),
    ]


@pytest.fixture
def planned(records: list[Record]) -> Plan:
    return plan(records, SMALL, 0)


@pytest.fixture
def layouts(planned: Plan, records: list[Record], shelf: Shelf) -> list[BagLayout]:
    return laid(planned, records, shelf)


@pytest.fixture
def discs(layouts: list[BagLayout], shelf: Shelf, tmp_path: Path) -> list[Path]:
    folders = [written(layout, shelf, tmp_path / f"盘{n}") for n, layout in enumerate(layouts, 1)]
    for folder in folders:
        (folder / BLOCK_LIST).touch()  # which the image brings
    return folders


def run(*words: str | Path, code: int = 0) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == code, done
    return done.stdout


def test_a_disc_carries_what_was_agreed(shelf: Shelf) -> None:
    one = [record(1, shelf.file("录像.mp4", b"1"))]
    (layout,) = laid(plan(one, SMALL, 0), one, shelf, {**PROOFS, "tools/salvage.py": b"pass\n"})
    assert set(layout.tags) == {
        *("README.txt", "说明.txt", "index.html", "verify.sh", "verify.ps1", "disc.json", "records.json", "清单.csv"),
        *("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "tools/salvage.py"),
        *PROOFS,
    }
    assert [entry.path for entry in layout.payload] == ["data/2026-0000001/录像.mp4"]


def test_pieces_are_cut_where_blocks_end_and_named_alike_on_every_disc(layouts: list[BagLayout], shelf: Shelf) -> None:
    cut = [entry for layout in layouts for entry in layout.payload if entry.part]
    assert len(cut) == len(layouts) == 3
    names = [entry.path.removeprefix("data/2026-0000001/") for entry in cut]
    whole_name = names[0].removesuffix(".part-001-of-003")
    assert names == [f"{whole_name}.part-{n:03}-of-003" for n in (1, 2, 3)]
    assert all(len(name.encode()) <= 255 and len(name) <= 126 for name in names)
    whole = shelf.objects[cut[0].file.sha256]
    for entry in cut:
        assert entry.part is not None
        assert entry.part.start % CUT == 0
        piece = whole[entry.part.start : entry.part.start + entry.size]
        assert entry.digest.hex == hashlib.sha256(piece).hexdigest()


def test_every_disc_is_a_bag_of_its_own(discs: list[Path]) -> None:
    for folder in discs:
        run(sys.executable, "-m", "bagit", "--validate", folder)
        recordings = sum(path.is_file() for path in (folder / "data").rglob("*"))
        own = (
            sum(path.is_file() for path in folder.rglob("*")) - recordings - 2
        )  # tagmanifest and block list are in none
        said = run("sh", folder / "verify.sh")
        assert said.startswith(f"OK: {recordings + own} 个文件完好（原始文件 {recordings}，本盘说明、清单等 {own}）")
        assert f"{recordings + own} files are whole (recordings: {recordings}, the disc's own: {own})" in said


def test_disc_json_says_where_every_piece_lies(layouts: list[BagLayout], records: list[Record]) -> None:
    film = records[0].files[1]
    said = [json.loads(layout.tags["disc.json"]) for layout in layouts]
    for number, (one, layout) in enumerate(zip(said, layouts, strict=True), 1):
        assert {key: one[key] for key in ("format", "vault", "set", "disc", "discs", "volume", "generation")} == {
            "format": "strongroom-disc 1",
            "vault": "0123456789abcdef",
            "set": "2026-0001",
            "disc": number,
            "discs": 3,
            "volume": f"2026-0001-{number}",
            "generation": 1,
        }
        assert one["made_at"] == "2026-07-14T07:04:05Z"
        assert one["blocks"] == {"file": "blocks-sha256.txt", "size": 32_768}
        assert one["error_correction"] == "dvdisaster RS03"
        objects = {o["sha256"]: o for o in one["objects"]}
        assert set(objects) == {entry.file.sha256 for entry in layout.payload}
        pieces = objects[film.sha256]["pieces"]
        assert sum(piece["size"] for piece in pieces) == film.size == objects[film.sha256]["size"]
        assert [piece["disc"] for piece in pieces] == [1, 2, 3]
        here = [piece for piece in pieces if piece["path"] is not None]
        assert [piece["disc"] for piece in here] == [number]
        assert [(piece["path"], piece["sha256"]) for piece in here] == [
            (entry.path, entry.digest.hex) for entry in layout.payload if entry.part
        ]


def test_an_object_of_two_records_is_named_once(shelf: Shelf) -> None:
    both = [record(1, shelf.file("甲.mp4", b"same")), record(2, shelf.file("乙.mp4", b"same"))]
    (layout,) = laid(plan(both, SMALL, 0), both, shelf)
    (one,) = json.loads(layout.tags["disc.json"])["objects"]
    assert [piece["path"] for piece in one["pieces"]] == ["data/2026-0000001/甲.mp4"]


def test_records_json_and_the_table_have_what_lies_here(layouts: list[BagLayout], records: list[Record]) -> None:
    for layout in layouts:
        listed = [
            (file["path"], file.get("part", file)["sha256"], file.get("part", file)["size"])
            for one in json.loads(layout.tags["records.json"])["records"]
            for file in one["files"]
        ]
        assert listed == [(entry.path, entry.digest.hex, entry.size) for entry in layout.payload]
        rows = layout.tags["清单.csv"].decode("utf-8-sig").splitlines()[1:]
        assert [row.rsplit(",", 3)[-2:] for row in rows] == [[str(e.size), e.digest.hex] for e in layout.payload]


def test_the_same_input_gives_the_same_layout(planned: Plan, records: list[Record], shelf: Shelf) -> None:
    assert laid(planned, records, shelf) == laid(planned, records, shelf)


def test_texts_say_what_concerns_this_disc(layouts: list[BagLayout], shelf: Shelf) -> None:
    alone = [record(3, shelf.file("录像.mp4", b"3"))]
    (single,) = laid(plan(alone, SMALL, 0), alone, shelf, {})
    for name, cut, proofs in (("README.txt", "join.sh", "journal/"), ("说明.txt", "join.sh", "journal/")):
        of_three, of_one = (layout.tags[name].decode("utf-8-sig") for layout in (layouts[0], single))
        assert cut in of_three
        assert proofs in of_three
        assert cut not in of_one
        assert proofs not in of_one
        assert "邓州市财政局" in of_one
        assert "{" not in of_three + of_one
        assert "2026-0001-1" in of_one
        assert of_one.count("\r\n") == of_one.count("\n")


def test_verify_names_what_is_damaged_or_missing(discs: list[Path]) -> None:
    folder = next(folder for folder in discs if (folder / "data/2026-0000001/询问笔录.txt").exists())
    text = folder / "data/2026-0000001/询问笔录.txt"
    text.write_bytes(text.read_bytes().replace("王芳".encode(), "王方".encode()))
    (folder / "disc.json").unlink()
    said = run("sh", folder / "verify.sh", code=1)
    assert "damaged or missing: data/2026-0000001/询问笔录.txt" in said
    assert "damaged or missing: disc.json" in said
    assert "2 处有误" in said


@pytest.mark.parametrize("damage", [b"", b"x\n", b"0" * 64 + b" data/x\n"])
def test_verify_does_not_believe_a_damaged_list(discs: list[Path], damage: bytes) -> None:
    lists = discs[0] / "manifest-sha256.txt"
    lists.write_bytes(lists.read_bytes() + damage if damage else b"")
    assert "OK" not in run("sh", discs[0] / "verify.sh", code=1)


@pytest.mark.parametrize("damage", ["tagmanifest emptied", "tagmanifest cut", "no block list", "a file more"])
def test_verify_misses_nothing_that_the_lists_should_name(discs: list[Path], damage: str) -> None:
    tags, blocks = discs[0] / "tagmanifest-sha256.txt", discs[0] / BLOCK_LIST
    match damage:
        case "tagmanifest emptied":
            tags.write_bytes(b"")
        case "tagmanifest cut":
            tags.write_bytes(b"".join(tags.read_bytes().splitlines(keepends=True)[:-1]))
        case "no block list":
            blocks.unlink()
        case _:
            (discs[0] / "data/2026-0000001/多出.txt").write_text("x")
    said = run("sh", discs[0] / "verify.sh", code=1)
    assert "OK" not in said
    assert ("in no list: data/2026-0000001/多出.txt" in said) == (damage == "a file more")
    assert ("damaged or missing: blocks-sha256.txt" in said) == (damage == "no block list")


def test_joined_pieces_are_the_file(discs: list[Path], records: list[Record], tmp_path: Path, shelf: Shelf) -> None:
    target = tmp_path / "新建" / "合并"  # it is made
    said = run("sh", discs[1] / "join.sh", target, *discs)
    (joined,) = (path for path in target.rglob("*") if path.is_file())
    assert f"OK: {joined}" in said
    assert joined.read_bytes() == shelf.objects[records[0].files[1].sha256]


def test_join_says_that_it_cannot_make_its_folder(discs: list[Path], tmp_path: Path) -> None:
    (tmp_path / "已是文件").touch()
    words = ["sh", discs[0] / "join.sh", tmp_path / "已是文件", *discs]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"无法建立目标文件夹 · Cannot make the folder: {tmp_path / '已是文件'}\n"


def test_a_missing_or_damaged_piece_is_named_and_nothing_is_joined(discs: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "合并"
    target.mkdir()
    assert "（光盘 disc 2026-0001-2）" in run("sh", discs[0] / "join.sh", target, discs[0], discs[2], code=1)
    (piece,) = (discs[2] / "data").rglob("*.part-003-of-003")
    piece.write_bytes(piece.read_bytes()[:-1] + b"x")
    assert f"A piece is damaged: {piece}" in run("sh", discs[0] / "join.sh", target, *discs, code=1)
    assert not [path for path in target.rglob("*") if path.is_file()]


def test_the_piece_that_is_whole_is_taken_from_whichever_copy_has_it(discs: list[Path], tmp_path: Path) -> None:
    bad = tmp_path / "坏"
    shutil.copytree(discs[2], bad)
    (piece,) = (bad / "data").rglob("*.part-003-of-003")
    piece.write_bytes(piece.read_bytes()[:-1] + b"x")
    for order in ([bad, *discs], [*discs, bad]):
        target = tmp_path / f"合并{len(list(tmp_path.iterdir()))}"
        assert "OK: " in run("sh", discs[0] / "join.sh", target, *order)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("missing", "nothing was joined"),
        ("empty", "The list is damaged"),
        ("only words", "names no file, nothing was joined"),
        ("cut in a line", "a line lacks or is cut"),
        ("cut between lines", "its end is missing"),
        ("a line lacks", "a line lacks or is cut"),
    ],
)
def test_join_does_not_end_well_by_a_damaged_list(discs: list[Path], tmp_path: Path, damage: str, said: str) -> None:
    listed, target = discs[0] / "join.txt", tmp_path / "合并"
    lines = listed.read_text(encoding="utf-8").splitlines(keepends=True)
    if damage == "missing":
        listed.unlink()
    else:
        if damage != "empty":
            (discs[0] / "tagmanifest-sha256.txt").unlink()  # which would tell
        pieces = [line for line in lines if not line.startswith("#")]
        words = [line for line in lines if line.startswith("#")]
        left = {
            "empty": [],
            "only words": words,
            "cut in a line": [*words, pieces[0], pieces[1][:90]],
            "cut between lines": [*words, pieces[0]],
            "a line lacks": [*words, pieces[0], *pieces[2:]],
        }[damage]
        listed.write_text("".join(left), encoding="utf-8")
    words_ = ["sh", discs[0] / "join.sh", target, *discs]
    done = subprocess.run(words_, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr
    assert "OK" not in done.stdout
    assert not [path for path in target.rglob("*") if path.is_file() and path.suffix != ".partial"]


def test_join_overwrites_nothing_of_other_content(discs: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "合并"
    run("sh", discs[1] / "join.sh", target, *discs)
    (joined,) = (path for path in target.rglob("*") if path.is_file())
    run("sh", discs[1] / "join.sh", target, *discs)  # it is there already
    joined.write_text("别的内容")
    said = run("sh", discs[1] / "join.sh", target, *discs, code=1)
    assert f"other content is there, and stays: {joined}" in said
    assert joined.read_text() == "别的内容"


def test_digesting_pieces_proves_the_object(planned: Plan, records: list[Record], shelf: Shelf) -> None:
    film = records[0].files[1]
    shelf.objects[film.sha256] = shelf.objects[film.sha256][:-1] + b"x"
    with pytest.raises(BlobCorrupt, match=film.sha256):
        digest_parts(planned, records, shelf.open)


def test_a_piece_is_proven_as_it_is_read(layouts: list[BagLayout], shelf: Shelf) -> None:
    second = next(entry for entry in layouts[1].payload if entry.part)
    assert second.part is not None
    whole = shelf.objects[second.file.sha256]
    shelf.objects[second.file.sha256] = b"x" + whole[1:]  # damage before it is none of its business
    with VerifiedStream(second.file, shelf.open, second.part) as stream:
        assert stream.read(4) == whole[second.part.start : second.part.start + 4]
    at = second.part.start + second.size - 1
    shelf.objects[second.file.sha256] = whole[:at] + b"x" + whole[at + 1 :]
    with VerifiedStream(second.file, shelf.open, second.part) as stream, pytest.raises(BlobCorrupt):
        list(iter(stream.read, b""))


def test_images_of_pieces_carry_what_was_laid(layouts: list[BagLayout], shelf: Shelf, tmp_path: Path) -> None:
    for n, layout in enumerate(layouts, 1):
        image = tmp_path / f"{n}.iso"
        size = build_image(image, layout, shelf.open, f"2026-0001-{n}", NOW)
        assert check_image(image, layout).bytes == layout.size + list_size(size)


def test_everything_on_one_disc(records: list[Record], shelf: Shelf) -> None:
    (layout,) = laid(one_disc(records, SMALL), records, shelf)
    assert [(entry.file.name, entry.part) for entry in layout.payload] == [
        (file.name, None) for one in records for file in one.files
    ]


def test_bag_info_says_which_disc_it_is(layouts: list[BagLayout]) -> None:
    lines = layouts[1].tags["bag-info.txt"].decode().splitlines()
    assert "External-Identifier: 2026-0001-2" in lines
    assert "Bag-Group-Identifier: 2026-0001" in lines
    assert "Bag-Count: 2 of 3" in lines
    assert f"Bagging-Date: {NOW:%Y-%m-%d}" in lines
    assert disc(2, 3).volume == "2026-0001-2"


def test_a_disc_of_a_later_generation_says_when_it_and_the_first_were_made_and_what_mends_it(shelf: Shelf) -> None:
    one = [record(1, shelf.file("录像.mp4", b"1"))]
    first = disc()
    made = replace(first.set, produced_at=datetime(2036, 3, 1, 2, tzinfo=UTC), first_produced_at=NOW)
    extra = {"tools/salvage.py": b"pass\n"}
    older, newer = (
        lay_disc(of, plan(one, SMALL, 0), one, {}, extra) for of in (first, replace(first, set=made, generation=2))
    )
    said = json.loads(newer.tags["disc.json"])
    assert (said["generation"], said["made_at"]) == (2, "2036-03-01T02:00:00Z")
    assert said["first_made_at"] == json.loads(older.tags["disc.json"])["first_made_at"] == "2026-07-14T07:04:05Z"
    chinese, english = (newer.tags[name].decode() for name in ("说明.txt", "README.txt"))
    assert "2036-03-01 10:00 由张建国制作" in chinese
    assert "本盘为第 2 代：原盘损坏后重新制作，首次制作于 2026-07-14 15:04" in chinese
    assert "of generation 2" in english
    assert "the first was made on 2026-07-14 15:04" in english
    assert b"Bagging-Date: 2036-03-01" in newer.tags["bag-info.txt"]
    for layout in (older, newer):
        assert "同一代的两份副本逐字节相同" in layout.tags["说明.txt"].decode()
        assert "Copies of one generation are the same byte for byte: what" in layout.tags["README.txt"].decode()
        assert "refuses to merge copies of different generations" in layout.tags["README.txt"].decode()
    assert "首次制作" not in older.tags["说明.txt"].decode()
    assert "first was made" not in older.tags["README.txt"].decode()
