"""Error correction: appended without touching the image, mends a ring of damage, leaves nothing when it fails."""

import os
import random
import signal
import struct
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from media.blocks import list_size
from media.checking import check_image
from media.image import ImageInfo, build_image, measure
from media.mediums import SECTOR
from media.rs03 import Augmented, augment
from media.salvage.layout import Parity, crc32
from tests.media.scene import NOW, SMALL, Shelf, laid, one_disc, record
from vault.bag import BagLayout
from vault.digest import Digest
from vault.errors import BadInput, StrongroomError, TargetProblem

MEDIUM = replace(SMALL, sectors=1_275)  # 2.6 MB: encoding takes a moment


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def layout(shelf: Shelf) -> BagLayout:
    one = [record(1, shelf.file("现场录像.mp4", random.Random(1).randbytes(1 << 19)))]
    (layout,) = laid(one_disc(one, SMALL), one, shelf)
    return layout


@pytest.fixture
def built(tmp_path: Path, layout: BagLayout, shelf: Shelf) -> tuple[Path, ImageInfo]:
    image = tmp_path / "2026-0001-1.iso"
    build_image(image, layout, shelf.open, "2026-0001-1", NOW)
    return image, measure(image)


def test_the_image_stays_and_correction_follows(built: tuple[Path, ImageInfo], layout: BagLayout) -> None:
    image, iso = built
    before, told = image.read_bytes(), list[int]()
    info = augment(image, MEDIUM, told.append)
    assert sum(told) == MEDIUM.size + info.image.size
    assert max(told) < MEDIUM.size  # as it goes, not at the end
    after = image.read_bytes()
    assert info == Augmented(iso, ImageInfo(len(after), Digest.of(after)))
    assert after.startswith(before)
    assert len(before) < len(after) <= MEDIUM.size
    assert list(image.parent.iterdir()) == [image]
    assert check_image(image, layout).bytes == layout.size + list_size(iso.size)


def test_the_same_image_gets_the_same_correction_and_its_checksums_are_right(tmp_path: Path) -> None:
    """With two threads, of an image of this size, now and then they were not: a salvage then lost what was sound."""
    data, image = random.Random(1).randbytes(973 * SECTOR), tmp_path / "a.iso"
    made = set()
    for _ in range(40):
        image.write_bytes(data)
        made.add(augment(image, replace(SMALL, sectors=1_020)))
    assert len(made) == 1
    whole = image.read_bytes()
    parity = Parity.in_header(whole[len(data) :][: 2 * SECTOR])
    assert parity is not None
    for number in range(parity.sums):
        at, offset = parity.sum_of(number)
        wanted = struct.unpack_from("<I", whole, at * SECTOR + offset)
        assert wanted == (crc32(whole[number * SECTOR :][:SECTOR]),), number


def test_a_ring_of_damage_is_undone(built: tuple[Path, ImageInfo]) -> None:
    image, iso = built
    info = augment(image, MEDIUM).image
    whole = image.read_bytes()
    ring = int((info.size - iso.size) * 0.8) // 2_048 * 2_048
    start = (iso.size - ring) // 2 // 2_048 * 2_048
    image.write_bytes(whole[:start] + bytes(ring) + whole[start + ring :])
    mend = ["dvdisaster", "-i", str(image), "-f"]  # it logs every byte, and its exit code says little
    subprocess.run(mend, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    assert Digest.of(image.read_bytes()[: iso.size]) == iso.sha256


def test_a_payload_that_leaves_too_little_is_refused_and_stays(built: tuple[Path, ImageInfo]) -> None:
    image, iso = built
    for sectors in (iso.size // 2_048 + 1, iso.size // 2_048 - 1):
        with pytest.raises(BadInput, match="too little for error correction"):
            augment(image, replace(MEDIUM, sectors=sectors))
    assert Digest.of(image.read_bytes()) == iso.sha256


def test_without_dvdisaster_it_is_said_how_to_get_it(
    built: tuple[Path, ImageInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    image, iso = built
    monkeypatch.setenv("PATH", str(image.parent))
    with pytest.raises(StrongroomError, match="dvdisaster is missing") as raised:
        augment(image, MEDIUM)
    assert "apt-get install dvdisaster" in raised.value.hint.en
    assert Digest.of(image.read_bytes()) == iso.sha256


def test_a_dvdisaster_that_fails_leaves_nothing(
    built: tuple[Path, ImageInfo], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image, _ = built
    bad = tmp_path / "bin" / "dvdisaster"
    bad.parent.mkdir()
    bad.write_text("#!/bin/sh\necho 磁盘已满; exit 1\n")
    bad.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bad.parent}:{os.environ['PATH']}")
    with pytest.raises(TargetProblem, match="磁盘已满"):
        augment(image, MEDIUM)
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


def test_interrupted_it_leaves_nothing_and_nobody(built: tuple[Path, ImageInfo], tmp_path: Path) -> None:
    image, _ = built
    slow = tmp_path / "bin" / "dvdisaster"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\necho 'Ecc generation:  50.0%'\nexec sleep 60\n")
    slow.chmod(0o755)
    script = (
        "from pathlib import Path; from media.rs03 import augment; from media.mediums import MEDIUMS; "
        f"augment(Path({str(image)!r}), MEDIUMS['cd-r'], lambda _: Path({str(tmp_path / 'heard')!r}).touch())"
    )
    environment = os.environ | {"PATH": f"{slow.parent}:{os.environ['PATH']}"}
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stderr=subprocess.DEVNULL) as process:
        while not (tmp_path / "heard").exists():  # while Python still makes the child, a signal leaves it alone
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "heard", "pid"]
