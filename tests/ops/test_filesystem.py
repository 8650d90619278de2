"""`strongroom://` as programs of the fsspec world use it: names, openings and their entries, and what is refused."""

import errno
import gc
import io
import json
import os
import pickle
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fsspec
import pytest

from ops.config import StoreConfig
from ops.filesystem import StrongroomFileSystem
from ops.wiring import Working, init_vault, open_vault
from tests.program import script
from tests.vault.scene import away, flip, journal_acts, land, noise, place_of
from vault.acts import RecordViewed
from vault.digest import Digest
from vault.errors import BlobCorrupt, Busy, NotAVault, StoreUnavailable
from vault.facts import Facts
from vault.intake.filing import Ready, file_records
from vault.records import RecordFile
from vault.store import Vault

VIDEO = noise(2_500_000, 4)
ASKED = {"by": "李建国", "why": "案件审理", "approved_by": ["王局长"]}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A vault by the wall clock, since that is what the file system goes by."""
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
    init_vault(tmp_path / "档案库", "", "dengzhou", stores, Working(person="李建国"))
    return tmp_path / "档案库"


@pytest.fixture
def vault(home: Path) -> Iterator[Vault]:
    with open_vault(home, Working(person="李建国")) as opened:
        yield opened


@pytest.fixture
def fs(home: Path) -> Iterator[StrongroomFileSystem]:
    yield (made := fsspec.filesystem("strongroom", vault=str(home), **ASKED))
    made.close()


def file_under(vault: Vault, *names: str) -> str:
    """A record with files of these names, on all stores; contents are the names', but of the first VIDEO."""
    contents = [VIDEO, *(name.encode() for name in names[1:])]
    for store in vault.stores.values():
        land(store, *contents)
    files = tuple(
        RecordFile(sha256=Digest.of(data).hex, size=len(data), name=name)
        for name, data in zip(names, contents, strict=True)
    )
    facts = Facts(section="监督检查科")
    return file_records(vault, [Ready(files=files, stores=tuple(vault.stores), facts=facts, origins={})], None)[
        0
    ].number


def viewings(vault: Vault) -> list[tuple[str, str, str, tuple[str, ...], str]]:
    return [
        (a.record, a.by, a.how, a.approved_by, a.why) for a in journal_acts(vault, 0) if isinstance(a, RecordViewed)
    ]


# names


def test_records_lie_by_the_thousand_and_a_path_may_begin_with_the_number(
    vault: Vault, fs: StrongroomFileSystem
) -> None:
    number = file_under(vault, "现场录像.mp4")
    thousand = number[:-3] + "xxx"
    assert fs.ls("strongroom://", detail=False) == [thousand]
    assert fs.ls(thousand, detail=False) == [f"{thousand}/{number}"]
    (file,) = fs.ls(f"strongroom://{number}", detail=False)
    assert file == f"{thousand}/{number}/现场录像.mp4"
    assert fs.find("") == [file]
    assert fs.glob(f"{number}/*.mp4") == fs.glob("**/*.mp4") == [file]
    for path in ("", thousand, number, f"{thousand}/{number}/"):
        assert fs.isdir(path)
        assert not fs.isfile(path)
    assert fs.isfile(f"{number}/现场录像.mp4")


def test_of_many_records_each_listing_holds_a_thousand(vault: Vault, fs: StrongroomFileSystem) -> None:
    ready = [
        Ready(
            files=(RecordFile(sha256=Digest.of(b"%d" % n).hex, size=1, name="一.mp4"),),
            stores=("甲", "乙"),
            facts=Facts(),
            origins={},
        )
        for n in range(2_010)
    ]
    numbers = {filed.number for filed in file_records(vault, ready, None)}
    listed = [fs.ls(thousand, detail=False) for thousand in fs.ls("", detail=False)]
    assert [len(names) for names in listed] == [999, 1_000, 11]
    assert {path.split("/")[1] for names in listed for path in names} == numbers


