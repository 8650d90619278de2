"""Whether flushes of a disk can be believed: figures held against what it can do, on real disks where there are."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from backends.mounts import Mount
from ops.doctor.flushing import Disk, disk_of, flushes, judged, of_its_kind
from ops.doctor.model import Outcome
from tests.faults.loop import ext4
from tests.ops.conftest import Program

HARD_DISK = Disk(Mount("/", "ext4", "/dev/sda1", "rw"), "sda", True)
SOLID = Disk(Mount("/", "ext4", "/dev/nvme0n1p2", "rw"), "nvme0n1", False)
VIRTUAL = Disk(Mount("/", "ext4", "/dev/vda1", "rw"), "vda", True)
UNKNOWN = Disk(Mount("/", "btrfs", "/dev/mapper/x", "rw"))

JUDGED = {
    "a hard disk as they are": (HARD_DISK, 110, Outcome.OK),
    "a hard disk faster than any turns": (HARD_DISK, 1_230, Outcome.WARNING),
    "a solid-state disk": (SOLID, 1_230, Outcome.OK),
    "one with a capacitor": (SOLID, 40_000, Outcome.OK),
    "faster than any drive": (SOLID, 250_000, Outcome.WRONG),
    "a virtual disk": (VIRTUAL, 1_230, Outcome.NOT_CHECKED),
    "a virtual disk that is memory": (VIRTUAL, 250_000, Outcome.WRONG),
    "nobody knows which": (UNKNOWN, 1_230, Outcome.OK),
    "memory": (Disk(Mount("/m", "tmpfs", "tmpfs", "rw")), None, Outcome.WRONG),
    "told not to flush": (Disk(Mount("/m", "ext4", "/dev/sda1", "rw,nobarrier")), None, Outcome.WRONG),
    "the same as a number": (Disk(Mount("/m", "ext4", "/dev/sda1", "rw,barrier=0")), None, Outcome.WRONG),
    "a share": (Disk(Mount("/m", "nfs4", "nas:/x", "rw")), None, Outcome.NOT_CHECKED),
}


@pytest.mark.parametrize("what", JUDGED)
def test_a_rate_of_flushes_is_held_against_what_such_a_disk_can_do(what: str) -> None:
    disk, rate, outcome = JUDGED[what]
    found = of_its_kind(disk)
    assert (found is None) == (rate is not None)
    assert (found or judged(disk, rate or 0)).outcome is outcome


def test_flushes_are_counted_and_leave_nothing(tmp_path: Path) -> None:
    assert flushes(tmp_path) > 0
    assert list(tmp_path.iterdir()) == []


def test_a_vault_in_memory_is_gone_with_the_power(run: Program) -> None:
    shelf = Path("/dev/shm") / f"strongroom-{os.getpid()}"
    try:
        run("--vault", shelf, "init", "--profile", "dengzhou")
        *rows, _ = run("--vault", shelf, "doctor", "flush", "--json", expect=1).lines
        assert [row["outcome"] for row in rows] == ["wrong"]
    finally:
        shutil.rmtree(shelf)


@pytest.mark.root
def test_a_disk_that_turns_and_is_faster_than_it_could_be(tmp_path: Path) -> None:
    """A loop device that calls itself a hard disk, on a disk that is none."""
    with ext4(tmp_path / "盘", 64) as disk:
        device = disk_of(disk.root).device
        assert device.startswith("loop")
        turns = Path(f"/sys/block/{device}/queue/rotational")
        before = turns.read_text()
        try:
            turns.write_text("1")
            assert disk_of(disk.root).turns is True
            turns.write_text("0")
            assert disk_of(disk.root).turns is False
        finally:
            turns.write_text(before)
        subprocess.run(["mount", "-o", "remount,nobarrier", str(disk.root)], check=True)
        unflushed = of_its_kind(disk_of(disk.root))
        assert unflushed is not None
        assert "nobarrier" in unflushed.what.en
