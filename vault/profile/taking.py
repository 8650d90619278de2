"""What is asked when a recording comes in: facts it must carry, and by when it must be stored."""

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Literal

from vault.profile.parts import Bilingual, Hours, Identifier, Known, Part, Rule, Slip, ids, no_fact, twins
from vault.text import Text


class FileKind(StrEnum):
    """What a file shows, as rules distinguish it."""

    PHOTO = "photo"  # 照片
    AUDIO = "audio"  # 录音
    VIDEO = "video"  # 录像

    @property
    def label(self) -> Text:
        return _FILE_KINDS[self]


_FILE_KINDS = {
    FileKind.PHOTO: Text(en="photo", zh="照片"),
    FileKind.AUDIO: Text(en="audio", zh="录音"),
    FileKind.VIDEO: Text(en="video", zh="录像"),
}
_BY_TYPE = {"image": FileKind.PHOTO, "audio": FileKind.AUDIO, "video": FileKind.VIDEO}


def file_kinds(media_type: str) -> frozenset[FileKind]:
    """What a file of that media type counts as: a document as nothing, one that cannot be told as everything."""
    if media_type in ("", "application/octet-stream"):
        return frozenset(FileKind)
    kind = _BY_TYPE.get(media_type.partition("/")[0])
    return frozenset() if kind is None else frozenset({kind})


class RequiredFact(Rule, frozen=True, kw_only=True):
    """A fact without which a record waits in quarantine. `of`: only where it holds such a file; `except_kinds`: not
    of records of these kinds, which cannot have it (a patrol has no party)."""

    fact: str
    of: tuple[FileKind, ...] = ()
    except_kinds: tuple[Identifier, ...] = ()

    def slips(self) -> Iterator[Slip]:
        yield from no_fact("fact", self.fact)

    def asks(self, kind: str, shown: Collection[FileKind]) -> bool:
        """Whether a record of that kind, with files that show this, must have the fact."""
        return kind not in self.except_kinds and (not self.of or any(of in shown for of in self.of))


class LaterStoring(Known, frozen=True, kw_only=True):
    """A ground on which storing may wait until the officer is back (异地、水上、连续执法): it is claimed, with the time
    of return."""

    hours: Hours
    counted_from: Literal["returned_at"]


class StoredWithin(Rule, frozen=True, kw_only=True):
    """By when a recording must be stored: so many hours after a moment, or by the end of its day in the office's
    calendar. Hours run from the moment itself (Civil Code 201, second paragraph). `choice`: why, where the regulation
    gives no figure and the office chose."""

    hours: Hours | None = None
    same_day: bool = False
    counted_from: Literal["recorded_at", "recorded_until", "activity_ended_at"]
    choice: Bilingual | None = None
    exceptions: tuple[LaterStoring, ...] = ()

    def slips(self) -> Iterator[Slip]:
        if self.same_day == (self.hours is not None):
            yield Slip(
                "hours",
                Text(en="give either hours or same_day = true", zh="hours 与 same_day = true 须且只能填写一项"),
            )
        yield from twins("exceptions", ids(self.exceptions))


class Intake(Part, frozen=True, kw_only=True):
    """What is asked when a recording comes in. `sm3`: keep an SM3 (GB/T 32905-2016) beside each SHA-256."""

    sm3: bool = False
    required: tuple[RequiredFact, ...] = ()
    stored_within: StoredWithin | None = None

    def slips(self) -> Iterator[Slip]:
        yield from twins(
            "required", (f"{rule.fact} {kind}".strip() for rule in self.required for kind in rule.of or [""])
        )