def test_files_lie_in_folders_as_at_their_source_under_safe_names(vault: Vault, fs: StrongroomFileSystem) -> None:
    safe = {
        "一.mp4": "一.mp4",
        "询问/笔录.txt": "询问/笔录.txt",
        "询问/照片 1.jpg": "询问/照片 1.jpg",
        "../../etc/passwd": "etc/passwd",
        "/etc/passwd": "etc/passwd~2",
        "a:b?.txt": "a：b？.txt",
        "CON": "_CON",
        "..": "_",
        "询问": "询问~2",
    }
    number = file_under(vault, *safe)
    assert sorted(path.partition(f"{number}/")[2] for path in fs.find(number)) == sorted(safe.values())
    for name in [*safe][1:]:
        assert fs.cat_file(f"{number}/{safe[name]}").decode() == name
    assert fs.info(f"{number}/etc/passwd~2")["original_name"] == "/etc/passwd"


def test_info_is_the_journals(vault: Vault, fs: StrongroomFileSystem) -> None:
    number = file_under(vault, "现场录像.mp4")
    path = f"{number}/现场录像.mp4"
    info = fs.info(path)
    assert (info["size"], info["sha256"], info["type"]) == (len(VIDEO), Digest.of(VIDEO).hex, "file")
    assert fs.checksum(path) == fs.ukey(path) == Digest.of(VIDEO).hex
    assert fs.size(path) == len(VIDEO)
    assert viewings(vault) == [], "looking at names is no viewing"


@pytest.mark.parametrize(
    "path", ["2026-9999999/x", "2026-9999xxx", "9999", "{number}/否.mp4", "{number}/一.mp4/x", "2026-0001xxx/{number}"]
)
def test_what_is_not_there(vault: Vault, fs: StrongroomFileSystem, path: str) -> None:
    path = path.format(number=file_under(vault, "一.mp4"))
    assert not fs.exists(path)
    for ask in (fs.info, fs.ls, fs.open):
        with pytest.raises(FileNotFoundError):
            ask(path)


# openings


def test_every_opening_is_entered_before_the_first_byte(vault: Vault, fs: StrongroomFileSystem, tmp_path: Path) -> None:
    number = file_under(vault, "现场录像.mp4", "笔录.txt")
    entry = (number, "李建国", "open", ("王局长",), "案件审理")
    with fs.open(f"{number}/现场录像.mp4") as file:
        assert viewings(vault) == [entry], "nothing was read yet"
        assert file.read() == VIDEO
        assert file.size == len(VIDEO)
    with fs.open(f"{number}/笔录.txt", "r", encoding="utf-8") as text:
        assert text.read() == "笔录.txt"
    assert fs.cat_file(f"{number}/现场录像.mp4", -9, -2) == VIDEO[-9:-2]
    fs.get(f"{number}/笔录.txt", str(tmp_path / "笔录.txt"))
    assert viewings(vault) == [entry] * 4


@pytest.mark.parametrize("said", [{}, {"why": "案件审理"}, {"approved_by": "王局长"}])
def test_without_consent_and_reason_nothing_is_given(
    home: Path, vault: Vault, tmp_path: Path, said: dict[str, str]
) -> None:
    number = file_under(vault, "现场录像.mp4")
    fs = fsspec.filesystem("strongroom", vault=str(home), by="李建国", **said)
    assert fs.isfile(f"{number}/现场录像.mp4")
    for leave in (fs.open, fs.cat_file, lambda path: fs.get(path, str(tmp_path / "出.mp4"))):
        with pytest.raises(PermissionError, match="approved_by=") as caught:
            leave(f"{number}/现场录像.mp4")
        assert caught.value.errno == errno.EACCES
    assert not (tmp_path / "出.mp4").exists()
    assert viewings(vault) == []
    fs.close()


def test_no_verb_writes(vault: Vault, fs: StrongroomFileSystem, tmp_path: Path) -> None:
    number = file_under(vault, "一.mp4")
    path, local = f"{number}/一.mp4", str(tmp_path / "本地.txt")
    Path(local).write_text("x")
    asked: list[Any] = [
        *(lambda mode=mode: fs.open(path, mode) for mode in ("wb", "ab", "xb", "r+b", "w")),
        *(lambda verb=verb: verb(path) for verb in (fs.mkdir, fs.makedirs, fs.rmdir, fs.rm, fs.rm_file, fs.touch)),
        *(lambda verb=verb: verb(path, path + "2") for verb in (fs.mv, fs.copy, fs.cp_file, fs.rename, fs.move, fs.cp)),
        *(lambda verb=verb: verb(path, b"x") for verb in (fs.pipe, fs.pipe_file, fs.write_bytes)),
        *(lambda verb=verb: verb(local, path) for verb in (fs.put, fs.put_file, fs.upload)),
        lambda: fs.rm([path], recursive=True),
        lambda: fs.delete(path),
        lambda: fs.pipe({path: b"x"}),
        lambda: fs.write_text(path, "x"),
    ]
    for ask in asked:
        with pytest.raises(OSError, match="read-only") as caught:
            ask()
        assert caught.value.errno == errno.EROFS
    assert fs.cat_file(path) == VIDEO


