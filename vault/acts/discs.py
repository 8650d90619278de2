"""Disc sets: planned, imaged, burnt twice, verified, labelled, on the shelf; lent, inspected, replaced, shredded.

What is done with one physical disc, or with the image that both copies carry, is a step in the table of
vault/discs/states.py. A disc destroyed under a disposal is `disc.destroyed` (vault/acts/disposal.py).
"""

from datetime import date
from typing import ClassVar

import msgspec

from vault.acts.act import Act
from vault.discs.model import Inscription
from vault.discs.states import Step
from vault.text import Text

Why = Text | str  # a reason that the program gives, in both languages; a person's, in their words


class DiscPlanned(Act, tag="disc.planned", frozen=True, kw_only=True):
    """A set of so many discs is to be made. `spare`: hundredths of each disc that stay free for error correction."""

    disc_set: str
    unit: str
    producer: str
    activity: str
    medium: str
    spare: int
    discs: int
    replaces: str = ""  # the set in whose place it comes


class DiscAllotted(Act, tag="disc.allotted", frozen=True, kw_only=True):
    """These records, whole or in part, are to lie on that disc of the set; a long list takes several entries."""

    disc_set: str
    disc: int
    records: tuple[str, ...]


class ImageStep(Act, frozen=True, kw_only=True):
    """Done with the one image of a disc's generation, and so with every copy of it."""

    step: ClassVar[Step]
    disc_set: str
    disc: int
    generation: int = 1


class DiscImaged(ImageStep, tag="disc.imaged", frozen=True, kw_only=True):
    """Its image was made. SHA-256 and bytes: `iso` before error correction; `image` after it, as it is burnt.

    So that the same bytes can be made again: `checkpoint`, under which its proofs are, and `contents`, the SHA-256 of
    the list of all that is on it. `inscription`: what the labels of its copies say of the records, now and later.
    """

    step = Step.IMAGE
    iso: str
    iso_size: int
    image: str
    image_size: int
    checkpoint: str = ""
    contents: str = ""
    inscription: Inscription


class DiscChecked(ImageStep, tag="disc.checked", frozen=True, kw_only=True):
    """Independent programs have read the image, and found every file as the vault knows it."""

    step = Step.CHECK
    readers: tuple[str, ...]


class DiscImageLaid(Act, tag="disc.image-laid", frozen=True, kw_only=True):
    """An image was about to be written there, or lay there. `file`: vault.discs.model.ImageFile."""

    disc_set: str
    file: str
    machine: str
    path: str


class DiscImageErasing(Act, tag="disc.image-erasing", frozen=True, kw_only=True):
    """That file was about to be erased. `folder`: its inode, which tells it from an empty mount point; empty: labels
    alone were. `labels`: the names of those beside it that go, a record on the disc being destroyed or its set given
    up.
    """

    disc_set: str
    file: str
    folder: str
    labels: tuple[str, ...] = ()


class DiscImageErased(Act, tag="disc.image-erased", frozen=True, kw_only=True):
    """That file is no more: it was erased, or somebody who could not show it says so, and `why`."""

    disc_set: str
    file: str
    why: str = ""


class DiscSetCancelled(Act, tag="disc.cancelled", frozen=True, kw_only=True):
    """The set is given up: it had no copy that was finished, and gets none."""

    disc_set: str
    why: str


class CopyStep(Act, frozen=True, kw_only=True):
    """Done with one physical disc."""

    step: ClassVar[Step]
    mark: str


class DiscBurning(CopyStep, tag="disc.burning", frozen=True, kw_only=True):
    """A blank in that drive was about to be written. `loading`: what tells whether it has been taken out since."""

    step = Step.BEGIN
    drive: str
    loading: str = ""


class DiscBurnFailed(CopyStep, tag="disc.burn-failed", frozen=True, kw_only=True):
    """It is not what was to be burnt: that blank is written off, and only this copy is burnt again. `untouched`: it was
    not written at all, and is used again.
    """

    step = Step.FAIL
    drive: str
    why: Why
    untouched: bool = False


class DiscBurnt(CopyStep, tag="disc.burnt", frozen=True, kw_only=True):
    """The drive has closed the disc. `blank`: what it said of maker and batch."""

    step = Step.FINISH
    drive: str
    blank: str = ""


class DiscVerified(CopyStep, tag="disc.verified", frozen=True, kw_only=True):
    """All of it was read back, and is `image` byte for byte."""

    step = Step.VERIFY
    image: str
    drive: str


class DiscEntered(CopyStep, tag="disc.entered", frozen=True, kw_only=True):
    """It was burnt elsewhere, from an image and with a label that were handed out; all of it was read back here in
    `drive`, and is `image` byte for byte."""

    step = Step.ENTER
    image: str
    drive: str


class DiscLabelled(CopyStep, tag="disc.labelled", frozen=True, kw_only=True):
    """Its labels were made: which ones."""

    step = Step.LABEL
    labels: tuple[str, ...]


class DiscShelved(CopyStep, tag="disc.shelved", frozen=True, kw_only=True):
    """It was put in its place, or moved to another."""

    step = Step.SHELVE
    location: str
    why: str = ""


class DiscLoaned(CopyStep, tag="disc.loaned", frozen=True, kw_only=True):
    """Somebody was given it, until the end of that day."""

    step = Step.LOAN
    to: str
    until: date
    why: str


class DiscReturned(CopyStep, tag="disc.returned", frozen=True, kw_only=True):
    """It is back, and in its place."""

    step = Step.RETURN
    location: str
    why: str = ""


class DiscInspected(CopyStep, tag="disc.inspected", frozen=True, kw_only=True):
    """All of it was read. `speeds` in KiB a second, at even distances from its beginning to its end; `retries` and
    `unreadable` in sectors; `level`: the warning level reached, 0 where none was.
    """

    step = Step.INSPECT
    drive: str
    speeds: tuple[int, ...]
    retries: int
    unreadable: int
    level: int


class DiscDegraded(CopyStep, tag="disc.degraded", frozen=True, kw_only=True):
    """It is not relied on any more."""

    step = Step.DEGRADE
    why: Why


class DiscReplaced(CopyStep, tag="disc.replaced", frozen=True, kw_only=True):
    """A copy of a later generation takes its place, and is to be made."""

    step = Step.REPLACE
    successor: str
    why: Why = ""


class DiscSuperseded(CopyStep, tag="disc.superseded", frozen=True, kw_only=True):
    """Another set, which is on the shelf, has taken the place of its own."""

    step = Step.SUPERSEDE
    disc_set: str


class SpoiledShredded(Act, tag="disc.spoiled-shredded", frozen=True, kw_only=True):
    """A disc that was written off was destroyed: it may have carried records. `disc`: vault.discs.model.Spoiled."""

    disc: str
    why: str


class DiscShredded(CopyStep, tag="disc.shredded", frozen=True, kw_only=True):
    """It was destroyed, being of no use any more."""

    step = Step.SHRED
    why: str


class OddDisc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disc that a stocktake found otherwise than the journal says; one that was written off by its name.
    `finding`: vault.discs.stocktake.Finding."""

    mark: str
    finding: str


class DiscsCounted(Act, tag="discs.counted", frozen=True, kw_only=True):
    """A stocktake: so many labels were scanned. A long list of what was otherwise than it should be takes several
    entries."""

    location: str = ""  # empty: everywhere
    scanned: int
    odd: tuple[OddDisc, ...] = ()


AnyCopyStep = (
    DiscBurning
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
)
AnyDiscStep = DiscImaged | DiscChecked | AnyCopyStep
