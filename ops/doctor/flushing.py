"""Whether what is flushed is on the disk: every promise of this program rests on it.

Nobody can see a disk lie but by pulling the plug. What can be seen is a disk that answers faster than one of its kind
can write: so each folder's disk is asked for flushes of 4 KiB in the same place, for a quarter of a second, and held
against what is possible. A disk that turns can write a place once in a turn, and none turns faster than 15,000 times a
minute. The fastest drives without moving parts take 6 µs for a write, and the kernel as long again. A file system in
memory, or one that was mounted so as not to flush, needs no measuring. Of a virtual disk, and of a network share, the
figures are those of another machine.
"""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backends.mounts import Mount, is_elsewhere, mount_of
from backends.registry import STORES
from ops.doctor.model import Found, Patient, not_checked, ok, warning, wrong
from vault.text import Text

_BLOCK = 4096
_SECONDS = 0.25
_MOST_TURNING = 250  # a second
_MOST_STANDING = 80_000
_IN_MEMORY = {"tmpfs", "ramfs"}
_UNFLUSHED = {"nobarrier", "barrier=0"}
_VIRTUAL = ("vd", "xvd")  # what their hosts call turning says nothing

_BATTERY = Text(
    en="right only if a battery stands behind its cache; else switch the cache off: hdparm -W0 DISK",
    zh="仅当缓存有电池保护时属正常；否则请关闭写缓存：hdparm -W0 磁盘",
)
_ELSEWHERE = Text(en="put it on a disk", zh="请改放到磁盘上")


@dataclass(frozen=True, slots=True)
class Disk:
    """What a folder lies on: its mount; the device's name, and whether it turns, None where nobody says."""

    mount: Mount
    device: str = ""
    turns: bool | None = None


def flushing(patient: Patient) -> Iterator[Found]:
    """The vault's own folder, and where arrivals come to on each store that is a folder on a disk here. One disk is
    asked once.
    """
    config = patient.require_config()
    disks = [store for store in config.store if store.kind == "disk" and not store.read_only]
    seen = set[int]()
    for folder in (patient.home, *(patient.home / store.location / "tmp" for store in disks)):
        if not folder.is_dir():
            continue  # said where the stores are looked at
        if (device := folder.stat().st_dev) in seen:
            continue
        seen.add(device)
        disk = disk_of(folder)
        yield of_its_kind(disk) or judged(disk, flushes(folder))
    for store in config.store:
        if store.kind in STORES and store.kind != "disk":
            en = f"store {store.name} is on another machine; what that confirms: strongroom store probe {store.name}"
            zh = f"存储 {store.name} 在其他机器上，其保证见 strongroom store probe {store.name}"
            yield not_checked(Text(en=en, zh=zh))


def of_its_kind(disk: Disk) -> Found | None:
    """Where what it is says more than any figure; None where it has to be measured."""
    mount = disk.mount
    if mount.kind in _IN_MEMORY:
        en = f"{mount.point} is memory ({mount.kind}): gone with the power"
        return wrong(Text(en=en, zh=f"{mount.point} 是内存（{mount.kind}），断电即失"), _ELSEWHERE)
    if off := _UNFLUSHED & set(mount.options.split(",")):
        en = f"{mount.point} is mounted with {min(off)}: nothing is flushed"
        what = Text(en=en, zh=f"{mount.point} 以 {min(off)} 挂载，不会写盘")
        return wrong(what, Text(en="mount it without", zh="请去掉该挂载选项"))
    if is_elsewhere(mount) == "yes":
        en = f"{mount.point} is a share ({mount.kind}): its server flushes"
        return not_checked(Text(en=en, zh=f"{mount.point} 是网络共享（{mount.kind}），由服务器写盘"))
    return None


def judged(disk: Disk, rate: float) -> Found:
    """By its flushes a second."""
    where = disk.device or disk.mount.source
    en, zh = f"{where}: {rate:,.0f} flushes a second", f"{where}：每秒写盘 {rate:,.0f} 次"
    if rate > _MOST_STANDING:
        most = f"{_MOST_STANDING:,}"
        return wrong(Text(en=f"{en}; no drive has more than {most}", zh=f"{zh}，任何磁盘都不超过 {most} 次"), _BATTERY)
    if disk.device.startswith(_VIRTUAL):
        what = Text(
            en=f"{en}, a virtual disk: whether its host flushes, the host must say",
            zh=f"{zh}；虚拟磁盘，是否真正写盘须问宿主机",
        )
        return not_checked(what)
    if disk.turns and rate > _MOST_TURNING:
        what = Text(
            en=f"{en}; a disk that turns has {_MOST_TURNING} at most", zh=f"{zh}，机械硬盘最多 {_MOST_TURNING} 次"
        )
        return warning(what, _BATTERY)
    return ok(Text(en=f"{en}, which such a disk can do", zh=f"{zh}，与磁盘能力相符"))


def disk_of(folder: Path) -> Disk:
    """What a folder lies on."""
    mount = mount_of(os.path.realpath(folder))
    with suppress(OSError):  # not a device, or a system without /sys
        number = os.stat(mount.source).st_rdev
        device = Path(os.path.realpath(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}"))
        whole = device.parent if (device / "partition").exists() else device
        return Disk(mount, whole.name, (whole / "queue/rotational").read_text().strip() == "1")
    return Disk(mount)


def flushes(folder: Path) -> float:
    """How many a second the folder's disk says it has done. OSError where it takes no file.

    The file has a folder of its own, named as an arrival's: were this process killed, a store would sweep it.
    """
    desk = folder / secrets.token_hex(8)
    desk.mkdir(0o700)
    path = desk / "flushed"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(descriptor, os.urandom(_BLOCK), 0)
        os.fsync(descriptor)  # the file is there: from here on a flush is one write
        began, done = time.monotonic(), 0
        while (passed := time.monotonic() - began) < _SECONDS:
            os.pwrite(descriptor, os.urandom(_BLOCK), 0)
            os.fdatasync(descriptor)
            done += 1
        return done / passed
    finally:
        os.close(descriptor)
        path.unlink()
        desk.rmdir()
