"""Records: taken in, said more of, held, seen."""

from datetime import date

import msgspec

from vault.acts.act import Act
from vault.facts import Facts
from vault.records import RecordFile, Standing
from vault.terms import RetentionClass


class FileList(msgspec.Struct, frozen=True, kw_only=True):
    """Where the list of a record's files is, when it is too long for the entry."""

    sha256: str
    size: int
    count: int


class RecordStored(Act, tag="record.stored", frozen=True, kw_only=True):
    """A record was taken in; its objects were durable on `stores` before this was written."""

    record: str
    facts: Facts
    origins: dict[str, str] = msgspec.field(default_factory=dict)
    files: tuple[RecordFile, ...] = ()
    file_list: FileList | None = None
    stores: tuple[str, ...]
    standing: Standing
    warnings: tuple[str, ...] = ()


class RecordSeenAgain(Act, tag="record.seen-again", frozen=True, kw_only=True):
    """The same content came in once more: recognised, recorded, not stored twice. `otherwise`: what was said of it then
    that the record says otherwise, and goes on to say; a case among it claims the record, too, from then on."""

    record: str
    names: tuple[str, ...]
    otherwise: Facts = Facts()


class ClaimWithdrawn(Act, tag="claim.withdrawn", frozen=True, kw_only=True):
    """The claim of a further case was an error: of the record's cases it is none any more."""

    record: str
    case: str
    why: str


class RecordCorrected(Act, tag="record.corrected", frozen=True, kw_only=True):
    """Facts were added, put right, or emptied by name; what was said before stays in the journal."""

    record: str
    facts: Facts
    emptied: tuple[str, ...] = ()
    standing: Standing
    why: str = ""


class ClassAssigned(Act, tag="class.assigned", frozen=True, kw_only=True):
    """A person gave a record a retention class: it can lengthen its term, never shorten it."""

    record: str
    retention_class: RetentionClass
    why: str
    citation: str = ""


class CaseFiled(Act, tag="case.filed", frozen=True, kw_only=True):
    """A case as it stands from now on: opened, closed (with the term of its file), reopened (closed_on empty)."""

    case: str
    name: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    keep: RetentionClass | None = None  # class of the case file once closed
    why: str = ""


class HoldPlaced(Act, tag="hold.placed", frozen=True, kw_only=True):
    """A reason, with a name under it, why a record may not be disposed of."""

    hold: str
    record: str
    why: str
    authority: str


class HoldReleased(Act, tag="hold.released", frozen=True, kw_only=True):
    hold: str
    record: str
    why: str


class RecordViewed(Act, tag="record.viewed", frozen=True, kw_only=True):
    """Content was about to leave the vault: written before the first byte did."""

    record: str
    how: str  # get | export | disc | loan | open
    approved_by: tuple[str, ...]
    why: str
    request: str = ""  # under which they agreed
    files: tuple[str, ...] = ()  # SHA-256 of those that left; none: all that the record holds


class SourceReleased(Act, tag="source.released", frozen=True, kw_only=True):
    """Source files were about to be removed after their copies had been read back and verified."""

    record: str
    names: tuple[str, ...]