# damage, and stores that do not answer


def test_a_flipped_bit_never_comes_out(vault: Vault, fs: StrongroomFileSystem, tmp_path: Path) -> None:
    path = file_under(vault, "现场录像.mp4") + "/现场录像.mp4"
    target = tmp_path / "出.mp4"
    flip(place_of(vault, "甲", VIDEO), -1)
    assert fs.cat_file(path) == VIDEO
    fs.get(path, str(target))
    assert target.read_bytes() == VIDEO
    flip(place_of(vault, "乙", VIDEO), -1)
    target.write_bytes(b"old")
    for leave in (fs.cat_file, lambda path: fs.get(path, str(target)), lambda path: fs.get_file(path, io.BytesIO())):
        with pytest.raises(BlobCorrupt):
            leave(path)
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["出.mp4"]
    assert target.read_bytes() == b"old"


def test_cannot_tell_is_not_absent(home: Path, vault: Vault, fs: StrongroomFileSystem) -> None:
    path = file_under(vault, "现场录像.mp4") + "/现场录像.mp4"
    with fs.open(path) as file, away(vault, "甲"), away(vault, "乙"), pytest.raises(StoreUnavailable):
        file.read(1)
    nowhere = fsspec.filesystem("strongroom", vault=str(home / "别处"), by="李建国")
    for ask in (nowhere.exists, nowhere.isfile, nowhere.isdir, nowhere.find, nowhere.glob):
        with pytest.raises(NotAVault):
            ask("2026-0000001")
    fs.close()
    with vault.alone(), pytest.raises(Busy):
        fsspec.filesystem("strongroom", vault=str(home), by="王芳").exists("")


# the tools of that world


def test_a_zip_is_read_in_place(vault: Vault, fs: StrongroomFileSystem, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "卷宗.zip", "w") as archive:
        for name in ("一.jpg", "二.jpg", "三.jpg"):
            archive.writestr(name, noise(700_000, len(name.encode()) + ord(name[0])))
        expected = archive.getinfo("二.jpg").CRC
    data = (tmp_path / "卷宗.zip").read_bytes()
    for store in vault.stores.values():
        land(store, data)
    files = (RecordFile(sha256=Digest.of(data).hex, size=len(data), name="卷宗.zip"),)
    ready = Ready(files=files, stores=("甲", "乙"), facts=Facts(), origins={})
    (filed,) = file_records(vault, [ready], None)
    with fs.open(f"{filed.number}/卷宗.zip") as file, zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert expected == archive.getinfo("二.jpg").CRC
        assert len(archive.read("二.jpg")) == 700_000
    inside = fsspec.filesystem("zip", fo=f"strongroom://{filed.number}/卷宗.zip", target_options={**fs.storage_options})
    assert sorted(one["name"] for one in inside.ls("")) == ["一.jpg", "三.jpg", "二.jpg"]


def test_ffprobe_reads_a_video_from_a_pipe_and_from_a_copy(
    vault: Vault, fs: StrongroomFileSystem, tmp_path: Path
) -> None:
    made = tmp_path / "视频.mkv"
    ffmpeg = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=1:s=160x120:r=10", "-c:v", "mpeg4", str(made)]
    subprocess.run(ffmpeg, check=True, stdin=subprocess.DEVNULL)
    data = made.read_bytes()
    for store in vault.stores.values():
        land(store, data)
    files = (RecordFile(sha256=Digest.of(data).hex, size=len(data), name="视频.mkv"),)
    (filed,) = file_records(vault, [Ready(files=files, stores=("甲", "乙"), facts=Facts(), origins={})], None)
    path = f"strongroom://{filed.number}/视频.mkv"
    probe = ["ffprobe", "-v", "error", "-show_streams", "-of", "json"]
    with fs.open(path) as file:
        piped = subprocess.run([*probe, "-"], input=file.read(), capture_output=True, check=True).stdout
    fs.get(path, str(tmp_path / "出.mkv"))
    copied = subprocess.run([*probe, str(tmp_path / "出.mkv")], capture_output=True, check=True).stdout
    for said in (piped, copied):
        (stream,) = json.loads(said)["streams"]
        assert (stream["codec_name"], stream["width"], stream["height"]) == ("mpeg4", 160, 120)


