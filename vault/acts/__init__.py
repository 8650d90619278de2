"""Everything that can happen, as journal entries. One class an act; the catalogue is what follows from their order.

An entry is canonical JSON (RFC 8785) of one act: who (`by`), when (`at`, UTC), why, and to what. It is below the
format's 64 KiB; a record whose list of files would not fit puts that list into a manifest object and carries its
digest. Entries hold all the facts a rebuild needs, and never a recording's bytes.
"""

from functools import cache

import msgspec

from vault.acts.act import Act
from vault.acts.approvals import ApprovalAsked, ApprovalDeclined, ApprovalGiven, ApprovalUsed
from vault.acts.copies import (
    CopiesMade,
    CopiesRemoved,
    CopyDamaged,
    CopyHealed,
    JournalHealed,
    ObjectsLocked,
    OrphanSwept,
    Scrubbed,
)
from vault.acts.discs import (
    AnyCopyStep,
    AnyDiscStep,
    CopyStep,
    DiscAllotted,
    DiscBurnFailed,
    DiscBurning,
    DiscBurnt,
    DiscChecked,
    DiscDegraded,
    DiscEntered,
    DiscImaged,
    DiscImageErased,
    DiscImageErasing,
    DiscImageLaid,
    DiscInspected,
    DiscLabelled,
    DiscLoaned,
    DiscPlanned,
    DiscReplaced,
    DiscReturned,
    DiscsCounted,
    DiscSetCancelled,
    DiscShelved,
    DiscShredded,
    DiscSuperseded,
    DiscVerified,
    ImageStep,
    OddDisc,
    SpoiledShredded,
)
from vault.acts.disposal import (
    Appraisal,
    Asked,
    AsListed,
    CopiesDestroyed,
    CopiesLeft,
    DestructionBegun,
    DestructionProven,
    DiscDestroyed,
    DisposalClosed,
    DisposalOpened,
    DisposalStopped,
    DisposalSubmitted,
    DisposalSupervised,
    Doomed,
    Fate,
    Listed,
    ListedCase,
    RecordsAppraised,
    RecordsSpared,
    Spared,
)
from vault.acts.people import ActionRefused, PersonChanged, PersonEnrolled, PersonLeft
from vault.acts.recordings import (
    ActivityAnnounced,
    ActivityClosed,
    ExplanationReviewed,
    InterruptionExplained,
    LateExplained,
    RecordingMissing,
)
from vault.acts.records import (
    CaseFiled,
    ClaimWithdrawn,
    ClassAssigned,
    FileList,
    HoldPlaced,
    HoldReleased,
    RecordCorrected,
    RecordSeenAgain,
    RecordStored,
    RecordViewed,
    SourceReleased,
)
from vault.acts.registers import RegisterIssued
from vault.acts.safekeeping import BackupMade, RestoreDrilled
from vault.acts.stores import (
    StoreAttached,
    StoreDetached,
    StoreProbed,
    StoreStanding,
)
from vault.acts.succession import EntryTakenOver, OfRecord, VaultSucceeded
from vault.acts.vault import (
    CatalogueRebuilt,
    ClockSaid,
    ClockVouched,
    ExpiryReleased,
    ProfileAdopted,
    VaultCreated,
)
from vault.errors import BadInput, JournalBroken
from vault.text import Text

ENTRY_LIMIT = 65_535  # bytes; C2SP tlog-tiles prefixes entries with a uint16

