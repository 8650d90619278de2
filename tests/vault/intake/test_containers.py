"""Archives: members are streamed; what is hostile, encrypted, damaged or cut off is refused aloud."""

import gc
import gzip
import hashlib
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pycdlib
import pytest

from vault.errors import ContainerRefused, SourceChanged, SourceUnreadable
from vault.intake.containers import Budgets, MemberItem, members
from vault.intake.items import Container, Rejected
from vault.intake.walk import walk

RANDOM = random.Random(7)
FILES = {
    "DCIM/现场录像.mp4": RANDOM.randbytes(300_000),
    "DCIM/说明.txt": "现场检查说明。\n".encode() * 3_000,
    "录音.wav": RANDOM.randbytes(70_000),
}


def container(path: Path) -> Container:
    (found,) = walk([path])
    assert isinstance(found, Container)
    return found


def read(item: MemberItem, size: int = 50_000) -> bytes:
    buffer, data = memoryview(bytearray(size)), b""
    with item.open() as stream:
        while count := stream.readinto(buffer):
            data += buffer[:count]
    return data


def taken(path: Path, budgets: Budgets | None = None) -> dict[str, bytes]:
    return {m.name: read(m) for m in members(container(path), budgets) if isinstance(m, MemberItem)}


def rejected(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for member in members(container(path)):
        if isinstance(member, Rejected):
            found[member.where.rpartition(": ")[2]] = str(member.error)
        else:
            read(member)
    return found


def refused(path: Path, why: str, budgets: Budgets | None = None) -> None:
    with pytest.raises(ContainerRefused, match=why) as error:
        taken(path, budgets)
    assert path.name in error.value.what.zh
    assert error.value.hint.zh


def make_zip(path: Path, method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in FILES.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 9, 30, 16)), data, method)


def make_stored(path: Path) -> None:
    make_zip(path, zipfile.ZIP_STORED)


