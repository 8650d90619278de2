"""A whole profile. Its parts are in the files beside this one, by subject; each says what may stand in a table."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

from vault.profile.access import Classified, Release, Viewing
from vault.profile.discs import EvidenceDisc, LabelRule
from vault.profile.keeping import BaseRule, CaseRule, Circumstance, Disposal, RecordKind
from vault.profile.oversight import DeviceRule, Forbidden, Oversight
from vault.profile.parts import Approver, Bilingual, Identifier, Part, Slip, ids, twins
from vault.profile.recording import Announcement, Explanation, RecordingList
from vault.profile.taking import Intake
from vault.text import Text


class Profile(Part, frozen=True, kw_only=True):
    """One office's regulation."""

    id: Identifier
    version: Annotated[int, Meta(ge=1)]
    time_zone: str
    office: Bilingual
    regulation: Bilingual
    intake: Intake
    base: BaseRule
    kinds: tuple[RecordKind, ...] = ()
    case: CaseRule | None = None
    circumstances: tuple[Circumstance, ...] = ()
    announcement: Announcement | None = None
    recordings: RecordingList | None = None
    explanations: tuple[Explanation, ...] = ()
    viewing: Viewing | None = None
    release: Release | None = None
    classified: Classified | None = None
    disc_label: tuple[LabelRule, ...] = ()
    evidence_disc: EvidenceDisc | None = None
    disposal: Disposal | None = None
    devices: tuple[DeviceRule, ...] = ()
    supervision: tuple[Oversight, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()

    def slips(self) -> Iterator[Slip]:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; a folder's name an OSError
            what = Text(en=f"no time zone is called {self.time_zone!r}", zh=f"没有名为 {self.time_zone!r} 的时区")
            yield Slip("time_zone", what)
        for where, parts in {
            "kinds": self.kinds,
            "circumstances": self.circumstances,
            "explanations": self.explanations,
            "supervision": self.supervision,
            "forbidden": self.forbidden,
        }.items():
            yield from twins(where, ids(parts))
        yield from twins("disc_label", (f.label_field.value for f in self.disc_label))
        yield from self._unknown_kinds()

    def _unknown_kinds(self) -> Iterator[Slip]:
        known = ids(self.kinds)
        for rule in self.intake.required:
            for kind in rule.except_kinds:
                if kind not in known:
                    what = Text(en=f"[[kinds]] has no {kind!r}", zh=f"[[kinds]] 中没有 {kind!r}")
                    yield Slip("intake.required", what)

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone; its days are the days that count."""
        return ZoneInfo(self.time_zone)

    @property
    def approvers(self) -> tuple[Approver, ...]:
        """Who must agree before content is seen, in order. Empty: nobody may view until the profile names one."""
        return self.viewing.approvers if self.viewing is not None else ()

    def circumstance(self, identifier: str) -> Circumstance | None:
        """The circumstance of that name, or None where this profile knows none."""
        return next((c for c in self.circumstances if c.id == identifier), None)

    def kind(self, identifier: str) -> RecordKind | None:
        """The kind of record of that name, or None where this profile knows none."""
        return next((k for k in self.kinds if k.id == identifier), None)
