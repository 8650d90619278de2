"""What a disc set is, as far as images, labels and the shelf all speak of it.

A set has discs, numbered from 1, and of each two copies, A and B. A copy that has gone bad, or is moved to another kind
of medium, is replaced by one of the next generation; both stay on record.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self, cast, get_args

import msgspec

from vault.digest import Digest
from vault.errors import BadInput
from vault.text import Text

CopyLetter = Literal["A", "B"]
COPIES: tuple[CopyLetter, ...] = get_args(CopyLetter)

_NUMBER = re.compile(r"\d{4}-\d{4}")
_MARK = re.compile(r"(\d{4}-\d{4})-([1-9]\d*)([AB])([2-9]|[1-9]\d+)?", re.ASCII)
_IMAGE = re.compile(r"(\d{4}-\d{4})-([1-9]\d*)(?:\.([2-9]|[1-9]\d+))?\.iso/([1-9]\d*)", re.ASCII)
_SPOILED = re.compile(r"([^/]+)/([1-9]\d*)", re.ASCII)
_NOTHING = Text(en="", zh="")


class Inscription(msgspec.Struct, frozen=True, kw_only=True):
    """What the labels of a disc say of the records on it, as they stood when its image was made."""

    kept: Text = _NOTHING  # 保管期限: the class of its records, the longest where they differ
    confidentiality: str = ""  # 密级: the highest of its records
    section: str = ""  # 科室
    case_number: str = ""  # 案号
    party: str = ""  # 当事人


_BLANK = Inscription()


@dataclass(frozen=True, slots=True)
class DiscSet:
    """The discs that carry given records, and what the regulations want written on them: on all of them, or, of one
    disc, of what lies on that."""

    number: str  # 标号: year and running number, such as 2026-0001
    records: tuple[str, ...]  # their numbers
    unit: str  # 制作单位
    producer: str  # 制作人
    produced_at: datetime  # 制作时间, UTC: of the generation
    activity: str  # 执法活动或案件名称
    discs: int = 1
    first_produced_at: datetime | None = None  # of the first generation, where this is a later one
    parts: frozenset[str] = frozenset()  # those of the records that lie on other discs of the set, too
    medium: Text = _NOTHING  # 介质: what the blanks are called
    inscription: Inscription = _BLANK

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
class Mark:
    """Names one physical disc among all that the office has: 2026-0001-1A; 2026-0001-1A2 is what replaced it."""

    disc_set: str
    disc: int  # from 1
    copy: CopyLetter
    generation: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """BadInput for anything else."""
        found = _MARK.fullmatch(text)
        if found is None:
            raise BadInput(
                Text(
                    en=f"Not the mark of a disc: {text!r}. It is what its label says, such as 2026-0001-1A.",
                    zh=f"不是光盘编号：{text!r}。请按标签填写，如 2026-0001-1A。",
                )
            )
        return cls(found[1], int(found[2]), cast(CopyLetter, found[3]), int(found[4] or 1))

    @property
    def volume_id(self) -> str:
        """What a reader shows as the disc's name: the same on both copies, which are identical byte for byte."""
        return volume_id(self.disc_set, self.disc)

    def __str__(self) -> str:
        return f"{self.volume_id}{self.copy}{self.generation if self.generation > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Spoiled:
    """Names a disc that was written off: 2026-0001-1A/2 is the second that was to become that copy, and did not."""

    mark: Mark
    number: int  # from 1

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what does not name such a disc; BadInput for one of a copy that there cannot be."""
        found = _SPOILED.fullmatch(text)
        return cls(Mark.parse(found[1]), int(found[2])) if found is not None else None

    def __str__(self) -> str:
        return f"{self.mark}/{self.number}"


@dataclass(frozen=True, slots=True)
class ImageFile:
    """Names a file that the image of a disc was written into: 2026-0001-1.iso/2 is the second place where it lies;
    2026-0001-1.2.iso/1 the first of its second generation."""

    disc_set: str
    disc: int  # from 1
    generation: int
    number: int  # from 1

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what does not name such a file."""
        found = _IMAGE.fullmatch(text)
        return cls(found[1], int(found[2]), int(found[3] or 1), int(found[4])) if found is not None else None

    def __str__(self) -> str:
        return f"{image_name(self.disc_set, self.disc, self.generation)}/{self.number}"


@dataclass(frozen=True, slots=True)
class DiscCopy:
    """One physical disc: which disc of the set, which of its two copies, and the image it carries."""

    set: DiscSet
    disc: int  # from 1
    copy: CopyLetter
    image: Digest  # of all that was burnt, error correction included
    checkpoint: str  # the journal's signed checkpoint (C2SP note), or "" where there is none
    generation: int = 1

    @property
    def mark(self) -> Mark:
        return Mark(self.set.number, self.disc, self.copy, self.generation)


@dataclass(frozen=True, slots=True)
class Statement:
    """What goes with a disc that is handed in as evidence (文字说明材料)."""

    maker: str = ""  # 制作人, of the recordings
    extractor: str = ""  # 提取人
    extracted_at: datetime | None = None  # 提取时间, UTC


def volume_id(disc_set: str, disc: int) -> str:
    """Such as 2026-0001-1."""
    return f"{disc_set}-{disc}"


def image_name(disc_set: str, disc: int, generation: int) -> str:
    """What the file of an image is called: 2026-0001-1.iso."""
    return f"{volume_id(disc_set, disc)}{f'.{generation}' if generation > 1 else ''}.iso"


def called(name: str) -> Text:
    """What carries records and has that name, in words."""
    what = sort_of(name)
    return Text(en=f"{what.en} {name}", zh=f"{what.zh} {name}")


def sort_of(name: str) -> Text:
    """Whether what has that name is a disc, be it written off, or the file of an image."""
    return Text(en="image", zh="映像") if ImageFile.parse(name) is not None else Text(en="disc", zh="光盘")
