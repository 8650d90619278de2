"""The office's disc drives and robots, from `[discs]` of strongroom.toml; imported only by commands that use them."""

import os
import stat
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from media.drives.port import Drive
from media.drives.xorriso import XorrisoDrive
from media.robot import DIALECTS, Robot
from ops.config import FILE, read_config
from ops.discsconfig import RobotConfig
from vault.errors import BadInput
from vault.outputs import reading_from
from vault.text import Text


def configured_drives(home: Path) -> tuple[Drive, ...]:
    """BadInput where strongroom.toml names none."""
    drives = read_config(home).discs.drives
    if not drives:
        raise BadInput(
            Text(en=f"{home / FILE} names no disc drive.", zh=f"{home / FILE} 未设置光驱。"),
            hint=Text(
                en='Write into it: [discs] and below it drives = ["/dev/sr0"]. '
                "To practise, name an empty file: --medium practice --drive stdio:FILE",
                zh='请写入：[discs]，其下一行 drives = ["/dev/sr0"]。'
                "演练时可用空文件代替：--medium practice --drive stdio:文件",
            ),
        )
    return drives_named(drives)


def drives_named(names: Sequence[str]) -> tuple[XorrisoDrive, ...]:
    """BadInput where two names are of one drive: a set's two copies would go into it at once."""
    drives = tuple(XorrisoDrive(name) for name in names)
    seen: dict[object, str] = {}
    for drive in drives:
        identity = _identity(drive.device)
        if identity in seen:
            raise BadInput(
                Text(
                    en=f"{seen[identity]} and {drive.name} are the same drive.",
                    zh=f"{seen[identity]} 与 {drive.name} 是同一光驱。",
                ),
                hint=Text(en="Name each drive once. Nothing was written.", zh="每个光驱只写一次。未写入任何内容。"),
            )
        seen[identity] = drive.name
    return drives


def _identity(device: str) -> object:
    """The same for all names of a device or a file."""
    try:
        found = os.stat(device)
    except OSError:
        return os.path.realpath(device)
    return ("block", found.st_rdev) if stat.S_ISBLK(found.st_mode) else (found.st_dev, found.st_ino)


def configured_robots(home: Path) -> tuple[Robot, ...]:
    """None where strongroom.toml names none. SourceUnreadable: a template of its own."""
    return tuple(_robot(home, robot) for robot in read_config(home).discs.robot)


def chosen_robot(robots: Mapping[str, Robot], name: str) -> Robot | None:
    """None for no name. BadInput for one that strongroom.toml does not have."""
    if name and name not in robots:
        known = ", ".join(robots)
        raise BadInput(
            Text(
                en=f"{FILE} names no robot {name!r}; there are: {known or 'none'}.",
                zh=f"{FILE} 中没有名为“{name}”的机器人；可用：{known or '无'}。",
            ),
            hint=Text(
                en="Write into it: [[discs.robot]] with name, kind and folder",
                zh="请写入：[[discs.robot]]，含 name、kind、folder",
            ),
        )
    return robots.get(name)


def _robot(home: Path, robot: RobotConfig) -> Robot:
    dialect = DIALECTS[robot.kind]
    text = dialect.text
    if robot.template:
        template = home / robot.template
        with reading_from(template):
            text = template.read_text(encoding="utf-8")
    return Robot(robot.name, dialect, home / robot.folder, robot.seen_as, text, timedelta(hours=robot.within))
