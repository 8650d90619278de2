"""Devices, supervision, and what is forbidden to everybody: duties of people, kept as data so that they can be shown,
listed and reminded of. What no software can do (wear a camera, repair one) stays a person's."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from vault.profile.parts import Bilingual, Hours, Known, NamedRule, Slip
from vault.text import Text


class DeviceDuty(StrEnum):
    """What an office owes its devices."""

    CHECK = "check"  # before use: power, storage, clock
    REPAIR = "repair"
    LEDGER = "ledger"  # 使用情况台账
    NO_LENDING = "no-lending"
    CARE = "care"
    WORK_ONLY = "work-only"


class DeviceRule(NamedRule, frozen=True, kw_only=True):
    """A duty towards devices. `hours`: within which a repair is begun; `items`: what is checked, or entered."""

    duty: DeviceDuty
    hours: Hours | None = None
    items: tuple[Bilingual, ...] = ()

    def slips(self) -> Iterator[Slip]:
        if self.hours is not None and self.duty is not DeviceDuty.REPAIR:
            yield Slip("hours", Text(en="only a repair has hours", zh="只有维修（repair）可以规定小时数"))


class Oversight(Known, frozen=True, kw_only=True):
    """An inspection, a review of recordings, a playback check, a report. `times_a_year`: at least; None: the
    regulation gives no number (定期、不定期)."""

    duty: Literal["inspection", "review", "playback", "report", "training"]
    by: Bilingual | None = None
    times_a_year: Annotated[int, Meta(ge=1)] | None = None
    ledger: bool = False


class Forbidden(Known, frozen=True, kw_only=True):
    """What nobody may do. `prevented`: this program does not do it for anybody; otherwise people must not."""

    prevented: bool = False
