"""The facts that make a recording findable, in one table.

Options, sheets, sidecars, search, `show` and labels are all driven by FACTS: a fact is added here and nowhere else.
The Chinese names are those of the offices' regulations (案件名称、当事人、录制人、记录时间 …); a sheet may head
its columns with either name.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from vault.text import Text


class Kind(StrEnum):
    """How a fact is written down and searched."""

    TEXT = "text"
    PEOPLE = "people"  # several names
    CODES = "codes"  # several identifiers from the profile
    TIME = "time"  # a moment, UTC


class Facts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What an office says of a record. Every fact may be unknown; the profile says which may not. Times are UTC."""

    kind: str = ""
    case_number: str = ""
    case_name: str = ""
    party: str = ""
    section: str = ""
    officers: tuple[str, ...] = ()
    recorder: str = ""
    device_number: str = ""
    device_model: str = ""
    place: str = ""
    cause: str = ""
    matter: str = ""
    content: str = ""
    recorded_at: datetime | None = None
    recorded_until: datetime | None = None
    activity_ended_at: datetime | None = None
    exceptions: tuple[str, ...] = ()
    returned_at: datetime | None = None
    handed_over_at: datetime | None = None
    confidentiality: str = ""
    circumstances: tuple[str, ...] = ()

    def known(self) -> dict[str, Any]:
        """Only what is known, by name."""
        return {f.name: v for f in FACTS if (v := getattr(self, f.name))}

    def over(self, other: "Facts") -> "Facts":
        """These facts, and the other's where these say nothing."""
        return msgspec.structs.replace(other, **self.known())

    def without(self, names: Collection[str]) -> "Facts":
        """These facts, but for those of these names."""
        return Facts(**{name: value for name, value in self.known().items() if name not in names})


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the table: the name in code and on the command line (`--case-number`), the labels in sheets; `also`:
    what papers and regulations call the same."""

    name: str
    kind: Kind
    label: Text
    also: tuple[str, ...] = ()

    @property
    def is_of_the_profile(self) -> bool:
        """Whether it holds identifiers from the profile, which has words for them."""
        return self.kind is Kind.CODES or self.name == "kind"

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")


FACTS: tuple[Fact, ...] = (
    Fact("kind", Kind.TEXT, Text(en="kind of record", zh="记录类别")),  # an identifier from the profile
    Fact("case_number", Kind.TEXT, Text(en="case number", zh="案号")),
    Fact("case_name", Kind.TEXT, Text(en="case name", zh="案件名称")),
    Fact("party", Kind.TEXT, Text(en="party", zh="当事人")),
    Fact("section", Kind.TEXT, Text(en="section", zh="科室")),
    Fact("officers", Kind.PEOPLE, Text(en="officers", zh="执法人员")),
    Fact("recorder", Kind.TEXT, Text(en="recorder", zh="录制人"), ("录制人员", "记录人")),
    Fact("device_number", Kind.TEXT, Text(en="device number", zh="设备编号")),
    Fact("device_model", Kind.TEXT, Text(en="device model", zh="设备型号")),
    Fact("place", Kind.TEXT, Text(en="place", zh="录制地点"), ("记录地点",)),
    Fact("cause", Kind.TEXT, Text(en="cause of case", zh="案由")),
    Fact("matter", Kind.TEXT, Text(en="enforcement matter", zh="执法事项")),
    Fact("content", Kind.TEXT, Text(en="content", zh="内容说明")),
    Fact("recorded_at", Kind.TIME, Text(en="recorded at", zh="记录时间"), ("录制时间", "录制开始时间", "记录开始时间")),
    Fact("recorded_until", Kind.TIME, Text(en="recorded until", zh="记录结束时间"), ("录制结束时间",)),
    Fact("activity_ended_at", Kind.TIME, Text(en="activity ended at", zh="执法活动结束时间")),
    Fact("exceptions", Kind.CODES, Text(en="exceptions", zh="延时情形")),
    Fact("returned_at", Kind.TIME, Text(en="returned at", zh="返回单位时间")),
    Fact("handed_over_at", Kind.TIME, Text(en="handed over at", zh="交接时间")),
    Fact("confidentiality", Kind.TEXT, Text(en="confidentiality", zh="密级")),
    Fact("circumstances", Kind.CODES, Text(en="circumstances", zh="特殊情形")),
)

FACT: dict[str, Fact] = {f.name: f for f in FACTS}


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, whole seconds: what entries and the catalogue carry. Refuses a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).replace(microsecond=0)
