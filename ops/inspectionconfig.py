"""`[inspection]` of strongroom.toml: how often discs are inspected, how many of them, and from where they are bad.

Nothing of it has a figure of this program's: an office that has filled in nothing is told of sectors that cannot be
read and of bytes that are not the image's, and of no due dates.
"""

from pathlib import Path

import msgspec

from media.inspection import Levels, Schedule
from media.mediums import MEDIUMS
from ops.misread import wrong_at
from vault.text import Text


class LevelConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Three warning levels, ascending, of one measure ("retries", "slowdown", or what a drive's scan counts) for one
    kind of blank; `source`: the standard, or the order, that has them.
    """

    medium: str
    measure: str
    levels: tuple[int, int, int]
    source: str


class InspectionConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every `years` years (0: nobody has said), `share` hundredths of the discs, a whole number, both copies of each;
    `source`: the rule that wants it.
    """

    years: int = 0
    share: int | float = 100
    source: str = ""
    level: tuple[LevelConfig, ...] = ()

    @property
    def schedule(self) -> Schedule | None:
        """None where nothing is due by the calendar."""
        return Schedule(self.years, int(self.share)) if self.years else None

    @property
    def levels(self) -> tuple[Levels, ...]:
        return tuple(Levels(one.medium, one.measure, one.levels, one.source) for one in self.level)


def require_sound_inspection(inspection: InspectionConfig, path: Path) -> None:
    """BadInput where a figure makes no sense, or has no source; `path` is the file that says it."""
    if not 0 <= inspection.years <= 100:
        raise wrong_at(path, "inspection.years", Text(en="0 … 100", zh="应为 0 … 100"))
    if not 1 <= inspection.share <= 100 or not isinstance(inspection.share, int):
        what = Text(
            en=f"{inspection.share}, but it is a whole number of hundredths of the discs, 1 … 100: 50 is half of them",
            zh=f"{inspection.share}，应为 1 … 100 的整数，表示抽检光盘的百分比：50 即一半",
        )
        raise wrong_at(path, "inspection.share", what)
    if inspection.years and not inspection.source.strip():
        raise wrong_at(path, "inspection.source", Text(en="say which rule wants it", zh="请写明依据"))
    for place, level in enumerate(inspection.level):
        at = f"inspection.level[{place}]"
        if level.medium not in MEDIUMS:
            en, zh = ", ".join(MEDIUMS), "、".join(MEDIUMS)
            what = Text(en=f"there is no {level.medium!r}; there are: {en}", zh=f"没有“{level.medium}”；可用：{zh}")
            raise wrong_at(path, f"{at}.medium", what)
        if not 0 < level.levels[0] <= level.levels[1] <= level.levels[2]:
            raise wrong_at(path, f"{at}.levels", Text(en="three, ascending, above 0", zh="三个递增的正数"))
        if not level.source.strip() or not level.measure.strip():
            raise wrong_at(path, at, Text(en="name measure and source", zh="请写明 measure 和 source"))
