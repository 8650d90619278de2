"""`[discs]` of strongroom.toml: the office's drives, robots and blanks."""

import re
from decimal import Decimal
from pathlib import Path

import msgspec

from media.mediums import MEDIUMS
from media.robot import DIALECTS
from ops.misread import wrong
from vault.text import Text

_DRIVE = re.compile(r"(stdio:)?/[^\s]+")
_MOST_PRICE = 1_000_000


class RobotConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A publishing robot that watches a folder. `folder`: where that folder is mounted here; `seen_as`: what the
    robot's own machine calls it, such as D:\\Jobs. `template`: a file with the job's text in place of the kind's own.
    `within`: hours a job may take, its place in the robot's queue included.
    """

    name: str
    kind: str
    folder: str
    seen_as: str = ""
    template: str = ""
    within: int = 24


class DiscsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`drives`: as xorriso names them (/dev/sr0; stdio:/dev/loop0 is a pseudo-drive). `work`: a folder of this
    vault's own for images until their discs are verified, with room for a set. `medium`, `spare` and `price`: which
    blanks the office buys, how many hundredths of each stay free for error correction, and what one costs.
    """

    drives: tuple[str, ...] = ()
    robot: tuple[RobotConfig, ...] = ()
    work: str = "discs"
    medium: str = "dvd+r"
    spare: int = 20
    price: Decimal | None = None


def require_sound_discs(discs: DiscsConfig, path: Path) -> None:
    """BadInput where the parts do not fit together; `path` is the file that says them."""
    for drive in discs.drives:
        if not _DRIVE.fullmatch(drive):
            known = Text(en="write /dev/sr0 or stdio:/dev/loop0", zh="请写作 /dev/sr0 或 stdio:/dev/loop0")
            raise wrong(
                path, Text(en=f"discs.drives: {drive!r}; {known.en}", zh=f"discs.drives：{drive!r}；{known.zh}")
            )
    for key, names in (("drives", discs.drives), ("robot.name", tuple(robot.name for robot in discs.robot))):
        if len(set(names)) < len(names):
            raise wrong(path, Text(en=f"discs.{key}: one stands twice", zh=f"discs.{key}：有重复"))
    if discs.medium not in MEDIUMS:
        en, zh = ", ".join(MEDIUMS), "、".join(MEDIUMS)
        raise wrong(
            path,
            Text(
                en=f"discs.medium: there is no {discs.medium!r}; there are: {en}",
                zh=f"discs.medium：没有“{discs.medium}”；可用：{zh}",
            ),
        )
    if not 0 <= discs.spare <= 99:
        raise wrong(path, Text(en="discs.spare: 0 … 99", zh="discs.spare：应为 0 … 99"))
    if discs.price is not None and not 0 <= discs.price <= _MOST_PRICE:
        raise wrong(path, Text(en=f"discs.price: 0 … {_MOST_PRICE}", zh=f"discs.price：应为 0 … {_MOST_PRICE}"))
    for robot in discs.robot:
        _require_sound_robot(robot, path)


def _require_sound_robot(robot: RobotConfig, path: Path) -> None:
    if robot.kind not in DIALECTS:
        en, zh = ", ".join(DIALECTS), "、".join(DIALECTS)
        raise wrong(
            path,
            Text(
                en=f"discs.robot.kind: there is no {robot.kind!r}; there are: {en}",
                zh=f"discs.robot.kind：没有“{robot.kind}”；可用：{zh}",
            ),
        )
    if robot.within < 1:
        raise wrong(path, Text(en="discs.robot.within: at least 1", zh="discs.robot.within：至少为 1"))
