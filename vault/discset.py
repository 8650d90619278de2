"""What a disc set is, as far as images and labels both speak of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from vault.digest import Digest
from vault.errors import BadInput
from vault.text import Text

CopyLetter = Literal["A", "B"]
COPIES: tuple[CopyLetter, ...] = get_args(CopyLetter)

_NUMBER = re.compile(r"\d{4}-\d{4}")


@dataclass(frozen=True, slots=True)
class DiscSet:
    """The discs that carry given records, and what Dengzhou's article 12 wants written on each of them."""

    number: str  # 标号: year and running number, such as 2026-0001
    records: tuple[str, ...]  # their numbers
    unit: str  # 制作单位
    producer: str  # 制作人
    produced_at: datetime  # 制作时间, UTC
    activity: str  # 执法活动或案件名称
    discs: int = 1

    def __post_init__(self) -> None:
        if not _NUMBER.fullmatch(self.number):
            raise BadInput(
                Text(
                    en=f"Not a disc set number: {self.number!r}. It is a year and a running number, such as 2026-0001.",
                    zh=f"不是光盘组标号：{self.number!r}。标号由年份和流水号组成，如 2026-0001。",
                )
            )
        if self.produced_at.tzinfo is None:
            raise ValueError("a time without a zone")


@dataclass(frozen=True, slots=True)
class DiscCopy:
    """One physical disc: which disc of the set, which of its two copies, and the image it carries."""

    set: DiscSet
    disc: int  # from 1
    copy: CopyLetter
    image: Digest
    checkpoint: str  # the journal's signed checkpoint (C2SP note), or "" where there is none

    @property
    def volume_id(self) -> str:
        """What a reader shows as the disc's name: the same on both copies, which are identical byte for byte."""
        return volume_id(self.set, self.disc)

    @property
    def mark(self) -> str:
        """Names this one disc among all that the office has: 2026-0001-1A."""
        return f"{self.volume_id}{self.copy}"


def volume_id(disc_set: DiscSet, disc: int) -> str:
    """Such as 2026-0001-1."""
    return f"{disc_set.number}-{disc}"
