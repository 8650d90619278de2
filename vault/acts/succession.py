"""A vault that goes on for another, of which nothing is left but discs (vault/succession.py)."""

from vault.acts.act import Act
from vault.acts.recordings import InterruptionExplained, LateExplained
from vault.acts.records import (
    ClaimWithdrawn,
    ClassAssigned,
    HoldPlaced,
    HoldReleased,
    RecordCorrected,
    RecordSeenAgain,
    RecordStored,
    RecordViewed,
    SourceReleased,
)

OfRecord = (
    RecordStored
    | RecordSeenAgain
    | ClaimWithdrawn
    | RecordCorrected
    | ClassAssigned
    | HoldPlaced
    | HoldReleased
    | RecordViewed
    | SourceReleased
    | LateExplained
    | InterruptionExplained
)


class VaultSucceeded(Act, tag="vault.succeeded", frozen=True, kw_only=True):
    """From here on this vault keeps records of another, whose stores and catalogue are lost, as its discs have them.
    Nothing expires until the next `expiry.released`.

    `checkpoint`: the newest signed checkpoint on those discs, `entries` its size: what the lost journal said in them
    about anything but the records that are taken over is not known. `first`: no new record gets a lower serial, so that
    none is called what a lost one may have been called; `first_set`: nor a new disc set a lower number of that year.
    """

    vault_id: str
    journal_key: str  # C2SP verifier key
    checkpoint: str
    entries: int
    discs: tuple[str, ...]
    first: int
    first_set: str


class EntryTakenOver(Act, tag="entry.taken-over", frozen=True, kw_only=True):
    """An entry of the lost journal, word for word, whose place in it a disc has proven: `seq`, and as a leaf its own
    canonical JSON. It has its effect as of then, but that the objects of a `record.stored` are durable on `stores`.
    """

    seq: int
    entry: OfRecord
    stores: tuple[str, ...] = ()

    @property
    def record(self) -> str:
        """The number of the record that it is about."""
        return self.entry.record
