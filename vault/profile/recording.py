"""What must be recorded, and what may stand in the place of a recording that stopped or was never made."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from vault.actions import Action
from vault.people import Role
from vault.profile.parts import Bilingual, Hours, Known, NamedRule, Rule, Slip, ids, not_entitled, twins
from vault.text import Text


class Method(StrEnum):
    """By what a matter is to be recorded; the regulations keep these apart, and so does whoever checks a case."""

    AUDIO = "audio"  # 录音
    VIDEO = "video"  # 录音录像
    PHOTO_OR_VIDEO = "photo-or-video"  # 拍照或者录音录像
    PHOTO_AND_VIDEO = "photo-and-video"  # 拍照及录音录像
    WHOLE_HEARING = "whole-hearing"  # 对听证全过程录音录像: one video, or several without a gap

    @property
    def label(self) -> Text:
        return _METHODS[self]


_METHODS = {
    Method.AUDIO: Text(en="audio", zh="录音"),
    Method.VIDEO: Text(en="video with sound", zh="录音录像"),
    Method.PHOTO_OR_VIDEO: Text(en="photos or video", zh="拍照或者录音录像"),
    Method.PHOTO_AND_VIDEO: Text(en="photos and video", zh="拍照及录音录像"),
    Method.WHOLE_HEARING: Text(en="video of the whole hearing", zh="听证全过程录音录像"),
}


class ListedRecording(Known, frozen=True, kw_only=True):
    """One item of a list of recordings: the matter, and how it is recorded. `whole`: from beginning to end (全程)."""

    method: Method
    whole: bool = False
    stage: Bilingual | None = None  # 执法环节
    setting: Bilingual | None = None  # 记录场合
    content: Bilingual | None = None  # 记录内容
    department: Bilingual | None = None  # 记录部门
    recorder: Bilingual | None = None  # 记录人员


class RecordingList(NamedRule, frozen=True, kw_only=True):
    """The office's list (音像记录清单). No items: the regulation refers to a list that is not part of it; the office
    enters its own."""

    items: tuple[ListedRecording, ...] = ()

    def slips(self) -> Iterator[Slip]:
        yield from twins("items", ids(self.items))


Lack = Literal["interrupted", "not-recorded"]


class Explanation(Known, frozen=True, kw_only=True):
    """What is demanded where a recording was interrupted, could not go on, or was not made at all.

    `voice_note`: the cause is spoken when recording goes on. `written`: what the officer must write down and when it
    is due: `prompt` says 及时, a word without a figure; `hours` is for a regulation that gives one.
    """

    covers: Annotated[tuple[Lack, ...], Meta(min_length=1)]
    causes: Annotated[tuple[Known, ...], Meta(min_length=1)]
    voice_note: bool = False
    written: Literal["always", "if-it-cannot-go-on", "no"]
    states: tuple[Literal["cause", "basis"], ...] = ()
    reported_to: Role | None = None
    reported_at_once: bool = False
    reviewer: Role | None = None
    prompt: bool = False
    hours: Hours | None = None
    filed_with_record: bool = False
    instead: Bilingual | None = None  # what must be recorded all the same

    def slips(self) -> Iterator[Slip]:
        yield from twins("causes", ids(self.causes))
        if self.reviewer is not None:
            yield from not_entitled("reviewer", [self.reviewer], Action.GAP_REVIEW)


class Announcement(Rule, frozen=True, kw_only=True):
    """What the officer says before recording (告知用语)."""

    words: Bilingual
