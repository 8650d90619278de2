"""The clock that is passed in, and whom to believe about the time. Decisions take `now`; only the edge reads a clock.

Two questions are kept apart. May an act be entered? `sane`: unless the clock contradicts this program's age or the
journal; an intake does not wait for better. May anything expire? `judge`: only if no witness contradicts the clock, and
at least one that does not go by it confirms it. That the journal's last act was not long ago confirms nothing: it was
entered by the same clock. So a clock that jumps forward, alone, lets nothing expire, and a pause moves no date.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

from vault.errors import ClockSuspect
from vault.moments import minute
from vault.text import Text

Clock = Callable[[], datetime]

BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # no machine that runs this program can rightly show an earlier time
_BACK = timedelta(minutes=5)  # what a time server may set a clock back without anybody noticing
_AHEAD = timedelta(days=400)  # longer than any office leaves its archive without an act
_STEPPED = timedelta(minutes=5)  # by which a clock may be set while the machine runs
_APART = timedelta(minutes=15)  # of two machines' clocks: more, and S3 servers refuse requests (RequestTimeTooSkewed)
_NO_LIMIT = timedelta.max


def wall_clock() -> datetime:
    """The machine's clock, UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Running:
    """How long a machine has been up, in seconds, time asleep included; `boot` is empty where it cannot tell one start
    from another (a container without /proc).
    """

    boot: str
    seconds: float


Machine = Callable[[], Running]
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # random(4)


def this_machine() -> Running:
    """This machine, by a clock that nobody can set: CLOCK_BOOTTIME of clock_gettime(2)."""
    try:
        return Running(_BOOT_ID.read_text(encoding="ascii").strip(), time.clock_gettime(time.CLOCK_BOOTTIME))
    except (OSError, AttributeError):  # not mounted; not Linux
        return Running("", 0.0)


@dataclass(frozen=True, slots=True)
class Vouch:
    """A person's word that the clock is right. `since`: from when the login was theirs, in their roles; None where it
    was nobody's who is enrolled."""

    by: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """The time that was believed once, and how long the machine had been up then."""

    at: datetime
    machine: Running
    vouches: tuple[Vouch, ...] = ()


