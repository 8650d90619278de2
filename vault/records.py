"""What an office files: a record, and the files in it. Frozen; the journal carries them, the catalogue
indexes them.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from vault.digest import Digest
from vault.facts import Facts


class Standing(StrEnum):
    """Whether a record is in order."""

    KEPT = "kept"  # 在库
    QUARANTINED = "quarantined"  # 待补全: kept and safe, but facts that the profile requires are missing
    DESTROYED = "destroyed"  # 已销毁: its content is no more, or about to be; what the register needs of it stays


SAID_OF_DESTROYED = frozenset(
    {"case_number", "case_name", "matter", "section", "officers", "recorded_at", "recorded_until", "activity_ended_at"}
)
"""Facts that stay with a destroyed record: what its line in the register says, and whose it is in the statistics of its
month. The others leave the catalogue."""

MOST_FILES = 10_000  # of one record: their list is held in memory while it is filed


class RecordFile(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """One file of a record: an object with the name it came under and what its own bytes say of it."""

    sha256: str
    size: int  # bytes
    name: str  # as the source named it; bytes that are no UTF-8 stand as \\xNN, and then `raw_name` is set
    raw_name: str = ""  # hexadecimal bytes of a name that is not UTF-8
    sm3: str = ""
    container: str = ""  # name of the archive it came in, if it came in one
    modified_at: datetime | None = None  # the source's modification time, UTC
    media_type: str = ""
    recorded_at: datetime | None = None  # what the media itself says, UTC
    duration_ms: int = 0
    device_model: str = ""
    sound: bool | None = None  # of a video: whether it carries sound, where that can be told

    @property
    def digest(self) -> Digest:
        return Digest.parse(self.sha256)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it stands now: its number, facts, files, and when it was stored."""

    number: str
    facts: Facts
    origins: dict[str, str]  # fact -> option | sheet | sidecar | media | correction
    files: tuple[RecordFile, ...]
    stored_at: datetime
    stored_by: str
    standing: Standing
