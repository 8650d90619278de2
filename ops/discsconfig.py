"""`[discs]` of strongroom.toml: the office's drives, robots and blanks."""

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import msgspec

from media.mediums import MEDIUMS
from media.robot import DIALECTS
from ops.misread import wrong_at
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
            what = Text(en=f"{drive!r}; {known.en}", zh=f"{drive!r}；{known.zh}")
            raise wrong_at(path, "discs.drives", what)
    for key, names in (("drives", discs.drives), ("robot", tuple(robot.name for robot in discs.robot))):
        if len(set(names)) < len(names):
            raise wrong_at(path, f"discs.{key}", Text(en="one stands twice", zh="有重复"))
    if discs.medium not in MEDIUMS:
        raise wrong_at(path, "discs.medium", _unknown(discs.medium, MEDIUMS))
    if not 0 <= discs.spare <= 99:
        raise wrong_at(path, "discs.spare", Text(en="0 … 99", zh="应为 0 … 99"))
    if discs.price is not None and not 0 <= discs.price <= _MOST_PRICE:
        raise wrong_at(path, "discs.price", Text(en=f"0 … {_MOST_PRICE}", zh=f"应为 0 … {_MOST_PRICE}"))
    for place, robot in enumerate(discs.robot):
        if robot.kind not in DIALECTS:
            raise wrong_at(path, f"discs.robot[{place}].kind", _unknown(robot.kind, DIALECTS))
        if robot.within < 1:
            raise wrong_at(path, f"discs.robot[{place}].within", Text(en="at least 1", zh="至少为 1"))


def _unknown(said: str, known: Iterable[str]) -> Text:
    en, zh = ", ".join(known), "、".join(known)
    return Text(en=f"there is no {said!r}; there are: {en}", zh=f"没有“{said}”；可用：{zh}")
