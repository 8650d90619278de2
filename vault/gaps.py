"""Interruptions between the segments of one activity, from what the media say of when they run.

The rules of this file:

- A record is one activity (docs/decisions/0008), and its audio and video files are the activity's segments. Photos and
  documents interrupt nothing.
- Each device has a clock of its own. Segments are compared with those of the same device only: two clocks that differ
  by a minute would make gaps that never were, or hide those that were. Files that name no device count as one device's.
- Overlaps are no interruption, whichever segment ends last.
- A segment whose place cannot be told (no time, or no duration where another follows) makes the answer *unclear*: not
  to see a gap is not to know that there is none. One segment alone leaves nothing to compare.

What is found here is not yet a fault: it wants an explanation, with a cause from the profile's list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.records import RecordFile

# Media tell whole seconds, and a device that closes one file to begin the next takes a moment: shorter is no gap.
TOLERANCE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of one device's clock in which nothing was recorded, between two of its segments. UTC, whole seconds."""

    device: str  # as the media name it; empty where they do not
    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is known of an activity's course. `unplaced`: names of segments that cannot be told where they belong."""

    gaps: tuple[Gap, ...] = ()
    unplaced: tuple[str, ...] = ()


def timeline(files: Sequence[RecordFile], tolerance: timedelta = TOLERANCE) -> Timeline:
    """The gaps longer than `tolerance`, by device and time. ValueError where a file's time has no zone."""
    segments = [file for file in files if file.media_type.startswith(("audio/", "video/"))]
    if len(segments) < 2:
        return Timeline()
    gaps: list[Gap] = []
    unplaced = [file.name for file in segments if file.recorded_at is None]
    for device in sorted({file.device_model for file in segments}):
        begun = sorted(
            (file.recorded_at, file.duration_ms, file.name)
            for file in segments
            if file.device_model == device and file.recorded_at is not None
        )
        unplaced += [name for _, duration, name in begun[:-1] if not duration]  # nothing follows the last
        gaps += _between(device, [(began, duration) for began, duration, _ in begun], tolerance)
    return Timeline(tuple(gaps), tuple(unplaced))


def _between(device: str, begun: Sequence[tuple[datetime, int]], tolerance: timedelta) -> list[Gap]:
    """The gaps of one device, its segments in order. What follows a segment of unknown length is not known."""
    gaps: list[Gap] = []
    covered: datetime | None = None
    for began, duration in begun:
        if began.tzinfo is None:
            raise ValueError("a time without a zone")
        if covered is not None and began - covered > tolerance:
            gaps.append(Gap(device, covered.replace(microsecond=0), began))
        if not duration:
            covered = None
            continue
        end = began + timedelta(milliseconds=duration)
        covered = end if covered is None else max(covered, end)
    return gaps