def make_tar(path: Path) -> None:
    mode = {".gz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in FILES.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(data), 1_772_328_615
            archive.addfile(member, io.BytesIO(data))


def make_zstd(path: Path) -> None:
    make_tar(path.with_suffix(".plain"))
    subprocess.run(["zstd", "-q", "--rm", path.with_suffix(".plain"), "-o", path], check=True)


def make_7z(path: Path) -> None:
    folder = path.parent / "for-7z"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    subprocess.run(["7z", "a", "-bd", path, "."], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def make_iso(path: Path, rock_ridge: str = "1.09") -> None:
    image = pycdlib.PyCdlib()
    image.new(interchange_level=4, rock_ridge=rock_ridge, joliet=3)
    image.add_directory("/DCIM", rr_name="DCIM", joliet_path="/DCIM")
    for i, (name, data) in enumerate(FILES.items()):
        folder, _, last = name.rpartition("/")
        below = f"/{folder}" if folder else ""
        image.add_fp(io.BytesIO(data), len(data), f"{below}/F{i}", rr_name=last, joliet_path=f"{below}/{last}")
    image.write(str(path))
    image.close()


MAKERS: dict[str, Callable[[Path], None]] = {
    "a.zip": make_zip,
    "stored.zip": make_stored,
    "a.tar": make_tar,
    "a.tar.gz": make_tar,
    "a.tar.bz2": make_tar,
    "a.tar.xz": make_tar,
    "a.tar.zst": make_zstd,
    "a.7z": make_7z,
    "a.iso": make_iso,
}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("archives")
    for name, make in MAKERS.items():
        make(folder / name)
    return {name: folder / name for name in MAKERS}


@pytest.mark.parametrize("name", MAKERS)
def test_every_format_gives_every_byte(archives: dict[str, Path], name: str) -> None:
    assert taken(archives[name]) == FILES


@pytest.mark.parametrize("name", MAKERS)
def test_every_format_under_a_locale_without_unicode(archives: dict[str, Path], name: str) -> None:
    code = (
        "import sys; from pathlib import Path; from vault.intake.walk import walk;"
        "from vault.intake.containers import members\n"
        "for m in members(next(walk([Path(sys.argv[1])]))):\n"
        "    sys.stdout.buffer.write(m.name.encode() + b'\\0')\n"
        "    with m.open() as s:\n"
        "        while s.readinto(memoryview(bytearray(50000))): pass\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, archives[name]], env={**os.environ, "LC_ALL": "C"}, capture_output=True, check=True
    )
    assert set(run.stdout.decode().split("\0")[:-1]) == set(FILES)
    assert run.stderr == b""


def test_a_member_says_where_it_comes_from(archives: dict[str, Path]) -> None:
    path = archives["a.tar"]
    (path.parent / "a.tar.facts.json").write_text("{}")
    first = next(members(container(path)))
    (path.parent / "a.tar.facts.json").unlink()
    assert isinstance(first, MemberItem)
    assert (first.name, first.raw_name, first.container) == ("DCIM/现场录像.mp4", "", "a.tar")
    assert first.path == f"{path}/DCIM/现场录像.mp4"
    assert first.folder == f"{path}/DCIM"
    assert first.where == f"{path}: DCIM/现场录像.mp4"
    assert (first.size, str(first.modified_at)) == (300_000, "2026-03-01 01:30:15+00:00")
    assert (first.fingerprint, first.direct) == (None, False)
    assert [s.name for s in first.sidecars] == ["a.tar.facts.json"]


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_what_is_cut_off_is_refused(archives: dict[str, Path], tmp_path: Path, name: str, share: float) -> None:
    data = archives[name].read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    refused(tmp_path / name, "cut off|named like an archive")


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.tar.zst"])
def test_a_tar_that_was_cut_between_two_members_is_refused(tmp_path: Path, name: str) -> None:
    make_tar(tmp_path / "whole.tar")
    with tarfile.open(tmp_path / "whole.tar") as whole:
        cut = whole.getmembers()[2].offset
    data = (tmp_path / "whole.tar").read_bytes()[:cut]
    (tmp_path / "cut.tar").write_bytes(data)
    packers = {".gz": ["gzip", "-c"], ".bz2": ["bzip2", "-c"], ".xz": ["xz", "-c"], ".zst": ["zstd", "-qc"]}
    packer = packers.get(Path(name).suffix, ["cat"])
    run = subprocess.run(packer, input=data, capture_output=True, check=True)
    (tmp_path / name).write_bytes(run.stdout)
    refused(tmp_path / name, "the block that ends a tar is missing")


@pytest.mark.parametrize("name", ["a.zip", "stored.zip", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.tar.zst", "a.7z"])
def test_no_flipped_bit_comes_through(archives: dict[str, Path], tmp_path: Path, name: str) -> None:
    """Formats with checksums: a changed bit is refused, or it was in nothing that is taken."""
    data, noticed = bytearray(archives[name].read_bytes()), 0
    rng = random.Random(name)
    for i in range(60):
        at = rng.randrange(len(data)) if i < 40 else len(data) - 1 - rng.randrange(300)
        bit = 1 << rng.randrange(8)
        data[at] ^= bit
        (tmp_path / name).write_bytes(data)
        data[at] ^= bit
        try:
            contents = taken(tmp_path / name)
        except ContainerRefused:
            noticed += 1
        else:
            assert sorted(contents.values()) == sorted(FILES.values()), f"bit {bit} of byte {at}"
    assert noticed >= 40


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "录像.mp4").write_bytes(FILES["录音.wav"])
    for name, options in (("a.7z", []), ("b.7z", ["-mhe=on"]), ("c.zip", []), ("d.zip", ["-mem=AES256"])):
        command = ["7z", "a", "-bd", "-p1234", *options, name, "录像.mp4"]
        subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
        refused(tmp_path / name, "is encrypted")


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.7z", "a.iso"])
def test_what_only_looks_like_an_archive_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(RANDOM.randbytes(100_000))
    refused(tmp_path / name, "named like an archive and is none")
    (tmp_path / name).write_bytes(gzip.compress(RANDOM.randbytes(100_000)))
    refused(tmp_path / name, "damaged or cut off")


def test_an_archive_without_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("folder/", b"")
    refused(tmp_path / "a.zip", "holds no files")


def test_an_image_that_is_cut_off_is_refused_before_its_first_member(archives: dict[str, Path], tmp_path: Path) -> None:
    shutil.copy(archives["a.iso"], tmp_path / "a.iso")
    os.truncate(tmp_path / "a.iso", archives["a.iso"].stat().st_size - 2048)
    with pytest.raises(ContainerRefused, match="the image says"):
        next(members(container(tmp_path / "a.iso")))


def test_an_encrypted_member_is_refused_before_it_is_handed_out(tmp_path: Path) -> None:
    (tmp_path / "录像.mp4").write_bytes(FILES["录音.wav"])
    command = ["7z", "a", "-bd", "-p1234", "a.zip", "录像.mp4"]
    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    with pytest.raises(ContainerRefused, match="is encrypted"):
        next(members(container(tmp_path / "a.zip")))


def test_an_image_with_udf_alone_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.iso").open("wb") as image:
        image.truncate(1 << 20)
        for sector, mark in ((16, b"BEA01"), (17, b"NSR03"), (18, b"TEA01")):
            image.seek(sector * 2048)
            image.write(b"\0" + mark + b"\x01")
    refused(tmp_path / "a.iso", "UDF alone")


def test_rock_ridge_1_12_is_never_taken_as_empty_files(tmp_path: Path) -> None:
    """libarchive 3.6 gives all files of such an image as 0 bytes, without an error."""
    make_iso(tmp_path / "a.iso", rock_ridge="1.12")
    refused(tmp_path / "a.iso", "length cannot be told")


def test_only_regular_members_are_taken(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("device", tarfile.CHRTYPE),
            ("disk", tarfile.BLKTYPE),
            ("fifo", tarfile.FIFOTYPE),
            ("folder", tarfile.DIRTYPE),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        archive.addfile(tarfile.TarInfo("empty.mp4"))
    found = rejected(tmp_path / "a.tar")
    assert set(found) == {"link", "hard", "device", "disk", "fifo", "empty.mp4"}
    assert "symbolic link" in found["link"]
    assert "hard link" in found["hard"]
    assert "0 bytes" in found["empty.mp4"]


def test_names_that_climb_lead_nowhere(tmp_path: Path) -> None:
    climbing = ["../../escape.txt", "/escape.txt", "a/../../escape.txt", "a\nb.txt", "DCIM/1.mp4", "DCIM/1.mp4"]
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in climbing:
            member = tarfile.TarInfo(name)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))
    before = sorted(tmp_path.rglob("*"))
    found = []
    for item in members(container(tmp_path / "a.tar")):
        assert isinstance(item, MemberItem)
        assert "\n" not in item.where
        found.append(item.name)
        assert read(item) == b"abc"
    assert found == climbing
    assert sorted(tmp_path.rglob("*")) == before


def test_names_from_chinese_windows_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("ab/cd.mp4", b"x")  # four bytes of name, to be put in GBK: zipfile itself would flag UTF-8
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace(b"ab/cd.mp4", "执/法".encode("gbk") + b".mp4"))
    reading = members(container(tmp_path / "a.zip"))
    item = next(reading)
    assert isinstance(item, MemberItem)
    assert (item.name, bytes.fromhex(item.raw_name)) == ("执/法.mp4", "执/法.mp4".encode("gbk"))
    assert read(item) == b"x"
    assert list(reading) == []


def test_an_archive_in_an_archive_is_a_file(archives: dict[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(archives["a.zip"], "inner.zip")
    assert taken(tmp_path / "outer.zip") == {"inner.zip": archives["a.zip"].read_bytes()}


def test_tars_that_were_put_together_are_read_to_the_last(archives: dict[str, Path], tmp_path: Path) -> None:
    with (tmp_path / "a.tar").open("wb") as joined:
        joined.write(archives["a.tar"].read_bytes())
        with tarfile.open(fileobj=joined, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("second"), io.BytesIO())
    assert set(rejected(tmp_path / "a.tar")) == {"second"}


@pytest.mark.parametrize(
    ("budgets", "why"),
    [
        (Budgets(total_bytes=300_000), "300,000 bytes unpacked"),
        (Budgets(members=2), "2 members"),
        (Budgets(files=1), "1 files in one record"),
        (Budgets(name_bytes=10), "10 bytes in a member's name"),
        (Budgets(depth=0), "0 folders"),
        (Budgets(ratio=0, ratio_from=0), "0 unpacked bytes for each byte"),
    ],
)
@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_every_budget_holds(archives: dict[str, Path], name: str, budgets: Budgets, why: str) -> None:
    refused(archives[name], why, budgets)


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.tar.gz", "bomb.tar.xz"])
def test_a_bomb_is_refused_early(tmp_path: Path, name: str) -> None:
    size = 100 << 20
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("0", "w") as member:
            for _ in range(size >> 20):
                member.write(bytes(1 << 20))
    else:
        with (tmp_path / "0").open("wb") as file:
            file.truncate(size)
        subprocess.run(["tar", "-caf", name, "0"], cwd=tmp_path, check=True, env={**os.environ, "XZ_OPT": "-0"})
    reading = members(container(tmp_path / name))
    item = next(reading)
    assert isinstance(item, MemberItem)
    unpacked = [0]

    def unpack() -> None:
        buffer = memoryview(bytearray(1 << 20))
        with item.open() as stream:
            while count := stream.readinto(buffer):
                unpacked[0] += count

    with pytest.raises(ContainerRefused, match="bomb"):
        unpack()
    assert unpacked[0] <= Budgets().ratio_from
    with pytest.raises(ContainerRefused, match="bomb"):
        next(reading)


def test_members_are_read_one_after_the_other(archives: dict[str, Path]) -> None:
    reading = members(container(archives["a.zip"]))
    first = next(reading)
    assert isinstance(first, MemberItem)
    with pytest.raises(RuntimeError, match="not read to its end"):
        next(reading)

    reading = members(container(archives["a.zip"]))
    first = next(reading)
    assert isinstance(first, MemberItem)
    read(first)
    with pytest.raises(RuntimeError, match="opened once"), first.open():
        pass
    next(reading)
    with pytest.raises(RuntimeError, match="opened once"), first.open():
        pass


def test_leaving_early_closes_the_file(archives: dict[str, Path]) -> None:
    gc.collect()  # what earlier tests left to the collector is not to be counted
    before = len(os.listdir("/proc/self/fd"))
    for name in ("a.zip", "a.tar.gz"):
        reading = members(container(archives[name]))
        next(reading)
        reading.close()  # type: ignore[attr-defined]
    assert len(os.listdir("/proc/self/fd")) == before


def test_an_archive_that_changes_while_it_is_read_has_changed(archives: dict[str, Path], tmp_path: Path) -> None:
    shutil.copy(archives["stored.zip"], tmp_path / "a.zip")

    def meddle() -> None:
        for i, item in enumerate(members(container(tmp_path / "a.zip"))):
            assert isinstance(item, MemberItem)
            if i == 0:
                with (tmp_path / "a.zip").open("r+b") as file:
                    file.seek(150_000)
                    file.write(b"altered")
            read(item, 1_000)

    with pytest.raises(SourceChanged):
        meddle()


def test_an_archive_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    make_stored(tmp_path / "a.zip")
    found = container(tmp_path / "a.zip")
    (tmp_path / "a.zip").unlink()
    with pytest.raises(SourceUnreadable):
        next(members(found))


def test_memory_does_not_grow_with_a_member(tmp_path: Path) -> None:
    """Resident memory of a process that reads a member of 256 MiB, against one that reads a small one."""
    block, small = RANDOM.randbytes(1 << 20), tmp_path / "small.zip"
    with zipfile.ZipFile(tmp_path / "large.zip", "w") as archive, archive.open("1.mp4", "w") as member:
        for _ in range(256):
            member.write(block)
    make_zip(small)
    code = (
        "import sys, hashlib, resource; from pathlib import Path; from vault.intake.walk import walk;"
        "from vault.intake.containers import members\n"
        "h, buffer = hashlib.sha256(), memoryview(bytearray(1 << 20))\n"
        "for m in members(next(walk([Path(sys.argv[1])]))):\n"
        "    with m.open() as s:\n"
        "        while n := s.readinto(buffer): h.update(buffer[:n])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, h.hexdigest())"
    )
    peaks, digests = [], []
    for path in (small, tmp_path / "large.zip"):
        run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True, text=True)
        peak, digest = run.stdout.split()
        peaks.append(int(peak))
        digests.append(digest)
    assert digests[1] == hashlib.sha256(block * 256).hexdigest()
    assert peaks[1] - peaks[0] < 4_096  # KiB
