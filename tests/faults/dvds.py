"""A set as large as offices make them: real video over three DVDs in one `disc run` on two pseudo-drives, and each disc
read back by everything that reads discs. At a share of it the discs are those of `practice`, and all else is smaller.

Room on the disk: the vault, three images, what lies in the drives, and one disc's content: 38 GB for the whole.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from media.drives.port import Condition
from media.mediums import MEDIUMS, Medium
from media.readback import libarchive_files
from media.sevenzip import sevenzip_files
from tests.discs import PseudoDrive, pseudo_drive
from tests.discs import run as system
from tests.faults.scene import ENVIRONMENT, REPOSITORY

_SPARE = 12  # hundredths: 12 GB over three DVD+R
_OWN, _EACH = 8 << 20, 10 << 10  # bytes that a disc, and a small file on it, take for themselves
_FULL = 0.96  # of three discs
_LARGE = 1.6  # discs that the largest file takes: 6 GiB
_CLIPS, _PHOTOS = 40, 20_000  # the whole; of clips at least
_LEAST = 10
_MOST_RUNS = 8
_CASE = "邓罚〔2026〕1号"
_NUMERALS = "零一二三四五六七八九"


@dataclass(slots=True)
class Outcome:
    """What it came to; `problems`: nothing, if all is well. Seconds of the runs, without the changing of discs."""

    bytes: int = 0
    files: int = 0
    discs: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Read:
    """What the discs have given so far: whole files, and those that are cut, by the SHA-256 that they are to have."""

    images: set[str] = field(default_factory=set)
    volumes: list[str] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    joined: dict[str, "hashlib._Hash"] = field(default_factory=dict)


def run(folder: Path, share: int) -> Outcome:
    """Make the recordings, take them in, burn them, read them."""
    medium, outcome, read = MEDIUMS["dvd+r" if share == 1 else "practice"], Outcome(), _Read()
    source, home = folder / "来源", folder / "库"
    source.mkdir()
    made = _recordings(source, medium, max(_LEAST, _CLIPS // share), _PHOTOS // share)
    outcome.files, outcome.bytes = len(made), sum(path.stat().st_size for path in source.iterdir())
    _ask(home, "init", "--profile", "dengzhou", "--store", str(folder / "存储"))
    _ask(home, "ingest", str(source), "--section", "执法一中队", "--case-number", _CASE, "--case-name", "占道经营案")
    shutil.rmtree(source)
    with _drives(folder, medium) as drives:
        words = ["disc", "run", "--case", _CASE, "--medium", medium.id, "--spare", str(_SPARE), "--shelf", "甲柜3层"]
        words += ["--approved-by", "王局长", "--why", "备份", "--to", str(folder / "标签"), "--no-wait"]
        words += [word for one in drives for word in ("--drive", one.name)]
        for _ in range(_MOST_RUNS):
            began = time.monotonic()
            ran = _ask(home, *words, expect=None)
            outcome.seconds += time.monotonic() - began
            _change(drives, folder / "盘", read, outcome)
            if ran.returncode != 5:
                break
    if ran.returncode:
        outcome.problems.append(f"the run ended with {ran.returncode}: {ran.stderr.strip()[-400:]}")
    if len(read.volumes) != 3:
        outcome.problems.append(f"{len(read.volumes)} discs, where three would do")
    got = read.whole | {digest for digest, hasher in read.joined.items() if hasher.hexdigest() == digest}
    outcome.problems += [f"not read back: {name}" for digest, name in made.items() if digest not in got]
    return outcome


# recordings


def _recordings(folder: Path, medium: Medium, clips: int, photos: int) -> dict[str, str]:
    """The name of each by its SHA-256: a file that no disc holds, clips with names of 80 characters, small files."""
    room = medium.size * (100 - _SPARE) // 100 - _OWN
    large = int(_LARGE * room)
    clip = (int(3 * _FULL * room) - large - photos * _EACH) // clips - _EACH
    base = folder / "base.ts"
    picture = "testsrc2=size=640x360:rate=25,noise=alls=20:allf=t"
    _ffmpeg("-f", "lavfi", "-i", picture, "-t", "4", "-c:v", "mpeg2video", "-q:v", "8", "-f", "mpegts", str(base))
    sizes = {"现场检查全过程.ts": large} | {f"{_long_name(n)}.ts": clip for n in range(clips)}
    for number, (name, size) in enumerate(sizes.items(), 1):
        copied = ("-stream_loop", "-1", "-i", str(base), "-c", "copy", "-fs", str(size))
        stamped = ("-mpegts_transport_stream_id", str(number), "-f", "mpegts", str(folder / name))
        _ffmpeg(*copied, *stamped)
    base.unlink()
    dice = random.Random(photos)
    for number in range(photos):
        (folder / f"照片_{number:05}.jpg").write_bytes(b"\xff\xd8" + dice.randbytes(dice.randrange(1_000, 2_000)))
    return {_sha256(path): path.name for path in folder.iterdir()}


def _long_name(number: int) -> str:
    said = "".join(_NUMERALS[int(digit)] for digit in f"{number:03}")
    return (said + "执法现场音像记录" * 10)[:80]


def _ffmpeg(*words: str) -> None:
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *words]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# discs


@contextmanager
def _drives(folder: Path, medium: Medium) -> Iterator[tuple[PseudoDrive, PseudoDrive]]:
    with pseudo_drive(folder / "左", medium.sectors) as left, pseudo_drive(folder / "右", medium.sectors) as right:
        yield left, right


def _change(drives: Sequence[PseudoDrive], folder: Path, read: _Read, outcome: Outcome) -> None:
    """Look at the discs that were written, each image once, and put blanks in."""
    for drive in drives:
        if drive.drive.look().condition is Condition.BLANK:
            continue
        outcome.discs += 1
        image = _sha256(drive.disc)
        if image not in read.images:
            read.images.add(image)
            _judge(drive.disc, folder, read, outcome)
        drive.put_blank_in()


def _judge(disc: Path, folder: Path, read: _Read, outcome: Outcome) -> None:
    """By xorriso, sha256sum, the Library of Congress's bagit, libarchive, and 7z."""
    _require(["xorriso", "-no_rc", "-osirrox", "on", "-indev", f"stdio:{disc}", "-extract", "/", str(folder)], outcome)
    try:
        about = json.loads((folder / "disc.json").read_bytes())
        read.volumes.append(str(about["volume"]))
        for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
            _require(["sha256sum", "--quiet", "-c", manifest], outcome, folder)
        _require([sys.executable, "-m", "bagit", "--validate", "--quiet", str(folder)], outcome)
        for one in about["objects"]:
            _take(one, folder, read)
        extracted = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    finally:
        system("chmod", "-R", "u+w", str(folder))
        shutil.rmtree(folder)
    archived = {path: digest for path, _, digest in libarchive_files(disc)}
    if archived.keys() != extracted:
        outcome.problems.append(f"{about['volume']}: xorriso finds other names than libarchive")
    if archived != {path: digest for path, _, digest in sevenzip_files(disc, "Udf")}:
        outcome.problems.append(f"{about['volume']}: 7z reads UDF otherwise than libarchive reads Rock Ridge")
    joliet = [digest.hex for _, _, digest in sevenzip_files(disc, "Iso")]
    if sorted(digest.hex for digest in archived.values()) != sorted(joliet):
        outcome.problems.append(f"{about['volume']}: 7z reads Joliet otherwise than libarchive reads Rock Ridge")


def _take(held: dict[str, object], folder: Path, read: _Read) -> None:
    """What this disc has of an object. The discs of a set are burnt in their order, and so come its pieces."""
    pieces, digest = held["pieces"], str(held["sha256"])
    assert isinstance(pieces, list)
    for piece in pieces:
        if piece["path"] is None:
            continue
        if len(pieces) == 1:
            read.whole.add(_sha256(folder / piece["path"]))
            continue
        hasher = read.joined.setdefault(digest, hashlib.sha256())
        with (folder / piece["path"]).open("rb") as file:
            while block := file.read(1 << 20):
                hasher.update(block)


def _require(command: list[str], outcome: Outcome, folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        outcome.problems.append(f"{command[0]}: {(done.stdout + done.stderr).strip()[-400:]}")


def _ask(home: Path, *words: str, expect: int | None = 0) -> "subprocess.CompletedProcess[str]":
    ran = subprocess.run(
        [sys.executable, "-m", "ops.cli", "--vault", str(home), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=os.environ | ENVIRONMENT,
        check=False,
    )
    assert expect is None or ran.returncode == expect, f"{words[:2]} ended with {ran.returncode}: {ran.stderr}"
    return ran