__all__ = [
    "ENTRY_LIMIT",
    "Act",
    "ActionRefused",
    "ActivityAnnounced",
    "ActivityClosed",
    "AnyAct",
    "AnyCopyStep",
    "AnyDiscStep",
    "Appraisal",
    "ApprovalAsked",
    "ApprovalDeclined",
    "ApprovalGiven",
    "ApprovalUsed",
    "AsListed",
    "Asked",
    "BackupMade",
    "CaseFiled",
    "CatalogueRebuilt",
    "ClaimWithdrawn",
    "ClassAssigned",
    "ClockSaid",
    "ClockVouched",
    "CopiesDestroyed",
    "CopiesLeft",
    "CopiesMade",
    "CopiesRemoved",
    "CopyDamaged",
    "CopyHealed",
    "CopyStep",
    "DestructionBegun",
    "DestructionProven",
    "DiscAllotted",
    "DiscBurnFailed",
    "DiscBurning",
    "DiscBurnt",
    "DiscChecked",
    "DiscDegraded",
    "DiscDestroyed",
    "DiscEntered",
    "DiscImageErased",
    "DiscImageErasing",
    "DiscImageLaid",
    "DiscImaged",
    "DiscInspected",
    "DiscLabelled",
    "DiscLoaned",
    "DiscPlanned",
    "DiscReplaced",
    "DiscReturned",
    "DiscSetCancelled",
    "DiscShelved",
    "DiscShredded",
    "DiscSuperseded",
    "DiscVerified",
    "DiscsCounted",
    "DisposalClosed",
    "DisposalOpened",
    "DisposalStopped",
    "DisposalSubmitted",
    "DisposalSupervised",
    "Doomed",
    "EntryTakenOver",
    "ExpiryReleased",
    "ExplanationReviewed",
    "Fate",
    "FileList",
    "HoldPlaced",
    "HoldReleased",
    "ImageStep",
    "InterruptionExplained",
    "JournalHealed",
    "LateExplained",
    "Listed",
    "ListedCase",
    "ObjectsLocked",
    "OddDisc",
    "OfRecord",
    "OrphanSwept",
    "PersonChanged",
    "PersonEnrolled",
    "PersonLeft",
    "ProfileAdopted",
    "RecordCorrected",
    "RecordSeenAgain",
    "RecordStored",
    "RecordViewed",
    "RecordingMissing",
    "RecordsAppraised",
    "RecordsSpared",
    "RegisterIssued",
    "RestoreDrilled",
    "Scrubbed",
    "SourceReleased",
    "Spared",
    "SpoiledShredded",
    "StoreAttached",
    "StoreDetached",
    "StoreProbed",
    "StoreStanding",
    "VaultCreated",
    "VaultSucceeded",
    "decode",
    "encode",
]

AnyAct = (
    VaultCreated
    | StoreAttached
    | StoreDetached
    | StoreStanding
    | StoreProbed
    | RecordStored
    | RecordSeenAgain
    | ClaimWithdrawn
    | RecordCorrected
    | ClassAssigned
    | CaseFiled
    | HoldPlaced
    | HoldReleased
    | RecordViewed
    | RegisterIssued
    | SourceReleased
    | CopyDamaged
    | CopyHealed
    | CopiesMade
    | CopiesRemoved
    | JournalHealed
    | Scrubbed
    | ObjectsLocked
    | OrphanSwept
    | DiscPlanned
    | DiscAllotted
    | DiscImaged
    | DiscChecked
    | DiscImageLaid
    | DiscImageErasing
    | DiscImageErased
    | DiscSetCancelled
    | DiscBurning
    | DiscBurnFailed
    | DiscBurnt
    | DiscVerified
    | DiscEntered
    | DiscLabelled
    | DiscShelved
    | DiscLoaned
    | DiscReturned
    | DiscInspected
    | DiscDegraded
    | DiscReplaced
    | DiscSuperseded
    | DiscShredded
    | SpoiledShredded
    | DiscsCounted
    | ActivityAnnounced
    | ActivityClosed
    | LateExplained
    | InterruptionExplained
    | RecordingMissing
    | ExplanationReviewed
    | DisposalOpened
    | RecordsAppraised
    | DisposalSubmitted
    | DisposalSupervised
    | DisposalStopped
    | RecordsSpared
    | DestructionBegun
    | CopiesDestroyed
    | CopiesLeft
    | DestructionProven
    | DiscDestroyed
    | DisposalClosed
    | BackupMade
    | RestoreDrilled
    | CatalogueRebuilt
    | ExpiryReleased
    | ProfileAdopted
    | PersonEnrolled
    | PersonChanged
    | PersonLeft
    | ActionRefused
    | ApprovalAsked
    | ApprovalGiven
    | ApprovalDeclined
    | ApprovalUsed
    | ClockVouched
    | VaultSucceeded
    | EntryTakenOver
)

_encoder = msgspec.json.Encoder(order="sorted")


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
        act: AnyAct = _decoder().decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalBroken(
            Text(en=f"A journal entry cannot be read: {error}", zh=f"日志条目无法读取：{error}")
        ) from error
    return act


@cache  # made of all the classes above and what they hold, the profile included: only by who reads entries
def _decoder() -> msgspec.json.Decoder[AnyAct]:
    return msgspec.json.Decoder(AnyAct)
