"""Whether a case has the recordings that the office's list demands: one pure function, `check`.

The rules of this file:

- What a case demands follows from what was said to have happened in it: the matters (执法事项) of its records, of its
  announced activities and of its explanations, and those that whoever asks names. Each matter of each day is looked at
  by itself: yesterday's inspection on video does not make up for today's.
- The list keeps its methods apart, and so does this: video is no audio (录音), a photo no video, "photo and video"
  wants both, and wherever video is demanded (录音录像) it has sound. What a file shows is told by its media type, and
  whether it sounds by its tracks; where that cannot be told, neither is the answer.
- "Whole" wants a video whose interruptions are all explained. That it runs from the first word to the last, a person
  has to see.
- An explanation stands in for a recording as explained, never as present; and only once it was reviewed, where the
  regulation wants that.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from vault.profile import FileKind, ListedRecording, Method, file_kinds
from vault.text import Text


class Demand(StrEnum):
    """What became of one demand."""

    PRESENT = "present"  # 齐全
    EXPLAINED = "explained"  # 已说明
    AWAITING_REVIEW = "awaiting-review"  # 说明待审核
    EXPECTED = "expected"  # 待入库: announced, and its deadline is not over
    UNCLEAR = "unclear"  # 待查明
    LACKING = "lacking"  # 缺失

    @property
    def label(self) -> Text:
        return _DEMANDS[self]

    @property
    def settled(self) -> bool:
        """Whether nobody has to do anything now."""
        return self in (Demand.PRESENT, Demand.EXPLAINED, Demand.EXPECTED)


_DEMANDS = {
    Demand.PRESENT: Text(en="there", zh="齐全"),
    Demand.EXPLAINED: Text(en="explained", zh="已说明"),
    Demand.AWAITING_REVIEW: Text(en="explained, to be reviewed", zh="说明待审核"),
    Demand.EXPECTED: Text(en="to come", zh="待入库"),
    Demand.UNCLEAR: Text(en="cannot tell", zh="待查明"),
    Demand.LACKING: Text(en="lacking", zh="缺失"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a file says of itself; `sound`: of a video, whether it carries any, None where that cannot be told."""

    media_type: str
    sound: bool | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record of the case. `interrupted`: it has gaps that nobody explained; `unclear`: nobody can tell whether.
    `gone`: it was destroyed as the rules say, and what it showed can no longer be told.
    """

    number: str
    matter: str
    day: date | None
    files: tuple[Shown, ...]
    interrupted: bool = False
    unclear: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """An explanation of a recording that was not made. `settled`: reviewed, or nobody has to."""

    number: str
    matter: str
    day: date | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Announced:
    """An activity that took place and of which nothing is stored yet. `missed`: its deadline is over."""

    number: str
    matter: str
    day: date | None
    missed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One demand of the list, and what there is. `kinds`: what the records surely hold, of however many files; videos
    without sound, and those of which that cannot be told, are counted by themselves."""

    item: ListedRecording
    day: date | None
    standing: Demand
    kinds: tuple[tuple[FileKind, int], ...] = ()
    unknown: int = 0  # files whose kind cannot be told
    silent: int = 0
    unheard: int = 0  # whether they carry sound cannot be told
    interrupted: bool = False
    records: tuple[str, ...] = ()
    explanations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """All demands of a case, by the list's order and day; matters that the list does not have, with the records of
    each; records without any."""

    found: tuple[Found, ...]
    unlisted: dict[str, tuple[str, ...]]
    without_matter: tuple[str, ...]


def check(
    items: Sequence[ListedRecording],
    recorded: Sequence[Recorded],
    missing: Sequence[Missing] = (),
    announced: Sequence[Announced] = (),
    named: Sequence[str] = (),
) -> Checked:
    """What the case demands, and what of it there is. `named`: matters that took place, whatever was said of them."""
    said: list[Recorded | Missing | Announced] = [*recorded, *missing, *announced]
    told = [*(one.matter for one in said), *named]
    matters = dict.fromkeys(matter for text in told for matter in matters_in(text))
    names = {_plain(name): item for item in items for name in (item.id, item.zh, item.en)}
    found = [one for item in items for one in _of_item(item, recorded, missing, announced, named)]
    return Checked(
        found=tuple(found),
        unlisted={
            matter: tuple(one.number for one in recorded if matter in matters_in(one.matter))
            for matter in matters
            if _plain(matter) not in names
        },
        without_matter=tuple(one.number for one in recorded if not matters_in(one.matter)),
    )