# processes, threads, the end

IN_A_PROCESS_OF_ITS_OWN = """
import os, pickle, sys
import fsspec
home, number = sys.argv[1:]
options = dict(vault=home, by="李建国", why="案件审理", approved_by="王局长")
with fsspec.open(f"strongroom://{number}/现场录像.mp4", **options) as file:
    first = file.read(5)
    fs = fsspec.filesystem("strongroom", **options)
    child = os.fork()
    if not child:
        good = fs.cat_file(f"{number}/现场录像.mp4")[:5] == first
        os._exit(0 if good and fs.ls("") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert fs.cat_file(f"{number}/现场录像.mp4", 0, 5) == first
again = pickle.loads(pickle.dumps(fs))
assert again.cat_file(f"{number}/现场录像.mp4", 0, 5) == first
print(first.hex())
"""


def test_an_installed_program_finds_it_by_its_name_and_may_fork(home: Path, vault: Vault) -> None:
    number = file_under(vault, "现场录像.mp4")
    python, *words = script(IN_A_PROCESS_OF_ITS_OWN, str(home), number)
    done = subprocess.run([python, "-W", "error", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.strip()) == (0, "", VIDEO[:5].hex())
    assert len(viewings(vault)) == 4


def test_many_threads_open_at_once(vault: Vault, fs: StrongroomFileSystem) -> None:
    names = ["一.mp4", *(f"{n}.txt" for n in range(15))]
    number = file_under(vault, *names)
    start = threading.Barrier(8, timeout=30)

    def read(name: str) -> bytes:
        if name in names[:8]:
            start.wait()
        data: bytes = fs.cat_file(f"{number}/{name}")
        return data

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, names)) == [VIDEO, *(name.encode() for name in names[1:])]
    assert len(viewings(vault)) == len(names)


def test_it_can_be_pickled_and_closed_and_opened_again(home: Path, vault: Vault, fs: StrongroomFileSystem) -> None:
    number = file_under(vault, "一.mp4")
    assert fs.cat_file(f"{number}/一.mp4") == VIDEO
    assert pickle.loads(pickle.dumps(fs)) == fs
    vault.__exit__()
    with pytest.raises(Busy), open_vault(home, Working(person="李建国")) as another, another.alone():
        pytest.fail("the file system holds the vault open")
    fs.close()
    fs.close()
    with open_vault(home, Working(person="李建国")) as another, another.alone():
        pass
    assert fs.cat_file(f"{number}/一.mp4") == VIDEO


def test_whoever_forgets_it_does_not_keep_the_vault_from_others(home: Path, vault: Vault) -> None:
    number = file_under(vault, "一.mp4")
    vault.__exit__()
    file = StrongroomFileSystem(vault=home, **ASKED, skip_instance_cache=True).open(f"{number}/一.mp4")
    with pytest.raises(Busy), open_vault(home, Working(person="李建国")) as another, another.alone():
        pytest.fail("a file is open")
    assert file.read() == VIDEO
    del file
    gc.collect()
    with open_vault(home, Working(person="李建国")) as another, another.alone():
        pass


def test_the_folder_of_the_vault_is_found_as_the_command_finds_it(
    home: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = file_under(vault, "一.mp4")
    made = []
    monkeypatch.setenv("STRONGROOM_VAULT", str(home))
    made.append(StrongroomFileSystem(by="李建国", skip_instance_cache=True))
    monkeypatch.delenv("STRONGROOM_VAULT")
    monkeypatch.chdir(home)
    made.append(StrongroomFileSystem(by="李建国", skip_instance_cache=True))
    os.chdir("/")
    for fs in made:
        assert fs.isfile(f"{number}/一.mp4")
        fs.close()
