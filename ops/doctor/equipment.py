"""What stands beside the machine: disc drives, robots, the printer of labels, machines that read."""

import os
import stat
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ops.asking import PATIENCE, at_once
from ops.config import Config
from ops.doctor.model import Found, Patient, because, not_checked, ok, wrong
from ops.reading import readers
from vault.causes import cause
from vault.errors import StoreUnavailable, StrongroomError
from vault.text import Text

_PSEUDO = "stdio:"


def drives(patient: Patient) -> Iterator[Found]:
    """Whether each that strongroom.toml names is there, and this login may use it. No disc is touched."""
    named = patient.require_config().discs.drives
    if not named:
        yield not_checked(Text(en="strongroom.toml names none", zh="strongroom.toml 未设置"))
    for name in named:
        path = Path(name.removeprefix(_PSEUDO))
        try:
            mode = path.stat().st_mode
        except OSError as error:
            why = cause(error)
            yield wrong(Text(en=f"{name}: {why.en}", zh=f"{name}：{why.zh}"), _CABLES)
            continue
        if not name.startswith(_PSEUDO) and not stat.S_ISBLK(mode):
            yield wrong(Text(en=f"{name} is no drive", zh=f"{name} 不是光驱"), _NAMES)
        elif not os.access(path, os.R_OK | os.W_OK):
            group = Text(en="put this login into the group cdrom", zh="请将当前用户加入 cdrom 组")
            yield wrong(Text(en=f"{name}: permission denied", zh=f"{name}：权限不足"), group)
        else:
            yield ok(Text(en=name, zh=name))


_CABLES = Text(en="check its cables, and its name: lsblk -S", zh="请检查连线，并用 lsblk -S 核对名称")
_NAMES = Text(en="lsblk -S lists the drives", zh="可用 lsblk -S 查看光驱")


def robots(patient: Patient) -> Iterator[Found]:
    """Whether each robot's folder answers and takes a job."""
    named = patient.require_config().discs.robot
    if not named:
        yield not_checked(Text(en="strongroom.toml names none", zh="strongroom.toml 未设置"))
    takes = at_once({one.name: partial(os.access, patient.home / one.folder, os.W_OK) for one in named}, PATIENCE)
    for one in named:
        if one.name not in takes:
            yield wrong(
                Text(en=f"{one.name}: {one.folder} does not answer", zh=f"{one.name}：{one.folder} 没有应答"), _MOUNT
            )
        elif not takes[one.name]:
            yield wrong(
                Text(en=f"{one.name}: {one.folder} takes no jobs", zh=f"{one.name}：无法写入 {one.folder}"), _MOUNT
            )
        else:
            yield ok(Text(en=f"{one.name}: {one.folder}", zh=f"{one.name}：{one.folder}"))


_MOUNT = Text(en="mount the robot's folder there", zh="请在该处挂载机器人的任务文件夹")


def workers(patient: Patient) -> Iterator[Found]:
    """Whether the scheduler answers, and how many read for it."""
    config = patient.require_config()
    scheduler = config.workers.scheduler
    if not scheduler:
        yield not_checked(Text(en="strongroom.toml names none", zh="strongroom.toml 未设置"))
        return
    try:
        found = at_once({"": partial(_breadth, patient.home, config)}, PATIENCE).get("")
    except StrongroomError as error:
        yield because(error)
        return
    if found is None:
        what = Text(en=f"{scheduler} does not answer", zh=f"{scheduler} 没有应答")
        yield wrong(what, Text(en="start it: dask scheduler", zh="请启动 dask scheduler"), StoreUnavailable.exit_code)
        return
    yield ok(Text(en=f"{scheduler}: {found} copies at a time", zh=f"{scheduler}：可同时读取 {found} 个副本"))


def _breadth(home: Path, config: Config) -> int:
    with readers(home, config, 1) as reading:
        return reading.breadth


def printer(patient: Patient) -> Iterator[Found]:
    """Whether CUPS knows the queue."""
    queue = patient.require_config().labels.queue
    if not queue:
        yield not_checked(Text(en="strongroom.toml names none", zh="strongroom.toml 未设置"))
        return
    try:
        done = subprocess.run(["lpstat", "-e"], capture_output=True, check=False, timeout=PATIENCE, text=True)
    except FileNotFoundError:
        yield not_checked(Text(en="there is no lpstat (cups-client)", zh="没有 lpstat（cups-client）"))
        return
    except subprocess.TimeoutExpired:
        yield not_checked(Text(en="CUPS does not answer", zh="CUPS 没有应答"))
        return
    if queue in done.stdout.split():
        yield ok(Text(en=queue, zh=queue))
        return
    remedy = Text(en="lpstat -e lists the queues there are", zh="可用 lpstat -e 查看打印队列")
    yield wrong(Text(en=f"CUPS knows no queue {queue}", zh=f"CUPS 中没有打印队列 {queue}"), remedy)