class Word(StrEnum):
    """What a witness says of this machine's clock."""

    RIGHT = "right"
    AHEAD = "ahead"
    BEHIND = "behind"
    NOTHING = "nothing"  # it cannot tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody's word on the time. `asked`: this machine's clock when it was asked; `says`: None where it cannot tell.

    The clock may be `back` behind it and `ahead` of it. `confirms`: it tells what time it is, by a clock of its own;
    the others only tell what time it cannot be.
    """

    name: Text
    asked: datetime
    says: datetime | None
    back: timedelta = timedelta()
    ahead: timedelta = _NO_LIMIT
    confirms: bool = False

    @property
    def off(self) -> timedelta | None:
        """By how much this machine's clock is ahead of it; None where it cannot tell."""
        return None if self.says is None else self.asked - self.says

    @property
    def word(self) -> Word:
        if self.off is None:
            return Word.NOTHING
        return Word.BEHIND if self.off < -self.back else Word.AHEAD if self.off > self.ahead else Word.RIGHT


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the clock is believed as far as to let anything expire. `now`: the time to go by; `vouched`: a person
    said that it is right; `zone`: the office's, for those who read it.
    """

    now: datetime
    witnesses: tuple[Witness, ...]
    zone: tzinfo
    vouched: bool = False

    @property
    def agreed(self) -> bool:
        """Nobody contradicts the clock, and somebody confirms it."""
        return not self.contradicting and self.confirmed

    @property
    def contradicting(self) -> tuple[Witness, ...]:
        return tuple(one for one in self.witnesses if one.word in (Word.AHEAD, Word.BEHIND))

    @property
    def confirmed(self) -> bool:
        return any(one.confirms and one.word is Word.RIGHT for one in self.witnesses)

    @property
    def paused(self) -> Text | None:
        """Why expiry is paused, while it is: which clock says what."""
        if self.vouched or self.agreed:
            return None
        shows = minute(self.now, self.zone)
        against = [(minute(one.says, self.zone), one.name) for one in self.contradicting if one.says is not None]
        if against:
            said_en = ", ".join(f"{name.en} {says}" for says, name in against)
            said_zh = "，".join(f"{name.zh}为 {says}" for says, name in against)
            return Text(
                en=f"Expiry waits: this machine's clock says {shows}, {said_en}.",
                zh=f"暂停计算到期：本机时钟为 {shows}，{said_zh}。",
            )
        return Text(
            en=f"Expiry waits: this machine's clock says {shows}, and nothing else confirms it.",
            zh=f"暂停计算到期：本机时钟为 {shows}，没有其他时钟可以印证。",
        )

    def require(self) -> datetime:
        """The time to go by. ClockSuspect while expiry is paused."""
        if self.paused is not None:
            raise ClockSuspect(self.paused, hint=HOW_TO_GO_ON)
        return self.now


HOW_TO_GO_ON = Text(
    en="Look: strongroom clock. Set what is wrong, or, if this machine's clock is right, say so: "
    "strongroom --clock-is-right clock",
    zh="请运行 strongroom clock 查看并校准；若本机时钟无误，请执行 strongroom --clock-is-right clock 确认。",
)


def judge(now: datetime, witnesses: Sequence[Witness], zone: tzinfo) -> Verdict:
    """What the witnesses' words come to. The time to go by is the last act's where the clock was set back a little."""
    acted = [one.says for one in witnesses if one.name is JOURNAL and one.word is Word.RIGHT and one.says is not None]
    return Verdict(max([now, *acted]), tuple(witnesses), zone)


JOURNAL = Text(en="the journal's last act", zh="日志的最后一条")
_PROGRAM = Text(en="this program was made on", zh="本程序发布时间")
_MACHINE = Text(en="this machine's uptime", zh="按本机连续运行时间推算")


def program(now: datetime) -> Witness:
    """That this program is there."""
    return Witness(name=_PROGRAM, asked=now, says=BUILT)


def journal(now: datetime, last_act: datetime | None) -> Witness:
    """When the last act was."""
    return Witness(name=JOURNAL, asked=now, says=last_act, back=_BACK, ahead=_AHEAD)


def machine(now: datetime, running: Running, believed: Moment | None) -> Witness:
    """What time it is by how long the machine has been up since a moment that was believed; nothing if it has been
    started since, or cannot tell.
    """
    says = None
    if believed is not None and running.boot and believed.machine.boot == running.boot:
        says = believed.at + timedelta(seconds=round(running.seconds - believed.machine.seconds))
    return Witness(name=_MACHINE, asked=now, says=says, back=_STEPPED, ahead=_STEPPED, confirms=True)


def store(name: str, asked: datetime, says: datetime | None) -> Witness:
    """What a store's own clock says."""
    named = Text(en=f"store {name}", zh=f"存储 {name} 的时钟")
    return Witness(name=named, asked=asked, says=says, back=_APART, ahead=_APART, confirms=True)


def sane(now: datetime, last_act: datetime | None, zone: tzinfo) -> datetime:
    """The time for an act: `now`, or the last act's where a clock was set back a little: the journal never goes back.

    ClockSuspect where the clock contradicts this program's age or the journal's last act.
    """
    shows = minute(now, zone)
    if program(now).word is not Word.RIGHT:
        raise ClockSuspect(
            Text(
                en=f"This machine's clock says {shows}, before this program was made.",
                zh=f"本机时钟为 {shows}，早于本程序的发布时间。",
            )
        )
    if last_act is None:
        return now
    if journal(now, last_act).word is not Word.RIGHT:
        last = minute(last_act, zone)
        raise ClockSuspect(
            Text(
                en=f"The clock says {shows}, the journal's last act {last}.",
                zh=f"本机时钟为 {shows}，而日志的最后一条为 {last}。",
            ),
            hint=Text(
                en="Nothing was changed. Set the clock (timedatectl); if it is right, say so, then try again: "
                "strongroom --clock-is-right clock",
                zh="未作任何改动。请校准系统时间（timedatectl）；若时间无误，请先确认再重试："
                "strongroom --clock-is-right clock",
            ),
        )
    return max(now, last_act)
