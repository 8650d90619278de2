"""The kinds of blank that an office can buy, in one table, with the room that each has.

Sectors are those of 2,048 bytes that a reader is given, at least: of two figures for one kind the smaller stands here,
so that what is planned fits on every blank of it. An office says in its own orders which brand it buys; M-Discs have
the room of the kind that they are sold as.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vault.text import Text

SECTOR = 2_048  # bytes


@dataclass(frozen=True, slots=True)
class Medium:
    """A kind of blank. `sectors`: how many of 2,048 bytes it takes."""

    id: str
    label: Text
    sectors: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.sectors * SECTOR


def _medium(id_: str, en: str, zh: str, sectors: int) -> tuple[str, Medium]:
    return id_, Medium(id_, Text(en=en, zh=zh), sectors)


MEDIUMS: Mapping[str, Medium] = dict(
    (
        _medium("cd-r", "CD-R, 80 minutes", "CD-R（80 分钟）", 359_699),  # the lead-out at 79:57:74
        _medium("dvd-r", "DVD-R", "DVD-R", 2_298_496),  # ECMA-359
        _medium("dvd+r", "DVD+R", "DVD+R", 2_295_104),  # ECMA-349
        _medium("dvd-r-dl", "DVD-R, two layers", "DVD-R 双层", 4_171_712),  # ECMA-382
        _medium("dvd+r-dl", "DVD+R, two layers", "DVD+R 双层", 4_173_824),  # ECMA-364
        _medium("bd-r-25", "BD-R, 25 GB", "BD-R（25 GB）", 11_826_176),  # with the default spare area
        _medium("bd-r-50", "BD-R, 50 GB", "BD-R（50 GB）", 23_652_352),
        _medium("bd-r-100", "BD-R XL, 100 GB", "BD-R XL（100 GB）", 47_305_728),
        _medium("m-disc-dvd", "M-Disc DVD (a DVD+R)", "M-Disc DVD（按 DVD+R）", 2_295_104),
        _medium("m-disc-25", "M-Disc, 25 GB (a BD-R)", "M-Disc（25 GB，按 BD-R）", 11_826_176),
        _medium("m-disc-100", "M-Disc, 100 GB (a BD-R XL)", "M-Disc（100 GB，按 BD-R XL）", 47_305_728),
        _medium("practice", "a pseudo-drive to practise with, 24 MB", "演练用模拟光盘（24 MB）", 12_000),
    )
)
