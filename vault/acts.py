"""Everything that can happen, as journal entries. One class an act; the catalogue is what follows from their order.

An entry is canonical JSON (RFC 8785) of one act: who (`by`), when (`at`, UTC), why, and to what. It is below the
format's 64 KiB; a record whose list of files would not fit puts that list into a manifest object and carries its
digest. Entries hold all the facts a rebuild needs, and never a recording's bytes.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from vault.errors import BadInput, JournalBroken
from vault.facts import Facts
from vault.promises import Finding
from vault.records import RecordFile, Standing
from vault.terms import RetentionClass
from vault.text import Text

ENTRY_LIMIT = 65_535  # bytes; C2SP tlog-tiles prefixes entries with a uint16


class Act(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="act", forbid_unknown_fields=True):
    """What every act has: when it happened (UTC) and who did it."""

    at: datetime
    by: str


class VaultCreated(Act, tag="vault.created", frozen=True, kw_only=True):
    """The first entry of every journal."""

    vault_id: str
    office: str
    profile: str
    profile_version: int
    public_key: str  # Ed25519, base64


class StoreAttached(Act, tag="store.attached", frozen=True, kw_only=True):
    """A store began to carry copies and the journal, empty: a new one, or another medium under a known name."""

    store: str
    kind: str
    location: str


class StoreDetached(Act, tag="store.detached", frozen=True, kw_only=True):
    """A store is this vault's no more. `lost`: it could not be emptied first."""

    store: str
    lost: bool = False


class StoreStanding(Act, tag="store.standing", frozen=True, kw_only=True):
    """Whether a store takes copies from now on. A suspected one keeps what it has; from an emptying one all goes."""

    store: str
    standing: Literal["open", "suspected", "emptying"]
    why: str = ""


class StoreProbed(Act, tag="store.probed", frozen=True, kw_only=True):
    """What a store's place was found to promise; it takes the place of what was found before."""

    store: str
    findings: tuple[Finding, ...]


class FileList(msgspec.Struct, frozen=True, kw_only=True):
    """Where the list of a record's files is, when it is too long for the entry."""

    sha256: str
    size: int
    count: int


class RecordStored(Act, tag="record.stored", frozen=True, kw_only=True):
    """A record was taken in; its objects were durable on `stores` before this was written."""

    record: str
    facts: Facts
    origins: dict[str, str] = {}
    files: tuple[RecordFile, ...] = ()
    file_list: FileList | None = None
    stores: tuple[str, ...]
    standing: Standing
    warnings: tuple[str, ...] = ()


class RecordSeenAgain(Act, tag="record.seen-again", frozen=True, kw_only=True):
    """The same content came in once more: recognised, recorded, not stored twice."""

    record: str
    names: tuple[str, ...]


class RecordCorrected(Act, tag="record.corrected", frozen=True, kw_only=True):
    """Facts were added or put right; what was said before stays in the journal."""

    record: str
    facts: Facts
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
    how: str  # get | export | disc | open
    approved_by: tuple[str, ...]
    why: str


class SourceReleased(Act, tag="source.released", frozen=True, kw_only=True):
    """Source files were about to be removed after their copies had been read back and verified."""

    record: str
    names: tuple[str, ...]


class CopyDamaged(Act, tag="copy.damaged", frozen=True, kw_only=True):
    """A check found a copy absent or corrupt."""

    store: str
    sha256: str
    state: Literal["absent", "corrupt"]
    found: str = ""  # the hash of what was there


class CopyHealed(Act, tag="copy.healed", frozen=True, kw_only=True):
    """The copy was written anew from a verified one."""

    store: str
    sha256: str
    source: str


class CopiesMade(Act, tag="copies.made", frozen=True, kw_only=True):
    """Copies came to a store where they belong, each from one that was read and proven; or were found there, good."""

    store: str
    sha256: tuple[str, ...]


class CopiesRemoved(Act, tag="copies.removed", frozen=True, kw_only=True):
    """Copies were about to be removed from a store where they do not belong; enough others had just been read."""

    store: str
    sha256: tuple[str, ...]


class JournalHealed(Act, tag="journal.healed", frozen=True, kw_only=True):
    """A damaged file of a store's journal was written anew from a verified journal."""

    store: str
    path: str


class Scrubbed(Act, tag="scrub.done", frozen=True, kw_only=True):
    """One scrub of one store: counts of copies; `bytes` read."""

    store: str
    checked: int
    failed: int
    healed: int
    skipped: int
    bytes: int


class ObjectsLocked(Act, tag="objects.locked", frozen=True, kw_only=True):
    """Copies of objects were about to be locked on a store: until a moment (UTC), their legal hold placed or lifted."""

    store: str
    until: datetime | None = None  # the date stays as it is
    held: bool | None = None  # so does the hold
    objects: tuple[str, ...]


class OrphanSwept(Act, tag="orphan.swept", frozen=True, kw_only=True):
    """An object that no entry named was about to be removed."""

    store: str
    sha256: str
    size: int


class DiscBuilt(Act, tag="disc.built", frozen=True, kw_only=True):
    """Two identical images of a disc set were written, read back and compared."""

    disc_set: str
    records: tuple[str, ...]
    sha256: str
    size: int


class CatalogueRebuilt(Act, tag="catalogue.rebuilt", frozen=True, kw_only=True):
    """The catalogue was made anew from a store; expiry waits until a manager releases it."""

    store: str
    entries: int


class ExpiryReleased(Act, tag="expiry.released", frozen=True, kw_only=True):
    """A manager checked a rebuilt catalogue and let expiry go on."""

    why: str


AnyAct = (
    VaultCreated
    | StoreAttached
    | StoreDetached
    | StoreStanding
    | StoreProbed
    | RecordStored
    | RecordSeenAgain
    | RecordCorrected
    | ClassAssigned
    | CaseFiled
    | HoldPlaced
    | HoldReleased
    | RecordViewed
    | SourceReleased
    | CopyDamaged
    | CopyHealed
    | CopiesMade
    | CopiesRemoved
    | JournalHealed
    | Scrubbed
    | ObjectsLocked
    | OrphanSwept
    | DiscBuilt
    | CatalogueRebuilt
    | ExpiryReleased
)

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(AnyAct)


def encode(act: AnyAct) -> bytes:
    """The entry's bytes. Entries have ASCII keys and no fractions, so sorted compact JSON is RFC 8785 (tested).

    BadInput for one that is too long, before anything of it is kept: in the outbox it would stop every later act.
    """
    entry = _encoder.encode(act)
    if len(entry) > ENTRY_LIMIT:
        raise BadInput(
            Text(
                en=f"A journal entry of {len(entry):,} bytes is too long; it can hold {ENTRY_LIMIT:,}.",
                zh=f"日志条目长达 {len(entry):,} 字节，最多 {ENTRY_LIMIT:,} 字节。",
            ),
            hint=Text(
                en="Nothing was changed. Shorten the text, or name fewer records at once.",
                zh="未作任何改动。请缩短文字，或减少一次处理的记录数。",
            ),
        )
    return entry


def decode(entry: bytes) -> AnyAct:
    """The act in an entry; JournalBroken if this program does not understand it."""
    try:
        act: AnyAct = _decoder.decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalBroken(
            Text(en=f"A journal entry cannot be read: {error}", zh=f"日志条目无法读取：{error}")
        ) from error
    return act