def matters_in(text: str) -> tuple[str, ...]:
    """The matters that a record's fact names: one recording can serve several (现场检查、抽样取证)."""
    return tuple(part.strip() for part in re.split(r"[、,，;；/]", text) if part.strip())


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()


def is_called(item: ListedRecording, matter: str) -> bool:
    """Whether that one matter is the list's item: by its identifier, or its name in either language."""
    return _plain(matter) in {_plain(item.id), _plain(item.zh), _plain(item.en)}


def _speaks_of(item: ListedRecording, text: str) -> bool:
    return any(is_called(item, matter) for matter in matters_in(text))


def _of_item(
    item: ListedRecording,
    recorded: Sequence[Recorded],
    missing: Sequence[Missing],
    announced: Sequence[Announced],
    named: Sequence[str],
) -> Iterable[Found]:
    """One finding for each day on which the matter took place; what has no day belongs to the only one there is."""
    records = [one for one in recorded if _speaks_of(item, one.matter)]
    lacks = [one for one in missing if _speaks_of(item, one.matter)]
    coming = [one for one in announced if _speaks_of(item, one.matter)]
    if not (records or lacks or coming):
        return [_look(item, None, [], [], [])] if any(_speaks_of(item, text) for text in named) else []
    everything: list[Recorded | Missing | Announced] = [*records, *lacks, *coming]
    days = sorted({one.day for one in everything if one.day is not None})
    only = days[0] if len(days) == 1 else None
    groups: list[date | None] = [*days]
    if only is None and any(one.day is None for one in everything):
        groups.append(None)
    return [
        _look(
            item,
            day,
            [one for one in records if (one.day or only) == day],
            [one for one in lacks if (one.day or only) == day],
            [one for one in coming if (one.day or only) == day],
        )
        for day in groups
    ]


def _look(
    item: ListedRecording,
    day: date | None,
    records: Sequence[Recorded],
    missing: Sequence[Missing],
    announced: Sequence[Announced],
) -> Found:
    shown = [(file_kinds(file.media_type), file.sound) for record in records for file in record.files]
    videos = [sound for kinds, sound in shown if kinds == {FileKind.VIDEO}]
    counts = {kind: sum(kinds == {kind} for kinds, _ in shown) for kind in FileKind}
    counts[FileKind.VIDEO] = videos.count(True)
    unknown, unheard = sum(len(kinds) > 1 for kinds, _ in shown), videos.count(None)
    surely = {kind for kind, count in counts.items() if count}
    perhaps = surely | ({FileKind.VIDEO} if unheard else set())
    wanting = _wanting(item.method, surely)
    whole = item.whole or item.method is Method.WHOLE_HEARING
    interrupted = whole and any(record.interrupted for record in records)
    if not wanting and not interrupted:
        torn = whole and any(record.unclear for record in records)
        standing = Demand.UNCLEAR if torn else Demand.PRESENT
    elif missing:
        standing = Demand.EXPLAINED if all(one.settled for one in missing) else Demand.AWAITING_REVIEW
    elif (unknown >= _wanting(item.method, perhaps) or any(record.gone for record in records)) and not interrupted:
        standing = Demand.UNCLEAR
    elif announced and not any(one.missed for one in announced):
        standing = Demand.EXPECTED
    else:
        standing = Demand.LACKING
    return Found(
        item=item,
        day=day,
        standing=standing,
        kinds=tuple((kind, count) for kind, count in counts.items() if count),
        unknown=unknown,
        silent=videos.count(False),
        unheard=unheard,
        interrupted=interrupted,
        records=tuple(record.number for record in records),
        explanations=tuple(one.number for one in missing),
    )


_ONE_OF = {
    Method.AUDIO: ({FileKind.AUDIO},),
    Method.VIDEO: ({FileKind.VIDEO},),
    Method.PHOTO_OR_VIDEO: ({FileKind.PHOTO, FileKind.VIDEO},),
    Method.PHOTO_AND_VIDEO: ({FileKind.PHOTO}, {FileKind.VIDEO}),
    Method.WHOLE_HEARING: ({FileKind.VIDEO},),
}


def _wanting(method: Method, there: set[FileKind]) -> int:
    """How many files the method still asks for, each of a kind of its own."""
    return sum(not kinds & there for kinds in _ONE_OF[method])
