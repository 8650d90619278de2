"""Files and folders here: who may read and write them, what room there is, and what would fail together."""

import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from backends.mounts import is_elsewhere, mount_of
from ops.config import FILE
from ops.doctor.flushing import disk_of
from ops.doctor.model import Found, Patient, ok, warning, wrong
from ops.keys import FILE as KEY
from ops.secrets import is_credential
from ops.wiring import is_open
from vault.errors import NotAVault
from vault.sizes import size
from vault.text import Text

_LEAST = 1 << 30  # bytes that a catalogue should have left


def secrets(patient: Patient) -> Iterator[Found]:
    """The journal's key, and what servers ask for: for their owner alone."""
    if isinstance(patient.config_error, NotAVault):
        raise patient.config_error
    paths = [patient.home / KEY]
    if patient.config is not None:
        named = {patient.config.catalogue.secret, *(store.secret for store in patient.config.store)}
        paths += [patient.home / one for one in sorted(named) if one and not is_credential(one)]
    good = 0
    for path in paths:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except FileNotFoundError:
            yield wrong(Text(en=f"{path} is missing", zh=f"缺少 {path}"), _BACK)
            continue
        if mode & 0o077:
            what = Text(en=f"{path}: others have access ({mode:04o})", zh=f"{path}：他人可访问（{mode:04o}）")
            yield wrong(what, Text(en=f"chmod 600 {path}", zh=f"chmod 600 {path}"))
        elif not os.access(path, os.R_OK):
            what = Text(en=f"{path} cannot be read by this login", zh=f"当前用户无法读取 {path}")
            yield wrong(what, Text(en="run this as the vault's own account", zh="请以档案库所属账户运行"))
        else:
            good += 1
    if good == len(paths):
        yield ok(Text(en=f"{good}, for their owner alone", zh=f"{good} 个，仅属主可读"))


_BACK = Text(en="put it back from your backup", zh="请从备份恢复")


def own(patient: Patient) -> Iterator[Found]:
    """Whoever may write the configuration may lead copies elsewhere; whoever may read the catalogue, reads names."""
    config = patient.require_config()
    before = True
    for path in (patient.home, patient.home / FILE):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o022 and not mode & stat.S_ISVTX:
            before = False
            what = Text(en=f"{path}: others may write it ({mode:04o})", zh=f"{path}：他人可写（{mode:04o}）")
            yield wrong(what, Text(en=f"chmod go-w {path}", zh=f"chmod go-w {path}"))
    if not os.access(patient.home, os.W_OK | os.X_OK):
        before = False
        what = Text(en=f"{patient.home} cannot be written by this login", zh=f"当前用户无法写入 {patient.home}")
        yield wrong(what, Text(en="run this as the vault's own account", zh="请以档案库所属账户运行"))
    if is_open(patient.home):
        before = False
        what = Text(en=f"everybody here can read {patient.home}", zh=f"本机任何人都能读取 {patient.home}")
        yield warning(what, Text(en=f"chmod o-rx {patient.home}", zh=f"chmod o-rx {patient.home}"))
    mount = mount_of(os.path.realpath(patient.home))
    if is_elsewhere(mount) == "yes" and not config.catalogue.url:
        before = False
        what = Text(
            en=f"it lies on a share ({mount.kind}), on which SQLite's locks do not hold",
            zh=f"位于网络共享（{mount.kind}），SQLite 的锁在其上不可靠",
        )
        yield wrong(what, Text(en="put it on a disk of this machine", zh="请放到本机磁盘上"))
    if before:
        yield ok(Text(en=f"{patient.home}", zh=f"{patient.home}"))


def room(patient: Patient) -> Iterator[Found]:
    """A rebuild makes the catalogue anew beside the old one."""
    patient.require_config()
    there = os.statvfs(patient.home)
    free = there.f_bavail * there.f_frsize
    catalogue = sum(path.stat().st_size for path in patient.home.glob("catalogue.db*"))
    least = max(_LEAST, 2 * catalogue)
    said = Text(en=f"{size(free)} free", zh=f"剩余 {size(free)}")
    if free >= least:
        yield ok(said)
        return
    what = Text(en=f"{said.en}; {size(least)} is little enough", zh=f"{said.zh}，至少应有 {size(least)}")
    remedy = Text(en=f"make room in {mount_of(os.path.realpath(patient.home)).point}", zh="请腾出空间")
    yield wrong(what, remedy) if free < least // 16 else warning(what, remedy)


def apart(patient: Patient) -> Iterator[Found]:
    """Stores that are counted as failing apart lie on disks of their own."""
    config = patient.require_config()
    on = defaultdict[str, list[str]](list)
    domains = dict[str, set[str]]()
    for store in config.store:
        folder = patient.home / store.location
        if store.kind != "disk" or not folder.is_dir():
            continue
        disk = _disk(folder)
        on[disk].append(store.name)
        domains.setdefault(disk, set()).add(store.site.fails_with)
    for disk, names in on.items():
        if len(domains[disk]) > 1:
            en, zh = ", ".join(names), "、".join(names)
            yield warning(
                Text(
                    en=f"{en} lie on one disk ({disk}) and fail together", zh=f"{zh} 位于同一磁盘（{disk}），会一同失效"
                ),
                Text(
                    en="put them on disks of their own, or give them one domain",
                    zh="请分放到不同磁盘，或设置同一 domain",
                ),
            )
        else:
            yield ok(Text(en=f"{', '.join(names)}: {disk}", zh=f"{'、'.join(names)}：{disk}"))


def _disk(folder: Path) -> str:
    """The disk's name, or, of what has none, the file system's number."""
    return disk_of(folder).device or f"{folder.stat().st_dev:#x}"
